import { afterEach, beforeEach, expect, test } from 'vitest'
import { definePlugin, done, pollAfter, z, type Plugin } from '../../plugin/index.ts'
import type { TaskState } from '../../core/state.ts'
import type { TaskEngine } from '../../runtime/engine.ts'
import { echo } from '../plugins.ts'
import { isFinal, li, viewerOf, world, type World } from '../setup.ts'
import { told } from './support.ts'

const MB = 1024 * 1024
const body = (code: string, execute: Plugin['execute'], more: Partial<Plugin> = {}): Plugin =>
  ({ ...definePlugin({ code, version: '1.0.0', title: code, inputs: z.object({}), execute }), ...more }) as Plugin

/** Everything a plugin can do wrong while it runs. */
const BAD: { readonly [code: string]: Plugin } = Object.fromEntries(
  [
    body('bad.throws', async () => {
      throw new TypeError('undefined is not a function')
    }),
    body('bad.throws_at_once', () => {
      throw new Error('not even a promise')
    }),
    body('bad.throws_text', async () => {
      throw 'a string'
    }),
    body('bad.gives_nothing', async () => undefined as never),
    body('bad.gives_rubbish', async () => ({ kind: 'triumph' }) as never),
    body('bad.gives_much', async () => done({ all: 'x'.repeat(50 * MB) })),
    body('bad.gives_circles', async () => {
      const circle: Record<string, unknown> = {}
      circle['self'] = circle
      return done(circle as never)
    }),
    body('bad.hoards', async () => pollAfter(1, 'x'.repeat(MB))),
    body('bad.shouts', async () => {
      throw new Error('x'.repeat(5 * MB))
    }),
  ].map((plugin) => [plugin.code, plugin]),
)
/** Its own mistake after it had answered: nobody waits for it any more. */
const late = body('late', async (ctx) => {
  setTimeout(() => ctx.log('too late'), 5)
  setTimeout(() => ctx.progress('too late'), 5)
  return done({})
})
const flood = body('flood', async (ctx) => {
  for (let line = 0; line < 200_000; line++) ctx.log(`line ${line} ${'x'.repeat(80)}\n`)
  ctx.log(`${'y'.repeat(20 * MB)}\n`)
  return done({})
})
const hangs = body('hangs', () => new Promise(() => {}))
const deaf = body('deaf', () => new Promise(() => {}), {
  cancel: () => new Promise<boolean>(() => {}),
} as Partial<Plugin>)

const step = (use: string, more: object = {}): object => ({
  nodes: { bad: { use: `${use}@1`, ...more }, after: { use: 'echo@1' } },
})
const flows = {
  ...Object.fromEntries(Object.keys(BAD).map((code) => [code.slice('bad.'.length).replaceAll('_', '-'), step(code)])),
  late: step('late'),
  flood: step('flood'),
  hangs: step('hangs', { onFail: { timeout: '1h' } }),
  deaf: step('deaf'),
  good: { nodes: { a: { use: 'echo@1' }, b: { use: 'echo@1' } } },
}
let clock: number
let it: World
let heard: ReturnType<typeof told>
beforeEach(async () => {
  heard = told()
  clock = Date.now()
  it = await world({
    flows,
    plugins: [echo, late, flood, hangs, deaf, ...Object.values(BAD)],
    engine: { now: () => clock, log: heard.log },
  })
})
afterEach(() => it.end())

const failed = async (flow: string): Promise<Readonly<TaskState>> => {
  const { state } = await it.launch(flow)
  return it.until(state.id, ({ phase }) => phase === 'attention')
}
/** Everybody else's work goes on. */
const othersGoOn = async (): Promise<void> => {
  const { state } = await it.launch('good')
  expect((await it.until(state.id, isFinal)).outcome).toBe('succeeded')
}
/** The timers, as a minute's tick would. */
const tick = (): Promise<void> => (it.engine as TaskEngine).due()

test.each([
  { flow: 'throws', code: 'ERROR', says: /undefined is not a function/ },
  { flow: 'throws-at-once', code: 'ERROR', says: /not even a promise/ },
  { flow: 'throws-text', code: 'ERROR', says: /a string/ },
  { flow: 'gives-nothing', code: 'PLUGIN_BROKEN', says: /without a result/ },
  { flow: 'gives-rubbish', code: 'PLUGIN_BROKEN', says: /without a result/ },
  { flow: 'gives-much', code: 'OUTPUT_TOO_LARGE', says: /more than 1024 KiB/ },
  { flow: 'gives-circles', code: 'OUTPUT_INVALID', says: /not JSON/ },
  { flow: 'hoards', code: 'STATE_UNFIT', says: /more than 64 KiB/ },
  { flow: 'shouts', code: 'ERROR', says: /^x{2000}…$/ },
])('a plugin that $flow: its step fails and says why, a person decides, others go on', async ({ flow, code, says }) => {
  const state = await failed(flow)
  const run = state.nodes.get('bad')!
  expect(run.error).toMatchObject({ code, message: expect.stringMatching(says) })
  await othersGoOn()
  const { state: skipped } = await it.engine.command(
    state.id,
    { kind: 'skip', by: li, nodeId: 'bad', attempt: run.attempt },
    viewerOf(li),
  )
  await it.until(skipped.id, isFinal)
  expect(it.engine.verifyHistory(state.id)).toBeNull()
})

test('a plugin that floods its log: kept up to a cap, the reader is told what was left out', async () => {
  const { state } = await it.launch('flood')
  await it.until(state.id, isFinal)
  const { lines, total, dropped } = await it.engine.logLines(state.id, 'bad', 1, { last: 1_000 })
  expect(dropped).toBeGreaterThan(100_000)
  expect(lines.some(({ text }) => /lines left out/.test(text))).toBe(true)
  expect(lines.every(({ text }) => text.length < 100_000)).toBe(true)
  expect(total).toBeLessThan(20_000)
  await othersGoOn()
})

test('a plugin that goes on after it has answered changes nothing', async () => {
  const { state } = await it.launch('late')
  const { version } = await it.until(state.id, isFinal)
  await new Promise((resolve) => setTimeout(resolve, 20)) // its own timers, not ours
  expect((await it.engine.task(state.id))!.state.version).toBe(version)
  expect((await it.engine.logLines(state.id, 'bad', 1)).lines).toEqual([])
})

test('a plugin that hangs and does not hear that its time is over: lost, not merely failed, and others go on', async () => {
  const { state } = await it.launch('hangs')
  await it.until(state.id, ({ nodes }) => nodes.get('bad')?.state === 'running')
  clock += 3_600_001
  await tick()
  await othersGoOn()
  clock += 31_000
  await tick()
  const over = await it.until(state.id, ({ phase }) => phase === 'attention')
  expect(over.nodes.get('bad')).toMatchObject({ state: 'failed', error: { cause: 'lost' } })
})

test('a plugin that ignores an abort, and whose cancel never answers: the press is answered at once, the task ends in 30 s and says that it may still run', async () => {
  const { state } = await it.launch('deaf')
  await it.until(state.id, ({ nodes }) => nodes.get('bad')?.state === 'running')
  await it.engine.command(state.id, { kind: 'revoke', by: li, mode: 'cancel' }, viewerOf(li))
  await othersGoOn()
  expect(isFinal((await it.engine.task(state.id))!.state)).toBe(false)
  clock += 31_000
  await tick()
  expect(await it.until(state.id, isFinal)).toMatchObject({ outcome: 'revoked', cancelUnconfirmed: true })
})

test('a clock that goes back an hour: steps go on, histories stay in order, what was planned comes late and once', async () => {
  const { state: before } = await it.launch('good')
  await it.until(before.id, isFinal)
  clock -= 3_600_000
  const { state } = await it.launch('good')
  await it.until(state.id, isFinal)
  expect(it.engine.verifyHistory(state.id)).toBeNull()
  const { state: planned } = await it.launch('good', { startNow: false, startAt: clock + 60_000 })
  clock -= 3_600_000
  await tick()
  expect((await it.engine.task(planned.id))!.state.stage).toBe('created')
  clock += 2 * 3_600_000
  await tick()
  const { id } = await it.until(planned.id, isFinal)
  const started = (await it.engine.history(id))
    .flatMap(({ events }) => events)
    .filter(({ kind }) => kind === 'task_started')
  expect(started).toHaveLength(1)
})
