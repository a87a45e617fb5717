import { expect, test } from 'vitest'
import type { Event, Flow, TaskState } from '../../../engine/index.ts'
import { endsOf, historyOf } from './history.ts'

const nodes = new Map([
  ['unpack', { id: 'unpack', kind: 'activity', title: 'Unpack' }],
  ['fork', { id: 'fork', kind: 'gateway', title: 'Fork' }],
])
const flow = { node: (id: string) => nodes.get(id), variables: [] } as unknown as Flow
const state = { asks: new Map([['a', { title: 'Approve' }]]) } as unknown as TaskState
const events = (...list: object[]) => list as unknown as Event[]
const lin = { person: 'p1', name: 'Lin', surface: 'phone' } as const
const baton = { person: null, name: 'Baton', surface: 'system' } as const
const told = (by: typeof lin | typeof baton, ...list: object[]) =>
  historyOf({ by, events: events(...list) }, flow, state, { language: 'en', timeZone: null })

test('what a person did stands alone, what came of it is told apart', () =>
  expect(
    told(
      lin,
      { kind: 'task_launched' },
      { kind: 'task_started' },
      { kind: 'node_entered', node: 'unpack' },
      { kind: 'node_started', node: 'unpack', attempt: 1 },
    ),
  ).toEqual({ text: 'Launched', follows: ['Started', 'Unpack started'] }))
test('an act is first even where the machine’s event was recorded before it', () =>
  expect(
    told(
      lin,
      { kind: 'node_started', node: 'unpack', attempt: 1 },
      { kind: 'ask_decided', ask: 'a', decision: { verdict: 'approve', comment: 'go' } },
    ),
  ).toEqual({ text: 'Approved: Approve: go', follows: ['Unpack started'] }))
test('a planned task started by hand says so', () =>
  expect(told(lin, { kind: 'task_started' }, { kind: 'node_started', node: 'unpack', attempt: 1 })).toEqual({
    text: 'Started',
    follows: ['Unpack started'],
  }))
test('what the machine did by itself is the line', () =>
  expect(told(baton, { kind: 'node_succeeded', node: 'unpack' })).toEqual({ text: 'Unpack done', follows: [] }))
test('what only moves tokens has no words', () =>
  expect(
    told(baton, { kind: 'node_entered', node: 'fork' }, { kind: 'node_started', node: 'fork', attempt: 1 }),
  ).toEqual({ text: '', follows: [] }))
test('Chinese has its own colon', () =>
  expect(
    historyOf({ by: lin, events: events({ kind: 'revoke_requested', reason: '版本不对' }) }, flow, state, {
      language: 'zh',
      timeZone: null,
    }).text,
  ).toBe('停止：版本不对'))

const asked = {
  flow: {
    node: (id: string) => (id === 'ok' ? { id, kind: 'ask', title: 'Approve' } : nodes.get(id)),
    variables: [
      { key: 'version', title: 'Version', type: 'text', onCard: true },
      { key: 'disk', title: 'Disk', type: 'text', onCard: false },
    ],
  } as unknown as Flow,
  state: { asks: new Map([['a', { title: 'Ship v2 for $5?', nodeId: 'ok' }]]) } as unknown as TaskState,
}
const inRoom = (...list: object[]) =>
  historyOf({ by: lin, events: events(...list) }, asked.flow, asked.state, {
    language: 'en',
    timeZone: null,
    inRoom: true,
  }).text
test('a room reads who decided which step, not what was asked or said about it', () => {
  expect(inRoom({ kind: 'ask_decided', ask: 'a', decision: { verdict: 'reject', comment: 'salary list' } })).toBe(
    'Rejected: Approve',
  )
  expect(inRoom({ kind: 'ask_opened', ask: { title: 'Ship v2 for $5?', nodeId: 'ok' } })).toBe('Asked: Approve')
  expect(inRoom({ kind: 'ask_commented', ask: 'a', comment: 'salary list' })).toBe('')
})
test('a room reads that a variable was changed, and its value only where it stands on the card', () =>
  expect(
    inRoom({
      kind: 'variables_edited',
      changes: { version: { before: 'v1', after: 'v2' }, disk: { before: '/a', after: '/b' } },
      reason: 'because of Bob',
    }),
  ).toBe('Changed: Version v1 → v2, Disk'))
test('attempts that ended are told, gateways are none', () =>
  expect(
    endsOf(
      events(
        { kind: 'node_succeeded', node: 'fork', attempt: 1 },
        { kind: 'node_failed', node: 'unpack', attempt: 2 },
        { kind: 'node_started', node: 'unpack', attempt: 3 },
      ),
      flow,
    ),
  ).toEqual([{ nodeId: 'unpack', attempt: 2, failed: true }]))
