import { PortError, type Acting, type Destination, type Port, type ShowTarget } from './contract.ts'
import { renderCard } from './draw.ts'
import { placeCard } from './place.ts'
import { openCardMutation } from './queries/index.ts'

/** Posts a living card because somebody asked for it: first the message, then the server knows it and gives it buttons. */
export async function showCard(
  acting: Acting,
  port: Port,
  to: Destination,
  target: ShowTarget,
  now: number = Date.now(),
): Promise<void> {
  const card = await renderCard(
    acting.client,
    { askId: '', nodeId: '', ...target },
    { texts: acting.texts, shared: to.shared, now },
  )
  const messageId = await patiently(() => port.post(to, { ...card, actions: [] }))
  const { openCard } = await acting.client.query(openCardMutation, {
    ...target,
    platform: port.platform,
    place: to.place,
    messageId,
  })
  if (card.actions.length === 0) return
  const placed = await placeCard(acting.service, openCard.id, card)
  await patiently(() => port.edit(to, messageId, placed))
}

/** Brings the message of a late button up to date: it may be a copy that nobody knows of any more (posted a moment before a crash). */
export async function redrawCard(
  acting: Acting,
  port: Port,
  to: Destination,
  messageId: string,
  about: ShowTarget & { readonly cardId: string },
  now: number = Date.now(),
): Promise<void> {
  const reader = to.shared ? acting.service : acting.client
  const card = await renderCard(
    reader,
    { askId: '', nodeId: '', ...about },
    { texts: acting.texts, shared: to.shared, now },
  )
  await port.edit(to, messageId, await placeCard(acting.service, about.cardId, card))
}

/** Somebody waits for this card, so it stands in no line; when the platform asks for a moment, it gets it. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof PortError && error.kind === 'wait') || tries === 4) throw error
      const waitMs = Math.min(error.retryAfterS ?? 1, 10) * 1000
      await new Promise((resolve) => setTimeout(resolve, waitMs))
    }
  }
}
