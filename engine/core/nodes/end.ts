import { clearTimers, emit, type Turn } from '../decide/turn.ts'
import { scopeOf } from '../scope.ts'
import type { Value } from '../value.ts'
import { nextFinally } from './leave.ts'

/** The main part is over when its last token is gone. */
export function endIfDone(turn: Turn): void {
  const { state } = turn
  if (state.stage !== 'main' || state.tokens.size > 0) return
  emit(turn, {
    kind: 'main_ended',
    v: 1,
    outcome: state.outcome ?? (state.revoking === null ? 'succeeded' : 'revoked'),
  })
  if (state.counters.started > 0) nextFinally(turn, 0)
  else endTask(turn)
}

/** Outputs, then nothing more. What a failed or stopped task never computed is left out and named. */
export function endTask(turn: Turn): void {
  const { state, flow } = turn
  clearTimers(
    turn,
    [...state.timers.values()].map((timer) => timer.id),
  )
  const outputs: { [name: string]: Value } = {}
  const lacking: { [name: string]: string } = {}
  let lacks = false
  const scope = scopeOf(flow, state, turn.env)
  for (const name in flow.outputs) {
    try {
      outputs[name] = flow.outputs[name]?.evaluate(scope) ?? null
    } catch (error) {
      lacking[name] = error instanceof Error ? error.message : String(error)
      lacks = true
    }
  }
  emit(turn, { kind: 'task_ended', v: 1, outcome: state.outcome ?? 'succeeded', outputs, ...(lacks && { lacking }) })
}
