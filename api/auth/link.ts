import { catalogue, type Tx } from '../../engine/index.ts'
import type { Deps } from '../context.ts'
import { platformsOf, waysOf } from '../delivery/reach.ts'
import { placeOf } from '../delivery/place.ts'
import { languageOf, type Language } from '../texts.ts'
import { LINK_WORDS } from './words.ts'

export interface LinkWish {
  /** A mail address, or a person's name. */
  readonly to: string
  readonly path: string | null
  /** What the browser holds that asks: no other can use the link. */
  readonly browser: string
  readonly language: Language
  /** What the browser calls itself. */
  readonly from: string | null
}
/** Links that wait at once, per person: more are somebody's mischief. */
const MOST_WAITING = 5

/**
 * Sends whoever is called so a link, wherever they read in private. Nobody is told whether there is such a person.
 * What is sent is of no use to anybody who reads along: only the browser that asked can use it.
 */
export async function sendSignInLink(deps: Deps, { to, path, browser, language, from }: LinkWish): Promise<void> {
  const sent = await deps.db.write((tx) => {
    const person = personCalled(tx, to)
    if (!person?.active || person.kind !== 'person') return false
    const now = deps.now()
    const ways = waysOf(tx, person.id, platformsOf(deps.config))
    const allowed = ways.length > 0 && catalogue.waitingCodes(tx, person.id, 'sign_in', now) < MOST_WAITING
    const by = { person: null, name: 'Nobody', surface: 'phone' as const }
    const entry = { at: now, by, what: 'askSignInLink', target: person.id, allowed }
    catalogue.addAudit(tx, { ...entry, detail: { ways: ways.map(({ channel }) => channel) } }, deps.keys.audit)
    if (!allowed) return false
    const of = { person: person.id, path, createdBy: person.name, browser }
    const { code, row } = catalogue.makeCode(tx, 'sign_in', of, now)
    const words = LINK_WORDS[person.language ? languageOf(person.language, null) : language]
    for (const { place } of ways) {
      const about = { kind: 'message', subject: `sign_in:${row.id}`, taskId: '', askId: null, nodeId: null }
      const platform = placeOf(place)!.platform
      const { card } = catalogue.cardAt(tx, { ...about, platform, place, shared: false, person: person.id }, now)
      const text = words.text(`${deps.config.url}/sign-in#code=${code}`, from)
      catalogue.owe(tx, card, { why: 'message', urgent: true, title: words.title, text, level: 'info' }, now)
    }
    return true
  })
  if (sent) deps.hub.wake()
}
/** By a mail address that is theirs, or by their name. An id is no name: nobody types one. */
function personCalled(tx: Tx, to: string): catalogue.Person | undefined {
  const identity = catalogue.identityOf(tx, { platform: 'email', team: '', user: to.toLowerCase() })
  if (identity) return catalogue.personById(tx, identity.person)
  const found = catalogue.personByRef(tx, to)
  return found && found.id !== to ? found : undefined
}
