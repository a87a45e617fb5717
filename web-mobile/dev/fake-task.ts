/** A task in each of its looks. */
import { apps } from './fake-apps.ts'
import { askRow } from './fake-ask.ts'
import { field, hostOptions, HOSTS } from './fake-form.ts'
import { people } from './fake-people.ts'
import { allow, at, w, type Zh } from './fake-words.ts'

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

export type Look =
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
