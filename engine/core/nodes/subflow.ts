/** Subflow nodes: a child task of its own for each attempt (FLOW §2, Subflows; docs/adr/0012). */
import { handedDown } from '../asks/own-work.ts'
import { clearNodeTimers, emit, isLive, nodeOf, setTimer, type Turn } from '../decide/turn.ts'
import type { FlowNode, SubflowNode } from '../flow.ts'
import type { CatalogueLetter, ChildNews, Told } from '../requests.ts'
import { scopeOf } from '../scope.ts'
import type { ChildEnding, ChildRun, NodeError, NodeRun, TaskState } from '../state.ts'
import type { Value, Values } from '../value.ts'
import { succeed } from './activity.ts'
import { failVisit, revokeVisit } from './failure.ts'
import { leave } from './leave.ts'
import { savedOf } from './save.ts'
import { FORCED, LOST, TIMED_OUT } from './settle.ts'
import { evaluateAll, failureOf, NodeProblem } from './template.ts'
import { refuse, type Visit } from './visit.ts'

/** A task has at most this many above it. */
export const MAX_DEPTH_OF_CHILDREN = 20

/** Asks for a child. It exists after the commit, when it has been launched elsewhere; until it says more, the node waits. */
export function startSubflow(turn: Turn, visit: Visit, node: SubflowNode): void {
  let inputs: Values
  let wanted: ReturnType<typeof wantedOf>
  try {
    inputs = evaluateAll(node.with, scopeOf(turn.flow, turn.state, turn.env, undefined, visit))
    wanted = wantedOf(turn, inputs)
  } catch (error) {
    return refuse(turn, visit, failureOf(error))
  }
  const { attempt } = visit
  emit(turn, {
    kind: 'node_started',
    v: 1,
    node: node.id,
    attempt,
    ...(visit.entering && { token: visit.token }),
    inputs,
    waitsFor: 'child',
  })
  const child = `${turn.state.id}x${turn.state.children.length + 1}`
  const setBy = handedDown(turn.flow, turn.state, node.with['variables'])
  emit(turn, {
    kind: 'child_requested',
    v: 1,
    node: node.id,
    attempt,
    child,
    ...wanted,
    ...(setBy !== undefined && { setBy }),
  })
  const { timeoutMs } = node.onFail
  if (timeoutMs !== null)
    setTimer(turn, {
      id: `${node.id}/timeout`,
      kind: 'timeout',
      nodeId: node.id,
      attempt,
      dueAt: turn.now + timeoutMs,
    })
}

/** `version` is a number once its flow is published: `pinned` was fixed there. What could not be fixed is resolved at the launch. */
function wantedOf(turn: Turn, inputs: Values): { flow: string; version: number | 'latest'; variables: Values } {
  const { flow, version, variables = null } = inputs
  if (typeof flow !== 'string' || flow === '')
    throw new NodeProblem('INPUT', `expected the name of a flow, but got ${JSON.stringify(flow ?? null)}`)
  if (variables !== null && (typeof variables !== 'object' || Array.isArray(variables)))
    throw new NodeProblem('INPUT', 'expected variables by name, like {env: staging}')
  const depth = (turn.state.parent?.ancestors.length ?? 0) + 1
  if (depth > MAX_DEPTH_OF_CHILDREN)
    throw new NodeProblem('TOO_DEEP', `flows start flows ${MAX_DEPTH_OF_CHILDREN} deep here: one of them starts itself`)
  return { flow, version: versionOf(version), variables: (variables ?? {}) as Values } // a map, seen above
}
function versionOf(version: Value | undefined): number | 'latest' {
  if (version === undefined || version === null || version === 'latest' || version === 'pinned') return 'latest'
  const number = typeof version === 'number' ? version : Number(version)
  if (Number.isInteger(number) && number > 0) return number
  throw new NodeProblem('INPUT', `expected a version number, latest or pinned, but got ${JSON.stringify(version)}`)
}

// ---- telling -------------------------------------------------------------------------------------------------------

const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed', 'revoked'])
export const isOver = (child: ChildRun): boolean => child.phase !== null && FINAL.has(child.phase)
/** The child that this visit waits for; one that does not exist yet counts. */
export function liveChildOf(state: Readonly<TaskState>, run: NodeRun): ChildRun | null {
  if (state.children.length === 0 || !isLive(run)) return null
  return state.children.find(({ node, attempt }) => node === run.id && attempt === run.attempt) ?? null
}
/** What this task was told is passed on to its children. */
export function tellChildren(turn: Turn, told: Told): void {
  for (const child of turn.state.children)
    if (!isOver(child))
      emit(turn, { kind: 'child_told', v: 1, node: child.node, attempt: child.attempt, child: child.id, told })
}
/** Ends a live child; what becomes of the node is settled when the child is over. */
export function endChild(turn: Turn, child: ChildRun, ending: Omit<ChildEnding, 'by'>): void {
  const { id, node, attempt } = child
  if (child.ending?.then === ending.then && child.ending.mode === ending.mode) return
  const told: Told = {
    what: 'revoke',
    mode: ending.mode,
    reason: ending.note ?? turn.state.revoking?.reason ?? null,
    by: turn.by,
  }
  emit(turn, { kind: 'child_told', v: 1, node, attempt, child: id, told, ending: { ...ending, by: turn.by } })
}

// ---- hearing -------------------------------------------------------------------------------------------------------

/** The visit a child was launched for, if it still waits for it. */
function visitOf(turn: Turn, id: string): { child: ChildRun; node: FlowNode; run: NodeRun } | null {
  const child = turn.state.children.find((each) => each.id === id)
  const run = child === undefined ? undefined : turn.state.nodes.get(child.node)
  if (child === undefined || run === undefined || run.attempt !== child.attempt || !isLive(run)) return null
  return { child, node: nodeOf(turn, child.node), run }
}

/** A child that could not be launched: its node fails, unless it was being ended anyway. */
export function childRefused(turn: Turn, letter: Extract<CatalogueLetter, { kind: 'child_refused' }>): void {
  const { child, node, attempt, code, message } = letter
  const visit = visitOf(turn, child)
  const error: NodeError = { cause: 'error', code, message }
  emit(turn, { kind: 'child_refused', v: 1, node, attempt, child, error })
  if (visit === null) return
  if (visit.child.ending !== null) endAsTold(turn, visit.node, visit.run, visit.child.ending, false)
  else failVisit(turn, visit.node, error)
}

export function childEnded(turn: Turn, news: ChildNews): void {
  const visit = visitOf(turn, news.child)
  if (visit === null) return
  const { child, node, run } = visit
  const { outcome, outputs = {}, number } = news
  const { ending } = child
  // It ended before it could be stopped: what it did is done, unless a person has said what the node becomes.
  const stands = ending === null || ending.then === 'timeout' || ending.then === 'revoked'
  if (outcome === 'succeeded' && stands) return succeed(turn, node, outputs)
  if (ending !== null) return endAsTold(turn, node, run, ending, news.unconfirmed === true)
  const error: NodeError =
    outcome === 'failed'
      ? {
          cause: 'child_failed',
          code: news.error?.code ?? 'CHILD_FAILED',
          message: `#${number} failed${news.error === undefined ? '' : `: ${news.error.message}`}`,
        }
      : { cause: 'child_revoked', code: 'CHILD_REVOKED', message: `#${number} was stopped` }
  failVisit(turn, node, error, { outputs, unconfirmed: news.unconfirmed === true })
}

/** What was pressed while the child ran happens now that it is over. */
function endAsTold(turn: Turn, node: FlowNode, run: NodeRun, ending: ChildEnding, unconfirmed: boolean): void {
  const { attempt, token } = run
  const note = ending.note === undefined ? {} : { note: ending.note }
  switch (ending.then) {
    case 'revoked':
      return revokeVisit(turn, node, run, { unconfirmed })
    case 'timeout':
      return failVisit(turn, node, unconfirmed ? LOST(node.title) : TIMED_OUT(node.title), { unconfirmed })
    case 'failed':
      return failVisit(turn, node, FORCED(node.title), { unconfirmed })
    case 'skipped':
    case 'byhand': {
      clearNodeTimers(turn, node.id)
      const error = FORCED(node.title)
      emit(turn, { kind: 'node_failed', v: 1, node: node.id, attempt, error, ...(unconfirmed && { unconfirmed }) })
      if (ending.then === 'skipped')
        emit(turn, { kind: 'node_skipped', v: 1, node: node.id, attempt, why: 'person', ...note })
      else {
        const outputs = ending.outputs ?? {}
        const saved = savedOf(turn, node, allNamed(node, outputs))
        const values = 'cause' in saved ? null : saved.values // held against its variables when it was pressed
        emit(turn, {
          kind: 'node_done_by_hand',
          v: 1,
          node: node.id,
          attempt,
          outputs,
          ...(values !== null && { saved: values }),
          ...note,
        })
      }
      return leave(turn, node, token)
    }
  }
}
/** Outputs that were not given by hand are saved as empty. */
function allNamed(node: FlowNode, outputs: Values): Values {
  const all: { [name: string]: Value } = { ...outputs }
  for (const name of Object.values(node.save)) all[name] ??= null
  return all
}
