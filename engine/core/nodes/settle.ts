import { clearTimers, emit, isLive, setTimer, type Turn } from '../decide/turn.ts'
import type { ActivityNode } from '../flow.ts'
import type { Result } from '../command.ts'
import type { NodeError, NodeRun } from '../state.ts'
import { succeed } from './activity.ts'
import { itemCancelled, itemFailed, itemOf, itemSucceeded, itemTimer } from './each.ts'
import { failVisit, revokeVisit } from './failure.ts'

/** A body, poll or callback handler answered. An answer for an attempt that is over is late: nothing changes. */
export function settleResult(turn: Turn, node: ActivityNode, attempt: number, result: Result): void {
  const run = turn.state.nodes.get(node.id)
  if (run === undefined || run.attempt !== attempt || !isLive(run) || run.each !== null) return
  switch (result.kind) {
    case 'done':
      // It ended before the abort took hold: what it did is done, and says so. Only "fail" by a person stands whatever came.
      return run.cancelFor === 'forced'
        ? settleCancelled(turn, node, run, true)
        : succeed(turn, node, result.outputs, result.notPerformed)
    case 'fail': {
      if (run.cancelling) return settleCancelled(turn, node, run, result.cause !== 'lost') // it answered: confirmed ended
      const { cause, code, message, outputs } = result
      return failVisit(turn, node, { cause, code, message }, outputs === undefined ? {} : { outputs })
    }
    case 'poll':
      if (run.cancelling) return // its cancel is on the way; no more polls
      emit(turn, { kind: 'node_deferred', v: 1, node: node.id, attempt, state: result.state })
      return setTimer(turn, {
        id: `${node.id}/poll`,
        kind: 'poll',
        nodeId: node.id,
        attempt,
        dueAt: turn.now + result.afterMs,
      })
    case 'callback':
      if (run.cancelling) return
      emit(turn, { kind: 'node_waiting', v: 1, node: node.id, attempt, waitsFor: 'callback', state: result.state })
      clearTimers(turn, [`${node.id}/poll`]) // that of the wait before this one
      if (result.pollAfterMs !== undefined)
        setTimer(turn, {
          id: `${node.id}/poll`,
          kind: 'poll',
          nodeId: node.id,
          attempt,
          dueAt: turn.now + result.pollAfterMs,
        })
      return
  }
}

export function settleItemResult(turn: Turn, node: ActivityNode, index: number, attempt: number, result: Result): void {
  const run = turn.state.nodes.get(node.id)
  if (run === undefined || run.each === null || index < 0 || index >= run.each.count || run.state !== 'running') return
  const item = itemOf(turn, node.id, index)
  if (item.attempt !== attempt || (item.state !== 'running' && item.state !== 'waiting')) return
  const { cancelling } = item
  switch (result.kind) {
    case 'done':
      return cancelling === 'forced'
        ? itemCancelled(turn, node, item, true)
        : itemSucceeded(turn, node, item, result.outputs, result.notPerformed)
    case 'fail': {
      if (cancelling !== null) return itemCancelled(turn, node, item, result.cause !== 'lost')
      const { cause, code, message } = result
      return itemFailed(turn, node, item, { cause, code, message }, result.outputs)
    }
    case 'poll':
      if (cancelling !== null) return
      emit(turn, { kind: 'item_deferred', v: 1, node: node.id, item: index, attempt, state: result.state })
      return itemTimer(turn, node.id, index, 'poll', attempt, turn.now + result.afterMs)
    case 'callback':
      if (cancelling !== null) return
      emit(turn, {
        kind: 'item_waiting',
        v: 1,
        node: node.id,
        item: index,
        attempt,
        waitsFor: 'callback',
        state: result.state,
      })
      clearTimers(turn, [`${node.id}/${index}/poll`])
      if (result.pollAfterMs !== undefined)
        itemTimer(turn, node.id, index, 'poll', attempt, turn.now + result.pollAfterMs)
      return
  }
}

/** The end of an attempt that was being ended is known, or has not been confirmed in time. */
export function settleCancelled(turn: Turn, node: ActivityNode, run: NodeRun, confirmed: boolean): void {
  switch (run.cancelFor) {
    case 'revoked':
      return revokeVisit(turn, node, run, { unconfirmed: !confirmed })
    case 'forced':
      return failVisit(turn, node, FORCED(node.title), { unconfirmed: !confirmed })
    case 'timeout': {
      // Attempt n+1 starts only when n is known to have ended, or when running twice does no harm (FLOW §2).
      const isSafe = confirmed || isRepeatable(turn, node, run)
      return failVisit(turn, node, isSafe ? TIMED_OUT(node.title) : LOST(node.title), { unconfirmed: !confirmed })
    }
    case null:
      return
  }
}
export const FORCED = (title: string): NodeError => ({
  cause: 'forced',
  code: 'FORCED',
  message: `${title} was ended by a person`,
})
export const TIMED_OUT = (title: string): NodeError => ({
  cause: 'timeout',
  code: 'TIMEOUT',
  message: `${title} took too long and was ended`,
})
export const LOST = (title: string): NodeError => ({
  cause: 'lost',
  code: 'LOST',
  message: `${title} took too long, and nobody can tell whether it has ended`,
})

const isRepeatable = (turn: Turn, node: ActivityNode, run: NodeRun): boolean =>
  run.inputs !== null && turn.env.plugins.find(node.use)?.repeatable?.(run.inputs) === true
