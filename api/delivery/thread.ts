import { catalogue, type Tx } from '../../engine/index.ts'

/** A thread is told in few, long breaths: what happens within this time becomes one post or edit. */
const JOIN_MS = 6_000

/** The thread beneath a task's card, made once the card is there. Null: this card has none, or had one before. */
export function threadUnder(tx: Tx, cardId: string, now: number): catalogue.Card | null {
  const card = catalogue.cardById(tx, cardId)
  // Only the card the server routed: copies that somebody asked for would tell the same again.
  if (card?.subject !== 'task') return null
  const { id: _id, messageId: _message, memo: _memo, createdAt: _at, open, ...place } = card
  const thread = catalogue.cardAt(tx, { ...place, kind: 'thread', subject: 'thread' }, now)
  if (!thread.made) return null
  if (!open) catalogue.changeCard(tx, thread.card.id, { open: false }) // the task ended meanwhile: told once
  return thread.card
}
/** Owes the thread what has happened since: never before the cards themselves, which say what is true now. */
export const oweThread = (tx: Tx, thread: Pick<catalogue.Card, 'id' | 'platform'>, why: string, now: number): void =>
  catalogue.owe(tx, thread, { why, urgent: false, delayMs: JOIN_MS }, now)
