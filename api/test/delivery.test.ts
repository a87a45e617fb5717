import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { eventually, startTestServer, type TestServer } from './support.ts'

interface Delivery {
  id: string
  urgent: boolean
  why: string
  title: string | null
  text: string | null
  card: {
    id: string
    kind: string
    place: string
    messageId: string | null
    replyTo: string | null
    memo: unknown
    shared: boolean
    nodeId: string | null
    taskId: string
    person: { name: string } | null
  }
}
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.end())
beforeEach(() => {
  server.clock.now += 120_000 // alerts of the test before are no storm
  return drain()
})

const NEXT =
  'mutation($max: Int, $waitS: Int) { nextDeliveries(platform: SLACK, max: $max, waitS: $waitS) { id urgent why title text card { id kind place messageId replyTo memo shared nodeId taskId person { name } } } }'
const lease = async (max = 50, waitS = 0) =>
  (await server.as<{ nextDeliveries: Delivery[] }>('service', NEXT, { max, waitS })).data.nextDeliveries
const ack = async (id: string, more: object = {}) =>
  (
    await server.as<{ ackDelivery: boolean }>(
      'service',
      'mutation($id: ID!, $messageId: String, $memo: JSON, $error: String, $retryAfterS: Int, $undeliverable: Boolean) { ackDelivery(id: $id, messageId: $messageId, memo: $memo, error: $error, retryAfterS: $retryAfterS, undeliverable: $undeliverable) }',
      { id, ...more },
    )
  ).data.ackDelivery
/** Acknowledges everything until nothing is owed; returns it in order. */
async function drain(): Promise<Delivery[]> {
  const all: Delivery[] = []
  for (;;) {
    const some = await lease()
    if (some.length === 0) return all
    for (const delivery of some) await ack(delivery.id, { messageId: `m-${delivery.card.id}` })
    all.push(...some)
  }
}
/** Leases until a delivery fits, acknowledging what comes before. */
const until = (fits: (delivery: Delivery) => boolean): Promise<Delivery> =>
  eventually(async () => {
    for (const delivery of await lease()) {
      if (fits(delivery)) return delivery
      await ack(delivery.id, { messageId: `m-${delivery.card.id}` })
    }
    return null
  })

describe('what chats are owed', () => {
  test('a launch on the phone opens a card for the starter and one in the app’s room; the alert is private', async () => {
    const { id } = await server.launch({ ok: false })
    const alert = await until(({ card }) => card.kind === 'ATTENTION' && card.place === 'slack:@UMAI')
    expect(alert).toMatchObject({
      why: 'opened',
      urgent: true,
      card: { nodeId: 'deploy', shared: false, taskId: id, person: { name: 'Mai' } },
    })
    const cards = server.db.read((tx) => catalogue.cardsOf(tx, id))
    const routed = cards.filter(({ kind }) => kind !== 'thread')
    expect(routed.map(({ kind, place, shared }) => [kind, place, shared])).toEqual([
      ['task', 'slack:@UMAI', false],
      ['task', 'slack:C0OPS', true],
      ['attention', 'slack:@UMAI', false],
      ['attention', 'slack:@UOLGA', false],
    ])
  })
  test('a card under lease gets nothing more until it is acknowledged; then only the newest', async () => {
    const { id } = await server.launch()
    const first = await until(({ card }) => card.kind === 'TASK' && card.place === 'slack:@UMAI' && card.taskId === id)
    await server.until(id, 'waiting')
    for (const verb of ['pauseTask', 'resumeTask', 'pauseTask'])
      await server.as('Mai', `mutation($id: ID!) { ${verb}(id: $id) { id } }`, { id })
    await eventually(() => server.db.read((tx) => catalogue.taskRow(tx, id))?.phase === 'paused')
    expect((await drain()).filter(({ card }) => card.id === first.card.id)).toEqual([])
    await ack(first.id, { messageId: 'posted' })
    const later = (await drain()).filter(({ card }) => card.id === first.card.id)
    expect(later).toMatchObject([{ why: 'changed', card: { messageId: 'posted' } }])
  })
  test('a card that was posted gets a thread beneath it, which is told what happens in one breath', async () => {
    const { id } = await server.launch()
    const first = await until(({ card }) => card.kind === 'TASK' && card.place === 'slack:C0OPS' && card.taskId === id)
    await ack(first.id, { messageId: 'C1:1' })
    expect((await drain()).filter(({ card }) => card.kind === 'THREAD')).toEqual([])
    server.clock.now += 6_000
    const told = await until(({ card }) => card.kind === 'THREAD' && card.place === 'slack:C0OPS' && card.taskId === id)
    expect(told).toMatchObject({ urgent: false, card: { replyTo: 'C1:1', memo: null, messageId: null } })
    await ack(told.id, { messageId: 'C1:2', memo: { from: 7 }, retryAfterS: 0 })
    const more = await until(({ card }) => card.id === told.card.id)
    expect(more.card).toMatchObject({ messageId: 'C1:2', memo: { from: 7 } })
    await ack(more.id, { messageId: 'C1:2' })
  })
  test('as nobody the bots read who did what, without the events behind it; a state stands in rooms its app names', async () => {
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    const ASK =
      'query($id: ID!) { task(id: $id) { here: mayStandIn(place: "slack:C0OPS") there: mayStandIn(place: "slack:C0ELSE") events { entries { text data ended { nodeId logged } by { name } } } } }'
    interface Read {
      task: {
        here: boolean
        there: boolean
        events: { entries: { text: string; data: unknown[]; by: { name: string }; ended: { logged: number }[] }[] }
      }
    }
    const { task } = (await server.as<Read>('service', ASK, { id })).data
    expect(task).toMatchObject({ here: true, there: false })
    expect(task.events.entries[0]).toMatchObject({ text: 'Launched', data: [], by: { name: 'Mai' } })
    expect(task.events.entries.flatMap(({ ended }) => ended).every(({ logged }) => logged === 0)).toBe(true)
    const own = (await server.as<Read>('Mai', ASK, { id })).data.task
    expect(own.events.entries[0]?.data).not.toEqual([])
  })
  test('a lease that is not acknowledged is given again after 30 s, a second acknowledgement is none', async () => {
    const { id } = await server.launch()
    const first = await until(({ card }) => card.taskId === id)
    server.clock.now += 30_001
    const again = await until(({ id: delivery }) => delivery === first.id)
    expect(await ack(again.id, { messageId: 'x' })).toBe(true)
    expect(await ack(first.id, { messageId: 'y' })).toBe(false)
  })
  test('what bots of an earlier process had leased is due at once for those that start now', async () => {
    const { id } = await server.launch()
    const first = await until(({ card }) => card.taskId === id)
    expect((await lease()).some((delivery) => delivery.id === first.id)).toBe(false)
    await server.db.write((tx) => catalogue.freeLeases(tx, server.clock.now))
    expect((await lease()).some((delivery) => delivery.id === first.id)).toBe(true)
    await ack(first.id, { messageId: 'x' })
    server.clock.now += 30_001
  })
  test('Retry-After is obeyed and nothing is lost', async () => {
    const { id } = await server.launch()
    const first = await until(({ card }) => card.taskId === id && card.place === 'slack:@UMAI')
    await ack(first.id, { retryAfterS: 60 })
    expect((await drain()).some(({ card }) => card.id === first.card.id)).toBe(false)
    server.clock.now += 60_000
    expect((await drain()).filter(({ card }) => card.id === first.card.id)).toMatchObject([{ why: 'opened' }])
  })
  test('waiting for the first delivery ends when there is one', async () => {
    const waiting = lease(50, 20)
    const { id } = await server.launch()
    expect((await waiting).some(({ card }) => card.taskId === id)).toBe(true)
  })
  test('after a decision on the phone every copy of the card is closed', async () => {
    const { id } = await server.launch({ ok: false })
    await server.until(id, 'attention')
    await until(({ card }) => card.kind === 'ATTENTION' && card.taskId === id && card.place === 'slack:@UOLGA')
    await drain()
    await server.as('Olga', 'mutation($input: NodeInput!) { skipNode(input: $input) { id } }', {
      input: { taskId: id, nodeId: 'deploy', attempt: 1 },
    })
    await eventually(() =>
      server.db.read((tx) => catalogue.openCardsOf(tx, id)).every(({ kind }) => kind !== 'attention'),
    )
    server.clock.now += 30_001 // the lease taken above is given again
    const closing = await drain()
    expect(
      closing
        .filter(({ card }) => card.kind === 'ATTENTION' && card.taskId === id)
        .map(({ why, card }) => [why, card.place]),
    ).toEqual(expect.arrayContaining([['closed', 'slack:@UMAI']]))
  })
})

describe('what cannot be delivered', () => {
  test('a room that is gone: the starter is told in private how to mend it, and the owner sees it', async () => {
    const { id } = await server.launch({}, { startNow: false })
    const room = await until(({ card }) => card.shared && card.taskId === id)
    await ack(room.id, { undeliverable: true, error: 'not_in_channel' })
    const told = await until(({ card }) => card.kind === 'MESSAGE' && card.taskId === id)
    expect(told).toMatchObject({ card: { place: 'slack:@UMAI' }, text: expect.stringContaining('not_in_channel') })
    const list = await server.as<{ deliveries: { nodes: object[] } }>(
      'Ada',
      '{ deliveries(undeliverable: true) { nodes { error card { place } } } }',
    )
    expect(list.data.deliveries.nodes).toContainEqual({ error: 'not_in_channel', card: { place: 'slack:C0OPS' } })
  })
})

test('a message for somebody who is suspended is nobody’s, and one for an account that is theirs no more is not given to it', async () => {
  const owe = (person: string, place: string) =>
    server.db.write((tx) => {
      const about = { kind: 'message', subject: `m:${place}`, taskId: '', askId: null, nodeId: null, platform: 'slack' }
      const { card } = catalogue.cardAt(tx, { ...about, place, shared: false, person }, server.clock.now)
      catalogue.owe(tx, card, { why: 'message', urgent: true, title: 'T', text: 'x' }, server.clock.now)
    })
  await owe(server.ids.Vic, 'slack:@UVIC')
  await owe(server.ids.Stu, 'slack:@UGONE')
  await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Vic, { active: false }))
  const given = await drain()
  expect(given.filter(({ card }) => ['slack:@UVIC', 'slack:@UGONE'].includes(card.place))).toEqual([])
  await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Vic, { active: true }))
})

test('what was not yet said to somebody who may not see the task any more is not said; what its author sends them is', async () => {
  const apply = (d: string) =>
    server.as('Ada', 'mutation($d: String!) { apply(documents: $d, force: true) { documents { name } } }', { d })
  const app = (see: string) =>
    `apiVersion: baton/v1\nkind: App\nmetadata: {name: ship, title: Ship}\nspec: {flow: ship, launch: ["role:makers"], see: ${see}, operators: ["role:ops"], rooms: ["slack:C0OPS"], taskTitle: "Ship \${version}", form: {count: {fixed: 4}}, aliases: [发布]}`
  const ops = (members: string) =>
    `apiVersion: baton/v1\nkind: Role\nmetadata: {name: ops, title: Ops}\nspec: {members: ${members}}`
  const { data } = await server.as<{ document: { source: string } }>(
    'Ada',
    '{ document(kind: "Role", name: "ops") { source } }',
  )
  await apply(app('["role:ops"]'))
  const { id } = await server.launch({ ok: false })
  await server.until(id, 'attention')
  const place = 'slack:@UOLGA'
  const cards = () => server.db.read((tx) => catalogue.cardsOf(tx, id)).filter((card) => card.place === place)
  await eventually(() => cards().some(({ kind }) => kind === 'attention'))
  const owe = (subject: string) =>
    server.db.write((tx) => {
      const about = { kind: 'message', subject, taskId: id, askId: null, nodeId: null, platform: 'slack' }
      const { card } = catalogue.cardAt(
        tx,
        { ...about, place, shared: false, person: server.ids.Olga },
        server.clock.now,
      )
      catalogue.owe(tx, card, { why: 'message', urgent: true, title: subject, text: 'x' }, server.clock.now)
    })
  await owe('late')
  await owe('message:notice:1')
  await apply(ops('[Quinn]'))
  const given = (await drain()).filter(({ card }) => card.taskId === id && card.place === place)
  expect(given.map(({ title }) => title)).toEqual(['message:notice:1'])
  // Nor does the list of what waits for whom keep it in sight.
  expect((await server.as('Olga', 'query($id: ID!) { task(id: $id) { id } }', { id })).data).toEqual({ task: null })
  const mine = new Set(cards().map((card) => card.id))
  const left = server.db.read((tx) => catalogue.listDeliveries(tx, false, 200, null))
  expect(left.filter(({ cardId, state }) => mine.has(cardId) && state === 'pending')).toEqual([])
  await apply(data.document.source)
  expect((await server.as('Olga', 'query($id: ID!) { task(id: $id) { id } }', { id })).data).toEqual({ task: { id } })
  await apply(app('[everyone]'))
})

test('a room that cannot be reached is named as people know it', async () => {
  const { id } = await server.launch()
  await server.db.write((tx) => catalogue.seeWorkspace(tx, 'slack', 'C0OPS', 'Ops room', server.clock.now))
  const room = await until(({ card }) => card.taskId === id && card.place === 'slack:C0OPS')
  await ack(room.id, { undeliverable: true, error: 'not_in_channel' })
  const told = await until(({ card }) => card.kind === 'MESSAGE' && card.taskId === id)
  expect(told.text).toContain('could not be posted to Ops room (not_in_channel)')
})

describe('a storm of failures', () => {
  test('ten alerts of one app within a minute are one digest per recipient, which counts on until it is posted', async () => {
    const launched = await Promise.all(Array.from({ length: 12 }, () => server.launch({ ok: false })))
    await Promise.all(launched.map(({ id }) => server.until(id, 'attention')))
    await eventually(() =>
      launched.every(({ id }) => server.db.read((tx) => catalogue.taskRow(tx, id))?.phase === 'attention'),
    )
    server.clock.now += 3_000 // the digest waits a moment for those that come along
    const alerts = (await drain()).filter(
      ({ card, why }) => card.place === 'slack:@UMAI' && (card.kind === 'ATTENTION' || why === 'digest'),
    )
    expect(alerts).toHaveLength(1)
    expect(alerts[0]).toMatchObject({
      why: 'digest',
      text: expect.stringMatching(/^12 tasks of Ship need someone\. First: Ship v1 #\d+/),
    })
  })
})

describe('buttons', () => {
  const make = async (cardId: string, buttons: object[]) =>
    (
      await server.as<{ makeButtons: string[] }>(
        'service',
        'mutation($cardId: ID!, $buttons: [ButtonInput!]!) { makeButtons(cardId: $cardId, buttons: $buttons) }',
        { cardId, buttons },
      )
    ).data.makeButtons
  type Resolved = {
    resolveButton: { verb: string; stale: boolean; truth: string | null; allowed: boolean; why: string | null }
  }
  const press = async (token: string, who: string) =>
    server.as<Resolved>(
      'service',
      'query($token: String!) { resolveButton(token: $token) { verb stale truth allowed why } }',
      { token },
      { 'x-baton-acting': `slack:T1:${who}` },
    )

  test('a button is random, short, stands for one thing, and tells the truth once that is decided', async () => {
    const { id } = await server.launch({ ok: false })
    await server.until(id, 'attention')
    const { card } = await until(
      (one) => one.card.kind === 'ATTENTION' && one.card.taskId === id && one.card.place === 'slack:@UMAI',
    )
    const target = { verb: 'retry', taskId: id, nodeId: 'deploy', attempt: 1 }
    const [token = ''] = await make(card.id, [target, { ...target, verb: 'skip' }])
    expect(Buffer.byteLength(token)).toBeLessThanOrEqual(32)
    expect((await make(card.id, [target]))[0]).toBe(token) // drawn again: the same press
    expect((await press(token, 'UMAI')).data.resolveButton).toMatchObject({
      verb: 'retry',
      stale: false,
      allowed: true,
    })
    expect((await press(token, 'UVIC')).data.resolveButton).toMatchObject({
      stale: false,
      allowed: false,
      why: expect.stringContaining('Mai'),
    })
    expect((await press(token, 'USTRANGER')).errors![0]!.extensions['code']).toBe('UNAUTHENTICATED')
    await server.as('Olga', 'mutation($input: NodeInput!) { retryNode(input: $input) { id } }', {
      input: { taskId: id, nodeId: 'deploy', attempt: 1 },
    })
    await server.until(id, 'attention')
    const late = (await press(token, 'UMAI')).data.resolveButton
    expect(late).toMatchObject({ stale: true, allowed: false })
    expect(late.truth).toMatch(/^Retried by Olga at \d\d:\d\d, failed$/)
  })
  test('an approval pressed by the second person says who decided', async () => {
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    const [ask] = [...(await server.engine.task(id))!.state.asks.values()]
    const { card } = await until((one) => one.card.kind === 'ASK' && one.card.taskId === id)
    const [token = ''] = await make(card.id, [{ verb: 'approve', taskId: id, askId: ask!.id, digest: ask!.digest }])
    expect((await press(token, 'UQUINN')).data.resolveButton.allowed).toBe(true)
    await server.as('Quinn', 'mutation($input: DecideInput!) { decide(input: $input) { id } }', {
      input: { askId: ask!.id, digest: ask!.digest, verdict: 'APPROVE' },
    })
    expect((await press(token, 'UQUINN')).data.resolveButton).toMatchObject({
      stale: true,
      truth: expect.stringMatching(/^Approved by Quinn at \d\d:\d\d/),
    })
  })
  test('an invented token is nothing', async () => {
    expect((await press('A'.repeat(22), 'UMAI')).errors![0]!.extensions['code']).toBe('NOT_FOUND')
  })
})

describe('the bots’ memory', () => {
  const set = (expected: number | null, value: unknown, ttlS = 60) =>
    server.as<{ setBotState: { version: number } }>(
      'service',
      'mutation($expected: Int, $value: JSON, $ttlS: Int!) { setBotState(key: "k", expected: $expected, value: $value, ttlS: $ttlS) { version value } }',
      { expected, value, ttlS },
    )
  const get = async () =>
    (
      await server.as<{ botState: { version: number; value: unknown } | null }>(
        'service',
        '{ botState(key: "k") { version value } }',
      )
    ).data.botState

  test('compare and set: of two, one wins; it expires', async () => {
    expect((await set(null, { step: 1 })).data.setBotState.version).toBe(1)
    const both = await Promise.all([set(1, { step: 2 }), set(1, { step: 'two' })])
    expect(both.map(({ errors }) => errors?.[0]?.extensions['code']).sort()).toEqual(['STALE', undefined])
    expect(await get()).toMatchObject({ version: 2 })
    server.clock.now += 60_001
    expect(await get()).toBeNull()
    expect((await set(null, 'new')).data.setBotState.version).toBe(1)
  })
})

describe('whom a card calls', () => {
  const CALLS =
    'mutation { nextDeliveries(platform: SLACK, max: 50) { id why mentions { person name user } card { id kind place messageId taskId } } }'
  interface Called {
    id: string
    why: string
    mentions: { name: string; user: string }[]
    card: { kind: string; place: string; taskId: string }
  }
  /** Leases all there is for a task, and acknowledges it. */
  async function callsOf(task: string): Promise<Called[]> {
    const all: Called[] = []
    for (;;) {
      const { data } = await server.as<{ nextDeliveries: Called[] }>('service', CALLS, {})
      if (data.nextDeliveries.length === 0) return all.filter(({ card }) => card.taskId === task)
      for (const one of data.nextDeliveries) await ack(one.id, { messageId: `m-${one.id}` })
      all.push(...data.nextDeliveries)
    }
  }
  const APP = (name: string) => `
apiVersion: baton/v1
kind: Flow
metadata: {name: ${name}, title: Loud}
spec:
  nodes: {deploy: {use: test.work@1, title: Deploy, with: {ok: false}}}
  notify: {attention: [starter, "role:ops", "room:slack:C0LOUD"]}
---
apiVersion: baton/v1
kind: App
metadata: {name: ${name}, title: Loud}
spec: {flow: ${name}, launch: [everyone]}
`
  async function make(name: string): Promise<void> {
    await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: APP(name) })
    await server.as('Ada', 'mutation($name: String!) { publishFlow(name: $name) { version } }', { name })
  }
  async function fail(name: string): Promise<string> {
    const { data } = await server.as<{ launch: { id: string } }>(
      'Mai',
      'mutation($app: String!) { launch(input: {app: $app}) { id } }',
      { app: name },
    )
    await server.until(data.launch.id, 'attention')
    return data.launch.id
  }
  const inRoom = (calls: readonly Called[]): string[] =>
    calls
      .filter(({ card }) => card.kind === 'ATTENTION' && card.place === 'slack:C0LOUD')
      .flatMap(({ mentions }) => mentions.map(({ user }) => user))
      .sort()

  test('those who are asked, by their accounts, once; people read nothing of it', async () => {
    await make('loud')
    const id = await fail('loud')
    const first = await eventually(async () => {
      const found = await callsOf(id)
      return found.some(({ card }) => card.place === 'slack:C0LOUD') ? found : null
    })
    expect(inRoom(first)).toEqual(['UMAI', 'UOLGA'])
    expect(first.filter(({ card }) => card.kind === 'TASK').flatMap(({ mentions }) => mentions)).toEqual([])
    await server.as('Olga', 'mutation($input: NodeInput!) { retryNode(input: $input) { id } }', {
      input: { taskId: id, nodeId: 'deploy', attempt: 1 },
    })
    expect(
      (await server.as('Ada', '{ deliveries(undeliverable: false) { nodes { mentions { user } } } }')).errors,
    ).toBeUndefined()
  })
  test('nobody who has muted it or has quiet hours is called in a room', async () => {
    await make('quietly')
    await server.as('Mai', 'mutation { mute(app: "quietly") { chosen } }')
    await server.as(
      'Olga',
      'mutation { setAlertSettings(input: {quiet: {from: "00:00", to: "23:59"}, urgent: []}) { chosen } }',
    )
    server.clock.now += 120_000
    const id = await fail('quietly')
    const calls = await eventually(async () => {
      const found = await callsOf(id)
      return found.some(({ card }) => card.place === 'slack:C0LOUD') ? found : null
    })
    expect(inRoom(calls)).toEqual([])
    await server.as('Olga', 'mutation { setAlertSettings(input: {quiet: null}) { chosen } }')
  })
})
