/** A JSON value: what variables, inputs and outputs hold. Integers beyond 2^53 never appear (they are refused where they would enter). */
export type Value = null | boolean | number | string | readonly Value[] | { readonly [key: string]: Value }
export type Values = { readonly [key: string]: Value }

/** Stands in for a secret wherever the core, a history or an answer of the API would hold its value. `ref` is `namespace.key`, or `task:<variable>` for a secret variable. */
export interface SecretRef {
  readonly $secret: string
}
export const isSecretRef = (value: unknown): value is SecretRef =>
  typeof value === 'object' && value !== null && typeof (value as SecretRef).$secret === 'string' // read-only peek at one key

export function assertNever(value: never): never {
  throw new Error(`expected nothing more, but got ${JSON.stringify(value)}`)
}
