import type { NodeState } from './state.ts'

/** Legal moves of one visit (ADR 0001). `none`: never visited, or the visit before is over and a token comes again. */
export const MOVES: Readonly<Record<NodeState | 'none', readonly NodeState[]>> = {
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
export const canMove = (from: NodeState | 'none', to: NodeState): boolean => MOVES[from].includes(to)
