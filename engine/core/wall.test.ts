import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readInstant } from './variables/instants.ts'
import { instantOf, instantsOf, wallAt } from './wall.ts'

const at = (text: string): number => Date.parse(text)
const iso = (ms: number): string => new Date(ms).toISOString()
const wall = (text: string): number => Date.parse(`${text}Z`)

test.each([
  ['an ordinary time comes once', 'Europe/Berlin', '2026-11-21T09:00', ['2026-11-21T08:00:00.000Z']],
  ['one that is skipped comes never', 'Europe/Berlin', '2026-03-29T02:30', []],
  [
    'one in the hour that is repeated comes twice',
    'Europe/Berlin',
    '2026-10-25T02:30',
    ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z'],
  ],
  [
    'half an hour is repeated where clocks change by half an hour',
    'Australia/Lord_Howe',
    '2026-04-05T01:45',
    ['2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z'],
  ],
  ['zones without changes have one of each', 'Asia/Shanghai', '2026-03-29T02:30', ['2026-03-28T18:30:00.000Z']],
])('%s', (_, zone, text, instants) => {
  expect(instantsOf(wall(text), zone).map(iso)).toEqual(instants)
})

test.each([
  ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00:00.000Z'],
  ['America/New_York', '2026-03-08T02:00', '2026-03-08T07:00:00.000Z'],
  ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:30:00.000Z'],
])('in %s, %s is skipped: the first instant after the change stands for it', (zone, text, instant) => {
  expect(iso(instantOf(wall(text), zone))).toBe(instant)
})

test('what clocks show at an instant leads back to it', () => {
  const zones = [
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'America/St_Johns',
  ]
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.integer({ min: at('2020-01-01T00:00Z') / 1000, max: at('2035-01-01T00:00Z') / 1000 }),
      (zone, second) => {
        expect(instantsOf(wallAt(second * 1000, zone), zone)).toContain(second * 1000)
      },
    ),
  )
})

test.each([
  ['Europe/Berlin', '2026-03-29 02:30', '2026-03-29T01:00:00.000Z'],
  ['America/New_York', '2026-03-08 02:30', '2026-03-08T07:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25 02:30', '2026-10-25T00:30:00.000Z'],
  ['America/New_York', '2026-11-01 01:30', '2026-11-01T05:30:00.000Z'],
])('in %s, what somebody types as %s means the same as it does for schedules and rotas', (zone, text, instant) => {
  expect(readInstant(text, zone)).toBe(instant)
})
