import type { Recorded } from '../core/events.ts'
import type { StoredEntry } from './chain.ts'
import type { TaskMessage } from './message.ts'
import type { Routed } from './routing.ts'

/** Where a history stands: the number of its last event and the hash over it. */
export interface Head {
  readonly version: number
  /** Hex; empty before the first entry. */
  readonly hash: string
}
export const BEGINNING: Head = { version: 0, hash: '' }

/** Where a callback belongs. `item` is null for the node itself. */
export interface Address {
  readonly task: string
  readonly node: string
  readonly attempt: number
  readonly item: number | null
}
export interface Callback extends Address {
  readonly id: number
  /** JSON, as it came. */
  readonly payload: string
}

/** One step of one task, as a whole: all of it is recorded or none. */
export interface Change {
  readonly taskId: string
  /** The history this follows. Another one at commit time is a bug: each task has one writer. */
  readonly after: Head
  readonly entries: readonly Recorded[]
  /** The frozen state after the entries, when it is time to keep one. */
  readonly snapshot: string | null
  /** Whether a restart has to look at this task; null: as before. */
  readonly awake: boolean | null
  readonly timers: {
    readonly set: readonly { readonly id: string; readonly dueAt: number }[]
    readonly clear: readonly string[]
  }
  /** Bodies of messages to the catalogue: JSON objects. */
  readonly outbox: readonly string[]
  /** A message that a catalogue on the same database may apply in this very commit (docs/adr/0017); when it cannot, it goes into the outbox. */
  readonly handOn?: Untold | null
  /**
   * A launch that says only that it is there, and whose work begins once it is on disk. Alone in its commit it is listed a commit later:
   * `handOn` follows, as `UNWRITTEN` (docs/adr/0017).
   */
  readonly mayBeListedLater?: boolean
  /** Its launch is on its way to lists: unless the task is in one it stays awake. */
  readonly isBeingListed?: boolean
  /** Each of these messages carries the head that this commit comes to, as `head`. */
  readonly tellsHead?: boolean
  /** Callbacks this step has dealt with. */
  readonly inbox: { readonly done: readonly number[]; readonly late: readonly number[] }
  /** Sealed values, by variable. */
  readonly secrets: { readonly [variable: string]: string }
  /** Callback addresses opened by this step. */
  readonly tokens: readonly (Address & { readonly hash: string })[]
}

/** A message that nobody has numbered. */
export type Untold = Omit<TaskMessage, 'sequence' | 'head'>

/** What a commit came to. `sent` are the sequences of its messages that are still to be carried; `left`: what the one that was applied left for others. */
export interface Committed {
  readonly head: Head
  /** Whether a restart looks at this task; null: as before. */
  readonly awake: boolean | null
  readonly sent: readonly number[]
  readonly left: Routed | null
}

export interface LogBatch {
  readonly task: string
  readonly node: string
  readonly attempt: number
  readonly first: number
  readonly dropped: number
  /** `[at, stream, text, item | null]` each. */
  readonly lines: readonly (readonly [number, string, string, number | null])[]
}

/** What a task is woken from. */
export interface Loaded {
  readonly snapshot: string | null
  /** Entries after the snapshot, oldest first. */
  readonly entries: readonly Recorded[]
  readonly head: Head
  /** As the last commit that said so left it. */
  readonly awake: boolean
  /** There are callbacks that nobody has handled. */
  readonly callbacks: boolean
}

/**
 * The truth of tasks (docs/adr/0003). Every form of it passes test/contract.ts.
 * Reads are synchronous: a task lives beside its storage on Node and in its Durable Object alike.
 */
export interface TaskStore {
  /**
   * The only way a task changes. Resolves once `change` is on disk, together with whatever else was ready; until then nothing it implies may leave.
   * @throws UNAVAILABLE when its batch could not be committed: drop the state, load and decide again.
   */
  commit(change: Change): Promise<Committed>
  /** As `commit`, for the path that every step takes: a promise each would be felt. */
  submit(change: Change, onDisk: (committed: Committed) => void, refused: (error: unknown) => void): void
  /** Changes that wait for the commit to come. */
  uncommitted(): number
  load(taskId: string): Loaded | null
  /** `hash`: over the entry's stored bytes and the hash before. */
  history(taskId: string, after: number, limit: number): readonly (Recorded & { readonly hash: string })[]
  /** Entries as their bytes lie in the journal, with the hash that is stored beside them; oldest first. */
  stored(taskId: string, after: number, limit: number): readonly (StoredEntry & { readonly hash: string })[]
  /** Recomputes the chain over the stored bytes. Null: whole; else the number of the first event that does not fit, and how. */
  verifyHistory(taskId: string): { readonly seq: number; readonly problem: string } | null

  awake(): readonly string[]
  /** Whether a list on this database has it. */
  isListed(taskId: string): boolean
  /** Executions (by key) that are on disk as started and were not begun: noted at shutdown, taken back once at start. */
  noteUnbegun(keys: readonly string[]): Promise<void>
  takeUnbegun(): Promise<readonly string[]>

  /** Tasks with a timer due by `now`, in due order. */
  due(now: number, limit: number): readonly { readonly task: string; readonly id: string; readonly dueAt: number }[]
  nextDueAt(): number | null

  secrets(taskId: string): { readonly [variable: string]: string }

  addressOf(tokenHash: string): Address | null
  /** Keeps a callback. False: this key was here already. */
  receive(address: Address, key: string, payload: string, at: number): Promise<boolean>
  /** Callbacks nobody has handled, oldest first. */
  unhandled(taskId: string): readonly Callback[]
  tasksWithUnhandled(): readonly string[]

  /** Messages not yet applied by the catalogue, in order. */
  outbox(
    limit: number,
    after?: number,
  ): readonly { readonly sequence: number; readonly task: string; readonly body: string }[]

  writeLog(batch: LogBatch): Promise<void>
  readLog(
    task: string,
    node: string,
    attempt: number,
    from: number,
    limit: number,
  ): { readonly lines: readonly (readonly [number, string, string, number | null])[]; readonly first: number }
  /** Forgets what an attempt (or one item of it) has logged. */
  clearLog(task: string, node: string, attempt: number, item: number | null): Promise<void>
  logEnd(task: string, node: string, attempt: number): { readonly total: number; readonly dropped: number }
}
