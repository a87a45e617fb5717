import { describe, expect, test } from 'vitest'
import type { catalogue, IndexRow, Notice } from '../../engine/index.ts'
import { isShared, roomOf } from './place.ts'
import { homesOf, route, type RoutingFacts, type Step } from './routing.ts'

const row: IndexRow = {
  id: 't1',
  version: 5,
  number: 1,
  project: 'default',
  title: 'Ship v1',
  app: 'ship',
  flow: 'ship',
  phase: 'running',
  waitingFor: [],
  outcome: null,
  startedBy: 'mai',
  createdAt: 0,
  endedAt: null,
  updatedAt: 0,
  rehearsal: false,
  needs: [],
  followers: [],
}
const PLACES: Readonly<Record<string, readonly string[]>> = {
  mai: ['slack:@UMAI', 'telegram:42'],
  olga: ['slack:@UOLGA'],
  quinn: ['telegram:7'],
  zoe: [], // no chat at all
}
const PEOPLE: Readonly<Record<string, readonly string[]>> = {
  starter: ['mai'],
  'role:ops': ['olga', 'zoe'],
  'role:qa': ['quinn'],
}
const facts = (over: Partial<RoutingFacts> = {}): RoutingFacts => ({
  row,
  origin: null,
  rooms: ['slack:C0OPS'],
  operators: ['role:ops'],
  attentionIsSet: false,
  directory: { people: (ref) => (PEOPLE[ref] ?? []).map((id) => ({ id, name: id })) },
  placesOf: (person) => PLACES[person] ?? [],
  cards: [],
  ...over,
})
const card = (over: Partial<catalogue.Card>): catalogue.Card => ({
  id: 'c1',
  kind: 'task',
  subject: 'task',
  taskId: 't1',
  askId: null,
  nodeId: null,
  platform: 'slack',
  place: 'slack:@UMAI',
  messageId: 'm',
  memo: null,
  shared: false,
  person: 'mai',
  open: true,
  createdAt: 0,
  ...over,
})
const opened = (steps: readonly Step[]) =>
  steps.flatMap((step) => (step.do === 'open' ? [`${step.kind} ${step.place}`] : []))
const said = (steps: readonly Step[]) =>
  steps.map((step) =>
    step.do === 'open'
      ? `open ${step.kind} ${step.place}`
      : `${step.do} ${step.cardId}${step.do === 'change' && step.why !== 'changed' ? ` ${step.why}` : ''}`,
  )

describe('a request', () => {
  const asked: Notice = { kind: 'request', refs: ['role:ops', 'role:qa'], why: 'opened' }
  test('goes to everybody it was handed to, in private, and anew each time it is their turn', () => {
    expect(opened(route(asked, facts()))).toEqual(['request slack:@UOLGA', 'request telegram:7'])
    const subjects = (version: number): string[] =>
      route(asked, facts({ row: { ...row, version } })).flatMap((step) => (step.do === 'open' ? [step.subject] : []))
    expect(new Set([...subjects(5), ...subjects(6)]).size).toBe(2)
  })
  test('over, its cards are closed and the others stay', () => {
    const cards = [card({ id: 'r1', kind: 'request', subject: 'request:5', place: 'slack:@UOLGA' }), card({})]
    expect(said(route({ kind: 'request_over' }, facts({ cards })))).toEqual(['close r1'])
  })
  test('whoever carries it has the task card too, wherever it was launched', () => {
    const carried = { ...row, holder: 'quinn' }
    const places = (origin: string | null): string[] =>
      homesOf(facts({ row: carried, origin })).map(({ place }) => place)
    expect(places('slack:C0REL')).toEqual(['slack:C0REL', 'telegram:7'])
    expect(places(null)).toEqual(['slack:@UMAI', 'telegram:42', 'telegram:7', 'slack:C0OPS'])
  })
})

describe('the task card', () => {
  test.each([
    { what: 'launched in a room goes there alone', origin: 'slack:C0REL', places: ['slack:C0REL'] },
    { what: 'launched in a topic goes to that topic', origin: 'telegram:-100/7', places: ['telegram:-100/7'] },
    {
      what: 'launched in private goes to that chat and the app’s rooms',
      origin: 'telegram:42',
      places: ['telegram:42', 'slack:C0OPS'],
    },
    {
      what: 'launched in Slack’s direct messages goes to them',
      origin: 'slack:D12',
      places: ['slack:@UMAI', 'slack:C0OPS'],
    },
    {
      what: 'launched on the phone goes to every chat of the starter and the app’s rooms',
      origin: null,
      places: ['slack:@UMAI', 'telegram:42', 'slack:C0OPS'],
    },
  ])('$what', ({ origin, places }) => {
    expect(homesOf(facts({ origin })).map(({ place }) => place)).toEqual(places)
    expect(opened(route({ kind: 'changed' }, facts({ origin })))).toEqual(places.map((place) => `task ${place}`))
  })
  test('is drawn anew where it is, and posted where it is missing', () => {
    expect(said(route({ kind: 'changed' }, facts({ cards: [card({})], rooms: [] })))).toEqual([
      'open task telegram:42',
      'change c1',
    ])
  })
  test('becomes the receipt at the end, and every other card loses its buttons', () => {
    const cards = [
      card({}),
      card({ id: 'c2', kind: 'ask', subject: 'ask:1', askId: '1' }),
      card({ id: 'c3', open: false }),
    ]
    expect(
      said(
        route(
          { kind: 'changed' },
          facts({ row: { ...row, phase: 'succeeded' }, origin: 'slack:@UMAI', rooms: [], cards }),
        ),
      ),
    ).toEqual(['close c1', 'close c2'])
  })
})

describe('alerts', () => {
  const attention = (over: object = {}): Notice => ({
    kind: 'attention',
    nodeId: 'deploy',
    attempt: 1,
    refs: ['starter'],
    why: 'failed',
    ...over,
  })
  test('go to the starter and the app’s operators in private, not to the room of the launch', () => {
    expect(opened(route(attention(), facts({ origin: 'slack:C0REL' })))).toEqual([
      'attention slack:@UMAI',
      'attention telegram:42',
      'attention slack:@UOLGA',
    ])
  })
  test('go where the author said, rooms included', () => {
    const set = { attentionIsSet: true }
    expect(opened(route(attention({ refs: ['role:qa', 'room:#release'] }), facts(set)))).toEqual([
      'attention telegram:7',
      'attention slack:#release',
    ])
  })
  const open = card({ id: 'a1', kind: 'attention', subject: 'attention:deploy:1', nodeId: 'deploy' })
  const only = { operators: [], placesOf: (person: string) => (person === 'mai' ? ['slack:@UMAI'] : []) }
  test.each([
    { what: 'another step failing redraws the one card', notice: attention({ nodeId: 'verify' }), says: ['change a1'] },
    { what: 'the same failure told twice redraws it', notice: attention(), says: ['change a1'] },
    {
      what: 'a failed retry is a new alert in place of the old card',
      notice: attention({ attempt: 2 }),
      says: ['close a1', 'open attention slack:@UMAI'],
    },
    { what: 'a reminder is told on the card', notice: attention({ why: 'reminder' }), says: ['change a1 reminder'] },
  ])('$what', ({ notice, says }) => {
    expect(said(route(notice, facts({ ...only, cards: [open] })))).toEqual(says)
  })
  test('a reminder reaches the app’s operators as the alert did, and whoever it was escalated to', () => {
    const escalated = card({ id: 'a2', kind: 'attention', nodeId: 'deploy', place: 'telegram:7', person: 'quinn' })
    const cards = [{ ...open, place: 'slack:@UMAI' }, escalated]
    expect(said(route(attention({ why: 'reminder' }), facts({ cards })))).toEqual([
      'change a1 reminder',
      'open attention telegram:42',
      'open attention slack:@UOLGA',
      'change a2 reminder',
    ])
  })
  test('escalation reaches new people by a card of their own', () => {
    expect(said(route(attention({ why: 'escalated', refs: ['role:ops'] }), facts({ cards: [open] })))).toEqual([
      'open attention slack:@UOLGA',
    ])
  })
  test('a decision closes the card, and a step that still needs somebody gets the next', () => {
    const over: Notice = { kind: 'attention_over', nodeId: 'deploy', attempt: 1 }
    expect(said(route(over, facts({ cards: [open] })))).toEqual(['close a1'])
    const needs = [{ person: 'mai', kind: 'failure' as const, ref: 'verify' }]
    expect(said(route(over, facts({ row: { ...row, phase: 'attention', needs }, cards: [open] })))).toEqual([
      'close a1',
      'open attention slack:@UMAI',
    ])
  })
})

describe('asks', () => {
  const ask = (people: string[], why: 'opened' | 'reminder' = 'opened'): Notice => ({
    kind: 'ask_opened',
    askId: 't1-1',
    people,
    why,
  })
  test('go to the people asked, in private; whoever has no chat finds it in the inbox', () => {
    expect(opened(route(ask(['quinn', 'zoe']), facts({ origin: 'slack:C0REL' })))).toEqual(['ask telegram:7'])
  })
  test('an answer changes every copy, the end closes them', () => {
    const cards = [
      card({ id: 'k1', kind: 'ask', askId: 't1-1' }),
      card({ id: 'k2', kind: 'ask', askId: 't1-1', place: 'telegram:7' }),
      card({ id: 'k3', kind: 'ask', askId: 't1-2' }),
    ]
    expect(said(route({ kind: 'ask_changed', askId: 't1-1' }, facts({ cards })))).toEqual(['change k1', 'change k2'])
    expect(said(route({ kind: 'ask_closed', askId: 't1-1' }, facts({ cards })))).toEqual(['close k1', 'close k2'])
  })
  test('a reminder is told on the card that is there', () => {
    const cards = [card({ id: 'k1', kind: 'ask', askId: 't1-1', place: 'telegram:7' })]
    expect(said(route(ask(['quinn'], 'reminder'), facts({ cards })))).toEqual(['change k1 reminder'])
  })
})

describe('messages', () => {
  test('a finished task is told where notify.finished says so, once per place', () => {
    expect(opened(route({ kind: 'finished', refs: ['starter', 'starter', 'room:slack:C1'] }, facts()))).toEqual([
      'message slack:@UMAI',
      'message telegram:42',
      'message slack:C1',
    ])
  })
  test('a notice of a step goes to rooms and people by their refs', () => {
    const message = {
      to: ['role:qa', '#ops', 'telegram:-5/2', 'nobody@example.org'],
      title: 'T',
      text: 'x',
      level: 'info' as const,
    }
    expect(opened(route({ kind: 'message', id: 'm1', message }, facts()))).toEqual([
      'message telegram:7',
      'message slack:#ops',
      'message telegram:-5/2',
    ])
  })
})

test.each([
  ['slack:C0OPS', true],
  ['slack:#release', true],
  ['slack:G1', true],
  ['slack:@U1', false],
  ['slack:D1', false],
  ['telegram:-100/7', true],
  ['telegram:42', false],
  ['nonsense', true],
] as const)('%s is shared: %s', (place, shared) => {
  expect(isShared(place)).toBe(shared)
})
test.each([
  ['room:#release', 'slack:#release'],
  ['#release', 'slack:#release'],
  ['slack:C1', 'slack:C1'],
  ['room:telegram:-1/2', 'telegram:-1/2'],
  ['role:ops', null],
  ['Li Wei', null],
])('%s as a room: %s', (ref, room) => {
  expect(roomOf(ref)).toBe(room)
})

test('a rehearsal speaks in no room and wakes no operator', () => {
  const rehearsal = facts({ row: { ...row, rehearsal: true } })
  expect(homesOf(rehearsal).map(({ place }) => place)).toEqual(['slack:@UMAI', 'telegram:42'])
  const failure: Notice = { kind: 'attention', nodeId: 'a', attempt: 1, refs: ['starter'], why: 'failed' }
  expect(opened(route(failure, rehearsal))).toEqual(['attention slack:@UMAI', 'attention telegram:42'])
})
