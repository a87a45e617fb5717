import type { Field } from '../api/fragments.ts'

export type Option = NonNullable<Field['options']>[number]
export type Control =
  | 'switch'
  | 'segments'
  | 'radios'
  | 'pick'
  | 'picks'
  | 'lines'
  | 'json'
  | 'area'
  | 'secret'
  | 'number'
  | 'date'
  | 'time'
  | 'datetime-local'
  | 'text'

/** Words longer than this do not fit three abreast at 320 px. */
const SEGMENT_LETTERS = 12

/** Which control asks for a field, by its type and how many choices there are. */
export function controlOf(field: Pick<Field, 'type' | 'secret' | 'optionsFrom'>, options: readonly Option[]): Control {
  if (field.secret || field.type === 'password') return 'secret'
  switch (field.type) {
    case 'boolean':
      return 'switch'
    case 'select':
    case 'radio':
      if (field.optionsFrom || options.length > 7) return 'pick'
      if (options.length >= 2 && options.length <= 3 && options.every(({ title }) => title.length <= SEGMENT_LETTERS))
        return 'segments'
      return options.length === 0 ? 'pick' : 'radios'
    case 'person':
    case 'host':
      return 'pick'
    case 'hosts':
    case 'people':
    case 'multiselect':
      return 'picks'
    case 'list':
      return 'lines'
    case 'json':
    case 'table':
      return 'json'
    case 'textarea':
      return 'area'
    case 'integer':
    case 'number':
      return 'number'
    case 'date':
    case 'time':
      return field.type
    case 'datetime':
      return 'datetime-local'
    default:
      return 'text'
  }
}

export const sameValue = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === null || value === undefined || value === '' ? [] : [value]
export const titleOf = (value: unknown, options: readonly Option[]): string =>
  options.find((option) => sameValue(option.value, value))?.title ??
  (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

/** A local date and time as `datetime-local` writes it, from an instant; anything else is left as it is. */
export function toLocal(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return ''
  const at = new Date(value)
  if (Number.isNaN(at.getTime())) return String(value)
  const two = (part: number): string => String(part).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}
/** …and back: the instant the person meant in this zone. */
export function fromLocal(text: string): string | null {
  const at = new Date(text)
  return text === '' || Number.isNaN(at.getTime()) ? null : at.toISOString()
}

/** A value as people read it on a review, a receipt, in the inputs of a step. */
export function textOf(
  value: unknown,
  words: { yes: string; no: string; empty: string },
  options: readonly Option[] = [],
): string {
  if (value === null || value === undefined || value === '') return words.empty
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (Array.isArray(value)) {
    const rows = value.some((part) => typeof part === 'object' && part !== null)
    const parts = value.map((part) => (rows ? inLine(part, words) : textOf(part, words, options)))
    return value.length === 0 ? words.empty : parts.join(rows ? '\n' : ', ')
  }
  const known = options.find((option) => sameValue(option.value, value))
  if (known) return known.title
  if (typeof value !== 'object') return String(value)
  const entries = Object.entries(value)
  return entries.length === 0 ? words.empty : entries.map(([key, part]) => `${key}: ${inLine(part, words)}`).join('\n')
}
/** A row of a table, or what stands under a name: on one line. What is nested deeper stays JSON. */
function inLine(value: unknown, words: { yes: string; no: string; empty: string }): string {
  if (typeof value !== 'object' || value === null) return textOf(value, words)
  const plain = Object.values(value).every((part) => typeof part !== 'object' || part === null)
  if (!plain) return JSON.stringify(value)
  return Array.isArray(value)
    ? value.map((part) => textOf(part, words)).join(', ')
    : Object.entries(value)
        .map(([key, part]) => `${key}: ${textOf(part, words)}`)
        .join(', ')
}
