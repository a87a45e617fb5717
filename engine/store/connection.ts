import { SQLiteSyncDialect, BaseSQLiteDatabase } from 'drizzle-orm/sqlite-core'
import { BetterSQLiteSession } from 'drizzle-orm/better-sqlite3/session'
import Libsql from 'libsql'
import type { Cell, Row, Statement, Tx } from './database.ts'
import { TurnReads } from './turn-reads.ts'

/** One open libsql file: safe statements, and the query builder on top of them. */
export interface Connection {
  prepare(sql: string): Statement
  exec(sql: string): void
  readonly inTransaction: boolean
  readonly tx: Tx
  close(): void
}

/** Busy for longer than this (another process holds the write lock) is a refusal, not a wait. */
const BUSY_TIMEOUT_MS = 5_000
/**
 * Pages in the write-ahead log before it is taken into the file. That copies pages while everybody waits: rarer and larger
 * costs less in sum.
 */
export const LOG_PAGES = 4_000
/** Prepared statements kept for the query builder, which prepares anew each time. */
const KEPT_STATEMENTS = 500

/** What of libsql we use; its own types describe better-sqlite3. */
interface NativeStatement {
  raw(on: boolean): NativeStatement
  readonly reader: boolean
  run(args: readonly Cell[]): { changes: number; lastInsertRowid: number }
  get(args: readonly Cell[]): Row | undefined
  all(args: readonly Cell[]): Row[]
  columns(): { name: string }[]
}
interface NativeDatabase {
  prepare(sql: string): NativeStatement
  exec(sql: string): void
  readonly inTransaction: boolean
  close(): void
}

/** Opens `path` (or `:memory:`) with the durability of production: WAL, every commit synced. */
export function connect(path: string): Connection {
  const native = new Libsql(path, { timeout: BUSY_TIMEOUT_MS }) as unknown as NativeDatabase // see NativeDatabase
  native.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY',
  )
  native.exec(`PRAGMA wal_autocheckpoint = ${LOG_PAGES}; PRAGMA cache_size = -65536`)
  const reads = new TurnReads(native)
  const statements = new Map<string, SafeStatement>()
  const prepare = (sql: string): SafeStatement => {
    const known = statements.get(sql)
    if (known) return known
    const statement = new SafeStatement(native.prepare(sql), sql, reads)
    if (statements.size >= KEPT_STATEMENTS) statements.delete(statements.keys().next().value!)
    statements.set(sql, statement)
    return statement
  }
  const dialect = new SQLiteSyncDialect()
  const session = new BetterSQLiteSession(clientOf(native, prepare) as never, dialect, undefined) // the client has all the session calls
  const tx = new BaseSQLiteDatabase('sync', dialect, session as never, undefined) as unknown as Tx
  return {
    prepare,
    exec: (sql) => reads.exec(sql),
    get inTransaction() {
      return reads.isInOther
    },
    tx,
    close: () => {
      reads.close()
      statements.clear()
      native.close()
    },
  }
}

/**
 * Rows as arrays, arguments as one array. libsql aborts the process on a boolean,
 * and takes a lone Buffer or Date for named parameters: both are stopped here.
 */
class SafeStatement implements Statement {
  readonly #native: NativeStatement
  readonly #sql: string
  readonly #reads: TurnReads
  /** It can only read. What returns rows may write them too. */
  readonly #isRead: boolean
  #names: readonly string[] | null = null
  constructor(native: NativeStatement, sql: string, reads: TurnReads) {
    this.#native = native.reader ? native.raw(true) : native
    this.#sql = sql
    this.#reads = reads
    this.#isRead = /^\s*select\b/i.test(sql)
  }
  run(args: readonly Cell[] = []): { changes: number; lastInsertRowid: number } {
    this.#reads.end()
    return this.#native.run(this.#checked(args))
  }
  get(args: readonly Cell[] = []): Row | undefined {
    this.#prepareToRead()
    return this.#native.get(this.#checked(args)) ?? undefined
  }
  all(args: readonly Cell[] = []): Row[] {
    this.#prepareToRead()
    return this.#native.all(this.#checked(args))
  }
  #prepareToRead(): void {
    if (this.#isRead) this.#reads.begin()
    else this.#reads.end()
  }
  named(row: Row): { [name: string]: Cell } {
    this.#names ??= this.#native.columns().map((column) => column.name)
    return Object.fromEntries(this.#names.map((name, index) => [name, row[index] ?? null]))
  }
  #checked(args: readonly Cell[]): readonly Cell[] {
    for (let i = 0; i < args.length; i++) {
      const kind = typeof args[i]
      if (kind === 'string' || kind === 'number' || args[i] === null || args[i] instanceof Uint8Array) continue
      throw new TypeError(`expected text, a number, bytes or null as argument ${i + 1}, but got ${kind}: ${this.#sql}`)
    }
    return args
  }
}

/** What drizzle's better-sqlite3 session calls, on our statements. */
function clientOf(native: NativeDatabase, prepare: (sql: string) => SafeStatement) {
  let depth = 0
  const inSavepoint =
    (work: (tx: unknown) => unknown) =>
    (tx: unknown): unknown => {
      // Everything runs inside the group commit's transaction, so an inner one is a savepoint.
      const name = `nested_${depth++}`
      native.exec(`SAVEPOINT ${name}`)
      try {
        const result = work(tx)
        native.exec(`RELEASE ${name}`)
        return result
      } catch (error) {
        native.exec(`ROLLBACK TO ${name}; RELEASE ${name}`)
        throw error
      } finally {
        depth--
      }
    }
  return {
    prepare(sql: string) {
      const statement = prepare(sql)
      const asArrays = { get: (...args: Cell[]) => statement.get(args), all: (...args: Cell[]) => statement.all(args) }
      return {
        run: (...args: Cell[]) => statement.run(args),
        get: (...args: Cell[]) => {
          const row = statement.get(args)
          return row && statement.named(row)
        },
        all: (...args: Cell[]) => statement.all(args).map((row) => statement.named(row)),
        raw: () => asArrays,
      }
    },
    transaction: (work: (tx: unknown) => unknown) => {
      const run = inSavepoint(work)
      return { deferred: run, immediate: run, exclusive: run }
    },
  }
}
