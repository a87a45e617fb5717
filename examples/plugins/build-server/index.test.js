import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPlugin, testPlugin } from 'baton/plugin-testing'
import plugin from './index.js'

/** A build server in memory: a build passes at the third look. */
function buildServer() {
  const builds = new Map()
  const fetch = async (request) => {
    const { pathname } = new URL(request.url)
    if (request.headers.get('authorization') !== 'Bearer s3cret-token') return new Response(null, { status: 401 })
    if (request.method === 'POST') {
      const key = request.headers.get('idempotency-key')
      const known = [...builds.values()].find((build) => build.key === key)
      const build = known ?? { key, number: builds.size + 1, looks: 0, state: 'running' }
      builds.set(build.number, build)
      return Response.json({ number: build.number, url: `https://ci.example/builds/${build.number}` })
    }
    const build = builds.get(Number(pathname.split('/').at(-1)))
    if (request.method === 'DELETE') build.state = 'stopped'
    else if (++build.looks === 3) build.state = 'passed'
    return Response.json({ state: build.state, artifact: 'shop-1.2.tgz' })
  }
  return { builds, fetch }
}
const inputs = { server: 'https://ci.example/', token: 's3cret-token', project: 'shop' }

test('a build is started, looked at, and gives its artifact', async () => {
  const bench = testPlugin(plugin, { fetch: buildServer().fetch })
  assert.equal((await bench.execute(inputs)).kind, 'poll')
  await bench.poll()
  await bench.poll()
  assert.deepEqual(await bench.poll(), { kind: 'done', outputs: { build: 1, artifact: 'shop-1.2.tgz' } })
  assert.equal(bench.world.log(), 'Build 1 of shop (main) has begun\n')
})

test('a wrong token is told in words', async () => {
  const bench = testPlugin(plugin, { fetch: buildServer().fetch })
  const ending = await bench.execute({ ...inputs, token: 'another-token' })
  assert.equal(ending.kind, 'fail')
  assert.equal(ending.message, 'shop cannot be built: the server answered 401')
})

test('a server that is away for a while is asked again, and one that knows nothing of the build is not', async () => {
  const server = buildServer()
  let answer = () => Promise.reject(new Error('connect ECONNREFUSED'))
  const fetch = (request) => (request.method === 'GET' ? answer(request) : server.fetch(request))
  const bench = testPlugin(plugin, { fetch })
  await bench.execute(inputs)
  const state = { number: 1, url: 'https://ci.example/builds/1' }
  assert.deepEqual(await bench.poll(), { kind: 'poll', afterS: 30, state })
  answer = () => new Response('<h1>Bad gateway</h1>', { status: 502 })
  assert.deepEqual(await bench.poll(), { kind: 'poll', afterS: 30, state })
  answer = () => new Response('<h1>Back in a minute</h1>')
  assert.deepEqual(await bench.poll(), { kind: 'poll', afterS: 30, state })
  answer = server.fetch
  assert.deepEqual(await bench.poll(), { kind: 'poll', afterS: 5, state })
  answer = () => new Response(null, { status: 404 })
  const { cause, message } = await bench.poll()
  assert.deepEqual([cause, message], ['lost', 'Build 1 may still run: the server answered 404'])
})

test('a stop ends the build at the server', async () => {
  const server = buildServer()
  const bench = testPlugin(plugin, { fetch: server.fetch })
  await bench.execute(inputs)
  assert.equal((await bench.cancel()).confirmed, true)
  assert.equal(server.builds.get(1).state, 'stopped')
})

test('wherever Baton dies, there is one build', async () => {
  let server
  const problems = await checkPlugin(plugin, {
    inputs: [inputs],
    world: () => ({ fetch: (server = buildServer()).fetch }),
    after: () => assert.equal(server.builds.size, 1),
  })
  assert.deepEqual(problems, [])
})
