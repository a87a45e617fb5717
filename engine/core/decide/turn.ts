import { apply } from '../apply.ts'
import { envIn, type DecideEnv } from '../env.ts'
import type { Event, Moment } from '../events.ts'
import type { Flow, FlowNode } from '../flow.ts'
import { withOne } from '../list.ts'
import { lookAhead } from '../overlay.ts'
import type { Actor, NodeRun, TaskState, Timer } from '../state.ts'

/** One decision in the making: the events so far, and the state as they leave it. */
export interface Turn {
  readonly flow: Flow
  /** An overlay; the live state stays as it is. */
  readonly state: TaskState
  readonly env: DecideEnv
  readonly now: number
  readonly by: Actor
  readonly moment: Moment
  readonly events: Event[]
  /** Tokens on their way to a node. */
  onTheWay: { readonly token: string; readonly to: string }[]
}

export const newTurn = (flow: Flow, state: Readonly<TaskState>, env: DecideEnv, by: Actor): Turn => ({
  flow,
  state: lookAhead(state),
  env: envIn(env, state.project),
  now: env.now,
  by,
  moment: { at: env.now, by },
  events: [],
  onTheWay: [],
})

/** Decides one event: what follows in this turn already sees it. */
export function emit(turn: Turn, event: Event): void {
  const { variables } = turn.state
  turn.events.push(event)
  apply(turn.state, event, turn.moment)
  if (turn.state.variables !== variables) retitle(turn)
}
/** A title made of variables says what they are, whoever changed them: a person's edit, an answer, a step. */
function retitle(turn: Turn): void {
  const { flow, state } = turn
  if (state.titleFrom === undefined || flow.titleOf === undefined) return
  const title = flow.titleOf(state.titleFrom, state.variables) ?? state.app?.title ?? flow.title
  if (title !== state.title) emit(turn, { kind: 'task_titled', v: 1, title })
}

/** Lets a token go on to a node; it arrives when what is decided now is done. */
export function send(turn: Turn, token: string, to: string): void {
  turn.onTheWay = withOne(turn.onTheWay, { token, to })
}

/** The node of a visit. Its flow version never changes, so a missing one is a bug. */
export function nodeOf(turn: Turn, id: string): FlowNode {
  const node = turn.flow.node(id)
  if (node === undefined)
    throw new Error(`expected node ${id} in ${turn.flow.name} v${turn.flow.version}, but it has none`)
  return node
}
export function runOf(turn: Turn, id: string): NodeRun {
  const run = turn.state.nodes.get(id)
  if (run === undefined) throw new Error(`expected a visit of ${id}, but there is none`)
  return run
}
export const isLive = (run: NodeRun): boolean => run.state === 'running' || run.state === 'waiting'
/** The visit still holds its token: it has not let it go on. */
export const isOpen = (run: NodeRun): boolean =>
  isLive(run) || run.state === 'ready' || (run.state === 'failed' && !run.givenUp)

/** Nothing starts any more: the task was stopped, or has failed for good. */
export const isWindingDown = (state: TaskState): boolean =>
  state.stage === 'main' && (state.revoking !== null || state.outcome !== null)

// ---- timers --------------------------------------------------------------------------------------------------------

/** Far enough never to fire: a timer that came due while the task was paused. `resume` makes it due. */
export const HELD = 8_640_000_000_000_000

export function setTimer(turn: Turn, timer: Omit<Timer, 'nodeId' | 'attempt' | 'askId'> & Partial<Timer>): void {
  emit(turn, { kind: 'timer_set', v: 1, timer: { nodeId: null, attempt: null, askId: null, ...timer } })
}
export function clearTimers(turn: Turn, ids: readonly string[]): void {
  if (turn.state.timers.size === 0) return
  const set = ids.filter((id) => turn.state.timers.has(id))
  if (set.length > 0) emit(turn, { kind: 'timers_cleared', v: 1, ids: set })
}
const OF_NODE = ['timeout', 'poll', 'retry', 'cancel_grace', 'wait', 'remind', 'escalate', 'give_up'] as const
/** Whatever was due for this node is not any more. */
export function clearNodeTimers(turn: Turn, node: string): void {
  if (turn.state.timers.size > 0)
    clearTimers(
      turn,
      OF_NODE.map((kind) => `${node}/${kind}`),
    )
}
