/** A JSON value: what variables, inputs and outputs hold. Integers beyond 2^53 never appear (they are refused where they would enter). */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }
export type Values = { readonly [key: string]: Value }

/** Stands in for a secret wherever the core, a history or an answer of the API would hold its value. `ref` is `namespace.key`, or `task:<variable>` for a secret variable. */
export interface SecretRef {
  readonly $secret: string
}
export const isSecretRef = (value: unknown): value is SecretRef =>
  typeof value === 'object' && value !== null && typeof (value as SecretRef).$secret === 'string' // read-only peek at one key

/** Is it a reference to a secret of the task itself (of `variable`, where one is named)? No person and no step may bring in another. */
export const isTaskSecret = (value: unknown, variable = ''): value is SecretRef =>
  isSecretRef(value) && (variable === '' ? value.$secret.startsWith('task:') : value.$secret === `task:${variable}`)

/** How deep a value may be. JSON can be deeper than any stack: whatever comes from outside is measured first. */
export const MAX_DEPTH = 64
export const TOO_DEEP = `has more than ${MAX_DEPTH} levels`
/** Levels of lists and maps, counted no further than one more than `MAX_DEPTH`. */
export function depthOf(value: Value, above = 0): number {
  if (typeof value !== 'object' || value === null || above > MAX_DEPTH) return above
  let deepest = above + 1
  for (const key in value) deepest = Math.max(deepest, depthOf((value as Values)[key]!, above + 1))
  return deepest
}

export function assertNever(value: never): never {
  throw new Error(`expected nothing more, but got ${JSON.stringify(value)}`)
}
