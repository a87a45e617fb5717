import { expect, test } from 'vitest'
import {
  act,
  ana,
  ask,
  Bench,
  converge,
  directoryOf,
  exclusive,
  branch,
  value,
  flowOf,
  lin,
  parallel,
  policy,
  retries,
  text,
  variable,
  wait,
  wei,
  START,
} from './build.ts'

const refusal = (code: string) => expect.objectContaining({ code }) as Error
const told = (code: string, truth: object) =>
  expect.objectContaining({ code, detail: expect.objectContaining({ truth: expect.objectContaining(truth) }) }) as Error
const ROLES = { 'role:qa': ['ana'] }
const two = flowOf([act('a', 'b'), act('b', 'end')])
const fan = flowOf([parallel('fan', ['a', 'b'], 'join'), act('a', 'join'), act('b', 'join'), converge('join', 'end')])

test('a task may be launched and started later, by hand or at its time', () => {
  const byHand = new Bench(two, { startNow: false })
  expect(byHand.state.phase).toBe('created')
  byHand.do({ kind: 'start', by: lin })
  expect(byHand.state.phase).toBe('running')
  expect(() => byHand.do({ kind: 'start', by: wei })).toThrow(told('STALE', { what: 'started', by: 'lin' }))
  const planned = new Bench(two, { startAt: START + 60_000, startNow: false })
  planned.pass(59_999)
  expect(planned.state.phase).toBe('created')
  planned.pass(1)
  expect(planned.state.phase).toBe('running')
  expect(planned.state.timers.size).toBe(0)
})

test('what is started before its time starts once', () => {
  const planned = new Bench(two, { startAt: START + 60_000, startNow: false })
  planned.do({ kind: 'start', by: lin })
  planned.pass(60_000)
  expect(planned.node('a').attempt).toBe(1)
})

test('pause lets running attempts end, enters no visit, and resume goes on where it was', () => {
  const task = new Bench(two)
  task.do({ kind: 'pause', by: lin })
  expect(task.state.phase).toBe('paused')
  expect(() => task.do({ kind: 'pause', by: wei })).toThrow(told('STALE', { what: 'paused', by: 'lin' }))
  task.done('a')
  expect(task.states()).toEqual({ a: 'succeeded' })
  task.do({ kind: 'resume', by: lin })
  expect(task.states()).toEqual({ a: 'succeeded', b: 'running' })
  expect(() => task.do({ kind: 'resume', by: wei })).toThrow(refusal('STALE'))
})

test('in a paused task asks may be answered, no deadline acts, no retry starts', () => {
  const flow = flowOf([
    parallel('fan', ['q', 'a'], 'join'),
    ask('q', 'join', { approvers: ['role:qa'], deadline: '1m', onDeadline: 'fail' }),
    act('a', 'join', { onFail: policy({ retry: retries(1, { delayMs: 10_000 }) }) }),
    converge('join', 'end'),
  ])
  const task = new Bench(flow, {}, { directory: directoryOf(ROLES) })
  task.fails('a')
  task.do({ kind: 'pause', by: lin })
  task.pass(3_600_000)
  expect(task.states()).toMatchObject({ q: 'waiting', a: 'ready' })
  task.answer(ana)
  expect(task.node('q').state).toBe('succeeded')
  task.do({ kind: 'resume', by: lin })
  task.pass(0)
  expect(task.node('a')).toMatchObject({ state: 'running', attempt: 2 })
})

test('a deadline that came during the pause acts at resume', () => {
  const task = new Bench(
    flowOf([ask('q', 'end', { approvers: ['role:qa'], deadline: '1m', onDeadline: 'fail' })]),
    {},
    { directory: directoryOf(ROLES) },
  )
  task.do({ kind: 'pause', by: lin })
  task.pass(3_600_000)
  expect(task.node('q').state).toBe('waiting')
  task.do({ kind: 'resume', by: lin })
  task.pass(0)
  expect(task.node('q').error?.cause).toBe('timeout')
})

test('a retry pressed in a paused task is ready, and starts with the resume', () => {
  const task = new Bench(two)
  task.fails('a')
  task.do({ kind: 'pause', by: lin })
  task.press('retry', 'a', wei, { inputs: { x: 1 } })
  expect(task.node('a')).toMatchObject({ state: 'ready', attempt: 2 })
  task.pass(1000)
  task.do({ kind: 'resume', by: lin })
  task.pass(0)
  expect(task.node('a')).toMatchObject({ state: 'running', attempt: 2, inputs: { x: 1 }, rawInputs: true })
})

test('timeouts of running attempts go on in a paused task', () => {
  const task = new Bench(flowOf([act('a', 'end', { onFail: policy({ timeoutMs: 1000 }) })]))
  task.do({ kind: 'pause', by: lin })
  task.pass(1000)
  expect(task.node('a').cancelling).toBe(true)
})

test('revoke aborts what runs, revokes what waits at once, runs finally, and is final after the confirmations', () => {
  const flow = flowOf(
    [
      parallel('fan', ['a', 'q', 'w'], 'join'),
      act('a', 'join'),
      ask('q', 'join', { approvers: ['role:qa'] }),
      wait('w', 'join', { for: '1h' }),
      converge('join', 'end'),
      act('cleanup', 'end'),
    ],
    { finally: ['cleanup'] },
  )
  const task = new Bench(flow, {}, { directory: directoryOf(ROLES) })
  const asked = task.openAsk()
  task.do({ kind: 'revoke', by: lin, mode: 'cancel', reason: 'wrong version' })
  expect(task.states()).toMatchObject({ a: 'running', q: 'revoked', w: 'revoked' })
  expect(task.state.asks.get(asked.id)?.end).toBe('revoked')
  expect(() => task.do({ kind: 'revoke', by: wei, mode: 'cancel' })).toThrow(
    told('STALE', { what: 'revoked', by: 'lin' }),
  )
  task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, confirmed: true })
  expect(task.states()).toMatchObject({ a: 'revoked', cleanup: 'running' })
  task.done('cleanup')
  expect(task.state).toMatchObject({ phase: 'revoked', cancelUnconfirmed: false })
  expect(task.state.timers.size).toBe(0)
})

test('an abort that is not confirmed in 30 s is said on node and task', () => {
  const task = new Bench(two)
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, confirmed: false })
  expect(task.state.phase).toBe('running')
  task.pass(30_000)
  expect(task.state).toMatchObject({ phase: 'revoked', cancelUnconfirmed: true })
  expect(task.node('a')).toMatchObject({ state: 'revoked', cancelUnconfirmed: true })
})

test('stop lets running attempts end, and nothing starts', () => {
  const task = new Bench(fan)
  task.do({ kind: 'revoke', by: lin, mode: 'stop' })
  expect(task.jobs.filter((job) => job.kind === 'cancel')).toEqual([])
  task.done('a')
  task.fails('b')
  expect(task.state).toMatchObject({ phase: 'revoked', outcome: 'revoked' })
  expect(task.states()).toMatchObject({ a: 'succeeded', b: 'revoked' })
})

test('cancel after stop aborts what was let run', () => {
  const task = new Bench(two)
  task.do({ kind: 'revoke', by: lin, mode: 'stop' })
  task.do({ kind: 'revoke', by: wei, mode: 'cancel' })
  expect(task.node('a').cancelling).toBe(true)
})

test('a task that never started is revoked at once, without finally', () => {
  const task = new Bench(flowOf([act('a', 'end'), act('cleanup', 'end')], { finally: ['cleanup'] }), {
    startNow: false,
  })
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  expect(task.state.phase).toBe('revoked')
  expect(task.states()).toEqual({})
})

test('a failed node is revoked with its task', () => {
  const task = new Bench(two)
  task.fails('a')
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  expect(task.states()).toEqual({ a: 'revoked' })
  expect(task.state.phase).toBe('revoked')
})

test('a task that was paused is stopped all the same', () => {
  const task = new Bench(two)
  task.do({ kind: 'pause', by: lin })
  task.done('a')
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  expect(task.state.phase).toBe('revoked')
})

const tidy = (change = {}) =>
  flowOf([act('a', 'end'), act('c1', 'end', change), act('c2', 'end')], { finally: ['c1', 'c2'] })
test('finally runs in order after success, and the task is final after it', () => {
  const task = new Bench(tidy())
  task.done('a')
  expect(task.state).toMatchObject({ stage: 'finally', outcome: 'succeeded', phase: 'running' })
  task.done('c1')
  task.done('c2')
  expect(task.state).toMatchObject({ stage: 'final', phase: 'succeeded' })
})

test('finally does not run when no node ever started', () => {
  const task = new Bench(flowOf([act('a', 'end', { when: value(false) }), act('c1', 'end')], { finally: ['c1'] }))
  expect(task.states()).toEqual({ a: 'skipped' })
  expect(task.state.phase).toBe('succeeded')
})

test.each([
  { then: 'ask', phase: 'attention', outcome: 'succeeded', next: undefined },
  { then: 'ignore', phase: 'running', outcome: 'succeeded', next: 'running' },
  { then: 'fail', phase: 'running', outcome: 'failed', next: 'running' },
] as const)(
  'a finally node that fails with then: $then leaves the outcome $outcome, and the rest still runs',
  ({ then, phase, outcome, next }) => {
    const task = new Bench(tidy({ onFail: policy({ then }) }))
    task.done('a')
    task.fails('c1')
    expect(task.state).toMatchObject({ phase, outcome })
    expect(task.states()['c2']).toBe(next)
    if (then === 'ask') {
      task.press('skip', 'c1')
      expect(task.states()['c2']).toBe('running')
    }
    task.done('c2')
    expect(task.state.phase).toBe(outcome)
  },
)

test('a finally node that is given up leaves a revoked task revoked', () => {
  const task = new Bench(tidy())
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, confirmed: true })
  task.fails('c1')
  task.press('fail', 'c1')
  task.done('c2')
  expect(task.state.phase).toBe('revoked')
})

test('a second stop during finally cancels what runs there, and the rest is never visited', () => {
  const task = new Bench(tidy())
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, confirmed: true })
  expect(task.node('c1').state).toBe('running')
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  task.do({ kind: 'cancelled', nodeId: 'c1', attempt: 1, confirmed: true })
  expect(task.states()).toEqual({ a: 'revoked', c1: 'revoked' })
  expect(task.state.phase).toBe('revoked')
})

test('pause holds finally like any node', () => {
  const task = new Bench(tidy())
  task.do({ kind: 'pause', by: lin })
  task.done('a')
  expect(task.state).toMatchObject({ stage: 'finally', phase: 'paused' })
  task.do({ kind: 'resume', by: lin })
  expect(task.states()).toMatchObject({ c1: 'running' })
  task.do({ kind: 'pause', by: lin })
  task.done('c1')
  expect(task.states()['c2']).toBeUndefined()
  task.do({ kind: 'resume', by: lin })
  task.done('c2')
  expect(task.state.phase).toBe('succeeded')
})

test('outputs come at the end; what was never computed is left out and named', () => {
  const flow = flowOf([act('a', 'end', { save: { build: 'stdout' } })], {
    variables: [text('build')],
    outputs: { build: variable('build'), other: variable('never') },
  })
  const task = new Bench(flow)
  task.done('a', { stdout: 'v7' })
  expect(task.state.outputs).toEqual({ build: 'v7' })
  expect(task.history.at(-1)?.events.at(-1)).toMatchObject({
    kind: 'task_ended',
    lacking: { other: '${never}: it has no value yet' },
  })
})

test.each([
  { inputs: { for: '90s' }, ms: 90_000 },
  { inputs: { for: 5 }, ms: 5000 },
  { inputs: { for: '2h' }, ms: 7_200_000 },
  { inputs: { until: new Date(START + 1000).toISOString() }, ms: 1000 },
])('wait $inputs is over after $ms ms', ({ inputs, ms }) => {
  const task = new Bench(flowOf([wait('w', 'end', inputs)]))
  expect(task.state).toMatchObject({ phase: 'waiting', waitingFor: ['timer'] })
  task.pass(ms - 1)
  expect(task.node('w').state).toBe('waiting')
  task.pass(1)
  expect(task.state.phase).toBe('succeeded')
  expect(task.node('w').outputs).toEqual({ at: new Date(START + ms).toISOString() })
})

test('an instant that has passed is no wait; nonsense fails the node', () => {
  expect(new Bench(flowOf([wait('w', 'end', { until: '2020-01-01T00:00:00Z' })])).state.phase).toBe('succeeded')
  expect(new Bench(flowOf([wait('w', 'end', { for: 'soon' })])).node('w').error?.message).toContain('no duration')
  expect(new Bench(flowOf([wait('w', 'end', {})])).node('w').error?.code).toBe('INPUT')
})

test('a wait that would end after the last day there is fails, and says so', () => {
  for (const inputs of [{ for: 1e300 }, { until: 1e300 }])
    expect(new Bench(flowOf([wait('w', 'end', inputs)])).node('w').error).toMatchObject({ code: 'INPUT' })
})

test('a rehearsal waits for no time: it says when it would have gone on', () => {
  const task = new Bench(flowOf([wait('w', 'end', { until: '2100-01-01T00:00:00Z' })]), { rehearsal: true })
  expect(task.state.phase).toBe('succeeded')
  expect(task.node('w')).toMatchObject({ notPerformed: true, finishedOutputs: { at: '2100-01-01T00:00:00.000Z' } })
})

test('an operator moves a wait, or ends it', () => {
  const task = new Bench(flowOf([wait('w', 'end', { for: '1h' })]))
  task.do({ kind: 'reschedule', by: wei, nodeId: 'w', attempt: 1, at: START + 10_000 })
  task.pass(9_999)
  expect(task.node('w').state).toBe('waiting')
  task.do({ kind: 'reschedule', by: wei, nodeId: 'w', attempt: 1, at: 0 })
  task.pass(0)
  expect(task.state.phase).toBe('succeeded')
})

test('an edit carries the revision it was made on', () => {
  const flow = flowOf([act('a', 'end', { save: { v: 'x' } })], {
    variables: [text('v'), { ...text('n'), type: 'integer' }],
  })
  const task = new Bench(flow, { variables: { v: 'one', n: 1 }, fixed: ['n'] })
  const edit = (revision: number, variables: object, by = wei) =>
    task.do({ kind: 'edit_variables', by, revision, variables: variables as never })
  edit(1, { v: 'two' })
  expect(task.state.variablesRevision).toBe(2)
  expect(() => edit(1, { v: 'three' }, ana)).toThrow(told('STALE', { what: 'edited', by: 'wei' }))
  expect(() => edit(2, { nothing: 1 })).toThrow(refusal('INVALID_INPUT'))
  expect(() => edit(2, { n: 2 })).toThrow(
    expect.objectContaining({
      detail: expect.objectContaining({ fields: [expect.objectContaining({ code: 'fixed' })] }),
    }) as Error,
  )
  expect(edit(2, { v: 'two' })).toEqual([])
})

test('a secret variable takes a secret of its own task, and no reference to another', () => {
  const flow = flowOf([act('a', 'end', { save: { pin: 'token' } })], { variables: [{ ...text('pin'), secret: true }] })
  const task = new Bench(flow, { variables: { pin: { $secret: 'task:pin' } } })
  const edit = (reference: string) =>
    task.do({ kind: 'edit_variables', by: wei, revision: 1, variables: { pin: { $secret: reference } } })
  expect(() => edit('prod.root')).toThrow(refusal('INVALID_INPUT'))
  expect(edit('task:pin')).not.toEqual([])
  task.done('a', { token: { $secret: 'prod.root' } }) // what a step printed
  expect(task.node('a').error).toMatchObject({ cause: 'output_invalid' })
})

test('before and after of an edit are recorded', () => {
  const flow = flowOf([act('a', 'end')], { variables: [text('v')] })
  const task = new Bench(flow, { variables: { v: 'one' } })
  expect(task.do({ kind: 'edit_variables', by: wei, revision: 1, variables: { v: 'two' }, reason: 'typo' })).toEqual([
    { kind: 'variables_edited', v: 1, changes: { v: { before: 'one', after: 'two' } }, reason: 'typo' },
  ])
})

test('a task that somebody stopped says who', () => {
  const task = new Bench(flowOf([act('a', 'end')]))
  task.do({ kind: 'revoke', by: wei, mode: 'cancel' })
  if (task.state.stage !== 'final') task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, confirmed: true })
  expect(() => task.do({ kind: 'pause', by: lin })).toThrow(
    expect.objectContaining({
      detail: expect.objectContaining({ truth: expect.objectContaining({ what: 'revoked', by: 'wei' }) }),
    }) as Error,
  )
})

test('a task that has ended refuses commands, and ignores what comes late', () => {
  const task = new Bench(flowOf([act('a', 'end')]))
  task.done('a')
  expect(() => task.do({ kind: 'pause', by: lin })).toThrow(refusal('FINAL'))
  expect(() => task.press('retry', 'a')).toThrow(refusal('FINAL'))
  // Nobody made it succeed: least of all whoever acted on it last.
  expect(() => task.do({ kind: 'pause', by: lin })).toThrow(
    expect.objectContaining({
      detail: expect.objectContaining({ truth: expect.objectContaining({ what: 'succeeded', by: null }) }),
    }) as Error,
  )
  expect(task.do({ kind: 'timer', timerId: 'a/timeout' })).toEqual([])
  expect(task.do({ kind: 'result', nodeId: 'a', attempt: 1, result: { kind: 'done', outputs: {} } })).toEqual([])
  task.do({ kind: 'follow', by: ana, person: 'ana' })
  expect(task.state.followers).toEqual(['ana'])
})

test('who follows because they wanted to is told apart from whom work they share brought here', () => {
  const task = new Bench(flowOf([act('a', 'end')]))
  const joined = (person: string, sequence: number) =>
    task.do({ kind: 'letter', sequence, letter: { kind: 'follow', person, by: lin } })
  task.do({ kind: 'follow', by: ana, person: 'ana' })
  task.do({ kind: 'follow', by: wei, person: 'bo' })
  joined('cai', 1)
  expect(task.state).toMatchObject({ followers: ['ana', 'bo', 'cai'], lookers: ['ana'] })
  // Brought later after all; what one is already is said once.
  joined('ana', 2)
  expect(task.kinds({ kind: 'follow', by: ana, person: 'ana' })).toEqual([])
  expect(task.state).toMatchObject({ followers: ['ana', 'bo', 'cai'], lookers: [] })
  expect(task.replayed()).toEqual(task.state)
})
test('a poll is running, a callback waits for the outside', () => {
  const task = new Bench(two)
  task.result('a', { kind: 'poll', afterMs: 1000, state: { run: 1 } })
  expect(task.node('a')).toMatchObject({ state: 'running', body: null, pluginState: { run: 1 } })
  expect(task.state.phase).toBe('running')
  task.pass(1000)
  expect(task.jobs.at(-1)).toEqual({ kind: 'poll', nodeId: 'a', attempt: 1 })
  task.result('a', { kind: 'callback', state: { token: 1 } })
  expect(task.state).toMatchObject({ phase: 'waiting', waitingFor: ['callback'] })
  task.do({
    kind: 'result',
    nodeId: 'a',
    attempt: 1,
    callbackId: '1',
    result: { kind: 'done', outputs: { payload: 7 } },
  })
  expect(task.node('a').outputs).toEqual({ payload: 7 })
})

test('what was parked outside is told when its task is stopped', () => {
  const task = new Bench(two)
  task.result('a', { kind: 'callback', state: null })
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  expect(task.state.phase).toBe('revoked')
  expect(task.jobs.at(-1)).toEqual({ kind: 'cancel', nodeId: 'a', attempt: 1 })
})

test('a loop counts attempts over all visits', () => {
  const task = new Bench(
    flowOf(
      [
        act('a', 'gate', { save: { n: 'n' } }),
        exclusive('gate', [
          branch('end', { source: '', reads: ['n'], evaluate: (scope) => scope('n') === 3 }),
          branch('a'),
        ]),
      ],
      { variables: [{ ...text('n'), type: 'integer' }] },
    ),
  )
  task.fails('a')
  task.press('retry', 'a')
  task.done('a', { n: 1 })
  expect(task.node('a')).toMatchObject({ visit: 2, attempt: 3 })
  task.done('a', { n: 3 })
  expect(task.state).toMatchObject({ phase: 'succeeded', progress: { done: 1, total: 1 } })
})
