import type { NodeView, TaskView } from '../api/fragments.ts'
import type { Texts } from '../texts/en.ts'

/** The eight states of the design. */
export type State = 'running' | 'waiting' | 'attention' | 'paused' | 'succeeded' | 'failed' | 'revoked' | 'queued'
/** Shapes: the eight, and those that only a step can have. */
export type Shape = State | 'timer' | 'skipped' | 'ignored' | 'byhand' | 'ready' | 'lost'

type Phase = TaskView['phase']
type NodeState = NonNullable<NodeView['state']>

const OF_PHASE: Record<Phase, State> = {
  CREATED: 'queued',
  REQUESTED: 'queued',
  QUEUED: 'queued',
  RUNNING: 'running',
  WAITING: 'waiting',
  ATTENTION: 'attention',
  PAUSED: 'paused',
  SUCCEEDED: 'succeeded',
  FAILED: 'failed',
  REVOKED: 'revoked',
}
const OF_NODE: Record<NodeState, State> = {
  READY: 'queued',
  RUNNING: 'running',
  WAITING: 'waiting',
  FAILED: 'failed',
  SUCCEEDED: 'succeeded',
  IGNORED: 'paused',
  SKIPPED: 'paused',
  BYHAND: 'succeeded',
  REVOKED: 'revoked',
}
const SHAPE_OF_NODE: Partial<Record<NodeState, Shape>> = {
  READY: 'ready',
  IGNORED: 'ignored',
  SKIPPED: 'skipped',
  BYHAND: 'byhand',
}

export const stateOfPhase = (phase: Phase): State => OF_PHASE[phase]
/** What a task has come to, in a word. */
export const wordOfPhase = (
  t: Pick<Texts, 'phases' | 'states'>,
  { phase, waitingFor }: Pick<TaskView, 'phase' | 'waitingFor'>,
): string =>
  // Rejected, it waits for whoever asked: nobody can claim it.
  t.phases[phase === 'REQUESTED' && waitingFor.includes('CORRECTION') ? 'RETURNED' : phase] ?? t.states[OF_PHASE[phase]]
export const isFinal = (phase: Phase): boolean => phase === 'SUCCEEDED' || phase === 'FAILED' || phase === 'REVOKED'
export const stateOfNode = (state: NodeState): State => OF_NODE[state]
export const shapeOfNode = (state: NodeState): Shape => SHAPE_OF_NODE[state] ?? OF_NODE[state]
export const isDone = (state: NodeState | null): boolean =>
  state === 'SUCCEEDED' || state === 'SKIPPED' || state === 'IGNORED' || state === 'BYHAND' || state === 'REVOKED'
export const isNow = (state: NodeState | null): boolean =>
  state === 'RUNNING' || state === 'WAITING' || state === 'FAILED' || state === 'READY'

/** A person's turn shows a hand; a timer or an answer from outside shows a clock. */
export const waitsForPeople = (kind: string): boolean => ['approval', 'form', 'confirm'].includes(kind)
