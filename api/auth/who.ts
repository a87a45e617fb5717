import { catalogue, isZone, type Actor, type Database, type Surface } from '../../engine/index.ts'
import type { Language } from '../texts.ts'
import { languageOf } from '../texts.ts'
import { browserOf } from './browser.ts'

const store = catalogue
type Person = catalogue.Person

/** Who makes a request. Nobody is anonymous but by name: `kind: 'nobody'` may do nothing. */
export interface Who {
  readonly kind: 'session' | 'token' | 'service' | 'nobody'
  readonly person: Person | null
  readonly actor: Actor
  /** Narrows what a token may do; empty: everything its person may. */
  readonly scopes: readonly string[]
  /** Whose launch keys and mutation ids these are. */
  readonly client: string
  /** The chat account the bots act for, linked or not. */
  readonly account: catalogue.Account<'slack' | 'telegram'> | null
  /** The bots' own connection: deliveries, buttons, bot state. */
  readonly service: boolean
  readonly language: Language
  readonly timeZone: string | null
  /** The secret of the cookie. */
  readonly session: string | null
  /** When its person last proved with a passkey, in this session, that it is them. */
  readonly provedAt: number | null
  /** When the token ends that this comes with, or that the session was opened with. Null: it does not, or there is none. */
  readonly endsAt?: number | null
  /** This cookie was given to another kind of browser: whoever shows it has no business with it. */
  readonly stolen?: catalogue.Session
}

export const SESSION_COOKIE = 'baton_session'
const NOBODY: Actor = { person: null, name: 'Nobody', surface: 'api' }
const SURFACES: ReadonlySet<string> = new Set(['slack', 'telegram', 'phone', 'terminal', 'api'])
/** A token's last use is written at most this often: reading must not cost a commit. */
const TOUCH_MS = 60_000

/** Reads who is there from cookie or headers. Never throws: what does not fit is nobody. */
export function whoIs(db: Database, headers: Headers, now: number): Who {
  const accepted = headers.get('accept-language')
  const bearer = /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  if (bearer !== undefined) return byToken(db, headers, bearer, accepted, now)
  const session = cookieOf(headers, SESSION_COOKIE)
  const row = session === null ? undefined : db.read((tx) => store.sessionOf(tx, session, now))
  const person = row && activePerson(db, row.person)
  if (!session || !row || !person) return nobody(accepted)
  const browser = browserOf(headers)
  if (row.browser !== null && browser !== row.browser) return { ...nobody(accepted), stolen: row }
  if ((row.lastSeenAt ?? 0) < now - TOUCH_MS)
    void db.write((tx) => store.touchSession(tx, row, now)).catch(() => undefined) // only a note of its use
  const { token } = row
  const endsAt = token === null ? null : (db.read((tx) => store.tokenById(tx, token))?.expiresAt ?? null)
  const { provedAt } = row
  const timeZone = zoneSaid(headers)
  return known('session', person, surfaceOf(headers, 'phone'), { accepted, session, provedAt, endsAt, timeZone })
}
/** A person as they would be without a request: what waits in their name is judged so. */
export const whoWouldBe = (person: Person): Who => known('session', person, 'system', { accepted: null })

function byToken(db: Database, headers: Headers, bearer: string, accepted: string | null, now: number): Who {
  const token = db.read((tx) => store.tokenOf(tx, bearer, now))
  if (!token) return nobody(accepted)
  if ((token.lastUsedAt ?? 0) < now - TOUCH_MS) {
    void db.write((tx) => store.touchToken(tx, token.id, now)).catch(() => undefined) // only a note of its use
  }
  if (token.person === null) return byService(db, headers, accepted)
  const person = activePerson(db, token.person)
  if (!person) return nobody(accepted)
  return known('token', person, surfaceOf(headers, 'api'), { accepted, token, timeZone: zoneSaid(headers) })
}

/** The bots' service token: as the linked person of `x-baton-acting: slack:<team>:<user>`, or as nobody. */
function byService(db: Database, headers: Headers, accepted: string | null): Who {
  const account = accountOf(headers.get('x-baton-acting'))
  const identity = account && db.read((tx) => store.identityOf(tx, account))
  const person = identity && activePerson(db, identity.person)
  if (account && person) {
    return { ...known('service', person, account.platform, { accepted }), account, service: true }
  }
  return { ...nobody(accepted), kind: 'service', client: 'service', account, service: true }
}
function accountOf(header: string | null): Who['account'] {
  const [, platform, team = '', user] = /^(slack|telegram):([^:]*):([^:]+)$/.exec(header ?? '') ?? []
  return user === undefined ? null : { platform: platform as 'slack' | 'telegram', team, user } // the pattern allows no other
}

function known(
  kind: 'session' | 'token' | 'service',
  person: Person,
  surface: Surface,
  more: {
    accepted: string | null
    session?: string
    token?: catalogue.Token
    provedAt?: number | null
    endsAt?: number | null
    timeZone?: string | null
  },
): Who {
  return {
    kind,
    person,
    actor: { person: person.id, name: person.name, surface, ...(more.token && { token: more.token.name }) },
    scopes: more.token?.scopes ?? [],
    client: more.token ? `token:${more.token.id}` : `person:${person.id}`,
    account: null,
    service: false,
    language: languageOf(person.language, more.accepted),
    timeZone: person.timeZone ?? more.timeZone ?? null,
    session: more.session ?? null,
    provedAt: more.provedAt ?? null,
    endsAt: more.token?.expiresAt ?? more.endsAt ?? null,
  }
}
const nobody = (accepted: string | null): Who => ({
  kind: 'nobody',
  person: null,
  actor: NOBODY,
  scopes: [],
  client: 'nobody',
  account: null,
  service: false,
  language: languageOf(null, accepted),
  timeZone: null,
  session: null,
  provedAt: null,
})
function activePerson(db: Database, id: string): Person | undefined {
  const person = db.read((tx) => store.personById(tx, id))
  return person?.active ? person : undefined
}
/** A caller may say which surface it is, but never one that only the bots are. */
function surfaceOf(headers: Headers, otherwise: Surface): Surface {
  const said = headers.get('x-baton-surface')
  return said && SURFACES.has(said) && said !== 'slack' && said !== 'telegram' ? (said as Surface) : otherwise
}
/** The device's own zone: a time by UTC without a word on it is an hour that is wrong. The person's choice outweighs it. */
function zoneSaid(headers: Headers): string | null {
  const said = headers.get('x-baton-time-zone')
  return said !== null && said.length <= 64 && isZone(said) ? said : null
}
export function cookieOf(headers: Headers, name: string): string | null {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [key, value] = pair.trim().split('=')
    if (key === name && value) return value
  }
  return null
}
