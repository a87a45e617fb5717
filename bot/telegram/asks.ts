import type { PlacedCard } from '../core/card.ts'
import type { Place } from './place.ts'
import { put, type Shelf } from './shelf.ts'

/** Which request a message shows, so that a reply to it can be a comment on it. Bot state lives at most 30 days; showing the card again renews it. */
const TTL_S = 30 * 86_400
const key = (place: Place, message: number): string => `telegram/ask/${place.chat}/${message}`

/** To be called whenever a card was posted or edited; writes once per message. */
export function askKeeper(shelf: Shelf): (place: Place, message: number, card: PlacedCard) => Promise<void> {
  const written = new Set<string>()
  return async (place, message, card) => {
    const askId =
      card.kind === 'ask' ? card.actions.find(({ target }) => target.askId !== undefined)?.target.askId : undefined
    const at = key(place, message)
    if (askId === undefined || written.has(at)) return
    await put(shelf, at, askId, TTL_S)
    if (written.size > 5000) written.clear()
    written.add(at)
  }
}
export const askOf = async (shelf: Shelf, place: Place, message: number): Promise<string | null> =>
  (await shelf.read<string>(key(place, message))).value
