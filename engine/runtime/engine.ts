import type { LaunchFacts, PeopleCommand } from '../core/command.ts'
import type { DecideEnv, Directory, PluginCatalogue, Viewer } from '../core/env.ts'
import type { FieldError } from '../core/error.ts'
import type { Flow, Option } from '../core/flow.ts'
import type { Recorded } from '../core/events.ts'
import type { Actor, HandOver, TaskState } from '../core/state.ts'
import type { Value, Values } from '../core/value.ts'
import type { HostAccess, Message, Plugin } from '../plugin/index.ts'
import type { CatalogueStore } from '../store/catalogue-store.ts'
import type { Database, Tx } from '../store/database.ts'
import type { Scope, Swept } from '../store/history/index.ts'
import type { FileStore } from '../store/files.ts'
import type { SlotOutlook } from '../store/slots.ts'
import type { LetterPort, MessagePort } from '../store/message-port.ts'
import type { StoredLetter } from '../store/letters.ts'
import type { Notice, TaskMessage } from '../store/message.ts'
import type { Address } from '../store/task-store.ts'

/** What a launch has been found to be, before it is a task. The API resolves app, form, fixed values and rights; the engine reserves the key and creates the task. */
export interface LaunchRequest {
  readonly project: string
  /** With `client`, makes the launch repeatable: the same key and the same raw input give the same task, another input CONFLICT. */
  readonly key: string | null
  readonly client: string
  /** Canonical text of the raw input, compared by hash. */
  readonly rawInput: string
  readonly flow: { readonly name: string; readonly version: number }
  readonly app: { readonly name: string; readonly title: string } | null
  readonly title: string
  /** Checked values of all variables; secret ones already sealed: `{ $secret: 'task:<key>' }`. */
  readonly variables: Values
  /** Plain texts of secret variables, sealed into the task's own store before anything else is written. */
  readonly secrets: { readonly [key: string]: string }
  readonly launched: readonly string[]
  /** Variables the app fixes: no edit changes them. */
  readonly fixed?: readonly string[]
  /** Variables the app hides: only operators change them. */
  readonly hidden?: readonly string[]
  /** What its title is made of: `${…}` over variables. Absent: it stays as it is. */
  readonly titleFrom?: string
  readonly omit: readonly string[]
  readonly scheme: string | null
  readonly origin: string | null
  readonly rehearsal: boolean
  readonly startNow: boolean
  readonly startAt: number | null
  /** The ended task it goes on from. */
  readonly continueFrom?: string
  /** Handed over: it begins when one of these has claimed it. */
  readonly handOver?: { readonly to: readonly string[]; readonly watch?: NonNullable<HandOver['watch']> }
  /** The app's word on how long it takes; absent or null: the flow's. */
  readonly expectMs?: number | null
  /** Why somebody who may launches it although a freeze holds. */
  readonly overrideFreeze?: string
  readonly by: Actor
}

export interface LogLine {
  /** Position in the attempt's log, from 0, without gaps. */
  readonly n: number
  readonly at: number
  readonly stream: 'stdout' | 'stderr' | 'info'
  readonly text: string
  readonly item: number | null
}

export type { IndexRow, Notice, TaskMessage } from '../store/message.ts'
export type { SlotOutlook } from '../store/slots.ts'

/** For whom a secret is opened. Without a task: the options of a form. */
export interface SecretUser {
  readonly flow: string
  readonly task?: { readonly id: string; readonly number: number }
}

/** What the composition root hands the engine. */
export interface EngineOptions {
  readonly db: Database
  readonly plugins: readonly Plugin[]
  readonly directory: Directory
  /** A published version, compiled; cached by the engine. */
  readonly loadFlow: (project: string, name: string, version: number) => Promise<Flow>
  /** The version of a flow that is current now, for children that take the latest; null: never published. Absent: none is. */
  readonly currentVersion?: (project: string, name: string) => Promise<number | null>
  readonly loadHost: (project: string, name: string, user?: SecretUser) => Promise<HostAccess>
  readonly hostKeySeen: (project: string, name: string, fingerprint: string) => Promise<void>
  /** Opens a sealed secret, `namespace.key`, for whoever asks: it may be kept for others. */
  readonly openSecret: (project: string, ref: string, user: SecretUser) => Promise<string>
  /** 32 bytes; seals task secrets, signs callback tokens and digests. */
  readonly key: Uint8Array
  readonly baseUrl: string
  /** Resolves a notice's targets for `ctx.send`; delivery itself goes through the outbox. */
  readonly reachable: (
    project: string,
    message: Message,
    starter: Actor,
  ) => Promise<{ accepted: readonly string[]; unreachable: readonly string[] }>
  /** Where steps keep files. Absent: none are kept, and a step that needs to says so. */
  readonly files?: FileStore
  /** Addresses and names that `ctx.fetch` may call although they are link-local or metadata. */
  readonly allowAddresses?: readonly string[]
  /** What `ctx.fetch` calls with once an address has been checked. Default: the global one. */
  readonly fetch?: typeof fetch
  /** The freeze that holds for something at an instant; null: none. Absent: there are none. */
  readonly frozen?: DecideEnv['frozen']
  /** Called inside the catalogue's transaction for each task message, once and in order: index rows are already written. */
  readonly onMessage: (tx: Tx, message: TaskMessage) => void
  /** The catalogue, when it is not on this database: then launches come from there, and `create` is their second half. */
  readonly catalogue?: CatalogueStore
  /** Timers are rung from outside: somebody calls `due` in time for every timer that is on disk. */
  readonly timersOutside?: boolean
  /** What lies between tasks and the catalogue; tests make it lose, delay, double and reorder messages. */
  readonly carry?: (port: MessagePort) => MessagePort
  /** How long a message or letter that was not taken in waits before each further try; the last one for good. */
  readonly resendMs?: readonly number[]
  /** What lies between the catalogue and tasks. */
  readonly carryLetters?: (port: LetterPort) => LetterPort
  /** After a commit changed a live task: a hint for cards and subscriptions, never the only copy of anything. */
  readonly onChange?: (state: Readonly<TaskState>) => void
  /** An ended task that is not on this database, to go on from. Absent: all are here. */
  readonly otherTask?: (id: string) => Promise<Readonly<TaskState> | null>
  readonly now?: () => number
  readonly newId?: () => string
  readonly log?: {
    info(o: object, m?: string): void
    warn(o: object, m?: string): void
    error(o: object, m?: string): void
  }
}

/** A field's options, asked for. `answers` holds no plain secrets. */
export interface OptionsRequest {
  readonly flow: Flow
  readonly field: string
  readonly answers: Values
  readonly search: string
}
export interface OptionsPage {
  readonly options: readonly Option[]
  /** When the source said so; ms. */
  readonly asOf: number | null
  /** The source did not answer in time: this is what it said before. */
  readonly stale: boolean
  /** Fields that have to be answered first. */
  readonly waitsFor: readonly string[]
}

export interface TaskView {
  readonly state: Readonly<TaskState>
  readonly flow: Flow
}

/** The second half of a launch: what the catalogue has reserved creates itself. */
export interface LaunchOrder {
  readonly facts: LaunchFacts
  readonly flow: LaunchRequest['flow']
  /** Sealed, by variable. */
  readonly secrets: { readonly [variable: string]: string }
}
/** An engine whose tasks are launched and woken from outside (docs/adr/0010). */
export interface TaskEngine extends Engine {
  /** Repeatable: a task that exists is given as it is. */
  create(order: LaunchOrder): Promise<TaskView>
  /** Takes in a letter from the catalogue. @throws UNAVAILABLE when it is not its turn, NOT_FOUND */
  hear(taskId: string, letter: StoredLetter): Promise<void>
  /** Fires what is due; resolves once that is on disk, or has failed and is tried again. */
  due(): Promise<void>
}

/** The engine as its callers see it. Every method that changes something resolves after the fsync. */
export interface Engine {
  readonly plugins: PluginCatalogue
  /** Recovers what was running; resolves when new work may come in. */
  start(): Promise<void>
  /** SIGTERM: starts nothing, detaches resumable attempts, gives others `graceMs`, commits, closes. */
  stop(graceMs?: number): Promise<void>
  /** @throws CONFLICT for a known key with another input; UNAVAILABLE when not recorded. */
  launch(request: LaunchRequest): Promise<TaskView>
  /**
   * Checks rights (core/rights.ts) and decides. `secrets`: plain texts of secret variables that `edit_variables` sets to `{ $secret: 'task:<key>' }`.
   * @throws STALE, FORBIDDEN, NOT_ALLOWED, FINAL … with nothing changed. */
  command(
    taskId: string,
    command: PeopleCommand,
    viewer: Viewer,
    secrets?: { readonly [variable: string]: string },
  ): Promise<TaskView>
  /** Roles, groups or people have changed: the task's open asks are held against them (FLOW §4). `became`: persons who were merged into another. */
  peopleChanged(taskId: string, became?: { readonly [person: string]: string }): Promise<void>
  /** Tells people something of a task that nothing in it brought about. */
  notify(taskId: string, notice: Notice): Promise<void>
  /** Current truth, from memory or snapshot. */
  task(id: string): Promise<TaskView | null>
  /** An ask by its opaque id, with its task. */
  ask(id: string): Promise<(TaskView & { readonly askId: string }) | null>
  taskIdOf(ref: { number?: number; key?: string; project?: string; client?: string }): string | null
  /** The task's history, oldest first. */
  history(taskId: string, after?: number, limit?: number): Promise<readonly (Recorded & { readonly hash: string })[]>
  /** Inputs and outputs of any attempt, from the history. */
  attempt(
    taskId: string,
    nodeId: string,
    attempt: number,
  ): Promise<{ inputs: Values | null; outputs: Values | null } | null>
  logLines(
    taskId: string,
    nodeId: string,
    attempt: number,
    options?: { after?: number; last?: number; limit?: number },
  ): Promise<{ lines: readonly LogLine[]; total: number; dropped: number }>
  /** Calls back after each commit that changed the task (newest state, may skip), until unsubscribed. */
  onTask(taskId: string, listener: (view: TaskView) => void): () => void
  onLog(taskId: string, nodeId: string, attempt: number, listener: (line: LogLine) => void): () => void
  /** Live progress text of a running node, in memory only. */
  progressOf(taskId: string, nodeId: string): string | null
  /**
   * Options of a field that come from elsewhere, for these answers. At most 2 s: later the last known answer is given, marked stale.
   * @throws UNAVAILABLE when the source does not answer and never has.
   */
  options(request: OptionsRequest): Promise<OptionsPage>
  /** Values of `checked` that their source does not offer, each with its field. Values of other fields are not looked at. */
  refusedOptions(flow: Flow, values: Values, keys?: readonly string[]): Promise<readonly FieldError[]>
  /** Where a task stands among those who want to run under its key (`concurrency`): its place in the queue, null when it does not wait; who holds what it waits for. */
  queueOf(taskId: string): { readonly position: number | null; readonly heldBy: readonly string[] }
  /** What a launch would meet under its key; null: its flow sets no limit. @throws INVALID_INPUT when the key cannot be told. */
  launchOutlook(flow: Flow, facts: Omit<LaunchFacts, 'id' | 'number'>): SlotOutlook | null
  /** For metrics: tasks in memory, bodies under way. */
  stats(): { readonly inMemory: number; readonly running: number }
  /** Recomputes the hash chain over the stored history and compares it with its signed heads. Null: whole; else the first event that does not fit, and how. */
  verifyHistory(taskId: string): { readonly seq: number; readonly problem: string } | null
  /** Puts away what ended long ago (docs/adr/0011); happens every minute by itself, a little at a time. */
  tidy(): Promise<Swept>
  /** Histories as the lines that `baton verify` checks without a server (docs/adr/0011); read as they are asked for. Without a scope everything, the audit too. */
  exportHistory(scope?: Scope): Generator<string, void>
  /** What exports are verified by: an Ed25519 public key, 32 bytes in base64url. */
  readonly verifyKey: string
  /** Where the history stands, signed by the key that `verifyKey` belongs to: kept elsewhere, it shows a rewritten or cut-off history. */
  signedHead(taskId: string): { readonly version: number; readonly hash: string; readonly signature: string } | null
  /** The task as it stood after the entry that holds event `version`, from its history. Null: there is no such task, or it had not begun. */
  taskAt(taskId: string, version: number): Promise<TaskView | null>
  /** When a task that ended long ago went into the archive: it can be looked at, and nothing more. Null: it did not. */
  archivedAt(taskId: string): number | null
  /** Where an attempt can be called. Whoever has it may end the attempt: it is shown to few. */
  callbackUrl(address: Address): string
  /** Committed to the inbox before it resolves. False: forged or unknown token. */
  callback(token: string, payload: Value, idempotencyKey: string | null): Promise<boolean>
}
