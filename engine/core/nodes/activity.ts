import { emit, runOf, setTimer, clearNodeTimers, type Turn } from '../decide/turn.ts'
import type { ActivityNode, FlowNode } from '../flow.ts'
import { scopeOf } from '../scope.ts'
import type { NodeError } from '../state.ts'
import type { Value, Values } from '../value.ts'
import { beginEach, pump } from './each.ts'
import { failVisit } from './failure.ts'
import { leave } from './leave.ts'
import { rehearsedOf, savedOf } from './save.ts'
import { evaluateAll, failureOf } from './template.ts'
import { refuse, type Visit } from './visit.ts'

/** Resolves the inputs once and starts the attempt. The body itself is a job (`jobs.ts`), run after the commit. */
export function startActivity(turn: Turn, visit: Visit, node: ActivityNode, rawInputs?: Values): void {
  const plugin = turn.env.plugins.find(node.use)
  if (plugin === undefined)
    return refuse(turn, visit, {
      cause: 'error',
      code: 'PLUGIN_MISSING',
      message: `The plugin ${node.use} is not installed here`,
    })
  const run = turn.state.nodes.get(node.id)
  const goesOn = !visit.entering && node.each !== null && run?.each?.visit === run?.visit // a retry keeps the frozen list
  let inputs: Values = {}
  let items: readonly Value[] | null = null
  try {
    const scope = scopeOf(turn.flow, turn.state, turn.env, undefined, visit)
    if (goesOn) items = null
    else if (node.each !== null) items = listOf(node.each.in.evaluate(scope))
    else if (rawInputs !== undefined) inputs = rawInputs
    else inputs = evaluateAll(node.with, scope)
  } catch (error) {
    return refuse(turn, visit, failureOf(error))
  }
  emit(turn, {
    kind: 'node_started',
    v: 1,
    node: node.id,
    attempt: visit.attempt,
    ...(visit.entering && { token: visit.token }),
    plugin: `${plugin.code}@${plugin.version}`,
    inputs,
    ...(rawInputs !== undefined && { raw: true as const }),
  })
  if (goesOn) return pump(turn, node)
  if (items !== null) return beginEach(turn, node, items)
  const { timeoutMs } = node.onFail
  if (timeoutMs !== null)
    setTimer(turn, {
      id: `${node.id}/timeout`,
      kind: 'timeout',
      nodeId: node.id,
      attempt: visit.attempt,
      dueAt: turn.now + timeoutMs,
    })
}

/** A list to run over: at most 10,000 (FLOW §1.1). A text of hosts is no list. */
function listOf(value: Value): readonly Value[] {
  if (!Array.isArray(value)) throw new Error(`expected a list for each, but got ${JSON.stringify(value)}`)
  if (value.length > 10_000) throw new Error(`expected at most 10,000 items for each, but got ${value.length}`)
  return value as readonly Value[]
}

/** The attempt, or the child it started, answered with its outputs. */
export function succeed(turn: Turn, node: FlowNode, outputs: Values, notPerformed?: true): void {
  const run = runOf(turn, node.id)
  const saved = turn.state.rehearsal ? rehearsedOf(turn, node, outputs) : savedOf(turn, node, outputs)
  if ('cause' in saved) return failVisit(turn, node, saved as NodeError, { outputs })
  clearNodeTimers(turn, node.id)
  emit(turn, {
    kind: 'node_succeeded',
    v: 1,
    node: node.id,
    attempt: run.attempt,
    outputs,
    ...(saved.values !== null && { saved: saved.values }),
    ...(notPerformed === true && { notPerformed }),
  })
  leave(turn, node, run.token)
}
