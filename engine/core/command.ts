import type { Continued } from './keep.ts'
import type { Cause } from './flow.ts'
import type { CatalogueLetter, ParentRef } from './requests.ts'
import type { Actor, AttachedFile, HandOver } from './state.ts'
import type { Value, Values } from './value.ts'

interface By {
  readonly by: Actor
}
interface OnNode extends By {
  readonly nodeId: string
  /** The attempt the presser saw. Another one is STALE. */
  readonly attempt: number
  readonly note?: string
}
/** Goes on although a freeze holds, for this reason. Needs the right `override-freeze`. */
interface Overriding {
  readonly overrideFreeze?: string
}
interface OnRequest extends By {
  /** The round of the request the presser saw. Another one is STALE. */
  readonly round: number
}
export interface RequestEdit {
  readonly revision: number
  readonly variables: Values
  readonly reason?: string
  /** What the task is called with these values. Absent: as before. */
  readonly title?: string
}
/** What people ask for. Rights are checked by `rights.ts` before `decide` sees one. */
export type PeopleCommand =
  | (By & Overriding & { readonly kind: 'start' })
  /** Moves the planned start of a task that has not started; null: it starts when somebody says so. */
  | (By & { readonly kind: 'plan'; readonly at: number | null })
  | (By & { readonly kind: 'pause' })
  | (By & { readonly kind: 'resume' })
  | (By & { readonly kind: 'revoke'; readonly mode: 'cancel' | 'stop'; readonly reason?: string })
  | (By & {
      readonly kind: 'edit_variables'
      readonly revision: number
      readonly variables: Values
      readonly reason?: string
    })
  | (By & { readonly kind: 'follow'; readonly person: string })
  /** Takes over a task that was handed over, with what has to be put right first. */
  | (OnRequest & Overriding & { readonly kind: 'claim_request'; readonly edit?: RequestEdit; readonly note?: string })
  /** Gives it back: whoever asked changes it and submits it again. */
  | (OnRequest & { readonly kind: 'reject_request'; readonly reason: string })
  | (OnRequest & { readonly kind: 'resubmit_request'; readonly edit?: RequestEdit; readonly note?: string })
  /** To others who may take it; once claimed, to the one person who carries it from now on. */
  | (OnRequest & { readonly kind: 'transfer_request'; readonly to: readonly string[]; readonly reason: string })
  | (OnRequest & { readonly kind: 'withdraw_request'; readonly reason?: string })
  /** A note for everybody who looks at the task; empty takes it away. */
  | (By & { readonly kind: 'set_note'; readonly text: string })
  /** `edit`: variables changed in the same step, so that nobody gets between the two; refused as a whole. */
  | (OnNode &
      Overriding & {
        readonly kind: 'retry'
        readonly inputs?: Values
        readonly items?: readonly number[]
        readonly edit?: { readonly revision: number; readonly variables: Values; readonly reason?: string }
      })
  | (OnNode & { readonly kind: 'skip'; readonly items?: readonly number[] })
  | (OnNode & { readonly kind: 'byhand'; readonly outputs: Values; readonly items?: readonly number[] })
  | (OnNode & { readonly kind: 'fail' })
  /** The next visit of the node is not begun until `unpause`. `attempt` is the latest one, 0 before any visit. */
  | (OnNode & { readonly kind: 'pause_before' | 'unpause' })
  | (OnNode & { readonly kind: 'choose_branch'; readonly branches: readonly string[] })
  | (OnNode & { readonly kind: 'reschedule'; readonly at: number })
  | (By & {
      readonly kind: 'decide'
      readonly askId: string
      readonly digest: string
      readonly verdict: 'approve' | 'reject' | 'submit' | 'confirm'
      readonly comment?: string
      readonly fields?: Values
    })
  | (By & { readonly kind: 'transfer_ask'; readonly askId: string; readonly to: string; readonly reason: string })
  | (By & {
      readonly kind: 'assign_ask'
      readonly askId: string
      readonly to: readonly string[]
      readonly reason: string
    })
  /** With files it needs no words. */
  | (By & {
      readonly kind: 'comment_ask'
      readonly askId: string
      readonly comment: string
      readonly files?: readonly AttachedFile[]
    })
  /** Taken by one person, and given back. Taking it from somebody needs a reason. */
  | (By & { readonly kind: 'claim_ask'; readonly askId: string })
  | (By & { readonly kind: 'release_ask'; readonly askId: string; readonly reason?: string })
  /** Those who have not answered are told again. */
  | (By & { readonly kind: 'remind_ask'; readonly askId: string })

/** How an execution, a poll or a callback handler ended. */
export type Result =
  /** `notPerformed`: a rehearsal did nothing, and these are samples. */
  | { readonly kind: 'done'; readonly outputs: Values; readonly notPerformed?: true }
  | {
      readonly kind: 'fail'
      readonly cause: Cause
      readonly code: string
      readonly message: string
      readonly outputs?: Values
    }
  | { readonly kind: 'poll'; readonly afterMs: number; readonly state: Value }
  /** `pollAfterMs`: polled after all if no call has come by then. */
  | { readonly kind: 'callback'; readonly state: Value; readonly pollAfterMs?: number }

/** What the runtime reports. `attempt` is the job's: for an item of `each`, the item's own. */
export type RuntimeCommand =
  | {
      readonly kind: 'result'
      readonly nodeId: string
      readonly attempt: number
      readonly item?: number
      readonly result: Result
      readonly callbackId?: string
    }
  | { readonly kind: 'timer'; readonly timerId: string }
  /** An abort asked for earlier has (or has not) been confirmed. */
  | {
      readonly kind: 'cancelled'
      readonly nodeId: string
      readonly attempt: number
      readonly item?: number
      readonly confirmed: boolean
    }
  /** The plugin put a note beside its attempt (`ctx.checkpoint`). */
  | {
      readonly kind: 'checkpoint'
      readonly nodeId: string
      readonly attempt: number
      readonly item?: number
      readonly state: Value
    }
  /** From the catalogue, in order: one heard before changes nothing, one that comes too early is UNAVAILABLE. */
  | { readonly kind: 'letter'; readonly sequence: number; readonly letter: CatalogueLetter }
  /** Roles, groups or people have changed: open asks are held against them. `became`: persons who were merged into another. */
  | { readonly kind: 'people_changed'; readonly became?: { readonly [person: string]: string } }
  | { readonly kind: 'progress'; readonly nodeId: string; readonly attempt: number; readonly text: string }
export type Command = PeopleCommand | RuntimeCommand

/**
 * A launch as it has been found to be: form checked, fixed values set, rights and key settled, id and number given.
 * Secret variables are already `{ $secret: 'task:<key>' }`.
 */
export interface LaunchFacts {
  readonly id: string
  readonly number: number
  readonly project: string
  readonly key: string | null
  readonly client: string | null
  readonly title: string
  readonly app: { readonly name: string; readonly title: string } | null
  readonly variables: Values
  readonly launched: readonly string[]
  /** Variables the app fixes, and those it hides. */
  readonly fixed?: readonly string[]
  readonly hidden?: readonly string[]
  /** What its title is made of: `${…}` over variables. Absent: it stays as it is. */
  readonly titleFrom?: string
  readonly omit: readonly string[]
  readonly scheme: string | null
  readonly origin: string | null
  readonly rehearsal: boolean
  readonly startNow: boolean
  readonly startAt: number | null
  /** How long it is expected to take, in ms; longer is late. Absent: as the flow says. */
  readonly expectMs?: number | null
  readonly by: Actor
  readonly parent?: ParentRef
  /** What may be taken over from the task it goes on from. */
  readonly continues?: Continued | null
  /** The place the launch has taken or queues for, when it starts now. */
  readonly slot?: { readonly key: string; readonly limit: number; readonly digest: string; readonly granted: boolean }
  /** Handed over: it begins when one of these has claimed it. */
  readonly handOver?: { readonly to: readonly string[]; readonly watch?: NonNullable<HandOver['watch']> }
  /** Its parent is paused: it stands before its first node. */
  readonly paused?: boolean
  /** Why somebody who may launches it although a freeze holds. */
  readonly overrideFreeze?: string
}

/** Work the runtime owes after a commit; derived from events by `jobs.ts`, and from a state at recovery. `attempt` is the item's own where `item` is given. */
export type Job =
  | { readonly kind: 'execute'; readonly nodeId: string; readonly attempt: number; readonly item?: number }
  | { readonly kind: 'poll'; readonly nodeId: string; readonly attempt: number; readonly item?: number }
  | { readonly kind: 'cancel'; readonly nodeId: string; readonly attempt: number; readonly item?: number }
