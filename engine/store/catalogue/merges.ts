import { and, desc, eq, gt, inArray, or, sql } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { taskIndex } from '../schema.ts'
import { dropCodesOf, endSessions } from './credentials.ts'
import { newId } from './ids.ts'
import { grantsOf, identitiesOf, peopleWithRole, personById, type Person } from './people.ts'
import { rightsOfPerson } from './rights-roles.ts'
import { favourites } from './tables/documents.ts'
import { grants, identities, merges, people, roleMembers } from './tables/people.ts'
import { passkeys, tokens } from './tables/credentials.ts'

export type Merge = typeof merges.$inferSelect
/** How long the other one may think about it. */
const MERGE_MS = 24 * 3_600_000
const LIVE = ['created', 'requested', 'queued', 'running', 'waiting', 'attention', 'paused']

/** Why two people cannot become one. `arg` names the thing. */
export interface MergeConflict {
  readonly code: 'SAME' | 'INACTIVE' | 'SERVICE' | 'LAST_OWNER' | 'TWO_ACCOUNTS' | 'LIVE_TASK'
  readonly arg: string
}
/**
 * What stands against it. Whoever started work stays who they are until it has ended: others approve it because they are others.
 * Open asks need not wait: they are held against the change, and answers of both count once.
 */
export function mergeConflicts(tx: Tx, keep: Person, gone: Person): MergeConflict[] {
  if (keep.id === gone.id) return [{ code: 'SAME', arg: keep.name }]
  const found: MergeConflict[] = []
  for (const one of [keep, gone]) {
    if (!one.active) found.push({ code: 'INACTIVE', arg: one.name })
    if (one.kind !== 'person') found.push({ code: 'SERVICE', arg: one.name })
  }
  // Whoever is one in `default` alone gives rights back as well.
  const owners = peopleWithRole(tx, 'default', ['owner'], 2)
  if (owners.length === 1 && owners[0]!.id === gone.id) found.push({ code: 'LAST_OWNER', arg: gone.name })
  const placesOf = (id: string) => identitiesOf(tx, id).filter(({ platform }) => platform !== 'email')
  const kept = new Set(placesOf(keep.id).map(placeKey))
  for (const account of placesOf(gone.id))
    if (kept.has(placeKey(account))) found.push({ code: 'TWO_ACCOUNTS', arg: account.platform })
  const live = inArray(taskIndex.phase, LIVE)
  for (const { number } of tx
    .select({ number: taskIndex.number })
    .from(taskIndex)
    .where(and(live, eq(taskIndex.startedBy, gone.id)))
    .limit(5)
    .all())
    found.push({ code: 'LIVE_TASK', arg: `#${number}` })
  return found
}
/** One person has one account in a workspace: of two, nobody would know which to write to, or who presses. */
const placeKey = ({ platform, team }: { platform: string; team: string }): string => `${platform}:${team}`

/** A person and everybody who became them, by the merges that stand: few, where `formerSelves` looks at all people. */
export function selvesOf(tx: Tx, person: string): readonly string[] {
  const rows = tx.all<{ id: string }>(sql`
    WITH RECURSIVE self(id) AS (
      SELECT ${person} UNION SELECT merges.gone FROM merges JOIN self ON merges.keep = self.id WHERE merges.state = 'done'
    ) SELECT id FROM self LIMIT 100`)
  return rows.map(({ id }) => id)
}
/** Everybody who became this person, however far back: in what is recorded they are the same. */
export function formerSelves(tx: Tx, person: string): string[] {
  const found: string[] = []
  for (let ask = [person]; ask.length > 0 && found.length < 100;) {
    const before = tx
      .select({ id: people.id })
      .from(people)
      .where(inArray(people.mergedInto, ask))
      .all()
      .map(({ id }) => id)
      .filter((id) => !found.includes(id))
    found.push(...before)
    ask = before
  }
  return found
}

export function askMerge(tx: Tx, keep: string, gone: string, now: number): Merge {
  const row: Merge = {
    id: newId('m'),
    keep,
    gone,
    state: 'asked',
    askedAt: now,
    expiresAt: now + MERGE_MS,
    endedAt: null,
    endedBy: null,
    facts: null,
  }
  tx.insert(merges).values(row).run()
  return row
}
export const mergeById = (tx: Tx, id: string): Merge | undefined =>
  tx.select().from(merges).where(eq(merges.id, id)).get()
/** Those that wait for an answer, and what became of earlier ones. */
export const mergesOf = (tx: Tx, person: string, now: number): Merge[] =>
  tx
    .select()
    .from(merges)
    .where(
      and(
        or(eq(merges.keep, person), eq(merges.gone, person)),
        or(inArray(merges.state, ['done', 'undone']), gt(merges.expiresAt, now)),
      ),
    )
    .orderBy(desc(merges.askedAt))
    .limit(50)
    .all()
export const allMerges = (tx: Tx): Merge[] => tx.select().from(merges).orderBy(desc(merges.askedAt)).limit(200).all()
export const endMerge = (tx: Tx, id: string, state: 'refused' | 'undone', by: string, now: number): void =>
  void tx.update(merges).set({ state, endedAt: now, endedBy: by }).where(eq(merges.id, id)).run()

/** What a merge moved, so that it can be taken back. */
interface MergeFacts {
  readonly identities: readonly string[]
  readonly tokens: readonly string[]
  /** Those of them that were not narrowed; absent in merges of before. */
  readonly whole?: readonly string[]
  readonly passkeys: readonly string[]
  /** Business roles, and apps marked, that only the one who went had. */
  readonly roles: readonly string[]
  readonly favourites: readonly { project: string; app: string }[]
  readonly name: string
  readonly role: string
  readonly grants: readonly { project: string; role: string }[]
}
/** Accounts, tokens, passkeys and business roles go over; rights do not: who stays has theirs. History keeps both names. */
export function merge(tx: Tx, row: Merge, by: string, now: number): void {
  const { keep, gone } = row
  const person = personById(tx, gone)!
  const ids = <T extends { id: string }>(rows: readonly T[]): string[] => rows.map(({ id }) => id)
  const rolesOf = (id: string): string[] =>
    tx
      .select()
      .from(roleMembers)
      .where(eq(roleMembers.person, id))
      .all()
      .map(({ role }) => role)
  const kept = new Set(rolesOf(keep))
  const theirs = tx.select().from(tokens).where(eq(tokens.person, gone)).all()
  const facts: MergeFacts = {
    identities: ids(identitiesOf(tx, gone)),
    tokens: ids(theirs),
    whole: ids(theirs.filter(({ scopes }) => scopes.length === 0)),
    passkeys: ids(tx.select().from(passkeys).where(eq(passkeys.person, gone)).all()),
    roles: rolesOf(gone).filter((role) => !kept.has(role)),
    favourites: tx
      .select({ project: favourites.project, app: favourites.app })
      .from(favourites)
      .where(eq(favourites.person, gone))
      .all(),
    name: person.name,
    role: person.role,
    grants: tx.select({ project: grants.project, role: grants.role }).from(grants).where(eq(grants.person, gone)).all(),
  }
  move(tx, facts, keep)
  // Rights do not go over, nor do tokens that were handed out with the rights of the one who went gain those of who stays.
  const could = rightsAnywhere(tx, person)
  for (const id of facts.whole ?? [])
    tx.update(tokens)
      .set({ scopes: [...could, 'decide'] })
      .where(eq(tokens.id, id))
      .run()
  for (const role of facts.roles) tx.insert(roleMembers).values({ role, person: keep }).onConflictDoNothing().run()
  for (const app of facts.favourites)
    tx.insert(favourites)
      .values({ ...app, person: keep })
      .onConflictDoNothing()
      .run()
  endSessions(tx, gone)
  dropCodesOf(tx, gone)
  tx.update(people).set({ active: false, mergedInto: keep }).where(eq(people.id, gone)).run()
  tx.update(merges)
    .set({ state: 'done', endedAt: now, endedBy: by, facts: { ...facts } })
    .where(eq(merges.id, row.id))
    .run()
}
const rightsAnywhere = (tx: Tx, person: Person): readonly string[] => {
  const places = ['default', ...grantsOf(tx, person.id).map(({ project }) => project)]
  return [...new Set(places.flatMap((project) => rightsOfPerson(tx, person, project)))]
}
/** Gives back what was moved and is still with the one who stayed. */
export function unmerge(tx: Tx, row: Merge, by: string, now: number): void {
  const facts = row.facts as unknown as MergeFacts // as `merge` wrote them
  const still = <T extends { id: string; person: string | null }>(rows: readonly T[]): string[] =>
    rows.filter(({ person }) => person === row.keep).map(({ id }) => id)
  move(
    tx,
    {
      identities: still(
        tx
          .select()
          .from(identities)
          .where(inArray(identities.id, [...facts.identities]))
          .all(),
      ),
      tokens: still(
        tx
          .select()
          .from(tokens)
          .where(inArray(tokens.id, [...facts.tokens]))
          .all(),
      ),
      passkeys: still(
        tx
          .select()
          .from(passkeys)
          .where(inArray(passkeys.id, [...facts.passkeys]))
          .all(),
      ),
    },
    row.gone,
  )
  for (const id of facts.whole ?? [])
    tx.update(tokens)
      .set({ scopes: [] })
      .where(and(eq(tokens.id, id), eq(tokens.person, row.gone)))
      .run()
  for (const role of facts.roles)
    tx.delete(roleMembers)
      .where(and(eq(roleMembers.role, role), eq(roleMembers.person, row.keep)))
      .run()
  endSessions(tx, row.keep) // whoever signed in by an account that goes back must not stay
  // Who was suspended meanwhile was suspended as both: each is brought back by `restore` alone.
  const { active, suspendedAt, suspendedBy, suspendedWhy } = personById(tx, row.keep)!
  tx.update(people)
    .set({ active, suspendedAt, suspendedBy, suspendedWhy, mergedInto: null })
    .where(eq(people.id, row.gone))
    .run()
  endMerge(tx, row.id, 'undone', by, now)
}
function move(tx: Tx, what: Pick<MergeFacts, 'identities' | 'tokens' | 'passkeys'>, to: string): void {
  const set = { person: to }
  if (what.identities.length > 0)
    tx.update(identities)
      .set(set)
      .where(inArray(identities.id, [...what.identities]))
      .run()
  if (what.tokens.length > 0)
    tx.update(tokens)
      .set(set)
      .where(inArray(tokens.id, [...what.tokens]))
      .run()
  if (what.passkeys.length > 0)
    tx.update(passkeys)
      .set(set)
      .where(inArray(passkeys.id, [...what.passkeys]))
      .run()
}
