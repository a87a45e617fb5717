import { EngineError } from '../core/error.ts'

/** What a batch needs of a connection. */
export interface Transactional {
  exec(sql: string): void
  readonly inTransaction: boolean
}
interface Entry {
  readonly work: (isAlone: boolean) => unknown
  readonly resolve: (value: never) => void
  readonly reject: (error: unknown) => void
}

/**
 * Joins whatever became ready in one turn of the event loop into one transaction, so that one fsync carries all of it;
 * alone, an entry waits for nobody. Entries run in the order they came.
 */
export class GroupCommit {
  readonly #connection: Transactional
  readonly #onOutage: (error: unknown) => void
  #waiting: Entry[] = []
  #scheduled = false
  #closed = false
  readonly #counts = { commits: 0, entries: 0 }
  /** `onOutage`: told each time something could not be recorded for the database's own reasons (full disk, read-only file, I/O). */
  constructor(connection: Transactional, onOutage: (error: unknown) => void = () => {}) {
    this.#connection = connection
    this.#onOutage = onOutage
  }

  /** Resolves with what `work` returned, once it is on disk. `isAlone`: its neighbours may be refused while it is recorded. */
  add<T>(work: (isAlone: boolean) => T): Promise<T> {
    if (this.#closed) return Promise.reject(unavailable('the database is closed'))
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve, reject })
      this.#schedule()
    })
  }

  /** Transactions so far, and the pieces of work in them. */
  get counts(): { readonly commits: number; readonly entries: number } {
    return this.#counts
  }

  /** Commits what waits, then refuses everything later. */
  close(): void {
    while (this.#waiting.length > 0) this.#flush()
    this.#closed = true
  }

  // After this turn's promises have run, before the next I/O: all that is ready is in by then.
  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      if (this.#waiting.length > 0) this.#flush()
    })
  }

  #flush(): void {
    // All of it: what became ready in one turn (a launch's key and its task) is never parted by a crash.
    const batch = this.#waiting
    this.#waiting = []
    this.#counts.commits += 1
    this.#counts.entries += batch.length
    let outcomes: Outcome[]
    try {
      outcomes = this.#together(batch) ?? this.#apart(batch)
    } catch (error) {
      this.#rollback()
      this.#onOutage(error)
      const refusal = unavailable('not recorded, try again', error)
      for (const entry of batch) entry.reject(refusal)
      return
    }
    const outage = outcomes.find((outcome) => !outcome.ok && isOutage(outcome.error))
    if (outage && !outage.ok) this.#onOutage(outage.error)
    batch.forEach((entry, index) => settle(entry, outcomes[index]!))
  }

  /** The good case, without a savepoint around each entry (they cost a third). Null: one entry failed, all is undone. */
  #together(batch: readonly Entry[]): Outcome[] | null {
    this.#connection.exec('BEGIN IMMEDIATE')
    const outcomes: Outcome[] = []
    for (const entry of batch) {
      const outcome = attempt(entry, false)
      if (!outcome.ok && batch.length > 1) {
        this.#rollback()
        return null
      }
      if (!outcome.ok) {
        this.#rollback()
        return [outcome]
      }
      outcomes.push(outcome)
    }
    this.#connection.exec('COMMIT')
    return outcomes
  }

  /** Again, each entry alone in its savepoint, so that the one that fails takes nobody with it. */
  #apart(batch: readonly Entry[]): Outcome[] {
    this.#connection.exec('BEGIN IMMEDIATE')
    const outcomes = batch.map((entry): Outcome => {
      this.#connection.exec('SAVEPOINT entry')
      const outcome = attempt(entry, true)
      // Some errors (full disk, I/O) end the whole transaction: then nothing of the batch is recorded.
      if (!this.#connection.inTransaction) throw outcome.ok ? new Error('the transaction ended early') : outcome.error
      this.#connection.exec(outcome.ok ? 'RELEASE entry' : 'ROLLBACK TO entry; RELEASE entry')
      return outcome
    })
    this.#connection.exec('COMMIT')
    return outcomes
  }

  #rollback(): void {
    try {
      if (this.#connection.inTransaction) this.#connection.exec('ROLLBACK')
    } catch {
      // Already rolled back by SQLite itself; the next BEGIN will tell if it was not.
    }
  }
}

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: unknown }

function attempt(entry: Entry, isAlone: boolean): Outcome {
  try {
    const value = entry.work(isAlone)
    // An async function would commit at its first await and write the rest outside.
    if (isThenable(value)) throw new TypeError('expected synchronous work in a transaction, but it returned a promise')
    return { ok: true, value }
  } catch (error) {
    return { ok: false, error }
  }
}
function settle(entry: Entry, outcome: Outcome): void {
  if (outcome.ok)
    entry.resolve(outcome.value as never) // add() made the promise for this very value
  else entry.reject(isOutage(outcome.error) ? unavailable('not recorded, try again', outcome.error) : outcome.error)
}
function isThenable(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('then' in value) || typeof value.then !== 'function')
    return false
  Promise.resolve(value).catch(() => {}) // it will fail by itself once its transaction is gone; that is told already
  return true
}
/** The database's trouble, not the work's: nothing says that a second try fails too. */
const isOutage = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  /^SQLITE_(BUSY|LOCKED|FULL|IOERR|NOMEM|READONLY|CANTOPEN|PROTOCOL)/.test(String(error.code))

const unavailable = (message: string, cause?: unknown): EngineError => {
  const refusal = new EngineError('UNAVAILABLE', { message })
  if (cause !== undefined) refusal.cause = cause
  return refusal
}
