/** What plugins may rely on across releases and restarts: the exact release that began an attempt, waits that end, kept files. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import {
  awaitCallback,
  definePlugin,
  done,
  fail,
  fileRef,
  json,
  pollAfter,
  secret,
  z,
  type Plugin,
} from '../plugin/index.ts'
import { folderFiles } from '../store/folder-files.ts'
import { isFinal, li, viewerOf, world, type World, type WorldOptions } from './setup.ts'

let open: World | null = null
afterEach(async () => {
  await open?.end()
  open = null
})
const start = async (options: WorldOptions): Promise<World> => (open = await world(options))
const again = async (plugins: readonly Plugin[]): Promise<World> => (open = await open!.restart({ plugins }))

/** Waits for a call in its first attempt, and says which release ended it. */
const release = (version: string) => {
  const addresses: string[] = []
  const plugin = definePlugin({
    code: 'web',
    version,
    title: `Web ${version}`,
    inputs: z.object({}),
    outputs: z.object({ by: z.string() }),
    async execute(ctx) {
      addresses.push(ctx.callback.token)
      return awaitCallback(null)
    },
    callback: async () => done({ by: version }),
  })
  return { plugin, addresses }
}
const FLOWS = { one: { nodes: { call: { use: 'web@1', allow: { retry: ['operator'] } } } } }

test('a step takes the newest release of its major, records it exactly, and is ended by that very one', async () => {
  const [old, middle, next] = [release('1.2.0'), release('1.4.0'), release('2.0.0')]
  let w = await start({ flows: FLOWS, plugins: [middle.plugin, next.plugin, old.plugin] })
  const { state } = await w.launch('one')
  const parked = await w.until(state.id, (s) => s.phase === 'waiting')
  expect(parked.nodes.get('call')?.plugin).toBe('web@1.4.0')
  // A newer release is installed beside it while the step waits.
  w = await again([old.plugin, middle.plugin, release('1.5.0').plugin])
  await w.engine.callback(middle.addresses[0]!, {}, null)
  const ended = await w.until(state.id, isFinal)
  expect(ended.nodes.get('call')).toMatchObject({ plugin: 'web@1.4.0', outputs: { by: '1.4.0' } })
  const later = await w.launch('one', { key: 'later' })
  const fresh = await w.until(later.state.id, (s) => s.phase === 'waiting')
  expect(fresh.nodes.get('call')?.plugin).toBe('web@1.5.0')
})

test('a release that is gone while its step waits fails the step in words, and a retry takes what there is', async () => {
  const [old, next] = [release('1.2.0'), release('1.3.0')]
  let w = await start({ flows: FLOWS, plugins: [old.plugin] })
  const { state } = await w.launch('one')
  await w.until(state.id, (s) => s.phase === 'waiting')
  w = await again([next.plugin])
  await w.engine.callback(old.addresses[0]!, {}, null)
  const failed = await w.until(state.id, (s) => s.phase === 'attention')
  expect(failed.nodes.get('call')?.error).toMatchObject({
    cause: 'lost',
    code: 'PLUGIN_MISSING',
    message: 'The plugin web@1.2.0 is not installed here any more',
  })
  await w.engine.command(state.id, { kind: 'retry', nodeId: 'call', attempt: 1, by: li }, viewerOf(li))
  const retried = await w.until(state.id, (s) => s.phase === 'waiting')
  expect(retried.nodes.get('call')?.plugin).toBe('web@1.3.0')
  await w.engine.callback(next.addresses[0]!, {}, null)
  expect((await w.until(state.id, isFinal)).phase).toBe('succeeded')
})

test('no release of the major at all: the step fails in words and nothing else is harmed', async () => {
  let w = await start({
    flows: { two: { nodes: { a: { use: 'hold@1' }, b: { use: 'web@1' } } } },
    plugins: [held(), release('1.0.0').plugin],
  })
  const { state } = await w.launch('two')
  await w.until(state.id, (s) => s.phase === 'waiting')
  w = await again([held()])
  await w.engine.callback(held.address, {}, null)
  const failed = await w.until(state.id, (s) => s.phase === 'attention')
  expect(failed.nodes.get('b')?.error?.message).toMatch(/web@1/)
})
function held(): Plugin {
  return definePlugin({
    code: 'hold',
    version: '1.0.0',
    title: 'Hold',
    inputs: z.object({}),
    async execute(ctx) {
      held.address = ctx.callback.token
      return awaitCallback(null)
    },
    callback: async () => done({}),
  })
}
held.address = ''

test('a wait for a call may have an end: the plugin is asked, and a call that comes first wins', async () => {
  const polls: unknown[] = []
  const addresses: string[] = []
  const patient = definePlugin({
    code: 'patient',
    version: '1.0.0',
    title: 'Patient',
    inputs: z.object({ s: z.number() }),
    outputs: z.object({ got: json() }),
    async execute(ctx, { s }) {
      addresses.push(ctx.callback.token)
      return awaitCallback({ s }, { pollAfterS: s })
    },
    callback: async (_, payload) => done({ got: payload }),
    async poll(_, state) {
      polls.push(state)
      return polls.length < 2
        ? awaitCallback(state, { pollAfterS: 0.01 })
        : fail({ code: 'NO_CALL', message: 'Nobody called', cause: 'timeout' })
    },
  })
  const w = await start({
    plugins: [patient],
    flows: {
      brief: { nodes: { call: { use: 'patient@1', with: { s: 0.01 } } } },
      long: { nodes: { call: { use: 'patient@1', with: { s: 3600 } } } },
      items: { nodes: { call: { use: 'patient@1', with: { s: 0.01 }, each: { in: [1, 2], as: 'one' } } } },
    },
  })
  const brief = await w.launch('brief')
  const failed = await w.until(brief.state.id, (s) => s.phase === 'attention')
  expect(failed.nodes.get('call')?.error).toMatchObject({ cause: 'timeout', code: 'NO_CALL' })
  expect(polls).toEqual([{ s: 0.01 }, { s: 0.01 }])

  const long = await w.launch('long')
  const parked = await w.until(long.state.id, (s) => s.phase === 'waiting')
  expect([...parked.timers.values()].map(({ kind }) => kind)).toEqual(['poll'])
  await w.engine.callback(addresses[1]!, 'hello', null)
  const ended = await w.until(long.state.id, isFinal)
  expect(ended.nodes.get('call')?.outputs).toEqual({ got: 'hello' })
  expect(ended.timers.size).toBe(0)

  const items = await w.launch('items')
  const both = await w.until(items.state.id, (s) => s.phase === 'attention')
  expect(both.nodes.get('call')?.each).toMatchObject({ failed: 2, live: 0 })
})

test('a file made by one step is read by the next; where none are kept the step says so', async () => {
  const make = definePlugin({
    code: 'make',
    version: '1.0.0',
    title: 'Make',
    inputs: z.object({}),
    outputs: z.object({ file: fileRef() }),
    execute: async (ctx) => done({ file: await ctx.keepFile('a/b.txt', Buffer.from('hello')) }),
  })
  const text = definePlugin({
    code: 'text',
    version: '1.0.0',
    title: 'Text',
    inputs: z.object({ file: fileRef() }),
    outputs: z.object({ text: z.string() }),
    execute: async (ctx, { file }) => done({ text: Buffer.from(await ctx.readFile(file)).toString() }),
  })
  const flows = {
    files: {
      variables: { made: { type: 'file', title: 'File', show: false } },
      nodes: {
        make: { use: 'make@1', save: { made: 'file' } },
        read: { use: 'text@1', with: { file: '${made}' } },
      },
      outputs: { text: '${read.outputs.text}', file: '${made}' },
    },
  }
  const plugins = [make, text]
  const off = await start({ plugins, flows })
  const without = await off.launch('files')
  const failed = await off.until(without.state.id, (s) => s.phase === 'attention')
  expect(failed.nodes.get('make')?.error).toMatchObject({ code: 'FILES_OFF', message: 'This Baton keeps no files' })
  await off.end()
  open = null

  const folder = mkdtempSync(join(tmpdir(), 'baton-files-'))
  const w = await start({ plugins, flows, engine: { files: folderFiles(folder) } })
  const { state } = await w.launch('files')
  const ended = await w.until(state.id, isFinal)
  expect(ended.outputs).toMatchObject({ text: 'hello', file: { name: 'b.txt', bytes: 5 } })
  rmSync(folder, { recursive: true })
})

test('secrets are there in every body, and nowhere in what is kept', async () => {
  const seen: unknown[] = []
  const plugin = definePlugin({
    code: 'keyed',
    version: '1.0.0',
    title: 'Keyed',
    inputs: z.object({ token: secret(z.string()), name: z.string() }),
    async execute(ctx) {
      seen.push({ ...ctx.secrets })
      return pollAfter(0.01, { token: ctx.secrets['token'] ?? null })
    },
    async poll(ctx, state) {
      seen.push({ ...ctx.secrets })
      return awaitCallback(state)
    },
    callback: async () => done({}),
    async cancel(ctx) {
      seen.push({ ...ctx.secrets })
      return true
    },
  })
  const inputs = { token: '${secrets.web.token}', name: 'x' }
  const w = await start({ plugins: [plugin], flows: { one: { nodes: { call: { use: 'keyed@1', with: inputs } } } } })
  const { state } = await w.launch('one')
  const parked = await w.until(state.id, (s) => s.phase === 'waiting')
  expect(parked.nodes.get('call')?.pluginState).toEqual({ token: '•••' })
  await w.engine.command(state.id, { kind: 'revoke', mode: 'cancel', by: li }, viewerOf(li))
  await w.until(state.id, isFinal)
  await expect.poll(() => seen).toEqual(Array.from({ length: 3 }, () => ({ token: 'secret-of-web.token' })))
  expect(JSON.stringify(await w.engine.history(state.id))).not.toContain('secret-of-web')
})
