import { expect, test } from 'vitest'
import { bucketOf, factsOf, histogramOf, quantile } from './statistics.ts'
import type { Ask, AttemptRecord, NodeRun, TaskState } from './state.ts'

const by = (person: string | null) => ({ person, name: person ?? 'Baton', surface: 'api' as const })
const attempt = (number: number, more: Partial<AttemptRecord>): AttemptRecord => ({
  attempt: number,
  visit: 1,
  state: 'succeeded',
  startedAt: 0,
  endedAt: 0,
  by: by(null),
  error: null,
  note: null,
  ...more,
})
const run = (id: string, attempts: readonly AttemptRecord[], more: Partial<NodeRun> = {}): NodeRun =>
  ({ id, plugin: 'test.work@1.0.0', askId: null, lastAct: null, attempts, ...more }) as NodeRun // the rest is not read
const failure = (cause: 'error' | 'timeout') => ({ cause, code: 'X', message: '' })
const ended = (
  nodes: readonly NodeRun[],
  asks: readonly Partial<Ask>[] = [],
  more: Partial<TaskState> = {},
): TaskState =>
  ({
    id: 't1',
    project: 'default',
    app: null,
    flow: { name: 'ship', version: 1, digest: '' },
    rehearsal: false,
    stage: 'final',
    outcome: 'succeeded',
    createdAt: 0,
    startedAt: 100,
    endedAt: 1_100,
    nodes: new Map(nodes.map((node) => [node.id, node])),
    asks: new Map(asks.map((ask, at) => [String(at), ask])),
    children: [],
    ...more,
  }) as unknown as TaskState // what facts are read off

test('working and waiting for people are told apart', () => {
  const facts = factsOf(
    ended(
      [
        run('deploy', [attempt(1, { startedAt: 100, endedAt: 300 })]),
        run('gate', [attempt(1, { startedAt: 300, endedAt: 900 })], { plugin: null, askId: '0' }),
      ],
      [{ nodeId: 'gate', openedAt: 300, closedAt: 900 }],
    ),
  )
  expect(facts).toMatchObject({ workMs: 400, waitMs: 600, outcome: 'succeeded', causes: {} })
  expect(facts!.nodes).toMatchObject([
    { node: 'deploy', runs: 1, succeeded: 1, work: [200], wait: [] },
    { node: 'gate', runs: 1, succeeded: 1, work: [], wait: [600] },
  ])
})
test('two people who are waited for at once are waited for once', () => {
  const gate = (id: string) => run(id, [attempt(1, {})], { plugin: null, askId: id })
  const asks = [
    { nodeId: 'a', openedAt: 200, closedAt: 500 },
    { nodeId: 'b', openedAt: 300, closedAt: 600 },
  ]
  expect(factsOf(ended([gate('a'), gate('b')], asks))).toMatchObject({ waitMs: 400, workMs: 600 })
})
test('a failure waits until a person retries it, and not when it is retried by itself', () => {
  const manual = run('deploy', [
    attempt(1, { state: 'failed', startedAt: 100, endedAt: 200, error: failure('error') }),
    attempt(2, { by: by('li'), startedAt: 500, endedAt: 600 }),
  ])
  expect(factsOf(ended([manual]))!.nodes[0]).toMatchObject({
    runs: 2,
    succeeded: 1,
    failed: 1,
    retries: 1,
    work: [100],
    wait: [300],
    causes: { error: 1 },
  })
  const alone = run('deploy', [
    attempt(1, { state: 'failed', startedAt: 100, endedAt: 200, error: failure('timeout') }),
    attempt(2, { startedAt: 500, endedAt: 600 }),
  ])
  expect(factsOf(ended([alone]))).toMatchObject({ waitMs: 0, causes: { timeout: 1 } })
})
test.each(['skipped', 'byhand'] as const)(
  'what failed and was %s worked until it failed, and waited from then on',
  (state) => {
    const settledBy = by('li')
    const facts = factsOf(
      ended([
        run('deploy', [
          attempt(1, { state, startedAt: 100, failedAt: 200, endedAt: 900, error: failure('error'), settledBy }),
        ]),
      ]),
    )
    expect(facts).toMatchObject({ waitMs: 700, workMs: 300 })
    expect(facts!.nodes[0]).toMatchObject({ wait: [700], hands: { [`${state} li`]: 1 } })
  },
)
test('of what was settled before that was kept, all counts as waiting', () => {
  const old = run('deploy', [attempt(1, { state: 'skipped', startedAt: 100, endedAt: 900, error: failure('error') })])
  expect(factsOf(ended([old]))!.nodes[0]!.wait).toEqual([800])
})
test('who had to put a hand to it is counted, and what happens by itself is not', () => {
  const mended = run('deploy', [
    attempt(1, { by: by('starter'), state: 'failed', error: failure('error') }),
    attempt(2, { state: 'failed', error: failure('error') }),
    attempt(3, { by: by('li'), state: 'failed', error: failure('error') }),
    attempt(4, { by: by('li') }),
  ])
  const passed = run('check', [attempt(1, { state: 'skipped', startedAt: null })])
  expect(factsOf(ended([mended, passed]))!.nodes.map(({ hands }) => hands)).toEqual([{ 'retried li': 2 }])
})
test('a new visit of a loop is no retry', () => {
  const loop = run('check', [attempt(1, { visit: 1 }), attempt(2, { visit: 2 }), attempt(3, { visit: 3 })])
  expect(factsOf(ended([loop]))!.nodes[0]).toMatchObject({ runs: 3, retries: 0 })
})
test('what was passed over, taken over, or no step at all is not counted', () => {
  const facts = factsOf(
    ended([
      run('passed', [attempt(1, { state: 'skipped', startedAt: null })]),
      run('kept', [attempt(1, {})], { keptFrom: 7 }),
      run('gateway', [attempt(1, {})], { plugin: null }),
    ]),
  )
  expect(facts!.nodes).toEqual([])
})
test.each([
  ['a rehearsal', { rehearsal: true }],
  ['one that goes on', { stage: 'main' as const }],
])('%s tells nothing', (_, more) => expect(factsOf(ended([], [], more))).toBeNull())

test.each([1, 7, 42, 999, 12_345, 86_400_000, 30 * 86_400_000])('%d ms is read back within 5 %%', (ms) => {
  const found = quantile(histogramOf([ms]), 0.5)!
  expect(Math.abs(found - ms)).toBeLessThanOrEqual(Math.max(1, ms * 0.05))
})
test('the median and the 95th of a hundred are where they belong', () => {
  const histogram = histogramOf(Array.from({ length: 100 }, (_, at) => (at + 1) * 1_000))
  expect(quantile(histogram, 0.5)! / 50_000).toBeCloseTo(1, 1)
  expect(quantile(histogram, 0.95)! / 95_000).toBeCloseTo(1, 1)
  expect(quantile({}, 0.5)).toBeNull()
  expect(bucketOf(0)).toBe(0)
})
