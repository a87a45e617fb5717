import { and, eq, gt, lt } from 'drizzle-orm'
import { EngineError } from '../../core/error.ts'
import type { Tx } from '../database.ts'
import { botState } from './tables/chat.ts'

export type BotStateRow = typeof botState.$inferSelect

export const botStateOf = (tx: Tx, key: string, now: number): BotStateRow | undefined =>
  tx
    .select()
    .from(botState)
    .where(and(eq(botState.key, key), gt(botState.expiresAt, now)))
    .get()
/**
 * Compare and set: `expected` is the version that was read, null when there must be none.
 * @throws STALE when another call was first.
 */
export function setBotState(
  tx: Tx,
  key: string,
  expected: number | null,
  value: unknown,
  ttlS: number,
  now: number,
): BotStateRow {
  const known = botStateOf(tx, key, now)
  if ((known?.version ?? null) !== expected)
    throw new EngineError('STALE', {
      message: `expected version ${expected} of ${key}, but it is ${known?.version ?? 'absent'}`,
    })
  tx.delete(botState).where(lt(botState.expiresAt, now)).run()
  const row: BotStateRow = { key, version: (expected ?? 0) + 1, value: value ?? null, expiresAt: now + ttlS * 1000 }
  const { version, expiresAt } = row
  tx.insert(botState)
    .values(row)
    .onConflictDoUpdate({ target: botState.key, set: { version, value: row.value, expiresAt } })
    .run()
  return row
}
