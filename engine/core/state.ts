import type { PersonRef } from './env.ts'
import type { Cause } from './flow.ts'
import type { Continued } from './keep.ts'
import type { ParentRef } from './requests.ts'
import type { Value, Values } from './value.ts'

/** A keyed collection as `apply` sees it: a plain Map in a live task, an overlay on one while `decide` looks ahead. Entries are replaced, never changed in place. */
export interface Table<V> {
  get(key: string): V | undefined
  has(key: string): boolean
  set(key: string, value: V): unknown
  delete(key: string): unknown
  values(): Iterable<V>
  entries(): Iterable<readonly [string, V]>
  readonly size: number
}

export type Surface = 'slack' | 'telegram' | 'phone' | 'terminal' | 'api' | 'system'
/** Who did it. `person` is an id of the catalogue; `name` is what people read, frozen here. */
export interface Actor {
  readonly person: string | null
  readonly name: string
  readonly token?: string
  readonly surface: Surface
}
export const SYSTEM: Actor = { person: null, name: 'Baton', surface: 'system' }

export type TaskPhase =
  | 'created'
  | 'requested'
  | 'queued'
  | 'running'
  | 'waiting'
  | 'attention'
  | 'paused'
  | 'succeeded'
  | 'failed'
  | 'revoked'
export type Outcome = 'succeeded' | 'failed' | 'revoked'
export type WaitReason =
  'approval' | 'form' | 'confirm' | 'claim' | 'correction' | 'callback' | 'timer' | 'child' | 'retry'
export type NodeState =
  'ready' | 'running' | 'waiting' | 'failed' | 'succeeded' | 'ignored' | 'skipped' | 'byhand' | 'revoked'

export interface NodeError {
  readonly cause: Cause
  readonly code: string
  readonly message: string
}

/** One execution, as lists show it. Inputs and outputs of past attempts stay in the history. */
export interface AttemptRecord {
  readonly attempt: number
  readonly visit: number
  readonly state: NodeState
  readonly startedAt: number | null
  readonly endedAt: number | null
  /** Who made it: the presser of Retry, or the system. */
  readonly by: Actor
  readonly error: NodeError | null
  readonly note: string | null
  /** Of one that was skipped or done by hand after it had failed: when it failed. `endedAt` is when that was decided. */
  readonly failedAt?: number
  /** Who skipped it or did it by hand. */
  readonly settledBy?: Actor
}

/** One item of `each`. Kept in `TaskState.items` under `node/index`, so that a step costs the same for 10 items and for 10,000; `itemsOf` lists them. */
export interface ItemRun {
  readonly node: string
  readonly index: number
  readonly item: Value
  readonly state: NodeState | null // null: not started
  /** The item's own attempt: with node and index it names one execution for ever. 0: never started. */
  readonly attempt: number
  readonly inputs: Values | null
  readonly pluginState: Value | null
  readonly waitsFor: WaitReason | null
  /** Which body of the plugin runs now; null: none, or parked between two calls. */
  readonly body: 'execute' | 'poll' | null
  readonly notBefore: number | null
  readonly retriesUsed: number
  readonly cancelling: 'timeout' | 'forced' | 'revoked' | null
  readonly cancelUnconfirmed: boolean
  readonly outputs: Values | null
  /** A rehearsal did nothing: the outputs are samples. */
  readonly notPerformed?: true
  readonly error: NodeError | null
  readonly startedAt: number | null
  readonly endedAt: number | null
}

/** What somebody did, when. */
export interface Act {
  readonly what: string
  readonly by: Actor
  readonly at: number
}

/** Counters over the items of a visit. Items run in order of their index. */
export interface EachRun {
  /** The visit whose list this is. */
  readonly visit: number
  readonly count: number
  /** Where to look for the next item to start. */
  readonly next: number
  readonly live: number
  readonly succeeded: number
  /** skipped or byhand */
  readonly settled: number
  readonly failed: number
  /** Highest attempt number any item of this node has had, over all visits. */
  readonly lastAttempt: number
  /** Of the live ones: those that wait for a callback, and those in a back-off. Absent: none, or kept before this was counted. */
  readonly waiting?: number
  readonly backoff?: number
  /** That of the visits before: items of this one begin above it. */
  readonly floor: number
}

/** A node's latest visit and the counters over all visits. Absent in the table: never visited. */
export interface NodeRun {
  readonly id: string
  /** Counts over all visits; given when a visit becomes ready; every command must name it. */
  readonly attempt: number
  readonly visit: number
  readonly state: NodeState
  readonly token: string
  readonly enteredAt: number
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly notBefore: number | null
  /** Automatic retries used since the visit began or a person pressed Retry. */
  readonly retriesUsed: number
  /** `code@1.2.0`, the exact version that ran. */
  readonly plugin: string | null
  /** Resolved once when the attempt starts; secrets as references. */
  readonly inputs: Values | null
  readonly rawInputs: boolean
  readonly outputs: Values | null
  /** Outputs of the latest *finished* visit, which expressions read. */
  readonly finishedOutputs: Values | null
  readonly error: NodeError | null
  /** What the plugin handed over with pollAfter / awaitCallback. */
  readonly pluginState: Value | null
  readonly waitsFor: WaitReason | null
  /** An abort was asked for and its end is not confirmed. */
  readonly cancelling: boolean
  readonly cancelUnconfirmed: boolean
  readonly note: string | null
  readonly endedBy: Actor | null
  readonly askId: string | null
  /** How far `each` is; null for other nodes. The items themselves: `itemsOf(state, node)`. */
  readonly each: EachRun | null
  /** Which body of the plugin runs now; null: none, or parked between two calls. */
  readonly body: 'execute' | 'poll' | null
  /** Why the running attempt is being ended, while `cancelling`. */
  readonly cancelFor: 'timeout' | 'forced' | 'revoked' | null
  /** Failed for good: the task's outcome is failed, nobody is asked any more. */
  readonly givenUp: boolean
  /** What a person last did to it: told to somebody who presses too late. */
  readonly lastAct: Act | null
  readonly attempts: readonly AttemptRecord[]
  /** A rehearsal: nothing was done, its outputs are samples. */
  readonly notPerformed?: true
  /** Not done here: taken over from the task of this number. */
  readonly keptFrom?: number
}

/** Where work is. `fork` and `branch` say which instance of which block it belongs to. */
export interface Token {
  readonly id: string
  readonly node: string
  readonly fork: string | null
  readonly branch: number
  /** Stands before its node without a visit: the task is paused. */
  readonly held?: true
}
/** One passing of a parallel or inclusive gateway: its converge counts the tokens of this instance and no other. */
export interface Fork {
  readonly id: string
  readonly gateway: string
  readonly converge: string
  readonly sent: number
  readonly arrived: number
  /** The token that came in: it goes on behind the converge. */
  readonly parent: { readonly fork: string | null; readonly branch: number }
}

export interface Decision {
  readonly person: string
  readonly name: string
  readonly at: number
  readonly verdict: 'approve' | 'reject' | 'submit' | 'confirm'
  readonly comment: string | null
  readonly surface: Surface
  /** The place filled: `role:qa` where need is per role. */
  readonly as: string | null
  /** Whose place it is, where `person` answered as their stand-in: "B for A". */
  readonly for?: { readonly id: string; readonly name: string }
}
/** A file somebody put beside an ask. */
export interface AttachedFile {
  readonly file: string
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}
/** Whose hand was in variables: everybody who has set one since the launch. A value that a step worked out is nobody's. */
export interface SetBy {
  readonly [variable: string]: readonly PersonRef[]
}
/** Somebody whose own work an ask is about. */
export interface OwnWork extends PersonRef {
  /** Titles of what they have set; none: they started it. */
  readonly of: readonly string[]
  /** They would be asked otherwise. */
  readonly asked?: true
}
export interface Need {
  /** Per place: how many. `''` when need is one number. */
  readonly places: readonly Place[]
}
export interface Place {
  readonly place: string
  readonly title: string
  readonly count: number
  readonly people: readonly string[]
  /** `order: listed`: groups of people who answer one after the other. */
  readonly turns?: readonly (readonly string[])[]
}
export type AskEnd =
  'granted' | 'rejected' | 'submitted' | 'confirmed' | 'expired' | 'voided' | 'revoked' | 'overridden'
/** What a node puts to people. The people are frozen at opening; `digest` binds answers to what was seen. */
export interface Ask {
  readonly id: string
  readonly kind: 'approval' | 'form' | 'confirm'
  readonly nodeId: string
  readonly attempt: number
  readonly state: 'open' | 'closed'
  readonly end: AskEnd | null
  readonly title: string
  readonly text: string | null
  readonly digest: string
  readonly facts: readonly { readonly key: string; readonly title: string; readonly value: Value }[]
  readonly bind: readonly string[]
  /** Declared form fields (same shape as variables). */
  readonly fields: readonly Values[]
  readonly need: Need
  readonly notStarter: boolean
  /** Under `notStarter`: those who have set what it binds, or whom it asks. They answer neither in person nor for others, like the starter. */
  readonly ownWork?: readonly OwnWork[]
  readonly veto: readonly string[]
  readonly order: 'any' | 'listed'
  /** ms between reminders; null: none. */
  readonly remindEveryMs: number | null
  readonly reject: 'end' | 'wait'
  readonly comment: 'onReject' | 'always' | 'never'
  readonly onReject: string // fail | continue | starter | goto <node>
  readonly decisions: readonly Decision[]
  readonly openedAt: number
  readonly closedAt: number | null
  /** Whose act closed it: who answered last, edited, revoked, went past it. Absent: open, or closed before this was kept. */
  readonly closedBy?: Actor
  readonly deadline: number | null
  readonly onDeadline: 'escalate' | 'reject' | 'fail' | null
  readonly escalateTo: readonly string[]
  readonly answers: Values | null
  /** Names of everybody asked, by person id, frozen with them. */
  /** The starter is given the launch form back (`onReject: starter`). */
  readonly correction?: true
  readonly names: { readonly [person: string]: string }
  readonly comments: readonly {
    readonly by: Actor
    readonly at: number
    readonly text: string
    readonly files?: readonly AttachedFile[]
  }[]
  /** Who handed a place on, or gave it others to ask, to whom and why, oldest first. Absent: nobody, or before this was kept. */
  readonly handedOn?: readonly {
    readonly by: Actor
    readonly at: number
    readonly to: readonly { readonly id: string; readonly name: string }[]
    readonly reason: string
  }[]
  /** One person takes it before it can be answered (`claim: true`). */
  readonly claim?: true
  /** Who has taken it. A form or confirmation is theirs alone then; on an approval it is a sign to the others. */
  readonly claimedBy?: { readonly person: string; readonly name: string; readonly at: number } | null
  /** When somebody last had it put to those who have not answered. */
  readonly remindedAt?: number
  /** Asks answered before it whose answers it shows, by id, oldest first. */
  readonly earlier?: readonly string[]
  /** Whom its refs stood for when that was last looked up; absent while that is still `need`. Roles that change later are held against it. */
  readonly asked?: Need
}

/** A due instant the task owns. Kept by the store in an indexed table; fires once, late rather than never. */
export interface Timer {
  readonly id: string
  readonly kind:
    | 'wait'
    | 'retry'
    | 'timeout'
    | 'poll'
    | 'deadline'
    | 'remind'
    | 'escalate'
    | 'give_up'
    | 'start_at'
    | 'cancel_grace'
    | 'expect'
  readonly nodeId: string | null
  readonly attempt: number | null
  readonly askId: string | null
  /** An item of `each`. */
  readonly item?: number
  readonly dueAt: number
}

/** Another flow started by a subflow node: one per attempt of its visit, kept when it is over. */
export interface ChildRun {
  /** The child's task id, fixed by its parent before it exists. */
  readonly id: string
  readonly node: string
  readonly attempt: number
  readonly flow: string
  /** Known once it exists. */
  readonly number: number | null
  /** As it last told. Null: it does not exist yet. */
  readonly phase: TaskPhase | null
  /** It has been told to end; what its node becomes then. */
  readonly ending: ChildEnding | null
}
export interface ChildEnding {
  readonly mode: 'cancel' | 'stop'
  readonly then: 'revoked' | 'failed' | 'timeout' | 'skipped' | 'byhand'
  readonly outputs?: Values
  readonly note?: string
  readonly by: Actor
}
/** A place among those who may run at once (`concurrency`); the key is frozen. */
export interface Slot {
  readonly key: string
  readonly limit: number
  readonly state: 'wanted' | 'held'
}

/** Work handed over (`mode: handOver`, FLOW §4): who is asked to take it, and what has become of that. */
export interface HandOver {
  /** People, `group:`, `role:`. Who stands behind them is looked at when somebody acts. */
  readonly to: readonly string[]
  /** `to` for people, as it was called then. */
  readonly title: string
  readonly state: 'open' | 'rejected' | 'claimed' | 'withdrawn'
  /** Grows with whatever changes what a claim would take on; who acts on another one is STALE. */
  readonly round: number
  /** Ids of those who have been told that they may take it: who joins them later is told then. */
  readonly told: readonly string[]
  /** When work begins once it is claimed. */
  readonly startNow: boolean
  readonly startAt: number | null
  /** Who carries it now. */
  readonly holder: PersonRef | null
  readonly claimedAt: number | null
  /** What was put right in taking it. */
  readonly corrections: { readonly [variable: string]: { readonly before: Value; readonly after: Value } }
  /** Why it was rejected, passed on or withdrawn, or what was said in claiming or resubmitting it: the latest. */
  readonly reason: string | null
  /** What its app says to see to it that somebody claims it; absent: nothing. */
  readonly watch?: {
    readonly remindEveryMs?: number
    readonly escalateTo?: readonly string[]
    readonly afterMs?: number
  }
  /** Nobody stands behind `to`, and there is nobody to escalate to: somebody has to pass it on. */
  readonly stranded?: true
  /** The latest act on it: told to somebody who presses too late. */
  readonly lastAct: Act
}

/** The whole truth of one task but for its history. A snapshot is this, serialised. */
export interface TaskState {
  id: string
  number: number
  project: string
  key: string | null
  client: string | null
  title: string
  app: { readonly name: string; readonly title: string } | null
  flow: { readonly name: string; readonly version: number; readonly digest: string }
  startedBy: Actor
  /** Room or chat the launch came from, for the task card: `slack:C0OPS`, `telegram:-100/7`. */
  origin: string | null
  scheme: string | null
  omit: readonly string[]
  rehearsal: boolean
  /** Number of the last event applied (events are numbered one by one; see `Recorded`). */
  version: number
  stage: 'created' | 'requested' | 'queued' | 'main' | 'finally' | 'final'
  outcome: Outcome | null
  phase: TaskPhase
  waitingFor: readonly WaitReason[]
  paused: boolean
  revoking: { readonly mode: 'cancel' | 'stop'; readonly by: Actor; readonly reason: string | null } | null
  cancelUnconfirmed: boolean
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  updatedAt: number
  variables: Values
  variablesRevision: number
  /** Variables a launch set (not those nodes write): the default `bind`. */
  launched: readonly string[]
  outputs: Values | null
  nodes: Table<NodeRun>
  tokens: Table<Token>
  forks: Table<Fork>
  asks: Table<Ask>
  /** Items of `each`, by `node/index`. */
  items: Table<ItemRun>
  timers: Table<Timer>
  /** Stopped while `finally` ran: what runs there ends, the rest is never visited. */
  finallyRevoked: boolean
  /** Whose hand was in which variable; absent: nobody's since the launch. */
  setBy?: SetBy
  /** Variables the app has fixed (nobody edits them) or hides (their starter does not). */
  fixed: readonly string[]
  hidden: readonly string[]
  /** Index of the finally node that runs, and counters for ids made inside. */
  finallyAt: number
  counters: { readonly token: number; readonly fork: number; readonly ask: number; readonly started: number }
  /** Latest visits by what they wait for or do, so that the phase is found without looking at every node. */
  tally: Tally
  progress: { readonly done: number; readonly total: number }
  followers: readonly string[]
  /** Of those, whoever follows because they wanted to: that alone keeps nothing in sight. Absent: nobody. */
  lookers?: readonly string[]
  /** Nodes that no visit enters until somebody lifts it (`pauseBefore`). */
  pausedBefore: readonly string[]
  /** What somebody wrote for everybody who looks. */
  note: string | null
  /** How long it was expected to take, in ms from its start; null: nobody said. */
  expectMs: number | null
  /** What its title is made of (`TaskLaunched.titleFrom`). */
  titleFrom?: string
  /** What may be taken over from the task this one goes on from. */
  continues: Continued | null
  /** It takes, or took, longer. */
  late: boolean
  lastAct: Act | null
  /** Sequence of the last letter from the catalogue that was applied: one that comes twice changes nothing. */
  heard: number
  /** The task it is a child of. */
  parent: ParentRef | null
  /** Its parent is paused: it cannot resume by itself. */
  heldByParent: boolean
  /** Paused with its parent, and resumed with it. */
  pausedWithParent: boolean
  slot: Slot | null
  /** Null: it was launched directly. */
  handOver: HandOver | null
  /** The freeze that somebody passed last for it: while it queues for its place, that one does not stop it. */
  passedFreeze?: string
  /** Where it stood in the line for its place when a freeze sent it away; null: it has come back since. */
  keptPlace?: { readonly key: string; readonly place: number } | null
  /** Oldest first. */
  children: readonly ChildRun[]
}

/** `ready` does not count a back-off (`retry`); `failed` counts those a person is asked about. */
export interface Tally {
  readonly ready: number
  readonly running: number
  readonly failed: number
  readonly approval: number
  readonly form: number
  readonly confirm: number
  readonly claim: number
  readonly correction: number
  readonly callback: number
  readonly timer: number
  readonly child: number
  readonly retry: number
}
