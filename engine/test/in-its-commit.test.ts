/** Task and catalogue on one file: what a task says is applied in the commit that it tells of. */
import { sql } from 'drizzle-orm'
import { afterEach, expect, test } from 'vitest'
import type { PeopleCommand } from '../core/command.ts'
import { definePlugin, done, pollAfter, z } from '../plugin/index.ts'
import { IN_ITS_COMMIT, IN_ITS_HISTORY, type TaskMessage } from '../store/message.ts'
import { echo, held } from './plugins.ts'
import { isFinal, viewerOf, world, wu, type World } from './setup.ts'

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
  expect(ways).toEqual([IN_ITS_HISTORY, IN_ITS_COMMIT])
  expect(sentByOutbox(w)).toBe(0)
})

test.each([
  ['is taken in', 0, 0],
  ['is taken in by itself, its commit being repeated', 1, 0],
  ['is not taken in at first', 2, 1],
])('what a task says while its launch is on its way does not overtake it, when that %s', async (_, failures, sent) => {
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
  await expect.poll(() => inOutbox(w)).toBe(0)
  expect(listed(w, state.id)![0]).toBe('succeeded')
  expect(phases.slice(-2)).toEqual(['running', 'succeeded'])
  // The second went with its commit when the first had gone before it there.
  expect(sentByOutbox(w)).toBe(sent)
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
      phases.push(row.phase)
    },
  }))
  const { state } = await w.launch('stuck')
  await press(w, state.id, { kind: 'pause' })
  fails = false
  const next = (open = await w.restart({ graceMs: 0 }))
  await expect.poll(() => inOutbox(next)).toBe(0)
  expect(phases.slice(0, 2)).toEqual(['running', 'paused'])
  expect(listed(next, state.id)![0]).toBe('paused')
})

test('what a launch said is in its history: the next process tells it as this one would have, before what it said later', async () => {
  let fails = false
  const told: TaskMessage[] = []
  const w = (open = await world({
    flows: { quick: { nodes: { say: { use: 'echo@1' } } } },
    plugins: [echo],
    engine: { resendMs: [60_000], now: () => Date.UTC(2026, 0, 1) },
    onMessage(_, message) {
      if (fails) throw new Error('the catalogue is not well')
      told.push(message)
    },
  }))
  const known = await w.launch('quick')
  await w.until(known.state.id, isFinal)
  fails = true
  const { state } = await w.launch('quick')
  await w.until(state.id, isFinal)
  await expect.poll(() => w.engine.stats().inMemory).toBe(0)
  // It has ended, and still the next start must look at it.
  expect([awake(w), listed(w, state.id)]).toEqual([[state.id], undefined])
  fails = false
  const next = (open = await w.restart({ graceMs: 0 }))
  await expect.poll(() => [awake(next), inOutbox(next)]).toEqual([[], 0])
  const HOW_IT_CAME = { sequence: undefined, after: undefined, head: undefined }
  const of = (id: string) => told.filter(({ from }) => from === id)
  const text = (messages: readonly TaskMessage[], { id, number }: { id: string; number: number }) =>
    JSON.stringify(messages.map((message) => ({ ...message, ...HOW_IT_CAME })))
      .replaceAll(id, 'ID')
      .replaceAll(`"number":${number}`, '"number":N')
  expect(of(state.id).map(({ row }) => row.phase)).toEqual(['running', 'succeeded'])
  expect(text(of(state.id), state)).toBe(text(of(known.state.id), known.state))
})
