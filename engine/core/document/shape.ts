import { nearest } from '../nearest.ts'
import { parseDuration } from '../duration.ts'
import type { Value } from '../value.ts'

export type Path = readonly (string | number)[]
/** Something in a document that it cannot be saved with. */
export interface DocumentError {
  readonly path: Path
  readonly message: string
  /** What was probably meant. */
  readonly fix: string | null
}
/** Reads a value that came from outside; reports what is wrong and then returns undefined. */
export type Shape<T> = (value: unknown, path: Path, report: Report) => T | undefined
export interface Report {
  readonly add: (path: Path, message: string, fix?: string | null) => undefined
}

/** `nodes.deploy.with.args[0]`: a path as people write it. */
export const pathText = (path: Path): string =>
  path
    .map((step, index) =>
      typeof step === 'number'
        ? `[${step}]`
        : /^[\w-]+$/.test(step)
          ? `${index === 0 ? '' : '.'}${step}`
          : `["${step}"]`,
    )
    .join('')

const kindOf = (value: unknown): string =>
  value === null || value === undefined
    ? 'nothing'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'object'
        ? 'a map'
        : typeof value === 'string'
          ? `“${short(value)}”`
          : String(value)
const short = (text: string): string => (text.length > 40 ? `${text.slice(0, 40)}…` : text)
const wrong = (report: Report, path: Path, expected: string, value: unknown): undefined =>
  report.add(path, `expected ${expected}, but got ${kindOf(value)}`)

export const text: Shape<string> = (value, path, report) =>
  typeof value === 'string' ? value : wrong(report, path, 'a text', value)
/** YAML reads `title: 2024` or `default: yes` as something else than a text; where only a text makes sense, it is one. */
export const label: Shape<string> = (value, path, report) =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : text(value, path, report)
export const bool: Shape<boolean> = (value, path, report) =>
  typeof value === 'boolean' ? value : wrong(report, path, 'true or false', value)
export const number: Shape<number> = (value, path, report) =>
  typeof value === 'number' && Number.isFinite(value) ? value : wrong(report, path, 'a number', value)
export const count =
  (least: number, most: number): Shape<number> =>
  (value, path, report) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? value
      : wrong(report, path, `a whole number from ${least} to ${most}`, value)
export const duration: Shape<number> = (value, path, report) => {
  const ms = typeof value === 'string' ? parseDuration(value) : null
  if (ms !== null) return ms
  const fix = typeof value === 'number' ? `${value}s` : null
  return report.add(path, `expected a duration like 30s, 5m or 1h30m, but got ${kindOf(value)}`, fix)
}
export const oneOf =
  <const T extends string>(...words: readonly T[]): Shape<T> =>
  (value, path, report) => {
    if (typeof value === 'string' && (words as readonly string[]).includes(value)) return value as T // it is one of them
    const near = typeof value === 'string' ? nearest(value, words) : null
    return report.add(path, `expected ${words.join(', ')}, but got ${kindOf(value)}`, near)
  }
/** Any JSON, with its `${…}` still as text. */
export const anything: Shape<Value> = (value, path, report) => {
  if (value === undefined) return wrong(report, path, 'a value', value)
  return value as Value // the parser yields nothing but JSON
}
export const list =
  <T>(entry: Shape<T>): Shape<readonly T[]> =>
  (value, path, report) => {
    if (!Array.isArray(value)) return wrong(report, path, 'a list', value)
    return value.flatMap((item, index) => {
      const read = entry(item, [...path, index], report)
      return read === undefined ? [] : [read]
    })
  }
/** One entry may stand without its list. */
export const oneOrMore =
  <T>(entry: Shape<T>): Shape<readonly T[]> =>
  (value, path, report) => {
    if (Array.isArray(value)) return list(entry)(value, path, report)
    const read = entry(value, path, report)
    return read === undefined ? undefined : [read]
  }
export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** A map whose keys the author chooses, in the author's order. */
export const mapOf =
  <T>(
    entry: (key: string) => Shape<T>,
    keyProblem: (key: string) => string | null = () => null,
  ): Shape<readonly (readonly [string, T])[]> =>
  (value, path, report) => {
    if (!isMap(value)) return wrong(report, path, 'a map', value)
    return Object.entries(value).flatMap(([key, item]) => {
      const problem = keyProblem(key)
      if (problem !== null) report.add([...path, key], problem)
      const read = entry(key)(item, [...path, key], report)
      return read === undefined ? [] : [[key, read] as const]
    })
  }

export interface Field<T> {
  readonly shape: Shape<T>
  readonly required: boolean
}
export const required = <T>(shape: Shape<T>): Field<T> & { readonly required: true } => ({ shape, required: true })
export const optional = <T>(shape: Shape<T>): Field<T | undefined> & { readonly required: false } => ({
  shape,
  required: false,
})
type Fields = { readonly [key: string]: Field<unknown> }
type Read<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }

/** A map with known keys. An unknown one is refused, with the known one it resembles. */
export const object =
  <F extends Fields>(fields: F): Shape<Read<F>> =>
  (value, path, report) => {
    if (!isMap(value)) return wrong(report, path, 'a map', value)
    const read: Record<string, unknown> = {}
    let complete = true
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(fields, key)) continue
      const near = nearest(key, Object.keys(fields))
      report.add(
        [...path, key],
        `unknown key “${key}”${near === null ? `. Known here: ${Object.keys(fields).join(', ')}` : `, did you mean “${near}”?`}`,
        near,
      )
    }
    for (const [key, field] of Object.entries(fields)) {
      const given = Object.hasOwn(value, key) ? value[key] : undefined
      // `key:` with nothing behind it is left out in YAML's own words.
      const found =
        given === undefined || (given === null && !field.required)
          ? undefined
          : field.shape(given, [...path, key], report)
      if (found !== undefined) read[key] = found
      else if (field.required) {
        complete = false
        if (given === undefined) report.add(path, `“${key}” is missing`)
      }
    }
    return complete ? (read as Read<F>) : undefined // every required field was read, and each by its own shape
  }
