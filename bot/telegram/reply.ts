import type { InlineKeyboardButton, UserFromGetMe } from 'grammy/types'
import type { Line } from '../core/card.ts'
import { PortError, type Port, type Reply } from '../core/contract.ts'
import { showCard } from '../core/show-card.ts'
import { placeMenu } from '../core/place.ts'
import type { Answer } from './answer.ts'
import type { Dialogues, Scene } from './dialogue/contract.ts'
import { escape, prose } from './html.ts'
import { limits } from './limits.ts'
import { isPrivate, placeText, type Place } from './place.ts'
import type { Messages } from './port.ts'
import { drawCard, labelOf, lineHtml, linePlain } from './render.ts'
import type { Shelf } from './shelf.ts'
import { askOnceMore } from './steps.ts'
import { telegramTexts } from './texts.ts'

export interface ReplyDeps {
  readonly messages: Messages
  readonly shelf: Shelf
  readonly dialogues: Dialogues
  readonly port: Port
  readonly me: Pick<UserFromGetMe, 'username'>
}
/** What the answer is to: a pressed button (with its one answer) or a message. */
export interface Cause {
  readonly answer: Answer | null
  /** The message pressed or written. */
  readonly message: number | null
  /** A command in a group opens its form there; a press on a shared card answers in private. */
  readonly typed: boolean
}

/** Says to the one who acted what a feature answered. In groups that is the private chat; the group learns nothing. */
export async function sayReply(deps: ReplyDeps, scene: Scene, reply: Reply, cause: Cause): Promise<void> {
  const { messages, shelf, dialogues, port } = deps
  const { acting } = scene
  switch (reply.kind) {
    case 'nothing':
      return
    case 'tell': {
      const text = reply.lines.map((line) => linePlain(line, scene.manner)).join('\n')
      if (cause.answer && text.length <= limits.alert && (await cause.answer.say(text, reply.alert))) return
      return inPrivate(deps, scene, cause, (place) =>
        messages.post(place, { html: linesHtml(reply.lines, scene), keyboard: null }),
      )
    }
    case 'card': {
      const placed = await placeMenu(acting.service, reply.card)
      return inPrivate(deps, scene, cause, (place) => messages.post(place, drawCard(placed, scene.manner)))
    }
    case 'form':
      if (cause.typed || isPrivate(scene.place))
        return dialogues.open(scene, reply.session, reply.form, isPrivate(scene.place) ? null : cause.message)
      return inPrivate(deps, scene, cause, (place) =>
        dialogues.open({ ...scene, place }, reply.session, reply.form, null),
      )
    case 'confirm':
      return inPrivate(deps, scene, cause, (place) =>
        askOnceMore({ messages, shelf }, place, scene.from, reply, isPrivate(scene.place) ? cause.message : null),
      )
    case 'show':
      return inPrivate(deps, scene, cause, (place) =>
        showCard(
          acting,
          port,
          {
            place: `telegram:${placeText(place)}`,
            shared: false,
            language: acting.texts.language,
            timeZone: scene.manner.timeZone,
          },
          reply.target,
        ),
      )
    case 'open':
      return inPrivate(deps, scene, cause, (place) =>
        openPage(
          messages,
          place,
          linesHtml(reply.lines, scene),
          reply.label,
          reply.url,
          telegramTexts(acting.texts.language).linkAddress,
        ),
      )
  }
}
const linesHtml = (lines: readonly Line[], scene: Scene): string =>
  lines.map((line) => lineHtml(line, scene.manner)).join('\n')

/** Where only this person reads. A bot may not write first: whoever never started it is told so, once, where they are. */
async function inPrivate(
  deps: ReplyDeps,
  scene: Scene,
  cause: Cause,
  post: (place: Place) => Promise<unknown>,
): Promise<void> {
  if (isPrivate(scene.place)) return void (await post(scene.place))
  const own = telegramTexts(scene.acting.texts.language)
  try {
    await post({ chat: Number(scene.from), thread: null })
    await cause.answer?.say(own.answeredPrivately, false)
  } catch (error) {
    if (!(error instanceof PortError) || error.kind !== 'undeliverable') throw error
    const text = own.startFirst(scene.acting.account.name)
    if (cause.answer && (await cause.answer.say(text, true))) return
    const button: InlineKeyboardButton = { text: labelOf(own.openChat), url: `https://t.me/${deps.me.username}?start` }
    await deps.messages.post(
      scene.place,
      { html: prose(text), keyboard: { inline_keyboard: [[button]] } },
      cause.message === null ? {} : { replyTo: cause.message },
    )
  }
}

/** A page to open. Inside Telegram where it can be (private chat, https); Telegram takes no buttons to this machine itself, so there the address is written out. */
export async function openPage(
  messages: Messages,
  place: Place,
  html: string,
  label: string,
  url: string,
  addressIs: string,
): Promise<void> {
  const button = pageButton(place, label, url)
  const text = button ? html : `${html}\n${escape(addressIs)}\n${escape(url)}`
  await messages.post(place, { html: text, keyboard: button && { inline_keyboard: [[button]] } })
}
function pageButton(place: Place, label: string, url: string): InlineKeyboardButton | null {
  const { protocol, hostname } = new URL(url)
  if (/^(localhost|127\.|0\.0\.0\.0|\[)/.test(hostname) || !hostname.includes('.')) return null
  return protocol === 'https:' && isPrivate(place)
    ? { text: labelOf(label), web_app: { url } }
    : { text: labelOf(label), url }
}
