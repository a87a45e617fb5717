/** Where a message goes: a chat and, in groups with topics, the topic. Written `-100123/7`, as `origin` with `telegram:` before it. */
export interface Place {
  readonly chat: number
  /** Never dropped: without it a message lands in the group's General. */
  readonly thread: number | null
}

const PLACE = /^(?:telegram:)?(-?\d+)(?:\/(\d+))?$/
export const isPlace = (text: string): boolean => PLACE.test(text)
/** @throws Error when it is no Telegram place: a bug or a wrong `rooms` entry. */
export function parsePlace(text: string): Place {
  const [, chat, thread] = PLACE.exec(text) ?? []
  if (chat === undefined) throw new Error(`expected a Telegram place such as -100123/7, but got ${text}`)
  return { chat: Number(chat), thread: thread === undefined ? null : Number(thread) }
}
export const placeText = ({ chat, thread }: Place): string => (thread === null ? `${chat}` : `${chat}/${thread}`)
/** Telegram gives people positive ids and groups negative ones. */
export const isPrivate = (place: Place): boolean => place.chat > 0
/** What every call that posts carries. */
export const target = ({ chat, thread }: Place): { chat_id: number; message_thread_id?: number } => ({
  chat_id: chat,
  ...(thread !== null && { message_thread_id: thread }),
})
