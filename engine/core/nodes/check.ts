import type { Flow, Variable, VariableType } from '../flow.ts'
import type { Value } from '../value.ts'

type Check = (value: Value) => boolean
const isText: Check = (value) => typeof value === 'string'
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText)
const SHAPES: Record<VariableType, readonly [Check, string]> = {
  text: [isText, 'a text'],
  textarea: [isText, 'a text'],
  password: [isText, 'a text'],
  select: [(value) => typeof value !== 'object', 'one value'],
  radio: [(value) => typeof value !== 'object', 'one value'],
  multiselect: [Array.isArray, 'a list'],
  integer: [Number.isSafeInteger, 'a whole number'],
  number: [Number.isFinite, 'a number'],
  boolean: [(value) => typeof value === 'boolean', 'true or false'],
  date: [isText, 'a date'],
  time: [isText, 'a time'],
  datetime: [isText, 'an instant'],
  duration: [isText, 'a duration'],
  person: [isText, 'a person'],
  host: [isText, 'a host'],
  people: [isTexts, 'a list of people'],
  hosts: [isTexts, 'a list of hosts'],
  list: [Array.isArray, 'a list'],
  table: [Array.isArray, 'a table'],
  json: [() => true, 'a value'],
  file: [(value) => typeof value === 'object', 'a file'],
}
const variableOf = (flow: Flow, key: string): Variable | undefined =>
  flow.variables.find((variable) => variable.key === key)

/** Why a value a node gave does not fit the variable it is saved to; null: it fits. Null always fits: it is "left empty". */
export function problemOf(flow: Flow, key: string, value: Value): string | null {
  const variable = variableOf(flow, key)
  if (variable === undefined) return 'there is no such variable'
  if (variable.secret) return 'it is secret, and what a node gives is not'
  if (value === null) return null
  const [fits, what] = SHAPES[variable.type]
  return fits(value) ? null : `expected ${what}, but got ${brief(value)}`
}
const brief = (value: Value): string => {
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
