import { expect, test } from 'vitest'
import { nextDues, timingOf, type Database } from '../../../engine/index.ts'
import { duesAfter } from './dues.ts'
import type { ScheduleView } from './read.ts'

const written = (spec: { cron?: string; at?: string[]; until?: string }): ScheduleView => {
  const whole = { timeZone: 'Europe/Berlin', ...spec }
  return { document: { spec: whole }, timing: timingOf(whole, null) } as unknown as ScheduleView // of which nothing else is asked
}
const HOUR = 3_600_000

test('whatever was found before, it is due when it is due: after each has passed, over a change of clocks, and once it is written otherwise', () => {
  const db = {} as Database
  const views = [
    written({ cron: '30 2 * * *' }),
    written({ cron: '0 * * * *' }),
    written({ cron: '30 2 * * *', until: '2026-03-29' }),
    written({ at: ['2026-03-29T10:00', '2026-03-28T10:00'] }),
    written({}),
  ]
  for (let now = Date.UTC(2026, 2, 27); now < Date.UTC(2026, 2, 31); now += HOUR / 2)
    for (const view of views)
      for (const count of [3, 1, 5])
        expect([now, duesAfter(db, view, now, count)]).toEqual([now, nextDues(view.timing, now, count)])
})

test('what is asked again before the next is due is not looked for again, and a clock that went back asks anew', () => {
  const db = {} as Database
  const view = written({ cron: '0 12 * * *' })
  const at = Date.UTC(2026, 5, 1)
  const first = duesAfter(db, view, at, 3)
  const broken = { ...view, timing: { ...view.timing, cron: null } }
  expect(duesAfter(db, broken, at + HOUR, 2)).toEqual(first.slice(0, 2))
  expect(duesAfter(db, view, at - 48 * HOUR, 1)).toEqual(nextDues(view.timing, at - 48 * HOUR, 1))
  expect(duesAfter({} as Database, broken, at, 1)).toEqual([])
})
