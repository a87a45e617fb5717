import { expect, test } from 'vitest'
import {
  act,
  Bench,
  branch,
  converge,
  exclusive,
  expression,
  flowOf,
  inclusive,
  is,
  lin,
  parallel,
  text,
  value,
  variable,
  wei,
} from './build.ts'

test('a sequence runs node after node, one entry for the end of one and the start of the next', () => {
  const task = new Bench(flowOf([act('a', 'b'), act('b', 'end')]))
  expect(task.history[0]?.events.map((event) => event.kind)).toEqual(['task_launched', 'task_started', 'node_started'])
  expect(task.jobs).toEqual([{ kind: 'execute', nodeId: 'a', attempt: 1 }])
  expect(task.done('a').map((event) => event.kind)).toEqual(['node_succeeded', 'node_started'])
  expect(task.done('b').map((event) => event.kind)).toEqual([
    'node_succeeded',
    'token_ended',
    'main_ended',
    'task_ended',
  ])
  expect(task.state.phase).toBe('succeeded')
  expect(task.state.progress).toEqual({ done: 2, total: 2 })
})

test('a way that comes round again rules nothing out, and what the launch leaves out counts as passed over', () => {
  const flow = flowOf(
    [
      act('test', 'good'),
      exclusive('good', [branch('ship', is('ok', true)), branch('mend')]),
      act('mend', 'test'),
      act('ship', 'note'),
      { ...act('note', 'end'), optional: true },
    ],
    { variables: [{ ...text('ok'), type: 'boolean' }] },
  )
  const task = new Bench(flow, { variables: { ok: false }, omit: ['note'] })
  expect(task.state.progress).toEqual({ done: 0, total: 4 })
  task.done('test')
  expect(task.state.progress).toEqual({ done: 1, total: 4 })
  task.do({ kind: 'edit_variables', by: wei, revision: 1, variables: { ok: true } })
  task.done('mend')
  task.done('test')
  task.done('ship')
  expect(task.state).toMatchObject({ phase: 'succeeded', progress: { done: 4, total: 4 } })
})

test('entries follow one another: each begins where the one before ended', () => {
  const task = new Bench(flowOf([act('a', 'b'), act('b', 'end')]))
  task.done('a')
  task.done('b')
  let next = 1
  for (const entry of task.history) {
    expect(entry.seq).toBe(next)
    next += entry.events.length
  }
  expect(task.state.version).toBe(next - 1)
})

const choosing = (mode: 'first' | 'only') =>
  flowOf([
    exclusive('gate', [branch('a', is('env', 'production')), branch('b', is('fast', true)), branch('c')], { mode }),
    act('a', 'end'),
    act('b', 'end'),
    act('c', 'end'),
  ])
test.each([
  { mode: 'first', variables: { env: 'production', fast: false }, runs: 'a' },
  { mode: 'first', variables: { env: 'production', fast: true }, runs: 'a' },
  { mode: 'first', variables: { env: 'staging', fast: true }, runs: 'b' },
  { mode: 'first', variables: { env: 'staging', fast: false }, runs: 'c' },
  { mode: 'only', variables: { env: 'production', fast: false }, runs: 'a' },
  { mode: 'only', variables: { env: 'staging', fast: false }, runs: 'c' },
] as const)(
  'an exclusive gateway in mode $mode with $variables sends its token to $runs',
  ({ mode, variables, runs }) => {
    const task = new Bench(choosing(mode), { variables })
    expect(task.states()).toEqual({ gate: 'succeeded', [runs]: 'running' })
    expect(task.state.progress.total).toBe(1) // the other branches are out
  },
)

test('an exclusive gateway in mode only fails when two branches are true, and a person chooses', () => {
  const task = new Bench(choosing('only'), { variables: { env: 'production', fast: true } })
  expect(task.state.phase).toBe('attention')
  expect(task.node('gate').error).toMatchObject({ cause: 'error', code: 'NO_BRANCH' })
  task.do({ kind: 'choose_branch', by: wei, nodeId: 'gate', attempt: 1, branches: ['b'] })
  expect(task.states()).toEqual({ gate: 'succeeded', b: 'running' })
  expect(task.node('gate')).toMatchObject({ attempt: 1, visit: 1, lastAct: { what: 'branch_chosen' } })
})

test('a gateway whose condition cannot be judged fails, and a retry judges it again', () => {
  const flow = flowOf(
    [exclusive('gate', [branch('a', is('env', 'x')), branch('b', variable('late'))]), act('a', 'end'), act('b', 'end')],
    {
      variables: [],
    },
  )
  const task = new Bench(flow, { variables: { env: 'y' } })
  expect(task.node('gate').error?.message).toContain('late')
  expect(task.state.phase).toBe('attention')
  task.press('retry', 'gate')
  expect(task.node('gate')).toMatchObject({ state: 'failed', attempt: 2 })
})

test.each(['neither true nor false', 7, null])('a condition that gives %j fails its gateway', (given) => {
  const task = new Bench(
    flowOf([exclusive('gate', [branch('a', value(given)), branch('b')]), act('a', 'end'), act('b', 'end')]),
  )
  expect(task.node('gate').error?.code).toBe('CONDITION')
})

const block = flowOf([
  parallel('fan', ['a', 'b', 'c'], 'join'),
  act('a', 'join'),
  act('b', 'join'),
  act('c', 'join'),
  converge('join', 'after'),
  act('after', 'end'),
])
test('a parallel gateway runs all its branches, and its converge lets one token through after the last', () => {
  const task = new Bench(block)
  expect(task.states()).toEqual({ fan: 'succeeded', a: 'running', b: 'running', c: 'running' })
  task.done('b')
  task.done('a')
  expect(task.states()['join']).toBeUndefined()
  expect(task.state.tokens.size).toBe(1)
  expect(task.done('c').map((event) => event.kind)).toEqual(['node_succeeded', 'fork_joined', 'node_started'])
  expect(task.state.forks.size).toBe(0)
  task.done('after')
  expect(task.state.phase).toBe('succeeded')
})

test.each([
  { flags: [true, true], runs: ['a', 'b'] },
  { flags: [false, true], runs: ['b'] },
  { flags: [false, false], runs: ['c'] },
])('an inclusive gateway with $flags runs $runs, and its converge waits for just those', ({ flags, runs }) => {
  const flow = flowOf([
    inclusive('some', [branch('a', is('x', true)), branch('b', is('y', true)), branch('c')], 'join'),
    act('a', 'join'),
    act('b', 'join'),
    act('c', 'join'),
    converge('join', 'end'),
  ])
  const task = new Bench(flow, { variables: { x: flags[0] ?? false, y: flags[1] ?? false } })
  expect(task.jobs.map((job) => job.nodeId)).toEqual(runs)
  for (const id of runs) task.done(id)
  expect(task.state.phase).toBe('succeeded')
})

test('of a failed inclusive gateway a person chooses several branches', () => {
  const flow = flowOf([
    inclusive('some', [branch('a', is('x', true)), branch('b', is('y', true)), branch('c', is('z', true))], 'join'),
    act('a', 'join'),
    act('b', 'join'),
    act('c', 'join'),
    converge('join', 'end'),
  ])
  const task = new Bench(flow, { variables: { x: false, y: false, z: false } })
  expect(task.state.phase).toBe('attention')
  task.do({ kind: 'choose_branch', by: wei, nodeId: 'some', attempt: 1, branches: ['a', 'c'] })
  expect(task.jobs.map((job) => job.nodeId)).toEqual(['a', 'c'])
  task.done('a')
  task.done('c')
  expect(task.state.phase).toBe('succeeded')
})

test('blocks in blocks and a loop around a block never mix their tokens', () => {
  const again = expression('${round < 3}', ['round'], (scope) => (scope('round') as number) < 3)
  const flow = flowOf(
    [
      parallel('outer', ['p', 'inner'], 'close'),
      act('p', 'close'),
      parallel('inner', ['q', 'r'], 'join'),
      act('q', 'join', { save: { round: 'round' } }),
      act('r', 'join'),
      converge('join', 'gate'),
      exclusive('gate', [branch('inner', again), branch('close')]),
      converge('close', 'end'),
    ],
    { variables: [{ ...variableOf('round'), type: 'integer' }] },
  )
  const task = new Bench(flow, { variables: { round: 0 } })
  for (let round = 1; round <= 3; round += 1) {
    expect(task.node('inner').visit).toBe(round)
    task.done('q', { round })
    task.done('r')
  }
  expect(task.node('q')).toMatchObject({ visit: 3, attempt: 3 })
  expect(task.state.phase).toBe('running')
  task.done('p')
  expect(task.state.phase).toBe('succeeded')
  expect(task.state.tokens.size).toBe(0)
})

test('the visit beyond maxVisits fails; retry is refused, skip and fail are open', () => {
  const flow = flowOf([
    act('a', 'gate', { maxVisits: 2 }),
    exclusive('gate', [branch('a', value(true)), branch('end')]),
  ])
  const task = new Bench(flow)
  task.done('a')
  task.done('a')
  expect(task.node('a')).toMatchObject({
    state: 'failed',
    attempt: 3,
    visit: 3,
    error: { cause: 'error', code: 'MAX_VISITS' },
  })
  expect(() => task.press('retry', 'a', lin)).toThrow(expect.objectContaining({ code: 'NOT_ALLOWED' }) as Error)
  task.press('fail', 'a')
  expect(task.state.phase).toBe('failed')
})

test('a node whose `when` is false is passed over, and writes nothing', () => {
  const flow = flowOf([act('a', 'b', { when: is('env', 'production') }), act('b', 'end')])
  const task = new Bench(flow, { variables: { env: 'staging' } })
  expect(task.states()).toEqual({ a: 'skipped', b: 'running' })
  expect(task.node('a')).toMatchObject({ attempt: 1, finishedOutputs: null })
})

test('an optional node left out at launch is passed over; one that is not optional cannot be', () => {
  const flow = flowOf([act('a', 'b', { optional: true }), act('b', 'end')])
  const task = new Bench(flow, { omit: ['a'] })
  expect(task.states()).toEqual({ a: 'skipped', b: 'running' })
  expect(task.state.progress.total).toBe(2)
  expect(() => new Bench(flow, { omit: ['b'] })).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error)
})

test('a thousand nodes passed over in a row are no deep stack', () => {
  const nodes = Array.from({ length: 5000 }, (_, index) =>
    act(`n${index}`, index === 4999 ? 'end' : `n${index + 1}`, { when: value(false) }),
  )
  expect(new Bench(flowOf(nodes)).state.phase).toBe('succeeded')
})

const variableOf = (key: string) => ({
  key,
  type: 'text' as const,
  title: key,
  required: false,
  show: true,
  readOnly: false,
  secret: false,
  onCard: false,
})
