import { expect, test } from 'vitest'
import type { PeopleCommand } from '../command.ts'
import type { DecideEnv, FreezeTarget, Right, Viewer } from '../env.ts'
import { EngineError } from '../error.ts'
import type { Frozen } from '../freeze.ts'
import { requestsOf } from '../requests.ts'
import { authorize } from '../rights.ts'
import { act, Bench, flowOf, lin, policy, retries, START, text, value, variable, wei } from './build.ts'

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

const limited = flowOf([act('a', 'end')], { concurrency: { key: value('place'), limit: 1, whenBusy: 'queue' } })
const granted = (sequence: number) => ({ kind: 'letter', sequence, letter: { kind: 'slot_granted' } }) as const
const requested = ({ history }: Bench) => history.flatMap(({ events }) => events.map(({ kind }) => kind))

test('whose turn comes while a freeze holds waits for its end, and gives its place to others meanwhile', () => {
  const task = new Bench(limited, {}, frozen(START + 1))
  expect(task.state.phase).toBe('queued')
  task.pass(1)
  expect(task.do(granted(1))).toEqual([
    { kind: 'letter_heard', v: 1, sequence: 1 },
    { kind: 'slot_returned', v: 1, freeze: 'quiet', title: 'Quiet days', until: UNTIL },
    { kind: 'task_planned', v: 1, startAt: UNTIL },
    expect.objectContaining({ kind: 'timer_set' }),
  ])
  expect([task.state.phase, task.state.slot]).toEqual(['created', null])
  expect(requestsOf(task.history.at(-1)!.events, 'queued', task.state)).toEqual([{ kind: 'slot_released' }])
  task.pass(HOUR)
  expect([task.state.phase, requested(task).filter((kind) => kind === 'slot_requested').length]).toEqual(['queued', 2])
  task.do(granted(2))
  expect(task.state.phase).toBe('running')
  expect(task.replayed()).toEqual(task.state)
})
test('it comes back to where it stood in its line, and has no number to keep once it runs', () => {
  const task = new Bench(limited, {}, frozen(START + 1))
  task.pass(1)
  task.do({ kind: 'letter', sequence: 1, letter: { kind: 'slot_granted', place: 7 } })
  expect(task.history.at(-1)!.events[1]).toMatchObject({ kind: 'slot_returned', place: 7 })
  task.pass(HOUR)
  const wanted = requestsOf(task.history.at(-1)!.events, 'created', task.state)
  expect(wanted).toMatchObject([{ kind: 'slot_wanted', place: 7 }])
  task.do({ kind: 'letter', sequence: 2, letter: { kind: 'slot_granted', place: 7 } })
  expect([task.state.phase, task.state.keptPlace]).toEqual(['running', null])
  expect(task.replayed()).toEqual(task.state)
})
test('in another line it begins at the end', () => {
  const keyed = flowOf([act('a', 'end')], {
    variables: [text('where')],
    concurrency: { key: variable('where'), limit: 1, whenBusy: 'queue' },
  })
  const task = new Bench(keyed, { variables: { where: 'here' } }, frozen(START + 1))
  task.pass(1)
  task.do({ kind: 'letter', sequence: 1, letter: { kind: 'slot_granted', place: 7 } })
  task.do({ kind: 'edit_variables', by: lin, revision: 1, variables: { where: 'there' } })
  task.pass(HOUR)
  expect(requestsOf(task.history.at(-1)!.events, 'created', task.state)).toEqual([
    expect.not.objectContaining({ place: 7 }),
  ])
})
test('somebody who may starts it all the same, and its turn is not held against that freeze again', () => {
  const task = new Bench(limited, {}, frozen(START + 1))
  task.pass(1)
  task.do(granted(1))
  expect(() => task.do({ kind: 'start', by: lin })).toThrow(refused)
  task.do({ kind: 'start', by: lin, overrideFreeze: 'it burns' })
  expect([task.state.phase, task.state.timers.size]).toEqual(['queued', 0])
  task.do(granted(2))
  expect(task.state.phase).toBe('running')
})
test('one that was launched in spite of a freeze queues and starts in it; another freeze holds it', () => {
  const inSpite = new Bench(limited, { overrideFreeze: 'it burns' }, frozen())
  inSpite.do(granted(1))
  expect(inSpite.state.phase).toBe('running')
  const other = new Bench(limited, { overrideFreeze: 'it burns' }, frozen())
  const loud: Frozen = { name: 'loud', title: 'Loud days', help: null, since: START, until: UNTIL }
  other.env = { ...other.env, frozen: () => loud }
  other.do(granted(1))
  expect(other.state.phase).toBe('created')
})
test('a freeze without an end: it waits until somebody starts it, and whoever launched it is told', () => {
  const task = new Bench(limited, {}, frozen(START + 1, null))
  task.pass(1)
  task.do(granted(1))
  expect([task.state.phase, task.state.timers.size]).toEqual(['created', 0])
  task.env = { ...task.env, frozen: () => null }
  task.do({ kind: 'start', by: lin })
  expect(task.state.phase).toBe('queued')
})
test('a rehearsal and a part of what runs already are not held', () => {
  const parent = { task: 'T0', number: 1, node: 'call', attempt: 1, ancestors: [] }
  const task = new Bench(limited, { parent }, frozen(START + 1))
  task.pass(1)
  task.do(granted(1))
  expect(task.state.phase).toBe('running')
  expect(new Bench(limited, { rehearsal: true }, frozen()).state.phase).toBe('running') // it needs no place
})
