import { expect, test } from 'vitest'
import type { PeopleCommand } from '../command.ts'
import type { Actor } from '../state.ts'
import {
  act,
  ask,
  Bench,
  branch,
  converge,
  directoryOf,
  exclusive,
  expression,
  flowOf,
  is,
  lin,
  parallel,
  retries,
  START,
  text,
  value,
  variable,
  wei,
  policy,
} from './build.ts'

const refusal = (code: string, why?: string) =>
  expect.objectContaining({ code, ...(why && { detail: expect.objectContaining({ why }) as object }) }) as Error
const hold = (task: Bench, kind: 'pause_before' | 'unpause', nodeId: string, by: Actor = wei): void => {
  task.do({ kind, by, nodeId, attempt: task.state.nodes.get(nodeId)?.attempt ?? 0 } as PeopleCommand)
}
const three = flowOf([act('a', 'b'), act('b', 'c'), act('c', 'end')])

// ---- pause before ---------------------------------------------------------------------------------------------------

test('a node paused before is not visited until somebody lifts it', () => {
  const task = new Bench(three)
  hold(task, 'pause_before', 'b')
  expect(task.state.phase).toBe('running')
  task.done('a')
  expect(task.state).toMatchObject({ phase: 'paused', paused: false, pausedBefore: ['b'] })
  expect(task.state.nodes.has('b')).toBe(false)
  expect(() => task.press('retry', 'b', wei)).toThrow(refusal('NOT_ALLOWED', 'NOT_VISITED'))
  hold(task, 'unpause', 'b')
  expect(task.state).toMatchObject({ phase: 'running', pausedBefore: [] })
  expect(task.node('b')).toMatchObject({ state: 'running', attempt: 1 })
  expect(task.replayed()).toEqual(task.state)
})

test('pausing before a step while others go on shows what they do', () => {
  const fan = flowOf([
    parallel('fan', ['a', 'b'], 'join'),
    act('a', 'a2'),
    act('a2', 'join'),
    ask('b', 'join', { approvers: ['role:qa'] }),
    converge('join', 'end'),
  ])
  const task = new Bench(fan, {}, { directory: directoryOf({ 'role:qa': ['ana'] }) })
  hold(task, 'pause_before', 'a2')
  task.done('a')
  expect(task.state).toMatchObject({ phase: 'waiting', waitingFor: ['approval'] })
  expect(() => hold(task, 'pause_before', 'join')).toThrow(refusal('NOT_ALLOWED', 'CONVERGE'))
  hold(task, 'unpause', 'a2')
  expect(task.state.phase).toBe('running')
})

test('what stands before a paused node stays there over pause and resume, and ends when the task is stopped', () => {
  const task = new Bench(three)
  hold(task, 'pause_before', 'b')
  task.do({ kind: 'pause', by: lin })
  task.done('a')
  hold(task, 'unpause', 'b')
  expect(task.state.phase).toBe('paused')
  hold(task, 'pause_before', 'b')
  task.do({ kind: 'resume', by: lin })
  expect(task.state).toMatchObject({ phase: 'paused', paused: false })
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  expect(task.state.phase).toBe('revoked')
  expect(task.replayed()).toEqual(task.state)
})

test('a pause before is aimed at an attempt like every press, and not at what runs whatever happens', () => {
  const flow = flowOf([act('a', 'b'), act('b', 'end'), act('clean', 'end')], { finally: ['clean'] })
  const task = new Bench(flow)
  expect(() => task.do({ kind: 'pause_before', by: wei, nodeId: 'b', attempt: 3 })).toThrow(refusal('INVALID_INPUT'))
  expect(() => task.do({ kind: 'pause_before', by: wei, nodeId: 'a', attempt: 0 })).toThrow(refusal('STALE'))
  expect(() => task.do({ kind: 'pause_before', by: wei, nodeId: 'x', attempt: 0 })).toThrow(refusal('NOT_FOUND'))
  expect(() => hold(task, 'pause_before', 'clean')).toThrow(refusal('NOT_ALLOWED', 'FINALLY'))
  expect(() => hold(task, 'unpause', 'b')).toThrow(refusal('NOT_ALLOWED', 'NOT_PAUSED'))
  hold(task, 'pause_before', 'b')
  expect(task.kinds({ kind: 'pause_before', by: lin, nodeId: 'b', attempt: 0 })).toEqual([])
})

test('in a loop a pause holds each visit until it is lifted', () => {
  const loop = flowOf(
    [
      act('a', 'more', { save: { again: 'again' } }),
      exclusive('more', [branch('a', is('again', 'yes')), branch('end')]),
    ],
    { variables: [text('again')] },
  )
  const task = new Bench(loop)
  hold(task, 'pause_before', 'a')
  task.done('a', { again: 'yes' })
  expect(task.state.phase).toBe('paused')
  hold(task, 'unpause', 'a')
  expect(task.node('a')).toMatchObject({ visit: 2, attempt: 2, state: 'running' })
})

// ---- planned start, note, late --------------------------------------------------------------------------------------

test('a planned start can be moved and taken away, by whoever is first', () => {
  const task = new Bench(three, { startAt: START + 60_000, startNow: false })
  task.do({ kind: 'plan', by: lin, at: START + 120_000 })
  task.pass(60_000)
  expect(task.state).toMatchObject({ phase: 'created', lastAct: { what: 'planned' } })
  task.do({ kind: 'plan', by: lin, at: null })
  task.pass(600_000)
  expect(task.state.phase).toBe('created')
  expect(() => task.do({ kind: 'plan', by: lin, at: START })).toThrow(refusal('INVALID_INPUT'))
  task.do({ kind: 'plan', by: lin, at: task.env.now + 1_000 })
  task.pass(1_000)
  expect(task.state.phase).toBe('running')
  expect(() => task.do({ kind: 'plan', by: lin, at: null })).toThrow(refusal('STALE'))
})

test('a note is for everybody who looks, also when all is over', () => {
  const task = new Bench(flowOf([act('a', 'end')]))
  task.do({ kind: 'set_note', by: lin, text: ' rolled back by hand ' })
  expect(task.state.note).toBe('rolled back by hand')
  expect(task.kinds({ kind: 'set_note', by: lin, text: 'rolled back by hand' })).toEqual([])
  task.done('a')
  task.do({ kind: 'set_note', by: wei, text: '' })
  expect(task.state).toMatchObject({ phase: 'succeeded', note: null })
  expect(() => task.do({ kind: 'set_note', by: lin, text: 'x'.repeat(2_001) })).toThrow(refusal('INVALID_INPUT'))
})

test('what takes longer than expected is late, once; the app’s word goes before the flow’s', () => {
  const slow = flowOf([act('a', 'end')], { expectMs: 60_000 })
  const task = new Bench(slow, { expectMs: 5_000 })
  task.pass(4_999)
  expect(task.state.late).toBe(false)
  task.pass(600_000)
  expect(task.state.late).toBe(true)
  expect(task.history.flatMap(({ events }) => events).filter(({ kind }) => kind === 'task_late')).toHaveLength(1)
  const inTime = new Bench(slow)
  inTime.done('a')
  expect(inTime.state).toMatchObject({ late: false, phase: 'succeeded' })
  expect(inTime.state.timers.size).toBe(0)
})

// ---- items that only wait -------------------------------------------------------------------------------------------

test('a list whose items all wait is waiting; one that runs, or may still start, is running', () => {
  const each = { in: value(['x', 'y', 'z']), as: 'host', atOnce: 2, stopAfter: 0 }
  const list = flowOf([act('deploy', 'end', { each, onFail: policy({ retry: retries(1, { delayMs: 60_000 }) }) })])
  const task = new Bench(list)
  task.result('deploy', { kind: 'callback', state: 1 }, 0)
  expect(task.state).toMatchObject({ phase: 'running', waitingFor: [] })
  task.result('deploy', { kind: 'callback', state: 1 }, 1)
  expect(task.state).toMatchObject({ phase: 'waiting', waitingFor: ['callback'] })
  task.do({ kind: 'result', nodeId: 'deploy', item: 0, attempt: 1, result: { kind: 'done', outputs: {} } })
  expect(task.state.phase).toBe('running') // z began
  task.fails('deploy', {}, 2)
  expect(task.state).toMatchObject({ phase: 'waiting', waitingFor: ['callback'] })
  task.do({ kind: 'result', nodeId: 'deploy', item: 1, attempt: 1, result: { kind: 'done', outputs: {} } })
  expect(task.state).toMatchObject({ phase: 'waiting', waitingFor: ['retry'] })
  task.pass(60_000)
  expect(task.state).toMatchObject({ phase: 'running', waitingFor: [] })
  task.done('deploy', {}, 2)
  expect(task.state).toMatchObject({ phase: 'succeeded', waitingFor: [] })
  expect(task.replayed()).toEqual(task.state)
})

// ---- computed variables ---------------------------------------------------------------------------------------------

test('a computed value is made anew at each use, unless it is resolved at the start', () => {
  const by = expression('${task.number + n}', ['task', 'n'], (scope) => {
    const { number } = scope('task') as { number: number }
    return `${number}-${String(scope('n'))}`
  })
  const flow = flowOf(
    [
      act('a', 'b', { save: { n: 'n' }, with: { seen: variable('fixed') } }),
      act('b', 'end', { with: { fixed: variable('fixed'), fresh: variable('fresh') } }),
    ],
    { variables: [text('n'), text('fixed', { computed: by, resolve: 'start' }), text('fresh', { computed: by })] },
  )
  const task = new Bench(flow, { variables: { n: '1' } })
  expect(task.node('a').inputs).toEqual({ seen: '1042-1' })
  task.done('a', { n: '2' })
  expect(task.node('b').inputs).toEqual({ fixed: '1042-1', fresh: '1042-2' })
  expect(task.replayed()).toEqual(task.state)
})
