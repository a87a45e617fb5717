import { expect, test } from 'vitest'
import { jobsAtRecovery, jobsOf, timerChanges } from './jobs.ts'
import { act, ask, Bench, converge, flowOf, lin, parallel, policy, value } from './test/build.ts'

test('a parked task owes nothing at recovery', () => {
  const task = new Bench(flowOf([ask('approve', 'end', { approvers: ['ana'] })]))
  expect(jobsAtRecovery(task.state)).toEqual([])
})

test('a body in progress is owed again; one parked by a poll or a callback is not', () => {
  const task = new Bench(
    flowOf([
      parallel('fan', ['a', 'b', 'c'], 'join'),
      act('a', 'join'),
      act('b', 'join'),
      act('c', 'join'),
      converge('join', 'end'),
    ]),
  )
  task.result('b', { kind: 'poll', afterMs: 1000, state: 1 })
  task.result('c', { kind: 'callback', state: 2 })
  expect(jobsAtRecovery(task.state)).toEqual([{ kind: 'execute', nodeId: 'a', attempt: 1 }])
  task.pass(1000)
  expect(jobsAtRecovery(task.state)).toEqual([
    { kind: 'execute', nodeId: 'a', attempt: 1 },
    { kind: 'poll', nodeId: 'b', attempt: 1 },
  ])
})

test('an abort under way is owed again, beside the body it is for', () => {
  const task = new Bench(flowOf([act('a', 'end')]))
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  expect(jobsAtRecovery(task.state)).toEqual([
    { kind: 'cancel', nodeId: 'a', attempt: 1 },
    { kind: 'execute', nodeId: 'a', attempt: 1 },
  ])
})

test('items in progress are owed one by one', () => {
  const task = new Bench(
    flowOf([act('a', 'end', { each: { in: value(['x', 'y', 'z']), as: 'host', atOnce: 2, stopAfter: 0 } })]),
  )
  task.done('a', {}, 0)
  expect(jobsAtRecovery(task.state).map((job) => job.item)).toEqual([1, 2])
})

test('the finally node under way is owed', () => {
  const task = new Bench(flowOf([act('a', 'end'), act('tidy', 'end')], { finally: ['tidy'] }))
  task.done('a')
  expect(jobsAtRecovery(task.state)).toEqual([{ kind: 'execute', nodeId: 'tidy', attempt: 1 }])
})

test('a body that was started and called off within one entry is never run', () => {
  const flow = flowOf([
    parallel('fan', ['a', 'b'], 'join'),
    act('a', 'join'),
    act('b', 'join', { use: 'gone@1', onFail: policy({ then: 'fail' }) }),
    converge('join', 'end'),
  ])
  const task = new Bench(flow)
  expect(task.jobs.filter((job) => job.nodeId === 'b')).toEqual([])
  expect(task.jobs.map((job) => job.kind)).toEqual(['execute', 'cancel'])
})

test('changes of timers are what is left of them after the whole entry', () => {
  const task = new Bench(
    flowOf([
      act('a', 'b', { onFail: policy({ timeoutMs: 1000 }) }),
      act('b', 'end', { onFail: policy({ timeoutMs: 2000 }) }),
    ]),
  )
  const { set, cleared } = timerChanges(task.done('a'))
  expect(set.map((timer) => timer.id)).toEqual(['b/timeout'])
  expect(cleared).toEqual(['a/timeout'])
  expect(jobsOf([], task.state)).toEqual([])
})
