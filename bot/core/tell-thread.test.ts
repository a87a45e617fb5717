import { describe, expect, test } from 'vitest'
import type { PlacedCard } from './card.ts'
import { PortError, type Port } from './contract.ts'
import { tellThread } from './tell-thread.ts'
import { fakeClient } from './test/fake-client.ts'
import { actor } from './test/samples.ts'
import { textsFor } from './texts.ts'

const entry = (seq: number, extra: object = {}) => ({
  seq,
  at: '2026-11-21T14:00:00Z',
  kinds: ['node_succeeded'],
  text: `Step ${seq} done`,
  follows: [],
  by: { ...actor('Baton'), id: null },
  ended: [],
  ...extra,
})
const many = (n: number) => Array.from({ length: n }, (_, at) => entry(at + 1))
const log = (nodeId: string) => ({ nodeId, attempt: 1, failed: false, logged: 214 })

/** A server with a history, and a platform that keeps what it is sent; `fail` is thrown by the next call. */
function world(history: ReturnType<typeof entry>[], { shared = false } = {}) {
  const calls: { how: string; id: string | null; as: string | undefined; card: PlacedCard }[] = []
  const failures: PortError[] = []
  let entries = history
  const service = fakeClient({
    BotHistory: ({ after, first }) => {
      const found = entries.filter(({ seq }) => seq > Number(after))
      const page = found.slice(0, Number(first))
      const nextAfter = found.length > page.length ? (page.at(-1)?.seq ?? null) : null
      return { task: { id: 't1', title: 'Release', url: 'http://x/tasks/1', events: { nextAfter, entries: page } } }
    },
    BotLogTail: ({ node }) => ({
      task: {
        id: 't1',
        number: 1,
        title: 'Release',
        url: 'http://x/tasks/1',
        node: {
          id: node,
          title: `Step ${node}`,
          state: 'SUCCEEDED',
          attempt: 1,
          log: { total: 214, lines: [{ at: '2026-11-21T14:00:01Z', text: `printed by ${node}` }] },
        },
      },
    }),
    BotMakeButtons: ({ buttons }) => ({ makeButtons: (buttons as unknown[]).map((_, n) => `token-${n}`) }),
  })
  const call = (how: string, id: string | null, card: PlacedCard, as?: string): void => {
    const failure = failures.shift()
    if (failure) throw failure
    calls.push({ how, id, as, card })
  }
  const port: Port = {
    platform: 'SLACK',
    thread: { pages: 3, lines: 10, tails: 2, tailLines: 20, limit: () => ({ key: 't', everyMs: 1, burst: 9 }) },
    limits: () => [],
    post: async (_to, card, replyTo, as) => (call('post', replyTo ?? null, card, as), `m${calls.length}`),
    edit: async (_to, id, card) => call('edit', id, card),
  }
  const drawn = new Map<string, string>()
  let memo: unknown = null
  return {
    calls,
    failures,
    service,
    happens: (...more: ReturnType<typeof entry>[]) => void (entries = [...entries, ...more]),
    /** As the deliveries do it: on and on while there is more. */
    async tell(root = 'root') {
      for (;;) {
        const { told, more } = await tellThread({
          service,
          reader: service,
          port,
          to: { place: 'C1', shared, language: 'en', timeZone: null },
          texts: textsFor('en'),
          card: { id: 'card1', taskId: 't1' },
          root,
          memo,
          tokens: new Map(),
          drawn,
          now: 0,
        })
        memo = told
        if (!more) return
      }
    },
  }
}
const textOf = (card: PlacedCard | undefined): string => JSON.stringify(card)

describe('telling a thread', () => {
  test('one post beneath the card for many things, then edits of it; nothing new is no call', async () => {
    const { tell, calls, happens } = world(many(3))
    await tell()
    happens(entry(4))
    await tell()
    await tell()
    expect(calls.map(({ how, id, as }) => [how, id, as])).toEqual([
      ['post', 'root', 'thread'],
      ['edit', 'm1', undefined],
    ])
    expect(calls[1]?.card.timeline).toHaveLength(4)
  })
  test('a task of a thousand steps makes as many posts as a thread has pages, and the last says what it left', async () => {
    const { tell, calls } = world(many(1000))
    await tell()
    expect(calls.map(({ how }) => how)).toEqual(['post', 'post', 'post'])
    expect(textOf(calls[2]?.card)).toContain('970 lines before these')
    expect(calls[2]?.card.timeline.at(-1)?.line.at(-1)).toMatchObject({ text: 'Step 1000 done' })
  })
  test('in private a step that ended has its last lines beneath it, and the way to all of them', async () => {
    const { tell, calls } = world([entry(1, { ended: [log('build')] })])
    await tell()
    expect(calls[0]?.card.timeline[0]?.log).toEqual(['14:00:01  printed by build'])
    expect(textOf(calls[0]?.card)).toContain('All 214 lines')
    expect(calls[0]?.card.actions).toEqual([])
  })
  test('a room reads no log and is not even asked for one; it has a button', async () => {
    const { tell, calls, service } = world([entry(1, { ended: [log('build')] })], { shared: true })
    await tell()
    expect(textOf(calls[0]?.card)).not.toContain('printed by')
    expect(service.calls.map(({ operation }) => operation)).not.toContain('BotLogTail')
    expect(calls[0]?.card.actions.map(({ target }) => target)).toEqual([{ verb: 'log', taskId: 't1' }])
  })
  test('who did it is named, and what followed of itself', async () => {
    const by = actor('Li Wei', 'p1')
    const { tell, calls } = world([entry(1, { text: 'Deploy retried', follows: ['Deploy started (attempt 2)'], by })])
    await tell()
    expect(textOf(calls[0]?.card)).toMatch(/Li Wei.*Deploy retried.*→ Deploy started \(attempt 2\)/)
  })
  test('a page that somebody removed stays removed; the next thing begins another', async () => {
    const { tell, calls, failures, happens } = world(many(2))
    await tell()
    failures.push(new PortError('gone', 'message_not_found'))
    happens(entry(3))
    await tell()
    expect(calls).toHaveLength(1)
    happens(entry(4))
    await tell()
    expect(calls[1]?.how).toBe('post')
    expect(calls[1]?.card.timeline.map((one) => JSON.stringify(one.line).includes('Step 4'))).toEqual([true])
  })
  test('without the card above it nothing is posted, and nothing is tried on and on; beneath the new card it begins anew', async () => {
    const { tell, calls, failures } = world(many(2))
    failures.push(new PortError('gone', 'message to be replied not found'))
    await tell()
    expect(calls).toEqual([])
    await tell('another')
    expect(calls.map(({ how, id }) => [how, id])).toEqual([['post', 'another']])
  })
  test('an outage is nobody’s page: it is told once the platform is back', async () => {
    const { tell, calls, failures } = world(many(2))
    failures.push(new PortError('broken', 'connection refused'))
    await expect(tell()).rejects.toThrow('connection refused')
    await tell()
    expect(calls).toHaveLength(1)
  })
})
