import { itemKey } from '../apply.ts'
import { clearTimers, emit, isWindingDown, runOf, setTimer, type Turn } from '../decide/turn.ts'
import type { ActivityNode, FlowNode } from '../flow.ts'
import { scopeOf } from '../scope.ts'
import type { EachRun, ItemRun, NodeError, NodeRun } from '../state.ts'
import type { Value, Values } from '../value.ts'
import { succeed } from './activity.ts'
import { backoffMs, failVisit, mayRetry, revokeVisit } from './failure.ts'
import { evaluateAll, failureOf } from './template.ts'
import { CANCEL_GRACE_MS } from './wind-down.ts'

/** The list is frozen for the visit, and the first items start. */
export function beginEach(turn: Turn, node: ActivityNode, items: readonly Value[]): void {
  const run = runOf(turn, node.id)
  emit(turn, { kind: 'each_began', v: 1, node: node.id, attempt: run.attempt, items })
  pump(turn, node)
}

const eachOf = (turn: Turn, node: ActivityNode): EachRun => {
  const { each } = runOf(turn, node.id)
  if (each === null) throw new Error(`expected ${node.id} to run over a list`)
  return each
}
const hasStopped = (node: ActivityNode, each: EachRun): boolean => {
  const limit = node.each?.stopAfter ?? 0
  return limit > 0 && each.failed >= limit
}
export const itemOf = (turn: Turn, node: string, index: number): ItemRun => {
  const item = turn.state.items.get(itemKey(node, index))
  if (item === undefined) throw new Error(`expected item ${index} of ${node}`)
  return item
}

/** Starts items while there is room, and ends the node when none is left. */
export function pump(turn: Turn, node: ActivityNode): void {
  const { state } = turn
  const goesOn = !isWindingDown(state) && !state.finallyRevoked && !runOf(turn, node.id).cancelling
  for (let index = eachOf(turn, node).next; goesOn && !state.paused; index += 1) {
    const each = eachOf(turn, node)
    if (index >= each.count || each.live >= (node.each?.atOnce ?? 1) || hasStopped(node, each)) break
    if (itemOf(turn, node.id, index).state === null) startItem(turn, node, index)
  }
  const each = eachOf(turn, node)
  const isHeld = goesOn && state.paused && mayStartMore(turn, node, each) // `resume` lets the rest start
  if (each.live === 0 && !isHeld) finishEach(turn, node)
}
function mayStartMore(turn: Turn, node: ActivityNode, each: EachRun): boolean {
  if (hasStopped(node, each)) return false
  for (let index = each.next; index < each.count; index += 1)
    if (itemOf(turn, node.id, index).state === null) return true
  return false
}

function startItem(turn: Turn, node: ActivityNode, index: number): void {
  const run = runOf(turn, node.id)
  const item = itemOf(turn, node.id, index)
  const attempt =
    item.state === 'ready' ? item.attempt : Math.max(run.attempt, item.attempt + 1, eachOf(turn, node).floor + 1)
  let inputs: Values
  try {
    const more = { [node.each?.as ?? 'item']: item.item, item: { index, value: item.item } }
    inputs = evaluateAll(node.with, scopeOf(turn.flow, turn.state, turn.env, more))
  } catch (error) {
    emit(turn, { kind: 'item_failed', v: 1, node: node.id, item: index, attempt, error: failureOf(error) })
    return
  }
  emit(turn, { kind: 'item_started', v: 1, node: node.id, item: index, attempt, inputs })
  const { timeoutMs } = node.onFail
  if (timeoutMs !== null) itemTimer(turn, node.id, index, 'timeout', attempt, turn.now + timeoutMs)
}

export function itemTimer(
  turn: Turn,
  node: string,
  item: number,
  kind: 'timeout' | 'poll' | 'retry' | 'cancel_grace',
  attempt: number,
  dueAt: number,
): void {
  setTimer(turn, { id: `${node}/${item}/${kind}`, kind, nodeId: node, attempt, item, dueAt })
}
const clearItemTimers = (turn: Turn, node: string, item: number): void => {
  if (turn.state.timers.size > 0)
    clearTimers(
      turn,
      ['timeout', 'poll', 'retry', 'cancel_grace'].map((kind) => `${node}/${item}/${kind}`),
    )
}

export function itemSucceeded(
  turn: Turn,
  node: ActivityNode,
  item: ItemRun,
  outputs: Values,
  notPerformed?: true,
): void {
  clearItemTimers(turn, node.id, item.index)
  emit(turn, {
    kind: 'item_succeeded',
    v: 1,
    node: node.id,
    item: item.index,
    attempt: item.attempt,
    outputs,
    ...(notPerformed === true && { notPerformed }),
  })
  pump(turn, node)
}
export function itemFailed(
  turn: Turn,
  node: ActivityNode,
  item: ItemRun,
  error: NodeError,
  outputs?: Values,
  unconfirmed = false,
): void {
  const { index, attempt } = item
  clearItemTimers(turn, node.id, index)
  emit(turn, {
    kind: 'item_failed',
    v: 1,
    node: node.id,
    item: index,
    attempt,
    error,
    ...(outputs !== undefined && { outputs }),
    ...(unconfirmed && { unconfirmed: true as const }),
  })
  const { retry } = node.onFail
  const goesOn = !runOf(turn, node.id).cancelling && !isWindingDown(turn.state) && !turn.state.finallyRevoked
  if (goesOn && retry !== null && mayRetry(turn, item.retriesUsed, error, retry)) {
    const delay = backoffMs(retry, item.retriesUsed)
    const notBefore = delay > 0 || turn.state.paused ? turn.now + delay : null
    emit(turn, { kind: 'item_retried', v: 1, node: node.id, item: index, attempt: attempt + 1, auto: true, notBefore })
    if (notBefore === null) startItem(turn, node, index)
    else itemTimer(turn, node.id, index, 'retry', attempt + 1, notBefore)
  }
  pump(turn, node)
}
/** Its back-off is over. */
export function itemDue(turn: Turn, node: ActivityNode, item: ItemRun): void {
  startItem(turn, node, item.index)
  pump(turn, node)
}

/** Asks for the end of every item that runs; those that only wait end at once. */
export function cancelItems(turn: Turn, node: FlowNode, run: NodeRun, why: 'forced' | 'revoked'): void {
  if (node.kind !== 'activity' || run.cancelFor === why) return
  emit(turn, { kind: 'node_cancelling', v: 1, node: node.id, attempt: run.attempt, why })
  for (let index = 0; index < (run.each?.count ?? 0); index += 1) {
    const item = itemOf(turn, node.id, index)
    if (item.state === 'running') cancelItem(turn, node, item, why)
    else if (item.state === 'waiting' || item.state === 'ready') {
      clearItemTimers(turn, node.id, index)
      emit(turn, {
        kind: 'item_revoked',
        v: 1,
        node: node.id,
        item: index,
        attempt: item.attempt,
        ...(item.state === 'waiting' && { parked: true as const }),
      })
    }
  }
  pump(turn, node)
}
/** Items that run may end; those in a back-off do not start again, and no others do. */
export function stopItems(turn: Turn, node: ActivityNode): void {
  for (let index = 0; index < eachOf(turn, node).count; index += 1) {
    const item = itemOf(turn, node.id, index)
    if (item.state !== 'ready') continue
    clearItemTimers(turn, node.id, index)
    emit(turn, { kind: 'item_revoked', v: 1, node: node.id, item: index, attempt: item.attempt })
  }
  pump(turn, node)
}
export function cancelItem(turn: Turn, node: ActivityNode, item: ItemRun, why: 'timeout' | 'forced' | 'revoked'): void {
  if (item.cancelling === why) return
  clearTimers(turn, [`${node.id}/${item.index}/timeout`, `${node.id}/${item.index}/poll`])
  emit(turn, { kind: 'node_cancelling', v: 1, node: node.id, item: item.index, attempt: item.attempt, why })
  if (item.cancelling === null)
    itemTimer(turn, node.id, item.index, 'cancel_grace', item.attempt, turn.now + CANCEL_GRACE_MS)
}
/** The end of an item that was being ended is known, or has not come in time. */
export function itemCancelled(turn: Turn, node: ActivityNode, item: ItemRun, confirmed: boolean): void {
  if (item.cancelling === 'revoked' || item.cancelling === 'forced') {
    clearItemTimers(turn, node.id, item.index)
    emit(turn, {
      kind: 'item_revoked',
      v: 1,
      node: node.id,
      item: item.index,
      attempt: item.attempt,
      ...(!confirmed && { unconfirmed: true as const }),
    })
    return pump(turn, node)
  }
  const isSafe =
    confirmed || (item.inputs !== null && turn.env.plugins.find(node.use)?.repeatable?.(item.inputs) === true)
  const error: NodeError = isSafe ? TIMED_OUT(node) : LOST(node)
  itemFailed(turn, node, item, error, undefined, !confirmed)
}
const TIMED_OUT = (node: ActivityNode): NodeError => ({
  cause: 'timeout',
  code: 'TIMEOUT',
  message: `${node.title} took too long and was ended`,
})
const LOST = (node: ActivityNode): NodeError => ({
  cause: 'lost',
  code: 'LOST',
  message: `${node.title} took too long, and nobody can tell whether it has ended`,
})

/** Nothing of it runs any more. What each item gave stays with the items. */
function finishEach(turn: Turn, node: ActivityNode): void {
  const run = runOf(turn, node.id)
  const each = eachOf(turn, node)
  if (run.state !== 'running') return
  const outputs: Values = { succeeded: each.succeeded, failed: each.failed }
  if (run.cancelFor === 'forced')
    return failVisit(
      turn,
      node,
      { cause: 'forced', code: 'FORCED', message: `${node.title} was ended by a person` },
      { outputs },
    )
  if (each.succeeded + each.settled === each.count)
    return succeed(turn, node, outputs, anyNotPerformed(turn, node, each) ? true : undefined)
  if (run.cancelFor === 'revoked' || (each.failed === 0 && (isWindingDown(turn.state) || turn.state.finallyRevoked)))
    return revokeVisit(turn, node, run, { unconfirmed: anyUnconfirmed(turn, node, each) })
  failVisit(turn, node, itemsFailed(turn, node, each), { outputs })
}

function anyNotPerformed(turn: Turn, node: ActivityNode, each: EachRun): boolean {
  if (!turn.state.rehearsal) return false
  for (let index = 0; index < each.count; index += 1)
    if (itemOf(turn, node.id, index).notPerformed === true) return true
  return false
}
function anyUnconfirmed(turn: Turn, node: ActivityNode, each: EachRun): boolean {
  for (let index = 0; index < each.count; index += 1) if (itemOf(turn, node.id, index).cancelUnconfirmed) return true
  return false
}

/** One failed: its own words. Several: how many, and the first. One that is lost makes the node lost: repeating needs a look first. */
function itemsFailed(turn: Turn, node: ActivityNode, each: EachRun): NodeError {
  const failures: ItemRun[] = []
  for (let index = 0; index < each.count; index += 1) {
    const item = itemOf(turn, node.id, index)
    if (item.state === 'failed') failures.push(item)
  }
  const first = failures.find((item) => item.error?.cause === 'lost') ?? failures[0]
  const name = first === undefined ? '' : typeof first.item === 'string' ? first.item : `item ${first.index + 1}`
  const error = first?.error ?? { cause: 'error' as const, code: 'ITEMS_FAILED', message: 'not every item ran' }
  const many = failures.length > 1 ? `${failures.length} of ${each.count} failed, first ` : ''
  return { cause: error.cause, code: error.code, message: `${many}${name}: ${error.message}` }
}
