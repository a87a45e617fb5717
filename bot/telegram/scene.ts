import type { Chat, Message, User } from 'grammy/types'
import { graphql, type Client } from '../../api/client/index.ts'
import type { Account, Acting, Log } from '../core/contract.ts'
import { actAs, personOf, type Known } from '../core/welcome.ts'
import type { Api } from 'grammy'
import type { Scene } from './dialogue/contract.ts'
import { placeText, type Place } from './place.ts'
import { sayError } from './transport.ts'
import { wordsFor } from './words.ts'

/** Posts for admins who chose to be anonymous, and for linked channels: there is nobody behind these ids. */
const STAND_INS = [1087968824, 136817688, 777000]
/** Somebody who acts as a group or channel cannot be known, so cannot decide. */
export const isAnonymous = (from: User | undefined, senderChat?: Chat): boolean =>
  from === undefined || from.is_bot || STAND_INS.includes(from.id) || senderChat !== undefined

export const placeOf = (
  message: Pick<Message, 'chat'> & Partial<Pick<Message, 'message_thread_id' | 'is_topic_message'>>,
): Place => ({
  chat: message.chat.id,
  // Replies in groups without topics carry a thread id too, which cannot be posted to.
  thread: message.is_topic_message ? (message.message_thread_id ?? null) : null,
})
export const privatePlace = (from: User): Place => ({ chat: from.id, thread: null })

export interface Sight {
  readonly scene: Scene
  /** Null: not in Baton. */
  readonly known: Known | null
}
/** Who this is, in whose words and rights. */
export async function sceneFor(service: Client, from: User, place: Place, update: number): Promise<Sight> {
  const name = [from.first_name, from.last_name].filter(Boolean).join(' ')
  const account: Account = { platform: 'TELEGRAM', team: null, user: String(from.id), name }
  const origin = `telegram:${placeText(place)}` // of a private chat too: the task's card comes back where its starter is looking
  const known = await personOf(actAs(service, account, { origin, language: from.language_code ?? null }))
  const language = known?.language ?? from.language_code ?? null
  if (known?.language === null && from.language_code) await keepLanguage(service, account, from.language_code)
  const acting: Acting = { ...actAs(service, account, { origin, language }), texts: wordsFor(language) }
  const scene = {
    acting,
    place,
    from: String(from.id),
    manner: { language: acting.texts.language, timeZone: known?.timeZone ?? null },
    update,
  }
  return { scene, known }
}

const languageMutation = graphql(`
  mutation TelegramLanguage($language: String!) {
    setPreferences(language: $language) {
      id
    }
  }
`)
/** Cards come when nobody has written: the language of the app is the person's, until they choose another. */
async function keepLanguage(service: Client, account: Account, code: string): Promise<void> {
  const language = wordsFor(code).language
  await actAs(service, account, { language })
    .client.query(languageMutation, { language })
    .catch(() => undefined) // the texts of this answer are right anyway
}

const workspacesQuery = graphql(`
  query TelegramGroups {
    workspaces {
      platform
      id
      trusted
    }
  }
`)
const MEMBERS = ['creator', 'administrator', 'member']
/**
 * For somebody who is not in Baton: a trusted group they are a full member of, asked of Telegram at this moment. The account then carries
 * that group, by which the server knows the role.
 */
export async function throughGroup(
  scene: Scene,
  api: Api,
  log: Log,
): Promise<{ readonly acting: Acting; readonly fullMember: boolean }> {
  const { workspaces } = await scene.acting.service.query(workspacesQuery)
  for (const group of workspaces.filter(({ platform, trusted }) => platform === 'TELEGRAM' && trusted)) {
    try {
      const { status } = await api.getChatMember(group.id, Number(scene.from))
      if (MEMBERS.includes(status))
        return { acting: { ...scene.acting, account: { ...scene.acting.account, team: group.id } }, fullMember: true }
    } catch (error) {
      log.warn({ group: group.id, error: sayError(error) }, 'Telegram: members of a trusted group cannot be looked up')
    }
  }
  return { acting: scene.acting, fullMember: false }
}
