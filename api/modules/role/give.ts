import { catalogue, withImplied, type Document, type Right, type Tx } from '../../../engine/index.ts'
import { lacking, somebody } from '../../auth/allow.ts'
import { narrowed } from '../../auth/rights.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../error.ts'

/** Rights of the caller in a project as things stand in this transaction: what was true when they asked may have changed since. */
function rightsNow(context: Context, tx: Tx, project: string): ReadonlySet<Right> {
  const me = catalogue.personById(tx, somebody(context).id)
  return me?.active ? narrowed(catalogue.rightsOfPerson(tx, me, project), context.who.scopes) : new Set()
}
/** Whoever manages people gives what they have themselves, and nothing else. @throws FORBIDDEN naming the first right they lack */
export function mayGive(context: Context, tx: Tx, rights: readonly Right[], project: string): void {
  const mine = rightsNow(context, tx, project)
  const missing = (['manage-people', ...rights] as const).find((right) => !mine.has(right))
  if (missing !== undefined) throw lacking(context, missing, project)
}
/** A role of a project by its name, and whether the caller may give it. @throws INVALID_INPUT, FORBIDDEN */
export function roleToGive(context: Context, tx: Tx, name: string, project: string): catalogue.RightsRole {
  const role = catalogue.rightsRoleIn(tx, project, name)
  if (role === undefined)
    throw badInput(
      'role',
      'UNKNOWN',
      `Roles are ${catalogue
        .rightsRolesIn(tx, project)
        .map((one) => one.name)
        .join(', ')}`,
    )
  mayGive(context, tx, role.rights, project)
  return role
}
/** What a document adds to a role, it gives to everybody who has the role. @throws FORBIDDEN */
export function mayWriteRole(context: Context, tx: Tx, document: Document): void {
  if (document.kind !== 'RightsRole') return
  const { project, name } = document.metadata
  const known = catalogue.documentOf(tx, project, 'RightsRole', name)
  const before = known ? (catalogue.rightsRoleIn(tx, project, name)?.rights ?? []) : []
  const gained = withImplied(document.spec.rights).filter((right) => !before.includes(right))
  mayGive(context, tx, gained, project)
}
/** What a token for somebody would let whoever holds it do, in every project. @throws FORBIDDEN */
export function mayMakeTokenFor(context: Context, tx: Tx, of: catalogue.Person, scopes: readonly string[]): void {
  const places = new Set(['default', ...catalogue.grantsOf(tx, of.id).map(({ project }) => project)])
  for (const project of places) {
    const mine = rightsNow(context, tx, project)
    const missing = [...narrowed(catalogue.rightsOfPerson(tx, of, project), scopes)].find((right) => !mine.has(right))
    if (missing !== undefined) throw lacking(context, missing, project)
  }
}
