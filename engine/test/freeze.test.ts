import { afterEach, expect, test } from 'vitest'
import type { Frozen } from '../core/freeze.ts'
import { definePlugin, done, z } from '../plugin/index.ts'
import { isFinal, li, viewerOf, world, type World } from './setup.ts'

const quiet: Frozen = { name: 'quiet', title: 'Quiet days', help: null, since: 0, until: 4_102_444_800_000 }
const act = definePlugin({
  code: 'act',
  version: '1.0.0',
  title: 'Act',
  inputs: z.object({}),
  repeat: () => true,
  execute: async () => done({}),
})
const flows = {
  one: { nodes: { a: { use: 'act@1' } } },
  held: {
    concurrency: { key: 'place', limit: 1, whenBusy: 'queue' },
    nodes: { ok: { use: 'confirm', with: { by: ['role:qa'], text: 'Go on?' } } },
  },
  gate: {
    nodes: {
      ok: { use: 'confirm', with: { by: ['role:qa'], text: 'Go on?' } },
      c: { use: 'flow', with: { flow: 'one' } },
    },
  },
}
let holds = false
let open: World | null = null
const start = async (): Promise<World> => {
  holds = false
  open = await world({
    flows,
    plugins: [act],
    engine: { frozen: (_, at) => (holds && at < quiet.until! ? quiet : null) },
  })
  return open
}
afterEach(() => open?.end())
const refused = expect.objectContaining({ code: 'FROZEN' }) as Error

test('a launch is refused before it has a number, and nothing is left of it', async () => {
  const { engine, launch, rows } = await start()
  holds = true
  await expect(launch('one', { key: 'k' })).rejects.toThrow(refused)
  expect(engine.taskIdOf({ project: 'default', client: 'test', key: 'k' })).toBeNull()
  holds = false
  expect((await launch('one', { key: 'k' })).state.number).toBe(1)
  expect(await rows('SELECT id FROM task_index')).toHaveLength(1)
})

test('the same launch again is the task it made, freeze or not', async () => {
  const { launch } = await start()
  const again = { key: 'k', rawInput: 'same' }
  const first = await launch('one', again)
  holds = true
  expect((await launch('one', again)).state.id).toBe(first.state.id)
})

test('a launch for after the freeze is taken, one into it is not, and one that waits to be started is', async () => {
  const { launch } = await start()
  holds = true
  const at = (startAt: number) => launch('one', { startAt, startNow: false })
  await expect(at(quiet.until! - 1)).rejects.toThrow(refused)
  expect((await at(quiet.until!)).state.phase).toBe('created')
  expect((await launch('one', { startNow: false })).state.phase).toBe('created')
  expect((await launch('one', { rehearsal: true })).state.rehearsal).toBe(true)
})

test('a task that runs goes on through a freeze, its children too', async () => {
  const { engine, launch, until } = await start()
  const { state } = await launch('gate')
  const asked = await until(state.id, ({ asks }) => asks.size > 0)
  holds = true
  const [ask] = [...asked.asks.values()]
  const wu = { ...li, person: 'p-wu', name: 'Wu' }
  await engine.command(
    state.id,
    { kind: 'decide', by: wu, askId: ask!.id, digest: ask!.digest, verdict: 'confirm' },
    viewerOf(wu),
  )
  expect((await until(state.id, isFinal)).phase).toBe('succeeded')
})

test('one that is launched in spite of it says why, and those of the app are told', async () => {
  const { launch, until, heard, messages } = await start()
  holds = true
  const { state } = await launch('one', { overrideFreeze: 'it burns' })
  expect((await until(state.id, isFinal)).phase).toBe('succeeded')
  await heard('freeze_passed')
  expect(messages.flatMap(({ notices }) => notices)).toContainEqual({
    kind: 'freeze_passed',
    refs: [],
    title: 'Quiet days',
    text: 'it burns',
    by: 'Li',
  })
})

test('one that queues for its place when a freeze begins waits for its end, or for somebody who may; what the freeze does not mean overtakes it', async () => {
  open = await world({
    flows: { ...flows, meant: flows.held },
    plugins: [act],
    engine: { frozen: ({ flow }, at) => (holds && flow === 'meant' && at < quiet.until! ? quiet : null) },
  })
  const { engine, launch, until: once } = open
  holds = false
  const first = await launch('held')
  const meant = await launch('meant')
  const other = await launch('held')
  expect([meant.state.phase, other.state.phase]).toEqual(['queued', 'queued'])
  holds = true
  const confirm = async (id: string): Promise<void> => {
    const { asks } = await once(id, (state) => [...state.asks.values()].some((ask) => ask.state === 'open'))
    const [ask] = [...asks.values()]
    const wu = { ...li, person: 'p-wu', name: 'Wu' }
    const press = { kind: 'decide', by: wu, askId: ask!.id, digest: ask!.digest, verdict: 'confirm' } as const
    await engine.command(id, press, viewerOf(wu))
  }
  await confirm(first.state.id)
  const waits = await once(meant.state.id, ({ phase }) => phase === 'created')
  expect(waits.timers.get('task/start_at')?.dueAt).toBe(quiet.until)
  await confirm(other.state.id)
  await once(other.state.id, isFinal)
  await engine.command(
    meant.state.id,
    { kind: 'start', by: li, overrideFreeze: 'it burns' },
    { ...viewerOf(li), rights: new Set(['override-freeze']) },
  )
  await confirm(meant.state.id)
  expect((await once(meant.state.id, isFinal)).phase).toBe('succeeded')
})

test('after a freeze those it sent away stand in their line in the order in which they came, not in which they come back', async () => {
  open = await world({
    flows: { ...flows, meant: flows.held },
    plugins: [act],
    engine: { frozen: ({ flow }, at) => (holds && flow === 'meant' && at < quiet.until! ? quiet : null) },
  })
  const { engine, launch, until: once } = open
  holds = false
  const ran: string[] = []
  const confirm = async (id: string): Promise<void> => {
    const { asks, flow } = await once(id, (state) => [...state.asks.values()].some((ask) => ask.state === 'open'))
    ran.push(flow.name)
    const [ask] = [...asks.values()]
    const wu = { ...li, person: 'p-wu', name: 'Wu' }
    const press = { kind: 'decide', by: wu, askId: ask!.id, digest: ask!.digest, verdict: 'confirm' } as const
    await engine.command(id, press, viewerOf(wu))
  }
  const first = await launch('held')
  const [b, c] = [await launch('meant'), await launch('meant')]
  const x = await launch('held')
  holds = true
  await confirm(first.state.id)
  for (const { state } of [b, c]) await once(state.id, ({ phase }) => phase === 'created')
  const late = await launch('held') // comes after all of them, while x is at work
  holds = false
  for (const { state } of [c, b]) {
    await engine.command(state.id, { kind: 'start', by: li }, viewerOf(li))
    await once(state.id, ({ phase }) => phase === 'queued')
  }
  await expect.poll(() => [b, c, late].map(({ state }) => engine.queueOf(state.id).position)).toEqual([1, 2, 3])
  for (const { state } of [x, b, c, late]) {
    await confirm(state.id)
    await once(state.id, isFinal)
  }
  expect(ran).toEqual(['held', 'held', 'meant', 'meant', 'held'])
})
