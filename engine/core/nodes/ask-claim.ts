import { emit, type Turn } from '../decide/turn.ts'
import type { AskReleased } from '../events.ts'
import type { Ask } from '../state.ts'
import { waitsForOf } from './ask.ts'

/** One person takes it. */
export function takeAsk(turn: Turn, ask: Ask, person: { readonly id: string; readonly name: string }): void {
  emit(turn, { kind: 'ask_claimed', v: 1, ask: ask.id, person })
  waitAsItStands(turn, ask.id)
}
/** It is everybody's again, if it was anybody's. */
export function releaseAsk(turn: Turn, ask: Ask, why: AskReleased['why'], reason: string | null = null): void {
  if (!ask.claimedBy) return
  emit(turn, { kind: 'ask_released', v: 1, ask: ask.id, why, reason })
  waitAsItStands(turn, ask.id)
}
function waitAsItStands(turn: Turn, id: string): void {
  const ask = turn.state.asks.get(id)
  const run = ask === undefined ? undefined : turn.state.nodes.get(ask.nodeId)
  if (ask === undefined || run?.state !== 'waiting') return
  const waitsFor = waitsForOf(ask)
  if (run.waitsFor !== waitsFor)
    emit(turn, { kind: 'node_waiting', v: 1, node: run.id, attempt: run.attempt, waitsFor, state: null })
}
