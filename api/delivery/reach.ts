import { catalogue, type IndexRow, type Tx } from '../../engine/index.ts'
import type { ServerConfig } from '../context.ts'
import { directPlace, mailPlace, placeOf } from './place.ts'
import type { Reader, Way } from './plan.ts'

/** What a person can be told by. Only what is connected reaches anybody. */
export const platformsOf = (config: Pick<ServerConfig, 'slack' | 'telegram' | 'mail'>): ReadonlySet<string> =>
  new Set([
    ...(config.slack ? ['slack'] : []),
    ...(config.telegram ? ['telegram'] : []),
    ...(config.mail ? ['email'] : []),
  ])

/** Where a person reads in private: every linked chat. */
export const placesOf = (tx: Tx, person: string): string[] =>
  catalogue.identitiesOf(tx, person).flatMap((identity) => directPlace(identity) ?? [])

/** Every way a person can be told by now: linked chats in the order they were linked, then e-mail. Nobody who is suspended has any. */
export function waysOf(tx: Tx, person: string, platforms: ReadonlySet<string>): Way[] {
  const row = catalogue.personById(tx, person)
  if (!row?.active) return []
  const identities = catalogue.identitiesOf(tx, person)
  const chats = identities.flatMap((identity) => directPlace(identity) ?? [])
  const addresses = [row.email, ...identities.filter(({ platform }) => platform === 'email').map(({ user }) => user)]
  const mails = addresses.flatMap((address) => (isAddress(address) ? [mailPlace(address)] : []))
  return [...new Set([...chats, ...mails])]
    .map((place): Way => ({ channel: placeOf(place)!.platform as Way['channel'], place }))
    .filter(({ channel }) => platforms.has(channel))
}
/** With nothing in it that could end a header or name a second reader. */
export const isAddress = (text: string | null): text is string =>
  text !== null && /^[^\s@<>()[\],;:"\\]{1,64}@[A-Za-z0-9.-]{1,255}$/.test(text)

/** Zone of whoever has not said which is theirs. */
export const SERVER_ZONE = new Intl.DateTimeFormat().resolvedOptions().timeZone

type About = Pick<IndexRow, 'id' | 'project' | 'app' | 'flow'> & { readonly parent?: string | null }
/** As deep as tasks may start tasks. */
const DEEPEST = 20
function lineOf(tx: Tx, task: About): About[] {
  const line = [task]
  for (let at: About | undefined = task; at?.parent && line.length <= DEEPEST;) {
    at = catalogue.taskRow(tx, at.parent)
    if (at) line.push(at)
  }
  return line
}
/** Somebody as alerts about a task find them. */
export function readerOf(
  tx: Tx,
  person: string,
  about: About,
  platforms: ReadonlySet<string>,
  now: number,
): Omit<Reader, 'isOnCall'> {
  const row = catalogue.personById(tx, person)
  const zone = row?.timeZone ?? SERVER_ZONE
  const mutes = catalogue.mutesOf(tx, person, now)
  // A child is part of its parent: whoever muted that does not want to hear of it either.
  const isMuted =
    mutes.length > 0 &&
    lineOf(tx, about).some((one) =>
      mutes.some(({ kind, project, name }) =>
        kind === 'task' ? name === one.id : project === one.project && name === (one.app ?? one.flow),
      ),
    )
  const isGone = row?.active !== true
  return { settings: catalogue.alertSettingsOf(tx, person), zone, ways: waysOf(tx, person, platforms), isMuted, isGone }
}
