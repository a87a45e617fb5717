/** Business roles and groups with made-up answers, for screenshots and the test of screens. */
interface Call {
  readonly zh: boolean
}
const people = (zh: boolean) => [
  { id: 'p-1', name: zh ? '李薇' : 'Li Wei' },
  { id: 'p-2', name: zh ? '王安' : 'Ana' },
  { id: 'p-3', name: 'Omar' },
]
const part = (kind: string, name: string, title: string) => ({
  kind,
  project: 'default',
  name,
  title,
  bindTo: null as string | null,
  added: [] as object[],
  hasRota: false,
  shifts: [] as object[],
})
/** Somebody's role in each of two projects. */
export const standing = (index: number): object[] => [
  { project: 'default', role: ['starter', 'operator', 'owner', 'starter'][index], given: false, rights: ['launch'] },
  { project: 'shop', role: 'operator', given: true, rights: ['view', 'launch', 'operate'] },
]
export const roles = {
  projects: () => [
    { name: 'default', appCount: 12, role: 'owner', rights: ['view', 'manage-people'] },
    { name: 'shop', appCount: 3, role: 'owner', rights: ['view', 'manage-people'] },
  ],
  roles: (_: unknown, __: unknown, { zh }: Call) => {
    const [li, ana, omar] = people(zh)
    return [
      {
        ...part('role', 'duty', zh ? '值班' : 'Duty'),
        memberCount: 3,
        members: [li, ana, omar],
        added: [omar],
        onDuty: [ana],
        hasRota: true,
        shifts: [
          { from: '2026-11-16T01:00:00Z', people: [ana] },
          { from: '2026-11-23T01:00:00Z', people: [omar] },
          { from: '2026-11-30T01:00:00Z', people: [li, ana] },
        ],
      },
      { ...part('role', 'qa', zh ? '测试' : 'QA'), bindTo: 'product', memberCount: 1, members: [li], onDuty: [li] },
      { ...part('role', 'ops', zh ? '运维' : 'Ops'), memberCount: 0, members: [], onDuty: [] },
    ]
  },
  groups: (_: unknown, __: unknown, { zh }: Call) => [
    {
      ...part('group', 'web', zh ? '网站组' : 'Web team'),
      memberCount: 2,
      members: people(zh).slice(0, 2),
      onDuty: [],
    },
  ],
  sessions: () => [
    {
      id: 's-1',
      browser: 'Safari · iPhone',
      how: 'link',
      createdAt: '2026-11-18T08:12:00Z',
      lastSeenAt: '2026-11-21T13:58:00Z',
      current: false,
    },
    {
      id: 's-2',
      browser: 'Chrome · Windows',
      how: 'company',
      createdAt: '2026-11-02T07:30:00Z',
      lastSeenAt: '2026-11-20T17:05:00Z',
      current: false,
    },
  ],
  merges: (_: unknown, __: unknown, { zh }: Call) => [
    {
      id: 'm-1',
      state: 'done',
      endedAt: '2026-11-19T10:20:00Z',
      endedBy: zh ? '李薇' : 'Li Wei',
      keep: { id: 'p-1', name: zh ? '李薇' : 'Li Wei' },
      gone: { id: 'p-9', name: 'liwei2' },
    },
  ],
  rightsRoles: (_: unknown, __: unknown, { zh }: Call) => [
    { name: 'owner', title: zh ? '所有者' : 'Owner', project: null, rights: ['view', 'manage-people', 'audit'] },
    {
      name: 'operator',
      title: zh ? '运维' : 'Operator',
      project: null,
      rights: ['view', 'launch', 'operate', 'reassign-ask'],
    },
    { name: 'starter', title: zh ? '发起人' : 'Starter', project: null, rights: ['launch'] },
    {
      name: 'releaser',
      title: zh ? '发布台' : 'Release desk',
      project: 'default',
      rights: ['launch', 'override-freeze'],
    },
  ],
}
