import { catalogue, EngineError, type Tx } from '../../engine/index.ts'
import { carriedBy, comeIn, isStillGiven, titleOfPlace } from './invitation.ts'

type Code = catalogue.Code
type Person = catalogue.Person

/** What a one-time code turned out to be. Nothing is spent by knowing it. */
export type Redeemed =
  | {
      readonly kind: 'person'
      readonly person: Person
      readonly path: string | null
      readonly answers: unknown
      readonly isNew: boolean
      /** An invitation's: roles and groups they stand in now, and by title those it named and could not give any more. */
      readonly members: readonly string[]
      readonly leftOut: readonly string[]
    }
  /** A name is needed first; the code is still good. `places`: the roles and groups it puts somebody into, by title. */
  | { readonly kind: 'needs_name'; readonly role: string; readonly project: string | null; readonly places: string[] }

export const codeUnknown = (): EngineError => new EngineError('NOT_FOUND', { reason: 'CODE_UNKNOWN' })

interface Given {
  readonly name: string | null
  readonly ownerName: string
  /** What the browser holds that brings it; null in a chat. */
  readonly browser: string | null
}
/** The others are for somebody who is signed in. */
const SIGN_IN: ReadonlySet<string> = new Set(['owner', 'invite', 'link', 'sign_in'])

/**
 * Spends a code, in the caller's transaction: of two who bring the same one, exactly one gets in.
 * @throws NOT_FOUND for unknown, spent and expired ones alike; FORBIDDEN when another browser asked for it.
 */
export function redeem(tx: Tx, code: string, given: Given, now: number): Redeemed {
  const row = catalogue.codeOf(tx, code, now)
  if (!row || !SIGN_IN.has(row.kind)) throw codeUnknown()
  // Whoever got hold of the link has not got the browser: there it stays good.
  if (!catalogue.isAskedBy(row, given.browser)) throw new EngineError('FORBIDDEN', { reason: 'OTHER_BROWSER' })
  if (row.kind === 'owner') return owner(tx, row, given.name ?? given.ownerName, now)
  if (row.kind === 'invite') {
    if (!isStillGiven(tx, row)) throw codeUnknown()
    const name = given.name?.trim()
    if (!name) {
      const { project = null, places = [] } = carriedBy(row)
      const titles = places.map((place) => titleOfPlace(tx, place))
      return { kind: 'needs_name', role: row.role ?? 'starter', project, places: titles }
    }
    return { kind: 'person', path: row.path, answers: null, isNew: true, ...comeIn(tx, row, { name }, now) }
  }
  const person = row.person === null ? undefined : catalogue.personById(tx, row.person)
  if (!person?.active) throw codeUnknown()
  return spend(tx, row, person, false, now)
}
/** The first owner is made by the link, unless `baton token new --owner` was first: then, and by a later link, the owner there is signs in. */
function owner(tx: Tx, row: Code, name: string, now: number): Redeemed {
  const known = row.person === null ? catalogue.ownersOf(tx)[0] : catalogue.personById(tx, row.person)
  const person = known ?? catalogue.addPerson(tx, { name, role: 'owner', named: true }, now)
  return spend(tx, row, person, known === undefined, now)
}
function spend(tx: Tx, row: Code, person: Person, isNew: boolean, now: number): Redeemed {
  catalogue.spendCode(tx, row.id, person.id, now)
  return { kind: 'person', person, path: row.path, answers: row.answers, isNew, members: [], leftOut: [] }
}

export type Standing = {
  readonly person: Person | null
  readonly mayJoin: string | null
  readonly askWhom: readonly string[]
  /** Somebody who is suspended: nobody invites them anew, they are brought back. */
  readonly suspended?: boolean
  /** Whom a code would make of the account, before that is said to be right. */
  readonly joins?: string
  /** By title: roles and groups that the invitation named and could not give any more. */
  readonly leftOut?: readonly string[]
}
/** Where a chat account stands: a person already, free to join, or told whom to ask. */
export function standingOf(tx: Tx, account: catalogue.Account, group: string): Standing {
  const identity = catalogue.identityOf(tx, account)
  const person = identity && catalogue.personById(tx, identity.person)
  if (person?.active) return { person, mayJoin: null, askWhom: [] }
  // Whoever is suspended does not come in again as somebody new.
  const trusted = person ? null : (catalogue.workspaceOf(tx, account.platform, group)?.role ?? null)
  const suspended = person?.suspendedAt != null
  return { person: null, suspended, mayJoin: trusted, askWhom: catalogue.ownersOf(tx).map((one) => one.name) }
}
