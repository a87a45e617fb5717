import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextChange, nextHandover, rotaProblems, shiftAt, turnsAt, type Rota } from './rota.ts'
import { instantAt } from './variables/instants.ts'

const at = (text: string): number => Date.parse(text)
const week: Rota = {
  zone: 'Asia/Shanghai',
  from: '2026-11-02', // a Monday
  shift: 'week',
  order: [['Li'], ['Ana'], ['Omar']],
}
const first = (rota: Rota, text: string): readonly string[] | null => turnsAt(rota, [], at(text))?.[0] ?? null

describe('by week', () => {
  test.each([
    ['before the first day nobody has taken over', '2026-11-02T00:59:59Z', null],
    ['the first takes over at nine', '2026-11-02T01:00:00Z', ['Li']],
    ['and has the whole week', '2026-11-09T00:59:59Z', ['Li']],
    ['the next takes over', '2026-11-09T01:00:00Z', ['Ana']],
    ['and after the last the first again', '2026-11-23T01:00:00Z', ['Li']],
  ])('%s', (_, instant, expected) => expect(first(week, instant)).toEqual(expected))
})

test('whoever comes next stands in where nobody of a shift can be there', () => {
  expect(turnsAt(week, [], at('2026-11-10T12:00:00Z'))).toEqual([['Ana'], ['Omar'], ['Li']])
})
test('the members take turns where no order is written', () => {
  const { order: _, ...plain } = week
  expect(turnsAt(plain, ['A', 'B'], at('2026-11-10T12:00:00Z'))?.[0]).toEqual(['B'])
})
test('two handovers make a day and a night shift', () => {
  const rota: Rota = { zone: 'UTC', from: '2026-11-02', handover: ['20:00', '08:00'], order: [['Day'], ['Night']] }
  expect(first(rota, '2026-11-02T08:00:00Z')).toEqual(['Day'])
  expect(first(rota, '2026-11-02T20:00:00Z')).toEqual(['Night'])
  expect(first(rota, '2026-11-03T07:59:59Z')).toEqual(['Night'])
  expect(first(rota, '2026-11-03T08:00:00Z')).toEqual(['Day'])
})
test('a shift may last several days or weeks', () => {
  const rota: Rota = { zone: 'UTC', from: '2026-11-02', every: 3, order: [['A'], ['B']] }
  expect(first(rota, '2026-11-05T08:59:00Z')).toEqual(['A'])
  expect(first(rota, '2026-11-05T09:00:00Z')).toEqual(['B'])
  expect(shiftAt({ ...week, every: 2 }, at('2026-11-15T12:00:00Z'))).toBe(0)
  expect(shiftAt({ ...week, every: 2 }, at('2026-11-16T12:00:00Z'))).toBe(1)
})
test('an exception holds in the zone of the rota, and the last written counts', () => {
  const rota: Rota = {
    ...week,
    overrides: [
      { from: '2026-11-04', to: '2026-11-06', who: ['Omar'] },
      { from: '2026-11-05T09:00', to: '2026-11-05T12:00', who: ['Zoe', 'Ana'] },
    ],
  }
  expect(first(rota, '2026-11-03T15:59:59Z')).toEqual(['Li'])
  expect(first(rota, '2026-11-03T16:00:00Z')).toEqual(['Omar'])
  expect(first(rota, '2026-11-05T02:00:00Z')).toEqual(['Zoe', 'Ana'])
  expect(turnsAt(rota, [], at('2026-11-05T02:00:00Z'))).toEqual([['Zoe', 'Ana'], ['Omar'], ['Li'], ['Ana'], ['Omar']])
  expect(first(rota, '2026-11-05T04:00:00Z')).toEqual(['Omar'])
})

test('before it begins an exception holds, and whoever of the role is there where nobody of it can be', () => {
  const rota: Rota = { ...week, overrides: [{ from: '2026-10-30', to: '2026-10-31', who: ['Omar'] }] }
  expect(turnsAt(rota, ['Li', 'Ana', 'Omar'], at('2026-10-30T04:00:00Z'))).toEqual([['Omar'], ['Li', 'Ana', 'Omar']])
  expect(turnsAt(rota, ['Li', 'Ana', 'Omar'], at('2026-10-31T04:00:00Z'))).toBeNull()
})
test('what comes next is a handover or the edge of an exception, whichever is first', () => {
  const rota: Rota = { ...week, overrides: [{ from: '2026-11-04', to: '2026-11-06T12:00', who: ['Omar'] }] }
  const changes: string[] = []
  for (let next = at('2026-11-01T00:00:00Z'); changes.length < 4; changes.push(new Date(next).toISOString()))
    next = nextChange(rota, next)!
  expect(changes).toEqual([
    '2026-11-02T01:00:00.000Z',
    '2026-11-03T16:00:00.000Z',
    '2026-11-06T04:00:00.000Z',
    '2026-11-09T01:00:00.000Z',
  ])
})

describe('when clocks change', () => {
  const night: Rota = { zone: 'Europe/Berlin', from: '2026-03-01', handover: ['02:30'], order: [['A'], ['B']] }
  test('a handover that clocks skip happens once, at the first instant after it', () => {
    // On 29 March clocks go from 02:00 to 03:00, which is 01:00 UTC.
    expect(shiftAt(night, at('2026-03-29T00:59:59.999Z'))).toBe(27)
    expect(shiftAt(night, at('2026-03-29T01:00:00Z'))).toBe(28)
  })
  test('a handover that clocks show twice happens once, the first time', () => {
    // On 25 October 02:30 is at 00:30 and at 01:30 UTC.
    expect(shiftAt(night, at('2026-10-25T00:29:59Z'))).toBe(237)
    expect(shiftAt(night, at('2026-10-25T00:30:00Z'))).toBe(238)
    expect(shiftAt(night, at('2026-10-25T01:30:00Z'))).toBe(238)
  })
  test.each(['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Shanghai', 'America/Santiago', 'UTC'])(
    'in %s shifts follow each other one by one, each at its clock time, on every day of a year',
    (zone) => {
      const rota: Rota = { zone, from: '2026-01-01', handover: ['00:30', '02:15', '23:45'], order: [['A']] }
      let instant = at('2026-01-03T00:00:00Z')
      let shift = shiftAt(rota, instant) ?? -1
      for (let count = 0; count < 3 * 400; count += 1) {
        const next = nextHandover(rota, instant)
        expect(next).not.toBeNull()
        expect(next!).toBeGreaterThan(instant)
        expect(next! - instant).toBeLessThan(23 * 3_600_000)
        // One that is skipped may come together with the next after it, never twice.
        expect(shiftAt(rota, next!)! - shift).toBeGreaterThanOrEqual(1)
        expect(shiftAt(rota, next!)! - shift).toBeLessThanOrEqual(2)
        expect(shiftAt(rota, next! - 1)).toBe(shift)
        ;[instant, shift] = [next!, shiftAt(rota, next!)!]
      }
    },
  )
  test('a shift never goes back as time goes on', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago'),
        fc.integer({ min: at('2026-01-02T00:00:00Z'), max: at('2027-12-31T00:00:00Z') }),
        fc.integer({ min: 0, max: 3 * 86_400_000 }),
        fc.uniqueArray(fc.integer({ min: 0, max: 47 }), { minLength: 1, maxLength: 3 }),
        (zone, from, later, halves) => {
          const handover = halves.map((half) => `${String(half >> 1).padStart(2, '0')}:${half % 2 === 0 ? '00' : '30'}`)
          const rota: Rota = { zone, from: '2026-01-01', handover, order: [['A']] }
          expect(shiftAt(rota, from + later) ?? -1).toBeGreaterThanOrEqual(shiftAt(rota, from) ?? -1)
        },
      ),
      { numRuns: 300 },
    )
  })
  test('a time of day that is skipped is the first instant after it, on both sides of the ocean', () => {
    expect(instantAt('2026-03-08', 150, 'America/New_York')).toBe(at('2026-03-08T07:00:00Z'))
    expect(instantAt('2026-03-29', 150, 'Europe/Berlin')).toBe(at('2026-03-29T01:00:00Z'))
    expect(instantAt('2026-11-01', 90, 'America/New_York')).toBe(at('2026-11-01T05:30:00Z'))
  })
})

test('what is wrong is said where it is', () => {
  expect(
    rotaProblems(
      {
        zone: 'Mars/Base',
        from: '2026-02-30',
        shift: 'week',
        handover: ['9:00', '21:00'],
        order: [[]],
        overrides: [{ from: '2026-12-24T9', to: 'x', who: ['A'] }],
      },
      [],
    ).map(({ at: path }) => path.join('.')),
  ).toEqual(['zone', 'from', 'handover.0', 'handover', 'order.0', 'overrides.0.from', 'overrides.0.to'])
  expect(rotaProblems({ zone: 'UTC', from: '2026-11-02' }, []).map(({ at: path }) => path.join('.'))).toEqual(['order'])
  expect(rotaProblems(week, [])).toEqual([])
  const backwards = { ...week, overrides: [{ from: '2026-12-25', to: '2026-12-24', who: ['A'] }] }
  expect(rotaProblems(backwards, []).map(({ at: path }) => path.join('.'))).toEqual(['overrides.0.to'])
})
