import { emit, nodeOf, type Turn } from '../decide/turn.ts'
import { leave } from './leave.ts'

/**
 * Lets one token through once every token of its fork instance has arrived. True: the token was dealt with.
 * Counted per instance: around a loop the same gateway forks again, and the two must not mix (ADR 0004).
 * Arriving is no visit: it happens in a paused task too, so that nothing but the way on is held.
 */
export function passConverge(turn: Turn, token: string, to: string): boolean {
  const { state } = turn
  const fork = state.forks.get(state.tokens.get(token)?.fork ?? '')
  if (fork === undefined || fork.converge !== to) return false
  if (fork.arrived + 1 < fork.sent) {
    emit(turn, { kind: 'token_arrived', v: 1, token, fork: fork.id })
    return true
  }
  const attempt = (state.nodes.get(to)?.attempt ?? 0) + 1
  emit(turn, { kind: 'fork_joined', v: 1, node: to, attempt, token, fork: fork.id })
  leave(turn, nodeOf(turn, to), token)
  return true
}
