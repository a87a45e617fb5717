/** Who is there, and who looks. */
import { standing } from './fake-roles.ts'
import { page, type Call } from './fake-words.ts'
import { at, w, type Zh } from './fake-words.ts'

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

/** People, how they come in, and where they are not reached. */
export const peopleAnswers = {
  people: (_: unknown, __: unknown, { zh }: Call) =>
    page(
      Object.values(people(zh)).map((person, index) => ({
        ...viewer(zh).person,
        id: person.id,
        name: person.name,
        role: ['starter', 'operator', 'owner', 'starter'][index],
        kind: 'person',
        active: true,
        suspended: null,
        businessRoles: [],
        standing: standing(index),
      })),
    ),
  workspaces: () => [
    { platform: 'SLACK', id: 'T1', name: 'Web shop', trusted: true, role: 'starter', seenAt: at('09:00') },
    {
      platform: 'TELEGRAM',
      id: '-100',
      name: 'Ops night',
      trusted: false,
      role: null,
      seenAt: at('10:00'),
    },
  ],
  invitations: (_: unknown, __: unknown, { zh }: Call) => [
    {
      id: 'v-1',
      code: null,
      link: null,
      role: 'operator',
      project: 'shop',
      places: [{ kind: 'role', project: 'default', name: 'qa', title: zh ? '测试' : 'QA' }],
      leftOut: [],
      createdBy: people(zh).wei.name,
      createdAt: at('12:00'),
      expiresAt: '2026-11-28T12:00:00.000Z',
      usedBy: null,
    },
  ],
  undeliverable: (_: unknown, __: unknown, { zh }: Call) => [
    {
      place: 'slack:@U3',
      platform: 'SLACK',
      name: 'U3',
      why: 'account_inactive',
      since: at('09:10'),
      lastAt: at('14:02'),
      count: 3,
      person: people(zh).anna,
    },
    {
      place: 'slack:C0OPS',
      platform: 'SLACK',
      name: '#release',
      why: 'not_in_channel',
      since: at('12:00'),
      lastAt: at('12:00'),
      count: 1,
      person: null,
    },
  ],
  tokens: () => [
    {
      id: 'k-1',
      name: 'CI',
      scopes: [],
      createdAt: at('09:00'),
      expiresAt: null,
      lastUsedAt: at('13:40'),
      revoked: false,
    },
  ],
}
