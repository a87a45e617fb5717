/**
 * Rotas, working hours and schedules against a second telling of what changes of clocks mean, for every zone the platform knows:
 * a time of day has come as soon as clocks have shown it, or anything later. So one that is skipped comes with the change, one that is shown twice comes once.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextDues, timingOf } from '../../schedule/next-due.ts'
import { addWorking, nextWorking, type WorkCalendar } from '../calendar.ts'
import { nextChange, nextHandover, shiftAt, turnsAt, type Rota } from '../rota.ts'
import { offsetAt, wallAt } from '../wall.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const at = (text: string): number => Date.parse(text)
const [BEGIN, END] = [at('1990-01-01T00:00Z'), at('2038-01-01T00:00Z')]
const ZONES = Intl.supportedValuesOf('timeZone')

/** The instants in a span at which clocks are changed: the first ones with the new offset. Looked for every six hours. */
function changesIn(zone: string, from: number, to: number): number[] {
  const changes: number[] = []
  for (let begin = from; begin < to; begin += 6 * HOUR) {
    let [early, late] = [begin, Math.min(begin + 6 * HOUR, to)]
    if (offsetAt(early, zone) === offsetAt(late, zone)) continue
    while (late - early > 1) {
      const middle = Math.floor((early + late) / 2)
      if (offsetAt(middle, zone) === offsetAt(early, zone)) early = middle
      else late = middle
    }
    changes.push(late)
  }
  return changes
}
/** The latest that clocks have ever shown, up to an instant. */
const farthest = (at: number, zone: string): number =>
  Math.max(
    ...[at, ...changesIn(zone, at - 2 * DAY, at).map((change) => change - 1)].map((instant) => wallAt(instant, zone)),
  )

/** Around a change of clocks of some year; where a zone has none in it, at any time. */
const moments = fc
  .record({
    zone: fc.oneof(
      fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Apia', 'America/St_Johns'),
      fc.constantFrom(...ZONES),
    ),
    year: fc.integer({ min: 1990, max: 2036 }),
    which: fc.nat(3),
    near: fc.oneof(fc.integer({ min: -150, max: 150 }), fc.integer({ min: -30 * 60, max: 30 * 60 })),
    any: fc.integer({ min: BEGIN / 60_000, max: END / 60_000 }),
  })
  .map(({ zone, year, which, near, any }) => {
    const changes = changesOf(zone, year)
    const change = changes[which % changes.length]
    return { zone, instant: change === undefined ? any * 60_000 : Math.floor(change / 60_000 + near) * 60_000 }
  })
const known = new Map<string, number[]>()
function changesOf(zone: string, year: number): number[] {
  const key = `${zone} ${year}`
  const found = known.get(key) ?? changesIn(zone, at(`${year}-01-02T00:00Z`), at(`${year + 1}-01-02T00:00Z`))
  known.set(key, found)
  return found
}
const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
const date = (wall: number): string => new Date(wall).toISOString().slice(0, 10)
/** Quarters of a day; at midnight and in the small hours, when clocks are changed, as often as not. */
const handovers = fc.uniqueArray(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 95 })), {
  minLength: 1,
  maxLength: 3,
})

test('whoever is on duty is whose handover clocks have shown last, in every zone, through every change', () => {
  fc.assert(
    fc.property(moments, handovers, fc.integer({ min: 1, max: 3 }), ({ zone, instant }, quarters, every) => {
      const handover = quarters.map((quarter) => clock(quarter * 15))
      const from = date(wallAt(instant, zone) - 3 * DAY)
      const order = [['A'], ['B', 'C'], ['D'], ['E']]
      const rota: Rota = { zone, from, handover, every, order }
      const seen = farthest(instant, zone)
      let passed = 0
      for (let day = Date.parse(from); day <= seen; day += DAY)
        for (const quarter of quarters) if (day + quarter * 15 * 60_000 <= seen) passed += 1
      const shift = passed === 0 ? null : Math.floor((passed - 1) / every)
      expect(shiftAt(rota, instant)).toBe(shift)
      expect(turnsAt(rota, [], instant)?.[0] ?? null).toEqual(shift === null ? null : order[shift % order.length])
    }),
    { numRuns: 300 },
  )
})

test('between two handovers nothing changes, and each comes as clocks show its time, or with the change that skips it', () => {
  fc.assert(
    fc.property(moments, handovers, fc.nat(999), ({ zone, instant }, quarters, share) => {
      const rota: Rota = {
        zone,
        from: '1989-12-01',
        handover: quarters.map((quarter) => clock(quarter * 15)),
        order: [['A'], ['B']],
      }
      const next = nextHandover(rota, instant)!
      expect(next).toBeGreaterThan(instant)
      const now = shiftAt(rota, instant)
      expect(shiftAt(rota, instant + Math.floor(((next - instant - 1) * share) / 1000))).toBe(now)
      expect(shiftAt(rota, next - 1)).toBe(now)
      const shown = clock(Math.floor((wallAt(next, zone) % DAY) / 60_000))
      const isChange = offsetAt(next - 1, zone) !== offsetAt(next, zone)
      if (!isChange) expect(rota.handover).toContain(shown)
    }),
    { numRuns: 200 },
  )
})

test('exceptions hold from the first instant clocks show their beginning to the first they show their end', () => {
  fc.assert(
    fc.property(
      moments,
      fc.integer({ min: -2_880, max: 2_880 }),
      fc.integer({ min: 15, max: 2_880 }),
      ({ zone, instant }, ahead, minutes) => {
        const text = (wall: number): string => new Date(wall).toISOString().slice(0, 16)
        const begins = Math.floor((wallAt(instant, zone) + ahead * 60_000) / 60_000) * 60_000
        const overrides = [{ from: text(begins), to: text(begins + minutes * 60_000), who: ['X'] }]
        const rota: Rota = { zone, from: '1989-12-01', order: [['A']], overrides }
        const seen = farthest(instant, zone)
        const holds = begins <= seen && seen < begins + minutes * 60_000
        expect(turnsAt(rota, [], instant)?.[0]).toEqual([holds ? 'X' : 'A'])
        // And it is told before: nothing happens between two changes.
        const next = nextChange(rota, instant)!
        expect(turnsAt(rota, [], next - 1)?.[0]).toEqual(turnsAt(rota, [], instant)?.[0])
      },
    ),
    { numRuns: 200 },
  )
})

test('a schedule of every day is due at the first instant at which its time has come', () => {
  fc.assert(
    fc.property(moments, fc.integer({ min: 0, max: 95 }), ({ zone, instant }, quarter) => {
      const minutes = quarter * 15
      const timing = timingOf({ cron: `${minutes % 60} ${Math.floor(minutes / 60)} * * *`, timeZone: zone }, null)
      for (const due of nextDues(timing, instant, 4)) {
        const [before, then] = [farthest(due - 1, zone), farthest(due, zone)]
        const days = [-1, 0, 1].map((day) => Math.floor(then / DAY) * DAY + day * DAY + minutes * 60_000)
        expect(days.filter((wall) => before < wall && wall <= then)).not.toEqual([])
      }
    }),
    { numRuns: 200 },
  )
})

test('working time is what passes while the calendar is open: none is lost, none counted twice', () => {
  const spans = fc.array(
    fc
      .uniqueArray(fc.integer({ min: 0, max: 96 }), { minLength: 2, maxLength: 2 })
      .map((pair) => pair.sort((a, b) => a - b)),
    { minLength: 1, maxLength: 3 },
  )
  fc.assert(
    fc.property(moments, spans, fc.integer({ min: 1, max: 40 }), ({ zone, instant }, hours, quarters) => {
      const calendar: WorkCalendar = {
        zone,
        workdays: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
        hours: hours.map(([from, to]) => `${clock(from! * 15)}-${clock(to! * 15)}`),
      }
      const isOpen = (moment: number): boolean => {
        const seen = farthest(moment, zone)
        const ofDay = seen % DAY
        return hours.some(([from, to]) => from! * 15 * 60_000 <= ofDay && ofDay < to! * 15 * 60_000)
      }
      const wanted = quarters * 15 * 60_000
      const end = addWorking(calendar, instant, wanted)!
      let open = 0
      for (let moment = instant; moment < end; moment += 5 * 60_000)
        if (isOpen(moment)) open += Math.min(5 * 60_000, end - moment)
      expect(Math.abs(open - wanted)).toBeLessThanOrEqual(5 * 60_000)
      expect(nextWorking(calendar, instant)).toBeLessThanOrEqual(end)
    }),
    { numRuns: 60 },
  )
})

test('where clocks were set back over midnight, whoever took over at midnight stays on duty through the hour that comes again', () => {
  // In Newfoundland, until 2011, clocks went back at one minute past midnight.
  const rota: Rota = { zone: 'America/St_Johns', from: '2010-11-05', handover: ['00:00'], order: [['A'], ['B'], ['C']] }
  const onDuty = ['02:29', '02:30', '02:40', '03:20', '03:30', '03:40'].map(
    (time) => turnsAt(rota, [], at(`2010-11-07T${time}Z`))?.[0],
  )
  expect(onDuty).toEqual([['B'], ['C'], ['C'], ['C'], ['C'], ['C']])
})

test('where a whole day is skipped, its shift is over as soon as it begins, and its launches come with the change', () => {
  // On Samoa 30 December 2011 was left out: clocks went from midnight of the 29th to midnight of the 31st.
  const change = at('2011-12-30T10:00Z')
  const rota: Rota = {
    zone: 'Pacific/Apia',
    from: '2011-12-28',
    handover: ['00:00'],
    order: [['A'], ['B'], ['C'], ['D']],
  }
  expect([change - 1, change].map((instant) => turnsAt(rota, [], instant)?.[0])).toEqual([['B'], ['D']])
  const timing = timingOf({ cron: '0 9 * * *', timeZone: 'Pacific/Apia' }, null)
  expect(nextDues(timing, at('2011-12-29T12:00Z'), 3).map((due) => new Date(due).toISOString())).toEqual([
    '2011-12-29T19:00:00.000Z',
    '2011-12-30T10:00:00.000Z',
    '2011-12-30T19:00:00.000Z',
  ])
})
