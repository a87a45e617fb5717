/** Due times as people look at them before they come: what clocks on the wall show then, and what a change of clocks did to them. */
import { instantsOf, offsetAt, wallAt } from '../core/wall.ts'
import { nextDues, type Timing } from './next-due.ts'

export interface ShownDue {
  readonly at: number
  /** `2027-03-28T03:00`, as clocks in the schedule's zone show it. */
  readonly wall: string
  /** By how much they are ahead of UTC then. */
  readonly offsetMin: number
  /** `skipped`: clocks skip the time that is written, so it is due as soon as they have been changed. `twice`: it comes twice, and this is the first. */
  readonly clocks: 'skipped' | 'twice' | null
}

/** The next times it is due, as many as asked for. */
export const shownDues = (timing: Timing, after: number, count: number): readonly ShownDue[] =>
  nextDues(timing, after, count).map((at) => {
    const wall = wallAt(at, timing.zone)
    return {
      at,
      wall: new Date(wall).toISOString().slice(0, 16),
      offsetMin: Math.round(offsetAt(at, timing.zone) / 60_000),
      clocks: clocksAt(timing, wall),
    }
  })

/** What is written out as an instant is that instant; what is due every hour goes on through both. */
function clocksAt({ zone, cron }: Timing, wall: number): ShownDue['clocks'] {
  if (cron === null || cron.isEveryHour) return null
  const written = cron.pattern.nextRun(new Date(wall - 1_000))
  if (written?.getTime() !== wall) return 'skipped'
  return instantsOf(wall, zone).length > 1 ? 'twice' : null
}
