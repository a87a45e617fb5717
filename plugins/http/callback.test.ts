import { expect, test } from 'vitest'
import { isSigned } from '../../engine/plugin/index.ts'
import { checkPlugin, testPlugin, type BenchOptions } from '../../engine/plugin/testing.ts'
import { httpCallback } from './callback.ts'

const plugin = httpCallback()
const inputs = {
  url: 'https://ci.example/hooks/7?token=k',
  body: { state: 'done', text: '中' },
  secret: 'correct-horse',
}

test('the receiver sees a JSON body that it can check, and nothing of the secret', async () => {
  const seen: Request[] = []
  const bench = testPlugin(plugin, {
    fetch: (request) => (seen.push(request.clone()), new Response(null, { status: 204 })),
  })
  expect(await bench.execute(inputs)).toEqual({ kind: 'done', outputs: { status: 204 } })
  const body = await seen[0]!.text()
  expect(JSON.parse(body)).toEqual(inputs.body)
  expect(await isSigned('correct-horse', seen[0]!.headers, body, bench.world.clock.now())).toBe(true)
  expect(await isSigned('another', seen[0]!.headers, body, bench.world.clock.now())).toBe(false)
  expect(JSON.stringify([...seen[0]!.headers])).not.toContain('correct-horse')
})
test('what went wrong is told by host, without the key in the address', async () => {
  const busy = testPlugin(plugin, { fetch: () => new Response('later', { status: 503 }) })
  expect(await busy.execute(inputs)).toMatchObject({
    kind: 'fail',
    code: 'STATUS_503',
    message: 'ci.example answered 503 (unavailable)',
  })
  const gone = testPlugin(plugin, {
    fetch: () => Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED' } })),
  })
  expect(await gone.execute(inputs)).toMatchObject({
    kind: 'fail',
    cause: 'error',
    code: 'UNREACHABLE',
    message: 'Cannot reach ci.example: connection refused',
  })
  expect(await testPlugin(plugin).execute({ ...inputs, url: 'ftp://x' })).toMatchObject({ code: 'REQUEST_UNFIT' })
})
test('told twice after a crash, it is one event to the receiver', async () => {
  let ids = new Set<string>()
  const problems = await checkPlugin(plugin, {
    inputs: [inputs],
    world: (): BenchOptions => {
      ids = new Set()
      return { fetch: (request) => (ids.add(request.headers.get('webhook-id')!), new Response(null)) }
    },
    after: () => (ids.size === 1 ? null : `${ids.size} events`),
  })
  expect(problems).toEqual([])
})
