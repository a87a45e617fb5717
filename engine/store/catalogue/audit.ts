import { hash } from 'node:crypto'
import { and, asc, desc, eq, gt, lt } from 'drizzle-orm'
import type { Actor } from '../../core/state.ts'
import type { Tx } from '../database.ts'
import { sign } from '../seal.ts'
import { audit, mutationAnswers } from './schema.ts'

export type AuditRow = typeof audit.$inferSelect

/** Adds one line. `detail` must be masked already: the audit is exported. `key` signs it: `Keys.audit`, null where it is not at hand. */
export function addAudit(
  tx: Tx,
  entry: { at: number; by: Actor; what: string; target?: string | null; allowed: boolean; detail?: unknown },
  key: Uint8Array | null = null,
): void {
  const { at, by, what, allowed } = entry
  const before = hashBefore(tx)
  const row = tx
    .insert(audit)
    .values({
      at,
      person: by.person,
      name: by.name,
      token: by.token ?? null,
      surface: by.surface,
      what,
      target: entry.target ?? null,
      allowed,
      detail: entry.detail ?? null,
    })
    .returning()
    .get()
  link(tx, row, before, key)
}

/** What is hashed of a row: its stored values, in the order of the table. */
export const auditCells = (row: AuditRow): readonly unknown[] => [
  row.id,
  row.at,
  row.person,
  row.name,
  row.token,
  row.surface,
  row.what,
  row.target,
  row.allowed,
  row.detail,
]
export const hashOfAudit = (before: string, cells: readonly unknown[]): string =>
  hash('sha256', `${before}\n${JSON.stringify(cells)}`, 'hex')
export const macOfAudit = (key: Uint8Array, rowHash: string): string => sign(key, `audit\n${rowHash}`)

/** Returns the hash of the row. */
function link(tx: Tx, row: AuditRow, before: string, key: Uint8Array | null): string {
  const own = hashOfAudit(before, auditCells(row))
  tx.update(audit)
    .set({ hash: own, mac: key && macOfAudit(key, own) })
    .where(eq(audit.id, row.id))
    .run()
  return own
}
/** Rows of a version before the chain join it with the first one that is added now. */
function hashBefore(tx: Tx): string {
  const last = tx.select({ hash: audit.hash }).from(audit).orderBy(desc(audit.id)).limit(1).get()
  if (!last) return ''
  if (last.hash !== null) return last.hash
  return tx
    .select()
    .from(audit)
    .orderBy(asc(audit.id))
    .all()
    .reduce((before, row) => row.hash ?? link(tx, row, before, null), '')
}

/** Newest first, before the given id. */
export const listAudit = (tx: Tx, limit: number, before: number | null): AuditRow[] =>
  tx
    .select()
    .from(audit)
    .where(before === null ? undefined : lt(audit.id, before))
    .orderBy(desc(audit.id))
    .limit(limit)
    .all()
/** Oldest first, for export. */
export const auditAfter = (tx: Tx, id: number, limit: number): AuditRow[] =>
  tx.select().from(audit).where(gt(audit.id, id)).orderBy(asc(audit.id)).limit(limit).all()

const KEPT_MS = 7 * 24 * 3_600_000
export type MutationAnswer = typeof mutationAnswers.$inferSelect
export const answerOf = (tx: Tx, client: string, mutationId: string): MutationAnswer | undefined =>
  tx
    .select()
    .from(mutationAnswers)
    .where(and(eq(mutationAnswers.client, client), eq(mutationAnswers.mutationId, mutationId)))
    .get()
export function keepAnswer(tx: Tx, row: MutationAnswer): void {
  tx.delete(mutationAnswers)
    .where(lt(mutationAnswers.at, row.at - KEPT_MS))
    .run()
  tx.insert(mutationAnswers).values(row).onConflictDoNothing().run()
}
