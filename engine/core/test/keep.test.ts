import { expect, test } from 'vitest'
import { continuedFrom } from '../keep.ts'
import type { Flow } from '../flow.ts'
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
  parallel,
  text,
  value,
  variable,
  wait,
  wei,
} from './build.ts'

const refusal = (why: string) =>
  expect.objectContaining({ code: 'NOT_ALLOWED', detail: expect.objectContaining({ why }) as object }) as Error
const output = (node: string, name: string) =>
  expression(`\${${node}.outputs.${name}}`, [node], (scope) => {
    const { outputs } = scope(node) as { outputs: { [key: string]: string } }
    return outputs[name] ?? null
  })
/** A new task of the same version that goes on from an ended one. */
const again = (flow: Flow, before: Bench, variables = before.state.variables): Bench =>
  new Bench(
    flow,
    {
      id: 'T2',
      number: 1043,
      variables,
      continues: continuedFrom(flow, before.state, { rehearsal: false, project: 'default' }),
    },
    { directory: directoryOf({ 'role:qa': ['ana'] }) },
  )

const chain = flowOf(
  [
    act('build', 'test', { with: { version: variable('version') }, save: { artefact: 'file' } }),
    act('test', 'deploy', { with: { file: variable('artefact') } }),
    act('deploy', 'end', { with: { file: variable('artefact'), to: variable('env') } }),
    act('clean', 'end'),
  ],
  { variables: [text('version'), text('env'), text('artefact')], finally: ['clean'] },
)
function failedAtDeploy(): Bench {
  const task = new Bench(chain, { variables: { version: 'v1', env: 'prod' } })
  task.done('build', { file: 'v1.tgz' })
  task.done('test', { passed: true })
  task.fails('deploy')
  task.press('fail', 'deploy', wei)
  task.done('clean')
  expect(task.state.phase).toBe('failed')
  return task
}

test('finished steps with the same inputs are taken over, and what follows is done', () => {
  const task = again(chain, failedAtDeploy())
  expect(task.states()).toEqual({ build: 'succeeded', test: 'succeeded', deploy: 'running' })
  expect(task.node('build')).toMatchObject({ keptFrom: 1042, attempt: 1, finishedOutputs: { file: 'v1.tgz' } })
  expect(task.state).toMatchObject({ variables: { artefact: 'v1.tgz' }, progress: { done: 2 } })
  expect(task.jobs.map(({ nodeId }) => nodeId)).toEqual(['deploy'])
  task.done('deploy')
  task.done('clean') // what runs at the end runs always
  expect(task.state.phase).toBe('succeeded')
  expect(task.replayed()).toEqual(task.state)
})

test('what would weigh more than a task is not taken over: that step is run again', () => {
  const task = new Bench(chain, { variables: { version: 'v1', env: 'prod' } })
  task.done('build', { file: 'v1.tgz' })
  task.done('test', { report: 'x'.repeat(1_000_001) })
  task.fails('deploy')
  task.press('fail', 'deploy', wei)
  task.done('clean')
  expect(again(chain, task).states()).toEqual({ build: 'succeeded', test: 'running' })
})

test('a step whose inputs differ is done anew, and so is everything behind it', () => {
  const before = failedAtDeploy()
  const other = again(chain, before, { version: 'v2', env: 'prod' })
  expect(other.states()).toEqual({ build: 'running' })
  other.done('build', { file: 'v1.tgz' }) // the same inputs for the test: still, what it tested was made anew
  expect(other.node('test').state).toBe('running')
  const elsewhere = again(chain, before, { version: 'v1', env: 'staging' })
  expect(elsewhere.states()).toMatchObject({ build: 'succeeded', test: 'succeeded', deploy: 'running' })
})

test('an approval is never taken over; what stands behind it is, when it is answered anew', () => {
  const flow = flowOf([
    act('plan', 'ok'),
    ask('ok', 'apply', { approvers: ['role:qa'] }),
    act('apply', 'verify'),
    act('verify', 'end'),
  ])
  const before = new Bench(flow, {}, { directory: directoryOf({ 'role:qa': ['ana'] }) })
  before.done('plan')
  before.answer({ person: 'ana', name: 'ana', surface: 'phone' })
  before.done('apply')
  before.fails('verify')
  before.press('fail', 'verify', wei)
  const task = again(flow, before)
  expect(task.states()).toEqual({ plan: 'succeeded', ok: 'waiting' })
  task.answer({ person: 'ana', name: 'ana', surface: 'phone' })
  expect(task.states()).toMatchObject({ apply: 'succeeded', verify: 'running' })
})

test('branches are judged each for itself; what joins them waits for both to be kept', () => {
  const flow = flowOf(
    [
      parallel('fan', ['a', 'b'], 'join'),
      act('a', 'join', { with: { x: variable('x') } }),
      act('b', 'join'),
      converge('join', 'sum'),
      act('sum', 'end'),
    ],
    { variables: [text('x')] },
  )
  const before = new Bench(flow, { variables: { x: '1' } })
  before.done('a')
  before.done('b')
  before.done('sum')
  expect(again(flow, before).state.phase).toBe('succeeded')
  const task = again(flow, before, { x: '2' })
  expect(task.states()).toMatchObject({ a: 'running', b: 'succeeded' })
  task.done('a')
  expect(task.node('sum')).toMatchObject({ state: 'running' })
})

test('a loop takes over its first round at most; a list is taken over whole; a wait is not waited again', () => {
  const loop = flowOf(
    [
      act('a', 'more', { save: { again: 'again' } }),
      exclusive('more', [branch('a', is('again', 'yes')), branch('end')]),
    ],
    { variables: [text('again')] },
  )
  const before = new Bench(loop)
  before.done('a', { again: 'yes' })
  before.done('a', { again: 'yes' })
  before.do({ kind: 'revoke', by: wei, mode: 'cancel' })
  before.do({ kind: 'cancelled', nodeId: 'a', attempt: 3, confirmed: true })
  expect(again(loop, before).node('a')).toMatchObject({ state: 'running', visit: 1 }) // its last visit had not finished
  const list = flowOf(
    [
      wait('pause', 'deploy', { for: '1h' }),
      act('deploy', 'last', {
        each: { in: variable('hosts'), as: 'host', atOnce: 2, stopAfter: 0 },
        with: { h: variable('host') },
      }),
      act('last', 'end', { with: { n: output('deploy', 'succeeded') } }),
    ],
    { variables: [text('hosts')] },
  )
  const listed = new Bench(list, { variables: { hosts: ['x', 'y'] } })
  listed.pass(3_600_000)
  listed.done('deploy', { ok: 'x' }, 0)
  listed.done('deploy', { ok: 'y' }, 1)
  listed.fails('last')
  listed.press('fail', 'last', wei)
  const task = again(list, listed)
  expect(task.states()).toEqual({ pause: 'succeeded', deploy: 'succeeded', last: 'running' })
  expect(task.node('last').inputs).toEqual({ n: 2 })
  expect([...task.state.items.values()].map(({ state, outputs }) => [state, outputs])).toEqual([
    ['succeeded', { ok: 'x' }],
    ['succeeded', { ok: 'y' }],
  ])
  expect(task.replayed()).toEqual(task.state)
  expect(again(list, listed, { hosts: ['x', 'z'] }).states()).toMatchObject({ deploy: 'running' })
})

test('a step that read a secret typed at launch is done anew: nobody can tell whether it is the same one', () => {
  const flow = flowOf([act('a', 'b', { with: { token: value({ $secret: 'task:token' }) } }), act('b', 'end')])
  const before = new Bench(flow)
  before.done('a')
  before.fails('b')
  before.press('fail', 'b', wei)
  expect(again(flow, before).node('a').state).toBe('running')
})

test('only an ended task of the same version, that was no rehearsal, is gone on from', () => {
  const live = new Bench(chain, { variables: { version: 'v1', env: 'prod' } })
  const from =
    (change: object, rehearsal = false) =>
    () =>
      continuedFrom(chain, { ...failedAtDeploy().state, ...change }, { rehearsal, project: 'default' })
  expect(() => continuedFrom(chain, live.state, { rehearsal: false, project: 'default' })).toThrow(refusal('RUNNING'))
  expect(from({ flow: { name: 'release', version: 2, digest: 'd2' } })).toThrow(refusal('OTHER_VERSION'))
  expect(from({ project: 'other' })).toThrow(refusal('OTHER_VERSION'))
  expect(from({ rehearsal: true })).toThrow(refusal('REHEARSAL'))
  expect(from({ rehearsal: true }, true)().number).toBe(1042)
})
