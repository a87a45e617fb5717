import { ClientError, type Client } from '../../api/client/index.ts'
import { askCard } from './cards/ask.ts'
import { attentionCard } from './cards/attention.ts'
import { messageCard } from './cards/message.ts'
import { requestCard } from './cards/request.ts'
import { taskCard } from './cards/task.ts'
import type { Card } from './card.ts'
import { PortError } from './contract.ts'
import {
  askQuery,
  attentionInRoomQuery,
  attentionQuery,
  requestQuery,
  taskCardQuery,
  type Delivery,
} from './queries/index.ts'
import { textsFor, type Texts } from './texts.ts'
import { accountKey } from './welcome.ts'

/** The card as it must look now. Private cards are read as the person they are for, so that rights are theirs. */
export async function renderDelivery(
  service: Client,
  delivery: Delivery,
  { now, roomLanguage }: { now: number; roomLanguage: string },
): Promise<Card> {
  const { card } = delivery
  if (card.kind === 'MESSAGE') return messageCard(delivery.title, delivery.text ?? '', delivery.level)
  const { texts, reader } = readingOf(service, delivery, roomLanguage)
  return renderCard(
    reader,
    { kind: card.kind, taskId: card.taskId ?? '', askId: card.askId ?? '', nodeId: card.nodeId ?? '' },
    { texts, shared: card.shared, now },
  )
}
/** In whose words and with whose rights a card is read. */
export function readingOf(
  service: Client,
  { card }: Delivery,
  roomLanguage: string,
): { readonly texts: Texts; readonly reader: Client } {
  const account = accountAt(card)
  const texts = textsFor((card.shared ? null : card.person?.language) ?? roomLanguage)
  if (card.shared || card.person === null) return { texts, reader: service }
  if (!account) throw new ClientError('NOT_FOUND', 'expected an account of its reader, but it is theirs no more')
  const key = accountKey({ platform: card.platform, team: account.team, user: account.user, name: '' })
  return { texts, reader: service.actingFor(key, texts.language) }
}
/** The account of its person that reads there. One that is theirs no more reads nothing, also where they have another on the same platform. */
function accountAt({ person, platform: wanted, place }: Delivery['card']) {
  const theirs = person?.identities.filter(({ platform }) => platform.toUpperCase() === wanted) ?? []
  const user = place.replace(/^@/, '')
  const isAnAccount = wanted === 'SLACK' ? /^[UW]/.test(user) : /^\d+$/.test(user)
  return isAnAccount ? theirs.find((one) => one.user === user) : theirs[0]
}
/** In place of a card that its reader may not see any more: suspended, out of the role, or no longer this account. */
export function withdrawn({ card }: Delivery): Card {
  const { withdrawnCard } = textsFor(card.person?.language)
  return { ...messageCard(withdrawnCard.title, withdrawnCard.text), actions: [] }
}
/** A living card of this kind, out of what its reader may see. */
export async function renderCard(
  reader: Client,
  target: { kind: string; taskId: string; askId: string; nodeId: string },
  view: Parameters<typeof taskCard>[0],
): Promise<Card> {
  if (target.kind === 'ASK') return askCard(view, found((await reader.query(askQuery, { id: target.askId })).ask))
  if (target.kind === 'ATTENTION') {
    const variables = { id: target.taskId, node: target.nodeId }
    const task = view.shared
      ? (await reader.query(attentionInRoomQuery, variables)).task
      : (await reader.query(attentionQuery, variables)).task
    return attentionCard(view, found(task), found(task?.node ?? null))
  }
  if (target.kind === 'REQUEST')
    return requestCard(view, found((await reader.query(requestQuery, { id: target.taskId })).task))
  return taskCard(view, found((await reader.query(taskCardQuery, { id: target.taskId })).task))
}
const found = <T>(value: T | null | undefined): T => {
  if (value === null || value === undefined)
    throw new ClientError('NOT_FOUND', 'expected what the card is about, but it is not there for its reader')
  return value
}

/** No later try would fare better. */
export const isHopeless = (error: unknown): boolean =>
  error instanceof PortError
    ? error.kind === 'undeliverable' || error.kind === 'refused'
    : error instanceof ClientError && ['NOT_FOUND', 'FORBIDDEN', 'UNAUTHENTICATED'].includes(error.code)
