import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Values } from '../core/value.ts'
import { definePlugin, done, secret, z, type Plugin } from '../plugin/index.ts'
import { compile, world, type World } from './setup.ts'

/** A service that lists regions, and the instances of a region. What it was asked is kept. */
let asked: { url: string; token: string | undefined }[] = []
let answer: (url: URL) => { status?: number; body: unknown } | 'silence'
let server: Server
let base = ''
let w: World
let now = 1_000_000

beforeEach(async () => {
  asked = []
  answer = () => ({ body: [] })
  server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', token: request.headers.authorization })
    const reply = answer(new URL(request.url ?? '/', 'http://x'))
    if (reply === 'silence') return
    response.writeHead(reply.status ?? 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(reply.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  await w.end()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const colours = definePlugin({
  code: 'test.colours',
  version: '1.0.0',
  title: 'Colours',
  inputs: z.object({}),
  execute: async () => done({}),
  options: async (_, { of }, search) => [`${String(of)} red`, { value: `blue ${search}`, title: 'Blue' }],
})
async function start(variables: object, plugins: readonly Plugin[] = [colours]) {
  const flow = compile('form', { variables, nodes: { one: { use: 'test.colours@1' } } }, plugins)
  w = await world({ flows: {}, plugins, engine: { now: () => now } })
  const page = (field: string, answers: Values = {}, search = '') => w.engine.options({ flow, field, answers, search })
  return { flow, page }
}

test('a child is not asked for before its parents, and a typed value stays one value of the address', async () => {
  const { page } = await start({
    region: { type: 'select', title: 'Region', options: ['eu', 'us'] },
    instance: {
      type: 'select',
      title: 'Instance',
      optionsFrom: {
        http: {
          url: `${base}/regions/\${region}/instances?all=1`,
          headers: { authorization: 'Bearer ${secrets.cmdb.token}' },
          items: 'answer.data.list',
          value: 'item.id',
          label: '${item.name + " (" + item.zone + ")"}',
        },
      },
    },
  })
  answer = () => ({ body: { data: { list: [{ id: 'i-1', name: 'web', zone: 'a' }] } } })
  expect(await page('instance')).toEqual({ options: [], asOf: null, stale: false, waitsFor: ['region'] })
  expect(asked).toEqual([])
  expect((await page('instance', { region: 'eu/../x?y' })).options).toEqual([{ value: 'i-1', title: 'web (a)' }])
  expect(asked).toEqual([{ url: '/regions/eu%2F..%2Fx%3Fy/instances?all=1', token: 'Bearer secret-of-cmdb.token' }])
})

test('an answer is kept as long as the author says, and stands in, marked stale, when the source fails', async () => {
  const { page } = await start({
    tag: { type: 'select', title: 'Tag', optionsFrom: { http: { url: `${base}/tags` }, cache: '10s' } },
  })
  answer = () => ({ body: ['v1', 'v2'] })
  expect((await page('tag')).options.map(({ value }) => value)).toEqual(['v1', 'v2'])
  expect((await page('tag', {}, '2')).options.map(({ value }) => value)).toEqual(['v2'])
  expect(asked).toHaveLength(1)
  answer = () => ({ status: 503, body: {} })
  now += 11_000
  expect(await page('tag')).toMatchObject({ stale: true, asOf: now - 11_000, options: [{ value: 'v1' }, {}] })
  now += 1_000
  await page('tag')
  expect(asked).toHaveLength(2) // left alone for a moment
  answer = () => ({ body: ['v3'] })
  now += 10_000
  expect(await page('tag')).toMatchObject({ stale: false, asOf: now, options: [{ value: 'v3' }] })
})

test('a source that never answered is said to, by name, in two seconds', async () => {
  const { page } = await start({
    tag: { type: 'select', title: 'Tag', optionsFrom: { http: { url: `${base}/tags` } } },
  })
  answer = () => 'silence'
  const before = Date.now()
  await expect(page('tag')).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: 'The choices for Tag did not come: it took longer than 2 seconds',
  })
  expect(Date.now() - before).toBeLessThan(4_000)
})

test('what the source does not offer is refused at launch, each field by name', async () => {
  const { flow } = await start({
    tag: { type: 'select', title: 'Tag', optionsFrom: { http: { url: `${base}/tags` } } },
    user: {
      type: 'select',
      title: 'User',
      optionsFrom: { http: { url: `${base}/users`, search: 'q', items: 'answer.found' } },
    },
    gone: { type: 'multiselect', title: 'Gone', optionsFrom: { http: { url: `${base}/gone` } } },
  })
  answer = ({ pathname, searchParams }) =>
    pathname === '/tags'
      ? { body: ['v1', 2] }
      : pathname === '/users'
        ? { body: { found: searchParams.get('q') === 'wu' ? ['wu'] : [] } }
        : { status: 500, body: {} }
  expect(await w.engine.refusedOptions(flow, { tag: '2', user: 'wu', gone: [] })).toEqual([])
  expect(await w.engine.refusedOptions(flow, { tag: 'v9', user: 'li', gone: ['x'] })).toEqual([
    { field: 'tag', code: 'option', message: '“v9” is not offered for Tag any more' },
    { field: 'user', code: 'option', message: '“li” is not offered for User any more' },
    {
      field: 'gone',
      code: 'options_unavailable',
      message: 'The choices for Gone did not come: it answered 500',
    },
  ])
})

test('an answer that is not what the author said is told, and a plugin may offer too', async () => {
  const { page } = await start({
    tag: { type: 'select', title: 'Tag', optionsFrom: { http: { url: `${base}/tags`, items: 'answer.data' } } },
    colour: { type: 'select', title: 'Colour', optionsFrom: { plugin: 'test.colours@1', with: { of: 'dark' } } },
  })
  answer = () => ({ body: { data: 'no list' } })
  await expect(page('tag')).rejects.toMatchObject({
    message: 'The choices for Tag did not come: expected a list of options, but the answer holds string',
  })
  expect((await page('colour', {}, 'sky')).options).toEqual([
    { value: 'dark red', title: 'dark red' },
    { value: 'blue sky', title: 'Blue' },
  ])
})

test('a secret that is sent comes back neither in an error nor in what is offered', async () => {
  const echoes = definePlugin({
    code: 'test.echoes',
    version: '1.0.0',
    title: 'Echoes',
    inputs: z.object({ token: secret(z.string()), fails: z.boolean() }),
    execute: async () => done({}),
    options: async (_, { token, fails }) => {
      if (fails) throw new Error(`401 for ${token}`)
      return [`tag of ${token}`]
    },
  })
  const over = (headers: object) => ({
    type: 'select',
    title: 'Tag',
    optionsFrom: { http: { url: `${base}/tags`, headers } },
  })
  const from = (fails: boolean) => ({
    type: 'select',
    title: 'Tag',
    optionsFrom: { plugin: 'test.echoes@1', with: { token: '${secrets.cmdb.token}', fails } },
  })
  const { page } = await start(
    {
      header: over({ authorization: 'Bearer\n${secrets.cmdb.token}' }),
      echo: over({ authorization: 'Bearer ${secrets.cmdb.token}' }),
      thrown: from(true),
      offered: from(false),
    },
    [colours, echoes],
  )
  answer = () => ({ body: ['secret-of-cmdb.token'] })
  for (const field of ['header', 'echo', 'thrown', 'offered']) {
    const said = await page(field).then(
      ({ options }) => JSON.stringify(options),
      (error: Error) => error.message,
    )
    expect(said).not.toContain('secret-of')
    expect(said.length).toBeGreaterThan(10)
  }
})
