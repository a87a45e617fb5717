/** What the fake server knows: the release of the design's pictures, at a fixed time, in both languages. */
export const NOW = Date.parse('2026-11-21T14:14:00Z')
export const at = (time: string): string => `2026-11-21T${time.length === 5 ? `${time}:00` : time}.000Z`

type Zh = boolean
const w = (zh: Zh, en: string, han: string): string => (zh ? han : en)
const allow = (...actions: string[]) => actions.map((action) => ({ action, allowed: true, why: null }))

export const people = (zh: Zh) => ({
  xiao: { id: 'p-xiao', name: w(zh, 'Lin Xiao', '林晓'), surface: 'slack' },
  anna: { id: 'p-anna2', name: w(zh, 'Anna Berg', '白安娜'), surface: 'telegram' },
  wei: { id: 'p-wei', name: w(zh, 'Li Wei', '李伟'), surface: 'phone' },
  tom: { id: 'p-tom', name: w(zh, 'Tom Okafor', '欧阳宁'), surface: 'slack' },
})
export const viewer = (zh: Zh) => ({
  person: {
    id: 'p-wei',
    name: people(zh).wei.name,
    email: 'wei@example.com',
    role: 'owner',
    language: null,
    timeZone: null,
    businessRoles: [w(zh, 'Ops', '运维')],
    active: true,
    identities: [
      { id: 'i-1', platform: 'slack', team: 'T1', user: 'U2', name: 'liwei', linkedAt: at('09:00') },
      { id: 'i-2', platform: 'telegram', team: null, user: '42', name: '@liwei', linkedAt: at('09:30') },
    ],
  },
  rights: ['view', 'launch', 'operate', 'manage-people', 'manage-hosts'],
  isOwner: true,
  needsMe: 2,
  unreached: [],
  alerts: {
    channels: [
      { channel: 'TELEGRAM', afterMin: 0, names: ['42'] },
      { channel: 'SLACK', afterMin: 10, names: ['U2'] },
      { channel: 'EMAIL', afterMin: null, names: ['wei@example.com'] },
    ],
    chosen: true,
    quiet: { from: '22:00', to: '07:00', days: [1, 2, 3, 4, 5] },
    quietUntil: null,
    timeZone: 'Asia/Shanghai',
    urgent: ['ESCALATED', 'DEADLINE'],
    digestMin: 15,
    waiting: 2,
    mutes: [
      {
        app: 'nightly',
        project: 'default',
        taskId: null,
        title: w(zh, 'Nightly backup', '每晚备份'),
        until: at('18:00'),
      },
      {
        app: null,
        project: null,
        taskId: 't-1036',
        title: w(zh, 'Release v2.13.6', '发布 v2.13.6'),
        until: at('16:00'),
      },
    ],
  },
  server: {
    url: 'http://localhost',
    version: '0.1.0',
    slack: true,
    telegram: true,
    mail: true,
    telegramBot: 'baton_bot',
    exampleMode: true,
  },
})

const field = (key: string, type: string, title: string, more: object = {}) => ({
  key,
  type,
  title,
  help: null,
  group: null,
  required: true,
  readOnly: false,
  secret: false,
  visible: true,
  reachable: true,
  fixed: false,
  value: null,
  options: null,
  optionsFrom: false,
  dependsOn: [],
  pattern: null,
  min: null,
  max: null,
  minLength: null,
  maxLength: null,
  step: null,
  rows: null,
  shortcuts: [],
  notInChat: null,
  ...more,
})
const HOSTS = ['web-1', 'web-2', 'web-3', 'web-4', 'web-5']
export const hostOptions = {
  options: [...HOSTS, 'web-6', 'web-7', 'web-8'].map((value) => ({ value, title: value })),
  asOf: at('14:12'),
  stale: true,
}

export function formFields(zh: Zh, answers: Record<string, unknown>) {
  const production = (answers['env'] ?? 'production') === 'production'
  const with_ = (key: string, fallback: unknown) => ({ value: answers[key] ?? fallback })
  return [
    field('version', 'text', w(zh, 'Version', '版本'), { pattern: '^v\\d+\\.\\d+\\.\\d+$', ...with_('version', null) }),
    field('env', 'select', w(zh, 'Environment', '环境'), {
      options: [
        { value: 'staging', title: w(zh, 'Staging', '预发') },
        { value: 'production', title: w(zh, 'Production', '生产') },
      ],
      ...with_('env', 'production'),
    }),
    field('hosts', 'hosts', w(zh, 'Hosts', '主机'), {
      optionsFrom: true,
      shortcuts: [{ value: '@web', title: '@web' }],
      ...with_('hosts', HOSTS),
    }),
    field('region', 'select', w(zh, 'Region', '区域'), {
      dependsOn: ['env'],
      options: ['Frankfurt', 'Dublin', 'Singapore', 'Tokyo', 'Sydney', 'Virginia', 'Oregon', 'Montreal'].map(
        (value) => ({ value, title: value }),
      ),
      ...with_('region', 'Frankfurt'),
    }),
    field('strategy', 'radio', w(zh, 'Order of hosts', '主机顺序'), {
      options: ['one', 'two', 'half', 'all'].map((value, index) => ({
        value,
        title: [
          w(zh, 'One at a time', '逐台'),
          w(zh, 'Two at a time', '每次两台'),
          w(zh, 'Half at a time', '每次一半'),
          w(zh, 'All at once', '全部同时'),
        ][index],
      })),
      ...with_('strategy', 'two'),
      visible: answers['advanced'] === true,
    }),
    field('note', 'textarea', w(zh, 'Note for the room', '给群里的说明'), {
      required: false,
      rows: 3,
      ...with_('note', null),
      visible: answers['advanced'] === true,
    }),
    field('when', 'date', w(zh, 'Announce on', '公告日期'), {
      required: false,
      ...with_('when', null),
      visible: answers['advanced'] === true,
    }),
    field('timeout', 'number', w(zh, 'Minutes per host', '每台分钟数'), {
      ...with_('timeout', 5),
      visible: answers['advanced'] === true,
    }),
    field('key', 'password', w(zh, 'Deploy key', '部署密钥'), {
      secret: true,
      ...with_('key', null),
      visible: answers['advanced'] === true,
    }),
    field('tell', 'boolean', w(zh, 'Tell the room', '通知群里'), {
      required: false,
      ...with_('tell', true),
      reachable: !production,
    }),
    field('smoke', 'text', w(zh, 'Smoke test', '冒烟测试'), {
      required: false,
      ...with_('smoke', null),
      reachable: !production,
    }),
    field('channel', 'text', w(zh, 'Room', '群'), {
      fixed: true,
      value: '#release',
      visible: answers['advanced'] === true,
    }),
  ]
}

const app = (
  zh: Zh,
  name: string,
  icon: string,
  en: string,
  han: string,
  helpEn: string,
  helpHan: string,
  category: [string, string],
  minutes: number,
  more: object = {},
) => ({
  id: `app-${name}`,
  name,
  project: 'default',
  title: w(zh, en, han),
  icon,
  category: w(zh, ...category),
  help: w(zh, helpEn, helpHan),
  aliases: [],
  confirm: null,
  expectS: minutes * 60,
  flow: null,
  schemes: [],
  favourite: false,
  availableActions: allow('launch'),
  rooms: [],
  mode: 'direct',
  handOver: null,
  limits: { perPerson: null, perHour: null },
  ...more,
})
const SHIP: [string, string] = ['Release', '发布']
const OPS: [string, string] = ['Operations', '运维']
export const apps = (zh: Zh) => [
  app(
    zh,
    'release',
    'rocket',
    'Release',
    '发布网店',
    'Ships a tagged version to staging or production.',
    '把新版本发到预发或生产环境',
    SHIP,
    18,
    {
      favourite: true,
      schemes: [{ name: 'quick', title: w(zh, 'Without tests', '不跑测试'), omit: ['test'] }],
      confirm: w(
        zh,
        'This restarts production. Each host is out for about 40 s; the shop stays up.',
        '会重启生产环境。每台主机约停 40 秒，网店照常可用。',
      ),
    },
  ),
  app(
    zh,
    'rollback',
    'undo-2',
    'Roll back',
    '回滚网店',
    'Back to the last version that ran well',
    '退回上一个正常运行的版本',
    SHIP,
    6,
  ),
  app(
    zh,
    'flag',
    'flag',
    'Switch a feature',
    '切换功能开关',
    'Turns a feature on or off for an environment',
    '按环境打开或关闭一个开关',
    SHIP,
    1,
  ),
  app(
    zh,
    'restart',
    'rotate-cw',
    'Restart',
    '重启服务',
    'One host after the other, the shop stays up',
    '逐台重启，期间网店照常可用',
    OPS,
    4,
    { favourite: true },
  ),
  app(
    zh,
    'cdn',
    'eraser',
    'Clear CDN',
    '清 CDN',
    'By path; all of it needs an approval',
    '按路径清除，全站清除需要批准',
    OPS,
    1,
    { favourite: true },
  ),
  app(
    zh,
    'disk',
    'hard-drive',
    'Clear old releases',
    '清理磁盘',
    'Removes packages and logs older than 30 days',
    '删除 30 天前的发布包和日志',
    OPS,
    3,
    { availableActions: [{ action: 'launch', allowed: false, why: w(zh, 'Ops only', '运维专用') }] },
  ),
  app(
    zh,
    'user',
    'user-plus',
    'Test user',
    '测试账号',
    'Makes an account with orders in it',
    '创建一个带订单的账号',
    OPS,
    2,
    { favourite: true },
  ),
]

const LOG: [string, string, string][] = [
  ['14:10:49', 'STDOUT', 'deploy v2.14.0 (build 8841) → web-2'],
  ['14:10:49', 'STDOUT', 'check ssh: shop@web-2, key pinned'],
  ['14:10:49', 'STDOUT', 'check disk: /srv 900M free'],
  ['14:10:49', 'STDOUT', 'unpack /srv/shop/releases/v2.14.0'],
  ['14:10:52', 'STDOUT', 'unpacked 412 files'],
  ['14:10:55', 'STDOUT', 'copy assets 0 of 3 381'],
  ['14:10:56', 'STDOUT', 'copy assets 410 of 3 381'],
  ['14:10:57', 'STDOUT', 'copy assets 822 of 3 381'],
  ['14:10:58', 'STDOUT', 'copy assets 1 204 of 3 381'],
  ['14:11:03', 'STDOUT', 'tar: hero@2x.webp: Cannot write'],
  ['14:11:03', 'STDERR', 'tar: No space left on device'],
  ['14:11:03', 'STDERR', '/dev/sda2  40G  40G  0  100%  /srv'],
  ['14:11:04', 'STDERR', 'deploy: exit code 3'],
]
export const logLines = (count = LOG.length) =>
  LOG.slice(-count).map(([time, stream, text], index) => ({
    n: 214 - Math.min(count, LOG.length) + index,
    at: at(time),
    stream,
    text,
    item: null,
  }))

interface StepLook {
  id: string
  title: string
  stage: string
  kind: string
  state: string | null
  text: string | null
  start: string | null
  end: string | null
  by?: object[]
  hosts?: string[]
  items?: [string, string | null][]
  finally?: boolean
  progress?: string | null
}
type Look =
  | 'running'
  | 'attention'
  | 'succeeded'
  | 'queued'
  | 'waiting'
  | 'paused'
  | 'revoked'
  | 'lost'
  | 'requested'
  | 'rejected'

export function task(zh: Zh, number: number, look: Look) {
  const who = people(zh)
  const failed = look === 'attention' || look === 'lost'
  const done = look === 'succeeded'
  const items: [string, string | null][] = failed
    ? [
        ['web-1', 'SUCCEEDED'],
        ['web-2', 'FAILED'],
        ['web-3', 'SUCCEEDED'],
        ['web-4', null],
        ['web-5', null],
      ]
    : done
      ? HOSTS.map((name) => [name, 'SUCCEEDED'])
      : [
          ['web-1', 'SUCCEEDED'],
          ['web-2', 'RUNNING'],
          ['web-3', 'RUNNING'],
          ['web-4', null],
          ['web-5', null],
        ]
  const asked = look === 'requested' || look === 'rejected'
  const unbegun = look === 'queued' || asked
  const beforeDeploy = look === 'waiting' || unbegun
  const looks: StepLook[] = [
    {
      id: 'build',
      title: w(zh, 'Build', '构建'),
      stage: w(zh, 'Prepare', '准备'),
      kind: 'activity',
      state: unbegun ? null : 'SUCCEEDED',
      text: w(zh, '8841 on build-1', '在 build-1 构建 8841'),
      start: '14:03:02',
      end: '14:06:00',
      hosts: ['build-1'],
    },
    {
      id: 'approve',
      title: beforeDeploy ? w(zh, 'Approval', '批准') : w(zh, 'Approved by 2', '2 人已批准'),
      stage: w(zh, 'Prepare', '准备'),
      kind: 'approval',
      state: unbegun ? null : look === 'waiting' ? 'WAITING' : 'SUCCEEDED',
      text:
        look === 'waiting'
          ? w(zh, 'Waiting for Li Wei or Duty', '等待李伟或值班')
          : beforeDeploy
            ? null
            : w(zh, 'Anna Berg (QA), Li Wei (Ops)', '白安娜（QA）、李伟（运维）'),
      start: '14:06:00',
      end: look === 'waiting' ? null : '14:07:12',
      by: beforeDeploy ? [] : [who.anna, who.wei],
    },
    {
      id: 'notice',
      title: w(zh, 'Told #release', '通知 #release'),
      stage: w(zh, 'Ship', '发布'),
      kind: 'activity',
      state: beforeDeploy ? null : 'SUCCEEDED',
      text: null,
      start: '14:08:12',
      end: '14:08:13',
    },
    {
      id: 'deploy',
      title: w(zh, 'Deploy', '部署'),
      stage: w(zh, 'Ship', '发布'),
      kind: 'activity',
      state: beforeDeploy
        ? null
        : failed
          ? 'FAILED'
          : done
            ? 'SUCCEEDED'
            : look === 'paused' || look === 'revoked'
              ? look === 'revoked'
                ? 'REVOKED'
                : 'RUNNING'
              : 'RUNNING',
      text: done ? w(zh, '5 of 5 hosts', '5/5 台') : null,
      start: '14:08:13',
      end: failed ? '14:11:04' : done ? '14:20:00' : null,
      items,
      progress: look === 'running' ? 'web-3 copy assets 2 310 of 3 381' : null,
    },
    {
      id: 'health',
      title: w(zh, 'Health check', '健康检查'),
      stage: w(zh, 'Check', '检查'),
      kind: 'activity',
      state: done ? 'SUCCEEDED' : null,
      text: w(zh, 'usually 40 s', '通常 40 秒'),
      start: done ? '14:20:00' : null,
      end: done ? '14:20:40' : null,
    },
    {
      id: 'cleanup',
      title: w(zh, 'Cleanup', '清理'),
      stage: w(zh, 'Check', '检查'),
      kind: 'activity',
      state: done ? 'SUCCEEDED' : null,
      text: null,
      start: done ? '14:20:40' : null,
      end: done ? '14:21:04' : null,
      finally: true,
    },
  ]
  const started = (step: StepLook) => step.state !== null && step.start !== null
  const nodes = looks.map((step) => ({
    id: step.id,
    taskId: `t-${number}`,
    title: step.title,
    stage: step.stage,
    kind: step.kind,
    plugin: 'ssh.script@1',
    state: step.state,
    attempt: step.state === null ? 0 : 1,
    visit: 1,
    progress: step.progress ?? null,
    notBefore: null,
    startedAt: started(step) && step.start ? at(step.start) : null,
    endedAt: started(step) && step.end ? at(step.end) : null,
    hosts: step.hosts ?? (step.items ? HOSTS : []),
    cancelUnconfirmed: false,
    pausedBefore: false,
    dueAt: null,
    manyBranches: false,
    notPerformed: false,
    keptFrom: null,
    callbackUrl: null,
    branches: [
      { id: 'verify', title: w(zh, 'Fast lane', '快速通道') },
      { id: 'notice', title: w(zh, 'With all checks', '完整检查') },
    ],
    error:
      step.state === 'FAILED'
        ? {
            cause: look === 'lost' ? 'LOST' : 'ERROR',
            code: 'ERROR',
            message: w(zh, '/srv disk is full (exit code 3)', '/srv 磁盘已满（退出码 3）'),
          }
        : null,
    items:
      step.items?.map(([item, state], index) => ({ index, item, state, attempt: 1, outputs: null, error: null })) ??
      null,
    availableActions:
      step.state === 'FAILED'
        ? allow('retry', 'edit_retry', 'byhand', 'skip')
        : step.state === 'RUNNING'
          ? allow('fail')
          : [],
    headline: step.state === 'FAILED' ? w(zh, 'Deploy failed on web-2', 'web-2 部署失败') : null,
    causeText:
      step.state === 'FAILED'
        ? look === 'lost'
          ? w(zh, 'The host did not answer after its restart', '主机重启后没有回应')
          : w(zh, 'Disk full on /srv (exit code 3)', '/srv 磁盘已满（退出码 3）')
        : null,
    advice:
      step.state === 'FAILED'
        ? w(
            zh,
            'Usually a full disk. Run “Clear old releases” first, then retry once.',
            '多半是磁盘满了。先运行「清理磁盘」，再重试一次。',
          )
        : null,
    note: null,
    asked: step.state === 'FAILED' ? [who.xiao, who.wei] : [],
    asksNext: step.state === 'FAILED' ? { to: [w(zh, 'Duty', '值班')], at: at('14:38') } : null,
    neededOutputs:
      step.state === 'FAILED' ? [field('version', 'text', w(zh, 'Version that runs now', '现在运行的版本'))] : [],
    lackedBy: step.state === 'FAILED' ? [w(zh, 'Health check', '健康检查')] : [],
    editFields:
      step.state === 'FAILED'
        ? [
            field('version', 'text', w(zh, 'Version', '版本'), { value: 'v2.14.0' }),
            field('hosts', 'hosts', w(zh, 'Hosts', '主机'), { value: HOSTS, options: hostOptions.options }),
          ]
        : [],
    endedBy: null,
    ask: null,
    inputs: { host: 'web-2', script: 'deploy "$1"', args: ['8841'] },
    outputs: step.state === 'FAILED' ? { exitCode: 3 } : { exitCode: 0 },
    attempts:
      step.state === null
        ? []
        : [
            {
              attempt: 1,
              visit: 1,
              state: step.state,
              startedAt: step.start ? at(step.start) : null,
              endedAt: step.end && step.state !== 'RUNNING' ? at(step.end) : null,
              by: who.xiao,
              note: null,
              error:
                step.state === 'FAILED'
                  ? {
                      cause: 'ERROR',
                      code: 'ERROR',
                      message: w(zh, 'Disk full on /srv (exit code 3)', '/srv 磁盘已满（退出码 3）'),
                    }
                  : null,
            },
          ],
    log: { lines: logLines(), total: 214, dropped: 0 },
  }))
  const phase = {
    running: 'RUNNING',
    attention: 'ATTENTION',
    lost: 'ATTENTION',
    succeeded: 'SUCCEEDED',
    queued: 'QUEUED',
    waiting: 'WAITING',
    paused: 'PAUSED',
    revoked: 'REVOKED',
    requested: 'REQUESTED',
    rejected: 'REQUESTED',
  }[look]
  const over = done || look === 'revoked'
  return {
    id: `t-${number}`,
    number,
    key: null,
    title:
      number === 1043
        ? w(zh, 'Release v2.14.1 to staging', '发布 v2.14.1 到预发环境')
        : number === 1030
          ? w(zh, 'Clear CDN cache: /sale', '清除 CDN 缓存：/sale')
          : w(zh, 'Release v2.14.0 to production', '发布 v2.14.0 到生产环境'),
    version: 7,
    phase,
    outcome: done ? 'SUCCEEDED' : look === 'revoked' ? 'REVOKED' : null,
    waitingFor:
      look === 'waiting' ? ['APPROVAL'] : look === 'requested' ? ['CLAIM'] : look === 'rejected' ? ['CORRECTION'] : [],
    app: { ...apps(zh)[0] },
    appTitle: w(zh, 'Release', '发布'),
    flow: { name: 'release-web', version: 3, title: 'Release' },
    project: 'default',
    origin: 'slack:C0OPS',
    startedBy: who.xiao,
    createdAt: at('14:03'),
    startedAt: unbegun ? null : at('14:03'),
    endedAt: over ? at(number === 1030 ? '11:20' : look === 'revoked' ? '14:12' : '14:21:04') : null,
    updatedAt: at(failed ? '14:11' : '14:13'),
    steps: looks.map((step) => ({
      nodeId: step.id,
      title: step.title,
      stage: step.stage,
      kind: step.kind,
      state: step.state,
      attempt: 1,
      visit: 1,
      text: step.text,
      startedAt: started(step) && step.start ? at(step.start) : null,
      endedAt: started(step) && step.end ? at(step.end) : null,
      people: step.by ?? [],
      branch: null,
      inFinally: step.finally ?? false,
    })),
    variables: { version: 'v2.14.0', env: 'production', hosts: HOSTS },
    variableFields: [
      field('version', 'text', w(zh, 'Version', '版本')),
      field('env', 'select', w(zh, 'Environment', '环境')),
      field('hosts', 'hosts', w(zh, 'Hosts', '主机')),
    ],
    cardFacts: [],
    variablesRevision: 1,
    results: done
      ? [
          { key: 'shop', title: w(zh, 'Shop', '网店'), text: 'https://shop.example.com' },
          { key: 'build', title: w(zh, 'Build', '构建'), text: '8841' },
          { key: 'report', title: w(zh, 'Report', '报告'), text: 'release-1042.pdf' },
        ]
      : [],
    progress: { done: done ? 6 : beforeDeploy ? (unbegun ? 0 : 1) : 3, total: 6 },
    queuePosition: look === 'queued' ? 2 : null,
    rehearsal: number === 1050,
    cancelUnconfirmed: false,
    mayStillRun: [],
    archivedAt: number === 1030 ? at('12:00') : null,
    expectS: 1080,
    nodes,
    failures: nodes.filter(({ state }) => state === 'FAILED'),
    children:
      number === 1043
        ? [
            {
              id: 't-1041',
              number: 1041,
              title: w(zh, 'Smoke test', '冒烟测试'),
              phase: 'RUNNING',
              parentNode: 'deploy',
            },
          ]
        : [],
    late: false,
    note: number === 1043 ? w(zh, 'Ask Li Wei before the last step', '最后一步之前问李伟') : null,
    handOver:
      asked || number === 1043
        ? {
            state: look === 'requested' ? 'OPEN' : asked ? 'REJECTED' : 'CLAIMED',
            round: 3,
            to: w(zh, 'Ops', '运维'),
            people: [who.wei, who.anna],
            holder: asked ? null : who.wei,
            reason:
              look === 'requested'
                ? null
                : asked
                  ? w(zh, 'v2.14.0 is not tagged yet', 'v2.14.0 还没打标签')
                  : w(zh, 'v2.14.0 has the broken cart', 'v2.14.0 的购物车有问题'),
            lastBy: who.wei,
            lastAt: at('14:05'),
            corrections: asked
              ? []
              : [{ key: 'version', title: w(zh, 'Version', '版本'), before: 'v2.14.0', after: 'v2.14.1' }],
          }
        : null,
    startAt: null,
    frozen: null,
    heldBy: look === 'queued' ? [{ id: 't-1043', number: 1043, title: w(zh, 'Release v2.13.9', '发布 v2.13.9') }] : [],
    parent: null,
    parentNode: null,
    asks: look === 'waiting' ? [askRow(zh, number)] : [],
    availableActions: over
      ? allow('run_again')
      : look === 'paused'
        ? allow('resume', 'revoke')
        : look === 'requested'
          ? allow('claim_request', 'reject_request', 'transfer_request', 'edit_variables')
          : look === 'rejected'
            ? allow('resubmit_request', 'edit_variables', 'withdraw_request')
            : look === 'queued'
              ? allow('revoke')
              : failed
                ? allow('edit_variables', 'revoke')
                : allow('pause', 'revoke', 'edit_variables'),
    stopConsequences: {
      kills: [w(zh, 'Deploy on web-2 and web-3', 'web-2 和 web-3 上的部署')],
      leaves: [w(zh, 'web-1 on v2.14.0, the others on v2.13.9', 'web-1 在 v2.14.0，其他在 v2.13.9')],
      thenRuns: [w(zh, 'Cleanup', '清理')],
    },
    editConsequences: { usedBy: [w(zh, 'Build', '构建')], heldBy: [], voidsAsks: [w(zh, 'Approval', '批准')] },
    following: false,
    revokedBy: look === 'revoked' ? who.xiao : null,
    revokeReason: look === 'revoked' ? w(zh, 'wrong version', '版本不对') : null,
    url: `http://localhost/tasks/${number}`,
    historyHead: { event: 42, hash: 'q7Wm2Lx9vF0qJm8c3u4Tn8Rz1', signature: 'm3Pd6Kx5vF0qJm8c3p1k0Yx0vF0qJm8c3' },
    events: {
      nextAfter: null,
      entries: [
        {
          seq: 1,
          at: at('14:03'),
          by: who.xiao,
          kinds: ['task_launched'],
          text: w(zh, 'Launched', '发起'),
          data: {},
          hash: '1',
        },
        {
          seq: 4,
          at: at('14:07'),
          by: { ...who.anna },
          kinds: ['ask_decided'],
          text: w(zh, 'Approved', '批准'),
          data: {},
          hash: '2',
        },
        {
          seq: 5,
          at: at('14:08'),
          by: who.wei,
          kinds: ['ask_decided'],
          text: w(zh, 'Approved', '批准'),
          data: {},
          hash: '3',
        },
        {
          seq: 6,
          at: at('14:11:04'),
          by: { id: null, name: 'Baton', surface: 'system' },
          kinds: ['node_failed'],
          text: w(zh, 'Deploy failed', '部署失败'),
          data: {},
          hash: '4',
        },
        {
          seq: 7,
          at: at('14:14'),
          by: who.wei,
          kinds: ['node_retried'],
          text: w(zh, 'Deploy retried on web-2', '在 web-2 重试部署'),
          data: {},
          hash: '5',
        },
      ],
    },
  }
}
function askRow(zh: Zh, number: number) {
  return {
    id: 'a-1',
    kind: 'APPROVAL',
    nodeId: 'approve',
    attempt: 1,
    state: 'OPEN',
    title: w(zh, 'Release v2.14.0 to production?', '将 v2.14.0 发布到生产环境？'),
    deadline: at('16:06'),
    availableActions: allow('approve', 'reject', 'comment', 'transfer'),
    waitingOn: [people(zh).wei],
    task: { id: `t-${number}` },
  }
}

export function ask(zh: Zh, id: string) {
  const who = people(zh)
  const refund = id === 'a-2'
  return {
    id,
    kind: 'APPROVAL',
    nodeId: 'approve',
    attempt: 1,
    state: 'OPEN',
    end: null,
    title: refund
      ? w(zh, 'Approve refund batch 18', '批准退款批次 18')
      : w(zh, 'Release v2.14.0 to production?', '将 v2.14.0 发布到生产环境？'),
    text: w(
      zh,
      'Deploys to 5 hosts, 2 at a time, and restarts each one. The shop stays up. About 13 min.',
      '部署到 5 台主机，每次 2 台，逐台重启；网店照常可用。约 13 分钟。',
    ),
    digest: 'd-1',
    facts: [
      {
        key: 'version',
        title: w(zh, 'Version', '版本'),
        text: w(zh, 'v2.14.0, now v2.13.9', 'v2.14.0，现为 v2.13.9'),
        value: 'v2.14.0',
      },
      { key: 'hosts', title: w(zh, 'Hosts', '主机'), text: w(zh, 'web-1 to web-5', 'web-1 至 web-5'), value: HOSTS },
      {
        key: 'changes',
        title: w(zh, 'Changes', '改动'),
        text: w(zh, '23 commits, 1 migration', '23 次提交，含 1 次数据迁移'),
        value: null,
      },
      {
        key: 'tests',
        title: w(zh, 'Tests', '测试'),
        text: w(zh, '1,284 passed on build 8841', '构建 8841，1,284 项通过'),
        value: null,
      },
    ],
    fields: [],
    need: [
      { place: 'role:qa', title: 'QA', count: 1, filled: 1, people: [who.anna] },
      { place: 'role:ops', title: w(zh, 'Ops', '运维'), count: 1, filled: 0, people: [who.wei] },
    ],
    decisions: [{ by: who.anna, at: at('14:07'), verdict: 'APPROVE', comment: null, as: 'QA' }],
    waitingOn: [who.wei],
    claim: false,
    claimedBy: null,
    answersFor: [],
    given: [],
    earlier: [],
    handedOn: [],
    comments: [],
    commentRule: 'onReject',
    openedAt: at('14:06'),
    closedAt: null,
    deadline: at(refund ? '16:00' : '16:06'),
    answers: null,
    next: w(zh, 'Deploy', '部署'),
    availableActions: allow('approve', 'reject', 'transfer', 'comment'),
    task: { ...task(zh, 1042, 'waiting'), startedBy: refund ? who.tom : who.xiao },
  }
}

/** What a look at a host found. */
export function probe(zh: boolean, state: 'READY' | 'LACKING' | 'PROBING' | 'UNREACHABLE') {
  const linger = {
    code: 'NO_LINGER',
    needed: true,
    what: w(zh, 'Permission to run on after logging out', '退出登录后继续运行的许可'),
    why: w(
      zh,
      'Everything of shop is ended when it logs out (KillUserProcesses).',
      'shop 一退出登录，它的进程就全部被结束（KillUserProcesses）。',
    ),
    wayOut: w(zh, 'Run there: loginctl enable-linger shop', '在那里运行：loginctl enable-linger shop'),
  }
  const setsid = {
    code: 'NO_SETSID',
    needed: false,
    what: 'setsid',
    why: w(zh, 'nohup is used instead, which protects a script less well.', '改用 nohup，对脚本的保护弱一些。'),
    wayOut: w(zh, 'Install util-linux on web-3.', '在 web-3 上安装 util-linux。'),
  }
  const away = {
    code: 'HOST_UNREACHABLE',
    needed: true,
    what: w(zh, 'A connection to old-1', '到 old-1 的连接'),
    why: 'Cannot reach old-1 (10.0.0.40:22): no answer in 10 s',
    wayOut: w(
      zh,
      'Look whether it is switched on, and whether address, port and firewall are right.',
      '看它是否开机，地址、端口、防火墙是否正确。',
    ),
  }
  const missing = { READY: [], PROBING: [], LACKING: [linger, setsid], UNREACHABLE: [away] }[state]
  return {
    state,
    at: at('14:10'),
    system: state === 'UNREACHABLE' ? null : 'Linux 6.1.0 x86_64',
    missing,
    ok: state === 'READY',
  }
}

const FLOW_TEXT = `apiVersion: baton/v1
kind: Flow
metadata: {name: release-web, title: Release the web shop}
spec:
  variables:
    version: {type: text, title: Version, required: true}
  nodes:
    # The disk is checked before anything is unpacked.
    prepare: {use: ssh.script@1, with: {host: build-1, script: 'unpack "$1"', args: ["\${version}"]}}
`
/** A flow with a draft that waits, and one that was never published. */
export function flows(zh: boolean) {
  const version = (number: number, current: boolean, by: string, time: string, note: string | null) => ({
    version: number,
    current,
    publishedBy: by,
    publishedAt: at(time),
    note,
    source: FLOW_TEXT,
  })
  const published = [
    version(3, true, w(zh, 'Li Wei', '李伟'), '09:12', w(zh, 'The disk is checked first', '先检查磁盘')),
    version(2, false, w(zh, 'Lin Xiao', '林晓'), '08:40', null),
    version(1, false, w(zh, 'Li Wei', '李伟'), '08:00', null),
  ]
  const draft = { revision: 9, source: FLOW_TEXT, updatedAt: at('14:05'), updatedBy: w(zh, 'Lin Xiao', '林晓') }
  const actions = [
    { action: 'publish', allowed: true, why: null },
    { action: 'save', allowed: true, why: null },
    { action: 'make_current', allowed: true, why: null },
  ]
  return [
    {
      name: 'release-web',
      project: 'default',
      title: w(zh, 'Release the web shop', '发布网店'),
      ...published[0]!,
      hasDraft: true,
      draft,
      published,
      findings: [
        {
          severity: 'WARNING',
          code: 'NO_ADVICE',
          node: 'prepare',
          path: 'spec.nodes.prepare',
          message: 'A starter may retry Unpack, and no advice tells when',
          fix: 'Add onFail.advice',
          line: 9,
          column: 5,
        },
      ],
      availableActions: actions,
    },
    {
      name: 'restart',
      project: 'default',
      title: w(zh, 'Restart a service', '重启服务'),
      version: null,
      current: false,
      publishedAt: null,
      publishedBy: null,
      note: null,
      source: FLOW_TEXT,
      hasDraft: true,
      draft,
      published: [],
      findings: [],
      availableActions: actions,
    },
  ]
}
export function flowDiff(from: number | null, to: number | null) {
  const line = (sign: string, before: number | null, after: number | null, text: string) => ({
    sign,
    before,
    after,
    text,
  })
  return {
    from: from ?? (to === null ? 3 : to - 1),
    to,
    same: false,
    changes: [
      { path: 'spec.nodes.prepare.with.script', before: 'unpack', after: 'check && unpack' },
      { path: 'spec.nodes.notice', before: null, after: {} },
    ],
    hunks: [
      {
        lines: [
          line('SAME', 7, 7, '  nodes:'),
          line('REMOVED', 8, null, "    prepare: {use: ssh.script@1, with: {host: build-1, script: 'unpack'}}"),
          line('ADDED', null, 8, '    # The disk is checked before anything is unpacked.'),
          line('ADDED', null, 9, "    prepare: {use: ssh.script@1, with: {host: build-1, script: 'check && unpack'}}"),
          line('SAME', 9, 10, '    gate:'),
        ],
      },
      {
        lines: [
          line('SAME', 31, 32, '  finally: [cleanup]'),
          line('ADDED', null, 33, '  notify: {finished: [starter]}'),
        ],
      },
    ],
  }
}
