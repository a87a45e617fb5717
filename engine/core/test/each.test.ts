import { expect, test } from 'vitest'
import { itemsOf } from '../apply.ts'
import {
  act,
  ana,
  Bench,
  converge,
  flowOf,
  lin,
  parallel,
  policy,
  retries,
  text,
  value,
  variable,
  wei,
} from './build.ts'

const refusal = (code: string) => expect.objectContaining({ code }) as Error
const over = (
  hosts: readonly string[],
  each: { atOnce?: number; stopAfter?: number } = {},
  change: Parameters<typeof act>[2] = {},
) =>
  new Bench(
    flowOf(
      [
        act('deploy', 'end', {
          each: { in: value(hosts), as: 'host', atOnce: 5, stopAfter: 0, ...each },
          with: { host: variable('host') },
          ...change,
        }),
      ],
      { variables: [text('n')] },
    ),
  )
const items = (task: Bench) => itemsOf(task.state, 'deploy').map((item) => item.state)

test('a list runs so many at once, each item an execution of its own', () => {
  const task = over(['w1', 'w2', 'w3'], { atOnce: 2 })
  expect(task.jobs).toEqual([
    { kind: 'execute', nodeId: 'deploy', attempt: 1, item: 0 },
    { kind: 'execute', nodeId: 'deploy', attempt: 1, item: 1 },
  ])
  expect(task.done('deploy', { exitCode: 0 }, 1).map((event) => event.kind)).toEqual(['item_succeeded', 'item_started'])
  expect(itemsOf(task.state, 'deploy').map((item) => item.inputs)).toEqual([
    { host: 'w1' },
    { host: 'w2' },
    { host: 'w3' },
  ])
  task.done('deploy', {}, 0)
  task.done('deploy', {}, 2)
  expect(task.state.phase).toBe('succeeded')
  expect(task.node('deploy').outputs).toEqual({ succeeded: 3, failed: 0 })
})

test('an empty list is done at once; what is no list fails the node', () => {
  expect(over([]).state.phase).toBe('succeeded')
  expect(
    new Bench(flowOf([act('a', 'end', { each: { in: value('w1'), as: 'host', atOnce: 1, stopAfter: 1 } })])).node('a')
      .error?.message,
  ).toContain('expected a list')
})

test('later nodes read what each item gave', () => {
  const reads = {
    source: '${deploy.outputs.items}',
    reads: ['deploy'],
    evaluate: (scope: (name: string) => unknown) =>
      (scope('deploy') as { outputs: { items: readonly { item: string }[] } }).outputs.items.map((each) => each.item),
  }
  const flow = flowOf([
    act('deploy', 'tell', { each: { in: value(['w1', 'w2']), as: 'host', atOnce: 2, stopAfter: 1 } }),
    act('tell', 'end', { with: { hosts: reads as never } }),
  ])
  const task = new Bench(flow)
  task.done('deploy', { v: 1 }, 0)
  task.done('deploy', { v: 2 }, 1)
  expect(task.node('tell').inputs).toEqual({ hosts: ['w1', 'w2'] })
})

test('after stopAfter failures running items end and no more start; retry runs every item that has not succeeded', () => {
  const task = over(['w1', 'w2', 'w3', 'w4'], { atOnce: 2, stopAfter: 1 })
  task.fails('deploy', { message: 'disk full' }, 0)
  expect(items(task)).toEqual(['failed', 'running', null, null])
  expect(task.state.phase).toBe('running')
  task.done('deploy', {}, 1)
  expect(task.node('deploy')).toMatchObject({ state: 'failed', error: { cause: 'error', message: 'w1: disk full' } })
  task.press('retry', 'deploy')
  expect(task.node('deploy')).toMatchObject({ state: 'running', attempt: 2 })
  expect(items(task)).toEqual(['running', 'succeeded', 'running', null])
  expect(itemsOf(task.state, 'deploy').map((item) => item.attempt)).toEqual([2, 1, 2, 0])
  for (const item of [0, 2, 3]) task.done('deploy', {}, item)
  expect(task.state.phase).toBe('succeeded')
})

test('items are retried by the policy one by one, each with attempts of its own', () => {
  const task = over(['w1', 'w2'], {}, { onFail: policy({ retry: retries(1, { delayMs: 5000 }) }) })
  task.fails('deploy', {}, 0)
  expect(items(task)).toEqual(['ready', 'running'])
  task.done('deploy', {}, 1)
  expect(task.node('deploy').state).toBe('running')
  task.pass(5000)
  expect(task.jobs.at(-1)).toEqual({ kind: 'execute', nodeId: 'deploy', attempt: 2, item: 0 })
  task.fails('deploy', {}, 0)
  expect(task.node('deploy')).toMatchObject({ state: 'failed', attempt: 1 })
  task.press('retry', 'deploy')
  expect(itemsOf(task.state, 'deploy')[0]?.attempt).toBe(3) // never a number it has had
})

test('attempts of items go on over visits: no execution has the name of another', () => {
  const again = { source: '${n < 2}', reads: ['n'], evaluate: () => true }
  const task = over(['w1'], {}, { next: 'deploy', maxVisits: 2, onFail: policy({ retry: retries(2) }), when: again })
  task.fails('deploy', {}, 0)
  task.done('deploy', {}, 0)
  expect(task.node('deploy').visit).toBe(2)
  expect(itemsOf(task.state, 'deploy')[0]?.attempt).toBe(3)
})

test('each item has its own timeout', () => {
  const task = over(['w1', 'w2'], {}, { onFail: policy({ timeoutMs: 1000 }) })
  task.done('deploy', {}, 1)
  task.pass(1000)
  expect(task.jobs.at(-1)).toEqual({ kind: 'cancel', nodeId: 'deploy', attempt: 1, item: 0 })
  task.do({ kind: 'cancelled', nodeId: 'deploy', attempt: 1, item: 0, confirmed: true })
  expect(task.node('deploy').error).toMatchObject({ cause: 'timeout' })
})

test('skip, by hand and retry may name items; the node stays failed while one is open', () => {
  const task = over(['w1', 'w2', 'w3'])
  for (const item of [0, 1, 2]) task.fails('deploy', {}, item)
  expect(task.node('deploy').error?.message).toBe('3 of 3 failed, first w1: exit code 3')
  task.press('skip', 'deploy', wei, { items: [0] })
  expect(task.state.phase).toBe('attention')
  task.do({ kind: 'byhand', by: wei, nodeId: 'deploy', attempt: 1, items: [1], outputs: { exitCode: 0 } })
  expect(items(task)).toEqual(['skipped', 'byhand', 'failed'])
  expect(() => task.press('retry', 'deploy', ana, { items: [0] })).toThrow(refusal('STALE'))
  expect(() => task.press('retry', 'deploy', ana, { items: [7] })).toThrow(refusal('INVALID_INPUT'))
  task.press('retry', 'deploy', ana, { items: [2] })
  expect(items(task)).toEqual(['skipped', 'byhand', 'running'])
  task.done('deploy', {}, 2)
  expect(task.state.phase).toBe('succeeded')
})

test('when the last open item is skipped, the node is, and what the others gave stays', () => {
  const task = over(['w1', 'w2'])
  task.done('deploy', { exitCode: 0 }, 0)
  task.fails('deploy', {}, 1)
  task.press('skip', 'deploy', wei, { items: [1] })
  expect(task.node('deploy')).toMatchObject({ state: 'skipped', finishedOutputs: { succeeded: 1, failed: 1 } })
  expect(task.state.phase).toBe('succeeded')
})

test('a paused task starts no more items', () => {
  const task = over(['w1', 'w2'], { atOnce: 1 })
  task.do({ kind: 'pause', by: lin })
  task.done('deploy', {}, 0)
  expect(items(task)).toEqual(['succeeded', null])
  expect(task.node('deploy').state).toBe('running')
  task.do({ kind: 'resume', by: lin })
  expect(items(task)).toEqual(['succeeded', 'running'])
})

test('a retry in a paused task keeps the list and the items it named', () => {
  const task = over(['w1', 'w2'])
  task.fails('deploy', {}, 0)
  task.fails('deploy', {}, 1)
  task.do({ kind: 'pause', by: lin })
  task.press('retry', 'deploy', wei, { items: [1] })
  task.do({ kind: 'resume', by: lin })
  task.pass(0)
  expect(items(task)).toEqual(['failed', 'running'])
})

test('revoke cancels the items that run; unconfirmed ones are said', () => {
  const task = over(['w1', 'w2', 'w3'], { atOnce: 2 })
  task.do({ kind: 'revoke', by: lin, mode: 'cancel' })
  expect(task.jobs.filter((job) => job.kind === 'cancel').map((job) => job.item)).toEqual([0, 1])
  task.do({ kind: 'cancelled', nodeId: 'deploy', attempt: 1, item: 0, confirmed: true })
  task.pass(30_000)
  expect(items(task)).toEqual(['revoked', 'revoked', null])
  expect(task.state).toMatchObject({ phase: 'revoked', cancelUnconfirmed: true })
  expect(itemsOf(task.state, 'deploy').map((item) => item.cancelUnconfirmed)).toEqual([false, true, false])
})

test('stop lets the running items end and starts no more', () => {
  const task = over(['w1', 'w2'], { atOnce: 1 })
  task.do({ kind: 'revoke', by: lin, mode: 'stop' })
  task.done('deploy', {}, 0)
  expect(items(task)).toEqual(['succeeded', null])
  expect(task.state.phase).toBe('revoked')
})

test('"fail" ends every running item and asks a person', () => {
  const task = over(['w1', 'w2'])
  task.press('fail', 'deploy')
  task.do({ kind: 'cancelled', nodeId: 'deploy', attempt: 1, item: 0, confirmed: true })
  task.do({ kind: 'cancelled', nodeId: 'deploy', attempt: 1, item: 1, confirmed: true })
  expect(task.node('deploy').error?.cause).toBe('forced')
  task.press('retry', 'deploy')
  expect(items(task)).toEqual(['running', 'running'])
})

test('polls and callbacks are per item', () => {
  const task = over(['w1', 'w2'])
  task.result('deploy', { kind: 'poll', afterMs: 1000, state: 1 }, 0)
  task.result('deploy', { kind: 'callback', state: 2 }, 1)
  task.pass(1000)
  expect(task.jobs.at(-1)).toEqual({ kind: 'poll', nodeId: 'deploy', attempt: 1, item: 0 })
  task.done('deploy', {}, 0)
  task.do({ kind: 'result', nodeId: 'deploy', attempt: 1, item: 1, result: { kind: 'done', outputs: {} } })
  expect(task.state.phase).toBe('succeeded')
})

test('an item step costs the same in a list of ten thousand', () => {
  const task = over(
    Array.from({ length: 10_000 }, (_, index) => `w${index}`),
    { atOnce: 1 },
  )
  const size = (): number => JSON.stringify(task.history.at(-1)).length
  task.done('deploy', {}, 0)
  const first = size()
  for (let item = 1; item < 200; item += 1) task.done('deploy', {}, item)
  expect(size()).toBeLessThan(first + 10)
})

test('siblings of a list that gives up are cancelled with their items', () => {
  const flow = flowOf([
    parallel('fan', ['a', 'b'], 'join'),
    act('a', 'join', { each: { in: value(['w1', 'w2']), as: 'host', atOnce: 2, stopAfter: 0 } }),
    act('b', 'join', { onFail: policy({ then: 'fail' }) }),
    converge('join', 'end'),
  ])
  const task = new Bench(flow)
  task.fails('b')
  expect(task.jobs.filter((job) => job.kind === 'cancel')).toHaveLength(2)
  task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, item: 0, confirmed: true })
  task.do({ kind: 'cancelled', nodeId: 'a', attempt: 1, item: 1, confirmed: true })
  expect(task.state.phase).toBe('failed')
})

test('a list held by a pause ends when its task is stopped', () => {
  const task = over(['w1', 'w2'], { atOnce: 1 })
  task.do({ kind: 'pause', by: lin })
  task.done('deploy', {}, 0)
  task.do({ kind: 'revoke', by: lin, mode: 'stop' })
  expect(task.state.phase).toBe('revoked')
})

test('items in a back-off do not start again after a stop', () => {
  const task = over(['w1', 'w2'], {}, { onFail: policy({ retry: retries(1, { delayMs: 5000 }) }) })
  task.fails('deploy', {}, 0)
  task.do({ kind: 'revoke', by: lin, mode: 'stop' })
  expect(items(task)).toEqual(['revoked', 'running'])
  task.done('deploy', {}, 1)
  expect(task.state.phase).toBe('revoked')
})

test('a list held by a pause ends when a sibling gives up', () => {
  const flow = flowOf([
    parallel('fan', ['a', 'b'], 'join'),
    act('a', 'join', { each: { in: value(['w1', 'w2']), as: 'host', atOnce: 1, stopAfter: 0 } }),
    act('b', 'join', { onFail: policy({ then: 'fail' }) }),
    converge('join', 'end'),
  ])
  const task = new Bench(flow)
  task.do({ kind: 'pause', by: lin })
  task.fails('b')
  task.done('a', {}, 0)
  expect(task.states()).toMatchObject({ a: 'revoked', b: 'failed' })
  expect(task.state.phase).toBe('failed')
})
