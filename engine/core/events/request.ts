/** A task that is handed over: asked for, claimed, given back, passed on. */
import type { PersonRef } from '../env.ts'
import type { HandOver } from '../state.ts'
import type { Base } from './base.ts'

/** The task is handed over: it begins once one of `to` has claimed it. Comes right after `task_launched`. */
export interface TaskRequested extends Base<'task_requested'> {
  readonly to: readonly string[]
  /** `to` in words. */
  readonly title: string
  readonly startNow: boolean
  readonly startAt: number | null
  /** Ids of those behind `to` as it was told to them. */
  readonly told?: readonly string[]
  readonly watch?: NonNullable<HandOver['watch']>
}
/** Nobody has claimed it yet: those who may are told again. */
export type RequestReminded = Base<'request_reminded'>
/** Nobody has claimed it, or nobody is there to: `refs` may as well from now on, so that `to` are all who may. */
export interface RequestEscalated extends Base<'request_escalated'> {
  readonly refs: readonly string[]
  readonly to: readonly string[]
  readonly title: string
  readonly told: readonly string[]
}
/** Nobody stands behind it: it waits for somebody to pass it on, or to join those it was handed to. */
export type RequestStranded = Base<'request_stranded'>
/** Somebody took it: it may begin. What was put right stands in the `variables_edited` before, and here for whoever asked. */
export interface RequestClaimed extends Base<'request_claimed'> {
  readonly holder: PersonRef
  readonly corrections?: HandOver['corrections']
  readonly note?: string
  /** The task's title, where it was made of what was put right. */
  readonly title?: string
}
/** Given back to whoever asked. */
export interface RequestRejected extends Base<'request_rejected'> {
  readonly reason: string
}
export interface RequestResubmitted extends Base<'request_resubmitted'> {
  readonly note?: string
  readonly title?: string
  readonly told?: readonly string[]
}
/** Others stand behind `to` by now: who has joined is told, who has gone is asked no more. */
export interface RequestPeopleChanged extends Base<'request_people_changed'> {
  readonly told: readonly string[]
  readonly added: readonly string[]
}
/** Others may take it; with `holder` it had been claimed, and that person carries it from now on. */
export interface RequestTransferred extends Base<'request_transferred'> {
  readonly to: readonly string[]
  readonly title: string
  readonly holder?: PersonRef
  readonly reason: string
  readonly told?: readonly string[]
}
/** It is not wanted any more; its end follows. */
export interface RequestWithdrawn extends Base<'request_withdrawn'> {
  readonly reason: string | null
}

export type RequestEvent =
  | TaskRequested
  | RequestReminded
  | RequestEscalated
  | RequestStranded
  | RequestClaimed
  | RequestRejected
  | RequestResubmitted
  | RequestPeopleChanged
  | RequestTransferred
  | RequestWithdrawn
