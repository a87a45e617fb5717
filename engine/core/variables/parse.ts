import type { Variable } from '../flow.ts'
import type { Value } from '../value.ts'

const YES = ['true', 'yes', 'y', 'on', '1', '是']
const NO = ['false', 'no', 'n', 'off', '0', '否']

/**
 * What a text means for a variable: `key=value` in a chat, a field of a form, the output of a script.
 * Returns the text itself when it means nothing better; `checkValue` then says what is wrong with it.
 */
export function parseText(variable: Pick<Variable, 'type' | 'options'>, text: string): Value {
  const trimmed = text.trim()
  switch (variable.type) {
    case 'integer':
    case 'number':
      return /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? Number(trimmed) : text
    case 'boolean': {
      const word = trimmed.toLowerCase()
      return YES.includes(word) ? true : NO.includes(word) ? false : text
    }
    case 'select':
    case 'radio':
      return optionOf(variable, trimmed) ?? trimmed
    case 'multiselect':
      return pieces(trimmed).map((piece) => optionOf(variable, piece) ?? piece)
    case 'people':
    case 'hosts':
    case 'list':
      return trimmed.startsWith('[') ? json(trimmed, text) : pieces(trimmed)
    case 'table':
    case 'json':
    case 'file':
      return json(trimmed, text)
    case 'textarea':
    case 'password':
      return text
    case 'text':
      return text.replace(/[\r\n]+$/, '') // one line; a script's output ends in a line break that nobody means
    default:
      return trimmed
  }
}

/** By value, else by title, else either without regard to case: people type what they see. */
function optionOf(variable: Pick<Variable, 'options'>, text: string): Value | undefined {
  const options = variable.options ?? []
  const same = (a: Value, b: string): boolean => String(a).toLowerCase() === b.toLowerCase()
  const found =
    options.find((option) => String(option.value) === text) ??
    options.find((option) => option.title === text) ??
    options.find((option) => same(option.value, text) || same(option.title, text))
  return found?.value
}

const pieces = (text: string): readonly string[] =>
  text
    .split(/[,，、;\n]/)
    .map((piece) => piece.trim())
    .filter((piece) => piece !== '')

function json(text: string, otherwise: string): Value {
  try {
    return JSON.parse(text) as Value // JSON.parse yields nothing else
  } catch {
    return otherwise
  }
}
