import { emit, send, type Turn } from '../decide/turn.ts'
import type { Branch, GatewayNode } from '../flow.ts'
import { behind, stepsOnlyVia } from '../graph.ts'
import { scopeOf } from '../scope.ts'
import type { NodeError } from '../state.ts'
import { failureOf, NodeProblem } from './template.ts'
import { refuse, type Visit } from './visit.ts'

/** Sends the token down one branch: the first that is true, or (`only`) the one that is. */
export function passExclusive(turn: Turn, visit: Visit, node: GatewayNode): void {
  const chosen = choose(turn, visit, node)
  if (chosen === null) return
  if (chosen.length > 1 && node.mode === 'only')
    return refuse(turn, visit, undecided(node, `${chosen.length} branches are true, and only one may be`))
  sendDown(turn, visit, node, chosen[0] as Branch) // choose never gives an empty list
}

/** Sends a token down every branch that is true. */
export function passInclusive(turn: Turn, visit: Visit, node: GatewayNode): void {
  const chosen = choose(turn, visit, node)
  if (chosen !== null) fork(turn, visit, node, chosen)
}

export function passParallel(turn: Turn, visit: Visit, node: GatewayNode): void {
  fork(turn, visit, node, node.branches)
}

/** The true branches, else the `else` branch; null when the visit has failed instead. `first` looks no further than it must. */
function choose(turn: Turn, visit: Visit, node: GatewayNode): readonly Branch[] | null {
  const chosen: Branch[] = []
  const first = node.gateway === 'exclusive' && node.mode === 'first'
  const scope = scopeOf(turn.flow, turn.state, turn.env, undefined, visit)
  let otherwise: Branch | null = null
  try {
    for (const branch of node.branches) {
      if (branch.when === null) otherwise = branch
      else if (isTrue(branch, scope)) {
        chosen.push(branch)
        if (first) break
      }
    }
  } catch (error) {
    refuse(turn, visit, failureOf(error))
    return null
  }
  if (chosen.length === 0 && otherwise !== null) chosen.push(otherwise)
  if (chosen.length > 0) return chosen
  refuse(turn, visit, undecided(node, 'no branch is true and there is no else'))
  return null
}
function isTrue(branch: Branch, scope: Parameters<NonNullable<Branch['when']>['evaluate']>[0]): boolean {
  const value = branch.when?.evaluate(scope)
  if (typeof value !== 'boolean')
    throw new NodeProblem(
      'CONDITION',
      `${String(branch.when?.source)} gave ${JSON.stringify(value)}, which is neither true nor false`,
    )
  return value
}
const undecided = (node: GatewayNode, why: string): NodeError => ({
  cause: 'error',
  code: 'NO_BRANCH',
  message: `${node.title}: ${why}`,
})

export function sendDown(
  turn: Turn,
  { attempt, token }: Pick<Visit, 'attempt' | 'token'>,
  node: GatewayNode,
  branch: Branch,
): void {
  const dropped = droppedBy(turn, node, [branch])
  emit(turn, {
    kind: 'branch_chosen',
    v: 1,
    node: node.id,
    attempt,
    token,
    to: branch.next,
    ...(dropped > 0 && { dropped }),
  })
  send(turn, token, branch.next)
}

/** Makes one instance of the block: its converge will count these tokens and no others (ADR 0004). */
export function fork(
  turn: Turn,
  { attempt, token }: Pick<Visit, 'attempt' | 'token'>,
  node: GatewayNode,
  branches: readonly Branch[],
): void {
  const { counters } = turn.state
  const sent = branches.map((branch, index) => ({
    token: `t${counters.token + 1 + index}`,
    node: branch.next,
    branch: node.branches.indexOf(branch),
  }))
  if (node.closesAt === null) throw new Error(`expected ${node.id} to name the converge that closes it`)
  const dropped = droppedBy(turn, node, branches)
  emit(turn, {
    kind: 'gateway_forked',
    v: 1,
    node: node.id,
    attempt,
    token,
    fork: `f${counters.fork + 1}`,
    converge: node.closesAt,
    branches: sent,
    ...(dropped > 0 && { dropped }),
  })
  for (const { token: id, node: to } of sent) send(turn, id, to)
}

/** Steps that the first passing of this gateway rules out, for the progress bar. */
function droppedBy(turn: Turn, node: GatewayNode, chosen: readonly Branch[]): number {
  if (chosen.length === node.branches.length || (turn.state.nodes.get(node.id)?.visit ?? 0) > 1) return 0
  // What comes round to it again may go the other way then.
  if (chosen.some(({ next }) => behind(turn.flow, next).has(node.id))) return 0
  let steps = 0
  for (const branch of node.branches)
    if (!chosen.includes(branch)) steps += stepsOnlyVia(turn.flow, node.id, branch.next)
  return steps
}
