import { and, asc, desc, eq, gt, isNull, lte, min, or } from 'drizzle-orm'
import { closesCircle, type Delegation } from '../../core/asks/stand-in.ts'
import type { PersonRef } from '../../core/env.ts'
import type { Tx } from '../database.ts'
import { counters } from '../schema.ts'
import { newId } from './ids.ts'
import { delegations } from './tables/people.ts'

/** Somebody's asks go to another as well, from one instant until another. It is never taken out: it ends. */
export type DelegationRow = typeof delegations.$inferSelect
/** Longer than this nobody is away: what should last is a change of roles. */
export const LONGEST_DELEGATION_MS = 366 * 24 * 3_600_000

/** Not over, begun or not. */
const live = (now: number) => and(isNull(delegations.endedAt), gt(delegations.untilAt, now))
const liveDelegations = (tx: Tx, now: number): DelegationRow[] =>
  tx.select().from(delegations).where(live(now)).orderBy(asc(delegations.fromAt), asc(delegations.id)).all()
/** Of theirs and to them, the latest first; those that are over too. */
export const delegationsOf = (tx: Tx, person: string, most = 50): DelegationRow[] =>
  tx
    .select()
    .from(delegations)
    .where(or(eq(delegations.from, person), eq(delegations.to, person)))
    .orderBy(desc(delegations.fromAt), desc(delegations.id))
    .limit(most)
    .all()
export const delegationById = (tx: Tx, id: string): DelegationRow | undefined =>
  tx.select().from(delegations).where(eq(delegations.id, id)).get()

/** As asks look at them: between people who are there. */
export const delegationsAmong = (
  rows: readonly DelegationRow[],
  personOf: (id: string) => PersonRef | undefined,
): readonly Delegation[] =>
  rows.flatMap((row) => {
    const [from, to] = [personOf(row.from), personOf(row.to)]
    return from && to ? [{ from, to, fromAt: row.fromAt, untilAt: row.untilAt }] : []
  })
/** Those nobody has ended, over or not. */
export const openDelegations = (tx: Tx): DelegationRow[] =>
  tx.select().from(delegations).where(isNull(delegations.endedAt)).all()

/** When one begins or ends next; null: none is to come. */
export function nextDelegationTurn(tx: Tx, now: number): number | null {
  const next = (column: typeof delegations.fromAt | typeof delegations.untilAt): number | null =>
    tx
      .select({ at: min(column) })
      .from(delegations)
      .where(and(isNull(delegations.endedAt), gt(column, now)))
      .get()?.at ?? null
  const turns = [next(delegations.fromAt), next(delegations.untilAt)].filter((at) => at !== null)
  return turns.length === 0 ? null : Math.min(...turns)
}
/** Those that began or ended by themselves after one instant, up to another. */
export const delegationsThatTurned = (tx: Tx, after: number, upTo: number): DelegationRow[] => {
  const within = (column: typeof delegations.fromAt | typeof delegations.untilAt) =>
    and(gt(column, after), lte(column, upTo))
  return tx
    .select()
    .from(delegations)
    .where(and(isNull(delegations.endedAt), or(within(delegations.fromAt), within(delegations.untilAt))))
    .all()
}

const TOLD = 'stand_ins_told'
/** Those that turned up to this instant have been told; null: nobody has looked yet. */
export const turnsToldUpTo = (tx: Tx): number | null =>
  tx.select({ at: counters.value }).from(counters).where(eq(counters.name, TOLD)).get()?.at ?? null
export function noteTurnsTold(tx: Tx, at: number): void {
  const row = { name: TOLD, value: at }
  tx.insert(counters)
    .values(row)
    .onConflictDoUpdate({ target: counters.name, set: { value: at } })
    .run()
}

export type DelegationProblem = 'circle' | 'overlap'
/** What stands against a new one: it would come back to who delegates, or they have delegated to somebody for part of that time. */
export function delegationProblem(
  tx: Tx,
  next: Pick<DelegationRow, 'from' | 'to' | 'fromAt' | 'untilAt'>,
  now: number,
): { readonly kind: DelegationProblem; readonly with: DelegationRow | null } | null {
  const rows = liveDelegations(tx, now)
  const meets = rows.find((row) => row.from === next.from && row.fromAt < next.untilAt && next.fromAt < row.untilAt)
  if (meets) return { kind: 'overlap', with: meets }
  return closesCircle(rows.map(plain), plain(next)) ? { kind: 'circle', with: null } : null
}
const plain = ({
  from,
  to,
  fromAt,
  untilAt,
}: Pick<DelegationRow, 'from' | 'to' | 'fromAt' | 'untilAt'>): Delegation => ({
  from: { id: from, name: from },
  to: { id: to, name: to },
  fromAt,
  untilAt,
})

export function addDelegation(tx: Tx, row: Omit<DelegationRow, 'id' | 'endedAt' | 'endedBy'>): DelegationRow {
  const added = { ...row, id: newId('d'), endedAt: null, endedBy: null }
  tx.insert(delegations).values(added).run()
  return added
}
export function endDelegation(tx: Tx, id: string, by: string, now: number): void {
  tx.update(delegations).set({ endedAt: now, endedBy: by }).where(eq(delegations.id, id)).run()
}
