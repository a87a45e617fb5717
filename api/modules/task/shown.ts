import { isSecretRef, type Value, type Variable } from '../../../engine/index.ts'
import { textsOf, type Language } from '../../texts.ts'
import { MAX_TEXT, shownText } from './mask.ts'

export interface Reader {
  readonly language: Language
  readonly timeZone: string | null
}
type Declared = Pick<Variable, 'type' | 'options'>

/** A variable’s value as people read it: titles of options, yes and no, dates in their way. What was not declared is shown as it is. */
export function shownValue(variable: Declared | undefined, value: Value | undefined, reader: Reader): string {
  if (value === undefined || value === null || isSecretRef(value) || !variable) return plain(value, reader)
  const { type, options } = variable
  if (options && Array.isArray(value)) return cut(value.map((one: Value) => titleOf(options, one, reader)).join(', '))
  if (options) return cut(titleOf(options, value, reader))
  if (typeof value !== 'string') return plain(value, reader)
  if (type === 'date') return dated(value, `${value}T00:00:00Z`, 'UTC', reader, { dateStyle: 'medium' })
  if (type === 'datetime')
    return dated(value, value, reader.timeZone, reader, { dateStyle: 'medium', timeStyle: 'short' })
  return shownText(value)
}
function titleOf(options: NonNullable<Variable['options']>, value: Value, reader: Reader): string {
  const option = options.find((known) => JSON.stringify(known.value) === JSON.stringify(value))
  return option?.title ?? plain(value, reader)
}
const plain = (value: Value | undefined, { language }: Reader): string =>
  typeof value === 'boolean' ? textsOf(language)[value ? 'yes' : 'no'] : shownText(value)
const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text)

function dated(
  raw: string,
  text: string,
  zone: string | null,
  { language }: Reader,
  style: Intl.DateTimeFormatOptions,
): string {
  const at = Date.parse(text)
  if (Number.isNaN(at)) return raw
  const locale = language === 'zh' ? 'zh-CN' : 'en-GB'
  const hours = { ...style, hourCycle: 'h23' } as const
  try {
    return new Intl.DateTimeFormat(locale, { ...hours, ...(zone && { timeZone: zone }) }).format(at)
  } catch {
    return new Intl.DateTimeFormat(locale, hours).format(at) // a zone this machine does not know
  }
}
