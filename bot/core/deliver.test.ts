import { afterEach, describe, expect, test, vi } from 'vitest'
import type { PlacedCard } from './card.ts'
import { ClientError } from '../../api/client/index.ts'
import { PortError, type Port } from './contract.ts'
import { startDelivery } from './deliver.ts'
import { fakeClient } from './test/fake-client.ts'
import { attentionSample, taskSample } from './test/samples.ts'

const logged: string[] = []
const silent = { info: () => undefined, warn: () => void logged.push('warn'), error: () => void logged.push('error') }
interface Call {
  readonly how: 'post' | 'edit'
  readonly place: string
  readonly messageId: string | null
  readonly card: PlacedCard
}

/** The server's queue and a platform, both in memory; `fail` throws for the next calls. */
function world(port: Partial<Port> = {}) {
  const calls: Call[] = []
  const acks: Record<string, unknown>[] = []
  const queue: object[] = []
  const failures: PortError[] = []
  const history: { seq: number }[] = []
  let task = taskSample()
  let deaf = false
  let cause = 'Disk full'
  let hidden = false
  let wake: () => void = () => undefined
  const client = fakeClient({
    BotDeliveries: async () => {
      if (queue.length === 0) await new Promise<void>((resolve) => ((wake = resolve), setTimeout(resolve, 20)))
      return { nextDeliveries: queue.splice(0) }
    },
    BotTaskCard: () => ({ task: hidden ? null : task }),
    BotAttentionInRoom: () => ({ task: attentionSample({ causeText: cause }) }),
    BotMakeButtons: ({ buttons }) => ({ makeButtons: (buttons as unknown[]).map((_, n) => `token-${n}`) }),
    BotAck: (variables) => {
      acks.push(variables)
      if (deaf) throw new ClientError('NETWORK', 'no answer')
      return { ackDelivery: true }
    },
    BotHistory: ({ after }) => ({
      task: { ...task, events: { nextAfter: null, entries: history.filter(({ seq }) => seq > Number(after)) } },
    }),
  })
  const call = (how: Call['how'], place: string, messageId: string | null, card: PlacedCard): void => {
    const failure = failures.shift()
    if (failure) throw failure
    calls.push({ how, place, messageId, card })
  }
  const running = startDelivery({
    client,
    log: silent,
    waitS: 0,
    port: {
      platform: 'SLACK',
      limits: () => [],
      post: async (to, card, replyTo) => (call('post', to.place, replyTo ?? null, card), `C1:${calls.length}`),
      edit: async (to, messageId, card) => call('edit', to.place, messageId, card),
      ...port,
    },
  })
  stops.push(() => running.stop())
  return {
    calls,
    acks,
    failures,
    client,
    /** The server no longer hears what was done, or hears again. */
    deafen: (is: boolean) => void (deaf = is),
    /** The task is not there for whoever asks. */
    hide: (is: boolean) => void (hidden = is),
    happens: (seq: number) =>
      void history.push({
        ...{ seq, at: '2026-11-21T14:00:00Z', kinds: ['node_started'], text: `line ${seq}`, follows: [], ended: [] },
        ...{ by: { id: null, name: 'Baton', surface: 'system' } },
      }),
    change: (extra: object) => (task = taskSample(extra)),
    fails: (why: string) => void (cause = why),
    deliver(...deliveries: object[]) {
      queue.push(...deliveries)
      wake()
    },
  }
}
const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  logged.length = 0
  await Promise.all(stops.splice(0).map((stop) => stop()))
})
const delivery = (id: string, extra: object = {}, card: object = {}) => ({
  id,
  urgent: true,
  why: 'changed',
  title: null,
  text: null,
  level: null,
  attempts: 1,
  createdAt: '2026-11-21T14:00:00Z',
  mentions: [] as object[],
  card: {
    id: 'card1',
    kind: 'TASK',
    taskId: 't1',
    askId: null,
    nodeId: null,
    platform: 'SLACK',
    place: 'C1',
    messageId: '',
    shared: true,
    person: null,
    ...card,
  },
  ...extra,
})
/** A busy machine is no failure: the wait is for what must come, however long that takes. */
const PATIENT = { timeout: 20_000, interval: 10 }
const acked = (acks: readonly Record<string, unknown>[], ...ids: string[]) =>
  vi.waitFor(() => expect(acks.map(({ id }) => id).toSorted()).toEqual(ids.toSorted()), PATIENT)

describe('deliveries', () => {
  test('a new card is posted with its buttons, and the server is told where', async () => {
    const { deliver, calls, acks } = world()
    deliver(delivery('d1'))
    await acked(acks, 'd1')
    expect(calls.map(({ how, place }) => [how, place])).toEqual([['post', 'C1']])
    expect(calls[0]?.card.actions.every(({ token }) => token.startsWith('token-'))).toBe(true)
    expect(acks[0]).toMatchObject({ messageId: 'C1:1' })
  })
  test('a change that comes before the server knows the message edits it, and does not post again', async () => {
    const { deliver, calls, acks, change } = world()
    deliver(delivery('d1'))
    await acked(acks, 'd1')
    change({ phase: 'PAUSED' })
    deliver(delivery('d2'))
    await acked(acks, 'd1', 'd2')
    expect(calls.map(({ how, messageId }) => [how, messageId])).toEqual([
      ['post', null],
      ['edit', 'C1:1'],
    ])
  })
  test('after an outage one call shows the present state, and everything owed is acknowledged', async () => {
    const { deliver, calls, acks, failures, change } = world()
    failures.push(new PortError('broken', 'connection refused'))
    deliver(...Array.from({ length: 50 }, (_, n) => delivery(`d${n}`, {}, { messageId: 'C1:9' })))
    await vi.waitFor(() => expect(failures).toEqual([]), PATIENT)
    change({ phase: 'SUCCEEDED', endedAt: '2026-11-21T14:18:00Z' })
    await acked(acks, ...Array.from({ length: 50 }, (_, n) => `d${n}`))
    expect(calls).toHaveLength(1)
    expect(calls[0]?.card.kind).toBe('receipt')
  })
  test('Retry-After is waited for, and then the card goes out', async () => {
    const { deliver, calls, acks, failures } = world({ limits: () => [{ key: 'edit', everyMs: 1, burst: 10 }] })
    failures.push(new PortError('wait', 'slow down', 0.2))
    const from = Date.now()
    deliver(delivery('d1'))
    await acked(acks, 'd1')
    expect(Date.now() - from).toBeGreaterThanOrEqual(190)
    expect(calls).toHaveLength(1)
  })
  test('a message that was deleted is posted anew', async () => {
    const { deliver, calls, acks, failures } = world()
    failures.push(new PortError('gone', 'message_not_found'))
    deliver(delivery('d1', {}, { messageId: 'C1:9' }))
    await acked(acks, 'd1')
    expect(calls.map(({ how }) => how)).toEqual(['post'])
    expect(acks[0]).toMatchObject({ messageId: 'C1:1' })
  })
  test('a place that will never take it is reported, with the reason', async () => {
    const { deliver, acks, failures } = world()
    failures.push(new PortError('undeliverable', 'not_in_channel'))
    deliver(delivery('d1'))
    await acked(acks, 'd1')
    expect(acks[0]).toMatchObject({ undeliverable: true, error: 'not_in_channel' })
    expect(logged).toEqual(['warn']) // a blocked bot is no fault of ours
  })
  test('a private card is read as the person it is for', async () => {
    const { deliver, acks, client } = world()
    const person = {
      id: 'p1',
      name: 'Lin',
      language: 'zh-CN',
      timeZone: null,
      identities: [{ platform: 'slack', team: 'T1', user: 'U7' }],
    }
    deliver(delivery('d1', {}, { shared: false, place: 'U7', person }))
    await acked(acks, 'd1')
    expect(client.calls.find(({ operation }) => operation === 'BotTaskCard')?.account).toBe('slack:T1:U7')
  })
  test('a reminder is a message of its own under the card, since an edit tells nobody', async () => {
    const { deliver, calls, acks } = world()
    deliver(delivery('d1', { why: 'reminder' }, { messageId: 'C1:9' }))
    await acked(acks, 'd1')
    expect(calls.map(({ how, messageId }) => [how, messageId])).toEqual([
      ['edit', 'C1:9'],
      ['post', 'C1:9'],
    ])
    expect(calls[1]?.card.actions).toEqual([])
  })
  test('whoever is asked is called by the post and by a reminder in a room; an edit calls nobody anew', async () => {
    const { deliver, calls, acks, fails } = world()
    const node = attentionSample().node as { asked: { id: string; name: string }[] }
    const [first, second] = node.asked
    const about = { kind: 'ATTENTION', nodeId: 'deploy' }
    const mention = (person: { id: string; name: string }, user: string) => ({
      person: person.id,
      name: person.name,
      user,
    })
    const usersOf = (card: PlacedCard | undefined): string[] =>
      [...(card?.notes ?? []), ...(card?.lines ?? [])]
        .flat()
        .flatMap((span) => (span.kind === 'person' && span.user !== undefined ? [span.user] : []))
    deliver(delivery('d1', { mentions: [mention(first!, 'U7')] }, about))
    await acked(acks, 'd1')
    fails('Disk still full')
    deliver(delivery('d2', { mentions: [mention(second!, 'U8')] }, { ...about, messageId: 'C1:1' }))
    await acked(acks, 'd1', 'd2')
    fails('Disk full, again')
    deliver(delivery('d3', { why: 'reminder', mentions: [mention(second!, 'U8')] }, { ...about, messageId: 'C1:1' }))
    await acked(acks, 'd1', 'd2', 'd3')
    expect(calls.map(({ how, card }) => [how, usersOf(card)])).toEqual([
      ['post', ['U7']],
      ['edit', ['U7']],
      ['edit', ['U7']],
      ['post', ['U8']],
    ])
  })
  test('after a restart an edit keeps whom the post called; where it was removed, what stands anew calls nobody', async () => {
    const { deliver, acks } = world()
    const [asked] = (attentionSample().node as { asked: { id: string; name: string }[] }).asked
    const about = { kind: 'ATTENTION', nodeId: 'deploy', memo: null }
    deliver(delivery('d1', { mentions: [{ person: asked!.id, name: asked!.name, user: 'U7' }] }, about))
    await acked(acks, 'd1')
    const { memo } = acks[0]!
    expect(memo).toEqual({ called: [{ person: asked!.id, name: asked!.name, user: 'U7' }] })

    const usersOf = (card: PlacedCard | undefined): string[] =>
      [...(card?.notes ?? [])].flat().flatMap((span) => (span.kind === 'person' && span.user ? [span.user] : []))
    const again = world() // it remembers nothing
    again.deliver(delivery('d2', {}, { ...about, messageId: 'C1:1', memo }))
    await acked(again.acks, 'd2')
    expect(again.calls.map(({ how, card }) => [how, usersOf(card)])).toEqual([['edit', ['U7']]])
    again.failures.push(new PortError('gone', 'message_not_found'))
    again.fails('Disk still full')
    again.deliver(delivery('d3', {}, { ...about, messageId: 'C1:1', memo }))
    await acked(again.acks, 'd2', 'd3')
    again.fails('Disk full, again')
    again.deliver(delivery('d4', {}, { ...about, messageId: 'C1:1', memo })) // leased before the server knew
    await acked(again.acks, 'd2', 'd3', 'd4')
    expect(again.calls.slice(1).map(({ card }) => usersOf(card))).toEqual([[], []])
    expect(again.acks.find(({ id }) => id === 'd3')).toMatchObject({ memo: { called: [] } })
  })
  const threadPort = {
    thread: { pages: 3, lines: 2, tails: 1, tailLines: 5, limit: () => ({ key: 'threads', everyMs: 1, burst: 9 }) },
  }
  const thread = (id: string, card: object = {}) =>
    delivery(id, { urgent: false }, { id: 'th', kind: 'THREAD', messageId: null, replyTo: 'C1:1', memo: null, ...card })
  test('a thread hangs beneath its card; how far it was told is kept by the server, which is asked to come back for more', async () => {
    const { deliver, calls, acks, happens } = world(threadPort)
    for (const seq of [1, 2, 3]) happens(seq)
    deliver(thread('d1'))
    await acked(acks, 'd1')
    expect(calls.map(({ how, messageId }) => [how, messageId])).toEqual([['post', 'C1:1']])
    const memo = { root: 'C1:1', page: null, pages: 1, after: 2, left: 0 }
    expect(acks[0]).toMatchObject({ memo, retryAfterS: 0 })
    deliver(thread('d2', { memo }))
    await acked(acks, 'd1', 'd2')
    expect(acks[1]).toMatchObject({ messageId: 'C1:2', memo: { page: 'C1:2', pages: 2, after: 2 } })
    expect(acks[1]).not.toHaveProperty('retryAfterS')
  })
  test('a thread whose acknowledgement was lost is not told twice', async () => {
    const { deliver, calls, acks, happens, deafen } = world(threadPort)
    happens(1)
    deafen(true)
    deliver(thread('d1'))
    await acked(acks, 'd1')
    deafen(false)
    happens(2)
    deliver(thread('d2')) // leased with what the server knew before
    await acked(acks, 'd1', 'd2')
    expect(calls.map(({ how, messageId }) => [how, messageId])).toEqual([
      ['post', 'C1:1'],
      ['edit', 'C1:1'],
    ])
  })
  test('a thread whose card is not there yet waits for it', async () => {
    const { deliver, calls, acks, happens } = world(threadPort)
    happens(1)
    deliver(thread('d1', { replyTo: null }))
    await acked(acks, 'd1')
    expect(calls).toEqual([])
    expect(acks[0]).toEqual({ id: 'd1' })
  })
  test('messages are each their own, in order', async () => {
    const { deliver, calls, acks } = world()
    const message = (id: string) =>
      delivery(id, { title: 'Notice', text: `text ${id}`, why: 'message' }, { id: `c${id}`, kind: 'MESSAGE' })
    deliver(message('m1'), message('m2'))
    await acked(acks, 'm1', 'm2')
    expect(calls.map(({ card }) => card.summary)).toEqual(['Notice: text m1', 'Notice: text m2'])
  })
})
describe('a card whose reader may not see it any more', () => {
  const mai = { id: 'p1', name: 'Mai', language: 'en', timeZone: null, identities: [] }
  const person = (extra: object = {}) => ({
    ...mai,
    identities: [{ id: 'i1', platform: 'slack', team: 'T1', user: 'UMAI', name: 'mai' }],
    ...extra,
  })
  test('loses its facts and its buttons, and gets them back when they may again', async () => {
    const { deliver, calls, acks, hide } = world()
    const theirs = { shared: false, person: person(), place: '@UMAI' }
    deliver(delivery('d1', {}, theirs))
    await acked(acks, 'd1')
    expect(calls[0]!.card.actions.length).toBeGreaterThan(0)
    hide(true)
    deliver(delivery('d2', {}, { ...theirs, messageId: 'C1:1' }))
    await acked(acks, 'd1', 'd2')
    expect(calls[1]).toMatchObject({ how: 'edit', messageId: 'C1:1', card: { actions: [] } })
    expect(JSON.stringify(calls[1]!.card)).toContain('not yours to see any more')
    expect(JSON.stringify(calls[1]!.card)).not.toContain(taskSample().title)
    hide(false)
    deliver(delivery('d3', {}, { ...theirs, messageId: 'C1:1' }))
    await acked(acks, 'd1', 'd2', 'd3')
    expect(calls[2]!.card.actions.length).toBeGreaterThan(0)
  })
  test('is not drawn for an account that is theirs no more, by the rights of another that they have', async () => {
    const { deliver, calls, acks } = world()
    const other = person({ identities: [{ id: 'i2', platform: 'slack', team: 'T2', user: 'UNEW', name: 'mai' }] })
    deliver(delivery('d1', {}, { shared: false, person: other, place: '@UMAI', messageId: 'C1:1' }))
    await acked(acks, 'd1')
    expect(JSON.stringify(calls[0]!.card)).toContain('not yours to see any more')
  })
  test('is not read by the bots’ own rights when its account is somebody else’s by now', async () => {
    const { deliver, calls, acks } = world()
    deliver(
      delivery('d1', {}, { shared: false, person: person({ identities: [] }), place: '@UMAI', messageId: 'C1:1' }),
    )
    await acked(acks, 'd1')
    expect(JSON.stringify(calls[0]!.card)).toContain('not yours to see any more')
  })
})
