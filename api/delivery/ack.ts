import { catalogue, type Tx } from '../../engine/index.ts'
import type { ServerConfig } from '../context.ts'
import { textsOf } from '../texts.ts'
import { languageFor } from './deliver.ts'
import { placeOf } from './place.ts'
import { placesOf, platformsOf, waysOf } from './reach.ts'
import { oweThread, threadUnder } from './thread.ts'

const BACKOFF_MS = [2_000, 5_000, 15_000, 30_000, 60_000, 300_000]

export interface Acknowledged {
  readonly messageId: string | null
  readonly memo?: unknown
  readonly error: string | null
  readonly retryAfterS: number | null
}
/** A bot's answer to a lease: posted, or to be tried again. */
export function deliverable(
  tx: Tx,
  row: catalogue.Delivery,
  { messageId, memo, error, retryAfterS }: Acknowledged,
  now: number,
): void {
  if (memo != null) catalogue.changeCard(tx, row.cardId, { memo })
  if (messageId !== null) {
    catalogue.changeCard(tx, row.cardId, { messageId })
    const thread = threadUnder(tx, row.cardId, now)
    if (thread) oweThread(tx, thread, 'opened', now)
  }
  if (error === null && retryAfterS === null) return catalogue.settleDelivery(tx, row.id)
  const waitMs = retryAfterS !== null ? retryAfterS * 1000 : BACKOFF_MS[Math.min(row.attempts, BACKOFF_MS.length) - 1]!
  catalogue.putBack(tx, row, now + waitMs, error)
}

/**
 * The place will never take it. What was meant for a room goes to the starter in private, with how to mend it; what was meant for one person
 * goes by their next way. Both stay on the list of what could not be delivered.
 */
export function undelivered(
  tx: Tx,
  row: catalogue.Delivery,
  reason: string,
  { config }: { config: ServerConfig },
  now: number,
): void {
  catalogue.failDelivery(tx, row.id, reason.slice(0, 500))
  const card = catalogue.cardById(tx, row.cardId)
  const task = card && catalogue.taskRow(tx, card.taskId)
  if (!card || !task) return
  const wasOpen = card.open
  catalogue.changeCard(tx, card.id, { open: false })
  if (card.kind === 'thread') return // whoever lacks the room's card is told by that
  if (card.person !== null && card.kind !== 'task') return byNextWay(tx, card, row, config, wasOpen, now)
  const starter = task.startedBy === null ? undefined : catalogue.personById(tx, task.startedBy)
  if (!card.shared || !starter) return
  const texts = textsOf(languageFor(tx, starter.id, config))
  for (const place of placesOf(tx, starter.id)) {
    const at = {
      taskId: card.taskId,
      platform: placeOf(place)!.platform,
      place,
      shared: false,
      person: starter.id,
      askId: null,
    }
    if (card.kind === 'task') {
      const own = catalogue.cardAt(tx, { ...at, kind: 'task', subject: 'task', nodeId: null }, now)
      catalogue.owe(tx, own.card, { why: own.made ? 'opened' : 'changed', urgent: true }, now)
    }
    // Once per task and room, however many cards failed there.
    const note = catalogue.cardAt(
      tx,
      { ...at, kind: 'message', subject: `unreachable:${card.place}`, nodeId: null },
      now,
    )
    if (!note.made) continue
    const title = `${task.title} #${task.number}`
    const text = `${texts.unreachablePlace(nameOf(tx, card.place), title, reason)}\n${config.url}/tasks/${task.number}`
    catalogue.owe(tx, note.card, { why: 'message', urgent: true, title, text, level: 'warning' }, now)
  }
}

/** What waits for its turn has it now; else any way that has not been tried: chats first, then e-mail. */
function byNextWay(
  tx: Tx,
  card: catalogue.Card,
  row: catalogue.Delivery,
  config: ServerConfig,
  isWanted: boolean,
  now: number,
): void {
  const { person, taskId, subject } = card
  if (person === null || !isWanted) return
  const [next] = catalogue.heldAbout(tx, taskId, subject, person)
  if (next) return catalogue.holdUntil(tx, next.id, now, 'order')
  const tried = (place: string): boolean => catalogue.cardThere(tx, taskId, subject, place) !== undefined
  const way = waysOf(tx, person, platformsOf(config)).find(({ place }) => !tried(place))
  if (!way) return
  const { id: _id, messageId: _message, memo: _memo, createdAt: _at, open: _open, ...about } = card
  const other = catalogue.cardAt(tx, { ...about, platform: way.channel, place: way.place, shared: false }, now)
  const { why, title, text, level } = row
  catalogue.owe(tx, other.card, { why: why === 'changed' ? 'opened' : why, urgent: true, title, text, level }, now)
}

/** A room by its name where it is known; else as it was written down. */
export function nameOf(tx: Tx, place: string): string {
  const { platform = '', target = place } = placeOf(place) ?? {}
  if (platform !== 'slack' && platform !== 'telegram') return target // mail and nothing at all have no rooms
  const group = target.split('/')[0]!
  return catalogue.workspaceOf(tx, platform, group)?.name ?? target
}
