import { hashOfAudit, macOfAudit } from '../catalogue/audit.ts'
import type { Tell } from './task-check.ts'

/** A row of the audit as it is stored. */
export interface StoredAudit {
  readonly id: number
  readonly cells: readonly unknown[]
  readonly hash: string | null
  readonly mac: string | null
}

/** The newest row at some moment, as `auditCheck` tells it. */
export interface AuditHead {
  readonly row: number
  readonly hash: string
}

/** Follows the audit from its first row. */
export class AuditCheck {
  readonly #tell: Tell
  #last = 0
  #hash = ''
  /** Rows since the last signature that fits: nothing vouches for them yet. */
  #unsigned = 0
  rows = 0
  /** A row that was kept elsewhere: it has to be there, with this hash. */
  readonly #kept: AuditHead | null
  constructor(tell: Tell, kept: AuditHead | null = null) {
    this.#tell = tell
    this.#kept = kept
  }

  row({ id, cells, hash, mac }: StoredAudit, key: Uint8Array | null): void {
    this.rows++
    if (id !== this.#last + 1) {
      const between =
        id - this.#last === 2 ? `row ${id - 1} is missing` : `rows ${this.#last + 1} to ${id - 1} are missing`
      this.#tell({
        what: 'removed',
        event: this.#last + 1,
        problem: id > this.#last ? between : `row ${id} stands twice`,
      })
    } else if (hash !== null && (cells[0] !== id || hashOfAudit(this.#hash, cells) !== hash))
      this.#tell({ what: 'edit', event: id, problem: 'the row, or the hash that it follows, was changed' })
    if (hash !== null && mac !== null && key && macOfAudit(key, hash) !== mac)
      this.#tell({ what: 'forged', event: id, problem: 'the row has a signature that does not fit' })
    if (hash === null && this.#hash !== '')
      this.#tell({ what: 'edit', event: id, problem: 'the row has lost its hash' })
    if (this.#kept?.row === id && this.#kept.hash !== hash)
      this.#tell({ what: 'rewritten', event: id, problem: 'the row is not the one whose hash was kept' })
    this.#unsigned = mac === null ? this.#unsigned + 1 : 0
    this.#last = id
    this.#hash = hash ?? ''
  }

  /** `ever`: how many rows there have been, by the counter of the table. Returns how many rows at the end no signature covers. */
  end(ever: number): number {
    if (ever > this.#last)
      this.#tell({ what: 'cut', event: this.#last + 1, problem: `the end is missing: the audit had ${ever} rows` })
    else if (this.#kept && this.#kept.row > this.#last)
      this.#tell({
        what: 'cut',
        event: this.#last + 1,
        problem: `the end is missing: row ${this.#kept.row} was kept, and there are ${this.#last} rows`,
      })
    return this.#unsigned
  }
}
