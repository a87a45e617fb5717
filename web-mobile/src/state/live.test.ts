import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { ClientError } from '../../../api/client/index.ts'
import { Connection, watchedFetch } from './connection.svelte.ts'
import { follow } from './follow.ts'
import type { LastKnown } from './last-known.ts'
import { lastKnownIn } from './last-known.ts'
import { Live } from './live.svelte.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000 }))
afterEach(() => void vi.useRealTimers())

/** Storage as a browser has it, without one. */
function memory(): Storage {
  const kept = new Map<string, string>()
  return {
    get length() {
      return kept.size
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  }
}
interface Thing {
  readonly id: string
  readonly version: number
}
const parts = (lastKnown: LastKnown = lastKnownIn(memory())) => ({
  connection: new Connection(Date.now),
  lastKnown,
  now: Date.now,
})
const network = new ClientError('NETWORK', 'no answer')

describe('a live thing', () => {
  test('shows what it knew on this device until the server answers, with its age', async () => {
    const lastKnown = lastKnownIn(memory())
    lastKnown.write('task.7', 400, { id: '7', version: 1 })
    const world = parts(lastKnown)
    world.connection.lost()
    const live = new Live<Thing>(world, { key: 'task.7', load: () => Promise.reject(network) })
    await live.read()
    expect([live.value?.version, live.asOf, live.stale, live.failed]).toEqual([1, 400, true, true])
  })
  test('is fresh again as soon as the server answered', async () => {
    const world = parts()
    const load = vi.fn<() => Promise<Thing>>().mockRejectedValueOnce(network).mockResolvedValue({ id: '7', version: 2 })
    const live = new Live<Thing>(world, { key: 'task.7', load })
    await live.read()
    expect([live.value, live.failed, live.stale]).toEqual([null, true, false])
    await live.read()
    expect([live.value?.version, live.failed, live.stale, live.asOf]).toEqual([2, false, false, 1_000])
  })
  test('never goes back to an older version, whichever way it comes', () => {
    const live = new Live<Thing>(parts(), {
      key: 'k',
      load: () => Promise.reject(network),
      isOlder: (next, shown) => next.version < shown.version,
    })
    live.show({ id: '7', version: 5 })
    live.show({ id: '7', version: 4 })
    expect(live.value?.version).toBe(5)
  })
  test('tells a refusal from a failure to reach anybody', async () => {
    const live = new Live<Thing>(parts(), {
      key: 'k',
      load: () => Promise.reject(new ClientError('FORBIDDEN', 'You may not see this. Ask Li Wei.')),
    })
    await live.read()
    expect(live.refusal?.message).toBe('You may not see this. Ask Li Wei.')
    expect(live.stale).toBe(false)
  })
  test('joins readings that come while one runs into one more', async () => {
    let answer: (thing: Thing) => void = () => undefined
    const load = vi.fn(() => new Promise<Thing>((resolve) => (answer = resolve)))
    const live = new Live<Thing>(parts(), { key: 'k', load })
    const first = live.read()
    void live.read()
    void live.read()
    answer({ id: '7', version: 1 })
    await first
    expect(load).toHaveBeenCalledTimes(2)
  })
  test('reads once for a burst of news about many things', async () => {
    const load = vi.fn(() => Promise.resolve({ id: '7', version: 1 }))
    const live = new Live<Thing>(parts(), {
      key: 'k',
      load,
      streams: [
        async function* (signal) {
          for (let index = 0; index < 5; index++) yield index
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
        },
      ],
    })
    const stop = new AbortController()
    live.start(stop.signal)
    await vi.advanceTimersByTimeAsync(1_000)
    stop.abort()
    expect(load).toHaveBeenCalledTimes(2) // at the start, and for the burst
  })
})

describe('following', () => {
  test('opens again after the stream broke, longer apart each time, and at once when the network is back', async () => {
    const connection = new Connection(Date.now)
    const opened: number[] = []
    const stop = new AbortController()
    void follow({
      open: () => {
        opened.push(Date.now() - 1_000)
        throw network
      },
      onNews: () => undefined,
      onLost: () => undefined,
      onRefused: () => undefined,
      signal: stop.signal,
      rest: (delayMs, signal) => connection.rest(delayMs, signal),
    })
    await vi.advanceTimersByTimeAsync(3_500)
    expect(opened).toEqual([0, 500, 1_500, 3_500])
    connection.back()
    await vi.advanceTimersByTimeAsync(0)
    expect(opened).toHaveLength(5)
    stop.abort()
  })
  test('ends at a refusal: trying again would not help', async () => {
    const refused = vi.fn()
    await follow({
      open: () => {
        throw new ClientError('FORBIDDEN', 'no')
      },
      onNews: () => undefined,
      onLost: () => undefined,
      onRefused: refused,
      signal: new AbortController().signal,
      rest: () => Promise.resolve(),
    })
    expect(refused).toHaveBeenCalledTimes(1)
  })
})

describe('the connection', () => {
  const answer = (
    status: number,
    body: ReadableStream<Uint8Array> | null = null,
    type = 'application/json',
  ): Response => new Response(body, { status, headers: { 'content-type': type } })

  test('is lost with the first call that finds nobody, and back with the first answer', async () => {
    const connection = new Connection(Date.now)
    const inner = vi
      .fn<(request: Request) => Promise<Response>>()
      .mockRejectedValueOnce(new TypeError('fetch failed'))
      .mockResolvedValue(answer(200))
    const call = watchedFetch(connection, inner)
    await expect(call(new Request('http://b/'))).rejects.toThrow('fetch failed')
    expect(connection.online).toBe(false)
    await call(new Request('http://b/'))
    expect([connection.online, connection.heardAt]).toEqual([true, 1_000])
  })
  test('is not back with an answer that was on its way when it was lost', async () => {
    const connection = new Connection(Date.now)
    let arrive: (response: Response) => void = () => {}
    const call = watchedFetch(connection, () => new Promise((resolve) => (arrive = resolve)))
    const late = call(new Request('http://b/'))
    connection.lost()
    arrive(answer(200))
    await late
    expect([connection.online, connection.heardAt]).toEqual([false, 1_000])
    const next = call(new Request('http://b/'))
    arrive(answer(200))
    await next
    expect(connection.online).toBe(true)
  })
  test('is lost behind a gateway that has nobody behind it, not by a refusal', async () => {
    const connection = new Connection(Date.now)
    await watchedFetch(connection, () => Promise.resolve(answer(502)))(new Request('http://b/'))
    expect(connection.online).toBe(false)
    await watchedFetch(connection, () => Promise.resolve(answer(403)))(new Request('http://b/'))
    expect(connection.online).toBe(true)
  })
  test('breaks a stream that went silent, so that it is opened anew', async () => {
    const silent = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(':\n\n')),
    })
    const response = await watchedFetch(new Connection(Date.now), () =>
      Promise.resolve(answer(200, silent, 'text/event-stream')),
    )(new Request('http://b/'))
    const reader = response.body!.getReader()
    await reader.read()
    const next = expect(reader.read()).rejects.toThrow('silent')
    await vi.advanceTimersByTimeAsync(40_001)
    await next
  })
})

test('what was seen last is kept for a few things, the oldest makes room, and signing out empties it', () => {
  const storage = memory()
  const lastKnown = lastKnownIn(storage)
  for (let index = 0; index < 40; index++) lastKnown.write(`task.${index}`, index, { index })
  expect(lastKnown.read('task.0')).toBeNull()
  expect(lastKnown.read('task.39')?.data).toEqual({ index: 39 })
  storage.setItem('baton.seen.broken', '{"at":')
  expect(lastKnown.read('broken')).toBeNull()
  lastKnown.clear()
  expect(storage.length).toBe(0)
})
