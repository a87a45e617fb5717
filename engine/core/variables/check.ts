import type { Directory } from '../env.ts'
import type { FieldError } from '../error.ts'
import { formatDuration, parseDuration } from '../duration.ts'
import { patternCache } from '../expression/regex.ts'
import type { Variable, VariableType } from '../flow.ts'
import { nearest } from '../nearest.ts'
import type { Actor } from '../state.ts'
import { depthOf, MAX_DEPTH, TOO_DEEP, type Value, type Values } from '../value.ts'
import { fixFor } from './fix.ts'
import { isDate, isTime, readInstant } from './instants.ts'
import { parseText } from './parse.ts'
import { either, inSentence, quoted, withArticle } from './words.ts'

/** What a value may be held against besides its declaration. */
export interface CheckContext {
  /** Absent: hosts and people are taken as written. */
  readonly directory?: Directory
  readonly starter?: Actor
  /** IANA zone of the person who typed; a `datetime` without a zone is in it. */
  readonly timeZone?: string
}
export type Checked =
  { readonly value: Value; readonly error: null } | { readonly value: null; readonly error: FieldError }

type Problem = Omit<FieldError, 'field'>
/** A checked value, or what is wrong with it. */
type Outcome = { readonly value: Value } | { readonly problem: Problem }
const good = (value: Value): Outcome => ({ value })
const bad = (code: string, message: string, fix?: string | null): Outcome => ({
  problem: { code, message, ...(fix ? { fix } : {}) },
})

const MAX_CHARACTERS = 1_000_000
const LONGEST: Partial<Record<VariableType, number>> = { text: 100_000, textarea: 200_000, password: 10_000 }

/** Checks a value against a declaration, at launch, at an edit and when a node writes it. Texts are read as what the type means. */
export function checkValue(variable: Variable, given: Value | undefined, context: CheckContext = {}): Checked {
  const outcome = outcomeOf(variable, given, context)
  if ('value' in outcome) return { value: outcome.value, error: null }
  return { value: null, error: { field: variable.key, ...outcome.problem } }
}

/** Neither spaces nor an empty list answer a question. */
export const isEmpty = (value: Value | undefined): boolean =>
  value === undefined ||
  value === null ||
  (typeof value === 'string' && value.trim() === '') ||
  (Array.isArray(value) && value.length === 0)

function outcomeOf(variable: Variable, given: Value | undefined, context: CheckContext): Outcome {
  if (isEmpty(given))
    return variable.required ? missing(variable) : good(isList(variable.type) && Array.isArray(given) ? given : null)
  const value = typeof given === 'string' ? parseText(variable, given) : (given as Value) // not empty, so not undefined
  if (isEmpty(value)) return variable.required ? missing(variable) : good(null)
  const unsafe = depthOf(value) > MAX_DEPTH ? TOO_DEEP : unsafeValue(value)
  if (unsafe !== null) return bad('type', `${variable.title}: ${unsafe}`)
  // Whatever its type, a secret is checked as one: no message may repeat it.
  const typed = (variable.secret ? secret : TYPES[variable.type])(variable, value, context)
  return 'problem' in typed ? typed : withinLimits(variable, typed.value)
}

const isList = (type: VariableType): boolean =>
  type === 'hosts' || type === 'people' || type === 'multiselect' || type === 'list' || type === 'table'

function missing(variable: Variable): Outcome {
  const noun = inSentence(variable.title)
  switch (variable.type) {
    case 'hosts':
      return bad('required', 'Choose at least one host')
    case 'people':
      return bad('required', 'Choose at least one person')
    case 'multiselect':
    case 'list':
    case 'table':
      return bad('required', `${variable.type === 'multiselect' ? 'Choose' : 'Add'} at least one entry for ${noun}`)
    case 'select':
    case 'radio':
    case 'host':
    case 'person':
    case 'boolean':
    case 'date':
    case 'time':
    case 'datetime':
      return bad('required', `Choose ${withArticle(variable.title)}`)
    default:
      return bad('required', `Enter ${withArticle(variable.title)}`)
  }
}

/** What would be mistaken for something else further on, whatever its type. */
function unsafeValue(value: Value): string | null {
  if (typeof value === 'string') {
    if (value.includes('\0')) return 'contains a character that no program can take (NUL)'
    return value.length > MAX_CHARACTERS ? `has more than ${MAX_CHARACTERS} characters` : null
  }
  if (typeof value === 'number') return Number.isFinite(value) ? null : 'is not a number'
  if (typeof value !== 'object' || value === null) return null
  if (Array.isArray(value)) {
    if (value.length > 10_000) return 'has more than 10,000 entries'
    return (value as readonly Value[]).map(unsafeValue).find((problem) => problem !== null) ?? null
  }
  for (const [key, entry] of Object.entries(value)) {
    // `$secret` and its kin mean a reference wherever inputs are resolved; typed by somebody, they are a trick.
    if (/^\$(secret|template|quoted)$/.test(key) || key === '__proto__') return `may not have a key ${quoted(key)}`
    const problem = unsafeValue(entry as Value)
    if (problem !== null) return problem
  }
  return null
}

type TypeCheck = (variable: Variable, value: Value, context: CheckContext) => Outcome

const isNot = (variable: Variable, value: Value): string => `${quoted(value)} is not ${withArticle(variable.title)}`

const textual: TypeCheck = (variable, value) => {
  if (typeof value === 'object' || value === null) return bad('type', `${variable.title} is a text`)
  return good(typeof value === 'string' ? value : String(value))
}
const numeric =
  (whole: boolean): TypeCheck =>
  (variable, value) => {
    if (typeof value !== 'number') return bad('type', `${quoted(value)} is not a number`)
    if (!whole) return good(value)
    if (!Number.isInteger(value)) return bad('type', `${value} is not a whole number`, String(Math.round(value)))
    return Number.isSafeInteger(value) ? good(value) : bad('type', `${inSentence(variable.title)} has too many digits`)
  }
const boolean: TypeCheck = (_variable, value) =>
  typeof value === 'boolean' ? good(value) : bad('type', `${quoted(value)} is neither yes nor no`, null)

const oneOption: TypeCheck = (variable, value) => {
  if (typeof value === 'object') return bad('type', `Choose one entry for ${inSentence(variable.title)}`)
  if (variable.options === undefined) return good(value) // they come from elsewhere; `formOptions` knows them
  const found = variable.options.find((option) => option.value === value)
  if (found) return good(value)
  const titles = variable.options.map((option) => option.title)
  const near = nearest(String(value), [...titles, ...variable.options.map((option) => String(option.value))])
  const fix =
    near === null
      ? null
      : (variable.options.find((option) => option.title === near || String(option.value) === near)?.value ?? null)
  const choice = titles.length <= 6 ? `Choose ${either(titles)}` : `Choose one of the ${titles.length} entries`
  return bad('option', `${isNot(variable, value)}. ${choice}`, fix === null ? null : String(fix))
}
const manyOptions: TypeCheck = (variable, value, context) => {
  if (!Array.isArray(value)) return bad('type', `${variable.title} is a list`)
  for (const entry of value as readonly Value[]) {
    const one = oneOption(variable, entry, context)
    if ('problem' in one) return one
  }
  return good([...new Set(value as readonly Value[])])
}

const matching =
  (test: (text: string) => boolean, example: string): TypeCheck =>
  (variable, value) =>
    typeof value === 'string' && test(value)
      ? good(value)
      : bad('type', `${quoted(value)} is not a ${variable.type}. Write ${example}`)

const instant: TypeCheck = (_variable, value, context) => {
  const read = typeof value === 'string' ? readInstant(value, context.timeZone ?? null) : null
  if (read !== null) return good(read)
  const zoned = typeof value === 'string' && readInstant(value, 'UTC') !== null
  return bad(
    'type',
    zoned
      ? `${quoted(value)} needs a time zone. Write 2026-11-21T14:00+08:00`
      : `${quoted(value)} is not a date and time. Write 2026-11-21T14:00+08:00`,
  )
}
const durationText: TypeCheck = (_variable, value) => {
  const ms = typeof value === 'string' ? parseDuration(value) : null
  return ms === null
    ? bad('type', `${quoted(value)} is not a duration. Write 30s, 5m or 1h30m`)
    : good(formatDuration(ms))
}

const oneHost: TypeCheck = (variable, value, context) => {
  if (typeof value !== 'string') return bad('type', `${variable.title} is the name of a host`)
  if (value.startsWith('@')) return bad('unknown_host', `${quoted(value)} stands for several hosts. Choose one`)
  return known(context.directory?.hosts(value), value, context)
}
const manyHosts: TypeCheck = (variable, value, context) => {
  const refs = typeof value === 'string' ? [value] : value
  if (!Array.isArray(refs)) return bad('type', `${variable.title} is a list of hosts`)
  const names = new Set<string>()
  for (const ref of refs as readonly Value[]) {
    if (typeof ref !== 'string') return bad('type', `${variable.title} is a list of hosts`)
    if (context.directory === undefined) names.add(ref)
    const found = known(context.directory?.hosts(ref), ref, context)
    if ('problem' in found) return found
    for (const name of context.directory?.hosts(ref) ?? []) names.add(name)
  }
  return good([...names])
}
function known(found: readonly string[] | undefined, ref: string, context: CheckContext): Outcome {
  if (found === undefined || found.length > 0) return good(ref)
  if (ref.startsWith('@')) return bad('unknown_host', `No host has the label ${quoted(ref)}`)
  const near = nearest(
    ref,
    (context.directory?.allHosts?.() ?? []).map((host) => host.name),
  )
  return bad('unknown_host', `There is no host ${quoted(ref)}${near === null ? '' : `. Use ${near}`}`, near)
}

const NOBODY: Actor = { person: null, name: '', surface: 'system' }
const onePerson: TypeCheck = (variable, value, context) => {
  if (typeof value !== 'string') return bad('type', `${variable.title} is the name of a person`)
  if (context.directory === undefined) return good(value)
  const found = context.directory.people(value, context.starter ?? NOBODY)
  if (found.length === 1 && found[0]) {
    // The name is what people read on cards; where two share it, only the id is clear.
    const unique = context.directory.people(found[0].name, context.starter ?? NOBODY).length === 1
    return good(unique ? found[0].name : found[0].id)
  }
  return bad(
    'unknown_person',
    found.length === 0
      ? `There is no person ${quoted(value)}`
      : `${quoted(value)} are ${found.length} people. Choose one`,
  )
}
const manyPeople: TypeCheck = (variable, value, context) => {
  if (!Array.isArray(value)) return bad('type', `${variable.title} is a list of people`)
  const names = new Set<Value>()
  for (const ref of value as readonly Value[]) {
    const found =
      typeof ref === 'string' && /^(role|group):/.test(ref)
        ? context.directory?.people(ref, context.starter ?? NOBODY)
        : undefined
    for (const person of found ?? []) names.add(person.name)
    if (found !== undefined && found.length > 0) continue
    const one = onePerson(variable, ref, context)
    if ('problem' in one) return one
    names.add(one.value)
  }
  return good([...names])
}

const list: TypeCheck = (variable, value) =>
  Array.isArray(value) ? good(value) : bad('type', `${variable.title} is a list`)
const table: TypeCheck = (variable, value) => {
  const rows =
    Array.isArray(value) &&
    (value as readonly Value[]).every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))
  return rows ? good(value) : bad('type', `${variable.title} is a table: a list of rows like {"name": "…"}`)
}
const json: TypeCheck = (_variable, value) =>
  typeof value === 'string' ? bad('type', `${quoted(value)} is not JSON`) : good(value)
const secret: TypeCheck = (variable, value) => {
  if (typeof value !== 'string') return bad('type', `${variable.title} is a text`)
  // Shorter ones cannot be masked: they would hide half of every log.
  return value.length < 6 ? bad('minLength', `${variable.title} needs at least 6 characters`) : good(value)
}

/** Whether Baton still keeps it shows when it is read; that it is a file at all shows here. */
const file: TypeCheck = (variable, value) => {
  const { file: id } = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Values) : {}
  return typeof id === 'string' && /^f_[A-Za-z0-9_-]{22}$/.test(id)
    ? good(value)
    : bad('type', `${variable.title} is a file: upload it first, and give what the upload answered`)
}

const TYPES: Readonly<Record<VariableType, TypeCheck>> = {
  text: textual,
  textarea: textual,
  integer: numeric(true),
  number: numeric(false),
  boolean,
  select: oneOption,
  radio: oneOption,
  multiselect: manyOptions,
  date: matching(isDate, '2026-11-21'),
  time: matching(isTime, '14:00'),
  datetime: instant,
  duration: durationText,
  password: secret,
  person: onePerson,
  people: manyPeople,
  host: oneHost,
  hosts: manyHosts,
  list,
  table,
  json,
  file,
}

const pattern = patternCache()
function withinLimits(variable: Variable, value: Value): Outcome {
  if (typeof value === 'number') return withinRange(variable, value)
  if (typeof value === 'string' && variable.type !== 'datetime' && variable.type !== 'duration')
    return withinText(variable, value)
  if (!Array.isArray(value)) return good(value)
  const { minLength, maxLength } = variable
  if (minLength !== undefined && value.length < minLength)
    return bad('minLength', `Choose at least ${minLength} for ${inSentence(variable.title)}`)
  if (maxLength !== undefined && value.length > maxLength)
    return bad('maxLength', `Choose at most ${maxLength} for ${inSentence(variable.title)}`)
  return good(value)
}

function withinRange({ title, min, max, step }: Variable, value: number): Outcome {
  if (min !== undefined && value < min) return bad('min', `${title} is at least ${min}`, String(min))
  if (max !== undefined && value > max) return bad('max', `${title} is at most ${max}`, String(max))
  if (step === undefined || step <= 0) return good(value)
  const from = min ?? 0
  const near = from + Math.round((value - from) / step) * step
  // Steps like 0.1 are not exact in binary: a millionth of a step is no difference.
  return Math.abs(near - value) <= step * 1e-6
    ? good(value)
    : bad('step', `${title} goes in steps of ${step}`, String(Number(near.toPrecision(12))))
}

function withinText(variable: Variable, value: string): Outcome {
  const { title, minLength } = variable
  const maxLength = variable.maxLength ?? LONGEST[variable.type]
  if (minLength !== undefined && value.length < minLength)
    return bad('minLength', `${title} needs at least ${minLength} characters`)
  if (maxLength !== undefined && value.length > maxLength)
    return bad('maxLength', `${title} may have up to ${maxLength} characters`)
  if (variable.pattern === undefined) return good(value)
  const compiled = pattern(variable.pattern)
  if (typeof compiled === 'string')
    return bad('pattern', `${title} cannot be checked: its pattern is broken (${compiled}). Tell the author`)
  if (compiled.test(value)) return good(value)
  if (variable.secret) return bad('pattern', `This is not ${withArticle(title)}`)
  const fix = fixFor(value, compiled)
  const way = fix !== null ? `Use ${fix}` : (variable.help ?? `It must match ${variable.pattern}`)
  return bad('pattern', `${isNot(variable, value)}. ${way}`, fix)
}
