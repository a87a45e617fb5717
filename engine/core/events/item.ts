/** The items of an `each`. */
import type { NodeError, WaitReason } from '../state.ts'
import type { Value, Values } from '../value.ts'
import type { OnItem, OnNode } from './base.ts'

/** The list is evaluated once per visit and frozen; the items follow one by one. Comes after `node_started`. */
export interface EachBegan extends OnNode<'each_began'> {
  readonly items: readonly Value[]
}
/** A person retries: items (all that have not succeeded, or those named) may start again, with the list they had. Comes after `node_retried`. */
export interface EachResumed extends OnNode<'each_resumed'> {
  readonly items: readonly number[] | null
}
export interface ItemStarted extends OnItem<'item_started'> {
  readonly inputs: Values
}
export interface ItemWaiting extends OnItem<'item_waiting'> {
  readonly waitsFor: WaitReason
  readonly state: Value
}
export interface ItemDeferred extends OnItem<'item_deferred'> {
  readonly state: Value
}
export interface ItemSucceeded extends OnItem<'item_succeeded'> {
  readonly outputs: Values
  /** A rehearsal did nothing: the outputs are samples. */
  readonly notPerformed?: true
}
export interface ItemFailed extends OnItem<'item_failed'> {
  readonly error: NodeError
  readonly outputs?: Values
  readonly unconfirmed?: true
}
/** A failed item is `ready` again as its next attempt, by the failure policy or with its node's retry. */
export interface ItemRetried extends OnItem<'item_retried'> {
  readonly auto: boolean
  readonly notBefore: number | null
}
export type ItemSkipped = OnItem<'item_skipped'>
export interface ItemDoneByHand extends OnItem<'item_done_by_hand'> {
  readonly outputs: Values
}
export interface ItemRevoked extends OnItem<'item_revoked'> {
  readonly unconfirmed?: true
  readonly parked?: true
}

export type ItemEvent =
  | EachBegan
  | EachResumed
  | ItemStarted
  | ItemWaiting
  | ItemDeferred
  | ItemSucceeded
  | ItemFailed
  | ItemRetried
  | ItemSkipped
  | ItemDoneByHand
  | ItemRevoked
