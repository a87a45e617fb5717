import { afterEach, expect, test } from 'vitest'
import type { LaunchFacts, PeopleCommand } from '../core/command.ts'
import type { TaskState } from '../core/state.ts'
import { brittle, echo, held } from './plugins.ts'
import { isFinal, li, viewerOf, world, wu, type World, type WorldOptions } from './setup.ts'

let open: World | null = null
afterEach(async () => {
  await open?.end()
  open = null
})
const start = async (options: WorldOptions): Promise<World> => (open = await world(options))
const again = async (): Promise<World> => (open = await open!.restart({ graceMs: 0 }))
type State = Readonly<TaskState>
const isIn = (phase: TaskState['phase']) => (state: State) => state.phase === phase
const press = (w: World, task: string, command: object) =>
  w.engine.command(task, { ...command, by: wu } as PeopleCommand, viewerOf(wu))

const VARIABLES = { env: { type: 'text', title: 'Environment', default: 'prod' } }
const one = (whenBusy: string, more: object = {}) => ({
  variables: VARIABLES,
  concurrency: { key: 'release-${env}', limit: 1, whenBusy },
  nodes: { hold: { use: 'held@1' } },
  ...more,
})
const env = (name: string) => ({ variables: { env: name }, launched: ['env'] })
/** Every kind of history hash still fits. */
const isWhole = (w: World, ...ids: string[]) =>
  expect(ids.map((id) => w.engine.verifyHistory(id))).toEqual(ids.map(() => null))

test('one runs, the others are queued in the order they were launched, and each starts when the one before has ended', async () => {
  const plugin = held({ cancel: async () => true })
  const w = await start({ plugins: [plugin.plugin], flows: { release: one('queue') } })
  const launched = await Promise.all([1, 2, 3].map(() => w.launch('release', env('prod'))))
  const [a, b, c] = launched.map(({ state }) => state.id) as [string, string, string]
  expect(launched.map(({ state }) => state.phase)).toEqual(['running', 'queued', 'queued'])
  expect([w.engine.queueOf(a), w.engine.queueOf(b), w.engine.queueOf(c)]).toEqual([
    { position: null, heldBy: [] },
    { position: 1, heldBy: [a] },
    { position: 2, heldBy: [a] },
  ])
  const other = await w.launch('release', env('staging'))
  expect(other.state.phase).toBe('running')
  const told = (id: string) => w.messages.filter(({ from }) => from === id).length
  const before = told(c)
  await press(w, a, { kind: 'revoke', mode: 'cancel' })
  await w.until(b, isIn('running'))
  // Cards show the place: it is said when it changes.
  await w.until(c, ({ heard }) => heard === 1)
  await expect.poll(() => told(c)).toBe(before + 1)
  expect(w.engine.queueOf(c)).toEqual({ position: 1, heldBy: [b] })
  expect((await w.engine.task(c))!.state.phase).toBe('queued')
  plugin.release()
  for (const id of [b, c]) expect(await w.until(id, isFinal)).toMatchObject({ phase: 'succeeded' })
  isWhole(w, a, b, c)
})

test.each([
  { how: 'it succeeds', spec: { nodes: { say: { use: 'echo@1' } } }, ends: 'succeeded' },
  { how: 'it fails', spec: { nodes: { say: { use: 'brittle@1', onFail: { then: 'fail' } } } }, ends: 'failed' },
  {
    how: 'its finally part has ended',
    spec: {
      nodes: { say: { use: 'brittle@1', onFail: { then: 'fail' } }, clean: { use: 'echo@1' } },
      finally: ['clean'],
    },
    ends: 'failed',
  },
])('the place is given back when $how', async ({ spec, ends }) => {
  const w = await start({ plugins: [echo, brittle()], flows: { release: one('queue', spec) } })
  const all = await Promise.all([1, 2, 3, 4].map(() => w.launch('release', env('prod'))))
  for (const { state } of all) expect(await w.until(state.id, isFinal)).toMatchObject({ phase: ends })
  const spans = await Promise.all(all.map(async ({ state }) => (await w.engine.task(state.id))!.state))
  for (const [i, span] of spans.entries())
    if (i > 0) expect(span.startedAt!).toBeGreaterThanOrEqual(spans[i - 1]!.endedAt!)
})

test('paused and in attention, a task keeps its place', async () => {
  const plugin = brittle()
  const w = await start({
    plugins: [plugin],
    flows: { release: one('queue', { nodes: { deploy: { use: 'brittle@1' } } }) },
  })
  const a = await w.launch('release', env('prod'))
  await w.until(a.state.id, isIn('attention'))
  const b = await w.launch('release', env('prod'))
  await press(w, a.state.id, { kind: 'pause' })
  expect((await w.engine.task(b.state.id))!.state.phase).toBe('queued')
  await press(w, a.state.id, { kind: 'revoke', mode: 'cancel' })
  await w.until(b.state.id, isIn('attention'))
})

test('one that leaves the queue is over, and the next moves up', async () => {
  const plugin = held()
  const w = await start({ plugins: [plugin.plugin], flows: { release: one('queue') } })
  const [a, b, c] = await Promise.all([1, 2, 3].map(() => w.launch('release', env('prod'))))
  await press(w, b!.state.id, { kind: 'revoke', mode: 'cancel' })
  expect(await w.until(b!.state.id, isFinal)).toMatchObject({ phase: 'revoked' })
  plugin.release()
  for (const one of [a, c]) expect(await w.until(one!.state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})

test('reject refuses the launch, keeps nothing of it, and its key is free for another try', async () => {
  const plugin = held()
  const w = await start({ plugins: [plugin.plugin], flows: { release: one('reject') } })
  const a = await w.launch('release', env('prod'))
  const again = { ...env('prod'), key: 'again', rawInput: 'x' }
  await expect(w.launch('release', again)).rejects.toMatchObject({ code: 'BUSY', detail: { heldBy: [a.state.id] } })
  expect(w.engine.taskIdOf({ key: 'again', project: 'default', client: 'test' })).toBeNull()
  plugin.release()
  await w.until(a.state.id, isFinal)
  await expect.poll(() => w.engine.queueOf(a.state.id).heldBy).toEqual([])
  expect((await w.launch('release', again)).state.phase).toBe('running')
})

test('join gives the one that runs, and the joiner follows it; other variables are busy', async () => {
  const plugin = held()
  const w = await start({
    plugins: [plugin.plugin],
    flows: { release: { ...one('join'), concurrency: { key: 'release', limit: 1, whenBusy: 'join' } } },
  })
  const a = await w.launch('release', env('prod'))
  const joined = await w.launch('release', { ...env('prod'), by: wu, key: 'mine', rawInput: 'x' })
  expect(joined.state.id).toBe(a.state.id)
  expect((await w.until(a.state.id, ({ followers }) => followers.length > 0)).followers).toEqual(['p-wu'])
  expect((await w.launch('release', { ...env('prod'), by: wu, key: 'mine', rawInput: 'x' })).state.id).toBe(a.state.id)
  await expect(w.launch('release', env('staging'))).rejects.toMatchObject({ code: 'BUSY' })
  plugin.release()
})

test('one that was planned takes its place when it starts; refused, it is as before and its starter is told', async () => {
  const plugin = held()
  const w = await start({ plugins: [plugin.plugin], flows: { release: one('reject') } })
  const later = await w.launch('release', { ...env('prod'), startNow: false })
  const a = await w.launch('release', env('prod'))
  await press(w, later.state.id, { kind: 'start' })
  const stood = await w.until(later.state.id, (s) => s.phase === 'created' && s.heard === 1)
  expect(stood.slot).toBeNull()
  await w.heard('announce')
  plugin.release()
  await w.until(a.state.id, isFinal)
  await expect.poll(() => w.engine.launchOutlook(later.flow, asLaunched(later.state))?.kind).toBe('granted')
  await press(w, later.state.id, { kind: 'start' })
  expect(await w.until(later.state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})

const asLaunched = (state: State): Omit<LaunchFacts, 'id' | 'number'> => {
  const { project, title, app, variables, launched, omit, scheme, origin, rehearsal } = state
  const plain = { project, title, app, variables, launched, omit, scheme, origin, rehearsal }
  return { ...plain, key: null, client: null, startNow: true, startAt: null, by: li }
}

test('a rehearsal waits for nobody and keeps nobody waiting', async () => {
  const plugin = held()
  const w = await start({ plugins: [plugin.plugin], flows: { release: one('reject') } })
  await w.launch('release', env('prod'))
  const rehearsal = await w.launch('release', { ...env('prod'), rehearsal: true })
  expect(await w.until(rehearsal.state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})

test('a key that comes to nothing refuses the launch', async () => {
  const w = await start({
    plugins: [echo],
    flows: { release: one('queue', { concurrency: { key: '${env}' }, nodes: { a: { use: 'echo@1' } } }) },
  })
  await expect(w.launch('release', env(''))).rejects.toMatchObject({ code: 'INVALID_INPUT' })
})

test('a queue outlives a restart', async () => {
  const plugin = held({ resume: true })
  let w = await start({ plugins: [plugin.plugin], flows: { release: one('queue') } })
  const [a, b] = await Promise.all([1, 2].map(() => w.launch('release', env('prod'))))
  await plugin.called('checkpointed 1')
  w = await again()
  expect(w.engine.queueOf(b!.state.id)).toEqual({ position: 1, heldBy: [a!.state.id] })
  await plugin.called('resume 1 {"begun":1}')
  plugin.release()
  for (const one of [a, b]) expect(await w.until(one!.state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})

test('children take part in the place of their parent; a circle of keys fails the node that would close it', async () => {
  const plugin = held({ cancel: async () => true })
  const keyed = (key: string, nodes: object) => ({ concurrency: { key }, nodes })
  const call = (flow: string) => ({ call: { use: 'flow', with: { flow } } })
  const w = await start({
    plugins: [plugin.plugin, echo],
    flows: {
      'leaf-a': keyed('A', { say: { use: 'echo@1' } }),
      'leaf-b': keyed('B', { say: { use: 'echo@1' } }),
      nested: keyed('A', call('leaf-a')),
      first: keyed('A', { ask: { use: 'confirm', with: { by: 'Wu', text: 'Go?' } }, ...call('leaf-b') }),
      second: keyed('B', { ask: { use: 'confirm', with: { by: 'Wu', text: 'Go?' } }, ...call('leaf-a') }),
    },
  })
  const nested = await w.launch('nested')
  expect(await w.until(nested.state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
  const first = await w.launch('first')
  const second = await w.launch('second')
  const confirm = async (id: string): Promise<void> => {
    const { asks } = await w.until(id, isIn('waiting'))
    const [ask] = [...asks.values()]
    await press(w, id, { kind: 'decide', askId: ask!.id, digest: ask!.digest, verdict: 'confirm' })
  }
  await confirm(first.state.id)
  const { children } = await w.until(first.state.id, ({ children }) => children[0]?.phase === 'queued')
  await confirm(second.state.id)
  const stuck = await w.until(second.state.id, isIn('attention'))
  expect(stuck.nodes.get('call')!.error).toMatchObject({ code: 'CONCURRENCY_DEADLOCK' })
  await press(w, second.state.id, { kind: 'revoke', mode: 'cancel' })
  expect(await w.until(children[0]!.id, isFinal)).toMatchObject({ phase: 'succeeded' })
  expect(await w.until(first.state.id, isFinal)).toMatchObject({ phase: 'succeeded' })
})
