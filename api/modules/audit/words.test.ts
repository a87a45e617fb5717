import { describe, expect, test } from 'vitest'
import { schema } from '../../graphql/schema.ts'
import { textsOf } from '../../texts.ts'
import { DEEDS, LOOKS } from './deeds.ts'
import { auditText, auditWhy, type Subject, type Told } from './words.ts'

const task: Subject = { kind: 'task', title: 'Release v2', number: 42, ref: '42' }
const ask: Subject = { kind: 'ask', title: 'Confirm the test', ref: 'a-1', within: task }
const told = (row: Partial<Told>): Told => ({
  what: 'startTask',
  by: { person: 'p1', name: 'Ming' },
  allowed: true,
  subject: task,
  names: {},
  verdict: null,
  ...row,
})

describe('a line of the audit in words', () => {
  test.each<[Partial<Told>, string, string]>([
    [
      { what: 'decide', verdict: 'approve', subject: ask },
      'Ming approved “Confirm the test” in Release v2 (#42)',
      'Ming 批准 Release v2（#42）的「Confirm the test」',
    ],
    [
      { what: 'claimAsk', subject: ask, allowed: false },
      'Refused: Ming wanted to take “Confirm the test” in Release v2 (#42)',
      '被拒绝：Ming 接手 Release v2（#42）的「Confirm the test」',
    ],
    [
      { what: 'launch', subject: { kind: 'app', title: '发布', ref: 'release' }, names: { task: 'Release v2 (#42)' } },
      'Ming launched 发布 as Release v2 (#42)',
      'Ming 发起发布：Release v2 (#42)',
    ],
    [{ what: 'launch', subject: null, allowed: false }, 'Refused: Ming wanted to launch', '被拒绝：Ming 发起'],
    [
      {
        what: 'setRole',
        subject: { kind: 'person', title: 'Li', ref: 'p2' },
        names: { role: 'operator', project: null },
      },
      'Ming changed the role of Li to operator',
      'Ming 把 Li 的角色改为 operator',
    ],
    [{ what: 'endSession', subject: null }, 'Ming ended a sign-in', 'Ming 结束一处登录'],
    [
      { what: 'signIn', subject: null, by: { person: null, name: 'Nobody' }, allowed: false },
      'Refused: Somebody not signed in wanted to sign in by a link',
      '被拒绝：未登录的人用链接登录',
    ],
    [
      { what: 'useSecret', subject: { kind: 'secret', title: 'web.token', ref: null }, names: { flow: 'tidy' } },
      'Ming used the secret web.token in the flow tidy',
      'Ming 使用密钥 web.token（流程 tidy）',
    ],
    [
      { what: 'verifyKey', subject: null, allowed: false },
      'Refused: Ming wanted to look at what exports are verified by',
      '被拒绝：Ming 查看验证导出所用的密钥',
    ],
    [{ what: 'somethingNew', subject: null }, 'Ming looked at something new', 'Ming 查看 somethingNew'],
  ])('%j', (row, english, chinese) => {
    expect(auditText(told(row), 'en')).toBe(english)
    expect(auditText(told(row), 'zh')).toBe(chinese)
  })
})

test.each([
  [true, null, null, null],
  [
    false,
    { code: 'FORBIDDEN', right: 'operate' },
    'Right missing: operate tasks here (operate)',
    `缺少权限：${textsOf('zh').right['operate']}（operate）`,
  ],
  [false, { code: 'FROZEN', right: 'override-freeze' }, 'It was frozen then', '当时已冻结'],
  [false, { code: 'STALE' }, 'This has moved on. Nothing changed by your press.', null],
  [false, { reason: 'SERVICE_ACCOUNT' }, 'This is a service account: it works with tokens and does not sign in.', null],
  [false, 'nonsense', null, null],
])('why it was refused (%s, %j)', (allowed, detail, english, chinese) => {
  expect(auditWhy(allowed, detail, 'en')).toBe(english)
  if (chinese !== null) expect(auditWhy(allowed, detail, 'zh')).toBe(chinese)
})

test('every mutation has words, in both languages, and so has every question that was there when this was written', () => {
  const mutations = Object.keys(schema.getMutationType()!.getFields())
  const looks = [schema.getQueryType()!, schema.getSubscriptionType()!].flatMap((type) => Object.keys(type.getFields()))
  expect(mutations.filter((name) => !(name in DEEDS))).toEqual([])
  // Of questions refusals alone are kept: one that has no words yet is spelled out.
  expect(Object.keys(LOOKS).filter((name) => !looks.includes(name))).toEqual([])
  for (const { en, zh } of Object.values(DEEDS)) {
    const names = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort()
    expect(names(zh), zh).toEqual(names(en[2]))
    expect(zh).toMatch(/\p{Script=Han}/u)
  }
})
