/** What may be launched. */
import { formFields, hostOptions } from './fake-form.ts'
import { page, type Call } from './fake-words.ts'
import { allow, w, type Zh } from './fake-words.ts'

export const app = (
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

/** The apps of the page, their forms, and what a launch would do. */
export const appAnswers = {
  apps: (
    _: unknown,
    { favourite, recent, first }: { favourite?: boolean; recent?: boolean; first?: number },
    { zh }: Call,
  ) =>
    page(
      apps(zh)
        .filter((app) => !favourite || app.favourite)
        .filter((_, at) => !recent || at === 1)
        .slice(0, first),
    ),
  app: (_: unknown, { name }: { name: string }, { zh }: Call) => {
    const app = apps(zh).find((one) => one.name === name)
    return app
      ? {
          ...app,
          form: ({ answers }: { answers?: Record<string, unknown> }) => ({
            needsPhone: false,
            fields: formFields(zh, answers ?? {}),
          }),
        }
      : null
  },
  formOptions: () => hostOptions,
  preview: (_: unknown, { input }: { input: { variables?: Record<string, unknown> } }, { zh }: Call) => {
    const version = String(input.variables?.['version'] ?? '')
    const wrong = /^v\d+\.\d+\.\d+$/.test(version)
      ? []
      : [
          {
            field: 'version',
            code: 'PATTERN',
            message: version
              ? zh
                ? `「${version}」不是版本号。`
                : `“${version}” is not a version.`
              : zh
                ? '填写版本。'
                : 'Give a version.',
            fix: version ? 'v2.14.0' : null,
          },
        ]
    const node = (id: string, title: string, text: string | null, usualS: number | null) => ({
      id,
      title,
      kind: 'activity',
      stage: null,
      text,
      usualS,
      certain: true,
    })
    return {
      title: zh ? `发布 ${version} 到生产环境` : `Release ${version} to production`,
      errors: wrong,
      fields: [],
      hosts: [],
      approvers: [],
      confirm: apps(zh)[0]?.confirm,
      expectS: 1080,
      queuePosition: null,
      freeze: null,
      alreadyRunning: [],
      busy: false,
      handOver: null,
      joins: null,
      heldBy: [],
      approvals: [],
      nodes: zh
        ? [
            node('a', '构建', '在 build-1', 180),
            node('b', '批准', 'QA 1 人、运维 1 人，你除外', 7200),
            node('c', '部署到 5 台主机', 'web-1 至 web-5，每次 2 台', 720),
            node('d', '健康检查，然后清理', null, 60),
          ]
        : [
            node('a', 'Build', 'on build-1', 180),
            node('b', 'Approval', '1 from QA, 1 from Ops, not you', 7200),
            node('c', 'Deploy to 5 hosts', 'web-1 to web-5, 2 at a time', 720),
            node('d', 'Health check, then cleanup', null, 60),
          ],
    }
  },
}
