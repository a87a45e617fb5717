import type { Api } from 'grammy'
import type { CallbackQuery, ChatMemberUpdated, Message, Update, UserFromGetMe } from 'grammy/types'
import type { Client } from '../../api/client/index.ts'
import { runCommand } from '../core/commands.ts'
import { line } from '../core/card.ts'
import type { Log, Reply } from '../core/contract.ts'
import { appsMenu } from '../core/menu.ts'
import { press } from '../core/press.ts'
import { commentMutation, seeWorkspaceMutation } from '../core/queries/index.ts'
import { refusalLines } from '../core/refusal.ts'
import { offerToJoin, redeem } from '../core/welcome.ts'
import { answerTo, type Answer } from './answer.ts'
import { askOf } from './asks.ts'
import type { Scene } from './dialogue/contract.ts'
import { FORM_TOKEN } from './dialogue/show.ts'
import { prose } from './html.ts'
import { isPrivate } from './place.ts'
import { linePlain } from './render.ts'
import { sayReply, type Cause, type ReplyDeps } from './reply.ts'
import { isAnonymous, placeOf, privatePlace, sceneFor, throughGroup } from './scene.ts'
import { answered, forget, STEP_TOKEN } from './steps.ts'
import { telegramTexts } from './texts.ts'
import { sayError } from './transport.ts'
import { wordsFor } from './words.ts'

export interface HandleDeps extends ReplyDeps {
  readonly service: Client
  readonly api: Api
  readonly me: UserFromGetMe
  readonly log: Log
}

/** Things of one person in one chat happen in order; all else side by side. */
export const laneOf = (update: Update): string => {
  const { callback_query: query, message } = update
  return `${query?.message?.chat.id ?? message?.chat.id ?? 0}:${query?.from.id ?? message?.from?.id ?? 0}`
}

export async function handleUpdate(deps: HandleDeps, update: Update): Promise<void> {
  if (update.callback_query) return pressed(deps, update.callback_query, update.update_id)
  if (update.message) return written(deps, update.message, update.update_id)
  if (update.my_chat_member) return moved(deps, update.my_chat_member, update.update_id)
}

async function pressed(deps: HandleDeps, query: CallbackQuery, update: number): Promise<void> {
  const { from, message, data } = query
  const first = wordsFor(from.language_code)
  const answer = answerTo(deps.api, query.id, first.recording, deps.log)
  const own = telegramTexts(first.language)
  if (isAnonymous(from)) return void (await answer.say(own.anonymous, true))
  if (!message || !data) return void (await answer.say(first.unknownButton, true))
  try {
    const { scene, known } = await sceneFor(deps.service, from, placeOf(message), update)
    if (!known && !data.startsWith('m.')) return void (await answer.say(await wayIn(scene), true))
    if (data.startsWith(FORM_TOKEN)) {
      const said = await deps.dialogues.pressed(scene, message.message_id, data)
      if (!(await answer.say(said?.alert ?? '', said !== null)) && said) await tell(deps, scene, said.alert)
    } else if (data.startsWith(STEP_TOKEN)) await stepPressed(deps, scene, message.message_id, data, answer, query.id)
    else await cardPressed(deps, scene, message.message_id, data, answer, { key: query.id }, known !== null)
    if (!known) await sceneFor(deps.service, from, placeOf(message), update) // joined just now: their language is kept
  } catch (error) {
    deps.log.error({ error: sayError(error), message: String(error) }, 'Telegram: a press failed')
    await answer.say(first.notRecorded, true)
  } finally {
    await answer.end()
  }
}
/** For a stranger's press, as an alert: nobody else is bothered. Whoever presses in a trusted group may join by themselves. */
async function wayIn({ acting, place, manner }: Scene): Promise<string> {
  const account = isPrivate(place) ? acting.account : { ...acting.account, team: String(place.chat) }
  const offer = await offerToJoin({ ...acting, account }, !isPrivate(place))
  if (offer?.kind !== 'card') return acting.texts.notMember
  if (offer.card.actions.length > 0) return telegramTexts(acting.texts.language).startToJoin
  const lines = offer.card.lines.slice(1).map((one) => linePlain(one, manner))
  return lines.join('\n') || acting.texts.notMember
}
async function tell(deps: HandleDeps, scene: Scene, text: string): Promise<void> {
  await sayReply(
    deps,
    scene,
    { kind: 'tell', lines: [line(text)], alert: true },
    { answer: null, message: null, typed: false },
  )
}

type Given = NonNullable<Parameters<typeof press>[2]>
async function cardPressed(
  deps: HandleDeps,
  scene: Scene,
  message: number,
  token: string,
  answer: Answer,
  given: Given,
  inBaton: boolean,
): Promise<void> {
  const cause: Cause = { answer, message, typed: false }
  if (inBaton) return sayReply(deps, scene, await press(scene.acting, token, given), cause)
  const { acting, fullMember } = await throughGroup(scene, deps.api, deps.log)
  await sayReply(deps, scene, await press(acting, token, { ...given, fullMember }), cause)
}
/** The answer to "are you sure": the card's own button once more, with a yes. */
async function stepPressed(
  deps: HandleDeps,
  scene: Scene,
  message: number,
  token: string,
  answer: Answer,
  key: string,
): Promise<void> {
  const { messages, shelf } = deps
  const own = telegramTexts(scene.acting.texts.language)
  const found = await answered(shelf, scene.place, message, scene.from, token)
  if (found.kind === 'notYours') return void (await answer.say(own.notYours, true))
  if (found.kind === 'yes') {
    const reply = await press(scene.acting, found.token, {
      confirmed: true,
      key,
      ...(found.choice !== null && { choice: found.choice }),
    })
    await sayReply(deps, scene, reply, { answer, message, typed: false })
    if (isNotRecorded(reply, scene)) return // its buttons stay, to be pressed again
  }
  if (found.kind === 'unknown')
    return void (await answer.say(own.formClosed, true), await messages.unbutton(scene.place, message))
  await forget(shelf, scene.place, message)
  if (found.kind === 'no') await answer.say(own.notStopped, false)
  // The card it was about shows the outcome; the question has nothing left to say.
  await messages.remove(scene.place, message)
}

const isNotRecorded = (reply: Reply, { acting }: Scene): boolean =>
  reply.kind === 'tell' &&
  reply.lines.some((one) => one.some((span) => 'text' in span && span.text === acting.texts.notRecorded))

async function written(deps: HandleDeps, message: Message, update: number): Promise<void> {
  const place = placeOf(message)
  if (message.migrate_to_chat_id !== undefined) return see(deps, message.migrate_to_chat_id, message.chat.title)
  const text = message.text ?? ''
  const command = commandOf(text, deps.me.username)
  const toMe = message.reply_to_message?.from?.id === deps.me.id
  if (!isPrivate(place) && command === null && !toMe) return // not meant for the bot
  if (isAnonymous(message.from, message.sender_chat)) {
    const own = telegramTexts(message.from?.language_code)
    if (!isPrivate(place))
      await deps.messages.post(
        place,
        { html: prose(own.anonymousText), keyboard: null },
        { replyTo: message.message_id },
      )
    return
  }
  if (!message.from) return
  const { scene, known } = await sceneFor(deps.service, message.from, place, update)
  const cause: Cause = { answer: null, message: message.message_id, typed: true }
  try {
    if (!isPrivate(place)) await see(deps, message.chat.id, message.chat.title)
    const reply = command
      ? await commanded(deps, scene, command.name, command.rest, known !== null)
      : await said(deps, scene, message, text, known !== null)
    await sayReply(deps, scene, reply, cause)
  } catch (error) {
    deps.log.error({ error: sayError(error), message: String(error) }, 'Telegram: a message could not be worked on')
    await sayReply(deps, scene, { kind: 'tell', lines: refusalLines(scene.acting.texts, error), alert: true }, cause)
  }
}
/** `/run@baton_bot release version=v1`; null for other bots' commands and for plain words. */
function commandOf(text: string, username: string): { readonly name: string; readonly rest: string } | null {
  const [, name, bot, rest = ''] = /^\/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+([\s\S]*))?$/.exec(text) ?? []
  if (name === undefined || (bot !== undefined && bot.toLowerCase() !== username.toLowerCase())) return null
  return { name: name.toLowerCase(), rest: rest.trim() }
}

async function commanded(deps: HandleDeps, scene: Scene, name: string, rest: string, inBaton: boolean): Promise<Reply> {
  const { acting } = scene
  const own = telegramTexts(acting.texts.language)
  if (name === 'start' && rest !== '') return started(deps, scene, rest)
  if (!inBaton) {
    if (name === 'link' && rest !== '') return started(deps, scene, rest)
    const { acting: joining, fullMember } = isPrivate(scene.place)
      ? await throughGroup(scene, deps.api, deps.log)
      : { acting, fullMember: false }
    return (await offerToJoin(joining, fullMember)) ?? { kind: 'nothing' }
  }
  switch (name) {
    case 'start':
      return runCommand(acting, '')
    case 'apps':
    case 'tasks':
    case 'inbox':
    case 'help':
      return runCommand(acting, name)
    case 'alerts':
    case 'quiet':
    case 'mute':
    case 'unmute':
      return runCommand(acting, `${name} ${rest}`)
    case 'link':
      return rest === '' ? runCommand(acting, 'link') : started(deps, scene, rest)
    case 'run':
      return rest === '' ? appsMenu(acting, null, own.runWhat) : runCommand(acting, rest)
    default:
      return { kind: 'tell', lines: [line(own.badCommand), ...own.help.map((one) => line(one))], alert: false }
  }
}
/** A code from an invitation, another account or the owner's first link. In a group it would be everybody's. */
async function started(deps: HandleDeps, scene: Scene, code: string): Promise<Reply> {
  const done = await redeem(scene.acting, code)
  const { known } = await sceneFor(
    deps.service,
    {
      id: Number(scene.from),
      is_bot: false,
      first_name: scene.acting.account.name,
      language_code: scene.acting.texts.language,
    },
    scene.place,
    scene.update,
  )
  if (!known || done.kind !== 'tell') return done
  const home = await runCommand(scene.acting, '')
  return home.kind === 'card'
    ? { kind: 'card', card: { ...home.card, lines: [...done.lines, ...home.card.lines] } }
    : done
}

/** What a person sends instead of words; Telegram's own notices are none of these. */
const ATTACHED = [
  'photo',
  'document',
  'voice',
  'video',
  'video_note',
  'audio',
  'animation',
  'sticker',
  'location',
  'contact',
  'poll',
]
/** Words without a command: an answer to a form's question, or a comment on the request they reply to. */
async function said(deps: HandleDeps, scene: Scene, message: Message, text: string, inBaton: boolean): Promise<Reply> {
  const own = telegramTexts(scene.acting.texts.language)
  const repliedTo = message.reply_to_message?.message_id ?? null
  if (!inBaton) return (await offerToJoin(scene.acting, false)) ?? { kind: 'nothing' }
  if (text === '')
    return isPrivate(scene.place) && ATTACHED.some((kind) => kind in message)
      ? tellLine(own.onlyText)
      : { kind: 'nothing' }
  const askId = repliedTo === null ? null : await askOf(deps.shelf, scene.place, repliedTo)
  if (askId !== null) {
    try {
      await scene.acting.client.query(commentMutation, { id: askId, comment: text })
      return tellLine(own.commented)
    } catch (error) {
      return { kind: 'tell', lines: refusalLines(scene.acting.texts, error), alert: true }
    }
  }
  if (await deps.dialogues.said(scene, text, repliedTo)) return { kind: 'nothing' }
  return isPrivate(scene.place) ? tellLine(own.hint) : { kind: 'nothing' }
}
const tellLine = (text: string): Reply => ({ kind: 'tell', lines: [line(text)], alert: false })

/** Added to a group: an owner may then trust it, as whoever added the bot is told, if they are known. */
async function moved(deps: HandleDeps, update: ChatMemberUpdated, id: number): Promise<void> {
  const { chat, from, old_chat_member: before, new_chat_member: now } = update
  const isIn = (status: string) => ['member', 'administrator'].includes(status)
  if (chat.type === 'private' || !isIn(now.status) || isIn(before.status)) return
  await see(deps, chat.id, chat.title)
  if (isAnonymous(from)) return
  const { scene, known } = await sceneFor(deps.service, from, privatePlace(from), id)
  if (known)
    await tell(deps, scene, telegramTexts(scene.acting.texts.language).groupSeen(chat.title)).catch(() => undefined) // never started the bot
}
async function see({ service, log }: HandleDeps, chat: number, title: string | undefined): Promise<void> {
  try {
    await service.query(seeWorkspaceMutation, { platform: 'TELEGRAM', id: String(chat), name: title ?? String(chat) })
  } catch (error) {
    log.warn({ chat, error: String(error) }, 'Telegram: a group could not be noted')
  }
}
