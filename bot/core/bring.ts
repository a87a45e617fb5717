import type { Client } from '../../api/client/index.ts'
import { messageCard } from './cards/message.ts'
import { line, type Card } from './card.ts'
import { PortError, type Destination, type Port } from './contract.ts'
import { isHopeless, readingOf, renderDelivery, withdrawn } from './draw.ts'
import { callLine, calledBy, calling, keptOf, namesOf, type Called, type CalledMemo } from './mention.ts'
import { placeCard, type Tokens } from './place.ts'
import type { Delivery } from './queries/index.ts'
import { tellThread } from './tell-thread.ts'
import { toldOf, type Told } from './thread.ts'

/** What the server is told of a delivery. */
export interface Outcome {
  readonly messageId?: string
  readonly memo?: Told | CalledMemo
  readonly error?: string
  readonly undeliverable?: boolean
  readonly retryAfterS?: number
}
/** With what a chat is brought up to date. */
export interface Desk {
  /** The bot service's own connection. */
  readonly client: Client
  readonly port: Port
  /** Language of cards in shared rooms. */
  readonly roomLanguage: string
  readonly now: () => number
  readonly memory: Memory
}
/** What was done a moment ago. It spares calls and never decides: all of it may be forgotten. */
export interface Memory {
  /** Of cards posted a moment ago, whose deliveries were leased before the server knew. */
  readonly messages: Map<string, string>
  readonly drawn: Map<string, string>
  /** Of threads told a moment ago, likewise. */
  readonly told: Map<string, Told>
  readonly tokens: Tokens
  /** By the posts that stand: an edit keeps them and calls nobody anew. The server keeps them too, beside the card. */
  readonly called: Map<string, Called>
}
export const newMemory = (): Memory => ({
  messages: new Map(),
  drawn: new Map(),
  told: new Map(),
  tokens: new Map(),
  called: new Map(),
})
const REMEMBERED = 5000
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > REMEMBERED) for (const oldest of map.keys()) return void map.delete(oldest)
}

/** Where it stands already; null: nowhere yet. */
export function messageOf(memory: Memory, delivery: Delivery): string | null {
  if (delivery.card.kind === 'MESSAGE') return null
  if (delivery.card.kind === 'THREAD') return toldBy(memory, delivery)?.page ?? null
  return delivery.card.messageId || memory.messages.get(delivery.card.id) || null
}
function toldBy({ told }: Memory, { card }: Delivery): Told | null {
  const root = card.replyTo ?? ''
  return toldOf(told.get(card.id), root) ?? toldOf(card.memo, root)
}
export const destinationOf = ({ card }: Delivery, roomLanguage: string): Destination => ({
  place: card.place,
  shared: card.shared,
  language: (card.shared ? null : card.person?.language) ?? roomLanguage,
  timeZone: card.shared ? null : (card.person?.timeZone ?? null),
})

/** Renders the present truth and posts or edits it, or tells what happened since. */
export async function bring(desk: Desk, delivery: Delivery): Promise<Outcome> {
  if (delivery.card.kind === 'THREAD') return tell(desk, delivery)
  if (!isSilent(delivery)) return bringCard(desk, delivery)
  const messageId = lastMessageOf(desk.memory, delivery)
  return messageId ? { messageId } : {}
}
/** A message says what it says once: its closing has no words. */
const isSilent = ({ card, title, text }: Delivery): boolean => card.kind === 'MESSAGE' && !title && !text
const lastMessageOf = ({ messages }: Memory, { card }: Delivery): string =>
  card.messageId || (messages.get(card.id) ?? '')

/** What happened since, beneath the task's card. */
async function tell(desk: Desk, delivery: Delivery): Promise<Outcome> {
  const { client, port, memory, roomLanguage, now } = desk
  const { id, taskId, replyTo: root } = delivery.card
  if (root === null) return {} // no card to hang from: its next change brings both
  const { texts, reader } = readingOf(client, delivery, roomLanguage)
  const { told, more } = await tellThread({
    service: client,
    reader,
    port,
    to: destinationOf(delivery, roomLanguage),
    texts,
    card: { id, taskId },
    root,
    memo: toldBy(memory, delivery),
    tokens: memory.tokens,
    drawn: {
      get: (key) => memory.drawn.get(key),
      set: (key, text) => remember(memory.drawn, key, text),
    },
    now: now(),
  })
  remember(memory.told, id, told)
  const { page } = told
  return { memo: told, ...(page !== null && { messageId: page }), ...(more && { retryAfterS: 0 }) }
}

/** Posts or edits the card. */
async function bringCard(desk: Desk, delivery: Delivery): Promise<Outcome> {
  const { memory, port, roomLanguage } = desk
  const known = messageOf(memory, delivery)
  const drawn = await drawNow(desk, delivery, known)
  if (!known) return postFirst(desk, delivery, calling(drawn, calledBy(delivery)))
  const card = calling(drawn, memory.called.get(delivery.card.id) ?? keptOf(delivery.card.memo))
  const stands = await editCard(desk, delivery, known, card, drawn)
  if (stands.messageId !== known) return stands
  const to = destinationOf(delivery, roomLanguage)
  if (delivery.why === 'reminder' || delivery.why === 'escalated')
    await port.post(to, nudge(card, to.shared ? calledBy(delivery) : NOBODY), known) // an edit tells nobody
  return stands
}
async function drawNow({ client, roomLanguage, now }: Desk, delivery: Delivery, known: string | null): Promise<Card> {
  try {
    return await renderDelivery(client, delivery, { now: now(), roomLanguage })
  } catch (error) {
    // Whom it was for may not see it any more: what is there already keeps neither facts nor buttons.
    if (known && !delivery.card.shared && isHopeless(error)) return withdrawn(delivery)
    throw error
  }
}
async function postFirst(desk: Desk, delivery: Delivery, card: Card): Promise<Outcome> {
  const { client, port, memory, roomLanguage } = desk
  const { id, kind } = delivery.card
  const placed = kind === 'MESSAGE' ? { ...card, actions: [] } : await placeCard(client, id, card, memory.tokens)
  const messageId = await port.post(destinationOf(delivery, roomLanguage), placed)
  remember(memory.messages, id, messageId)
  remember(memory.drawn, id, JSON.stringify(card))
  const called = calledBy(delivery)
  if (called.size === 0) return { messageId }
  remember(memory.called, id, called)
  return { messageId, memo: namesOf(called) }
}
/** Where it stands after: the same message, or a new one where that was removed. `uncalled`: the same card that calls nobody. */
async function editCard(
  { client, port, memory, roomLanguage }: Desk,
  delivery: Delivery,
  known: string,
  card: Card,
  uncalled: Card,
): Promise<Outcome> {
  const { id } = delivery.card
  const text = JSON.stringify(card)
  if (memory.drawn.get(id) === text) return { messageId: known }
  const to = destinationOf(delivery, roomLanguage)
  const placed = await placeCard(client, id, card, memory.tokens)
  try {
    await port.edit(to, known, placed)
  } catch (error) {
    if (!(error instanceof PortError && error.kind === 'gone')) throw error
    // Somebody removed it: what stands there anew calls nobody a second time.
    remember(memory.called, id, NOBODY)
    const messageId = await port.post(to, { ...placed, notes: uncalled.notes })
    remember(memory.messages, id, messageId)
    remember(memory.drawn, id, JSON.stringify(uncalled))
    return { messageId, ...(keptOf(delivery.card.memo).size > 0 && { memo: namesOf(NOBODY) }) }
  }
  remember(memory.drawn, id, text)
  if (placed.actions.length === 0) memory.tokens.delete(id) // decided or ended: nothing to keep
  return { messageId: known }
}

const NOBODY: Called = new Map()
const nudge = (card: Card, called: Called) => ({
  ...messageCard(null, card.summary),
  lines: [[...callLine(called), ...line(card.summary)]],
  mark: card.mark,
  actions: [],
})
