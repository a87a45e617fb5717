import { expect, test } from 'vitest'
import { awaitCallback, definePlugin, done, fail, fileRef, json, pollAfter, secret, z, type Context } from './index.ts'
import { checkPlugin, testPlugin, type BenchOptions } from './testing.ts'

/** A far end that takes jobs: one per idempotency key, ready at the third look. */
function jobServer() {
  const jobs = new Map<string, number>()
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url)
    if (request.method === 'POST') {
      const key = request.headers.get('idempotency-key') ?? `new-${jobs.size}`
      if (!jobs.has(key)) jobs.set(key, 0)
      return Response.json({ id: key })
    }
    const looks = (jobs.get(decodeURIComponent(pathname.slice(1))) ?? 0) + 1
    jobs.set(decodeURIComponent(pathname.slice(1)), looks)
    return Response.json({ ready: looks >= 3 })
  }
  return { jobs, fetch }
}
const good = definePlugin({
  code: 'job',
  version: '1.0.0',
  title: 'Job',
  inputs: z.object({ what: z.string(), token: secret(z.string()).default('none-given') }),
  outputs: z.object({ looks: z.int() }),
  repeat: () => true,
  async execute(ctx, { what, token }) {
    const answer = await ctx.fetch('https://jobs.example/', {
      method: 'POST',
      headers: { 'idempotency-key': ctx.idempotencyKey, authorization: `Bearer ${token}` },
      body: JSON.stringify({ what }),
    })
    ctx.log(`posted with ${token}\n`)
    return pollAfter(5, { id: ((await answer.json()) as { id: string }).id, looks: 0 })
  },
  async poll(ctx, state) {
    const { id, looks } = state as { id: string; looks: number }
    const answer = await ctx.fetch(`https://jobs.example/${encodeURIComponent(id)}`)
    const { ready } = (await answer.json()) as { ready: boolean }
    return ready ? done({ looks: looks + 1 }) : pollAfter(5, { id, looks: looks + 1 })
  },
  rehearse: async () => done({ looks: 0 }),
})

test('execute, poll and the clock between them', async () => {
  const bench = testPlugin(good, {
    key: 'testing',
    fetch: jobServer().fetch,
    now: 0,
    secrets: { 'ci.token': 'hunter2-hunter2' },
  })
  expect(await bench.execute({ what: 'build', token: { $secret: 'ci.token' } })).toEqual({
    kind: 'poll',
    afterS: 5,
    state: { id: 'testing/node/1', looks: 0 },
  })
  expect(await bench.poll()).toMatchObject({ kind: 'poll', state: { looks: 1 } })
  await bench.poll()
  expect(await bench.poll()).toEqual({ kind: 'done', outputs: { looks: 3 } })
  expect(bench.world.clock.now()).toBe(15_000)
  expect(bench.world.log()).toBe('posted with •••\n')
  expect(bench.world.deeds.map(({ on }) => on)[0]).toBe('POST https://jobs.example/')
  await expect(bench.poll()).rejects.toThrow('does not wait for a poll')
})

test('a repeatable plugin that carries its key is sound at every point where a process can die', async () => {
  let server = jobServer()
  const problems = await checkPlugin(good, {
    inputs: [{ what: 'build' }],
    world: () => ({ fetch: (server = jobServer()).fetch }),
    after: () => (server.jobs.size === 1 ? null : `${server.jobs.size} jobs were made`),
  })
  expect(problems).toEqual([])
})

test.each<[string, Partial<Parameters<typeof definePlugin>[0]>, RegExp]>([
  [
    'repeats without its key',
    {
      repeat: () => true,
      execute: async (ctx) => {
        await ctx.fetch('https://jobs.example/', { method: 'POST', body: '{}' })
        return done({})
      },
    },
    /sends POST https:\/\/jobs.example\/ without the header idempotency-key/,
  ],
  [
    'makes two jobs when repeated',
    {
      repeat: () => true,
      execute: async (ctx) => {
        await ctx.fetch('https://jobs.example/', {
          method: 'POST',
          body: '{}',
          headers: { 'idempotency-key': `${Math.random()}` },
        })
        return done({})
      },
    },
    /after a crash after fetch POST https:\/\/jobs.example\/: 2 jobs/,
  ],
  [
    'gives what it did not declare',
    { outputs: z.object({ n: z.int() }), execute: async () => done({ n: 'seven' }) },
    /gave an output that breaks its schema: n/,
  ],
  ['keeps too much', { execute: async () => pollAfter(1, 'x'.repeat(70_000)) }, /more than 64 KiB/],
  ['keeps what is not JSON', { execute: async () => awaitCallback(new Date() as never) }, /not JSON/],
  [
    'never ends polling',
    { execute: async () => pollAfter(1, null), poll: async () => pollAfter(1, null) },
    /it polled 100 times/,
  ],
  ['has no poll', { execute: async () => pollAfter(1, null) }, /asked for a poll that it does not have/],
  [
    'waits for a call nobody described',
    { execute: async () => awaitCallback(null), callback: async () => done({}) },
    /give \{ callbacks \}/,
  ],
  [
    'goes on after it was told to end',
    {
      execute: async (ctx) => {
        await ctx.fetch('https://jobs.example/', { headers: {} }).catch(() => null)
        await ctx.send({ to: ['starter'], title: 'x', text: '', level: 'info' })
        return done({})
      },
    },
    /went on: send starter/,
  ],
  [
    'acts in a rehearsal',
    {
      execute: async () => done({}),
      rehearse: async (ctx) => {
        await ctx.send({ to: ['starter'], title: 'x', text: '', level: 'info' })
        return done({})
      },
    },
    /a rehearsal left something outside: send starter/,
  ],
  [
    'puts a secret into its state',
    {
      inputs: z.object({ key: secret(z.string()) }),
      execute: async (_: Context, { key }: never) => pollAfter(1, { key }),
      poll: async () => done({}),
    },
    /put a secret into the state/,
  ],
  [
    'throws',
    { execute: async () => Promise.reject(new Error('no route')) },
    /it did not end well: error, ERROR: no route/,
  ],
])('found: a plugin that %s', async (_, parts, expected) => {
  const plugin = definePlugin({
    code: 'bad',
    version: '1.0.0',
    title: 'Bad',
    inputs: z.object({}),
    execute: async () => done({}),
    ...parts,
  } as never)
  let server = jobServer()
  const problems = await checkPlugin(plugin, {
    inputs: [{ key: 'correct-horse' }],
    world: (): BenchOptions => ({ fetch: (server = jobServer()).fetch, patienceMs: 20 }),
    after: () => (server.jobs.size <= 1 ? null : `${server.jobs.size} jobs`),
  })
  expect(problems.join('\n')).toMatch(expected)
})

test('a body that ignores its signal is found', async () => {
  const deaf = definePlugin({
    code: 'deaf',
    version: '1.0.0',
    title: 'Deaf',
    inputs: z.object({}),
    async execute(ctx) {
      await ctx.checkpoint(null)
      return new Promise(() => {})
    },
  })
  const bench = testPlugin(deaf, { patienceMs: 20 })
  const { held } = bench.begin({}, { deed: 0, when: 'after' })
  await held
  expect(await bench.cancel()).toEqual({ confirmed: false, body: null })
})

test('a crash leaves what was done, and resume gets the last checkpoint', async () => {
  const seen: unknown[] = []
  const plugin = definePlugin({
    code: 'resumable',
    version: '1.0.0',
    title: 'Resumable',
    inputs: z.object({ n: z.int() }),
    outputs: z.object({ n: z.int() }),
    async execute(ctx, { n }) {
      await ctx.checkpoint({ at: 'one' })
      await ctx.checkpoint({ at: 'two' })
      return done({ n })
    },
    async resume(_, state, { n }) {
      seen.push(state)
      return done({ n: n + 1 })
    },
  })
  const bench = testPlugin(plugin)
  expect(await bench.execute({ n: 1 }, { deed: 1, when: 'before' })).toEqual({
    kind: 'crashed',
    at: 'before checkpoint {"at":"two"}',
  })
  await expect(bench.poll()).rejects.toThrow('does not wait for a poll, but its process died: resume it first')
  expect(await bench.resume()).toEqual({ kind: 'done', outputs: { n: 2 } })
  await bench.execute({ n: 1 }, { deed: 1, when: 'after' })
  await bench.resume()
  expect(seen).toEqual([{ at: 'one' }, { at: 'two' }])
  const begun = bench.begin({ n: 3 }, { deed: 0, when: 'before' })
  await begun.held
  bench.crash()
  expect(await begun.ending).toMatchObject({ kind: 'crashed' })
  expect(bench.state).toBe(null)
})

test('what may not be repeated is lost after a crash, as it is in Baton', async () => {
  const once = definePlugin({
    code: 'once',
    version: '1.0.0',
    title: 'Once',
    inputs: z.object({}),
    execute: async (ctx) => done({ file: await ctx.keepFile('a', Buffer.from('x')) }),
  })
  const bench = testPlugin(once)
  await bench.execute({}, { deed: 0, when: 'after' })
  expect(await bench.resume()).toMatchObject({ kind: 'fail', cause: 'lost' })
  expect(await checkPlugin(once, { inputs: [{}] })).toEqual([])
})

test('callbacks, files, hosts, messages and cancels', async () => {
  const plugin = definePlugin({
    code: 'all',
    version: '1.0.0',
    title: 'All',
    inputs: z.object({ file: fileRef().optional() }),
    outputs: z.object({ got: json() }),
    async execute(ctx) {
      const ref = await ctx.keepFile('note.txt', Buffer.from('hi'))
      const text = Buffer.from(await ctx.readFile(ref)).toString()
      const { unreachable } = await ctx.send({
        to: ['starter', 'role:qa'],
        title: text,
        text: ctx.callback.url,
        level: 'info',
      })
      ctx.progress('waiting')
      return awaitCallback({ unreachable: [...unreachable] }, { pollAfterS: 60 })
    },
    callback: async (_, payload, state) => done({ got: [payload, state] }),
    poll: async () => fail({ message: 'nobody called', cause: 'timeout' }),
    cancel: async (_, state) => state !== null,
  })
  const options = { unreachable: ['role:qa'] }
  const bench = testPlugin(plugin, options)
  await bench.execute({})
  expect(await bench.callback('hello')).toEqual({
    kind: 'done',
    outputs: { got: ['hello', { unreachable: ['role:qa'] }] },
  })
  expect(bench.world.sent).toMatchObject([{ title: 'hi' }])
  const late = testPlugin(plugin, options)
  await late.execute({})
  expect(await late.poll()).toMatchObject({ kind: 'fail', cause: 'timeout' })
  const revoked = testPlugin(plugin, options)
  await revoked.execute({})
  expect(await revoked.cancel()).toEqual({ confirmed: true, body: null })
  expect(await testPlugin(plugin).execute({ file: 'x' })).toMatchObject({ kind: 'fail', code: 'INVALID_INPUT' })
})

test('a cancel that throws is an end nobody has confirmed, and its error is shown, masked', async () => {
  const plugin = definePlugin({
    code: 'job',
    version: '1.0.0',
    title: 'Job',
    inputs: z.object({ token: secret(z.string()) }),
    async execute(ctx) {
      await ctx.checkpoint({ id: 1 })
      return pollAfter(5, { id: 1 })
    },
    poll: async () => done({}),
    resume: async () => done({}),
    cancel: async (ctx) => {
      throw new Error(`${String(ctx.secrets['token'])} was refused`)
    },
  })
  const bench = testPlugin(plugin)
  await bench.execute({ token: 'hunter2-hunter2' })
  const { confirmed, error } = await bench.cancel()
  expect(confirmed).toBe(false)
  expect(error).toMatch(/ was refused$/)
  expect(error).not.toContain('hunter2')
  expect(await checkPlugin(plugin, { inputs: [{ token: 'hunter2-hunter2' }] })).toEqual([
    expect.stringMatching(/^aborted after \{"id":1\} its cancel threw: .* was refused$/),
  ])
})

test('a plugin that Baton would not load is told at once', () => {
  expect(() =>
    testPlugin({ code: 'x', version: '1', title: '', inputs: z.object({}), execute: async () => done({}) } as never),
  ).toThrow('expected a version')
  expect(() => testPlugin([good] as never)).toThrow('expected one plugin, but got a list: take one of its versions')
})
