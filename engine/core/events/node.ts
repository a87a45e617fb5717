/** One visit of a node, attempt by attempt. */
import type { KeptNode } from '../keep.ts'
import type { NodeError, WaitReason } from '../state.ts'
import type { Value, Values } from '../value.ts'
import type { OnNode } from './base.ts'

/** A visit begins as `ready` and does not start at once (it is passed over, or could not be started). */
export interface NodeEntered extends OnNode<'node_entered'> {
  readonly token: string
}
/**
 * An attempt starts. With `token` a visit begins here too (ready and started at once); without, a `ready` visit starts.
 * For an activity its body runs only after this is on disk.
 */
export interface NodeStarted extends OnNode<'node_started'> {
  readonly token?: string
  /** `code@1.2.0`, exactly. Absent for built-in nodes. */
  readonly plugin?: string
  /** Resolved once; they never change under the attempt. */
  readonly inputs: Values
  /** Inputs given by hand instead of the node's `with`. */
  readonly raw?: true
  /** The node waits from its start: an ask, a timer. */
  readonly waitsFor?: WaitReason
}
/** The attempt waits for the outside world, with what its plugin wants back. */
export interface NodeWaiting extends OnNode<'node_waiting'> {
  readonly waitsFor: WaitReason
  readonly state: Value
}
/** Between two polls; a `poll` timer is set. */
export interface NodeDeferred extends OnNode<'node_deferred'> {
  readonly state: Value
}
/** A poll is under way. */
export interface PollStarted extends OnNode<'poll_started'> {
  readonly item?: number
}
/** The plugin put a note beside its attempt, to find what it began outside. */
export interface NodeCheckpointed extends OnNode<'node_checkpointed'> {
  readonly state: Value
  readonly item?: number
}
export interface NodeSucceeded extends OnNode<'node_succeeded'> {
  readonly outputs: Values
  /** Variables written by `save`. */
  readonly saved?: Values
  /** A rehearsal: nothing was done, the outputs are samples. */
  readonly notPerformed?: true
}
/** The step was not done: what it gave in the task this one goes on from stands. A visit begins and ends with this. */
export interface NodeKept extends OnNode<'node_kept'> {
  readonly token: string
  readonly from: { readonly task: string; readonly number: number; readonly attempt: number }
  readonly inputs: Values
  readonly outputs: Values
  readonly items?: KeptNode['items']
  readonly saved?: Values
}
/** The attempt failed. What follows is an event of its own (`node_retried`, `node_ignored`, `node_given_up`), or none: a person is asked. */
export interface NodeFailed extends OnNode<'node_failed'> {
  readonly error: NodeError
  readonly outputs?: Values
  readonly saved?: Values
  /** An abort was asked for and nobody confirmed its end. */
  readonly unconfirmed?: true
}
/** A failed visit is `ready` again, as the next attempt. */
export interface NodeRetried extends OnNode<'node_retried'> {
  /** By the failure policy; a person's retry starts its count anew. */
  readonly auto: boolean
  /** Back-off: not before this instant. */
  readonly notBefore: number | null
  /** Inputs given by hand, for this attempt only. */
  readonly inputs?: Values
  readonly note?: string
}
/** The failure is passed over by the node's policy. */
export type NodeIgnored = OnNode<'node_ignored'>
export interface NodeSkipped extends OnNode<'node_skipped'> {
  /** `when` was false, left out at launch, or a person. */
  readonly why: 'when' | 'omitted' | 'person'
  /** Only its open items were skipped; what the others gave stays. */
  readonly keeps?: true
  readonly note?: string
}
/** A person did it, with the outputs later nodes need. */
export interface NodeDoneByHand extends OnNode<'node_done_by_hand'> {
  readonly outputs: Values
  readonly saved?: Values
  readonly note?: string
}
/** The failure is final: the task's outcome is `failed`. By a person, by `then: fail`, or after `giveUp`. */
export interface NodeGivenUp extends OnNode<'node_given_up'> {
  readonly note?: string
}
/** The end of a running attempt was asked for; what becomes of it is known when that is confirmed, or 30 s later. */
export interface NodeCancelling extends OnNode<'node_cancelling'> {
  readonly why: 'timeout' | 'forced' | 'revoked'
  readonly item?: number
}
export interface NodeRevoked extends OnNode<'node_revoked'> {
  readonly unconfirmed?: true
  /** It was parked (a callback, a poll to come): its plugin is told, nobody waits for the answer. */
  readonly parked?: true
}
/** The timer of a waiting `wait` node was moved; its `timer_set` follows. */
export interface NodeRescheduled extends OnNode<'node_rescheduled'> {
  readonly to: number
  readonly note?: string
}

export type NodeEvent =
  | NodeEntered
  | NodeStarted
  | NodeWaiting
  | NodeDeferred
  | PollStarted
  | NodeCheckpointed
  | NodeSucceeded
  | NodeKept
  | NodeFailed
  | NodeRetried
  | NodeIgnored
  | NodeSkipped
  | NodeDoneByHand
  | NodeGivenUp
  | NodeCancelling
  | NodeRevoked
  | NodeRescheduled
