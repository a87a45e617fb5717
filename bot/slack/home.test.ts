import { expect, test, vi } from 'vitest'
import { actingOf, fakeClient } from '../core/test/fake-client.ts'
import { createHomes } from './home.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
function world() {
  let waits = 0
  let now = 0
  const published: string[] = []
  const client = fakeClient({
    BotHome: () => ({
      viewer: { person: null, needsMe: waits, isOwner: false, unreached: [] },
      inbox: { totalCount: 0, nodes: [] },
      tasks: { totalCount: 0, nodes: [] },
      needsMe: { totalCount: 0, nodes: [] },
      apps: { totalCount: 0, nodes: [] },
    }),
  })
  const homes = createHomes({
    who: async () => ({ acting: actingOf(client), fullMember: true }),
    web: { views: { publish: async ({ user_id }: { user_id: string }) => void published.push(user_id) } } as never,
    log: silent,
    now: () => now,
    joinMs: 1,
  })
  return { homes, published, client, wait: (n: number) => void (waits = n), later: (ms: number) => void (now += ms) }
}
const draws = (client: ReturnType<typeof fakeClient>) => client.calls.filter(({ operation }) => operation === 'BotHome')

test('a home somebody looks at is drawn anew when something of theirs has changed, and not when nothing has', async () => {
  const { homes, published, client, wait } = world()
  await homes.opened('U1')
  wait(1)
  for (let n = 0; n < 5; n++) homes.concerns('slack:@U1')
  await vi.waitFor(() => expect(published).toEqual(['U1', 'U1']))
  homes.concerns('slack:@U1')
  await vi.waitFor(() => expect(draws(client)).toHaveLength(3))
  expect(published).toHaveLength(2)
})
test.each([
  { what: 'nobody has opened', opened: false, ms: 0, place: 'slack:@U1' },
  { what: 'was opened long ago', opened: true, ms: 2 * 3_600_000, place: 'slack:@U1' },
  { what: 'is another’s', opened: true, ms: 0, place: 'slack:@U2' },
  { what: 'has nothing to do with a room', opened: true, ms: 0, place: 'slack:C0OPS' },
])('a home that $what is left alone', async ({ opened, ms, place }) => {
  const { homes, client, later } = world()
  if (opened) await homes.opened('U1')
  later(ms)
  const before = draws(client).length
  vi.useFakeTimers()
  try {
    homes.concerns(place)
    await vi.advanceTimersByTimeAsync(60_000)
  } finally {
    vi.useRealTimers()
  }
  expect(draws(client)).toHaveLength(before)
})
