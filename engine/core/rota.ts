/** Who is on duty: shifts of a business role, by day or week, with exceptions. Pure; zones come from the platform's own tables. */
import { isZone } from './calendar.ts'
import { instantAt, isDate } from './variables/instants.ts'
import { wallAt } from './wall.ts'

/** As a Role document says it. Whoever is named here stands in the role, on duty or not. */
export interface Rota {
  readonly zone: string
  /** The day on which the first of `order` takes over; before it everybody of the role is on duty. */
  readonly from: string
  /** Clock times at which the next one takes over, `09:00` by default. Several make shifts of a day: `[08:00, 20:00]`. */
  readonly handover?: readonly string[] | undefined
  /** `day` by default. */
  readonly shift?: 'day' | 'week' | undefined
  /** A shift lasts so many of them; 1 by default. */
  readonly every?: number | undefined
  /** Whose turn follows whose; an entry of several is on duty together. By default the members, one by one. */
  readonly order?: readonly (readonly string[])[] | undefined
  /** Exceptions, in the rota's zone, `2026-12-24T09:00`. Of several that hold, the last written counts. */
  readonly overrides?: readonly RotaOverride[] | undefined
}
export interface RotaOverride {
  readonly from: string
  readonly to: string
  readonly who: readonly string[]
}
/** Who answers for the role at an instant, most wanted first: an entry of which nobody can be there is passed over for the next. Null: the rota has not begun. */
export type Turns = readonly (readonly string[])[] | null

const DAY_MS = 86_400_000
const DEFAULT_HANDOVER = ['09:00']

export function turnsAt(rota: Rota, members: readonly string[], at: number): Turns {
  const exceptions = (rota.overrides ?? [])
    .filter(({ from, to }) => instantOf(from, rota.zone) <= at && at < instantOf(to, rota.zone))
    .map(({ who }) => who)
    .toReversed()
  const order = orderOf(rota, members)
  const shift = order.length === 0 ? null : shiftAt(rota, at)
  const regular = shift === null ? [] : order.map((_, ahead) => order[(shift + ahead) % order.length] ?? [])
  if (shift !== null) return [...exceptions, ...regular]
  // Before it begins everybody is on duty: also where nobody of an exception can be there.
  return exceptions.length === 0 ? null : [...exceptions, members]
}
export const orderOf = (rota: Rota, members: readonly string[]): readonly (readonly string[])[] =>
  rota.order ?? members.map((member) => [member])
/** Everybody the rota names. */
export const namedIn = ({ order, overrides }: Rota): readonly string[] => [
  ...new Set([...(order ?? []).flat(), ...(overrides ?? []).flatMap(({ who }) => who)]),
]

/** Number of the shift that an instant falls into, from 0; null: before the first. Counted in days of the zone, so that days of 23 and 25 hours are days. */
export function shiftAt(rota: Rota, at: number): number | null {
  const { zone, from } = rota
  const times = minutesOf(rota.handover ?? DEFAULT_HANDOVER)
  const today = dateIn(at, zone)
  // Yesterday's last shift goes on until today's first handover. And where clocks are set back over midnight, a shift of tomorrow has begun.
  for (const date of [dayAfter(today, 1), today, dayAfter(today, -1)]) {
    const last = times.findLastIndex((minutes) => instantAt(date, minutes, zone) <= at)
    if (last === -1) continue
    const days = daysBetween(from, date)
    if (days < 0) return null
    const every = rota.every ?? 1
    return rota.shift === 'week' ? Math.floor(days / (7 * every)) : Math.floor((days * times.length + last) / every)
  }
  return null
}
/** When the shift after `at` begins, for lists of what comes; null: the rota is not one. */
export function nextHandover(rota: Rota, at: number): number | null {
  const now = shiftAt(rota, at)
  const times = minutesOf(rota.handover ?? DEFAULT_HANDOVER)
  let date = dateIn(at, rota.zone)
  if (daysBetween(rota.from, date) < 0) date = rota.from
  for (let days = 0; days <= MAX_SHIFT_DAYS; days += 1, date = dayAfter(date, 1))
    for (const minutes of times) {
      const instant = instantAt(date, minutes, rota.zone)
      if (instant > at && shiftAt(rota, instant) !== now) return instant
    }
  return null
}
/** When somebody else may next be on duty: a handover, or the edge of an exception; null: the rota is not one. */
export function nextChange(rota: Rota, at: number): number | null {
  const edges = (rota.overrides ?? []).flatMap(({ from, to }) => [from, to].map((text) => instantOf(text, rota.zone)))
  const handover = nextHandover(rota, at)
  const next = Math.min(handover ?? Infinity, ...edges.filter((edge) => edge > at))
  return next === Infinity ? null : next
}
/** A year of weeks: nobody waits longer for a turn. */
const MAX_EVERY = 52
const MAX_SHIFT_DAYS = 7 * MAX_EVERY + 1

const minutesOf = (times: readonly string[]): number[] =>
  times.flatMap((time) => clockOf(time) ?? []).sort((a, b) => a - b)
function clockOf(time: string): number | null {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time)
  return match === null ? null : Number(match[1]) * 60 + Number(match[2])
}
/** `2026-12-24T09:00`, or the beginning of a day. */
function instantOf(text: string, zone: string): number {
  const [date = '', time = '00:00'] = text.split(/[T ]/)
  return instantAt(date, clockOf(time) ?? 0, zone)
}
const isLocal = (text: string): boolean => {
  const [date = '', time = '00:00', rest] = text.split(/[T ]/)
  return isDate(date) && clockOf(time) !== null && rest === undefined
}
const dayAfter = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS)
const dateIn = (at: number, zone: string): string => new Date(wallAt(at, zone)).toISOString().slice(0, 10)

/** What is wrong with a rota, and where. */
export function rotaProblems(
  rota: Rota,
  members: readonly string[],
): readonly { readonly at: readonly (string | number)[]; readonly message: string }[] {
  const problems: { at: readonly (string | number)[]; message: string }[] = []
  const add = (at: readonly (string | number)[], message: string): void => void problems.push({ at, message })
  if (!isZone(rota.zone)) add(['zone'], `There is no time zone “${rota.zone}”. Write it like Asia/Shanghai`)
  if (!isDate(rota.from)) add(['from'], `“${rota.from}” is no date. Write it like 2026-11-02`)
  for (const [index, time] of (rota.handover ?? []).entries())
    if (clockOf(time) === null) add(['handover', index], `“${time}” is no time of day. Write it like 09:00`)
  if (rota.handover?.length === 0) add(['handover'], 'Name a time of day, like 09:00')
  if (rota.shift === 'week' && (rota.handover?.length ?? 1) > 1)
    add(['handover'], 'Several handovers make shifts of a day: use shift: day, or one time for a week')
  if (orderOf(rota, members).length === 0) add(['order'], 'Nobody would be on duty: name people here or as members')
  for (const [index, entry] of (rota.order ?? []).entries())
    if (entry.length === 0) add(['order', index], 'Nobody would be on duty in this shift: name somebody')
  for (const [index, { from, to }] of (rota.overrides ?? []).entries()) {
    for (const [key, text] of Object.entries({ from, to }))
      if (!isLocal(text)) add(['overrides', index, key], `“${text}” is no time. Write it like 2026-12-24T09:00`)
    if (isLocal(from) && isLocal(to) && isZone(rota.zone) && instantOf(from, rota.zone) >= instantOf(to, rota.zone))
      add(['overrides', index, 'to'], 'This exception ends before it begins')
  }
  return problems
}
