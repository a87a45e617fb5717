import { clearTimers, emit, isOpen, nodeOf, setTimer, type Turn } from '../decide/turn.ts'
import type { FlowNode } from '../flow.ts'
import type { NodeRun } from '../state.ts'
import { closeAsk } from './ask-end.ts'
import { cancelItems, stopItems } from './each.ts'
import { revokeVisit } from './failure.ts'
import { endChild, liveChildOf } from './subflow.ts'

/** How long an abort may take to be confirmed (FLOW §2). */
export const CANCEL_GRACE_MS = 30_000

/**
 * Ends what is under way. `cancel` aborts running attempts, whose visits end when that is confirmed; `stop` lets them end by themselves.
 * Everything that only waits (people, timers, a back-off, a person's decision) is revoked at once.
 */
export function windDown(turn: Turn, mode: 'cancel' | 'stop'): void {
  for (const token of [...turn.state.tokens.values()]) {
    const run = turn.state.nodes.get(token.node)
    if (token.held === true || run === undefined || run.token !== token.id || !isOpen(run))
      emit(turn, { kind: 'token_ended', v: 1, token: token.id })
    else windDownVisit(turn, nodeOf(turn, token.node), run, mode)
  }
}

export function windDownVisit(turn: Turn, node: FlowNode, run: NodeRun, mode: 'cancel' | 'stop'): void {
  if (run.askId !== null) closeAsk(turn, run.askId, 'revoked')
  const child = liveChildOf(turn.state, run)
  if (child !== null) return endChild(turn, child, { mode, then: 'revoked' })
  if (run.state === 'running') {
    if (mode === 'stop') return run.each === null || node.kind !== 'activity' ? undefined : stopItems(turn, node)
    return run.each === null ? cancelAttempt(turn, node.id, run, 'revoked') : cancelItems(turn, node, run, 'revoked')
  }
  const isParked = run.waitsFor === 'callback'
  if (isParked && mode === 'stop') return
  revokeVisit(turn, node, run, { parked: isParked })
}

/** Asks for the end of a running attempt; what becomes of the visit is settled when it is confirmed (`settle.ts`). */
export function cancelAttempt(turn: Turn, node: string, run: NodeRun, why: 'timeout' | 'forced' | 'revoked'): void {
  if (run.cancelFor === why) return
  clearTimers(turn, [`${node}/timeout`, `${node}/poll`])
  const child = liveChildOf(turn.state, run)
  if (child !== null) return endChild(turn, child, { mode: 'cancel', then: why === 'forced' ? 'failed' : why })
  emit(turn, { kind: 'node_cancelling', v: 1, node, attempt: run.attempt, why })
  const dueAt = turn.now + CANCEL_GRACE_MS
  if (!run.cancelling)
    setTimer(turn, { id: `${node}/cancel_grace`, kind: 'cancel_grace', nodeId: node, attempt: run.attempt, dueAt })
}
