/** What an invitation carries, or somebody joins with: “Operator in shop, Tester, Web team”. */
export interface Carries {
  readonly role: string
  readonly project: string | null
  readonly places: readonly string[]
}
interface Words {
  readonly roleIn: (role: string, project: string) => string
  readonly comma: string
}
export const carriesText = (
  { role, project, places }: Carries,
  titleOf: (role: string) => string,
  { roleIn, comma }: Words,
): string => [project === null ? titleOf(role) : roleIn(titleOf(role), project), ...places].join(comma)

interface Role {
  readonly name: string
  readonly title: string
  readonly rights: readonly string[]
}
/** Roles to choose from, each with what it allows in words. `none` is the way out, so it is last. */
export const roleOptions = (
  roles: readonly Role[],
  says: (role: Role) => string,
  colon: string,
): { value: string; title: string }[] =>
  [...roles.filter(({ name }) => name !== 'none'), ...roles.filter(({ name }) => name === 'none')].map((role) => ({
    value: role.name,
    title: `${role.title}${colon}${says(role)}`,
  }))
