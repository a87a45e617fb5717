import { describe, expect, test } from 'vitest'
import type { Right } from '../../env.ts'
import { explore, type Action, type Setting } from './explore.ts'

// s starts it; a and b are QA, b and c are Ops, d has the duty, x is asked nothing. o operates, w owns.
const ROLES = { 'role:qa': ['a', 'b'], 'role:ops': ['b', 'c'], 'role:duty': ['d', 's'], 'role:self': ['s', 'a', 'b'] }
const OPERATE: readonly Right[] = ['view', 'operate', 'operate-inputs']
const OWN: readonly Right[] = [...OPERATE, 'reassign-ask', 'override-approval']

const says = (verdict: 'approve' | 'reject', ...people: string[]): Action[] =>
  people.map((by) => ({ do: 'answer', by, verdict }))
const yes = (...people: string[]): Action[] => says('approve', ...people)
const no = (...people: string[]): Action[] => says('reject', ...people)
const hands = (by: string, to: string): Action => ({ do: 'transfer', by, to })
const delegates = (from: string, to: string): Action => ({ do: 'delegate', from, to })
const suspends = (who: string, quietly = false): Action => ({ do: 'suspend', who, ...(quietly && { quietly: true }) })
const EDIT: Action = { do: 'edit', by: 's', rights: ['view'] }
/** By people who operate it, and may be asked as well. */
const edits = (...people: string[]): Action[] => people.map((by) => ({ do: 'edit', by, rights: OPERATE }))
const DEADLINE: Action = { do: 'deadline' }
const past = (rights: readonly Right[], by: string): Action[] =>
  (['skip', 'byhand', 'fail'] as const).map((how) => ({ do: 'past', how, by, rights }))

const all = (asked: number): number => Math.max(1, asked)
const half = (asked: number): number => Math.max(1, Math.ceil(asked / 2))
const one = (): number => 1
const two = (): number => 2

type Rules = Setting['rules']
const asking = (
  inputs: Setting['inputs'],
  places: Rules['places'],
  actions: readonly Action[],
  rules: Partial<Rules> = {},
): Setting => ({
  inputs,
  rules: { places, notStarter: true, veto: [], escalateTo: [], ...rules },
  roles: ROLES,
  actions,
})
const TWO_ROLES: Rules['places'] = [
  { refs: ['role:qa'], count: one },
  { refs: ['role:ops'], count: one },
]
const PER_ROLE = { approvers: ['role:qa', 'role:ops'], need: { 'role:qa': 1, 'role:ops': 1 } }

const SETTINGS: { readonly [name: string]: readonly [Setting, number] } = {
  'two of a role and the starter, handed on, delegated, edited': [
    asking(
      { approvers: ['role:self', 'c'], need: 2 },
      [{ refs: ['role:self', 'c'], count: two }],
      [
        ...yes('a', 'b', 'c', 's', 'x'),
        ...no('a'),
        hands('a', 'x'),
        hands('a', 's'),
        hands('b', 'a'),
        delegates('a', 'x'),
        delegates('b', 's'),
        delegates('s', 'x'),
        { do: 'answer_first', by: 'a' },
        { do: 'answer_first', by: 'b' },
        { do: 'answer_as_shown_first', by: 'b' },
        EDIT,
      ],
    ),
    5,
  ],
  'one of each role, people who sit in both, stand-ins for either': [
    asking(PER_ROLE, TWO_ROLES, [
      ...yes('a', 'b', 'c', 'x', 's'),
      hands('a', 'x'),
      hands('b', 's'),
      hands('c', 'b'),
      delegates('a', 'b'),
      delegates('b', 'c'),
      delegates('c', 'x'),
      delegates('x', 'a'),
      delegates('b', 's'),
      EDIT,
    ]),
    5,
  ],
  'everybody, a rejection that waits, a veto': [
    asking(
      { approvers: ['role:qa', 'role:ops'], need: 'all', reject: 'wait', veto: ['c'] },
      [{ refs: ['role:qa', 'role:ops'], count: all }],
      [...yes('a', 'b', 'c', 'x'), ...no('a', 'c'), delegates('c', 'x'), delegates('a', 'c'), hands('c', 'x'), EDIT],
      { veto: ['c'], reject: 'wait' },
    ),
    6,
  ],
  'two of three, a rejection that waits, a veto and who stands in for it': [
    asking(
      { approvers: ['role:qa', 'role:ops'], need: 2, reject: 'wait', veto: ['c'] },
      [{ refs: ['role:qa', 'role:ops'], count: two }],
      [
        ...yes('a', 'b', 'c', 'x'),
        ...no('a', 'c', 'x'),
        delegates('c', 'x'),
        delegates('a', 'c'),
        EDIT,
        { do: 'answer_as_shown_first', by: 'b' },
      ],
      { veto: ['c'], reject: 'wait' },
    ),
    6,
  ],
  'half of those asked, one after the other': [
    asking(
      { approvers: ['a', 'role:ops', 's'], need: '50%', order: 'listed' },
      [{ refs: ['a', 'role:ops', 's'], count: half }],
      [
        ...yes('a', 'b', 'c', 's', 'x'),
        ...no('b'),
        delegates('a', 'b'),
        delegates('b', 's'),
        delegates('b', 'x'),
        hands('a', 'c'),
        hands('c', 'x'),
        EDIT,
      ],
      { order: 'listed' },
    ),
    5,
  ],
  'one after the other, of whom the first may not, some go and some answer for others': [
    asking(
      { approvers: ['starter', 'role:qa', 'c', 'd'], need: 2, order: 'listed', reject: 'wait' },
      [{ refs: ['s', 'role:qa', 'c', 'd'], count: two }],
      [
        ...yes('a', 'b', 'c', 'd', 'x'),
        ...no('a', 'c'),
        { do: 'role', role: 'role:qa', members: [] },
        { do: 'role', role: 'role:qa', members: ['c', 'x'] },
        suspends('c'),
        delegates('a', 'c'),
        delegates('b', 'd'),
        hands('c', 'role:ops'),
      ],
      { order: 'listed', reject: 'wait' },
    ),
    5,
  ],
  'people who are suspended half-way, and whose suspension is lifted': [
    asking(PER_ROLE, TWO_ROLES, [
      ...yes('a', 'b', 'c', 'x', 's'),
      ...['a', 'b', 'c', 'x'].map((who) => suspends(who)),
      delegates('a', 'x'),
      delegates('x', 'c'),
      hands('a', 'x'),
      hands('b', 'role:duty'),
      { do: 'assign', by: 'w', to: 'x', rights: OWN },
    ]),
    5,
  ],
  'what the task is not told of counts all the same': [
    asking(
      { approvers: ['role:qa', 'c'], need: 2 },
      [{ refs: ['role:qa', 'c'], count: two }],
      [
        ...yes('a', 'b', 'c', 'x'),
        suspends('a', true),
        suspends('x', true),
        { do: 'role', role: 'role:qa', members: ['b', 'x'], quietly: true },
        { do: 'role', role: 'role:qa', members: ['a', 's'], quietly: true },
        delegates('c', 'a'),
        hands('c', 'x'),
        EDIT,
      ],
    ),
    5,
  ],
  'delegations that are over with the deadline': [
    asking(
      { approvers: ['role:qa'], need: 2, escalateTo: ['role:duty'], onDeadline: 'escalate' },
      [{ refs: ['role:qa'], count: two }],
      [
        ...yes('a', 'b', 'c', 'd', 'x'),
        DEADLINE,
        delegates('a', 'x'),
        delegates('x', 'c'),
        delegates('b', 'x'),
        delegates('d', 'c'),
        suspends('x'),
      ],
      { escalateTo: ['role:duty'], delegationsEnd: true },
    ),
    6,
  ],
  'a rejection ends it, whoever goes, is one with another or changes it': [
    asking(
      { approvers: ['role:qa', 'c'], need: 2, veto: ['c'] },
      [{ refs: ['role:qa', 'c'], count: two }],
      [
        ...yes('a', 'b', 'c'),
        ...no('a', 'c', 'x'),
        delegates('b', 'x'),
        suspends('b'),
        { do: 'merge', gone: 'x', into: 'c' },
        DEADLINE,
        EDIT,
      ],
      { veto: ['c'] },
    ),
    6,
  ],
  'a form that one person takes: given back, taken over, handed on, and who goes': [
    asking(
      { by: ['role:qa', 'c'], escalateTo: ['role:duty'], onDeadline: 'escalate' },
      [{ refs: ['role:qa', 'c'], count: one }],
      [
        ...yes('a', 'b', 'c', 'd', 'x'),
        ...['a', 'b', 'x'].map((by): Action => ({ do: 'claim', by })),
        ...['a', 'b', 'x'].map((by): Action => ({ do: 'release', by })),
        { do: 'release', by: 'o', rights: OPERATE },
        { do: 'release', by: 'w', rights: OWN },
        hands('a', 'x'),
        hands('a', 'role:ops'),
        delegates('b', 'x'),
        suspends('a'),
        { do: 'role', role: 'role:qa', members: ['b'] },
        { do: 'merge', gone: 'b', into: 'c' },
        DEADLINE,
        EDIT,
      ],
      { notStarter: false, taken: true, escalateTo: ['role:duty'] },
    ),
    4,
  ],
  'a deadline that escalates to people of whom one is the starter': [
    asking(
      { approvers: ['role:qa'], need: 2, escalateTo: ['role:duty'], onDeadline: 'escalate' },
      [{ refs: ['role:qa'], count: two }],
      [
        ...yes('a', 'b', 'd', 's', 'x'),
        DEADLINE,
        delegates('d', 's'),
        delegates('a', 'd'),
        hands('a', 'd'),
        EDIT,
        { do: 'answer_first', by: 'd' },
      ],
      { escalateTo: ['role:duty'] },
    ),
    6,
  ],
  'a deadline that rejects': [
    asking(
      { approvers: ['role:qa'], need: 2, onDeadline: 'reject' },
      [{ refs: ['role:qa'], count: two }],
      [...yes('a', 'b', 'c'), DEADLINE, EDIT, ...past(OPERATE, 'o'), { do: 'answer_first', by: 'a' }],
    ),
    6,
  ],
  'people who turn out to be one, the starter among them': [
    asking(
      { approvers: ['role:qa', 'role:ops'], need: 2 },
      [{ refs: ['role:qa', 'role:ops'], count: two }],
      [
        ...yes('a', 'b', 'c', 's', 'x'),
        { do: 'merge', gone: 'b', into: 'a' },
        { do: 'merge', gone: 's', into: 'c' },
        { do: 'merge', gone: 'x', into: 'a' },
        delegates('a', 'x'),
        hands('c', 'x'),
        EDIT,
      ],
    ),
    6,
  ],
  'roles that change under it': [
    asking(PER_ROLE, TWO_ROLES, [
      ...yes('a', 'b', 'c', 's', 'x'),
      { do: 'role', role: 'role:qa', members: ['x'] },
      { do: 'role', role: 'role:qa', members: ['a', 's'] },
      { do: 'role', role: 'role:ops', members: [] },
      hands('a', 'x'),
      hands('b', 'c'),
      delegates('x', 's'),
      EDIT,
    ]),
    6,
  ],
  'people assigned with the right to, and without': [
    asking(
      { approvers: ['role:qa'], need: 2 },
      [{ refs: ['role:qa'], count: two }],
      [
        ...yes('a', 'b', 's', 'x', 'w'),
        { do: 'role', role: 'role:qa', members: ['a'] },
        ...['x', 's', 'w', 'role:ops'].map((to): Action => ({ do: 'assign', by: 'w', to, rights: OWN })),
        { do: 'assign', by: 'o', to: 'x', rights: OPERATE },
        delegates('x', 'w'),
        delegates('a', 'w'),
        EDIT,
      ],
    ),
    5,
  ],
  'past it, with the right to override and without; what it bound is changed afterwards': [
    asking(
      { approvers: ['role:qa'] },
      [{ refs: ['role:qa'], count: one }],
      [
        ...yes('a', 's'),
        ...no('b'),
        ...past(OPERATE, 'o'),
        ...past(OPERATE, 's'),
        ...past(OWN, 'w'),
        { do: 'edit', by: 'o', rights: OPERATE },
        { do: 'edit', by: 'w', rights: OWN },
        { do: 'answer_first', by: 'a' },
      ],
    ),
    5,
  ],
  'taken and given back': [
    asking(PER_ROLE, TWO_ROLES, [
      ...yes('a', 'b', 'c', 'x'),
      ...['a', 'b', 'x'].map((by): Action => ({ do: 'claim', by })),
      ...['a', 'b', 'x'].map((by): Action => ({ do: 'release', by })),
      delegates('a', 'x'),
      hands('a', 'x'),
      EDIT,
    ]),
    5,
  ],
  'one who changes what they are asked about, and who stands in for them': [
    asking(
      { approvers: ['role:qa', 'role:ops'], need: 2 },
      [{ refs: ['role:qa', 'role:ops'], count: two }],
      [
        ...yes('a', 'b', 'c', 'x'),
        ...edits('a', 'x'),
        delegates('a', 'x'),
        delegates('b', 'a'),
        delegates('c', 'x'),
        hands('b', 'a'),
        hands('c', 'x'),
        { do: 'answer_first', by: 'a' },
      ],
    ),
    5,
  ],
  'one of each role, a change by one who sits in both, roles that change': [
    asking(PER_ROLE, TWO_ROLES, [
      ...yes('a', 'b', 'c', 'x'),
      ...edits('b', 's'),
      { do: 'role', role: 'role:qa', members: ['x', 'b'] },
      { do: 'assign', by: 'w', to: 'b', rights: OWN },
      { do: 'assign', by: 'w', to: 'x', rights: OWN },
      delegates('b', 'x'),
      delegates('a', 'b'),
    ]),
    6,
  ],
  'who changed it turns out to be somebody who is asked': [
    asking(
      { approvers: ['role:qa', 'c'], need: 2 },
      [{ refs: ['role:qa', 'c'], count: two }],
      [
        ...yes('a', 'b', 'c', 'x'),
        ...edits('x', 'a'),
        { do: 'merge', gone: 'x', into: 'b' },
        { do: 'merge', gone: 'a', into: 'c' },
        delegates('c', 'b'),
      ],
    ),
    6,
  ],
  'a deadline that escalates to one who changed it': [
    asking(
      { approvers: ['role:qa'], need: 1, escalateTo: ['role:duty'], onDeadline: 'escalate' },
      [{ refs: ['role:qa'], count: one }],
      [...yes('a', 'b', 'd', 'x'), DEADLINE, ...edits('d', 'a'), delegates('b', 'd'), delegates('d', 'x')],
      { escalateTo: ['role:duty'] },
    ),
    6,
  ],
  'changes where a starter may approve': [
    asking(
      { approvers: ['role:qa'], need: 2 },
      [{ refs: ['role:qa'], count: two }],
      [
        ...yes('a', 'b', 's', 'x'),
        ...edits('a', 'b'),
        delegates('a', 'x'),
        hands('b', 's'),
        { do: 'answer_first', by: 'a' },
      ],
      { notStarter: false },
    ),
    6,
  ],
  'a starter who may approve': [
    asking(
      { approvers: ['role:self'], need: 2 },
      [{ refs: ['role:self'], count: two }],
      [...yes('a', 'b', 's', 'x'), delegates('a', 's'), delegates('s', 'x'), hands('s', 'x'), EDIT],
      { notStarter: false },
    ),
    6,
  ],
}

describe('whatever people do, in whatever order, nobody forbidden decides, nobody counts twice, nobody approves their own work, nothing outdated counts', () => {
  test.each(Object.keys(SETTINGS))(
    '%s',
    (name) => {
      const [setting, depth] = SETTINGS[name]!
      const found = explore(setting, depth)
      expect(found.broken).toBeNull()
      // It would prove nothing if nothing happened.
      expect(found.grants).toBeGreaterThan(5)
      expect(found.answers).toBeGreaterThan(10)
      expect(found.refusals).toBeGreaterThan(100)
      if (process.env['SHOW'] !== undefined) process.stdout.write(`${name} ${JSON.stringify(found)}\n`)
    },
    120_000,
  )
})
