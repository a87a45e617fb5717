import { isSecretRef, textOf, type Value } from '../../../engine/index.ts'

const HIDDEN = '••••••'
/** References to secrets as people see them: neither value nor name leaves. */
export function masked(value: Value | undefined): Value {
  if (value === undefined || value === null) return null
  if (isSecretRef(value)) return HIDDEN
  if (Array.isArray(value)) return (value as readonly Value[]).map(masked)
  if (typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, masked(inner)]))
  return value
}
export const MAX_TEXT = 300
/** A value in one line. */
export function shownText(value: Value | undefined): string {
  const plain = masked(value)
  if (plain === null) return '–'
  const text = Array.isArray(plain) ? plain.map((one) => textOf(one as Value)).join(', ') : textOf(plain)
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text
}
