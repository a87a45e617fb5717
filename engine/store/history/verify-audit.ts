import { auditAfter, auditCells } from '../catalogue/audit.ts'
import type { Database } from '../database.ts'
import { AuditCheck } from './audit-check.ts'
import { countersOf } from './export.ts'
import type { Fault } from './task-check.ts'

/** What was found of the audit as it is stored. */
export interface AuditReport {
  readonly isWhole: boolean
  readonly rows: number
  /** Rows at the end that no signature covers yet. */
  readonly unsigned: number
  readonly faults: readonly Omit<Fault, 'task'>[]
  /** More faults than are listed. */
  readonly more: number
  /** The newest row and its hash: kept elsewhere, they show later that the audit was rewritten or cut off. */
  readonly last: { readonly id: number; readonly hash: string } | null
}
const PAGE = 1_000
const MOST_FAULTS = 100

/** Follows the stored audit from its first row: an edited, a removed, a forged and a cut-off row are each told where they are. */
export async function verifyAudit(db: Database, key: Uint8Array): Promise<AuditReport> {
  const faults: Omit<Fault, 'task'>[] = []
  let more = 0
  const check = new AuditCheck((fault) => (faults.length < MOST_FAULTS ? void faults.push(fault) : void more++))
  // Counted first: rows that are added while this goes on are left out.
  const ever = countersOf(db).audit
  let last: { id: number; hash: string } | null = null
  for (let after = 0; ;) {
    const rows = db.read((tx) => auditAfter(tx, after, PAGE)).filter(({ id }) => id <= ever)
    for (const row of rows) {
      const { id, hash, mac } = row
      check.row({ id, cells: auditCells(row), hash, mac }, key)
      last = { id, hash: hash ?? '' }
    }
    if (rows.length < PAGE) break
    after = rows.at(-1)!.id
    await new Promise((resolve) => setImmediate(resolve)) // years of rows hold up nobody
  }
  const unsigned = check.end(ever)
  return { isWhole: faults.length === 0, rows: check.rows, unsigned, faults, more, last }
}
