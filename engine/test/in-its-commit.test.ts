/** Task and catalogue on one file: what a task says is applied in the commit that it tells of. */
import { sql } from 'drizzle-orm'
import { afterEach, expect, test } from 'vitest'
import type { PeopleCommand } from '../core/command.ts'
import { definePlugin, done, pollAfter, z } from '../plugin/index.ts'
import { IN_ITS_COMMIT, UNWRITTEN, type TaskMessage } from '../store/message.ts'
import { echo, held } from './plugins.ts'
import { compile, isFinal, viewerOf, world, wu, type World } from './setup.ts'

let open: World | null = null
afterEach(async () => {
  await open?.end()
  open = null
})
const FLOWS = { stuck: { nodes: { hold: { use: 'held@1' } } } }
const press = (w: World, task: string, command: object) =>
  w.engine.command(task, { ...command, by: wu } as PeopleCommand, viewerOf(wu))
const listed = (w: World, task: string) =>
  w.db.prepare('SELECT phase, version FROM task_index WHERE id = ?').get([task])
const awake = (w: World) =>
  w.db
    .prepare('SELECT task FROM awake')
    .all()
    .map(([task]) => task)
const sentByOutbox = (w: World) => w.db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'").get()?.[0] ?? 0
const inOutbox = (w: World) => w.db.prepare('SELECT count(*) FROM outbox').get()![0]

test('a list says what is true as soon as the step is on disk, and nothing passes through the outbox', async () => {
  const w = (open = await world({ flows: FLOWS, plugins: [held({ repeat: true }).plugin] }))
  const [{ state }] = await Promise.all([w.launch('stuck'), w.launch('stuck')])
  expect(listed(w, state.id)).toEqual(['running', state.version])
  const paused = await press(w, state.id, { kind: 'pause' })
  expect(listed(w, state.id)).toEqual(['paused', paused.state.version])
  expect(sentByOutbox(w)).toBe(0)
})

test('a launch by itself begins its work before lists have it, and answers when they do', async () => {
  const seen: { task: string; listed: unknown }[] = []
  const looks = definePlugin({
    code: 'looks',
    version: '1.0.0',
    title: 'Looks',
    inputs: z.object({}),
    async execute({ task }) {
      seen.push({ task: task.id, listed: listed(w, task.id) })
      return pollAfter(60_000, {})
    },
    poll: async () => done({}),
  })
  const asks = { nodes: { hold: { use: 'approval', with: { approvers: ['starter'] } } } }
  const begins = { nodes: { look: { use: 'looks@1' } } }
  const ways: number[] = []
  const onMessage = (_: unknown, { sequence }: TaskMessage) => void ways.push(sequence)
  const w = (open = await world({ flows: { begins, asks }, plugins: [looks], onMessage }))
  const { state } = await w.launch('begins')
  expect(seen).toEqual([{ task: state.id, listed: undefined }])
  expect(listed(w, state.id)).toEqual(['running', state.version])
  // With no work to begin there is no hurry.
  const asked = await w.launch('asks')
  expect(listed(w, asked.state.id)).toEqual(['waiting', asked.state.version])
  expect(ways).toEqual([UNWRITTEN, IN_ITS_COMMIT])
  expect(sentByOutbox(w)).toBe(0)
})

test.each([
  ['is taken in', 0, ['running', 'succeeded']],
  ['is taken in by itself, its commit being repeated', 1, ['running', 'succeeded']],
  ['is not taken in at first: then lists need it no more', 2, ['succeeded']],
])('no list goes back to what a launch said, when that %s', async (_, failures, told) => {
  let left = failures
  const phases: string[] = []
  const w = (open = await world({
    flows: { quick: { nodes: { say: { use: 'echo@1' } } } },
    plugins: [echo],
    engine: { resendMs: [1] },
    onMessage(_, { row }) {
      if (left-- > 0) throw new Error('the catalogue is not well')
      phases.push(row.phase)
    },
  }))
  const { state } = await w.launch('quick')
  await w.until(state.id, isFinal)
  await expect.poll(() => listed(w, state.id)?.[0]).toBe('succeeded')
  const next = (open = await w.restart())
  expect([phases, sentByOutbox(next)]).toEqual([told, 0])
})

test('what the catalogue cannot take stops no task: the step is recorded, and told later, in order', async () => {
  let fails = true
  const told: TaskMessage[] = []
  const w = (open = await world({
    flows: FLOWS,
    plugins: [held({ repeat: true }).plugin],
    engine: { resendMs: [1] },
    onMessage(tx, message) {
      tx.run(sql`UPDATE task_index SET title = 'half done' WHERE id = ${message.from}`)
      if (fails) throw new Error('the catalogue is not well')
      tx.run(sql`UPDATE task_index SET title = 'told' WHERE id = ${message.from}`)
      told.push(message)
    },
  }))
  const { state } = await w.launch('stuck')
  expect(state.phase).toBe('running')
  expect(listed(w, state.id)).toBeUndefined()
  // What it says next does not overtake what is still on its way.
  const paused = await press(w, state.id, { kind: 'pause' })
  expect(inOutbox(w)).toBe(1)
  fails = false
  await expect.poll(() => inOutbox(w)).toBe(0)
  expect(listed(w, state.id)).toEqual(['paused', paused.state.version])
  expect(told.map(({ row }) => row.phase)).toEqual(['running', 'paused'])
  const resumed = await press(w, state.id, { kind: 'resume' })
  expect(listed(w, state.id)).toEqual(['running', resumed.state.version])
  expect(told.at(-1)!.sequence).toBe(0)
  expect(inOutbox(w)).toBe(0)
})

test('one message that cannot be taken goes back alone with its batch, and each task is told of in the end', async () => {
  const bad = new Set<number>([2])
  const w = (open = await world({
    flows: FLOWS,
    plugins: [held({ repeat: true }).plugin],
    engine: { resendMs: [1] },
    onMessage(_, { row }) {
      if (bad.has(row.number)) throw new Error('not this one')
    },
  }))
  const views = await Promise.all([1, 2, 3].map(() => w.launch('stuck')))
  await expect.poll(() => inOutbox(w)).toBe(1)
  const [first, second, third] = views.map(({ state }) => state.id)
  expect(listed(w, first!)![0]).toBe('running')
  expect(listed(w, third!)![0]).toBe('running')
  expect(listed(w, second!)).toBeUndefined()
  bad.clear()
  await expect.poll(() => listed(w, second!)?.[0]).toBe('running')
  expect(inOutbox(w)).toBe(0)
})

test('what a process could not tell is told by the next, before anything newer', async () => {
  let fails = true
  const phases: string[] = []
  const w = (open = await world({
    flows: FLOWS,
    plugins: [held({ repeat: true }).plugin],
    engine: { resendMs: [1] },
    onMessage(_, { row }) {
      if (fails) throw new Error('the catalogue is not well')
      if (row.number === 1) phases.push(row.phase)
    },
  }))
  const [{ state }] = await Promise.all([w.launch('stuck'), w.launch('stuck')])
  await press(w, state.id, { kind: 'pause' })
  fails = false
  const next = (open = await w.restart({ graceMs: 0 }))
  await expect.poll(() => inOutbox(next)).toBe(0)
  expect(phases.slice(0, 2)).toEqual(['running', 'paused'])
  expect(listed(next, state.id)![0]).toBe('paused')
})

const polls = definePlugin({
  code: 'polls',
  version: '1.0.0',
  title: 'Polls',
  inputs: z.object({}),
  execute: async () => pollAfter(60_000, {}),
  poll: async () => done({}),
})
/** Runs until it is told to end, and writes nothing meanwhile. */
function untilTold() {
  let end!: () => void
  const told = new Promise<void>((resolve) => (end = resolve))
  const stubborn = definePlugin({
    code: 'stubborn',
    version: '1.0.0',
    title: 'Stubborn',
    inputs: z.object({}),
    execute: async () => (await told, done({})),
  })
  return { stubborn, end }
}
const LAUNCHED = {
  'still runs': { nodes: { hold: { use: 'held@1' } } },
  'waits and said nothing': { nodes: { look: { use: 'polls@1' } } },
  'has ended': { nodes: { say: { use: 'echo@1' } } },
}
test.each(Object.keys(LAUNCHED))(
  'a launch that no list could take is in one once the next process has read it: it %s',
  async (what) => {
    let fails = true
    let loadFails = false
    let loads = 0
    const flow = LAUNCHED[what as keyof typeof LAUNCHED]
    const plugins = [echo, polls, held({ repeat: true }).plugin]
    const told: TaskMessage[] = []
    let w = (open = await world({
      flows: { it: flow },
      plugins,
      engine: {
        resendMs: [60_000],
        async loadFlow(_, name) {
          if (loadFails) loads++
          if (loadFails) throw new Error('not now')
          return compile(name, flow, plugins)
        },
      },
      onMessage(_, message) {
        if (fails) throw new Error('the catalogue is not well')
        told.push(message)
      },
    }))
    const { state } = await w.launch('it')
    if (what !== 'still runs') await expect.poll(() => w.engine.stats().running).toBe(0)
    if (what === 'has ended') await w.until(state.id, isFinal)
    expect([awake(w), listed(w, state.id)]).toEqual([[state.id], undefined])
    // A start that cannot read it leaves it to whatever wakes it then.
    loadFails = true
    w = open = await w.restart({ graceMs: 0 })
    await expect.poll(() => loads).toBeGreaterThan(0)
    loadFails = false
    fails = false
    await w.engine.peopleChanged(state.id)
    const phase = what === 'has ended' ? 'succeeded' : 'running'
    await expect.poll(() => [listed(w, state.id)?.[0], inOutbox(w)]).toEqual([phase, 0])
    expect(new Set(told.map(({ row }) => row.phase))).toEqual(new Set([phase]))
    await expect.poll(() => awake(w)).toEqual(what === 'still runs' ? [state.id] : [])
    expect((await w.launch('it', { key: 'another' })).state.number).toBe(2)
  },
)

test('what waits before its launch was taken in stays in memory until then, and no longer', async () => {
  let left = 2
  const w = (open = await world({
    flows: { slow: { nodes: { look: { use: 'polls@1' } } } },
    plugins: [polls],
    engine: { resendMs: [20] },
    onMessage() {
      if (left-- > 0) throw new Error('the catalogue is not well')
    },
  }))
  const { state } = await w.launch('slow')
  await expect.poll(() => [listed(w, state.id)?.[0], awake(w), w.engine.stats().inMemory]).toEqual(['running', [], 0])
})

test('what a task says before its launch was taken in says too that it has changed: cards are made of that', async () => {
  let left = 1
  const told: string[][] = []
  const { stubborn, end } = untilTold()
  const w = (open = await world({
    flows: { it: { nodes: { hold: { use: 'stubborn@1' } } } },
    plugins: [stubborn],
    engine: { resendMs: [60_000] },
    onMessage(_, { notices }) {
      if (left-- > 0) throw new Error('the catalogue is not well')
      told.push(notices.map(({ kind }) => kind))
    },
  }))
  const { state } = await w.launch('it')
  await w.engine.notify(state.id, { kind: 'announce', people: [], text: 'a word' })
  expect([told, listed(w, state.id)?.[0]]).toEqual([[['changed', 'announce']], 'running'])
  end()
})

test('a launch that somebody has to hear of, that asks something of others, or whose head is signed is told in its commit', async () => {
  const ways: number[] = []
  const onMessage = (_: unknown, { sequence }: TaskMessage) => void ways.push(sequence)
  const fan = { gateway: 'parallel', next: ['look', 'more'] }
  const join = { gateway: 'converge', next: 'end' }
  const look = { use: 'polls@1', next: 'join' }
  const many = Array.from({ length: 300 }, (_, i) => `n${i}`)
  const asks = { use: 'approval', with: { approvers: ['starter'] }, next: 'join' }
  const child = { use: 'flow', with: { flow: 'slow' }, next: 'join' }
  const flows = {
    asks: { nodes: { fan, look, more: asks, join } },
    calls: { nodes: { fan, look, more: child, join } },
    slow: { nodes: { look: { use: 'polls@1' } } },
    wide: { nodes: { fan: { ...fan, next: many }, ...Object.fromEntries(many.map((id) => [id, look])), join } },
  }
  const w = (open = await world({ flows, plugins: [polls], onMessage }))
  for (const flow of ['asks', 'calls', 'wide']) {
    ways.length = 0
    await w.launch(flow)
    expect([flow, ways[0]]).toEqual([flow, IN_ITS_COMMIT])
    await expect.poll(() => w.engine.stats().inMemory).toBe(0) // the next one is alone in its commit
  }
})

test('who lists tasks when told of a change finds what was launched', async () => {
  const seen: unknown[] = []
  const { stubborn, end } = untilTold()
  const onChange = ({ id }: { id: string }) => void seen.push(listed(w, id)?.[0])
  const w = (open = await world({
    flows: { it: { nodes: { hold: { use: 'stubborn@1' } } } },
    plugins: [stubborn],
    engine: { onChange },
  }))
  await w.launch('it')
  expect(seen.at(-1)).toBe('running')
  end()
})

test('what a body does after the engine has stopped does not overtake what is still to be told', async () => {
  const { stubborn, end } = untilTold()
  let fails = false
  const phases: string[] = []
  const w = (open = await world({
    flows: { it: { nodes: { hold: { use: 'stubborn@1' } } } },
    plugins: [stubborn],
    engine: { resendMs: [1] },
    onMessage(_, { row }) {
      if (fails) throw new Error('the catalogue is not well')
      phases.push(row.phase)
    },
  }))
  const { state } = await w.launch('it')
  fails = true
  await press(w, state.id, { kind: 'pause' })
  await w.engine.stop(0)
  await new Promise((resolve) => setTimeout(resolve, 5)) // its last try is over
  fails = false
  end()
  await expect.poll(() => inOutbox(w)).toBe(2)
  const next = (open = await w.restart({ graceMs: 0 }))
  await expect.poll(() => inOutbox(next)).toBe(0)
  expect(phases.slice(0, 3)).toEqual(['running', 'paused', 'succeeded'])
  expect(listed(next, state.id)![0]).toBe('succeeded')
})

test('one history that cannot be read keeps nobody from starting', async () => {
  const w = (open = await world({ flows: FLOWS, plugins: [held({ repeat: true }).plugin] }))
  const { state } = await w.launch('stuck')
  await w.meddle('tasks', "UPDATE journal SET events = '[{' WHERE task = ?", [state.id])
  const next = (open = await w.restart({ graceMs: 0 }))
  expect((await next.launch('stuck', { key: 'another' })).state.phase).toBe('running')
})
