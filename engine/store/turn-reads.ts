/** What of a connection it needs. */
interface Native {
  exec(sql: string): void
  readonly inTransaction: boolean
}

/**
 * The reads of one turn of the event loop share a transaction. Without one each takes a lock on the file and gives it back, which costs
 * half of a read by a key (docs/adr/0016). It holds nobody up: it ends with the turn, and before anything that is not a read.
 */
export class TurnReads {
  readonly #native: Native
  #isOpen = false
  /** Inside a transaction that was begun by text: known without asking. */
  #isInOther = false
  /** libsql ends the process when a closed database is asked whether it is in a transaction. */
  #isClosed = false
  constructor(native: Native) {
    this.#native = native
  }

  /** Before a read. */
  begin(): void {
    if (this.#isOpen || this.#isInOther || this.#isClosed || this.#native.inTransaction) return
    this.#native.exec('BEGIN')
    this.#isOpen = true
    setImmediate(() => this.end())
  }
  /** Before anything else, and when the turn is over. */
  end(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (this.#native.inTransaction) this.#native.exec('COMMIT') // an error of the disk may have ended it
  }
  /** Runs text that may begin or end a transaction. */
  exec(sql: string): void {
    this.end()
    try {
      this.#native.exec(sql)
    } finally {
      this.#isInOther = this.isInOther
    }
  }
  /** Before the database is closed. */
  close(): void {
    this.end()
    this.#isClosed = true
  }
  /** In a transaction that was begun by statement. */
  get isInOther(): boolean {
    return !this.#isOpen && !this.#isClosed && this.#native.inTransaction
  }
}
