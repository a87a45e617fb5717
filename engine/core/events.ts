/**
 * What a history is made of (ADR 0001). Kinds and fields are public and for ever: a kind is never renamed, a field never changes its meaning;
 * what must differ becomes `v: 2` beside it. Events record what was decided (tokens moved, branches taken, values saved, attempts numbered,
 * lists and people frozen), never why, so that `apply` needs no flow, no expression and no clock.
 *
 * Fields: `node` a node id · `attempt` its attempt number · `token`, `fork`, `ask` ids inside the task · `item` an index of `each` from 0.
 * Secrets appear as `{ $secret }` alone.
 */
import type { PersonRef } from './env.ts'
import type { Continued, KeptNode } from './keep.ts'
import type { ParentRef, Told } from './requests.ts'
import type {
  Actor,
  Ask,
  AskEnd,
  AttachedFile,
  ChildEnding,
  Decision,
  HandOver,
  Need,
  NodeError,
  Outcome,
  SetBy,
  TaskPhase,
  Timer,
  WaitReason,
} from './state.ts'
import type { Value, Values } from './value.ts'

/**
 * One entry of a history: what one command came to, committed as a whole. Events are numbered one by one within their task:
 * `seq` is the number of the first, the next entry begins at `seq + events.length`, and a state's `version` is the number of the last event applied.
 */
export interface Recorded {
  readonly seq: number
  /** ms since the epoch, UTC. What `apply` takes for "now". */
  readonly at: number
  readonly by: Actor
  readonly events: readonly Event[]
}
/** When and by whom: what `apply` knows of an entry besides the event itself. */
export type Moment = Pick<Recorded, 'at' | 'by'>

interface Base<K extends string> {
  readonly kind: K
  readonly v: 1
}
interface OnNode<K extends string> extends Base<K> {
  readonly node: string
  readonly attempt: number
}
/** `attempt` is the item's own attempt number, unique for this node and item over all visits. */
interface OnItem<K extends string> extends Base<K> {
  readonly node: string
  readonly item: number
  readonly attempt: number
}

// ---- the task ------------------------------------------------------------------------------------------------------

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
}
/** A task left in attention: those who may mend it are told again. */
export interface AttentionReminded extends OnNode<'attention_reminded'> {
  readonly refs: readonly string[]
}
export interface AttentionEscalated extends OnNode<'attention_escalated'> {
  readonly refs: readonly string[]
}

// ---- time ----------------------------------------------------------------------------------------------------------

/** A due instant; one of the same id is replaced. */
export interface TimerSet extends Base<'timer_set'> {
  readonly timer: Timer
}
/** Fired, or no longer wanted. */
export interface TimersCleared extends Base<'timers_cleared'> {
  readonly ids: readonly string[]
}

// ---- tokens and gateways -------------------------------------------------------------------------------------------

/** A token stands before `node` without a visit: the task is paused. (Nodes of `finally` have tokens `finally:0`, `finally:1` …, outside the table.) */
export interface TokenMoved extends Base<'token_moved'> {
  readonly token: string
  readonly node: string
}
/** A token is gone: at `end`, or because nothing starts any more. */
export interface TokenEnded extends Base<'token_ended'> {
  readonly token: string
}
/** An exclusive gateway (visited by this event unless it had failed before) sends its token to `to`. */
export interface BranchChosen extends OnNode<'branch_chosen'> {
  readonly token: string
  readonly to: string
  /** Steps that can no longer run, for the progress bar. */
  readonly dropped?: number
}
/** No visit of the node begins until this is lifted; a token that comes waits before it. */
export type PauseBeforeSet = OnNode<'pause_before_set'>
export type PauseBeforeLifted = OnNode<'pause_before_lifted'>
/** A parallel or inclusive gateway made one instance of its block: `token` became one token for each branch. */
export interface GatewayForked extends OnNode<'gateway_forked'> {
  readonly token: string
  readonly fork: string
  readonly converge: string
  readonly branches: readonly { readonly token: string; readonly node: string; readonly branch: number }[]
  readonly dropped?: number
}
/** A token of `fork` waits at its converge for the others. */
export interface TokenArrived extends Base<'token_arrived'> {
  readonly token: string
  readonly fork: string
}
/** The last token of `fork` arrived: the converge (node, attempt) lets it through, outside the block again. */
export interface ForkJoined extends OnNode<'fork_joined'> {
  readonly token: string
  readonly fork: string
}

// ---- nodes ---------------------------------------------------------------------------------------------------------

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

// ---- items of `each` -----------------------------------------------------------------------------------------------

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

// ---- slots, parents and children (ADR 0012) --------------------------------------------------------------------------

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

// ---- people --------------------------------------------------------------------------------------------------------

/** People are asked; who they are and what they see is frozen here. Comes after the `node_started` of its node. */
export interface AskOpened extends Base<'ask_opened'> {
  readonly ask: AskFacts
}
/** An ask as it opens. */
export type AskFacts = Omit<
  Ask,
  | 'state'
  | 'end'
  | 'decisions'
  | 'openedAt'
  | 'closedAt'
  | 'closedBy'
  | 'answers'
  | 'comments'
  | 'claimedBy'
  | 'remindedAt'
  | 'asked'
>
/** One person answered. What it comes to is `ask_closed`, if anything. */
export interface AskDecided extends Base<'ask_decided'> {
  readonly ask: string
  readonly decision: Decision
  /** Earlier answers that fill another place from now on, by person: one who is QA and Ops made room. */
  readonly moved?: { readonly [person: string]: string }
}
export interface AskCommented extends Base<'ask_commented'> {
  readonly ask: string
  /** Empty where files say it. */
  readonly comment: string
  readonly files?: readonly AttachedFile[]
}
/** One person took it. A form or confirmation is theirs alone from now on. */
export interface AskClaimed extends Base<'ask_claimed'> {
  readonly ask: string
  readonly person: PersonRef
}
/** It is everybody's again: given back, taken from who had it, handed on with their place, escalated, or they may not answer any more. */
export interface AskReleased extends Base<'ask_released'> {
  readonly ask: string
  readonly why: 'released' | 'taken' | 'transferred' | 'escalated' | 'gone'
  readonly reason: string | null
}
/** Other people are asked from now on. `attempt` when an ask nobody could answer goes on as its node's next attempt. */
export interface AskPeopleChanged extends Base<'ask_people_changed'> {
  readonly ask: string
  /** `directory`: roles, groups or the people themselves have changed. */
  readonly why: 'transferred' | 'assigned' | 'escalated' | 'directory'
  readonly need: Need
  /** Those newly asked. */
  readonly added: readonly PersonRef[]
  readonly reason: string | null
  readonly attempt?: number
  /** Whom its refs stand for: kept from the first change on. */
  readonly asked?: Need
  /** Two persons have turned out to be one: answers of the first are the second's, and count once. */
  readonly became?: { readonly [person: string]: string }
  /** Answers that do not count any more: one person's second, the starter's own under `notStarter`. By person, as they were called before. */
  readonly dropped?: readonly string[]
}
/** Those who have not answered are told again. */
export interface AskReminded extends Base<'ask_reminded'> {
  readonly ask: string
  readonly people: readonly string[]
  /** Somebody wanted it so. */
  readonly onDemand?: true
}
export interface AskClosed extends Base<'ask_closed'> {
  readonly ask: string
  readonly end: AskEnd
  readonly answers?: Values
}
/** A granted approval no longer stands for what runs: something it bound was changed, or raw inputs were used behind it. Announced to its approvers. */
export interface ApprovalOverridden extends Base<'approval_overridden'> {
  readonly ask: string
  readonly what: 'variables' | 'inputs' | 'skipped' | 'byhand' | 'failed'
  readonly reason: string
}

/** Somebody with the right to went on although a freeze held. Announced to the app's rooms and operators. */
export interface FreezePassed extends Base<'freeze_passed'> {
  readonly what: 'launch' | 'start' | 'claim' | 'retry'
  readonly freeze: string
  readonly title: string
  readonly reason: string
}

export type Event =
  | TaskLaunched
  | FreezePassed
  | TaskRequested
  | RequestClaimed
  | RequestRejected
  | RequestResubmitted
  | RequestTransferred
  | RequestWithdrawn
  | RequestReminded
  | RequestEscalated
  | RequestStranded
  | RequestPeopleChanged
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
  | TimerSet
  | TimersCleared
  | TokenMoved
  | TokenEnded
  | BranchChosen
  | PauseBeforeSet
  | PauseBeforeLifted
  | GatewayForked
  | TokenArrived
  | ForkJoined
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
  | AskOpened
  | AskDecided
  | AskCommented
  | AskClaimed
  | AskReleased
  | AskPeopleChanged
  | AskReminded
  | AskClosed
  | ApprovalOverridden
export type EventKind = Event['kind']
