import { emit, nodeOf, send, type Turn } from '../decide/turn.ts'
import { FINALLY } from '../apply.ts'
import type { FlowNode } from '../flow.ts'
import { endTask } from './end.ts'
import { visit } from './visit.ts'

/** The token goes on behind a node. */
export function leave(turn: Turn, node: FlowNode, token: string): void {
  if (token.startsWith(FINALLY)) return nextFinally(turn, Number(token.slice(FINALLY.length)) + 1)
  send(turn, token, node.next ?? 'end')
}

/** `finally` nodes run one after the other, whatever became of the one before. */
export function nextFinally(turn: Turn, at: number): void {
  const id = turn.flow.finally[at]
  if (id === undefined || turn.state.finallyRevoked) return endTask(turn)
  const token = `${FINALLY}${at}`
  if (turn.state.paused) return emit(turn, { kind: 'token_moved', v: 1, token, node: id })
  visit(turn, token, nodeOf(turn, id))
}
