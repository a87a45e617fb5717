import { nextDues, type Database } from '../../../engine/index.ts'
import type { ScheduleView } from './read.ts'

interface Known {
  readonly from: number
  readonly dues: readonly number[]
  /** So many were looked for: fewer than that is all there ever are. */
  readonly count: number
}
/** More schedules than a screen shows; the oldest go. */
const KEPT = 2_000
const KNOWN = new WeakMap<Database, Map<string, Known>>()

/**
 * When it is due next. Finding out walks the clocks of its zone; what was found stays right until the first of them has passed, as
 * long as it is written as it was.
 */
export function duesAfter(
  db: Database,
  { document, timing }: ScheduleView,
  now: number,
  count: number,
): readonly number[] {
  const known = KNOWN.get(db) ?? new Map<string, Known>()
  KNOWN.set(db, known)
  const { cron, at, timeZone, until } = document.spec
  const key = JSON.stringify([cron, at, timeZone, until, timing.calendar])
  const kept = known.get(key)
  if (kept && kept.from <= now && now < (kept.dues[0] ?? -Infinity) && kept.count >= count)
    return kept.dues.slice(0, count)
  const dues = nextDues(timing, now, count)
  known.delete(key)
  if (known.size >= KEPT) known.delete(known.keys().next().value!)
  known.set(key, { from: now, dues, count })
  return dues
}
