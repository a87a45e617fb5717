import { and, asc, desc, eq, gt, inArray, lt, ne, sql } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import type { Card, Delivery } from './cards.ts'
import { cards, deliveries } from './tables/chat.ts'

/** A place that took nothing, and what it missed. */
export interface Unreached {
  readonly place: string
  readonly platform: string
  /** Whose it is; null: a room's. */
  readonly person: string | null
  /** Of the last time. */
  readonly error: string
  readonly since: number
  readonly lastAt: number
  readonly count: number
}
/** Said, so that what has long been delivered is not looked through: the index begins with the platform. */
const PLATFORMS = ['slack', 'telegram', 'email', 'none']
const isLost = and(inArray(deliveries.platform, PLATFORMS), eq(deliveries.state, 'undeliverable'))

/** Places that could not be reached, the last to fail first; of one person where `person` is given. */
export const unreachedPlaces = (tx: Tx, limit: number, person?: string): Unreached[] =>
  tx
    .select({
      place: cards.place,
      platform: cards.platform,
      person: sql<string | null>`max(${cards.person})`,
      // SQLite takes the other columns from the row that holds the maximum.
      error: sql<string>`coalesce(${deliveries.error}, '')`,
      last: sql<number>`max(${deliveries.id})`,
      since: sql<number>`min(${deliveries.createdAt})`,
      lastAt: sql<number>`max(${deliveries.createdAt})`,
      count: sql<number>`count(*)`,
    })
    .from(deliveries)
    .innerJoin(cards, eq(cards.id, deliveries.cardId))
    .where(and(isLost, ne(cards.kind, 'thread'), person === undefined ? undefined : eq(cards.person, person)))
    .groupBy(cards.place)
    .orderBy(desc(sql`max(${deliveries.id})`))
    .limit(limit)
    .all()
/** What a place missed, oldest first. */
export const lostAt = (tx: Tx, place: string, limit: number): { delivery: Delivery; card: Card }[] =>
  tx
    .select({ delivery: deliveries, card: cards })
    .from(deliveries)
    .innerJoin(cards, eq(cards.id, deliveries.cardId))
    .where(and(isLost, eq(cards.place, place)))
    .orderBy(asc(deliveries.id))
    .limit(limit)
    .all()
/** What has been owed by a platform since before then, and nobody has taken up. */
export const waitingSince = (tx: Tx, platform: string, before: number, limit: number): Delivery[] =>
  tx
    .select()
    .from(deliveries)
    .where(
      and(
        eq(deliveries.platform, platform),
        inArray(deliveries.state, ['pending', 'leased']),
        lt(deliveries.notBefore, before),
      ),
    )
    .orderBy(asc(deliveries.id))
    .limit(limit)
    .all()
/** Due again at once, as if it had never been tried. */
export function retryDelivery(tx: Tx, { delivery, card }: { delivery: Delivery; card: Card }, now: number): void {
  tx.update(cards).set({ open: true }).where(eq(cards.id, card.id)).run()
  const change = { state: 'pending', attempts: 0, notBefore: now, leasedUntil: null, error: null }
  tx.update(deliveries).set(change).where(eq(deliveries.id, delivery.id)).run()
}
/** Rows that nobody has mended for so long, and of each place all but the newest. */
export function sweepUndeliverable(tx: Tx, before: number, most: number): void {
  tx.delete(deliveries)
    .where(and(isLost, lt(deliveries.createdAt, before)))
    .run()
  const ranked = tx
    .select({
      id: deliveries.id,
      rank: sql<number>`row_number() over (partition by ${cards.place} order by ${deliveries.id} desc)`.as('rank'),
    })
    .from(deliveries)
    .innerJoin(cards, eq(cards.id, deliveries.cardId))
    .where(isLost)
    .as('ranked')
  const old = tx.select({ id: ranked.id }).from(ranked).where(gt(ranked.rank, most))
  tx.delete(deliveries).where(inArray(deliveries.id, old)).run()
}
