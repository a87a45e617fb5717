/** Whose link or code was used is told so, wherever they read in private: a link that was sent on does not become somebody else's without a word. */
import { catalogue, type Tx } from '../../engine/index.ts'
import type { Deps } from '../context.ts'
import { placeOf } from '../delivery/place.ts'
import { platformsOf, waysOf } from '../delivery/reach.ts'
import { languageOf } from '../texts.ts'
import { USED_WORDS } from './words.ts'

type Telling = Pick<Deps, 'config' | 'now'>
/** A link that no browser asked for signs in whichever opens it: chats hand these out, and codes that join accounts. */
export const isForAnyBrowser = ({ kind, browser }: catalogue.Code): boolean =>
  (kind === 'sign_in' || kind === 'link') && browser === null

export const tellSignedIn = (tx: Tx, deps: Telling, person: catalogue.Person, code: string, browser: string | null) =>
  tell(tx, deps, person, `link_used:${code}`, (words, page) => [words.signedIn, words.signedInText(browser, page)])
/** `but`: the place of the account that has just been linked. It knows. */
export const tellLinked = (
  tx: Tx,
  deps: Telling,
  person: catalogue.Person,
  account: { readonly platform: 'slack' | 'telegram'; readonly user: string; readonly name: string },
  but: string | null,
): void =>
  tell(
    tx,
    deps,
    person,
    `linked:${account.platform}:${account.user}`,
    (words, page) => [words.linked, words.linkedText(account.platform, account.name, page)],
    but,
  )

type Words = (typeof USED_WORDS)['en' | 'zh']
/** By every chat; by mail where there is none. */
function tell(
  tx: Tx,
  { config, now }: Telling,
  person: catalogue.Person,
  subject: string,
  say: (words: Words, page: string) => readonly [title: string, text: string],
  but: string | null = null,
): void {
  const all = waysOf(tx, person.id, platformsOf(config)).filter(({ place }) => place !== but)
  const chats = all.filter(({ channel }) => channel !== 'email')
  const [title, text] = say(USED_WORDS[languageOf(person.language, null)], `${config.url}/me/account`)
  const at = now()
  for (const { place } of chats.length > 0 ? chats : all) {
    const about = { kind: 'message', subject, taskId: '', askId: null, nodeId: null }
    const platform = placeOf(place)!.platform // ways are places
    const { card } = catalogue.cardAt(tx, { ...about, platform, place, shared: false, person: person.id }, at)
    catalogue.owe(tx, card, { why: 'message', urgent: true, title, text, level: 'warning' }, at)
  }
}
