import type { Value } from '../value.ts'

/** A whole number of the declared type `integer` counts as CEL's `int`; every other JSON number is a `double`, which mixes with it. */
export const toCel = (value: Value, isInteger: boolean): unknown =>
  isInteger && typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value

/** The one border where CEL's values become JSON again. @throws when there is no JSON for it. */
export function fromCel(value: unknown): Value {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'bigint':
      return numberOf(Number(value))
    case 'number':
      if (!Number.isFinite(value)) throw new Error('expected a number, but the result has none (a division by zero?)')
      return value
    case 'object':
      if (value === null) return null
      return fromObject(value)
    default:
      throw new Error(`expected a value, but got ${value === undefined ? 'none' : typeof value}`)
  }
}

function numberOf(value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw new Error('expected a whole number up to 9007199254740991, but the result is larger')
}

function fromObject(value: object): Value {
  if (Array.isArray(value)) return isPlain(value) ? (value as Value) : value.map(fromCel) // isPlain has looked at every entry
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) {
    if (isPlain(value)) return value as Value // isPlain has looked at every entry
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fromCel(entry)]))
  }
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [String(key), fromCel(entry)]))
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) throw new Error('expected a value, but got bytes: use string(…) or .base64()')
  if ('hasValue' in value) throw new Error('expected a value, but got an optional one: end with .orValue(…)')
  if ('value' in value && typeof value.value === 'bigint') return numberOf(Number(value.value))
  return String(value) // durations and types: their text is their meaning
}

/** Nothing in it needs converting, so that large outputs pass uncopied. */
function isPlain(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object': {
      if (value === null) return true
      if (Array.isArray(value)) return value.every(isPlain)
      const prototype: unknown = Object.getPrototypeOf(value)
      return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlain)
    }
    default:
      return false
  }
}
