/*
 * What of the platform we use (developers.cloudflare.com/durable-objects/api/sqlite-storage-api). Its own types come
 * with a whole runtime's worth of globals that would take the place of Node's.
 */

/** What the platform takes and gives in a cell. Bytes come back as ArrayBuffer. */
export type PlatformCell = null | number | string | ArrayBuffer | Uint8Array
export interface SqlStorage {
  /** Prepared once per text and kept by the platform. One argument for each `?`, 100 at most. */
  exec(sql: string, ...args: PlatformCell[]): { raw(): Iterable<PlatformCell[]> & { toArray(): PlatformCell[][] } }
}
export interface ObjectStorage {
  readonly sql: SqlStorage
  /** Undone as a whole when `work` throws; may be nested. What is written in one turn reaches the disk together. */
  transactionSync<T>(work: () => T): T
  /** Resolves once everything written so far is on disk. */
  sync(): Promise<void>
  /** Part of the transaction it is called in. */
  setAlarm(at: number): Promise<void>
  getAlarm(): Promise<number | null>
  /** Everything, the alarm too. */
  deleteAll(): Promise<void>
}
