import { expect, test } from 'vitest'
import type { Cause, FailurePolicy } from '../flow.ts'
import type { Value, Values } from '../value.ts'
import {
  act,
  ana,
  Bench,
  flowOf,
  lin,
  parallel,
  converge,
  plugin,
  policy,
  retries,
  text,
  value,
  wei,
  START,
} from './build.ts'

const failing = (onFail: Partial<FailurePolicy>) =>
  new Bench(flowOf([act('a', 'b', { onFail: policy(onFail) }), act('b', 'end')]))
const refusal = (code: string) => expect.objectContaining({ code }) as Error

test.each([
  { then: 'ask', phase: 'attention', a: 'failed' },
  { then: 'ignore', phase: 'running', a: 'ignored' },
  { then: 'fail', phase: 'failed', a: 'failed' },
] as const)('a failure with then: $then leaves the node $a and the task $phase', ({ then, phase, a }) => {
  const task = failing({ then })
  task.fails('a')
  expect(task.node('a').state).toBe(a)
  expect(task.state.phase).toBe(phase)
})

test.each([
  { on: ['error', 'timeout'], cause: 'error', retried: true },
  { on: ['error', 'timeout'], cause: 'lost', retried: false },
  { on: ['error', 'lost'], cause: 'lost', retried: true },
  { on: ['timeout'], cause: 'error', retried: false },
  { on: ['error', 'output_invalid'], cause: 'output_invalid', retried: false },
] as const)('a failure by $cause is retried when `on` is $on: $retried', ({ on, cause, retried }) => {
  const task = failing({ retry: retries(1, { on: on as readonly Cause[] }) })
  task.fails('a', { cause })
  expect(task.node('a').state).toBe(retried ? 'running' : 'failed')
  expect(task.node('a').attempt).toBe(retried ? 2 : 1)
})

test.each(['ignore', 'fail'] as const)('a lost attempt asks a person even with then: %s', (then) => {
  const task = failing({ then })
  task.fails('a', { cause: 'lost' })
  expect(task.state.phase).toBe('attention')
})

test('a back-off is `ready` with notBefore, waits for retry, and alarms nobody', () => {
  const task = failing({ retry: retries(2, { delayMs: 10_000, backoff: 'exponential' }) })
  task.fails('a')
  expect(task.node('a')).toMatchObject({ state: 'ready', attempt: 2, notBefore: START + 10_000 })
  expect(task.state).toMatchObject({ phase: 'waiting', waitingFor: ['retry'] })
  task.pass(10_000)
  expect(task.node('a').state).toBe('running')
  task.fails('a')
  expect(task.node('a').notBefore).toBe(START + 30_000)
  task.pass(20_000)
  task.fails('a')
  expect(task.state.phase).toBe('attention')
  expect(task.node('a').attempts.map((each) => each.state)).toEqual(['failed', 'failed', 'failed'])
})

test('automatic retries are counted anew after a person has pressed Retry', () => {
  const task = failing({ retry: retries(1) })
  task.fails('a')
  task.fails('a')
  expect(task.state.phase).toBe('attention')
  task.press('retry', 'a')
  task.fails('a')
  expect(task.node('a')).toMatchObject({ state: 'running', attempt: 4 })
})

const timed = (change: Partial<FailurePolicy> = {}) => failing({ timeoutMs: 60_000, ...change })
test('a timeout asks for the end of the attempt first, and fails it when that is confirmed', () => {
  const task = timed()
  task.pass(60_000)
  expect(task.jobs.at(-1)).toEqual({ kind: 'cancel', nodeId: 'a', attempt: 1 })
  expect(task.node('a')).toMatchObject({ state: 'running', cancelling: true })
  task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, confirmed: true })
  expect(task.node('a')).toMatchObject({ state: 'failed', error: { cause: 'timeout' } })
})

test('the next attempt starts only when the end of the last is known: unconfirmed, it is lost and asks', () => {
  const task = timed({ retry: retries(3) })
  task.pass(60_000)
  task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, confirmed: false })
  expect(task.node('a').state).toBe('running') // the body may still answer
  task.pass(30_000)
  expect(task.node('a')).toMatchObject({
    state: 'failed',
    attempt: 1,
    error: { cause: 'lost' },
    cancelUnconfirmed: true,
  })
  expect(task.state.phase).toBe('attention')
})

test('a confirmed timeout is retried', () => {
  const task = timed({ retry: retries(1) })
  task.pass(60_000)
  task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, confirmed: true })
  expect(task.node('a')).toMatchObject({ state: 'running', attempt: 2 })
})

test('what may run twice is retried after an unconfirmed timeout too', () => {
  const task = timed({ retry: retries(1) })
  task.env = { ...task.env, plugins: { find: () => ({ ...plugin, repeatable: () => true }), codes: () => [] } }
  task.pass(90_000)
  expect(task.node('a')).toMatchObject({ state: 'running', attempt: 2 })
})

test('a body that answers done before the abort took hold has succeeded', () => {
  const task = timed()
  task.pass(60_000)
  task.done('a')
  expect(task.states()).toEqual({ a: 'succeeded', b: 'running' })
})

test('a late answer, for an attempt that is over, changes nothing', () => {
  const task = failing({})
  task.fails('a')
  task.press('retry', 'a')
  expect(task.do({ kind: 'result', nodeId: 'a', attempt: 1, result: { kind: 'done', outputs: {} } })).toEqual([])
  expect(task.node('a')).toMatchObject({ state: 'running', attempt: 2 })
})

test('of two people pressing Retry one wins; the other is told who was first', () => {
  const task = failing({})
  task.fails('a')
  task.press('retry', 'a', wei, { attempt: 1 })
  expect(() => task.press('retry', 'a', ana, { attempt: 1 })).toThrow(
    expect.objectContaining({
      code: 'STALE',
      detail: expect.objectContaining({ truth: { what: 'retried', by: 'wei', at: START, now: 'running', attempt: 2 } }),
    }) as Error,
  )
})

test('a skip after a skip is stale too, though the attempt is the same', () => {
  const task = failing({})
  task.fails('a')
  task.press('skip', 'a', wei, { attempt: 1 })
  expect(() => task.press('retry', 'a', ana, { attempt: 1 })).toThrow(
    expect.objectContaining({
      code: 'STALE',
      detail: expect.objectContaining({ truth: expect.objectContaining({ what: 'skipped', by: 'wei' }) }),
    }) as Error,
  )
  expect(task.states()).toEqual({ a: 'skipped', b: 'running' })
})

test.each(['retry', 'skip'] as const)('%s of a node that runs is not allowed', (kind) => {
  const task = failing({})
  expect(() => task.press(kind, 'a')).toThrow(refusal('NOT_ALLOWED'))
})

test('a retry reads the variables again', () => {
  const flow = flowOf(
    [act('a', 'end', { with: { args: { source: '${v}', reads: ['v'], evaluate: (scope) => scope('v') ?? null } } })],
    { variables: [text('v')] },
  )
  const task = new Bench(flow, { variables: { v: 'one' } })
  expect(task.node('a').inputs).toEqual({ args: 'one' })
  task.fails('a')
  task.do({ kind: 'edit_variables', by: wei, revision: 1, variables: { v: 'two' } })
  expect(task.node('a').inputs).toEqual({ args: 'one' })
  task.press('retry', 'a')
  expect(task.node('a').inputs).toEqual({ args: 'two' })
})

test('raw inputs replace the whole set, for one attempt', () => {
  const task = failing({})
  task.fails('a')
  task.press('retry', 'a', wei, { inputs: { x: 1 } })
  expect(task.node('a')).toMatchObject({ inputs: { x: 1 }, rawInputs: true })
  task.fails('a')
  task.press('retry', 'a')
  expect(task.node('a')).toMatchObject({ inputs: {}, rawInputs: false })
})

test('raw inputs may not bring in a secret; one that stood in the same input may stay', () => {
  const held = { XX: { $secret: 'web.token' }, level: 'info' }
  const task = new Bench(flowOf([act('a', 'end', { with: { env: value(held), args: value('x') } })]))
  task.fails('a')
  const retry = (inputs: Values) => task.press('retry', 'a', wei, { inputs })
  for (const reference of [{ $secret: 'prod.root' }, { $template: ['x', { $secret: 'prod.root' }] }, { $quoted: 1 }])
    expect(() => retry({ env: { XX: reference } })).toThrow(refusal('INVALID_INPUT'))
  expect(() => retry({ args: [held.XX] })).toThrow(refusal('INVALID_INPUT')) // there it was in another input
  for (const text of ['hunter22', '••••••', 7])
    expect(() => retry({ env: { ...held, XX: text } })).toThrow(refusal('INVALID_INPUT')) // it would stay readable
  retry({ env: { ...held, level: 'debug' } })
  expect(task.node('a').inputs).toEqual({ env: { ...held, level: 'debug' } })
})

test('values deeper than 64 levels are refused where they come in, and located', () => {
  let deep: Value = 1
  for (let i = 0; i < 20_000; i++) deep = { a: deep }
  const located = (field: string) =>
    expect.objectContaining({
      code: 'INVALID_INPUT',
      detail: expect.objectContaining({ fields: [expect.objectContaining({ field })] }),
    }) as Error
  const task = failing({})
  task.fails('a')
  expect(() => task.press('retry', 'a', wei, { inputs: { x: deep } })).toThrow(located('inputs.x'))
  expect(() => task.do({ kind: 'byhand', by: wei, nodeId: 'a', attempt: 1, outputs: { o: deep } })).toThrow(
    located('outputs.o'),
  )
})

test('"fail" on a running attempt ends it with cause forced and asks: no retry, no ignore', () => {
  const task = failing({ retry: retries(3, { on: ['error', 'forced'] }), then: 'ignore' })
  task.press('fail', 'a')
  expect(() => task.press('fail', 'a', ana)).toThrow(refusal('STALE'))
  expect(task.jobs.at(-1)?.kind).toBe('cancel')
  task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, confirmed: true })
  expect(task.node('a')).toMatchObject({ state: 'failed', error: { cause: 'forced' } })
  expect(task.state.phase).toBe('attention')
})

test('"fail" on a failed visit gives up: siblings are cancelled, then finally runs, and the task has failed', () => {
  const flow = flowOf(
    [
      parallel('fan', ['a', 'b'], 'join'),
      act('a', 'join'),
      act('b', 'join'),
      converge('join', 'end'),
      act('cleanup', 'end'),
    ],
    { finally: ['cleanup'] },
  )
  const task = new Bench(flow)
  task.fails('a')
  task.press('fail', 'a')
  expect(task.node('b').cancelling).toBe(true)
  expect(task.state.stage).toBe('main')
  task.do({ kind: 'cancelled', nodeId: 'b', attempt: 1, confirmed: true })
  expect(task.states()).toMatchObject({ a: 'failed', b: 'revoked', cleanup: 'running' })
  expect(task.state.phase).toBe('running')
  task.done('cleanup')
  expect(task.state).toMatchObject({ phase: 'failed', outcome: 'failed' })
})

test('outputs are exported on success, ignored failure and failure, never on skip', () => {
  const saving = (onFail: Partial<FailurePolicy>) =>
    new Bench(
      flowOf([act('a', 'b', { onFail: policy(onFail), save: { v: 'x' } }), act('b', 'end')], {
        variables: [text('v')],
      }),
    )
  const ignored = saving({ then: 'ignore' })
  ignored.fails('a', { outputs: { x: 'half' } })
  expect(ignored.node('a').finishedOutputs).toEqual({ x: 'half' })
  expect(ignored.state.variables).toEqual({ v: 'half' })
  const failed = saving({})
  failed.fails('a', { outputs: { x: 'half' } })
  expect(failed.node('a').finishedOutputs).toEqual({ x: 'half' })
  failed.press('skip', 'a')
  expect(failed.node('a').finishedOutputs).toBeNull()
})

test('an output that does not fit what it is saved to is output_invalid, and kept', () => {
  const flow = flowOf([act('a', 'end', { save: { n: 'x' } })], { variables: [{ ...text('n'), type: 'integer' }] })
  const task = new Bench(flow)
  task.done('a', { x: 'seven' })
  expect(task.node('a')).toMatchObject({ state: 'failed', error: { cause: 'output_invalid' }, outputs: { x: 'seven' } })
  expect(task.state.variables).toEqual({})
})

test('by hand needs the outputs that are used later, and no others', () => {
  const reads = { source: '${a.outputs.build}', reads: ['a'], evaluate: () => 'x' }
  const flow = flowOf([act('a', 'b'), act('b', 'end', { with: { build: reads } })])
  const task = new Bench(flow)
  task.fails('a')
  const byhand = (outputs: object) =>
    task.do({ kind: 'byhand', by: wei, nodeId: 'a', attempt: 1, outputs: outputs as never, note: 'did it on the host' })
  expect(() => byhand({})).toThrow(
    expect.objectContaining({
      code: 'INVALID_INPUT',
      detail: expect.objectContaining({ fields: [expect.objectContaining({ field: 'outputs.build' })] }),
    }) as Error,
  )
  byhand({ build: 'v7' })
  expect(task.node('a')).toMatchObject({
    state: 'byhand',
    finishedOutputs: { build: 'v7' },
    note: 'did it on the host',
  })
  expect(task.node('b').state).toBe('running')
})

test('an input that cannot be evaluated fails the node, ready to be retried', () => {
  const flow = flowOf(
    [
      act('a', 'end', {
        with: {
          x: {
            source: '${v}',
            reads: ['v'],
            evaluate: (scope) =>
              scope('v') ??
              (() => {
                throw new Error('${v}: it has no value yet')
              })(),
          },
        },
      }),
    ],
    { variables: [text('v')] },
  )
  const task = new Bench(flow)
  expect(task.node('a')).toMatchObject({
    state: 'failed',
    attempt: 1,
    startedAt: null,
    error: { cause: 'error', code: 'EXPRESSION', message: '${v}: it has no value yet' },
  })
  task.do({ kind: 'edit_variables', by: lin, revision: 1, variables: { v: 'now' } })
  task.press('retry', 'a')
  expect(task.node('a')).toMatchObject({ state: 'running', attempt: 2, inputs: { x: 'now' } })
})

test('what fails before anything started is put to a person at once, whatever the retries', () => {
  const task = new Bench(
    flowOf([act('a', 'end', { use: 'gone@1', onFail: policy({ retry: retries(3, { delayMs: 60_000 }) }) })]),
  )
  expect(task.node('a')).toMatchObject({ state: 'failed', attempt: 1, error: { code: 'PLUGIN_MISSING' } })
  expect(task.state.phase).toBe('attention')
})

test('a task left in attention reminds, escalates and gives up', () => {
  const flow = flowOf([act('a', 'end')], {
    attention: { remindEveryMs: 900_000, escalateTo: ['role:duty'], afterMs: 1_800_000, giveUpMs: 3_600_000 },
    notify: { attention: ['starter'], finished: [] },
  })
  const task = new Bench(flow)
  task.fails('a')
  task.pass(3_599_999)
  const told = task.history
    .flatMap((entry) => entry.events)
    .filter((event) => event.kind === 'attention_reminded' || event.kind === 'attention_escalated')
  expect(told.filter((event) => event.kind === 'attention_escalated')).toMatchObject([{ refs: ['role:duty'] }])
  expect(told.filter((event) => event.kind === 'attention_reminded')).toHaveLength(3)
  task.pass(1)
  expect(task.state.phase).toBe('failed')
  expect(task.state.timers.size).toBe(0)
})
