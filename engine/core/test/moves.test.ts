import fc from 'fast-check'
import { expect, test } from 'vitest'
import { apply, newTask } from '../apply.ts'
import { EngineError } from '../error.ts'
import type { NodeState, TaskState } from '../state.ts'
import { act, ask, Bench, flowOf, policy, retries, wait, wei } from './build.ts'
import { anyPieces, attempt, benchOf, commandFrom, flowFrom } from './random.ts'

/** A task whose node `n` is in the state in question. */
const IN: { readonly [state: string]: () => Bench } = {
  running: () => new Bench(flowOf([act('n', 'b'), act('b', 'end')])),
  'waiting for a callback'() {
    const task = IN['running']!()
    task.result('n', { kind: 'callback', state: null })
    return task
  },
  'waiting for a time': () => new Bench(flowOf([wait('n', 'b', { for: '1h' }), act('b', 'end')])),
  'waiting for people': () => new Bench(flowOf([ask('n', 'b', { approvers: ['ana'] }), act('b', 'end')])),
  'in back-off'() {
    const task = new Bench(
      flowOf([act('n', 'b', { onFail: policy({ retry: retries(1, { delayMs: 1000 }) }) }), act('b', 'end')]),
    )
    task.fails('n')
    return task
  },
  failed() {
    const task = IN['running']!()
    task.fails('n')
    return task
  },
  succeeded() {
    const task = IN['running']!()
    task.done('n')
    return task
  },
  skipped() {
    const task = IN['failed']!()
    task.press('skip', 'n')
    return task
  },
  'never visited': () => new Bench(flowOf([act('a', 'n'), act('n', 'end')])),
}
const STATES = [
  'running',
  'waiting for a callback',
  'waiting for a time',
  'waiting for people',
  'in back-off',
  'failed',
  'succeeded',
  'skipped',
  'never visited',
] as const
// What each press does in each state, in the order of STATES: ok, or the code of the refusal.
const N = 'NOT_ALLOWED'
const TABLE = {
  retry: [N, N, N, N, N, 'ok', 'STALE', 'STALE', N],
  skip: [N, N, N, N, 'ok', 'ok', 'STALE', 'STALE', N],
  byhand: [N, N, N, N, N, 'ok', 'STALE', 'STALE', N],
  fail: ['ok', 'ok', 'ok', 'ok', 'ok', 'ok', 'STALE', 'STALE', N],
  choose_branch: [N, N, N, N, N, N, 'STALE', 'STALE', N],
  reschedule: [N, N, 'ok', N, N, N, N, N, N],
} as const
const CASES = (Object.keys(TABLE) as (keyof typeof TABLE)[]).flatMap((kind) =>
  STATES.map((state, at) => ({ kind, state, comes: TABLE[kind][at] ?? '' })),
)

test.each(CASES)('$kind on a node that is $state: $comes', ({ kind, state, comes }) => {
  const task = IN[state]!()
  const aimed = { by: wei, nodeId: 'n', attempt: task.state.nodes.get('n')?.attempt ?? 0, note: 'why' }
  const change = {
    retry: {},
    skip: {},
    byhand: { outputs: {} },
    fail: {},
    choose_branch: { branches: ['b'] },
    reschedule: { at: 0 },
  }[kind]
  const before = structuredClone(task.state)
  let code = 'ok'
  try {
    task.do({ kind, ...aimed, ...change } as never) // each with the fields of its kind
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    code = error.code
    expect(task.state).toEqual(before)
  }
  expect(code).toBe(comes)
})

test.each(STATES.filter((state) => state !== 'never visited'))(
  'a press aimed at another attempt of a node that is %s is STALE and changes nothing',
  (state) => {
    const task = IN[state]!()
    const { attempt: now } = task.node('n')
    for (const kind of ['retry', 'skip', 'fail'] as const) {
      expect(() => task.press(kind, 'n', wei, { attempt: now - 1, note: 'why' })).toThrow(
        expect.objectContaining({
          code: 'STALE',
          detail: expect.objectContaining({ truth: expect.objectContaining({ attempt: now }) }),
        }) as Error,
      )
    }
  },
)

/** Legal moves of one visit (ADR 0001). `none`: never visited, or the visit before is over and a token comes again. */
const MOVES: Readonly<Record<NodeState | 'none', readonly NodeState[]>> = {
  none: ['ready', 'running', 'waiting', 'succeeded'], // succeeded: a gateway lets its token through at once
  ready: ['running', 'waiting', 'failed', 'skipped', 'succeeded', 'revoked'], // succeeded: a retried gateway
  running: ['waiting', 'succeeded', 'failed', 'revoked'],
  waiting: ['running', 'succeeded', 'failed', 'revoked'],
  failed: ['ready', 'ignored', 'skipped', 'byhand', 'succeeded', 'revoked'], // ready: a retry, as the next attempt; succeeded: a branch was chosen
  succeeded: [],
  ignored: [],
  skipped: [],
  byhand: [],
  revoked: [],
}

test('whatever is asked, a visit makes legal moves only', () => {
  fc.assert(
    fc.property(
      anyPieces,
      fc.array(fc.tuple(fc.nat({ max: 1000 }), fc.nat({ max: 1000 })), { minLength: 20, maxLength: 100 }),
      (pieces, steps) => {
        const task = benchOf(flowFrom(pieces))
        for (const [what, which] of steps) {
          const command = commandFrom(task, what, which)
          if (command !== null) attempt(task, command)
        }
        for (const [from, to, id] of movesOf(task)) expect(MOVES[from], `${id}: ${from} → ${to}`).toContain(to)
      },
    ),
    { numRuns: 150 },
  )
})

/** Every change of state in a history, event by event. */
function* movesOf(task: Bench): Iterable<readonly [NodeState | 'none', NodeState, string]> {
  let state: TaskState | null = null
  for (const entry of task.history) {
    for (const event of entry.events) {
      if (event.kind === 'task_launched') {
        state = newTask(event, entry.at)
        continue
      }
      if (state === null) return
      const id = 'node' in event ? event.node : null
      const before = id === null ? undefined : state.nodes.get(id)
      apply(state, event, entry)
      const after = id === null ? undefined : state.nodes.get(id)
      if (id === null || after === undefined) continue
      const visits = before !== undefined && before.visit === after.visit
      if (!visits) yield ['none', after.state, id]
      else if (before.state !== after.state) yield [before.state, after.state, id]
    }
  }
}
