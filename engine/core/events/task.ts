/** A task as a whole: launched, started, stopped, ended, and what people changed of it. */
import type { Continued } from '../keep.ts'
import type { ParentRef } from '../requests.ts'
import type { Actor, Outcome } from '../state.ts'
import type { Value, Values } from '../value.ts'
import type { Base, OnNode } from './base.ts'

/** The task exists, with everything its launch decided. Always the first event. */
export interface TaskLaunched extends Base<'task_launched'> {
  readonly id: string
  readonly number: number
  readonly project: string
  readonly key: string | null
  readonly client: string | null
  readonly title: string
  readonly app: { readonly name: string; readonly title: string } | null
  readonly flow: { readonly name: string; readonly version: number; readonly digest: string }
  readonly startedBy: Actor
  readonly origin: string | null
  readonly scheme: string | null
  readonly omit: readonly string[]
  readonly rehearsal: boolean
  readonly variables: Values
  readonly launched: readonly string[]
  readonly fixed?: readonly string[]
  readonly hidden?: readonly string[]
  /** Steps that may run, for the progress bar. */
  readonly total: number
  /** Longer is late; ms from the start. Absent: nobody said. */
  readonly expectMs?: number
  /** What the title is made of, and made of again as variables change. Absent: somebody wrote it, or it reads nothing. */
  readonly titleFrom?: string
  /** Launched by a subflow node. */
  readonly parent?: ParentRef
  /** It goes on from an ended task: what may be taken over from there. */
  readonly continues?: Continued
}
/** Work begins: the first token stands before `node`. */
export interface TaskStarted extends Base<'task_started'> {
  readonly token: string
  readonly node: string
  /** Computed variables that are resolved once, now. */
  readonly saved?: Values
}
/** Somebody moved the planned start. Its timer follows. */
export interface TaskPlanned extends Base<'task_planned'> {
  readonly startAt: number | null
}
/** A note for everybody who looks at the task; null: none any more. */
export interface NoteSet extends Base<'note_set'> {
  readonly text: string | null
}
/** What it is made of has changed, and so has the title. Comes right behind the event that changed it. */
export interface TaskTitled extends Base<'task_titled'> {
  readonly title: string
}
/** It takes longer than expected. Told once. */
export type TaskLate = Base<'task_late'>
export type TaskPaused = Base<'task_paused'>
export type TaskResumed = Base<'task_resumed'>
/** Somebody pressed stop. A second one replaces the first. */
export interface RevokeRequested extends Base<'revoke_requested'> {
  readonly mode: 'cancel' | 'stop'
  readonly reason: string | null
}
/** The main part is over; `finally` follows, then `task_ended`. */
export interface MainEnded extends Base<'main_ended'> {
  readonly outcome: Outcome
}
/** The task is final. Always the last event that moves work. */
export interface TaskEnded extends Base<'task_ended'> {
  readonly outcome: Outcome
  readonly outputs: Values
  /** Outputs whose expression could not be evaluated, and why. */
  readonly lacking?: { readonly [output: string]: string }
}
/** A person changed variables; before and after as kept (secrets as references). */
export interface VariablesEdited extends Base<'variables_edited'> {
  readonly changes: { readonly [key: string]: { readonly before: Value; readonly after: Value } }
  readonly reason: string | null
}
export interface TaskFollowed extends Base<'task_followed'> {
  readonly person: string
  /** They wanted it so, and nothing else brought them here: it stays in their lists while something else lets them see it. */
  readonly own?: true
}
/** A task left in attention: those who may mend it are told again. */
export interface AttentionReminded extends OnNode<'attention_reminded'> {
  readonly refs: readonly string[]
}
export interface AttentionEscalated extends OnNode<'attention_escalated'> {
  readonly refs: readonly string[]
}
/** Somebody with the right to went on although a freeze held. Announced to the app's rooms and operators. */
export interface FreezePassed extends Base<'freeze_passed'> {
  readonly what: 'launch' | 'start' | 'claim' | 'retry'
  readonly freeze: string
  readonly title: string
  readonly reason: string
}

export type TaskEvent =
  | TaskLaunched
  | TaskStarted
  | TaskPlanned
  | NoteSet
  | TaskTitled
  | TaskLate
  | TaskPaused
  | TaskResumed
  | RevokeRequested
  | MainEnded
  | TaskEnded
  | VariablesEdited
  | TaskFollowed
  | AttentionReminded
  | AttentionEscalated
  | FreezePassed
