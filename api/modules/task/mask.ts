import { isSecretRef, textOf, type Value, type Values } from '../../../engine/index.ts'

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
/** The same the other way: what people send back as it was shown to them is what stood there. */
export function unmasked(shown: Value, before: Value | undefined): Value {
  if (shown === HIDDEN && isSecretRef(before)) return before
  if (typeof shown !== 'object' || shown === null || typeof before !== 'object' || before === null) return shown
  const at = (key: string | number) => (Object.hasOwn(before, key) ? (before as Values)[key] : undefined)
  if (Array.isArray(shown)) return (shown as readonly Value[]).map((inner, index) => unmasked(inner, at(index)))
  return Object.fromEntries(Object.entries(shown).map(([key, inner]) => [key, unmasked(inner as Value, at(key))]))
}
/** Shown for a secret, and sent back as it was shown. */
export const isHidden = (shown: unknown): boolean => shown === HIDDEN
export const MAX_TEXT = 300
/** A value in one line. */
export function shownText(value: Value | undefined): string {
  const plain = masked(value)
  if (plain === null) return '–'
  const text = Array.isArray(plain) ? plain.map((one) => textOf(one as Value)).join(', ') : textOf(plain)
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text
}
