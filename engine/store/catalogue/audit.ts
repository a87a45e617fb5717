import { hash } from 'node:crypto'
import { and, asc, desc, eq, gt, gte, inArray, lt, sql, type SQL } from 'drizzle-orm'
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

/** What of the audit is wanted; all that is given holds. */
export interface AuditFilter {
  /** A person's id. */
  readonly person?: string
  /** Name of the mutation, or of the door: `launch`, `signIn`. */
  readonly what?: readonly string[]
  /** Any of them: a task is written down as it was named. */
  readonly target?: readonly string[]
  readonly from?: number
  readonly to?: number
  readonly allowed?: boolean
}
/** Newest first, before the given id. */
export const listAudit = (tx: Tx, limit: number, before: number | null, filter: AuditFilter = {}): AuditRow[] =>
  tx
    .select()
    .from(audit)
    .where(and(before === null ? undefined : lt(audit.id, before), ...wanted(tx, filter)))
    .orderBy(desc(audit.id))
    .limit(limit)
    .all()
function wanted(tx: Tx, { person, what, target, from, to, allowed }: AuditFilter): (SQL | undefined)[] {
  return [
    person === undefined ? undefined : eq(audit.person, person),
    what === undefined ? undefined : inArray(audit.what, [...what]),
    target === undefined ? undefined : inArray(audit.target, [...target]),
    // A literal, so that the index of refusals is seen to fit.
    allowed === undefined ? undefined : allowed ? sql`${audit.allowed} = 1` : sql`${audit.allowed} = 0`,
    // Rows are added in the order of their time: a time is a place in the table, found by its index.
    from === undefined ? undefined : gte(audit.id, idAt(tx, from)),
    to === undefined ? undefined : lt(audit.id, idAt(tx, to)),
  ]
}
const idAt = (tx: Tx, at: number): number =>
  tx.select({ id: audit.id }).from(audit).where(gte(audit.at, at)).orderBy(asc(audit.at), asc(audit.id)).limit(1).get()
    ?.id ?? Number.MAX_SAFE_INTEGER
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
