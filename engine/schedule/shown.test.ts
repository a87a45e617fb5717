import { expect, test } from 'vitest'
import { timingOf } from './next-due.ts'
import { shownDues } from './shown.ts'

const nightly = timingOf({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' }, null)

test('a time that clocks skip is due once they have been changed, and is said to be', () => {
  expect(shownDues(nightly, Date.parse('2027-03-26T12:00:00Z'), 3)).toEqual([
    { at: Date.parse('2027-03-27T01:30:00Z'), wall: '2027-03-27T02:30', offsetMin: 60, clocks: null },
    { at: Date.parse('2027-03-28T01:00:00Z'), wall: '2027-03-28T03:00', offsetMin: 120, clocks: 'skipped' },
    { at: Date.parse('2027-03-29T00:30:00Z'), wall: '2027-03-29T02:30', offsetMin: 120, clocks: null },
  ])
})
test('a time that comes twice is due the first time, and is said to be', () => {
  expect(shownDues(nightly, Date.parse('2027-10-30T12:00:00Z'), 2)).toEqual([
    { at: Date.parse('2027-10-31T00:30:00Z'), wall: '2027-10-31T02:30', offsetMin: 120, clocks: 'twice' },
    { at: Date.parse('2027-11-01T01:30:00Z'), wall: '2027-11-01T02:30', offsetMin: 60, clocks: null },
  ])
})
test('what is due every hour goes on through both, and what is written out is what it is', () => {
  const hourly = timingOf({ cron: '30 * * * *', timeZone: 'Europe/Berlin' }, null)
  const around = shownDues(hourly, Date.parse('2027-10-30T23:45:00Z'), 3)
  expect(around.map(({ wall, offsetMin, clocks }) => [wall, offsetMin, clocks])).toEqual([
    ['2027-10-31T02:30', 120, null],
    ['2027-10-31T02:30', 60, null],
    ['2027-10-31T03:30', 60, null],
  ])
  const once = timingOf({ at: ['2027-10-31T02:30'], timeZone: 'Europe/Berlin' }, null)
  expect(shownDues(once, 0, 5)).toMatchObject([{ wall: '2027-10-31T02:30', clocks: null }])
})
