import { FINALLY } from '../apply.ts'
import { clearNodeTimers, emit, isWindingDown, runOf, setTimer, type Turn } from '../decide/turn.ts'
import type { Cause, FlowNode, RetryPolicy } from '../flow.ts'
import { scopeOf } from '../scope.ts'
import type { NodeError, NodeRun } from '../state.ts'
import type { Values } from '../value.ts'
import { leave, nextFinally } from './leave.ts'
import { salvageOf } from './save.ts'
import { MAX_VISITS, start } from './visit.ts'
import { windDown } from './wind-down.ts'

/** How a visit failed, besides its error. */
export interface Failing {
  readonly outputs?: Values
  /** An abort was asked for and nobody confirmed its end. */
  readonly unconfirmed?: boolean
}

/** An attempt failed: recorded, then the node's failure policy (FLOW §2) decides what follows. */
export function failVisit(
  turn: Turn,
  node: FlowNode,
  error: NodeError,
  { outputs, unconfirmed = false }: Failing = {},
): void {
  const run = runOf(turn, node.id)
  clearNodeTimers(turn, node.id)
  const saved = outputs === undefined || error.cause === 'output_invalid' ? null : salvageOf(turn, node, outputs)
  emit(turn, {
    kind: 'node_failed',
    v: 1,
    node: node.id,
    attempt: run.attempt,
    error,
    ...(outputs !== undefined && { outputs }),
    ...(saved !== null && { saved }),
    ...(unconfirmed && { unconfirmed: true as const }),
  })
  followPolicy(turn, node, error)
}

/** Retries first, then `then`. What nobody may decide but a person (forced, an approval without people, a loop without end) is put to one. */
function followPolicy(turn: Turn, node: FlowNode, error: NodeError): void {
  const run = runOf(turn, node.id)
  const { state } = turn
  if (isWindingDown(state) || (state.stage === 'finally' && state.finallyRevoked)) return revokeVisit(turn, node, run)
  const { then } = node.onFail
  const retry = node.kind === 'activity' && node.each !== null ? null : node.onFail.retry // items have had theirs, each its own
  // What failed before anything started (an expression, a missing plugin) fails the same way again: somebody should know at once.
  const hasRun = run.startedAt !== null
  if (hasRun && retry !== null && mayRetry(turn, run.retriesUsed, error, retry))
    return retryLater(turn, node, run, retry)
  if (then === 'fail' && error.cause !== 'forced' && error.cause !== 'lost') return giveUp(turn, node)
  if (then === 'ignore' && mayIgnore(node, error, node.onFail.retry)) {
    emit(turn, { kind: 'node_ignored', v: 1, node: node.id, attempt: run.attempt })
    return leave(turn, node, run.token)
  }
  remindOfAttention(turn, node, run)
}

/** Whether the policy tries again by itself. `used` automatic retries have gone before. */
export function mayRetry(turn: Turn, used: number, error: NodeError, policy: RetryPolicy): boolean {
  // A broken output is kept for people to look at; a forced end asks a person; a loop without end does not end by trying again.
  if (error.cause === 'output_invalid' || error.cause === 'forced' || error.code === MAX_VISITS) return false
  if (!policy.on.includes(error.cause) || used >= policy.times) return false
  if (policy.when === undefined) return true
  try {
    const { cause, code, message } = error
    return policy.when.evaluate(scopeOf(turn.flow, turn.state, turn.env, { error: { cause, code, message } })) === true
  } catch {
    return false // a condition that cannot be judged does not repeat what may not be repeated
  }
}
const NEVER_IGNORED: readonly Cause[] = ['forced', 'nobody_can_answer']
function mayIgnore(node: FlowNode, error: NodeError, retry: RetryPolicy | null): boolean {
  // Passing over an approval would approve by silence; who wants that writes `onReject: continue`.
  if (node.kind === 'ask' && node.ask === 'approval') return false
  if (NEVER_IGNORED.includes(error.cause) || error.code === MAX_VISITS || node.kind === 'gateway') return false
  return error.cause !== 'lost' || (retry?.on.includes('lost') ?? false)
}

/** The wait before the next automatic attempt. `used` retries have gone before. */
export function backoffMs(policy: RetryPolicy, used: number): number {
  const factor = policy.backoff === 'none' ? 1 : policy.backoff === 'linear' ? used + 1 : 2 ** Math.min(used, 40)
  return Math.min(policy.delayMs * factor, policy.maxDelayMs)
}

function retryLater(turn: Turn, node: FlowNode, run: NodeRun, policy: RetryPolicy): void {
  const delay = backoffMs(policy, run.retriesUsed)
  retryVisit(turn, node, { auto: true, notBefore: delay > 0 ? turn.now + delay : null })
}

export interface Retrying {
  readonly auto: boolean
  readonly notBefore: number | null
  readonly inputs?: Values
  /** Of `each`: only these run again. */
  readonly items?: readonly number[]
  readonly note?: string
}
/** A failed visit becomes `ready` as the next attempt, and starts unless it has to wait: for its back-off, or for a paused task. */
export function retryVisit(turn: Turn, node: FlowNode, { auto, notBefore, inputs, items, note }: Retrying): void {
  const run = runOf(turn, node.id)
  const attempt = run.attempt + 1
  const from = notBefore ?? (turn.state.paused ? turn.now : null)
  emit(turn, {
    kind: 'node_retried',
    v: 1,
    node: node.id,
    attempt,
    auto,
    notBefore: from,
    ...(inputs !== undefined && { inputs }),
    ...(note !== undefined && { note }),
  })
  if (run.each !== null && run.each.visit === run.visit)
    emit(turn, { kind: 'each_resumed', v: 1, node: node.id, attempt, items: items ?? null })
  if (from === null) start(turn, { node, attempt, token: run.token, entering: false }, inputs)
  else setTimer(turn, { id: `${node.id}/retry`, kind: 'retry', nodeId: node.id, attempt, dueAt: from })
}

/** The failure is final: outcome failed, siblings are cancelled, `finally` runs. */
export function giveUp(turn: Turn, node: FlowNode, note?: string): void {
  const run = runOf(turn, node.id)
  clearNodeTimers(turn, node.id)
  emit(turn, { kind: 'node_given_up', v: 1, node: node.id, attempt: run.attempt, ...(note !== undefined && { note }) })
  if (run.token.startsWith(FINALLY)) return nextFinally(turn, Number(run.token.slice(FINALLY.length)) + 1)
  windDown(turn, 'cancel')
}

export function revokeVisit(
  turn: Turn,
  node: FlowNode,
  run: NodeRun,
  how: { unconfirmed?: boolean; parked?: boolean } = {},
): void {
  clearNodeTimers(turn, node.id)
  emit(turn, {
    kind: 'node_revoked',
    v: 1,
    node: node.id,
    attempt: run.attempt,
    ...(how.unconfirmed === true && { unconfirmed: true as const }),
    ...(how.parked === true && { parked: true as const }),
  })
  if (run.token.startsWith(FINALLY)) nextFinally(turn, Number(run.token.slice(FINALLY.length)) + 1)
}

/** A task left in attention reminds, escalates, gives up (FLOW `attention`). */
function remindOfAttention(turn: Turn, node: FlowNode, run: NodeRun): void {
  const { remindEveryMs, afterMs, giveUpMs, escalateTo } = turn.flow.attention
  const timer = (kind: 'remind' | 'escalate' | 'give_up', ms: number): void =>
    setTimer(turn, { id: `${node.id}/${kind}`, kind, nodeId: node.id, attempt: run.attempt, dueAt: turn.now + ms })
  if (remindEveryMs !== null) timer('remind', remindEveryMs)
  if (afterMs !== null && escalateTo.length > 0) timer('escalate', afterMs)
  if (giveUpMs !== null) timer('give_up', giveUpMs)
}
