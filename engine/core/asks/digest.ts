import type { DecideEnv } from '../env.ts'
import type { Flow } from '../flow.ts'
import type { Ask } from '../state.ts'
import { isSecretRef, type Value, type Values } from '../value.ts'

/** JSON with its keys in order: the same value has the same text everywhere. */
export function canonical(value: Value): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${(value as readonly Value[]).map(canonical).join(',')}]`
  const object = value as Values
  return `{${Object.keys(object)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(object[key] ?? null)}`)
    .join(',')}}`
}

/** Binds an answer to what was seen: flow version, node, facts and bound variables (secrets as HMAC). */
export function digestOf(
  env: DecideEnv,
  flow: Flow,
  nodeId: string,
  facts: Ask['facts'],
  bound: Values,
  /** Answers of earlier asks it shows; null where it shows none. */
  earlier: Value = null,
): string {
  const values: { [key: string]: Value } = {}
  for (const key of Object.keys(bound)) {
    const value = bound[key] ?? null
    values[key] = isSecretRef(value) ? env.hmac(canonical({ key, secret: value.$secret })) : value
  }
  const shown = facts.map(({ key, title, value }): Value => ({ key, title, value: isSecretRef(value) ? null : value }))
  const seen = { flow: flow.digest, node: nodeId, facts: shown, bound: values }
  return env.digest(canonical(earlier === null ? seen : { ...seen, earlier }))
}
