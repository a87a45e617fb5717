import { catalogue, type Tx } from '../../engine/index.ts'

type Code = catalogue.Code
type Person = catalogue.Person

/** A business role or group that whoever comes in will stand in. */
export interface Place {
  readonly kind: 'Role' | 'Group'
  readonly project: string
  readonly name: string
}
/** What an invitation carries beside its role; once it was used, what of that was not given. */
export interface Carried {
  readonly inviter?: string
  /** The role holds in this project alone; absent: wherever nothing else is said. */
  readonly project?: string
  readonly places?: readonly Place[]
  readonly leftOut?: readonly Place[]
}
export const carriedBy = ({ answers }: Code): Carried => (answers ?? {}) as Carried // as `invite` and `comeIn` write it

/** How people call a role or group; its name where it is gone. */
export const titleOfPlace = (tx: Tx, { kind, project, name }: Place): string =>
  catalogue.titleOf(catalogue.documentOf(tx, project, kind, name), name)

/** Whoever invited could do so now: somebody suspended, or whose rights are less by now, lets nobody in by what they handed out before. */
export function isStillGiven(tx: Tx, row: Code): boolean {
  const { inviter, project = 'default' } = carriedBy(row)
  const role = catalogue.rightsRoleIn(tx, project, row.role ?? 'starter')
  if (role === undefined) return false
  if (inviter === undefined) return true
  const gives = rightsOf(tx, inviter, project)
  return gives.has('manage-people') && role.rights.every((right) => gives.has(right))
}
const rightsOf = (tx: Tx, id: string, project: string): ReadonlySet<string> => {
  const person = catalogue.personById(tx, id)
  return new Set(person?.active ? catalogue.rightsOfPerson(tx, person, project) : [])
}
/** A role that is there, of a project where whoever invited still says who stands in what. */
const isStillTheirs = (tx: Tx, inviter: string | undefined, { kind, project, name }: Place): boolean =>
  catalogue.documentOf(tx, project, kind, name) !== undefined &&
  (inviter === undefined || rightsOf(tx, inviter, project).has('manage-people'))

export interface CameIn {
  readonly person: Person
  /** Keys of the roles and groups they stand in now: see `catalogue.memberKey`. */
  readonly members: readonly string[]
  /** By title: what the invitation named and is not for whoever made it to give any more. */
  readonly leftOut: readonly string[]
}
/** Spends an invitation that `isStillGiven`: a new person, with what it carries. */
export function comeIn(tx: Tx, row: Code, who: { name: string; email?: string | null }, now: number): CameIn {
  const { inviter, project, places = [] } = carriedBy(row)
  const role = row.role ?? 'starter'
  const person = catalogue.addPerson(tx, { ...who, role: project === undefined ? role : 'none' }, now)
  if (project !== undefined) catalogue.grant(tx, person.id, project, role)
  const given = places.filter((place) => isStillTheirs(tx, inviter, place))
  const left = places.filter((place) => !given.includes(place))
  const members = given.map(({ kind, project: home, name }) => catalogue.memberKey(kind, home, name))
  for (const key of members) catalogue.addMember(tx, key, person.id)
  catalogue.spendCode(tx, row.id, person.id, now, { ...carriedBy(row), leftOut: left })
  return { person, members, leftOut: left.map((place) => titleOfPlace(tx, place)) }
}
