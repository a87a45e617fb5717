/** Slots, parents and children (ADR 0012). */
import type { Told } from '../requests.ts'
import type { ChildEnding, NodeError, SetBy, TaskPhase } from '../state.ts'
import type { Values } from '../value.ts'
import type { Base, OnNode } from './base.ts'

/** A letter from the catalogue was taken in; always the first event of its entry. */
export interface LetterHeard extends Base<'letter_heard'> {
  readonly sequence: number
}
/** The task wants to start and needs a place; the key is frozen here. It is queued until `slot_granted`. */
export interface SlotRequested extends Base<'slot_requested'> {
  readonly key: string
  readonly limit: number
  readonly whenBusy: 'queue' | 'reject' | 'join'
  readonly digest: string
}
/** The place is taken, until the task has ended. */
export type SlotGranted = Base<'slot_granted'>
/** There is no place and the flow does not queue: the task is as if it had not been started. */
export interface SlotRefused extends Base<'slot_refused'> {
  readonly code: string
  readonly message: string
}
/** Its turn came while a freeze held that nobody had passed: the place is given back, and it is asked for again once that ends (`until`) or somebody starts it. */
export interface SlotReturned extends Base<'slot_returned'> {
  readonly freeze: string
  readonly title: string
  readonly until: number | null
  /** Its number in the line, kept for when it asks again. Absent: it was not told. */
  readonly place?: number
}
/** A subflow node wants a child. Comes after its `node_started`. */
export interface ChildRequested extends OnNode<'child_requested'> {
  readonly child: string
  readonly flow: string
  readonly version: number | 'latest'
  readonly variables: Values
  /** Whose hand was in them. Absent: nobody's. */
  readonly setBy?: SetBy
}
/** The child exists, or is in another phase. What follows from its end are events of their own. */
export interface ChildChanged extends OnNode<'child_changed'> {
  readonly child: string
  readonly number: number
  readonly phase: TaskPhase
}
/** The child will never exist. */
export interface ChildRefused extends OnNode<'child_refused'> {
  readonly child: string
  readonly error: NodeError
}
/** The child is told what its parent was told. `ending`: what the node becomes once the child is over. */
export interface ChildTold extends OnNode<'child_told'> {
  readonly child: string
  readonly told: Told
  readonly ending?: ChildEnding
}
/** The parent is paused, or is not any more. What follows here is `task_paused` or `task_resumed`. */
export interface ParentPaused extends Base<'parent_paused'> {
  readonly paused: boolean
}

export type FamilyEvent =
  | LetterHeard
  | SlotRequested
  | SlotGranted
  | SlotRefused
  | SlotReturned
  | ChildRequested
  | ChildChanged
  | ChildRefused
  | ChildTold
  | ParentPaused
