import { env, listDurableObjectIds, runInDurableObject } from 'cloudflare:test'
import { afterEach, expect, test } from 'vitest'
import { isBlank } from '../../store/durable-object/open.ts'
import { eventually } from '../eventually.ts'
import { calledBack, echo, held, polling } from '../plugins.ts'
import { isFinal, li, viewerOf, type WorldOptions } from '../world.ts'
import { objectsWorld, type ObjectsWorld } from './objects-world.ts'

let open: ObjectsWorld | null = null
afterEach(async () => {
  await open?.end()
  open = null
})
const start = async (options: WorldOptions): Promise<ObjectsWorld> => (open = await objectsWorld(options))
/** What the catalogue has been told of a task; asks nothing of anybody, so it wakes nobody. */
const told = (w: ObjectsWorld, id: string) => w.messages.filter(({ from }) => from === id).at(-1)?.row.phase
const stubOf = (id: string) => env.TASKS.get(env.TASKS.idFromName(id))

test('a body that ran in the crash is taken up again by the alarm alone: nobody has to ask', async () => {
  const body = held({ resume: true })
  const w = await start({ plugins: [body.plugin], flows: { long: { nodes: { work: { use: 'held@1' } } } } })
  const { state } = await w.launch('long')
  await body.called('checkpointed 1')
  await w.crash()
  await body.called('resume 1 {"begun":1}')
  body.release()
  await eventually(() => told(w, state.id) === 'succeeded')
  expect(body.calls.filter((call) => call === 'execute 1')).toHaveLength(1)
})

test('a body that may not run twice is lost by a crash, and people are asked', async () => {
  const body = held()
  const w = await start({ plugins: [body.plugin], flows: { long: { nodes: { work: { use: 'held@1' } } } } })
  const { state } = await w.launch('long')
  await body.called('checkpointed 1')
  await w.crash()
  await eventually(() => told(w, state.id) === 'attention')
  expect(body.calls).toEqual(['execute 1', 'checkpointed 1'])
  const { state: now } = (await w.engine.task(state.id))!
  expect(now.nodes.get('work')).toMatchObject({ state: 'failed', error: { cause: 'lost' } })
})

test('timers fire by the alarm, over crashes, once each', async () => {
  const w = await start({
    plugins: [polling(4), echo],
    flows: { slow: { nodes: { nap: { use: 'wait', with: { for: '150ms' } }, poll: { use: 'polling@1' } } } },
  })
  const launched = await Promise.all([1, 2, 3].map(() => w.launch('slow')))
  await w.crash()
  await w.crash()
  for (const { state } of launched) {
    await eventually(() => told(w, state.id) === 'succeeded')
    const { state: now } = (await w.engine.task(state.id))!
    expect(now.nodes.get('nap')?.attempts).toHaveLength(1)
    expect(now.nodes.get('poll')?.outputs).toEqual({ polls: 4 })
  }
})

test('a task that waits for people sleeps until its next timer is due', async () => {
  const w = await start({
    plugins: [echo],
    flows: { release: { nodes: { ok: { use: 'approval', with: { approvers: ['role:qa'], remindEvery: '2h' } } } } },
  })
  const { state } = await w.launch('release')
  await w.heard('ask_opened')
  // What its launch had armed rings once more and finds nothing.
  const alarm = () => runInDurableObject(stubOf(state.id), async (_, { storage }) => (await storage.getAlarm()) ?? 0)
  const [timer] = (await w.engine.task(state.id))!.state.timers.values()
  await expect.poll(alarm, { timeout: 10_000 }).toBeGreaterThan(timer!.dueAt - 1_000)
  expect(await alarm()).toBeLessThan(timer!.dueAt + 1_000)
})

test('what goes wrong in an alarm does not keep the next one from being armed', async () => {
  const body = held()
  const w = await start({
    plugins: [body.plugin, echo],
    flows: {
      nap: {
        nodes: { first: { use: 'held@1' }, nap: { use: 'wait', with: { for: '20ms' } }, then: { use: 'echo@1' } },
      },
    },
  })
  const { state } = await w.launch('nap')
  await body.called('checkpointed 1')
  await w.meddle('tasks', "CREATE TRIGGER stuck BEFORE DELETE ON timers BEGIN SELECT RAISE(ABORT, 'no room'); END")
  body.release()
  const napping = await w.until(state.id, ({ nodes }) => nodes.get('nap')?.state === 'waiting')
  const [timer] = napping.timers.values()
  await eventually(() => Date.now() > timer!.dueAt + 200) // it has rung, and could not be dealt with
  expect(told(w, state.id)).toBe('waiting')
  await w.meddle('tasks', 'DROP TRIGGER stuck')
  await eventually(() => told(w, state.id) === 'succeeded')
})

test('a launch whose reservation is not recorded makes no task: its key would make a second one', async () => {
  const w = await start({ plugins: [echo], flows: { one: { nodes: { one: { use: 'echo@1' } } } } })
  expect(await w.engine.taskIdOf({ number: 1 })).toBeNull() // the catalogue has its tables now
  await w.meddle(
    'catalogue',
    "CREATE TRIGGER full BEFORE INSERT ON launch_keys BEGIN SELECT RAISE(ABORT, 'no room'); END",
  )
  const before = (await listDurableObjectIds(env.TASKS)).length
  await expect(w.launch('one', { key: 'k', rawInput: 'a' })).rejects.toThrow()
  expect((await listDurableObjectIds(env.TASKS)).length).toBe(before)
  await w.meddle('catalogue', 'DROP TRIGGER full')
  const { state } = await w.launch('one', { key: 'k', rawInput: 'a' })
  await w.until(state.id, isFinal)
  expect(await w.engine.taskIdOf({ key: 'k', project: 'default', client: 'test' })).toBe(state.id)
})

test('looking for a task that nobody has launched writes nothing', async () => {
  const w = await start({ plugins: [echo], flows: {} })
  expect(await w.engine.task('made-up')).toBeNull()
  expect(await w.engine.verifyHistory('made-up')).toBeNull()
  expect(await w.engine.history('made-up')).toEqual([])
  await expect(w.engine.command('made-up', { kind: 'pause', by: li }, viewerOf(li))).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  expect(await runInDurableObject(stubOf('made-up'), (_, { storage }) => isBlank(storage))).toBe(true)
})

test('a callback finds its task by its token, after a crash too; a forged one wakes nobody', async () => {
  const { plugin, addresses } = calledBack()
  const w = await start({ plugins: [plugin], flows: { call: { nodes: { call: { use: 'called@1' } } } } })
  const { state } = await w.launch('call')
  await w.until(state.id, ({ nodes }) => nodes.get('call')?.state === 'waiting')
  await w.crash()
  const before = (await listDurableObjectIds(env.TASKS)).length
  expect(await w.engine.callback('bm9ib2R5.forged', {}, null)).toBe(false)
  expect((await listDurableObjectIds(env.TASKS)).length).toBe(before)
  expect(await w.engine.callback(addresses[0]!.token, { say: 'now', last: true }, null)).toBe(true)
  await w.until(state.id, isFinal)
})

test('whoever watches a task or its log goes on watching over a crash', async () => {
  const body = held({ resume: true })
  const plugin = {
    ...body.plugin,
    resume: async (ctx: Parameters<NonNullable<typeof body.plugin.resume>>[0], state: never, inputs: never) => (
      ctx.log('back again\n', 'stdout'),
      body.plugin.resume!(ctx, state, inputs)
    ),
  }
  const w = await start({ plugins: [plugin], flows: { long: { nodes: { work: { use: 'held@1' } } } } })
  const { state } = await w.launch('long')
  await body.called('checkpointed 1')
  const phases: string[] = []
  const lines: string[] = []
  const stops = [
    w.engine.onTask(state.id, (view) => phases.push(view.state.phase)),
    w.engine.onLog(state.id, 'work', 1, (line) => lines.push(line.text)),
  ]
  await w.crash()
  await body.called('resume 1 {"begun":1}')
  body.release()
  await eventually(() => phases.at(-1) === 'succeeded' && lines.length > 0)
  expect(lines).toEqual(['back again'])
  for (const stop of stops) stop()
})
