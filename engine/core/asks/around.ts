/** Ways past an approval that touch no approval: going by where it is not asked, and then changing what sent the task there. */
import type { Flow, FlowNode, GatewayNode } from '../flow.ts'
import { reachable } from '../graph.ts'
import type { NodeState, TaskState } from '../state.ts'

const isApproval = (node: FlowNode | undefined): boolean => node?.kind === 'ask' && node.ask === 'approval'
const approvalsIn = (flow: Flow, from: Iterable<string>): Set<string> => {
  const found = new Set<string>()
  for (const id of from) for (const each of reachable(flow, id)) if (isApproval(flow.node(each))) found.add(each)
  return found
}
/** Variables a condition depends on, through those that are computed too. */
function readBy(flow: Flow, names: readonly string[], seen: Set<string> = new Set()): ReadonlySet<string> {
  for (const name of names) {
    if (seen.has(name)) continue
    seen.add(name)
    const computed = flow.variables.find(({ key }) => key === name)?.computed
    if (computed !== undefined) readBy(flow, computed.reads, seen)
  }
  return seen
}

/**
 * Approvals that the task went past because of what these variables said: in a branch that was not taken, or passed over by their own
 * `when`. Not those that were granted, and not those still to come.
 */
export function approvalsPassedBy(flow: Flow, state: Readonly<TaskState>, keys: readonly string[]): readonly string[] {
  const decides = (names: readonly string[]): boolean => {
    const reads = readBy(flow, names)
    return keys.some((key) => reads.has(key))
  }
  const passed = new Set<string>()
  for (const run of state.nodes.values()) {
    const node = flow.node(run.id)
    if (node === undefined) continue
    if (isApproval(node) && run.state === 'skipped' && node.when !== null && decides(node.when.reads))
      passed.add(run.id)
    if (node.kind !== 'gateway' || run.state !== 'succeeded') continue
    const { branches } = node
    if (!decides(branches.flatMap(({ when }) => when?.reads ?? []))) continue
    for (const id of approvalsIn(
      flow,
      branches.map(({ next }) => next),
    ))
      passed.add(id)
  }
  if (passed.size === 0) return []
  // Where the task stands, and where its open forks join: what is asked from there on is asked with the new values.
  const ahead = approvalsIn(flow, [
    ...[...state.tokens.values()].map(({ node }) => node).filter((id) => state.nodes.get(id)?.state !== 'skipped'),
    ...[...state.forks.values()].map(({ converge }) => converge),
  ])
  const granted = new Set([...state.asks.values()].filter(({ end }) => end === 'granted').map(({ nodeId }) => nodeId))
  return [...passed].filter((id) => !ahead.has(id) && !granted.has(id))
}

const STANDS: ReadonlySet<NodeState> = new Set(['ready', 'running', 'waiting', 'failed', 'revoked'])
/**
 * What a task has not been through where it stands, or where it ended: approvals that nobody granted, and its steps that are tasks of
 * their own. Whoever passes over the whole task passes over these.
 */
export function notGiven(flow: Flow, state: Readonly<TaskState>): { approvals: string[]; subflows: string[] } {
  const at = [...state.nodes.values()].filter((run) => STANDS.has(run.state)).map(({ id }) => id)
  const ahead = new Set((state.nodes.size === 0 ? [flow.start] : at).flatMap((id) => [...reachable(flow, id)]))
  const granted = new Set([...state.asks.values()].filter(({ end }) => end === 'granted').map(({ nodeId }) => nodeId))
  return {
    approvals: [...ahead].filter((id) => isApproval(flow.node(id)) && !granted.has(id)),
    subflows: [...ahead].filter((id) => flow.node(id)?.kind === 'subflow'),
  }
}

/** Approvals in the branches that somebody leaves out by choosing others, and that do not come on the chosen way. */
export function approvalsLeftOut(flow: Flow, gateway: GatewayNode, chosen: readonly string[]): readonly string[] {
  const taken = approvalsIn(flow, chosen)
  const all = approvalsIn(
    flow,
    gateway.branches.map(({ next }) => next),
  )
  return [...all].filter((id) => !taken.has(id))
}
