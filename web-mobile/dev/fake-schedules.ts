/** What is scheduled and frozen, made up. */
const w = (zh: boolean, en: string, chinese: string): string => (zh ? chinese : en)
interface Call {
  readonly zh: boolean
}
const offer = (action: string) => ({ action, allowed: true, why: null })
const nightly = (zh: boolean) => ({
  id: 'schedule:default/nightly',
  name: 'nightly',
  project: 'default',
  title: w(zh, 'Nightly smoke test', '夜间冒烟测试'),
  app: 'smoke',
  appTitle: w(zh, 'Smoke test', '冒烟测试'),
  variables: {},
  cron: '0 2 * * mon-fri',
  at: [],
  timeZone: 'Asia/Shanghai',
  overlap: 'SKIP',
  missed: 'RUN_ONCE',
  calendar: 'office',
  until: null,
  owner: { name: w(zh, 'Li Wei', '李伟') },
  state: 'ACTIVE',
  pausedAt: null,
  pausedText: null,
  missedText: w(
    zh,
    'What is missed, while Baton does not run or launches are frozen, is launched once afterwards',
    '错过的（Baton 没有运行，或冻结期内），之后只补发一次',
  ),
  dues: [24, 25, 26, 27, 30].map((day) => ({
    at: `2026-11-${day - 1}T18:00:00Z`,
    local: `2026-11-${day} 02:00 (UTC+08:00)`,
    note: null,
    frozen: null,
  })),
  nextDue: ['2026-11-23T18:00:00Z', '2026-11-24T18:00:00Z', '2026-11-25T18:00:00Z'],
  frozen: null,
  availableActions: ['pause', 'run', 'take'].map(offer),
  runs: {
    nodes: [
      {
        id: '3',
        dueAt: '2026-11-20T18:00:00Z',
        at: '2026-11-20T18:00:00Z',
        state: 'LAUNCHED',
        why: null,
        text: w(zh, 'Launched', '已发起'),
        count: 1,
        notBefore: null,
        task: { number: 1039, title: w(zh, 'Smoke test', '冒烟测试'), phase: 'SUCCEEDED' },
      },
      {
        id: '2',
        dueAt: '2026-11-19T18:00:00Z',
        at: '2026-11-19T18:00:00Z',
        state: 'SKIPPED',
        why: 'overlap',
        text: w(zh, 'Left out: the one before it still ran', '已略过：前一个还在运行'),
        count: 1,
        notBefore: null,
        task: null,
      },
    ],
  },
})
export const schedules = {
  schedules: (_: unknown, __: unknown, { zh }: Call) => [
    nightly(zh),
    {
      ...nightly(zh),
      id: 'schedule:default/report',
      name: 'report',
      title: w(zh, 'Weekly report', '周报'),
      state: 'PAUSED',
      pausedText: w(zh, 'Paused: its owner may not launch it any more', '已暂停：负责人已无权发起'),
      nextDue: [],
    },
  ],
  schedule: (_: unknown, __: unknown, { zh }: Call) => nightly(zh),
  freezes: (_: unknown, __: unknown, { zh }: Call) => [
    {
      name: 'weekend',
      project: 'default',
      title: w(zh, 'Week-ends', '周末'),
      help: w(zh, 'Call the duty first.', '先联系值班。'),
      apps: null,
      except: ['hotfix'],
      active: { from: '2026-11-20T10:00:00Z', to: '2026-11-23T00:00:00Z' },
      next: { from: '2026-11-27T10:00:00Z', to: '2026-11-30T00:00:00Z' },
    },
  ],
}
