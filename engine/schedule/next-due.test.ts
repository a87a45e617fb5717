import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { WorkCalendar } from '../core/calendar.ts'
import { instantsOf, wallAt } from '../core/wall.ts'
import { duesBetween, MOST, nextDue, nextDues, timingOf, type Timing } from './next-due.ts'

const at = (text: string): number => Date.parse(text)
const iso = (ms: number): string => new Date(ms).toISOString().replace(':00.000Z', 'Z')
const timing = (cron: string, timeZone = 'UTC', calendar: WorkCalendar | null = null): Timing =>
  timingOf({ cron, timeZone }, calendar)
const next = (of: Timing, after: string, count = 3): string[] => nextDues(of, at(after), count).map(iso)
const HOUR = 3_600_000

test.each([
  [
    'every working morning',
    '0 9 * * mon-fri',
    '2026-11-20T09:00Z',
    ['2026-11-23T09:00Z', '2026-11-24T09:00Z', '2026-11-25T09:00Z'],
  ],
  [
    'every ten minutes',
    '*/10 * * * *',
    '2026-11-20T09:05Z',
    ['2026-11-20T09:10Z', '2026-11-20T09:20Z', '2026-11-20T09:30Z'],
  ],
  [
    'the first of each month',
    '30 6 1 * *',
    '2026-11-20T09:05Z',
    ['2026-12-01T06:30Z', '2027-01-01T06:30Z', '2027-02-01T06:30Z'],
  ],
  [
    'the last day of each month',
    '0 0 L * *',
    '2026-01-31T00:00Z',
    ['2026-02-28T00:00Z', '2026-03-31T00:00Z', '2026-04-30T00:00Z'],
  ],
  [
    'the 29th of February',
    '0 0 29 2 *',
    '2026-11-20T00:00Z',
    ['2028-02-29T00:00Z', '2032-02-29T00:00Z', '2036-02-29T00:00Z'],
  ],
  ['by a word', '@weekly', '2026-11-20T00:00Z', ['2026-11-22T00:00Z', '2026-11-29T00:00Z', '2026-12-06T00:00Z']],
])('%s', (_, cron, after, dues) => {
  expect(next(timing(cron), after)).toEqual(dues)
})

test('times are those of the clocks in its zone', () => {
  expect(next(timing('0 9 * * *', 'Asia/Shanghai'), '2026-11-20T00:59Z', 1)).toEqual(['2026-11-20T01:00Z'])
  expect(next(timing('0 9 * * *', 'America/New_York'), '2026-10-31T12:00Z', 2)).toEqual([
    '2026-10-31T13:00Z',
    '2026-11-01T14:00Z', // an hour later by UTC: clocks were set back
  ])
})

test.each([
  [
    'a time that clocks skip is due as soon as they have been changed, once',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    ['2026-03-29T01:00Z', '2026-03-30T00:30Z', '2026-03-31T00:30Z'],
  ],
  [
    'several that are skipped are due once, together',
    '0,20,40 2 29 3 *',
    'Europe/Berlin',
    '2026-03-28T12:00Z',
    ['2026-03-29T01:00Z', '2027-03-29T00:00Z', '2027-03-29T00:20Z'],
  ],
  [
    'a time that comes twice is due the first time',
    '30 2 * * *',
    'Europe/Berlin',
    '2026-10-24T12:00Z',
    ['2026-10-25T00:30Z', '2026-10-26T01:30Z', '2026-10-27T01:30Z'],
  ],
  [
    'what is due every half hour goes on through the hour that comes twice',
    '*/30 * * * *',
    'Europe/Berlin',
    '2026-10-24T23:59Z',
    ['2026-10-25T00:00Z', '2026-10-25T00:30Z', '2026-10-25T01:00Z', '2026-10-25T01:30Z', '2026-10-25T02:00Z'],
  ],
  [
    'and through the one that is skipped',
    '*/30 * * * *',
    'Europe/Berlin',
    '2026-03-29T00:15Z',
    ['2026-03-29T00:30Z', '2026-03-29T01:00Z', '2026-03-29T01:30Z'],
  ],
  [
    'in the second of two like hours, what was due in the first is not due again',
    '45 2 * * *',
    'Europe/Berlin',
    '2026-10-25T01:00Z',
    ['2026-10-26T01:45Z'],
  ],
  [
    'where clocks change by half an hour',
    '45 1 * * *',
    'Australia/Lord_Howe',
    '2026-04-04T12:00Z',
    ['2026-04-04T14:45Z', '2026-04-05T15:15Z'],
  ],
])('%s', (_, cron, zone, after, dues) => {
  expect(next(timing(cron, zone), after, dues.length)).toEqual(dues)
})

test('it is due at instants that are written out, each once, until the last', () => {
  const twice = timingOf({ at: ['2026-12-24T18:00', '2026-12-01T09:00+01:00'], timeZone: 'Asia/Shanghai' }, null)
  expect(next(twice, '2026-11-21T00:00Z')).toEqual(['2026-12-01T08:00Z', '2026-12-24T10:00Z'])
  expect(nextDue(twice, at('2026-12-24T10:00Z'))).toBeNull()
})

test('after `until` it is never due again; a day counts to its end', () => {
  const ends = timingOf({ cron: '0 9 * * *', until: '2026-11-22', timeZone: 'Asia/Shanghai' }, null)
  expect(next(ends, '2026-11-21T00:00Z')).toEqual(['2026-11-21T01:00Z', '2026-11-22T01:00Z'])
  const sharp = timingOf({ cron: '0 9 * * *', until: '2026-11-22T09:00' }, null)
  expect(next(sharp, '2026-11-21T00:00Z')).toEqual(['2026-11-21T09:00Z', '2026-11-22T09:00Z'])
})

const office: WorkCalendar = {
  zone: 'Asia/Shanghai',
  workdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
  holidays: ['2026-11-23'],
  extra: ['2026-11-28'],
}
test('with a calendar it is due on working days alone: no week-ends, no holidays, but the days that are worked instead', () => {
  expect(next(timing('0 9 * * *', 'Asia/Shanghai', office), '2026-11-20T02:00Z', 6)).toEqual(
    ['24', '25', '26', '27', '28', '30'].map((day) => `2026-11-${day}T01:00Z`),
  )
  // Its zone is the calendar's where it names none.
  expect(timingOf({ cron: '0 9 * * *' }, office).zone).toBe('Asia/Shanghai')
})
test('a calendar that never works is never due, and says so in time', () => {
  expect(nextDue(timing('* * * * *', 'UTC', { zone: 'UTC', workdays: [] }), at('2026-11-21T00:00Z'))).toBeNull()
})
test('a day that never comes is never due', () => {
  expect(nextDue(timing('0 0 31 2 *'), at('2026-11-21T00:00Z'))).toBeNull()
})

test.each(['61 * * * *', '* * * * moon', '* 25 * * *', '*/0 * * * *', '@often'])(
  '“%s” is refused in words for its author',
  (cron) => {
    expect(() => timing(cron)).toThrow(`“${cron}” is no time of crontab: `)
  },
)

test('what became due while nobody looked is told with first, last and number, however long that was', () => {
  const minutely = timing('* * * * *')
  expect(duesBetween(minutely, at('2026-11-21T10:00Z'), at('2026-11-21T10:00:59Z'))).toBeNull()
  expect(duesBetween(minutely, at('2026-11-21T10:00Z'), at('2026-11-21T10:05Z'))).toEqual({
    first: at('2026-11-21T10:01Z'),
    last: at('2026-11-21T10:05Z'),
    count: 5,
  })
  expect(duesBetween(minutely, at('2026-01-01T00:00Z'), at('2026-11-21T10:05:30Z'))).toEqual({
    first: at('2026-01-01T00:01Z'),
    last: at('2026-11-21T10:05Z'),
    count: MOST,
  })
})

// ---- by property ----------------------------------------------------------------------------------------------------

const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu')
/** Around changes of clocks as often as not. */
const changes = [
  '2026-03-29T01:00Z',
  '2026-10-25T01:00Z',
  '2026-03-08T07:00Z',
  '2026-11-01T06:00Z',
  '2026-04-04T15:00Z',
]
const instants = fc.oneof(
  fc.integer({ min: at('2026-01-01T00:00Z'), max: at('2028-01-01T00:00Z') }),
  fc
    .tuple(fc.constantFrom(...changes), fc.integer({ min: -6 * HOUR, max: 6 * HOUR }))
    .map(([change, by]) => at(change) + by),
)
const fields = (min: number, max: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min, max }).map(String),
    fc.constantFrom(2, 5, 7, 20).map((step) => `*/${step}`),
  )
const daily = fc.tuple(fields(0, 59), fields(0, 23)).map(([minute, hour]) => `${minute} ${hour} * * *`)

test('it is due after the instant asked for, on the minute, and asking from between gives the same', () => {
  fc.assert(
    fc.property(daily, zones, instants, fc.nat(999), (cron, zone, after, share) => {
      const of = timing(cron, zone)
      const due = nextDue(of, after)!
      expect(due).toBeGreaterThan(after)
      expect(due % 60_000).toBe(0)
      expect(nextDue(of, after + Math.floor(((due - after) * share) / 1000))).toBe(due)
      expect(nextDue(of, due)).toBeGreaterThan(due)
    }),
  )
})

test('a time of day is due once on every day, changes of clocks or not', () => {
  fc.assert(
    fc.property(
      zones,
      instants,
      fc.integer({ min: 0, max: 23 }),
      fc.constantFrom(0, 15, 30, 45),
      (zone, from, hour, minute) => {
        const dues = nextDues(timing(`${minute} ${hour} * * *`, zone), from, 10)
        const days = dues.map((due) => Math.floor(wallAt(due, zone) / (24 * HOUR)))
        expect(days).toEqual(days.map((_, index) => days[0]! + index))
        for (const due of dues) {
          const shown = new Date(wallAt(due, zone))
          const wall = Date.UTC(shown.getUTCFullYear(), shown.getUTCMonth(), shown.getUTCDate(), hour, minute)
          // Where that time was shown, the clocks show it; where it was skipped, nothing earlier could be later.
          expect(instantsOf(wall, zone)[0] ?? due).toBe(due)
        }
      },
    ),
  )
})

test('every few minutes is every few minutes, changes of clocks or not', () => {
  fc.assert(
    fc.property(zones, instants, fc.constantFrom(5, 10, 15), (zone, from, step) => {
      const dues = nextDues(timing(`*/${step} * * * *`, zone), from, 40)
      for (const [index, due] of dues.entries()) if (index > 0) expect(due - dues[index - 1]!).toBe(step * 60_000)
    }),
  )
})
