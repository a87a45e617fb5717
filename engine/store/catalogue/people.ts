import { and, asc, eq, inArray, like, ne, notExists, or, sql, type SQL } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { allDocuments } from './documents.ts'
import { newId } from './ids.ts'
import { documents } from './tables/documents.ts'
import { grants, identities, people, roleMembers } from './tables/people.ts'

export type Person = typeof people.$inferSelect
export type Identity = typeof identities.$inferSelect
/**
 * An account that is somebody: of a chat, a mail address, or one at the company (`oidc`: `team` is the issuer, `user` its subject).
 * `team` is '' where the platform has none.
 */
export interface Account<Platform = 'slack' | 'telegram' | 'email' | 'oidc'> {
  readonly platform: Platform
  readonly team: string
  readonly user: string
}

export const personById = (tx: Tx, id: string): Person | undefined =>
  tx.select().from(people).where(eq(people.id, id)).get()
export const peopleByIds = (tx: Tx, ids: readonly string[]): Person[] =>
  ids.length === 0
    ? []
    : tx
        .select()
        .from(people)
        // As one value: a thousand would be a thousand parameters, and each number of them another statement.
        .where(sql`${people.id} IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`)
        .all()
/** By id, name or e-mail, as documents and command lines name people. An id is nobody else's name. */
export const personByRef = (tx: Tx, ref: string): Person | undefined =>
  personById(tx, ref) ??
  tx
    .select()
    .from(people)
    .where(or(eq(people.name, ref), eq(people.email, ref)))
    .get()
export function listPeople(tx: Tx, search?: string | null): Person[] {
  return tx.select().from(people).where(named(search)).orderBy(asc(people.name), asc(people.id)).all()
}
const named = (search: string | null | undefined): SQL | undefined =>
  search ? like(people.name, `%${search.replace(/[%_]/g, '')}%`) : undefined
/** A page of them, in order of name; `after` is the one the last page ended at. */
export function pageOfPeople(
  tx: Tx,
  search: string | null | undefined,
  limit: number,
  after: { readonly name: string; readonly id: string } | null,
): Person[] {
  const beyond = after === null ? undefined : sql`(${people.name}, ${people.id}) > (${after.name}, ${after.id})`
  return tx
    .select()
    .from(people)
    .where(and(named(search), beyond))
    .orderBy(asc(people.name), asc(people.id))
    .limit(limit)
    .all()
}
export const countPeople = (tx: Tx, search: string | null | undefined): number =>
  tx
    .select({ count: sql<number>`count(*)` })
    .from(people)
    .where(named(search))
    .get()?.count ?? 0

/**
 * Adds a person under a name of their own. Documents name people by it, so who joins by themselves cannot take one that a document
 * speaks of: it gets a number. `named` by an owner or on the machine itself, they are whom the document means.
 */
export function addPerson(
  tx: Tx,
  person: {
    name: string
    role: string
    email?: string | null
    language?: string | null
    named?: boolean
    kind?: 'person' | 'service'
    /** Who looks after a service account. */
    keeper?: string
  },
  now: number,
): Person {
  const wanted = person.named === true ? seen(person.name) : ownName(person.name)
  const row: Person = {
    id: newId('p'),
    name: freeName(tx, wanted || 'Somebody', { mayBeSpokenOf: person.named === true }),
    email: person.email ?? null,
    role: person.role,
    language: person.language ?? null,
    timeZone: null,
    active: true,
    createdAt: now,
    kind: person.kind ?? 'person',
    suspendedAt: null,
    suspendedBy: null,
    suspendedWhy: null,
    mergedInto: null,
    keeper: person.keeper ?? null,
  }
  tx.insert(people).values(row).run()
  return row
}
/** As it is read: what cannot be seen (joiners, marks of direction, controls) would make two names look like one. */
const seen = (name: string): string =>
  name
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\u115f\u1160\u3164\uffa0]/gu, '')
    .trim()
    .slice(0, 80)
/**
 * A name that somebody brings along. Documents mean people by mail address and id too, and roles and groups by a colon: nobody calls
 * themselves like one, or they would be whom a document means that is written later. An address that nobody has proved is none.
 */
function ownName(given: string): string {
  const name = seen(given)
  if (/^\S*@\S*$/.test(name)) return name.slice(0, name.indexOf('@'))
  if (/^(starter|everyone|previous)$/i.test(name)) return `${name} 1`
  if (/^(role|group|room|var|slack|telegram):/i.test(name)) return name.replace(':', ' ')
  return /^[a-z]_[\w-]{20,}$/i.test(name) ? name.replace('_', ' ') : name
}
/** The name itself, or with a number when somebody else has it, or a document speaks of it and `mayBeSpokenOf` is false. Case says nothing. */
export function freeName(
  tx: Tx,
  wanted: string,
  { mayBeSpokenOf, mine }: { mayBeSpokenOf: boolean; mine?: string },
): string {
  const spokenOf = mayBeSpokenOf ? new Set<string>() : wordsOf(allDocuments(tx).map(({ document }) => document['spec']))
  const everybody = tx.select({ id: people.id, name: people.name, email: people.email }).from(people).all() // SQLite folds the case of ASCII alone
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted} ${n}`
    const isTaken = everybody.some(
      (one) => one.id !== mine && [one.name, one.email].some((ref) => ref?.toLowerCase() === name.toLowerCase()),
    )
    if (!isTaken && !spokenOf.has(name.toLowerCase())) return name
  }
}
/** Every text in a value, in lower case. */
function wordsOf(value: unknown, into = new Set<string>()): Set<string> {
  if (typeof value === 'string') into.add(value.toLowerCase())
  else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) wordsOf(inner, into)
  return into
}
export function changePerson(tx: Tx, id: string, change: Partial<Omit<Person, 'id' | 'createdAt'>>): void {
  tx.update(people).set(change).where(eq(people.id, id)).run()
}

/** Role in one project: its grant there, else the person's own. */
export const roleIn = (tx: Tx, person: Person, project: string): string =>
  tx
    .select({ role: grants.role })
    .from(grants)
    .where(and(eq(grants.person, person.id), eq(grants.project, project)))
    .get()?.role ?? person.role
export function grant(tx: Tx, person: string, project: string, role: string): void {
  tx.insert(grants)
    .values({ person, project, role })
    .onConflictDoUpdate({ target: [grants.person, grants.project], set: { role } })
    .run()
}
/** Active people with one of these roles in a project, by name: their grant there, else their own role. */
export function peopleWithRole(tx: Tx, project: string, roles: readonly string[], limit: number): Person[] {
  if (roles.length === 0) return []
  const here = tx
    .select({ one: sql`1` })
    .from(grants)
    .where(and(eq(grants.person, people.id), eq(grants.project, project)))
  const counts = and(eq(people.active, true), ne(people.kind, 'service'))
  // The first few of each role in order of their names, since some roles are everybody's and others are had by few.
  const own = roles.map(
    (role) =>
      sql`SELECT id FROM (SELECT id FROM people WHERE ${and(eq(people.role, role), counts, notExists(here))} ORDER BY name, id LIMIT ${limit})`,
  )
  const given = sql`SELECT person FROM grants WHERE ${and(eq(grants.project, project), inArray(grants.role, [...roles]))}`
  return tx
    .select()
    .from(people)
    .where(and(sql`${people.id} IN (${sql.join([...own, given], sql` UNION `)})`, counts))
    .orderBy(sql`+${people.name}`, sql`+${people.id}`)
    .limit(limit)
    .all()
}
/** Roles given in single projects. */
export const grantsOf = (tx: Tx, person: string): { project: string; role: string }[] =>
  tx
    .select({ project: grants.project, role: grants.role })
    .from(grants)
    .where(eq(grants.person, person))
    .orderBy(asc(grants.project))
    .all()
/** Every project that a document or somebody's role speaks of; `default` first. */
export function projectsOf(tx: Tx): string[] {
  const names = [
    ...tx.selectDistinct({ project: documents.project }).from(documents).all(),
    ...tx.selectDistinct({ project: grants.project }).from(grants).all(),
  ].map(({ project }) => project)
  return [...new Set(['default', ...names.sort()])]
}
export const dropGrant = (tx: Tx, person: string, project: string): void =>
  void tx
    .delete(grants)
    .where(and(eq(grants.person, person), eq(grants.project, project)))
    .run()
export const ownersOf = (tx: Tx): Person[] =>
  tx
    .select()
    .from(people)
    .where(and(eq(people.role, 'owner'), eq(people.active, true)))
    .all()

export const identityOf = (tx: Tx, account: Account): Identity | undefined =>
  tx
    .select()
    .from(identities)
    .where(
      and(
        eq(identities.platform, account.platform),
        eq(identities.team, account.team),
        eq(identities.user, account.user),
      ),
    )
    .get()
export const identitiesOf = (tx: Tx, person: string): Identity[] =>
  tx.select().from(identities).where(eq(identities.person, person)).orderBy(asc(identities.linkedAt)).all()
/** Those of many, the oldest of each first. */
export function identitiesOfAll(tx: Tx, persons: readonly string[]): ReadonlyMap<string, Identity[]> {
  const rows = tx
    .select()
    .from(identities)
    .where(sql`${identities.person} IN (SELECT value FROM json_each(${JSON.stringify(persons)}))`)
    .orderBy(asc(identities.linkedAt))
    .all()
  return Map.groupBy(rows, ({ person }) => person)
}
export const identityById = (tx: Tx, id: string): Identity | undefined =>
  tx.select().from(identities).where(eq(identities.id, id)).get()
/** Joins an account to a person. An account belongs to one person at a time. */
export function linkIdentity(tx: Tx, person: string, account: Account, name: string, now: number): void {
  tx.insert(identities)
    .values({ id: newId('i'), person, ...account, name, linkedAt: now })
    .onConflictDoUpdate({
      target: [identities.platform, identities.team, identities.user],
      set: { person, name, linkedAt: now },
    })
    .run()
}
export const unlinkIdentity = (tx: Tx, id: string): void =>
  void tx.delete(identities).where(eq(identities.id, id)).run()

/** A Role or Group of a project, as `role_members` names it: `ops`, `vault/ops`, `group:web`, `vault/group:web`. */
export const memberKey = (kind: 'Role' | 'Group', project: string, name: string): string =>
  `${project === 'default' ? '' : `${project}/`}${kind === 'Group' ? 'group:' : ''}${name}`
/** The other way. */
export function memberOf({ role, person }: { role: string; person: string }): {
  kind: 'Role' | 'Group'
  project: string
  name: string
  person: string
} {
  const slash = role.indexOf('/')
  const [project, rest] = slash === -1 ? ['default', role] : [role.slice(0, slash), role.slice(slash + 1)]
  return rest.startsWith('group:')
    ? { kind: 'Group', project, name: rest.slice(6), person }
    : { kind: 'Role', project, name: rest, person }
}
/** Who stands in a role or group beside those its document names. */
export const membersOf = (tx: Tx): ReturnType<typeof memberOf>[] =>
  tx.select().from(roleMembers).orderBy(JOINED).all().map(memberOf)
/** In the order they joined, which is that of a rota that names none. */
const JOINED = sql`rowid`
/** Ids of those of one; `role`: see `memberKey`. */
export const addedTo = (tx: Tx, role: string): string[] =>
  tx
    .select({ person: roleMembers.person })
    .from(roleMembers)
    .where(eq(roleMembers.role, role))
    .orderBy(JOINED)
    .all()
    .map(({ person }) => person)
/** `role`: see `memberKey`. */
export function addMember(tx: Tx, role: string, person: string): void {
  tx.insert(roleMembers).values({ role, person }).onConflictDoNothing().run()
}
export function removeMember(tx: Tx, role: string, person: string): void {
  tx.delete(roleMembers)
    .where(and(eq(roleMembers.role, role), eq(roleMembers.person, person)))
    .run()
}
