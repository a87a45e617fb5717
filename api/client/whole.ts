/** What the API gives at once of a list without a connection, unless more is asked for. */
const AT_ONCE = 50

/** A whole list, piece by piece: `after` is what the last one of the piece before is called. */
export async function whole<T>(
  ask: (piece: { readonly first: number; readonly after?: string }) => Promise<readonly T[]>,
  keyOf: (item: T) => string,
): Promise<T[]> {
  const all: T[] = []
  for (;;) {
    const last = all.at(-1)
    const piece = await ask({ first: AT_ONCE, ...(last !== undefined && { after: keyOf(last) }) })
    all.push(...piece)
    if (piece.length < AT_ONCE) return all
  }
}

interface Named {
  readonly project: string
  readonly name: string
}
/** Roles and groups as one question answers them, both whole. */
export async function wholeRoles<A extends { readonly roles: readonly Named[]; readonly groups: readonly Named[] }>(
  ask: (after: { readonly rolesAfter?: string; readonly groupsAfter?: string }) => Promise<A>,
): Promise<A> {
  const first = await ask({})
  const roles: A['roles'][number][] = [...first.roles]
  const groups: A['groups'][number][] = [...first.groups]
  let piece = first
  while (piece.roles.length >= AT_ONCE || piece.groups.length >= AT_ONCE) {
    const [role, group] = [roles.at(-1), groups.at(-1)]
    piece = await ask({
      ...(role && { rolesAfter: `${role.project}/${role.name}` }),
      ...(group && { groupsAfter: `${group.project}/${group.name}` }),
    })
    roles.push(...piece.roles)
    groups.push(...piece.groups)
  }
  return { ...first, roles, groups }
}
