import type { Right } from './env.ts'

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
/** Roles are named sets of rights, nothing more; these are always there, and a company adds its own (`kind: RightsRole`). What an app says (launch, see, operators) comes on top. */
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
/** One of those that are always there. */
export const isBuiltIn = (role: string): boolean => Object.hasOwn(ROLES, role)

/** Whoever may publish a flow may write it: what names the one has the other too. */
const IMPLIED: { readonly [right in Right]?: readonly Right[] } = { author: ['edit-flow', 'use-secret'] }
/** With what they bring, in the order they are shown. Words that are no rights (`decide` of a token) are left out. */
export function withImplied(named: readonly string[]): readonly Right[] {
  const all = new Set([...named, ...named.flatMap((one) => IMPLIED[one as Right] ?? [])])
  return RIGHTS.filter((right) => all.has(right))
}
