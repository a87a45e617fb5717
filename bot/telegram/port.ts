import type { Api } from 'grammy'
import { GrammyError, HttpError } from 'grammy'
import { PortError, type Destination, type Limit, type Port } from '../core/contract.ts'
import type { PlacedCard } from '../core/card.ts'
import { clip, visible } from './html.ts'
import { limits } from './limits.ts'
import { isPlace, isPrivate, parsePlace, target, type Place } from './place.ts'
import { drawCard, type Drawn } from './render.ts'

const noPreview = { link_preview_options: { is_disabled: true } } as const // fetching a page for a preview must not look like a visit

/** What a refusal of Telegram means for a message that should get out. */
export function meaningOf(error: unknown): PortError | 'unchanged' | 'unreadable' | { readonly movedTo: number } {
  if (error instanceof PortError) return error
  if (!(error instanceof GrammyError))
    return new PortError('broken', error instanceof HttpError ? 'Telegram cannot be reached' : String(error))
  const { error_code: code, description: text, parameters } = error
  if (parameters.migrate_to_chat_id !== undefined) return { movedTo: parameters.migrate_to_chat_id }
  if (code === 429) return new PortError('wait', text, parameters.retry_after ?? 5)
  if (code === 403) return new PortError('undeliverable', text)
  if (code !== 400) return new PortError('broken', text)
  if (/message is not modified/i.test(text)) return 'unchanged'
  if (
    /message to edit not found|message can't be edited|MESSAGE_ID_INVALID|message identifier is not specified|message to be replied not found|there is no text in the message/i.test(
      text,
    )
  )
    return new PortError('gone', text)
  if (/can't parse entities/i.test(text)) return 'unreadable'
  if (
    /chat not found|thread not found|TOPIC_(CLOSED|DELETED)|not enough rights|have no rights|CHAT_(WRITE_FORBIDDEN|RESTRICTED)|CHAT_SEND_PLAIN_FORBIDDEN|PEER_ID_INVALID/i.test(
      text,
    )
  )
    return new PortError('undeliverable', text)
  return new PortError('refused', text) // the same call would be refused again
}

/** Posts, edits and reads refusals; knows of chats and markup, not of cards. */
export interface Messages {
  post(
    place: Place,
    drawn: Drawn,
    more?: {
      readonly replyTo?: number
      /** Of no use without the message it replies to, and nothing to ring for. */
      readonly isThread?: boolean
    },
  ): Promise<{ readonly message: number; readonly place: Place }>
  edit(place: Place, message: number, drawn: Drawn): Promise<void>
  /** No more to press; what it says stays. */
  unbutton(place: Place, message: number): Promise<void>
  /** Asks for words where the bot hears only replies; returns the message that asks. */
  prompt(place: Place, text: string, placeholder: string, replyTo: number | null): Promise<number>
  remove(place: Place, message: number): Promise<void>
}

export function messagesOver(api: Api): Messages {
  /** Once more where the chat has moved to, or without markup where Telegram could not read it: a plain card is better than none. */
  async function send<T>(
    place: Place,
    html: string,
    call: (place: Place, text: string, mode: { parse_mode?: 'HTML' }) => Promise<T>,
  ): Promise<T | null> {
    try {
      return await call(place, html, { parse_mode: 'HTML' })
    } catch (error) {
      const meaning = meaningOf(error)
      if (meaning === 'unchanged') return null
      if (meaning === 'unreadable')
        return await call(place, clip(visible(html), limits.text), {}).catch((again: unknown) => {
          throw strict(again)
        })
      if (meaning instanceof PortError) throw meaning
      const moved = { chat: meaning.movedTo, thread: null }
      return await call(moved, html, { parse_mode: 'HTML' }).catch((again: unknown) => {
        if (meaningOf(again) === 'unchanged') return null
        throw strict(again)
      })
    }
  }
  const markup = (drawn: Drawn) => (drawn.keyboard ? { reply_markup: drawn.keyboard } : {})
  return {
    async post(place, drawn, { replyTo, isThread = false } = {}) {
      const reply =
        replyTo === undefined
          ? {}
          : {
              reply_parameters: { message_id: replyTo, allow_sending_without_reply: !isThread },
              ...(isThread && { disable_notification: true }),
            }
      const sent = await send(place, drawn.html, async (at, text, mode) => ({
        at,
        message: await api.sendMessage(at.chat, text, {
          ...target(at),
          ...mode,
          ...noPreview,
          ...markup(drawn),
          ...reply,
        }),
      }))
      if (!sent) throw new PortError('broken', 'expected a message, but Telegram says it is not modified')
      return { message: sent.message.message_id, place: sent.at }
    },
    async edit(place, message, drawn) {
      await send(place, drawn.html, (at, text, mode) =>
        api.editMessageText(at.chat, message, text, { ...mode, ...noPreview, ...markup(drawn) }),
      )
    },
    async unbutton(place, message) {
      await send(place, '', (at) => api.editMessageReplyMarkup(at.chat, message))
    },
    async prompt(place, text, placeholder, replyTo) {
      const sent = await send(place, text, (at, html, mode) =>
        api.sendMessage(at.chat, html, {
          ...target(at),
          ...mode,
          reply_markup: {
            force_reply: true,
            selective: true,
            ...(placeholder && { input_field_placeholder: clip(placeholder, limits.placeholder) }),
          },
          ...(replyTo !== null && { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
        }),
      )
      return sent?.message_id ?? 0
    },
    async remove(place, message) {
      await api.deleteMessage(place.chat, message).catch(() => undefined) // older than 48 hours, or gone already
    },
  }
}
function strict(error: unknown): PortError {
  const meaning = meaningOf(error)
  return meaning instanceof PortError ? meaning : new PortError('broken', String(error))
}

/**
 * Telegram's rates (grammY's flood notes): about 30 calls a second in all, a message a second per private chat, and per group 20 a minute,
 * posts and edits together. Edits in a private chat bother nobody and have their own bucket.
 */
function limitsOf(kind: 'post' | 'edit', place: Place): readonly Limit[] {
  const chat: Limit = !isPrivate(place)
    ? { key: `chat:${place.chat}`, everyMs: 4600, burst: 5 } // at most 18 in any minute: leaves some for answers to people
    : kind === 'post'
      ? { key: `chat:${place.chat}`, everyMs: 1100, burst: 4 }
      : { key: `edits:${place.chat}`, everyMs: 1000, burst: 5 }
  return [{ key: 'bot', everyMs: 40, burst: 15 }, chat]
}

/**
 * Replies stand among all other messages, so there are few of them, and in groups they leave the card itself most of its twenty calls a minute.
 */
const THREAD = { pages: 3, lines: 15, tails: 1, tailLines: 15 } as const
const threadsIn = (place: Place): Limit =>
  isPrivate(place)
    ? { key: `thread:${place.chat}`, everyMs: 5000, burst: 3 }
    : { key: `thread:${place.chat}`, everyMs: 15_000, burst: 2 }

/** What the deliveries of `bot/core` need of Telegram. */
export function telegramPort(
  messages: Messages,
  onShown: (place: Place, message: number, card: PlacedCard) => Promise<void>,
): Port {
  const manner = (to: Destination) => ({ language: to.language ?? 'en', timeZone: to.timeZone })
  return {
    platform: 'TELEGRAM',
    async post(to, card, replyTo, as = 'reminder') {
      const reply = replyTo === undefined ? {} : { replyTo: Number(replyTo), isThread: as === 'thread' }
      const { message, place } = await messages.post(placeOf(to), drawCard(card, manner(to)), reply)
      await onShown(place, message, card)
      return String(message)
    },
    async edit(to, messageId, card) {
      await messages.edit(placeOf(to), Number(messageId), drawCard(card, manner(to)))
      await onShown(placeOf(to), Number(messageId), card)
    },
    thread: {
      ...THREAD,
      limit: ({ place }) =>
        isPlace(place) ? threadsIn(parsePlace(place)) : { key: `thread:${place}`, everyMs: 15_000, burst: 1 },
    },
    limits: (kind, to) => (isPlace(to.place) ? limitsOf(kind, parsePlace(to.place)) : []),
  }
}
/** A place that is no chat's number will never be one: the owner reads of it, nothing is tried again. */
function placeOf({ place }: Destination): Place {
  try {
    return parsePlace(place)
  } catch (error) {
    throw new PortError('undeliverable', String(error instanceof Error ? error.message : error))
  }
}
