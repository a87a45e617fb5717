/** Word between tasks and the catalogue, over ways that lose, delay, double and reorder it, and over the end of a process at any point between two of them. */
import { afterEach, describe, expect, test } from 'vitest'
import type { PeopleCommand } from '../core/command.ts'
import type { LetterPort } from '../store/message-port.ts'
import { faultyPort } from './faulty-port.ts'
import { definePlugin, done, z } from '../plugin/index.ts'
import { held } from './plugins.ts'
import { isFinal, viewerOf, world, wu, type World, type WorldOptions } from './setup.ts'

let open: World | null = null
afterEach(async () => {
  await open?.end()
  open = null
})
const start = async (options: WorldOptions): Promise<World> => (open = await world(options))
const again = async (): Promise<World> => (open = await open!.restart({ graceMs: 0 }))
const press = (w: World, task: string, command: object) =>
  w.engine.command(task, { ...command, by: wu } as PeopleCommand, viewerOf(wu))

/** May be repeated: a process that ends while it runs leaves no question. */
const say = definePlugin({
  code: 'say',
  version: '1.0.0',
  title: 'Say',
  inputs: z.object({}),
  repeat: () => true,
  execute: async () => done({}),
})
const keyed = (key: string, nodes: object, limit = 1) => ({ concurrency: { key, limit }, nodes })
const call = (flow: string) => ({ call: { use: 'flow', with: { flow } } })
const FLOWS = {
  leaf: keyed('leaf', { say: { use: 'say@1' } }, 2),
  middle: { nodes: { before: { use: 'say@1' }, ...call('leaf'), after: { use: 'say@1' } } },
  outer: keyed('outer', { ...call('middle'), second: { use: 'flow', with: { flow: 'leaf' } } }, 2),
  stuck: { nodes: { hold: { use: 'held@1' } } },
  holding: keyed('stuck', call('stuck')),
}
const rows = (w: World, sql: string) => w.db.prepare(sql).all()
/** Everything that was said has been heard, nobody holds or waits for anything, and lists say what is true. */
async function isQuiet(w: World): Promise<void> {
  await expect.poll(() => rows(w, 'SELECT task, sequence FROM letters'), { timeout: 5_000 }).toEqual([])
  await expect.poll(() => rows(w, 'SELECT n FROM outbox'), { timeout: 5_000 }).toEqual([])
  expect(rows(w, 'SELECT * FROM slots')).toEqual([])
  expect(rows(w, 'SELECT key FROM launch_keys WHERE request IS NOT NULL')).toEqual([])
  for (const [id, phase] of rows(w, 'SELECT id, phase FROM task_index') as [string, string][]) {
    const { state } = (await w.engine.task(id))!
    expect([id, phase]).toEqual([id, state.phase])
    expect(w.engine.verifyHistory(id)).toBeNull()
  }
}

/** A way back that is not to be trusted either. */
function faultyLetters(seed: number): { carry: (port: LetterPort) => LetterPort; settled(): Promise<void> } {
  let state = seed
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  const underWay = new Set<Promise<unknown>>()
  const lost = (): Error => new Error('the line went dead')
  return {
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay)
    },
    carry: (port) => ({
      async hand(task, letter) {
        const fate = random()
        if (fate < 0.15) throw lost()
        if (fate < 0.4) {
          // A copy comes later, after newer ones as like as not.
          const late = new Promise<void>((resolve) => setTimeout(resolve, random() * 20))
            .then(() => port.hand(task, letter))
            .catch(() => {})
          underWay.add(late)
          void late.finally(() => underWay.delete(late))
          if (fate < 0.25) throw lost()
        }
        await port.hand(task, letter)
        if (fate > 0.9) throw lost()
      },
    }),
  }
}

test.each([7, 42, 1_000, 31_337])(
  'over ways that fail (%i) every child is launched once, every place is given back, every task ends',
  async (seed) => {
    const there = faultyPort(seed, { sometimes: 0.4 })
    const back = faultyLetters(seed)
    const w = await start({
      plugins: [say],
      flows: FLOWS,
      engine: { carry: there.carry, carryLetters: back.carry, resendMs: [5] },
    })
    const launched = await Promise.all([1, 2, 3, 4, 5].map(() => w.launch('outer')))
    await press(w, launched[2]!.state.id, { kind: 'revoke', mode: 'cancel' })
    for (const { state } of launched) await w.until(state.id, isFinal)
    there.heal()
    await there.settled()
    await back.settled()
    await isQuiet(w)
    const phases = await Promise.all(launched.map(async ({ state }) => (await w.engine.task(state.id))!.state.phase))
    expect(phases).toEqual(['succeeded', 'succeeded', 'revoked', 'succeeded', 'succeeded'])
    // Outer, middle and two leaves each, but for what was stopped before it began.
    const count = rows(w, 'SELECT count(*) FROM task_index')[0]![0] as number
    expect(count).toBeGreaterThanOrEqual(17)
    expect(count).toBeLessThanOrEqual(20)
  },
  30_000,
)

describe('a process that ends', () => {
  /** Ways that can be cut, and a launch that can be held up. */
  function cuttable() {
    const cut = { there: false, back: false, answer: false, launch: false }
    const options: WorldOptions['engine'] = {
      resendMs: [10],
      carry: (port) => ({
        deliver: (messages) => (cut.there ? Promise.reject(new Error('cut')) : port.deliver(messages)),
      }),
      carryLetters: (port) => ({
        async hand(task, letter) {
          if (cut.back) throw new Error('cut')
          await port.hand(task, letter)
          if (cut.answer) throw new Error('cut')
        },
      }),
      currentVersion: () => (cut.launch ? new Promise(() => {}) : Promise.resolve(1)),
    }
    return { cut, options }
  }
  test.each(['there', 'back', 'answer', 'launch'] as const)(
    'with the way cut (%s) leaves nothing that the next one does not finish',
    async (where) => {
      const { cut, options } = cuttable()
      let w = await start({ plugins: [say], flows: FLOWS, engine: options })
      cut[where] = true
      const launched = await Promise.all([1, 2, 3].map(() => w.launch('outer')))
      const [first] = launched
      // As far as it comes.
      if (where === 'answer') await w.until(first!.state.id, ({ heard }) => heard > 0)
      else await expect.poll(() => w.engine.stats().running).toBe(0)
      if (where === 'launch') cut.launch = false
      w = await again()
      cut[where] = false
      for (const { state } of launched) expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
      await isQuiet(w)
    },
    30_000,
  )
  test('after it took a place for a launch that never made its task gives that place to the next', async () => {
    const plugin = held()
    let w = await start({ plugins: [plugin.plugin], flows: FLOWS })
    const first = await w.launch('holding')
    const second = await w.launch('holding')
    expect(second.state.phase).toBe('queued')
    await w.meddle('catalogue', "UPDATE slots SET task = 'nobody' WHERE task = ?", [first.state.id])
    w = await again()
    await w.until(second.state.id, ({ phase }) => phase !== 'queued')
    expect(rows(w, "SELECT task FROM slots WHERE task = 'nobody'")).toEqual([])
    plugin.release()
  })
  test('before its child exists, stopped meanwhile, never makes that child', async () => {
    const { cut, options } = cuttable()
    let w = await start({ plugins: [say], flows: FLOWS, engine: options })
    cut.launch = true
    const { state } = await w.launch('middle')
    await w.until(state.id, ({ children }) => children.length > 0)
    await press(w, state.id, { kind: 'revoke', mode: 'cancel' })
    cut.launch = false
    w = await again()
    expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'revoked' })
    await isQuiet(w)
    expect(rows(w, 'SELECT count(*) FROM task_index')).toEqual([[1]])
  })
  test('before its child exists, paused meanwhile, makes it stand before its first step', async () => {
    const { cut, options } = cuttable()
    let w = await start({ plugins: [say], flows: FLOWS, engine: options })
    cut.launch = true
    const { state } = await w.launch('middle')
    const { children } = await w.until(state.id, (now) => now.children.length > 0)
    await press(w, state.id, { kind: 'pause' })
    cut.launch = false
    w = await again()
    const child = await w.until(children[0]!.id, ({ phase }) => phase === 'paused')
    expect([...child.nodes.values()]).toEqual([])
    await press(w, state.id, { kind: 'resume' })
    expect(await w.until(state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
    await isQuiet(w)
  })
})
