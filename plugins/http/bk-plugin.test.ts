import { expect, test } from 'vitest'
import { pluginInfo } from '../../engine/plugin/catalogue.ts'
import { pluginProblem } from '../../engine/plugin/accept.ts'
import { testPlugin } from '../../engine/plugin/testing.ts'
import { readRemote, remoteCode, remotePlugin } from './bk-plugin.ts'

/** A service as the framework serves it. `states` are what schedule answers, in order. */
function service(states: readonly number[], { callsBack = false, down = 0 } = {}) {
  const seen: { readonly path: string; readonly body: unknown; readonly auth: string | null }[] = []
  let looks = 0
  let outages = down
  const answer = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const path = pathname.replace('/stag/bk_plugin/', '')
    seen.push({
      path,
      body: request.method === 'POST' ? await request.json() : null,
      auth: request.headers.get('x-bkapi-authorization'),
    })
    if (path === 'meta/') return Response.json({ result: true, data: { code: 'disk-report', versions: ['1.0.0', 'v2.1', 'assets'], description: 'Disk report' }, message: '' }) // prettier-ignore
    if (path.startsWith('detail/'))
      return Response.json({
        result: true,
        message: '',
        data: {
          version: path.slice('detail/'.length),
          desc: 'Report on disks',
          enable_plugin_callback: callsBack,
          inputs: {
            title: 'Inputs',
            type: 'object',
            properties: {
              path: { title: 'Path', type: 'string' },
              depth: { title: 'Depth', type: 'integer', default: 2 },
            },
            required: ['path'],
            definitions: {},
          },
          outputs: { type: 'object', properties: { free: { type: 'integer' } } },
        },
      })
    if (path.startsWith('invoke/'))
      return Response.json({
        result: true,
        trace_id: 'trace-1',
        message: 'success',
        data: { outputs: {}, state: states[0], err: '' },
      })
    if (outages-- > 0) return Response.error()
    const state = states[Math.min(++looks, states.length - 1)]
    return Response.json({
      result: true,
      message: '',
      data: {
        trace_id: 'trace-1',
        state,
        outputs: state === 4 ? { free: 42 } : {},
        err: state === 5 ? 'disk is gone' : '',
      },
    })
  }
  return { seen, fetch: answer }
}
const URL_OF = 'https://apps.example/stag/bk_plugin/'
const pluginOf = async (server: ReturnType<typeof service>, version = '1.0.0') => {
  const releases = await readRemote(URL_OF, (input, init) => server.fetch(new Request(input as URL, init)))
  return remotePlugin(
    URL_OF,
    releases.find((one) => one.version === version)!,
  )
}

test('a service is read with its versions, and what it takes is checked like any plugin’s', async () => {
  const server = service([4])
  const releases = await readRemote(URL_OF, (input, init) => server.fetch(new Request(input as URL, init)))
  expect(releases.map(({ version }) => version)).toEqual(['1.0.0', 'v2.1', 'assets'])
  const [first, second, odd] = releases.map((release) => remotePlugin.bind(null, URL_OF, release))
  const plugin = first!()
  expect(plugin).toMatchObject({ code: 'bk.disk_report', version: '1.0.0', title: 'Report on disks' })
  expect(second!().version).toBe('2.1.0')
  expect(() => odd!()).toThrow('expected a version')
  expect(pluginProblem(plugin)).toBeNull()
  const info = pluginInfo(plugin)
  expect(info).toMatchObject({ inputs: ['path', 'depth', 'bkapi'], required: ['path'], secret: ['bkapi'] })
  expect(info.checkInput('depth', 'deep')).toBeTruthy()
  expect(remoteCode('7-Zip 服务')).toBe('bk.zip_')
})

test('it begins, looks again until it has ended, and gives what the service gave', async () => {
  const server = service([2, 2, 4])
  const bench = testPlugin(await pluginOf(server), { fetch: server.fetch })
  expect(
    await bench.execute({ path: '/srv', bkapi: { bk_app_code: 'baton', bk_app_secret: 's3cret-app' } }),
  ).toMatchObject({ kind: 'poll', afterS: 10 })
  expect(await bench.poll()).toMatchObject({ kind: 'poll' })
  expect(await bench.poll()).toEqual({ kind: 'done', outputs: { free: 42 } })
  const invoked = server.seen.find(({ path }) => path === 'invoke/1.0.0')!
  expect(invoked.body).toMatchObject({ inputs: { path: '/srv', depth: 2 }, context: { executor: 'Li Wei' } })
  expect(JSON.stringify(invoked.body)).not.toContain('s3cret')
  expect(server.seen.at(-1)).toMatchObject({
    path: 'schedule/trace-1',
    auth: '{"bk_app_code":"baton","bk_app_secret":"s3cret-app"}',
  })
})
test('a failure is told in the service’s words', async () => {
  const server = service([2, 5])
  const bench = testPlugin(await pluginOf(server), { fetch: server.fetch })
  await bench.execute({ path: '/srv' })
  expect(await bench.poll()).toMatchObject({
    kind: 'fail',
    code: 'REMOTE_FAILED',
    message: 'disk-report: disk is gone',
  })
})
test('a service that calls back is believed only by looking', async () => {
  const server = service([3, 4], { callsBack: true })
  const bench = testPlugin(await pluginOf(server), { fetch: server.fetch })
  expect(await bench.execute({ path: '/srv' })).toMatchObject({ kind: 'callback', pollAfterS: 60 })
  expect(server.seen.at(-1)!.body).toMatchObject({
    context: { plugin_callback_info: { url: 'https://baton.example/callback/testing-token' } },
  })
  expect(await bench.callback({ state: 5, forged: true })).toEqual({ kind: 'done', outputs: { free: 42 } })
})
test('an outage is waited out; one that lasts is lost, not failed', async () => {
  const brief = service([2, 4], { down: 3 })
  const bench = testPlugin(await pluginOf(brief), { fetch: brief.fetch })
  await bench.execute({ path: '/srv' })
  for (let look = 0; look < 3; look++) expect(await bench.poll()).toMatchObject({ kind: 'poll' })
  expect(await bench.poll()).toMatchObject({ kind: 'done' })
  const long = service([2], { down: 1000 })
  const other = testPlugin(await pluginOf(long), { fetch: long.fetch })
  let ending = await other.execute({ path: '/srv' })
  while (ending.kind === 'poll') ending = await other.poll()
  expect(ending).toMatchObject({ kind: 'fail', cause: 'lost', code: 'LOST' })
})
test('a crash while it was begun asks a person, and never begins it twice', async () => {
  const server = service([2, 4])
  const bench = testPlugin(await pluginOf(server), { fetch: server.fetch })
  await bench.execute({ path: '/srv' }, { deed: 0, when: 'after' })
  expect(await bench.resume()).toMatchObject({ kind: 'fail', cause: 'lost' })
  expect(server.seen.filter(({ path }) => path.startsWith('invoke/'))).toHaveLength(1)
})
test.each([
  [() => Response.json({ ok: true }), 'apps.example speaks no bk-plugin protocol'],
  [() => new Response('x', { status: 502 }), 'apps.example answered 502 to meta/'],
  [
    () => Promise.reject(new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') })),
    'apps.example cannot be reached: ECONNREFUSED',
  ],
])('what is no such service is told in words', async (answer, message) => {
  await expect(readRemote(URL_OF, async () => answer())).rejects.toThrow(message)
})
