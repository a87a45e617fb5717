import { drizzle } from 'drizzle-orm/durable-sqlite'
import { EngineError } from '../../core/error.ts'
import type { Cell, Database, Row, Statement, Tx } from '../database.ts'
import { migrate } from '../migrate.ts'
import { alarmOn, type Alarm, type AlarmOptions } from './alarm.ts'
import type { ObjectStorage, PlatformCell } from './storage.ts'

export interface ObjectDatabase extends Database {
  readonly alarm: Alarm
}

/** 2 MB for a row, the platform says; the rest of a snapshot's row is small. */
const MAX_CELL_BYTES = 1_990_000

/** Nothing has ever been kept here. */
export const isBlank = (storage: ObjectStorage): boolean =>
  storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").raw().toArray().length === 0

/**
 * The storage of one Durable Object as a `Database`, brought to the newest schema. It has one writer by construction, so it
 * needs no lock; and the platform itself joins what is written in one turn, so a write is its own transaction.
 */
export function openObject(storage: ObjectStorage, options: AlarmOptions = {}): ObjectDatabase {
  const prepare = (sql: string): Statement => new ObjectStatement(storage, sql)
  migrate({ exec: (sql) => void storage.sql.exec(sql), prepare }, (work) => storage.transactionSync(work))
  const tx = drizzle(storage as never) as unknown as Tx // synchronous as well; `run` tells nothing there, and nobody asks
  const alarm = alarmOn(storage, prepare, options)
  let isClosed = false
  return {
    alarm,
    write<T>(work: (tx: Tx, isAlone: boolean) => T): Promise<T> {
      if (isClosed) return Promise.reject(unavailable('the database is closed'))
      try {
        const value = storage.transactionSync(() => {
          const made = work(tx, true)
          refuseThenable(made)
          alarm.arm() // due work and the alarm for it are one commit
          return made
        })
        // The platform holds back whatever leaves until the disk has it; callers are told no sooner.
        return storage.sync().then(
          () => value,
          (error: unknown) => Promise.reject(unavailable('not recorded, try again', error)),
        )
      } catch (error) {
        alarm.forget()
        return Promise.reject(error)
      }
    },
    read: (work) => work(tx),
    prepare,
    maxCellBytes: MAX_CELL_BYTES,
    async close() {
      isClosed = true
      await storage.sync()
    },
  }
}

/** Rows as arrays, bytes as Uint8Array; what changed is asked for, since the platform counts index rows too. */
class ObjectStatement implements Statement {
  readonly #storage: ObjectStorage
  readonly #sql: string
  constructor(storage: ObjectStorage, sql: string) {
    this.#storage = storage
    this.#sql = sql
  }
  run(args: readonly Cell[] = []): { changes: number; lastInsertRowid: number } {
    this.all(args)
    const [changes, lastInsertRowid] = this.#rows('SELECT changes(), last_insert_rowid()', [])[0] as [number, number]
    return { changes, lastInsertRowid }
  }
  get(args: readonly Cell[] = []): Row | undefined {
    return this.all(args)[0]
  }
  all(args: readonly Cell[] = []): Row[] {
    for (const [i, arg] of args.entries())
      if (typeof arg === 'boolean' || arg === undefined)
        // It would be stored as the word "true".
        throw new TypeError(
          `expected text, a number, bytes or null as argument ${i + 1}, but got ${typeof arg}: ${this.#sql}`,
        )
    return this.#rows(this.#sql, args)
  }
  #rows(sql: string, args: readonly Cell[]): Row[] {
    return this.#storage.sql
      .exec(sql, ...args)
      .raw()
      .toArray()
      .map(cellsOf)
  }
}
const cellsOf = (row: PlatformCell[]): Row => {
  for (let i = 0; i < row.length; i++) {
    const cell = row[i]!
    if (cell instanceof ArrayBuffer) row[i] = new Uint8Array(cell)
  }
  return row as Cell[]
}

function refuseThenable(value: unknown): void {
  if (typeof value !== 'object' || value === null || !('then' in value) || typeof value.then !== 'function') return
  Promise.resolve(value).catch(() => {}) // it will fail by itself; that is told already
  throw new TypeError('expected synchronous work in a transaction, but it returned a promise')
}
const unavailable = (message: string, cause?: unknown): EngineError => {
  const refusal = new EngineError('UNAVAILABLE', { message })
  if (cause !== undefined) refusal.cause = cause
  return refusal
}
