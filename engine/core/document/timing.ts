/** Documents about when: `Schedule` and `Freeze`. Times that cannot be read refuse the document: a freeze that never freezes must not look like one. */
import { isZone, spanOf } from '../calendar.ts'
import { isDate, readInstant } from '../variables/instants.ts'
import type { Value } from '../value.ts'
import { WEEKDAYS, type Weekday } from '../weekdays.ts'
import { isMap, label, object, oneOf, oneOrMore, optional, required, text } from './shape.ts'
import type { Path, Report, Shape } from './shape.ts'

const zone: Shape<string> = (value, path, report) => {
  const name = text(value, path, report)
  if (name === undefined || isZone(name)) return name
  return report.add(path, `There is no time zone “${name}”. Write it like Asia/Shanghai`)
}
/** `2026-12-24`, `2026-12-24T18:00`, or with a zone of its own: `2026-12-24T18:00+01:00`. */
const moment: Shape<string> = (value, path, report) => {
  const written = text(value, path, report)
  if (written === undefined) return undefined
  if (isDate(written.trim()) || readInstant(written, 'UTC') !== null) return written.trim()
  return report.add(path, `“${written}” is no time. Write it like 2026-12-24T18:00`)
}
const times = (shape: Shape<string>): Shape<readonly string[]> => oneOrMore(shape)
const variables: Shape<{ readonly [key: string]: Value }> = (value, path, report) =>
  isMap(value) ? (value as { [key: string]: Value }) : report.add(path, 'expected a map of variables') // the parser yields nothing but JSON

const scheduleKeys = object({
  app: required(text),
  variables: optional(variables),
  cron: optional(text),
  at: optional(times(moment)),
  timeZone: optional(zone),
  overlap: optional(oneOf('skip', 'queue', 'allow')),
  missed: optional(oneOf('runOnce', 'skip')),
  calendar: optional(text),
  until: optional(moment),
})
/** When an app is launched by itself. `cron` has the five fields of crontab (or `@daily` …); `at` are instants. Times are in `timeZone`, else in the calendar's, else in UTC. */
export type ScheduleSpec = NonNullable<ReturnType<typeof scheduleKeys>>
export const scheduleSpec: Shape<ScheduleSpec> = (value, path, report) => {
  const read = scheduleKeys(value, path, report)
  if (read === undefined) return undefined
  if ((read.cron === undefined) === (read.at === undefined))
    return report.add(path, 'expected either “cron” or “at”: when it is due')
  if (read.cron !== undefined && !hasFiveFields(read.cron))
    return report.add(
      [...path, 'cron'],
      `“${read.cron}” is no time of crontab: minute, hour, day, month, weekday. Write it like 0 9 * * mon-fri`,
    )
  return read
}
/** A first look; whether the fields make sense is the cron library's to say (engine/schedule). */
const hasFiveFields = (cron: string): boolean => /^(?:@\w+|\S+(?:\s+\S+){4})$/.test(cron.trim())

/** `fri 18:00`, as minutes since Sunday 00:00; null when it is none. */
export function minuteOfWeek(written: string): number | null {
  const [, day = '', hour, minute] = /^\s*([a-z]{3})[a-z]*\s+([01]\d|2[0-3]):([0-5]\d)\s*$/i.exec(written) ?? []
  const index = WEEKDAYS.indexOf(day.toLowerCase() as Weekday)
  return index < 0 ? null : index * 1_440 + Number(hour) * 60 + Number(minute)
}
/** Of an instant (once) or of the week (every week). */
const edge: Shape<string> = (value, path, report) => {
  const written = text(value, path, report)
  if (written === undefined || minuteOfWeek(written) !== null) return written
  if (isDate(written.trim()) || readInstant(written, 'UTC') !== null) return written.trim()
  return report.add(path, `“${written}” is no time. Write it like 2026-12-24T18:00, or fri 18:00 for every week`)
}
const span: Shape<string> = (value, path, report) => {
  const written = text(value, path, report)
  if (written === undefined || spanOf(written) !== null) return written
  return report.add(path, `“${written}” is no span of a day. Write it like 09:00-18:00`)
}
const windowKeys = object({
  from: optional(edge),
  to: optional(edge),
  days: optional(oneOrMore(oneOf(...WEEKDAYS))),
  hours: optional(oneOrMore(span)),
})
type WindowSpec = NonNullable<ReturnType<typeof windowKeys>>
const windowSpec: Shape<WindowSpec> = (value, path, report) => {
  const read = windowKeys(value, path, report)
  const problem = read && windowProblem(read)
  return problem === undefined || problem === null ? read : report.add(path, problem)
}
function windowProblem({ from, to, days, hours }: WindowSpec): string | null {
  if (days !== undefined)
    return from === undefined && to === undefined ? null : 'expected “days” and “hours”, or “from” and “to”, not both'
  if (hours !== undefined) return 'expected “days” beside “hours”'
  if (from === undefined) return 'expected “from” and “to”, or “days” and “hours”'
  const weekly = minuteOfWeek(from) !== null
  if (to === undefined) return weekly ? 'expected “to”: a time of the week, like mon 08:00' : null
  if (weekly !== (minuteOfWeek(to) !== null)) return 'expected “from” and “to” both as instants, or both of the week'
  if (weekly) return minuteOfWeek(from) === minuteOfWeek(to) ? 'begins when it ends' : null
  // Without zones of their own both are in the same one: which does not matter here.
  const [begin, end] = [dayOrInstant(from, false), dayOrInstant(to, true)]
  return begin !== null && end !== null && begin >= end ? 'ends before it begins' : null
}
/** ms, as if in UTC. A day as an end is its last moment. */
function dayOrInstant(written: string, asEnd: boolean): number | null {
  if (isDate(written)) return Date.parse(`${written}T00:00:00Z`) + (asEnd ? 86_400_000 : 0)
  const at = readInstant(written, 'UTC')
  return at === null ? null : Date.parse(at)
}

const freezeKeys = object({
  when: required(oneOrMore(windowSpec as Shape<WindowSpec>)),
  timeZone: optional(zone),
  apps: optional(oneOrMore(text)),
  except: optional(oneOrMore(text)),
  help: optional(label),
})
/** When nothing is launched or retried: of the named apps, else of all of the project, but for `except`. Without “to” it lasts until it is taken out. */
export type FreezeSpec = NonNullable<ReturnType<typeof freezeKeys>>
export const freezeSpec: Shape<FreezeSpec> = (value, path: Path, report: Report) => {
  const read = freezeKeys(value, path, report)
  if (read === undefined) return undefined
  return read.when.length > 0 ? read : report.add([...path, 'when'], 'expected at least one time')
}
