/** Deeper than this is refused: it would end the stack of whoever walks it later. */
const MAX_DEPTH = 64

/** Whether a history keeps `value` as it is: no dates, no undefined, no big integers, no classes. Absent keys may be undefined. */
export function isJson(value: unknown, depth = 0): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true
    case 'number':
      return Number.isFinite(value)
    case 'object': {
      if (value === null) return true
      if (depth >= MAX_DEPTH) return false
      if (Array.isArray(value)) return value.every((item) => isJson(item, depth + 1))
      const prototype: unknown = Object.getPrototypeOf(value)
      if (prototype !== Object.prototype && prototype !== null) return false
      for (const key in value) {
        const inner = (value as { [key: string]: unknown })[key]
        if (inner !== undefined && !isJson(inner, depth + 1)) return false
      }
      return true
    }
    default:
      return false
  }
}

/** About how many bytes `value` takes as JSON; exact for ASCII without escapes. */
export function jsonSize(value: unknown): number {
  if (typeof value === 'string') return value.length < 1024 ? value.length + 2 : Buffer.byteLength(value) + 2
  if (typeof value !== 'object' || value === null) return 8
  let size = 2
  if (Array.isArray(value)) for (const item of value) size += jsonSize(item) + 1
  else for (const key in value) size += key.length + 4 + jsonSize((value as { [key: string]: unknown })[key])
  return size
}
