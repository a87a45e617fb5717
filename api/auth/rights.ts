import { isBuiltIn, RIGHTS, ROLES, withImplied, type Right } from '../../engine/index.ts'

export { RIGHTS, ROLES }
/** Of those that are always there; a project's own are in its documents (`catalogue.rightsRoleIn`). */
export const isRole = isBuiltIn

/** Rights of a role, narrowed by a token's scopes (empty: not narrowed). A token of before that names `author` has what it brings. */
export function narrowed(rights: readonly Right[], scopes: readonly string[]): ReadonlySet<Right> {
  if (scopes.length === 0) return new Set(rights)
  const named = new Set(withImplied(scopes))
  return new Set(rights.filter((right) => named.has(right)))
}
/** What a token may be narrowed to: rights, and answering asks. */
export const SCOPES: readonly string[] = [...RIGHTS, 'decide']
