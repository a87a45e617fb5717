import { and, eq, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import type { Right } from '../../core/env.ts'
import { ROLES, withImplied } from '../../core/rights-roles.ts'
import type { Tx } from '../database.ts'
import { SHARED, specOf, titleOf } from './directory.ts'
import { documentOf, documentsNamed, documentsOf, type DocumentRow } from './documents.ts'
import { roleIn, type Person } from './people.ts'
import { codes } from './tables/credentials.ts'
import { grants, people } from './tables/people.ts'
import { workspaces } from './tables/chat.ts'

/** A set of rights that somebody can have in a project. */
export interface RightsRole {
  /** Null: it is always there, in every project. */
  readonly project: string | null
  readonly name: string
  readonly title: string
  readonly titles: { readonly [language: string]: string | undefined }
  readonly help: string | null
  readonly rights: readonly Right[]
}
const builtIn = (name: string): RightsRole => ({
  project: null,
  name,
  title: name,
  titles: {},
  help: null,
  rights: ROLES[name]!, // asked for names of it
})
function fromRow(row: DocumentRow): RightsRole {
  const { rights, titles, help } = specOf(row)
  return {
    project: row.project,
    name: row.name,
    title: titleOf(row),
    titles: (titles ?? {}) as RightsRole['titles'], // decoded when it was applied, as the rest
    help: typeof help === 'string' ? help : null,
    rights: withImplied(Array.isArray(rights) ? (rights as string[]) : []),
  }
}
const KIND = 'RightsRole'
const homesOf = (project: string): readonly string[] => (project === SHARED ? [SHARED] : [project, SHARED])

/** What a name means in a project: one that is always there, the project's own, or one of `default`, which all share. */
export function rightsRoleIn(tx: Tx, project: string, name: string): RightsRole | undefined {
  if (Object.hasOwn(ROLES, name)) return builtIn(name)
  for (const home of homesOf(project)) {
    const row = documentOf(tx, home, KIND, name)
    if (row) return fromRow(row)
  }
  return undefined
}
/** Those somebody can have in a project, or in any (null): those that are always there first. */
export const rightsRolesIn = (tx: Tx, project: string | null): readonly RightsRole[] => [
  ...Object.keys(ROLES).map(builtIn),
  ...documentsOf(tx, KIND)
    .filter((row) => project === null || homesOf(project).includes(row.project))
    .map(fromRow),
]
/** Rights a person has in a project by their role there; a role nobody knows gives none. */
export const rightsOfPerson = (tx: Tx, person: Person, project: string): readonly Right[] =>
  rightsRoleIn(tx, project, roleIn(tx, person, project))?.rights ?? []
/** Names of the roles of a project that hold all of these rights. */
export const rolesWith = (tx: Tx, project: string, ...rights: readonly Right[]): readonly string[] =>
  rightsRolesIn(tx, project)
    .filter((role) => rights.every((right) => role.rights.includes(right)))
    .map(({ name }) => name)

/** The project that has a role of this name already, so that one of `project` would mean two things to somebody: names of `default` are taken for all. */
export const projectOfRightsRole = (tx: Tx, project: string, name: string): string | undefined =>
  documentsNamed(tx, KIND, name).find(
    (row) => row.project !== project && (project === SHARED || row.project === SHARED),
  )?.project

interface Named {
  readonly project: string
  readonly name: string
}
/** Roles said of single projects that mean this one: of its own project, or, of a shared one, of any. */
const grantsTo = ({ project, name }: Named) =>
  and(eq(grants.role, name), project === SHARED ? undefined : eq(grants.project, project))
/** Everybody who has it, suspended people included. */
export function holdersOfRole(tx: Tx, role: Named): Pick<Person, 'id' | 'name'>[] {
  const columns = { id: people.id, name: people.name }
  const there = tx.select({ id: grants.person }).from(grants).where(grantsTo(role))
  return tx
    .select(columns)
    .from(people)
    .where(or(inArray(people.id, there), role.project === SHARED ? eq(people.role, role.name) : undefined))
    .orderBy(people.name, people.id)
    .all()
}
/** Invitations that are open with it, and workspaces whose members join with it: those give roles of `default` alone. */
export function doorsTo(tx: Tx, role: Named, now: number): { invitations: number; workspaces: string[] } {
  const open = tx.select({ id: codes.id }).from(codes).where(isOpenInvitation(role, now)).all()
  const joined =
    role.project === SHARED
      ? tx.select({ name: workspaces.name }).from(workspaces).where(eq(workspaces.role, role.name)).all()
      : []
  return { invitations: open.length, workspaces: joined.map((one) => one.name) }
}
const isOpenInvitation = ({ project, name }: Named, now: number) =>
  and(
    eq(codes.kind, 'invite'),
    eq(codes.role, name),
    isNull(codes.usedAt),
    gt(codes.expiresAt, now),
    // A name of `default` means one thing in every project.
    project === SHARED ? undefined : sql`json_extract(${codes.answers}, '$.project') = ${project}`,
  )
/** Takes it from everybody who has it: they may do nothing there until somebody says what. Nobody joins with it any more. */
export function takeRoleFromAll(tx: Tx, role: Named, now: number): void {
  const { project, name } = role
  tx.update(grants).set({ role: 'none' }).where(grantsTo(role)).run()
  tx.update(codes)
    .set({ usedAt: now, usedBy: `the role ${name} is gone` })
    .where(isOpenInvitation(role, now))
    .run()
  if (project !== SHARED) return
  tx.update(people).set({ role: 'none' }).where(eq(people.role, name)).run()
  tx.update(workspaces).set({ role: null }).where(eq(workspaces.role, name)).run()
}
