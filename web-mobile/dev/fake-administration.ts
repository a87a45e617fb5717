/** What owners see on their pages, made up. */
const AT = '2026-11-21T13:20:00Z'
const w = (zh: boolean, en: string, chinese: string): string => (zh ? chinese : en)
interface Call {
  readonly zh: boolean
}
const page = (nodes: readonly unknown[]) => ({
  nodes,
  edges: [],
  pageInfo: { hasNextPage: false, endCursor: null },
  totalCount: nodes.length,
})
const documentOf = (kind: string, name: string, title: string, source: string) => ({
  kind,
  name,
  project: 'default',
  title,
  source,
  updatedAt: AT,
  updatedBy: 'Li Wei',
  managers: [
    { manager: 'git', fields: ['spec.value'] },
    { manager: 'phone', fields: ['spec.help', 'metadata.title'] },
  ],
  status: {
    generation: 3,
    observedGeneration: 3,
    conditions: [{ type: 'Valid', status: 'TRUE', reason: 'Checked', message: 'The check finds nothing.' }],
    findings: [],
  },
})
const rowOf = (zh: boolean, title: string, more: object) => ({
  flow: 'release',
  app: 'release',
  node: null,
  title,
  runs: 128,
  succeeded: 117,
  failed: 8,
  revoked: 3,
  successRate: 0.936,
  retries: 14,
  work: { count: 125, mean: 340_000, p50: 312_000, p95: 804_000 },
  wait: { count: 96, mean: 1_900_000, p50: 1_260_000, p95: 7_560_000 },
  causes: [
    { cause: 'error', text: w(zh, 'It ended with an error', '执行出错'), count: 17 },
    { cause: 'timeout', text: w(zh, 'It took longer than allowed and was ended', '超过时限，已被结束'), count: 5 },
  ],
  byHand: [
    {
      by: { id: 'p-wei', name: w(zh, 'Li Wei', '李伟'), surface: 'phone' },
      retried: 9,
      skipped: 0,
      byHand: 2,
      gaveUp: 0,
    },
    { by: { id: 'p-anna', name: 'Anna Berg', surface: 'slack' }, retried: 1, skipped: 1, byHand: 0, gaveUp: 1 },
  ],
  ...more,
})

export const administration = {
  secretNames: () => [
    {
      namespace: 'registry',
      key: 'token',
      project: 'default',
      setAt: AT,
      setBy: 'Li Wei',
      declared: true,
      flows: ['release', 'rollback'],
      usedBy: ['Flow release', 'Flow rollback'],
      lastUse: { at: AT, task: 1042, flow: 'release', host: null },
    },
    {
      namespace: 'ssh',
      key: 'deploy',
      project: 'default',
      setAt: null,
      setBy: null,
      declared: true,
      flows: null,
      usedBy: ['Host web-1'],
      lastUse: null,
    },
  ],
  documents: (_: unknown, __: unknown, { zh }: Call) =>
    page([
      documentOf('Constant', 'REGION', w(zh, 'Where we run', '运行地区'), ''),
      documentOf('Host', 'web-1', 'web-1', ''),
      documentOf('Role', 'ops', w(zh, 'Operations', '运维'), ''),
    ]),
  document: (_: unknown, { kind, name }: { kind: string; name: string }) =>
    documentOf(
      kind,
      name,
      name,
      `apiVersion: baton/v1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec:\n  value: eu\n`,
    ),
  audit: (_: unknown, __: unknown, { zh }: Call) =>
    page([
      {
        id: '3',
        at: AT,
        by: { id: 'p-ming', name: 'Ming Zhao', surface: 'slack' },
        token: null,
        what: 'decide',
        target: '01H2X-1',
        allowed: true,
        detail: null,
        text: w(
          zh,
          'Ming Zhao approved “Confirm the test” in Release v2.14.0 (#1042)',
          'Ming Zhao 批准发布 v2.14.0（#1042）的「确认测试」',
        ),
        why: null,
        about: [
          { kind: 'ask', title: w(zh, 'Confirm the test', '确认测试'), ref: 'a-1' },
          { kind: 'task', title: w(zh, 'Release v2.14.0 (#1042)', '发布 v2.14.0（#1042）'), ref: '1042' },
        ],
      },
      {
        id: '2',
        at: AT,
        by: { id: 'p-anna', name: 'Anna Berg', surface: 'api' },
        token: 'ci',
        what: 'setSecret',
        target: 'registry.token',
        allowed: false,
        detail: { code: 'FORBIDDEN', right: 'manage-secrets' },
        text: w(
          zh,
          'Refused: Anna Berg wanted to set the secret registry.token',
          '被拒绝：Anna Berg 设置密钥 registry.token',
        ),
        why: w(zh, 'Right missing: manage secrets (manage-secrets)', '缺少权限：管理密钥（manage-secrets）'),
        about: [{ kind: 'secret', title: 'registry.token', ref: 'registry.token' }],
      },
    ]),
  auditCheck: () => ({ whole: true, rows: 1_204, unsigned: 0, more: 0, faults: [], lastRow: 1_204, lastHash: 'f00d' }),
  stats: (_: unknown, { flow }: { flow?: string | null }, { zh }: Call) => ({
    from: AT,
    to: AT,
    total: rowOf(zh, '', {}),
    rows: [
      rowOf(zh, w(zh, 'Release', '发布'), {}),
      rowOf(zh, w(zh, 'Roll back', '回滚'), { app: 'rollback', runs: 9, retries: 0 }),
    ],
    mostRetried: [
      {
        flow: 'release',
        flowTitle: w(zh, 'Release', '发布'),
        node: 'deploy',
        title: w(zh, 'Deploy', '部署'),
        retries: 14,
      },
    ],
    nodes: flow ? [rowOf(zh, w(zh, 'Deploy', '部署'), { node: 'deploy' })] : [],
  }),
}
