import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'

/** The query builder inside a transaction. Synchronous on both runtimes. */
export type Tx = BetterSQLite3Database<Record<string, never>>

/** What SQLite keeps in a cell. No booleans, no dates: libsql aborts on them. */
export type Cell = null | number | string | Uint8Array
export type Row = readonly Cell[]
/** A prepared statement; rows come as arrays in the order of the columns. */
export interface Statement {
  run(args?: readonly Cell[]): { changes: number; lastInsertRowid: number }
  get(args?: readonly Cell[]): Row | undefined
  all(args?: readonly Cell[]): Row[]
}

/** One SQLite truth: the embedded file on Node, a Durable Object's storage on Workers. */
export interface Database {
  /**
   * Runs `work` in the next group commit, together with whatever else is ready, and resolves after the fsync.
   * `work` is synchronous (a thenable is refused); if it throws, its neighbours still commit and this promise rejects.
   * It may run twice (its batch is undone and repeated when a neighbour fails), so it changes nothing but the database.
   * `isAlone`: it stands by itself, so what became ready in the same turn may be refused while it is recorded. Else all is, or nothing.
   * @throws UNAVAILABLE when the batch could not be committed: nothing of it is recorded.
   */
  write<T>(work: (tx: Tx, isAlone: boolean) => T): Promise<T>
  /** Reads what is committed. Synchronous, cheap, never blocks writers. */
  read<T>(work: (tx: Tx) => T): T
  /** The platform takes no larger value into a cell. Absent: no limit that matters. */
  readonly maxCellBytes?: number
  /** For the paths that run for every node, where the query builder costs several times the statement. Kept by its text; use inside `write` or `read`. */
  prepare(sql: string): Statement
  /** Transactions since it was opened, and the pieces of work that shared them. */
  readonly counts?: { readonly commits: number; readonly entries: number }
  close(): Promise<void>
}
