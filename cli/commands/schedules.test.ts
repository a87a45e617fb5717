import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type Name, type TestServer } from '../../api/test/support.ts'
import type { World } from '../context.ts'
import { main } from '../main.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  server.deps.scheduler.start()
})
afterAll(async () => {
  await server.deps.scheduler.stop()
  await server.end()
})

/** One command line of somebody, against the real API. */
async function baton(who: Name, ...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []]
  const world: World = {
    env: { BATON_TOKEN: server.tokens[who], BATON_URL: 'http://baton.test' },
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    redraw: null,
    readInput: () => INPUT,
    fetch: (request) => server.app.request(request),
    signal: new AbortController().signal,
  }
  return { code: await main(argv, world), out: out.join('\n'), err: err.join('\n') }
}
let INPUT = ''
const apply = async (who: Name, documents: string): Promise<void> => {
  INPUT = documents
  const { code, err } = await baton(who, 'apply', '-f', '-')
  expect([code, err]).toEqual([0, ''])
}
const SCHEDULE = `
apiVersion: baton/v1
kind: Schedule
metadata: {name: nightly, title: Nightly}
spec: {app: ship, cron: "0 15 * * *", variables: {version: v7}, overlap: queue}
`

test('a schedule is applied, listed, shown, paused, resumed and run, and says what became of each due time', async () => {
  expect((await baton('Omar', 'schedule')).out).toBe('No schedules.')
  await apply('Omar', SCHEDULE)
  expect((await baton('Omar', 'schedule', 'list')).out).toMatch(/^nightly +Ship +Omar +0 15 \* \* \* · UTC +next /)
  server.clock.now = Date.parse('2026-11-21T15:00:00Z')
  server.deps.scheduler.wake()
  await server.deps.scheduler.idle()
  const shown = await baton('Omar', 'schedule', 'show', 'nightly')
  expect(shown.out).toContain('Nightly  launches Ship (ship) as Omar')
  expect(shown.out).toContain('version = v7')
  expect(shown.out).toMatch(/Launched +#1 /)
  expect((await baton('Aki', 'schedule', 'pause', 'nightly', '--reason', 'moving')).out).toBe(
    'Nightly: Paused by Aki: moving',
  )
  expect((await baton('Ada', 'schedule', 'run', 'nightly')).out).toBe('Launched Ship v7 #2')
  expect((await baton('Omar', 'schedule', 'resume', 'nightly')).out).toMatch(/^Nightly: next /)
  expect((await baton('Ada', 'schedule', 'take', 'nightly')).code).toBe(0)
  const json = JSON.parse((await baton('Ada', 'schedule', 'list', '--json')).out) as { owner: { name: string } }[]
  expect(json[0]!.owner.name).toBe('Ada')
  const unknown = await baton('Ada', 'schedule', 'show', 'weekly')
  expect([unknown.code, unknown.err]).toEqual([1, 'there is no schedule weekly that you may see'])
})

test('the next times of one that is not made yet are shown on its own clocks', async () => {
  const { code, out } = await baton('Ada', 'schedule', 'preview', '--cron', '30 2 28 3 *', '--zone', 'Europe/Berlin')
  expect(code).toBe(0)
  expect(out).toMatch(/^In Europe\/Berlin:\n {2}\d{4}-03-28 0[23]:[03]0 \(UTC\+0[12]:00\)/)
  expect(out.split('\n')).toHaveLength(7)
  expect((await baton('Ada', 'schedule', 'preview')).code).toBe(2)
})

test('freezes are listed; a launch in one is refused with its end, and goes on with a reason of who may', async () => {
  expect((await baton('Ada', 'freezes')).out).toBe('No freezes.')
  await apply(
    'Ada',
    "apiVersion: baton/v1\nkind: Freeze\nmetadata: {name: quiet, title: Quiet days}\nspec: {when: {from: '2026-11-21T00:00Z', to: '2099-01-01T00:00Z'}, except: other}\n",
  )
  expect((await baton('Vic', 'freezes')).out).toMatch(
    /^quiet +Quiet days +HOLDS until 2099-01-01 .* all apps, but not other$/,
  )
  const refused = await baton('Mai', 'run', 'ship', 'version=v8')
  expect(refused.code).toBe(1)
  expect(refused.err).toContain('Frozen until 1 Jan 2099')
  expect((await baton('Omar', 'run', 'ship', 'version=v8', '--override-freeze', 'it burns')).code).toBe(4)
  expect((await baton('Ada', 'run', 'ship', 'version=v8', '--override-freeze', 'it burns')).out).toContain(
    'Launched Ship v8',
  )
})
