import { and, desc, eq, lt } from 'drizzle-orm'
import type { Actor } from '../../core/state.ts'
import type { Tx } from '../database.ts'
import { audit, mutationAnswers } from './schema.ts'

export type AuditRow = typeof audit.$inferSelect

/** Adds one line. `detail` must be masked already: the audit is exported. */
export function addAudit(
  tx: Tx,
  entry: { at: number; by: Actor; what: string; target?: string | null; allowed: boolean; detail?: unknown },
): void {
  const { at, by, what, allowed } = entry
  tx.insert(audit)
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
    .run()
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
