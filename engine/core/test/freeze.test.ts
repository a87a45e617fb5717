import { expect, test } from 'vitest'
import type { PeopleCommand } from '../command.ts'
import type { DecideEnv, FreezeTarget, Right, Viewer } from '../env.ts'
import { EngineError } from '../error.ts'
import type { Frozen } from '../freeze.ts'
import { authorize } from '../rights.ts'
import { act, Bench, flowOf, lin, policy, retries, START, wei } from './build.ts'

const HOUR = 3_600_000
const UNTIL = START + HOUR
/** Everything is frozen from now on for an hour, or from `from` on. */
function frozen(from = START, until: number | null = UNTIL): Partial<DecideEnv> & { asked: FreezeTarget[] } {
  const asked: FreezeTarget[] = []
  const holds: Frozen = { name: 'quiet', title: 'Quiet days', help: null, since: from, until }
  return {
    asked,
    frozen: (what, at) => {
      asked.push(what)
      return at >= from && (until === null || at < until) ? holds : null
    },
  }
}
const refused = expect.objectContaining({
  code: 'FROZEN',
  detail: expect.objectContaining({
    freeze: 'quiet',
    title: 'Quiet days',
    until: new Date(UNTIL).toISOString(),
    right: 'override-freeze',
  }),
}) as Error
const two = flowOf([act('a', 'b'), act('b', 'end')])
const passed = (what: string) => ({
  kind: 'freeze_passed',
  v: 1,
  what,
  freeze: 'quiet',
  title: 'Quiet days',
  reason: 'it burns',
})

test('nothing is started by hand while a freeze holds; with a reason it is, and the history says so', () => {
  const task = new Bench(two, { startNow: false }, frozen())
  expect(() => task.do({ kind: 'start', by: lin })).toThrow(refused)
  expect(() => task.do({ kind: 'start', by: lin, overrideFreeze: '  ' })).toThrow(refused)
  expect(task.state.phase).toBe('created')
  expect(task.do({ kind: 'start', by: lin, overrideFreeze: ' it burns ' })[0]).toEqual(passed('start'))
  expect(task.state.phase).toBe('running')
  expect(task.replayed()).toEqual(task.state)
})

test('a failed step is not retried while a freeze holds; with a reason it is', () => {
  const task = new Bench(two, {}, frozen(START + 1))
  task.fails('a')
  task.pass(1)
  expect(() => task.press('retry', 'a')).toThrow(refused)
  expect(task.node('a').attempt).toBe(1)
  expect(task.press('retry', 'a', wei, { overrideFreeze: 'it burns' })[0]).toEqual(passed('retry'))
  expect(task.node('a').attempt).toBe(2)
})

test('what runs goes on: steps, retries of its own, and what people do about a failure', () => {
  const flow = flowOf([
    act('a', 'b', { onFail: policy({ retry: retries(1, { delayMs: 10 }) }) }),
    act('b', 'c'),
    act('c', 'end'),
  ])
  const task = new Bench(flow, {}, frozen(START + 1))
  task.pass(1)
  task.fails('a')
  task.pass(10)
  expect(task.node('a')).toMatchObject({ state: 'running', attempt: 2 })
  task.done('a')
  task.fails('b')
  task.press('skip', 'b')
  expect(task.states()).toMatchObject({ b: 'skipped', c: 'running' })
  task.do({ kind: 'pause', by: lin })
  task.do({ kind: 'resume', by: lin })
})

test('a task that was planned before anybody knew of the freeze starts when that ends', () => {
  const task = new Bench(two, { startAt: START + 60_000, startNow: false }, frozen(START + 30_000))
  task.pass(60_000)
  expect(task.state.phase).toBe('created')
  expect([...task.state.timers.values()]).toMatchObject([{ kind: 'start_at', dueAt: UNTIL }])
  task.pass(UNTIL - task.env.now - 1)
  expect(task.state.phase).toBe('created')
  task.pass(1)
  expect(task.state.phase).toBe('running')
  expect(task.replayed()).toEqual(task.state)
})
test('where nobody has said when the freeze ends it waits to be started by hand, and its starter is told', () => {
  const task = new Bench(two, { startAt: START + 60_000, startNow: false }, frozen(START + 30_000, null))
  task.pass(60_000)
  expect(task.state.phase).toBe('created')
  expect(task.state.timers.size).toBe(0)
  expect(task.history.at(-1)?.events).toContainEqual(expect.objectContaining({ kind: 'slot_refused', code: 'FROZEN' }))
})
test('nothing is planned into a freeze', () => {
  const task = new Bench(two, { startNow: false }, frozen(START + 60_000))
  expect(() => task.do({ kind: 'plan', by: lin, at: START + 60_000 })).toThrow(refused)
  task.do({ kind: 'plan', by: lin, at: UNTIL })
  expect([...task.state.timers.values()]).toMatchObject([{ kind: 'start_at', dueAt: UNTIL }])
})

test('handed-over work may be asked for, and is claimed when the freeze is over', () => {
  const task = new Bench(two, { handOver: { to: ['wei'] } }, frozen())
  expect(task.state.phase).toBe('requested')
  expect(() => task.do({ kind: 'claim_request', by: wei, round: 1 })).toThrow(refused)
  expect(task.do({ kind: 'claim_request', by: wei, round: 1, overrideFreeze: 'it burns' })[0]).toEqual(passed('claim'))
  expect(task.state.phase).toBe('running')
})

test('a rehearsal changes nothing, so no freeze holds it up', () => {
  const task = new Bench(two, { startNow: false, rehearsal: true }, frozen())
  task.do({ kind: 'start', by: lin })
  expect(task.state.phase).toBe('running')
})

test('a launch that passes a freeze says so first; the reason is dropped where none holds', () => {
  const task = new Bench(two, { overrideFreeze: 'it burns' }, frozen())
  expect(task.history[0]?.events[1]).toEqual(passed('launch'))
  const free = new Bench(two, { overrideFreeze: 'it burns' }, frozen(UNTIL, UNTIL + 1))
  expect(free.history[0]?.events.map(({ kind }) => kind)).not.toContain('freeze_passed')
})

test('a freeze is asked about the app that a task was launched by, and its flow', () => {
  const env = frozen()
  const task = new Bench(two, { startNow: false, app: { name: 'release', title: 'Release' } }, env)
  expect(() => task.do({ kind: 'start', by: lin })).toThrow(refused)
  expect(env.asked).toEqual([{ project: 'default', app: 'release', flow: task.flow.name }])
})

test('passing a freeze needs the right, whatever else one may do; without a reason none is asked for', () => {
  const task = new Bench(two, { startNow: false })
  const viewer = (...rights: Right[]): Viewer => ({
    actor: wei,
    rights: new Set<Right>(['operate', ...rights]),
    app: { launch: true, see: true, operate: true },
  })
  const start: PeopleCommand = { kind: 'start', by: wei, overrideFreeze: 'it burns' }
  const judged = (command: PeopleCommand, by: Viewer): unknown => {
    try {
      return authorize(task.flow, task.state, command, by)
    } catch (error) {
      return error instanceof EngineError ? [error.code, error.detail.right, error.detail.grantedBy] : error
    }
  }
  expect(judged(start, viewer())).toEqual(['FORBIDDEN', 'override-freeze', ['owner']])
  expect(judged(start, viewer('override-freeze'))).toBeUndefined()
  expect(judged({ kind: 'start', by: wei }, viewer())).toBeUndefined()
})
