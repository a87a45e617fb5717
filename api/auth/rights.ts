import type { Right } from '../../engine/index.ts'

/** Every verb, in the order they are shown. */
export const RIGHTS: readonly Right[] = [
  'view',
  'launch',
  'operate',
  'operate-inputs',
  'override-approval',
  'reassign-ask',
  'override-freeze',
  'author',
  'manage-people',
  'manage-hosts',
  'manage-secrets',
  'audit',
]
/** Roles are named sets of rights, nothing more. What an app says (launch, see, operators) comes on top. */
export const ROLES: { readonly [role: string]: readonly Right[] } = {
  owner: RIGHTS,
  author: ['view', 'launch', 'operate', 'operate-inputs', 'author', 'manage-hosts', 'manage-secrets'],
  operator: ['view', 'launch', 'operate', 'reassign-ask'],
  starter: ['launch'],
  viewer: ['view'],
}
export const isRole = (role: string): boolean => Object.hasOwn(ROLES, role)

const NONE: ReadonlySet<Right> = new Set()
/** Rights of a role, narrowed by a token's scopes (empty: not narrowed). */
export function rightsOf(role: string | null, scopes: readonly string[]): ReadonlySet<Right> {
  const all = role === null ? undefined : ROLES[role]
  if (!all) return NONE
  return new Set(scopes.length === 0 ? all : all.filter((right) => scopes.includes(right)))
}
/** What a token may be narrowed to: rights, and answering asks. */
export const SCOPES: readonly string[] = [...RIGHTS, 'decide']
