import { expect, test } from 'vitest'
import { quietUntil } from './quiet.ts'

const at = (text: string): number => Date.parse(text)
const every = [1, 2, 3, 4, 5, 6, 7]
const night = { from: '22:00', to: '07:00', days: every }

test.each([
  { what: 'the evening before', now: '2026-11-20T22:30:00+08:00', until: '2026-11-21T07:00:00+08:00' },
  { what: 'after midnight', now: '2026-11-21T03:00:00+08:00', until: '2026-11-21T07:00:00+08:00' },
  { what: 'as it begins', now: '2026-11-20T22:00:00+08:00', until: '2026-11-21T07:00:00+08:00' },
  { what: 'as it ends', now: '2026-11-21T07:00:00+08:00', until: null },
  { what: 'by day', now: '2026-11-21T12:00:00+08:00', until: null },
])('a night is quiet over midnight, $what', ({ now, until }) => {
  expect(quietUntil(night, 'Asia/Shanghai', at(now))).toBe(until === null ? null : at(until))
})
test('days are those on which it begins', () => {
  const weekdays = { ...night, days: [1, 2, 3, 4, 5] }
  expect(quietUntil(weekdays, 'UTC', at('2026-11-21T03:00:00Z'))).toBe(at('2026-11-21T07:00:00Z')) // Friday's night
  expect(quietUntil(weekdays, 'UTC', at('2026-11-21T23:00:00Z'))).toBeNull() // Saturday
})
test('a whole day, and days one after the other', () => {
  const weekend = { from: '00:00', to: '00:00', days: [6, 7] }
  expect(quietUntil(weekend, 'UTC', at('2026-11-21T10:00:00Z'))).toBe(at('2026-11-23T00:00:00Z'))
  expect(quietUntil(weekend, 'UTC', at('2026-11-23T00:00:00Z'))).toBeNull()
})
test('within one day, where `to` is later', () => {
  const lunch = { from: '12:00', to: '13:30', days: every }
  expect(quietUntil(lunch, 'Europe/Berlin', at('2026-07-01T12:15:00+02:00'))).toBe(at('2026-07-01T13:30:00+02:00'))
})
test.each([
  { what: 'forward: the night is an hour shorter', now: '2026-03-28T22:30:00Z', until: '2026-03-29T05:00:00Z' },
  { what: 'back: the night is an hour longer', now: '2026-10-24T21:30:00Z', until: '2026-10-25T06:00:00Z' },
])('clocks that go $what', ({ now, until }) => {
  expect(quietUntil(night, 'Europe/Berlin', at(now))).toBe(at(until))
})
test('an end that clocks skip is the first moment after it', () => {
  const short = { from: '01:00', to: '02:30', days: every }
  expect(quietUntil(short, 'Europe/Berlin', at('2026-03-29T00:30:00Z'))).toBe(at('2026-03-29T01:00:00Z'))
})
