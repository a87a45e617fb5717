import type { FlowNode } from '../flow.ts'
import { emit, isWindingDown, nodeOf, type Turn } from '../decide/turn.ts'
import { scopeOf } from '../scope.ts'
import type { Values } from '../value.ts'
import { startActivity } from './activity.ts'
import { startAsk } from './ask.ts'
import { endIfDone } from './end.ts'
import { failVisit } from './failure.ts'
import { passExclusive, passInclusive, passParallel } from './gateway.ts'
import { passConverge } from './converge.ts'
import { keep } from './keep.ts'
import { leave } from './leave.ts'
import { failureOf } from './template.ts'
import { startSubflow } from './subflow.ts'
import { startWait } from './wait.ts'

/** A visit about to begin (`entering`), or a `ready` one about to start. */
export interface Visit {
  readonly node: FlowNode
  readonly attempt: number
  readonly token: string
  readonly entering: boolean
}

/** Lets every token on its way arrive, and all that follows from it. A list, not recursion: a thousand skipped nodes in a row are no deep stack. */
export function drain(turn: Turn): void {
  for (let next = turn.onTheWay.shift(); next !== undefined; next = turn.onTheWay.shift())
    arrive(turn, next.token, next.to)
  endIfDone(turn)
}

function arrive(turn: Turn, token: string, to: string): void {
  const { state } = turn
  if (!state.tokens.has(token)) return // ended meanwhile, by a sibling that gave up
  if (to === 'end' || isWindingDown(state)) return emit(turn, { kind: 'token_ended', v: 1, token })
  if (nodeOf(turn, to).kind === 'gateway' && passConverge(turn, token, to)) return
  if (state.paused || state.pausedBefore.includes(to)) return emit(turn, { kind: 'token_moved', v: 1, token, node: to })
  visit(turn, token, nodeOf(turn, to))
}

/** A token enters a node: a new visit with the next attempt number. */
export function visit(turn: Turn, token: string, node: FlowNode): void {
  const before = turn.state.nodes.get(node.id)
  const entering: Visit = { node, attempt: (before?.attempt ?? 0) + 1, token, entering: true }
  if ((before?.visit ?? 0) >= node.maxVisits) {
    const times = `${node.maxVisits} ${node.maxVisits === 1 ? 'visit' : 'visits'}`
    return refuse(turn, entering, {
      cause: 'error',
      code: MAX_VISITS,
      message: `${node.title} has had its ${times}; the loop around it does not end`,
    })
  }
  if (node.optional && turn.state.omit.includes(node.id)) return passOver(turn, entering, 'omitted')
  if (node.when !== null) {
    try {
      if (node.when.evaluate(scopeOf(turn.flow, turn.state, turn.env, undefined, entering)) === false)
        return passOver(turn, entering, 'when')
    } catch (error) {
      return refuse(turn, entering, failureOf(error))
    }
  }
  start(turn, entering)
}
/** The visit beyond `maxVisits`: skip and fail are open, retry is refused. */
export const MAX_VISITS = 'MAX_VISITS'

/** Starts a visit of any kind. */
export function start(turn: Turn, visit: Visit, rawInputs?: Values): void {
  const { node } = visit
  if (turn.state.continues !== null && (node.kind === 'activity' || node.kind === 'wait' || node.kind === 'subflow'))
    if (rawInputs === undefined && keep(turn, visit, node)) return
  switch (node.kind) {
    case 'activity':
      return startActivity(turn, visit, node, rawInputs)
    case 'ask':
      return startAsk(turn, visit, node)
    case 'wait':
      return startWait(turn, visit, node)
    case 'subflow':
      return startSubflow(turn, visit, node)
    case 'gateway':
      switch (node.gateway) {
        case 'exclusive':
          return passExclusive(turn, visit, node)
        case 'parallel':
          return passParallel(turn, visit, node)
        case 'inclusive':
          return passInclusive(turn, visit, node)
        case 'converge':
          throw new Error(`token ${visit.token} reached converge ${node.id} outside any fork`)
      }
  }
}

/** The visit begins and fails before anything could start. */
export function refuse(turn: Turn, visit: Visit, error: Parameters<typeof failVisit>[2]): void {
  if (visit.entering)
    emit(turn, { kind: 'node_entered', v: 1, node: visit.node.id, attempt: visit.attempt, token: visit.token })
  failVisit(turn, visit.node, error)
}

function passOver(turn: Turn, { node, attempt, token }: Visit, why: 'when' | 'omitted'): void {
  emit(turn, { kind: 'node_entered', v: 1, node: node.id, attempt, token })
  emit(turn, { kind: 'node_skipped', v: 1, node: node.id, attempt, why })
  leave(turn, node, token)
}
