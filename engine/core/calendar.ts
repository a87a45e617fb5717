/** Working hours: when a calendar is open, and when so many working hours will have passed. Pure; zones come from the platform's own tables. */
import { WEEKDAYS, type Weekday } from './weekdays.ts'
import { instantAt, isDate } from './variables/instants.ts'
import { wallAt } from './wall.ts'

/** Working hours, as a Calendar document says them; `24:00` ends a day, `extra` days are worked whatever day they are. */
export interface WorkCalendar {
  readonly zone: string
  readonly workdays?: readonly Weekday[] | undefined
  readonly hours?: readonly string[] | undefined
  readonly holidays?: readonly string[] | undefined
  readonly extra?: readonly string[] | undefined
}
const DEFAULT_DAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri']
const DEFAULT_HOURS = ['09:00-18:00']
/** Ten years without a working hour: this calendar never opens. */
const MAX_DAYS = 3_660

/** Minutes of a day, as `09:00-18:00` writes them; `24:00` is its end. Null when it is no span. */
export function spanOf(text: string): readonly [from: number, to: number] | null {
  const match = /^\s*(\d{2}):(\d{2})\s*-\s*(\d{2}):(\d{2})\s*$/.exec(text)
  if (match === null) return null
  const [from, to] = [Number(match[1]) * 60 + Number(match[2]), Number(match[3]) * 60 + Number(match[4])]
  const isClock = Number(match[2]) < 60 && Number(match[4]) < 60 && from < 1_440 && to <= 1_440
  return isClock && from < to ? [from, to] : null
}
const zones = new Set<string>() // of those there are: a few hundred
export function isZone(zone: string): boolean {
  if (zones.has(zone)) return true
  try {
    if (new Intl.DateTimeFormat('en-US', { timeZone: zone }).format(0) === '') return false
    zones.add(zone)
    return true
  } catch {
    return false
  }
}

/** The earliest working instant from `at` on; null when the calendar never opens. */
export const nextWorking = (calendar: WorkCalendar, at: number): number | null => {
  for (const [from, to] of spansFrom(calendar, at)) if (to > at) return Math.max(from, at)
  return null
}
/** The instant at which `ms` of working time have passed since `at`; null when the calendar never opens that long. */
export function addWorking(calendar: WorkCalendar, at: number, ms: number): number | null {
  let left = ms
  let counted = at // spans may overlap as written: no hour is counted twice
  for (const [from, to] of spansFrom(calendar, at)) {
    const begin = Math.max(from, counted)
    if (to <= begin) continue
    if (to - begin >= left) return begin + left
    left -= to - begin
    counted = to
  }
  return null
}

/** Is the day of an instant worked, in the calendar's zone? */
export function isWorkday(calendar: WorkCalendar, at: number): boolean {
  const date = dateIn(at, calendar.zone)
  const weekday = WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] as Weekday // a day has one of seven names
  if (calendar.extra?.includes(date) === true) return true
  return (calendar.workdays ?? DEFAULT_DAYS).includes(weekday) && calendar.holidays?.includes(date) !== true
}

/** Open spans in order, from the day of `at` on, as instants. One that a change of clocks swallows is none. */
function* spansFrom(calendar: WorkCalendar, at: number): Iterable<readonly [from: number, to: number]> {
  const { zone, holidays = [], extra = [] } = calendar
  const days = calendar.workdays ?? DEFAULT_DAYS
  const spans = (calendar.hours ?? DEFAULT_HOURS).flatMap((text) => {
    const span = spanOf(text)
    return span === null ? [] : [span]
  })
  spans.sort(([a], [b]) => a - b)
  let date = dateIn(at, zone)
  for (let count = 0; count < MAX_DAYS; count += 1) {
    const weekday = WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] as Weekday // a day has one of seven names
    const isOpen = extra.includes(date) || (days.includes(weekday) && !holidays.includes(date))
    for (const [from, to] of isOpen ? spans : []) {
      const span = [instantAt(date, from, zone), instantAt(date, to, zone)] as const
      if (span[1] > span[0]) yield span
    }
    date = new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
  }
}
const dateIn = (at: number, zone: string): string => new Date(wallAt(at, zone)).toISOString().slice(0, 10)

/** What is wrong with a calendar, and where. */
export function calendarProblems(
  spec: WorkCalendar,
): readonly { readonly at: readonly (string | number)[]; readonly message: string }[] {
  const problems: { at: readonly (string | number)[]; message: string }[] = []
  if (!isZone(spec.zone))
    problems.push({ at: ['zone'], message: `There is no time zone “${spec.zone}”. Write it like Asia/Shanghai` })
  for (const [index, hours] of (spec.hours ?? []).entries())
    if (spanOf(hours) === null)
      problems.push({ at: ['hours', index], message: `“${hours}” is no span of a day. Write it like 09:00-18:00` })
  for (const key of ['holidays', 'extra'] as const)
    for (const [index, date] of (spec[key] ?? []).entries())
      if (!isDate(date)) problems.push({ at: [key, index], message: `“${date}” is no date. Write it like 2026-10-01` })
  if (problems.length === 0 && nextWorking(spec, 0) === null)
    problems.push({ at: ['workdays'], message: 'This calendar never opens: name a workday' })
  return problems
}
