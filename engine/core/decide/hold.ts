import type { PeopleCommand } from '../command.ts'
import { EngineError } from '../error.ts'
import type { FlowNode } from '../flow.ts'
import { invalid, notAllowed, staleNode } from './stale.ts'
import { emit, isWindingDown, send, type Turn } from './turn.ts'

type Hold = Extract<PeopleCommand, { kind: 'pause_before' | 'unpause' }>

/** The node a press was aimed at, visited or not: before any visit its attempt is 0. */
function aim(turn: Turn, { nodeId, attempt }: Hold): FlowNode {
  const { flow, state } = turn
  const node = flow.node(nodeId)
  if (node === undefined) throw new EngineError('NOT_FOUND', { message: `${flow.title} has no node ${nodeId}` })
  const run = state.nodes.get(nodeId)
  if (run === undefined && attempt !== 0) return invalid('attempt', 'unknown', `${node.title} has had no attempt yet`)
  if (run !== undefined && run.attempt !== attempt) return staleNode(run)
  return node
}

/** The next token that comes to the node waits before it. What runs there goes on. */
export function pauseBefore(turn: Turn, command: Hold): void {
  const node = aim(turn, command)
  const { state } = turn
  if (node.inFinally) return notAllowed(`${node.title} runs whenever the task ends, nothing holds it back`, 'FINALLY')
  if (node.kind === 'gateway' && node.gateway === 'converge')
    return notAllowed(`${node.title} only joins branches: pause before the step behind it`, 'CONVERGE')
  if (state.stage === 'finally' || isWindingDown(state))
    return notAllowed(`task ${state.number} is ending, no step starts any more`, 'STOPPING')
  if (state.pausedBefore.includes(node.id)) return
  emit(turn, { kind: 'pause_before_set', v: 1, node: node.id, attempt: command.attempt })
}

/** Tokens that wait before it go on, unless the whole task is paused. */
export function unpause(turn: Turn, command: Hold): void {
  const node = aim(turn, command)
  const { state } = turn
  if (!state.pausedBefore.includes(node.id))
    return notAllowed(`nothing holds the task back before ${node.title}`, 'NOT_PAUSED')
  emit(turn, { kind: 'pause_before_lifted', v: 1, node: node.id, attempt: command.attempt })
  if (state.paused) return
  for (const token of [...state.tokens.values()])
    if (token.held === true && token.node === node.id) send(turn, token.id, node.id)
}
