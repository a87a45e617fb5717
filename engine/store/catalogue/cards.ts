import { and, asc, desc, eq, gt, inArray, isNull, lt, lte, or, sql } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { newId } from './ids.ts'
import { buttons, cards, deliveries } from './tables/chat.ts'

export type Card = typeof cards.$inferSelect
export type Button = typeof buttons.$inferSelect
export type Delivery = typeof deliveries.$inferSelect
export type NewCard = Omit<Card, 'id' | 'createdAt' | 'open' | 'messageId' | 'memo'> & {
  readonly messageId?: string | null
}

export const cardById = (tx: Tx, id: string): Card | undefined => tx.select().from(cards).where(eq(cards.id, id)).get()
export const cardsOf = (tx: Tx, taskId: string): Card[] =>
  tx.select().from(cards).where(eq(cards.taskId, taskId)).orderBy(asc(cards.createdAt)).all()
export const openCardsOf = (tx: Tx, taskId: string): Card[] =>
  tx
    .select()
    .from(cards)
    .where(and(eq(cards.taskId, taskId), eq(cards.open, true)))
    .orderBy(asc(cards.createdAt))
    .all()
/** The card for this subject at this place, made when absent. `made` false: it was there before. */
export function cardAt(tx: Tx, card: NewCard, now: number): { card: Card; made: boolean } {
  const known = cardThere(tx, card.taskId, card.subject, card.place)
  if (known) return { card: known, made: false }
  const row: Card = {
    ...card,
    id: newId('card'),
    messageId: card.messageId ?? null,
    memo: null,
    open: true,
    createdAt: now,
  }
  tx.insert(cards).values(row).run()
  return { card: row, made: true }
}
/** The card of a task about this at this place. */
export const cardThere = (tx: Tx, taskId: string, subject: string, place: string): Card | undefined =>
  tx
    .select()
    .from(cards)
    .where(and(eq(cards.taskId, taskId), eq(cards.subject, subject), eq(cards.place, place)))
    .get()
export const changeCard = (
  tx: Tx,
  id: string,
  change: Partial<Pick<Card, 'messageId' | 'memo' | 'open' | 'nodeId'>>,
): void => void tx.update(cards).set(change).where(eq(cards.id, id)).run()
/** Whether any message of these places was posted in this conversation (Slack answers a post with the conversation's id). */
export function postedIn(tx: Tx, places: readonly string[], conversation: string): boolean {
  if (places.length === 0) return false
  const prefix = `${conversation}:`
  const found = tx
    .select({ id: cards.id })
    .from(cards)
    .where(and(inArray(cards.place, [...places]), eq(sql`substr(${cards.messageId}, 1, ${prefix.length})`, prefix)))
    .limit(1)
    .get()
  return found !== undefined
}
/** Alerts of these tasks at a place that nobody has posted yet, or is about to. */
export const unpostedAt = (tx: Tx, place: string, taskIds: readonly string[]): string[] =>
  tx
    .select({ id: cards.id })
    .from(cards)
    .where(
      and(
        inArray(cards.taskId, [...taskIds]),
        eq(cards.place, place),
        inArray(cards.kind, ['attention', 'ask', 'request']),
        isNull(cards.messageId),
        sql`${cards.id} NOT IN ${tx
          .select({ id: deliveries.cardId })
          .from(deliveries)
          .where(and(eq(deliveries.cardId, cards.id), eq(deliveries.state, 'leased')))}`,
      ),
    )
    .all()
    .map(({ id }) => id)
/** A card that was never posted goes as if it had not been. */
export function dropUnposted(tx: Tx, cardIds: readonly string[]): void {
  if (cardIds.length === 0) return
  tx.delete(deliveries)
    .where(and(inArray(deliveries.cardId, [...cardIds]), eq(deliveries.state, 'pending')))
    .run()
  tx.delete(cards)
    .where(and(inArray(cards.id, [...cardIds]), isNull(cards.messageId)))
    .run()
}

/**
 * Tokens for a card's buttons. One that stands for the same as before keeps its token, so that a press on a card drawn a moment ago
 * is still that press; the others are superseded.
 */
export function makeButtons(
  tx: Tx,
  cardId: string,
  rows: readonly Omit<Button, 'superseded' | 'createdAt'>[],
  now: number,
): string[] {
  const known = tx
    .select()
    .from(buttons)
    .where(and(eq(buttons.cardId, cardId), eq(buttons.superseded, false)))
    .all()
  const kept = new Map(known.map((button) => [meaningOf(button), button.token]))
  const tokens = rows.map((row) => {
    const same = kept.get(meaningOf(row))
    if (same !== undefined) return same
    tx.insert(buttons)
      .values({ ...row, superseded: false, createdAt: now })
      .run()
    return row.token
  })
  const gone = known.filter(({ token }) => !tokens.includes(token)).map(({ token }) => token)
  if (gone.length > 0) tx.update(buttons).set({ superseded: true }).where(inArray(buttons.token, gone)).run()
  return tokens
}
const meaningOf = ({
  verb,
  taskId,
  nodeId,
  attempt,
  askId,
  digest,
  app,
  data,
}: Omit<Button, 'superseded' | 'createdAt'>) =>
  JSON.stringify([verb, taskId, nodeId, attempt, askId, digest, app, data])
export const buttonOf = (tx: Tx, token: string): Button | undefined =>
  tx.select().from(buttons).where(eq(buttons.token, token)).get()

export interface Owed {
  readonly why: string
  readonly urgent: boolean
  readonly title?: string | null
  readonly text?: string | null
  readonly level?: string | null
  /** Not before: what comes meanwhile is joined to it. */
  readonly delayMs?: number
}
/** Owes a card to its chat. What waits already is replaced by the newest: it keeps its place in the queue, its urgency, and that it has yet to be posted. */
export function owe(tx: Tx, card: Pick<Card, 'id' | 'platform'>, owed: Owed, now: number): void {
  const waiting = pendingOf(tx, card.id)
  const { title = null, text = null, level = null } = owed
  if (waiting) {
    const why = waiting.why !== 'changed' && owed.why === 'changed' ? waiting.why : owed.why
    tx.update(deliveries)
      .set({
        why,
        urgent: waiting.urgent || owed.urgent,
        title: title ?? waiting.title,
        text: text ?? waiting.text,
        level: level ?? waiting.level,
      })
      .where(eq(deliveries.id, waiting.id))
      .run()
    return
  }
  tx.insert(deliveries)
    .values({
      cardId: card.id,
      platform: card.platform,
      why: owed.why,
      urgent: owed.urgent,
      title,
      text,
      level,
      state: 'pending',
      attempts: 0,
      notBefore: now + (owed.delayMs ?? 0),
      leasedUntil: null,
      createdAt: now,
      error: null,
    })
    .run()
}
const pendingOf = (tx: Tx, cardId: string): Delivery | undefined =>
  tx
    .select()
    .from(deliveries)
    .where(and(eq(deliveries.cardId, cardId), eq(deliveries.state, 'pending')))
    .get()

const LEASE_MS = 30_000
/** Leases what is due, urgent first, in order per card: a card under lease gets nothing more until that is acknowledged. */
export function leaseDeliveries(tx: Tx, platform: string, max: number, now: number): Delivery[] {
  const busy = tx
    .select({ id: deliveries.cardId })
    .from(deliveries)
    // A card is of one platform; said here, what has long been delivered is not looked through.
    .where(and(eq(deliveries.platform, platform), eq(deliveries.state, 'leased'), gt(deliveries.leasedUntil, now)))
  const due = tx
    .select()
    .from(deliveries)
    .where(
      and(
        eq(deliveries.platform, platform),
        or(
          and(eq(deliveries.state, 'pending'), lte(deliveries.notBefore, now)),
          and(eq(deliveries.state, 'leased'), lte(deliveries.leasedUntil, now)),
        ),
        sql`${deliveries.cardId} NOT IN ${busy}`,
      ),
    )
    .orderBy(desc(deliveries.urgent), asc(deliveries.id))
    .limit(max * 2)
    .all()
  const leased: Delivery[] = []
  for (const row of due) {
    if (leased.length === max) break
    if (leased.some((other) => other.cardId === row.cardId)) continue
    const change = { state: 'leased', leasedUntil: now + LEASE_MS, attempts: row.attempts + 1 }
    tx.update(deliveries).set(change).where(eq(deliveries.id, row.id)).run()
    leased.push({ ...row, ...change })
  }
  return leased
}
/** Those who held leases are gone, a process before this one: what they had is due at once. */
export const freeLeases = (tx: Tx, now: number): void =>
  void tx
    .update(deliveries)
    .set({ leasedUntil: now })
    .where(and(eq(deliveries.state, 'leased'), gt(deliveries.leasedUntil, now)))
    .run()
/** When something may be due next on a platform; null: nothing waits. */
export function nextDueAt(tx: Tx, platform: string): number | null {
  const row = tx
    .select({
      at: sql<
        number | null
      >`min(case when ${deliveries.state} = 'leased' then ${deliveries.leasedUntil} else ${deliveries.notBefore} end)`,
    })
    .from(deliveries)
    .where(and(eq(deliveries.platform, platform), inArray(deliveries.state, ['pending', 'leased'])))
    .get()
  return row?.at ?? null
}
export const deliveryById = (tx: Tx, id: number): Delivery | undefined =>
  tx.select().from(deliveries).where(eq(deliveries.id, id)).get()
export function settleDelivery(tx: Tx, id: number): void {
  tx.update(deliveries).set({ state: 'done', error: null, leasedUntil: null }).where(eq(deliveries.id, id)).run()
}
export function failDelivery(tx: Tx, id: number, error: string): void {
  tx.update(deliveries).set({ state: 'undeliverable', error, leasedUntil: null }).where(eq(deliveries.id, id)).run()
}
/** What is owed to a card cannot be delivered. */
export const failOwed = (tx: Tx, cardId: string, error: string): void =>
  void tx
    .update(deliveries)
    .set({ state: 'undeliverable', error })
    .where(and(eq(deliveries.cardId, cardId), eq(deliveries.state, 'pending')))
    .run()
/** Back into the queue; joined with what came for the card meanwhile. */
export function putBack(tx: Tx, row: Delivery, notBefore: number, error: string | null): void {
  const newer = pendingOf(tx, row.cardId)
  if (!newer) {
    tx.update(deliveries)
      .set({ state: 'pending', notBefore, error, leasedUntil: null })
      .where(eq(deliveries.id, row.id))
      .run()
    return
  }
  tx.update(deliveries)
    .set({
      notBefore,
      error,
      attempts: row.attempts,
      urgent: newer.urgent || row.urgent,
      why: newer.why === 'changed' ? row.why : newer.why,
      title: newer.title ?? row.title,
      text: newer.text ?? row.text,
      level: newer.level ?? row.level,
    })
    .where(eq(deliveries.id, newer.id))
    .run()
  tx.delete(deliveries).where(eq(deliveries.id, row.id)).run()
}
export const listDeliveries = (tx: Tx, undeliverable: boolean, limit: number, before: number | null): Delivery[] =>
  tx
    .select()
    .from(deliveries)
    .where(
      and(
        inArray(deliveries.platform, ['slack', 'telegram']),
        inArray(deliveries.state, undeliverable ? ['undeliverable'] : ['pending', 'leased', 'undeliverable']),
        before === null ? undefined : lt(deliveries.id, before),
      ),
    )
    .orderBy(desc(deliveries.id))
    .limit(limit)
    .all()
export const countDeliveries = (tx: Tx): { platform: string; state: string; count: number }[] =>
  tx
    .select({ platform: deliveries.platform, state: deliveries.state, count: sql<number>`count(*)` })
    .from(deliveries)
    .where(inArray(deliveries.state, ['pending', 'leased', 'undeliverable']))
    .groupBy(deliveries.platform, deliveries.state)
    .all()
/** Rows that only say that something was delivered. */
export const sweepDeliveries = (tx: Tx, before: number): void =>
  void tx
    .delete(deliveries)
    .where(and(eq(deliveries.state, 'done'), lt(deliveries.createdAt, before)))
    .run()
