import { createHash } from 'node:crypto'
import type { FormOption } from './card.ts'

/** Longest id a platform takes (Slack: 75 characters of an option's value). */
const LONGEST = 70

/** A short name for an option's value that survives the list being drawn anew. What comes back is only looked up, or checked by the server as any answer. */
export function optionId(value: unknown): string {
  if (typeof value === 'string' && value.length < LONGEST) return `=${value}`
  const text = JSON.stringify(value) ?? 'null'
  return text.length < LONGEST ? `~${text}` : `#${createHash('sha256').update(text).digest('base64url').slice(0, 32)}`
}
export const optionOf = ({ value, title }: { readonly value: unknown; readonly title: string }): FormOption => ({
  id: optionId(value),
  title: title || String(value),
  value,
})

/** The value behind an id: out of the list, or what the id itself says. `undefined`: known neither way. */
export function valueOf(id: string, options: readonly FormOption[]): unknown {
  const known = options.find((option) => option.id === id)
  if (known) return known.value
  if (id.startsWith('=')) return id.slice(1)
  if (!id.startsWith('~')) return undefined
  try {
    return JSON.parse(id.slice(1)) as unknown
  } catch {
    return undefined
  }
}
