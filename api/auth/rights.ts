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
  'edit-flow',
  'author',
  'use-secret',
  'manage-people',
  'manage-hosts',
  'manage-secrets',
  'audit',
]
/** Roles are named sets of rights, nothing more. What an app says (launch, see, operators) comes on top. */
export const ROLES: { readonly [role: string]: readonly Right[] } = {
  owner: RIGHTS,
  author: [
    'view',
    'launch',
    'operate',
    'operate-inputs',
    'edit-flow',
    'author',
    'use-secret',
    'manage-hosts',
    'manage-secrets',
  ],
  operator: ['view', 'launch', 'operate', 'reassign-ask'],
  starter: ['launch'],
  viewer: ['view'],
  // Of a person whose work is in other projects.
  none: [],
}
export const isRole = (role: string): boolean => Object.hasOwn(ROLES, role)
/** Roles that hold a right. */
export const rolesWith = (right: Right): readonly string[] =>
  Object.keys(ROLES).filter((role) => ROLES[role]!.includes(right))

/** Whoever may publish a flow may write it: a token of before that names the one has the other too. */
const IMPLIED: { readonly [right in Right]?: readonly Right[] } = { author: ['edit-flow', 'use-secret'] }

const NONE: ReadonlySet<Right> = new Set()
/** Rights of a role, narrowed by a token's scopes (empty: not narrowed). */
export function rightsOf(role: string | null, scopes: readonly string[]): ReadonlySet<Right> {
  const all = role === null ? undefined : ROLES[role]
  if (!all) return NONE
  if (scopes.length === 0) return new Set(all)
  const named = new Set([...scopes, ...scopes.flatMap((scope) => IMPLIED[scope as Right] ?? [])])
  return new Set(all.filter((right) => named.has(right)))
}
/** What a token may be narrowed to: rights, and answering asks. */
export const SCOPES: readonly string[] = [...RIGHTS, 'decide']
