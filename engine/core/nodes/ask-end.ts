import { clearNodeTimers, clearTimers, emit, nodeOf, runOf, send, type Turn } from '../decide/turn.ts'
import type { AskNode } from '../flow.ts'
import type { Ask, AskEnd, NodeError } from '../state.ts'
import type { Value, Values } from '../value.ts'
import { askForCorrection } from './ask.ts'
import { failVisit } from './failure.ts'
import { leave } from './leave.ts'
import { savedOf } from './save.ts'

/** Ends an ask, if it is open; its node goes its own way. */
export function closeAsk(turn: Turn, id: string, end: AskEnd, answers?: Values): void {
  const ask = turn.state.asks.get(id)
  if (ask === undefined || ask.state === 'closed') return
  clearTimers(turn, [`${id}/deadline`, `${id}/remind`])
  emit(turn, { kind: 'ask_closed', v: 1, ask: id, end, ...(answers !== undefined && { answers }) })
}

const askNode = (turn: Turn, ask: Ask): AskNode => nodeOf(turn, ask.nodeId) as AskNode // an ask belongs to an ask node
const decisionsOf = (ask: Ask): Value =>
  ask.decisions.map((decision): Value => ({
    by: decision.name,
    at: new Date(decision.at).toISOString(),
    verdict: decision.verdict,
    comment: decision.comment,
    ...(decision.for !== undefined && { for: decision.for.name }),
  }))

/** Granted, submitted or confirmed: the node succeeded and its token goes on. */
export function finishAsk(turn: Turn, ask: Ask, end: 'granted' | 'submitted' | 'confirmed', answers: Values): void {
  const node = askNode(turn, ask)
  closeAsk(turn, ask.id, end, answers)
  const last = ask.decisions.at(-1)
  const outputs: Values =
    end === 'granted'
      ? { ...answers, approved: true, decisions: decisionsOf(ask) }
      : { ...answers, by: last?.name ?? null, at: last === undefined ? null : new Date(last.at).toISOString() }
  pass(turn, node, outputs, null)
}

/** Rejected by people, or by its deadline. */
export function rejectAsk(turn: Turn, ask: Ask, why: string): void {
  const node = askNode(turn, ask)
  closeAsk(turn, ask.id, 'rejected')
  const outputs: Values = { approved: false, decisions: decisionsOf(ask) }
  const goto = /^goto\s+(\S+)$/.exec(ask.onReject.trim())?.[1]
  if (goto !== undefined) return pass(turn, node, outputs, goto)
  if (ask.onReject === 'continue') return pass(turn, node, outputs, null)
  if (ask.onReject === 'starter') return askForCorrection(turn, node, why)
  failVisit(turn, node, { cause: 'rejected', code: 'REJECTED', message: why }, { outputs })
}

function pass(turn: Turn, node: AskNode, outputs: Values, goto: string | null): void {
  const run = runOf(turn, node.id)
  const saved = savedOf(turn, node, outputs)
  if ('cause' in saved) return failVisit(turn, node, saved as NodeError, { outputs })
  clearNodeTimers(turn, node.id)
  emit(turn, {
    kind: 'node_succeeded',
    v: 1,
    node: node.id,
    attempt: run.attempt,
    outputs,
    ...(saved.values !== null && { saved: saved.values }),
  })
  if (goto === null) leave(turn, node, run.token)
  else send(turn, run.token, goto)
}
