import { and, asc, eq, gt, lt } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { hashOf } from './ids.ts'
import { ceremonies, passkeys } from './tables/credentials.ts'

export type Passkey = typeof passkeys.$inferSelect
export type Ceremony = typeof ceremonies.$inferSelect

export const passkeysOf = (tx: Tx, person: string): Passkey[] =>
  tx.select().from(passkeys).where(eq(passkeys.person, person)).orderBy(asc(passkeys.createdAt)).all()
export const passkeyById = (tx: Tx, id: string): Passkey | undefined =>
  tx.select().from(passkeys).where(eq(passkeys.id, id)).get()
/** False: it is there already, whosesoever it is. */
export function addPasskey(tx: Tx, row: Passkey): boolean {
  return tx.insert(passkeys).values(row).onConflictDoNothing().run().changes > 0
}
export const removePasskey = (tx: Tx, id: string): void => void tx.delete(passkeys).where(eq(passkeys.id, id)).run()
/** A use of it. False: somebody was quicker with the same counter, or it has gone: this use does not count. */
export function usePasskey(tx: Tx, { id, counter }: Passkey, newCounter: number, now: number): boolean {
  const { changes } = tx
    .update(passkeys)
    .set({ counter: newCounter, lastUsedAt: now })
    .where(and(eq(passkeys.id, id), eq(passkeys.counter, counter)))
    .run()
  return changes > 0
}

/** Begins something that a browser ends later: `holds` is what it keeps, of which the hash alone is kept here. */
export function beginCeremony(
  tx: Tx,
  holds: string,
  begun: Pick<Ceremony, 'kind' | 'person' | 'data'> & { readonly ttlMs: number },
  now: number,
): void {
  const { kind, person, data, ttlMs } = begun
  tx.delete(ceremonies).where(lt(ceremonies.expiresAt, now)).run()
  tx.insert(ceremonies)
    .values({ hash: hashOf(holds), kind, person, data, expiresAt: now + ttlMs })
    .run()
}
/** Ends it: whoever comes second, or too late, finds nothing. */
export function endCeremony(tx: Tx, holds: string, kind: string, now: number): Ceremony | undefined {
  const found = tx
    .select()
    .from(ceremonies)
    .where(and(eq(ceremonies.hash, hashOf(holds)), eq(ceremonies.kind, kind), gt(ceremonies.expiresAt, now)))
    .get()
  if (found) tx.delete(ceremonies).where(eq(ceremonies.hash, found.hash)).run()
  return found
}
