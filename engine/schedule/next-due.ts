/** When a schedule is due. Pure: what is written, its calendar and an instant say it all. */
import { Cron } from 'croner'
import { isWorkday, type WorkCalendar } from '../core/calendar.ts'
import type { ScheduleSpec } from '../core/document/timing.ts'
import { edgeOf } from '../core/freeze.ts'
import { instantOf, instantsOf, offsetAt, wallAt } from '../core/wall.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** No clock is set back by more than this. */
const LONGEST_FOLD = 3 * HOUR
/** A calendar without a working day in so many days never has one, as far as schedules go. */
const MAX_DAYS = 3_660

/** A schedule as it can be asked when it is due. */
export interface Timing {
  readonly zone: string
  /** The pattern runs on the clocks on the wall, written as if in UTC: what becomes of changes of clocks is said here. */
  readonly cron: { readonly pattern: Cron; readonly isEveryHour: boolean } | null
  readonly at: readonly number[]
  readonly calendar: WorkCalendar | null
  /** The last instant it may be due at. */
  readonly until: number
}

/** @throws Error, worded for authors, when the cron expression makes no sense. */
export function timingOf(
  spec: Partial<Pick<ScheduleSpec, 'cron' | 'at' | 'timeZone' | 'until'>>,
  calendar: WorkCalendar | null,
): Timing {
  const zone = spec.timeZone ?? calendar?.zone ?? 'UTC'
  return {
    zone,
    cron: spec.cron === undefined ? null : cronOf(spec.cron),
    at: (spec.at ?? []).map((text) => edgeOf(text, zone, false)).sort((a, b) => a - b),
    calendar,
    // A day counts to its end.
    until: spec.until === undefined ? Infinity : edgeOf(spec.until, zone, true),
  }
}
function cronOf(text: string): NonNullable<Timing['cron']> {
  try {
    const pattern = new Cron(text.trim(), { timezone: 'UTC', mode: '5-part', paused: true })
    const [, hour = ''] = text.trim().split(/\s+/)
    return { pattern, isEveryHour: hour.startsWith('*') || text.trim() === '@hourly' }
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, '') : String(error)
    throw new Error(`“${text}” is no time of crontab: ${why}`, { cause: error })
  }
}

/**
 * The first instant after `after` that the schedule is due at; null: it never is again.
 * A time of day that a change of clocks skips is due when the clocks have been changed; one that comes twice is due the first time,
 * but for a schedule that is due every hour (or every few), which goes on through both. Days that the calendar does not work are left out.
 */
export function nextDue(timing: Timing, after: number): number | null {
  const { calendar } = timing
  let from = after
  for (let days = 0; days < MAX_DAYS; days += 1) {
    const due = timing.cron === null ? nextOf(timing.at, from) : nextOfCron(timing.zone, timing.cron, from)
    if (due === null || due > timing.until) return null
    if (calendar === null || isWorkday(calendar, due)) return due
    // On to the next day of the calendar, however often this one would have been due.
    from = timing.cron === null ? due : endOfDay(due, calendar.zone) - 1
  }
  return null
}
/** The next instants, as many as asked for. */
export function nextDues(timing: Timing, after: number, count: number): readonly number[] {
  const found: number[] = []
  let from = after
  while (found.length < count) {
    const due = nextDue(timing, from)
    if (due === null) break
    found.push(due)
    from = due
  }
  return found
}

const nextOf = (instants: readonly number[], after: number): number | null =>
  instants.find((instant) => instant > after) ?? null
const endOfDay = (at: number, zone: string): number => instantOf(Math.floor(wallAt(at, zone) / DAY) * DAY + DAY, zone)

const isSteadyAt = (at: number, zone: string): boolean =>
  offsetAt(at - LONGEST_FOLD, zone) === offsetAt(at + LONGEST_FOLD, zone)
function nextOfCron(zone: string, { pattern, isEveryHour }: NonNullable<Timing['cron']>, after: number): number | null {
  // Clocks that were just set back, or will be, show times that were shown before.
  const isSteady = isSteadyAt(after, zone)
  let wall: Date | null = new Date(wallAt(after, zone) - (isSteady ? 0 : LONGEST_FOLD))
  let best: number | null = null
  while ((wall = pattern.nextRun(wall))) {
    const shown = instantsOf(wall.getTime(), zone)
    const first = shown[0] ?? instantOf(wall.getTime(), zone)
    if (best !== null && first >= best) break
    // Far from any change of clocks, what they show later is later.
    if (isSteady && best === null && first > after && isSteadyAt(first, zone)) return first
    const instants = shown.length === 0 || !isEveryHour ? [first] : shown
    for (const instant of instants) if (instant > after && (best === null || instant < best)) best = instant
  }
  return best
}

/** What became due in a time span: all of it, at most so many, and whether there was more. */
export interface Dues {
  readonly first: number
  readonly last: number
  /** How many; at `MOST` there may be more. */
  readonly count: number
}
export const MOST = 1_000
/** Everything due after `after`, up to and with `now`. Null: nothing. However long that is, it costs little. */
export function duesBetween(timing: Timing, after: number, now: number): Dues | null {
  const first = nextDue(timing, after)
  if (first === null || first > now) return null
  let last = first
  let count = 1
  for (; count < MOST; count += 1) {
    const next = nextDue(timing, last)
    if (next === null || next > now) return { first, last, count }
    last = next
  }
  return { first, last: lastUpTo(timing, last, now), count }
}
/** Looked for from behind, in ever longer stretches. */
function lastUpTo(timing: Timing, known: number, now: number): number {
  for (let stretch = MINUTE; ; stretch *= 2) {
    const from = now - stretch
    if (from <= known) return walk(timing, known, now)
    const due = nextDue(timing, from)
    if (due !== null && due <= now) return walk(timing, due, now)
  }
}
function walk(timing: Timing, from: number, now: number): number {
  let last = from
  for (;;) {
    const next = nextDue(timing, last)
    if (next === null || next > now) return last
    last = next
  }
}
