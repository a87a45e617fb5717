import { expect, vi } from 'vitest'
import { loadTelegramEmulator, type Transcript } from '../emulators.ts'

export interface TgButton {
  readonly text: string
  readonly callback_data?: string
  readonly url?: string
  readonly web_app?: { readonly url: string }
  readonly style?: string
}
export interface TgMessage {
  readonly message_id: number
  readonly text: string
  readonly chat: { readonly id: number }
  readonly message_thread_id?: number
  readonly reply_to_message?: TgMessage
  readonly entities?: readonly {
    readonly type: string
    readonly offset: number
    readonly length: number
    readonly url?: string
  }[]
  readonly reply_markup?: { readonly inline_keyboard: readonly (readonly TgButton[])[] }
}
export interface TgAnswer {
  readonly text: string | null
  readonly show_alert: boolean
  readonly ms: number
}
export interface TgPress {
  waitAnswer(timeout?: number): Promise<TgAnswer>
  /** Of a button with an address. */
  readonly opened?: string
}
export interface TgPerson {
  readonly id: number
  send(text: string, options?: { chat?: number; thread?: number }): TgMessage & { readonly seen: boolean }
  start(payload?: string): TgMessage
  reply(message: TgMessage, text: string): TgMessage & { readonly seen: boolean }
  press(message: TgMessage, want: string): TgPress
  forgePress(message: TgMessage, data: string): TgPress
  block(): void
  unblock(): void
  setBot(chat: number, status: string): void
  leaveGroup(chat: number): void
  initData(options?: { how?: string }): string
}
export interface TgChat {
  readonly topics: Map<number, { name: string; closed?: boolean }>
  readonly members: Map<number, { status: string }>
}
export interface TelegramEmulator {
  readonly log: Transcript
  readonly token: string
  readonly apiRoot: string
  readonly me: { readonly id: number; readonly username: string }
  readonly users: Map<number, Record<string, unknown>>
  readonly chats: Map<number, TgChat>
  readonly messages: Map<number, TgMessage[]>
  readonly commands: Map<string, readonly { command: string; description: string }[]>
  readonly webhookMap: Record<string, string>
  readonly webhook: { readonly url: string; readonly secret: string } | null
  addUser(user?: {
    id?: number
    first_name?: string
    last_name?: string
    language_code?: string
    is_bot?: boolean
  }): TgPerson
  addGroup(group: {
    title?: string
    type?: string
    members?: readonly TgPerson[]
    bot?: string
    forum?: boolean
  }): number
  migrate(group: number): number
  redeliver(update: unknown): void
  push(type: string, object: unknown): unknown
  failNext(method: string, fault: Record<string, unknown>, times?: number): void
  waitForMessage(chat: TgPerson | number, pred?: (message: TgMessage) => boolean, timeout?: number): Promise<TgMessage>
  stop(): Promise<void>
}

const module = (): Promise<{
  TelegramEmulator: { start(options: unknown): Promise<TelegramEmulator> }
  makeInitData(options: { token: string; user: Record<string, unknown>; how?: string }): string
  testPublicKeyHex: string
}> => loadTelegramEmulator() as never // the shape of the emulator's own module

/** Telegram, strict: unknown parameters are noted too. */
export const startTelegramEmulator = async (options: Record<string, unknown> = {}): Promise<TelegramEmulator> =>
  (await module()).TelegramEmulator.start(options)
/** Launch data of a Mini App, signed or spoilt in a named way. */
export const initDataMaker = async () => {
  const { makeInitData, testPublicKeyHex } = await module()
  return { makeInitData, testPublicKeyHex }
}

export const buttonsOf = (message: TgMessage): TgButton[] => (message.reply_markup?.inline_keyboard ?? []).flat()
export const labelsOf = (message: TgMessage): string[] => buttonsOf(message).map(({ text }) => text)
export const hasButton = (label: string) => (message: TgMessage) => labelsOf(message).includes(label)
/** Presses and waits until the spinner stops. */
export const press = (person: TgPerson, message: TgMessage, label: string): Promise<TgAnswer> =>
  person.press(message, label).waitAnswer()
export const inChat = (emulator: TelegramEmulator, chat: TgPerson | number): readonly TgMessage[] =>
  emulator.messages.get(typeof chat === 'number' ? chat : chat.id) ?? []

/** A busy machine is no failure. */
export const patient = { timeout: 20_000, interval: 25 }
/** The newest message of a chat that is so, once there is one. */
export const seenIn =
  (emulator: TelegramEmulator) =>
  (chat: TgPerson | number, is: (message: TgMessage) => boolean): Promise<TgMessage> =>
    vi.waitFor(() => {
      const messages = inChat(emulator, chat)
      const found = messages.findLast(is)
      expect(found, messages.at(-1)?.text).toBeDefined()
      return found!
    }, patient)
export const says =
  (...words: readonly string[]) =>
  ({ text }: TgMessage): boolean =>
    words.every((word) => text.includes(word))
/** A card of this task that has the button. */
export const about =
  (number: number, label: string) =>
  (message: TgMessage): boolean =>
    message.text.includes(`#${number}`) && hasButton(label)(message)
