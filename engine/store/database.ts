import type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'

/** The query builder inside a transaction. Synchronous on both runtimes. */
export type Tx = BetterSQLite3Database<Record<string, never>>

/** One SQLite truth: the embedded file on Node, a Durable Object's storage on Workers. */
export interface Database {
  /**
   * Runs `work` in the next group commit, together with whatever else is ready, and resolves after the fsync.
   * `work` is synchronous (a thenable is refused); if it throws, its neighbours still commit and this promise rejects.
   */
  write<T>(work: (tx: Tx) => T): Promise<T>
  /** Reads what is committed. Synchronous, cheap, never blocks writers. */
  read<T>(work: (tx: Tx) => T): T
  close(): Promise<void>
}
