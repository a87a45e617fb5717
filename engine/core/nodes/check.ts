import type { Flow, Variable } from '../flow.ts'
import { isTaskSecret, type Value } from '../value.ts'
import { checkValue } from '../variables/check.ts'

export type Fit = { readonly value: Value } | { readonly problem: string }

const BY_KEY = new WeakMap<Flow, ReadonlyMap<string, Variable>>()
export function variableNamed(flow: Flow, key: string): Variable | undefined {
  let known = BY_KEY.get(flow)
  if (known === undefined) {
    known = new Map(flow.variables.map((variable) => [variable.key, variable]))
    BY_KEY.set(flow, known)
  }
  return known.get(key)
}

/** A value a node gave, as the variable it is saved to holds it (a text of digits becomes a number), or why it does not fit. */
export function fitFor(flow: Flow, key: string, value: Value): Fit {
  const variable = variableNamed(flow, key)
  if (variable === undefined) return { problem: 'there is no such variable' }
  // What a node prints can be read by anybody who may see the task.
  if (variable.secret)
    return isTaskSecret(value) ? { value } : { problem: 'it is secret, and what a node gives is not' }
  const checked = checkValue({ ...variable, required: false }, value)
  return checked.error === null ? { value: checked.value } : { problem: checked.error.message }
}
