/** Random block-structured flows, and random presses, answers and hours for the tasks that run them. */
import fc from 'fast-check'
import type { Command, PeopleCommand, Result } from '../command.ts'
import { EngineError } from '../error.ts'
import type { FailurePolicy, Flow, FlowNode } from '../flow.ts'
import type { Actor } from '../state.ts'
import {
  act,
  ana,
  ask,
  Bench,
  bo,
  branch,
  converge,
  directoryOf,
  exclusive,
  expression,
  flowOf,
  inclusive,
  is,
  lin,
  parallel,
  policy,
  retries,
  text,
  value,
  wait,
  wei,
} from './build.ts'

/** A piece of a flow before it has names and edges. */
export type Piece =
  | { readonly kind: 'act'; readonly policy: number; readonly each: number | null; readonly when: boolean }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'ask'; readonly need: number; readonly onReject: string; readonly deadline: boolean }
  | { readonly kind: 'choice' | 'fork' | 'some'; readonly branches: readonly (readonly Piece[])[] }
  | { readonly kind: 'loop'; readonly body: readonly Piece[] }

const small = fc.nat({ max: 5 })
export const anyPieces: fc.Arbitrary<readonly Piece[]> = fc.letrec<{ piece: Piece; pieces: readonly Piece[] }>(
  (tie) => ({
    pieces: fc.array(tie('piece'), { minLength: 1, maxLength: 3, depthIdentifier: 'flow' }),
    piece: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'flow', withCrossShrink: true },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('act' as const),
          policy: small,
          each: fc.oneof(fc.constant(null), fc.constant(null), fc.nat({ max: 3 })),
          when: fc.boolean(),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.nat({ max: 100 }) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constant('ask' as const),
          need: fc.integer({ min: 1, max: 3 }),
          onReject: fc.constantFrom('fail', 'continue', 'starter'),
          deadline: fc.boolean(),
        }),
      },
      {
        weight: 2,
        arbitrary: fc.record({
          kind: fc.constantFrom('choice' as const, 'fork' as const, 'some' as const),
          branches: fc.array(tie('pieces'), { minLength: 1, maxLength: 3 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('loop' as const), body: tie('pieces') }) },
    ),
  }),
).pieces

const POLICIES: readonly Partial<FailurePolicy>[] = [
  {},
  { then: 'ignore' },
  { then: 'fail' },
  { retry: retries(1) },
  {
    retry: retries(2, { delayMs: 20_000, backoff: 'exponential', on: ['error', 'timeout', 'lost'] }),
    timeoutMs: 60_000,
  },
  { timeoutMs: 30_000, then: 'ignore' },
]
/** True on some visits and not on others, decided by variables that presses change. */
const coin = (seed: number) =>
  expression(`\${n % ${seed + 2} == 0}`, ['n'], (scope) => Number(scope('n') ?? 0) % (seed + 2) === 0)

/** Gives pieces names and edges: always sound, with `finally` behind. */
export function flowFrom(pieces: readonly Piece[]): Flow {
  const nodes: FlowNode[] = []
  let names = 0
  const name = (prefix: string): string => `${prefix}${(names += 1)}`
  /** Adds the pieces and returns where they begin. */
  const add = (list: readonly Piece[], next: string): string => {
    let to = next
    for (const piece of [...list].reverse()) to = addOne(piece, to)
    return to
  }
  const addOne = (piece: Piece, next: string): string => {
    switch (piece.kind) {
      case 'act': {
        const id = name('a')
        const each =
          piece.each === null
            ? null
            : {
                in: value(Array.from({ length: piece.each }, (_, index) => `w${index}`)),
                as: 'host',
                atOnce: 2,
                stopAfter: 1,
              }
        nodes.push(
          act(id, next, {
            onFail: policy(POLICIES[piece.policy] ?? {}),
            each,
            maxVisits: 4,
            save: { n: 'n' },
            ...(piece.when && { when: coin(piece.policy) }),
          }),
        )
        return id
      }
      case 'wait': {
        const id = name('w')
        nodes.push(wait(id, next, { for: piece.seconds }, { maxVisits: 4 }))
        return id
      }
      case 'ask': {
        const id = name('q')
        nodes.push(
          ask(
            id,
            next,
            {
              approvers: ['role:qa', 'bo'],
              need: piece.need,
              onReject: piece.onReject,
              comment: 'never',
              ...(piece.deadline && { deadline: '1m', onDeadline: 'fail', remindEvery: '20s' }),
            },
            { maxVisits: 4 },
          ),
        )
        return id
      }
      case 'choice': {
        const id = name('x')
        const starts = piece.branches.map((each) => add(each, next))
        nodes.push(
          exclusive(id, [...starts.map((to, index) => branch(to, coin(index))), branch(next)], {
            mode: piece.branches.length > 2 ? 'only' : 'first',
            maxVisits: 4,
          }),
        )
        return id
      }
      case 'fork':
      case 'some': {
        const id = name('f')
        const join = name('j')
        const starts = piece.branches.map((each) => add(each, join))
        nodes.push(converge(join, next))
        const [first = join] = starts
        nodes.push(
          piece.kind === 'fork'
            ? parallel(id, starts, join)
            : inclusive(id, [branch(first), ...starts.slice(1).map((to, index) => branch(to, coin(index)))], join),
        )
        return id
      }
      case 'loop': {
        const gate = name('l')
        const start = add(piece.body, gate)
        nodes.push(exclusive(gate, [branch(start, is('again', true)), branch(next)], { maxVisits: 4 }))
        return start
      }
    }
  }
  const start = add(pieces, 'end')
  nodes.push(act('c1', 'end', { onFail: policy({ then: 'fail' }) }), act('c2', 'end'))
  return flowOf(nodes, {
    start,
    finally: ['c1', 'c2'],
    variables: [
      { ...text('n'), type: 'integer' },
      { ...text('again'), type: 'boolean' },
    ],
    attention: { remindEveryMs: 50_000, escalateTo: ['role:duty'], afterMs: 70_000, giveUpMs: 900_000 },
  })
}

export const benchOf = (flow: Flow): Bench =>
  new Bench(
    flow,
    { variables: { n: 0, again: false } },
    { directory: directoryOf({ 'role:qa': ['ana', 'wei'], 'role:duty': ['dora'] }) },
  )

const PEOPLE = [ana, wei, bo, lin]
const pick = <T>(list: readonly T[], at: number): T | undefined =>
  list.length === 0 ? undefined : list[at % list.length]

/** Reads two numbers as something that happens to the task: sensible, late, doubled or wrong. */
export function commandFrom(task: Bench, what: number, which: number): Command | null {
  const { state } = task
  const by = PEOPLE[which % PEOPLE.length] ?? lin
  const job = pick(which % 4 === 0 ? task.jobs : task.jobs.slice(-4), which) // mostly what runs, sometimes what is long over
  const ended = (result: Result): Command | null =>
    job === undefined
      ? null
      : {
          kind: 'result',
          nodeId: job.nodeId,
          attempt: job.attempt,
          result,
          ...(job.item !== undefined && { item: job.item }),
        }
  const run = pick([...state.nodes.values()], which)
  const onNode = (kind: 'retry' | 'skip' | 'fail', change: object = {}): Command | null =>
    run === undefined
      ? null
      : ({
          kind,
          by,
          nodeId: run.id,
          attempt: run.attempt - (which % 11 === 0 ? 1 : 0),
          note: 'why',
          ...change,
        } as PeopleCommand)
  const failed = pick(
    [...state.nodes.values()].filter((each) => each.state === 'failed'),
    which,
  )
  const open = pick(
    [...state.asks.values()].filter((each) => each.state === 'open'),
    which,
  )
  switch (what % 24) {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      return ended({ kind: 'done', outputs: { n: which } })
    case 5:
    case 6:
      return ended({
        kind: 'fail',
        cause: which % 5 === 0 ? 'lost' : 'error',
        code: 'ERROR',
        message: 'exit code 3',
        outputs: { n: which },
      })
    case 7:
      return ended({ kind: 'done', outputs: {} }) // breaks `save`
    case 8:
      return ended({ kind: 'poll', afterMs: 10_000, state: { which } })
    case 9:
      return ended({ kind: 'callback', state: { which } })
    case 10:
    case 11: {
      task.env = { ...task.env, now: task.env.now + (which % 90) * 1000 }
      const due = [...state.timers.values()].sort((a, b) => a.dueAt - b.dueAt)[0]
      return due === undefined ? null : { kind: 'timer', timerId: due.id }
    }
    case 12:
      return job === undefined
        ? null
        : {
            kind: 'cancelled',
            nodeId: job.nodeId,
            attempt: job.attempt,
            confirmed: which % 3 > 0,
            ...(job.item !== undefined && { item: job.item }),
          }
    case 13:
      return { kind: 'pause', by }
    case 14:
      return { kind: 'resume', by }
    case 15:
      return which % 4 === 0 ? { kind: 'revoke', by, mode: which % 3 === 0 ? 'stop' : 'cancel' } : null
    case 16:
      return {
        kind: 'edit_variables',
        by,
        revision: state.variablesRevision - (which % 7 === 0 ? 1 : 0),
        variables: { n: which, again: which % 3 === 0 },
        reason: 'try',
      }
    case 17:
      return failed === undefined ? onNode('retry') : { kind: 'retry', by, nodeId: failed.id, attempt: failed.attempt }
    case 18:
      return failed === undefined
        ? onNode('skip')
        : {
            kind: 'skip',
            by,
            nodeId: failed.id,
            attempt: failed.attempt,
            note: 'why',
            ...(failed.each !== null && which % 2 === 0 && { items: [0] }),
          }
    case 19:
      return onNode('fail')
    case 20:
    case 21: {
      if (open === undefined) return null
      const verdict = open.kind === 'form' ? 'submit' : which % 4 === 0 ? 'reject' : 'approve'
      return {
        kind: 'decide',
        by: open.kind === 'form' ? lin : by,
        askId: open.id,
        digest: open.digest,
        verdict,
        ...(verdict === 'submit' && { fields: { n: which, again: false } }),
      }
    }
    case 22: {
      if (open === undefined) return null
      return onAsk(by, open.id, which)
    }
    default:
      return failed === undefined
        ? null
        : { kind: 'byhand', by, nodeId: failed.id, attempt: failed.attempt, outputs: { n: which }, note: 'by hand' }
  }
}

/** What is done with an ask beside answering it. */
function onAsk(by: Actor, askId: string, which: number): Command {
  switch (which % 6) {
    case 0:
      return { kind: 'transfer_ask', by, askId, to: 'dora', reason: 'away' }
    case 1:
      return { kind: 'claim_ask', by, askId }
    case 2:
      return { kind: 'release_ask', by, askId, reason: 'away' }
    case 3:
      return { kind: 'remind_ask', by, askId }
    case 4:
      return { kind: 'people_changed', ...(which % 4 === 0 && { became: { wei: 'ana' } }) }
    default:
      return { kind: 'assign_ask', by, askId, to: ['dora', 'bo', 'ana', 'wei'], reason: 'nobody' }
  }
}

/** Does it; a refusal is fine, anything else is a bug. */
export function attempt(task: Bench, command: Command): 'done' | 'refused' {
  try {
    task.do(command)
    return 'done'
  } catch (error) {
    if (error instanceof EngineError) return 'refused'
    throw error
  }
}
