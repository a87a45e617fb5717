import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeDocument } from './document/kinds.ts'
import { freezeOf, frozenAt, means, nextStretch, stretchAt, type Freeze } from './freeze.ts'

const at = (text: string): number => Date.parse(text)
const iso = (ms: number | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString())
function freeze(spec: object, name = 'quiet'): Freeze {
  const { document, errors } = decodeDocument({
    apiVersion: 'baton/v1',
    kind: 'Freeze',
    metadata: { name, title: 'Quiet' },
    spec,
  })
  if (document?.kind !== 'Freeze') throw new Error(JSON.stringify(errors))
  return freezeOf(document.metadata, document.spec)
}
const problems = (kind: string, spec: object): readonly string[] =>
  decodeDocument({ apiVersion: 'baton/v1', kind, metadata: { name: 'x' }, spec }).errors.map(({ message }) => message)
const ALL = { app: 'release', appsOfFlow: [] }

test.each([
  ['a moment before it begins', '2026-12-23T16:59:59Z', null],
  ['as it begins', '2026-12-23T17:00:00Z', '2027-01-04T07:00:00.000Z'],
  ['a moment before it ends', '2027-01-04T06:59:59Z', '2027-01-04T07:00:00.000Z'],
  ['as it ends', '2027-01-04T07:00:00Z', null],
])('a freeze from one time to another, %s', (_, now, until) => {
  const xmas = freeze({ when: { from: '2026-12-23T18:00', to: '2027-01-04T08:00' }, timeZone: 'Europe/Berlin' })
  expect(iso(frozenAt([xmas], ALL, at(now))?.until)).toBe(until)
})

test('days as edges are whole days, and a time with a zone of its own keeps it', () => {
  const days = freeze({ when: { from: '2026-12-24', to: '2026-12-26' }, timeZone: 'Asia/Shanghai' })
  expect(stretchAt(days, at('2026-12-25T00:00Z'))).toEqual({
    from: at('2026-12-23T16:00Z'),
    to: at('2026-12-26T16:00Z'),
  })
  const own = freeze({ when: { from: '2026-12-24T18:00-05:00', to: '2026-12-25T00:00Z' }, timeZone: 'Asia/Shanghai' })
  expect(stretchAt(own, at('2026-12-24T23:30Z'))?.from).toBe(at('2026-12-24T23:00Z'))
})

test('without an end it lasts until it is taken out', () => {
  const open = freeze({ when: [{ from: '2026-11-21T10:00Z' }] })
  expect(frozenAt([open], ALL, at('2026-11-21T09:00Z'))).toBeNull()
  expect(frozenAt([open], ALL, at('2036-01-01T00:00Z'))).toMatchObject({ until: null, name: 'quiet', title: 'Quiet' })
})

test.each([
  ['Friday noon', '2026-11-20T11:00:00Z', null],
  ['Friday evening', '2026-11-20T18:00:00Z', '2026-11-23T07:00:00.000Z'],
  ['Sunday', '2026-11-22T12:00:00Z', '2026-11-23T07:00:00.000Z'],
  ['Monday morning', '2026-11-23T06:59:00Z', '2026-11-23T07:00:00.000Z'],
  ['Monday at eight', '2026-11-23T07:00:00Z', null],
])('every week from Friday 18:00 to Monday 08:00 in Berlin: on %s', (_, now, until) => {
  const weekend = freeze({ when: [{ from: 'fri 18:00', to: 'mon 08:00' }], timeZone: 'Europe/Berlin' })
  expect(iso(frozenAt([weekend], ALL, at(now))?.until)).toBe(until)
})

test('a weekly freeze keeps to the clocks on the wall when they change', () => {
  const weekend = freeze({ when: { from: 'sat 20:00', to: 'sun 20:00' }, timeZone: 'Europe/Berlin' })
  expect(stretchAt(weekend, at('2026-03-29T00:30Z'))).toEqual({
    from: at('2026-03-28T19:00Z'),
    to: at('2026-03-29T18:00Z'), // 23 hours
  })
  const inTheGap = freeze({ when: { from: 'sun 02:30', to: 'sun 04:00' }, timeZone: 'Europe/Berlin' })
  expect(iso(nextStretch(inTheGap, at('2026-03-28T12:00Z'))?.from)).toBe('2026-03-29T01:00:00.000Z')
})

test('days of the week with hours, and freezes that follow on each other, have one end', () => {
  const peak = freeze({ when: { days: ['mon', 'tue'], hours: ['09:00-12:00', '13:00-18:00'] } })
  expect(iso(frozenAt([peak], ALL, at('2026-11-23T10:00Z'))?.until)).toBe('2026-11-23T12:00:00.000Z')
  expect(frozenAt([peak], ALL, at('2026-11-23T12:30Z'))).toBeNull()
  const weekend = freeze({ when: { days: ['sat', 'sun'] } })
  expect(iso(frozenAt([weekend], ALL, at('2026-11-21T10:00Z'))?.until)).toBe('2026-11-23T00:00:00.000Z')
  const after = freeze({ when: { from: '2026-11-22T20:00Z', to: '2026-11-25' } }, 'stocktaking')
  expect(iso(frozenAt([weekend, after], ALL, at('2026-11-21T10:00Z'))?.until)).toBe('2026-11-26T00:00:00.000Z')
})

test('a freeze that never pauses has no end to tell', () => {
  const always = freeze({ when: { days: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] } })
  expect(frozenAt([always], ALL, at('2026-11-21T10:00Z'))?.until).toBeNull()
})

test.each([
  ['all apps', {}, { app: 'release', appsOfFlow: [] }, true],
  ['all but the excepted', { except: 'hotfix' }, { app: 'hotfix', appsOfFlow: [] }, false],
  ['only the named', { apps: ['release'] }, { app: 'hotfix', appsOfFlow: [] }, false],
  ['only the named: this one', { apps: ['release'] }, { app: 'release', appsOfFlow: [] }, true],
  ['a flow that no app starts', {}, { app: null, appsOfFlow: [] }, true],
  ['a flow that no app starts, where apps are named', { apps: ['release'] }, { app: null, appsOfFlow: [] }, false],
  ['the flow of a frozen app', { apps: ['release'] }, { app: null, appsOfFlow: ['release', 'x'] }, true],
  ['the flow of excepted apps alone', { except: ['hotfix'] }, { app: null, appsOfFlow: ['hotfix'] }, false],
])('what a freeze means: %s', (_, spec, what, meant) => {
  expect(means(freeze({ when: { from: '2026-11-21' }, ...spec }), what)).toBe(meant)
})

test.each([
  [{ when: { from: 'fri 18:00' } }, 'expected “to”: a time of the week, like mon 08:00'],
  [{ when: { from: 'fri 18:00', to: '2026-12-01' } }, 'expected “from” and “to” both as instants, or both of the week'],
  [{ when: { from: '2026-12-02', to: '2026-12-01' } }, 'ends before it begins'],
  [{ when: { from: '2026-12-01T10:00', to: '2026-12-01T10:00' } }, 'ends before it begins'],
  [{ when: { from: 'soon' } }, '“soon” is no time. Write it like 2026-12-24T18:00, or fri 18:00 for every week'],
  [{ when: { days: ['sat'], from: '2026-12-01' } }, 'expected “days” and “hours”, or “from” and “to”, not both'],
  [{ when: { hours: '09:00-18:00' } }, 'expected “days” beside “hours”'],
  [{ when: { days: 'sat', hours: '9-18' } }, '“9-18” is no span of a day. Write it like 09:00-18:00'],
  [{ when: [] }, 'expected at least one time'],
  [
    { when: { from: '2026-12-01' }, timeZone: 'Asia/Shanghi' },
    'There is no time zone “Asia/Shanghi”. Write it like Asia/Shanghai',
  ],
])('a freeze that could not be understood is refused: %j', (spec, message) => {
  expect(problems('Freeze', spec)).toContain(message)
})

test.each([
  [{ app: 'x' }, 'expected either “cron” or “at”: when it is due'],
  [{ app: 'x', cron: '0 9 * * *', at: '2026-12-01T09:00' }, 'expected either “cron” or “at”: when it is due'],
  [
    { app: 'x', cron: '0 0 9 * * *' },
    '“0 0 9 * * *” is no time of crontab: minute, hour, day, month, weekday. Write it like 0 9 * * mon-fri',
  ],
  [{ app: 'x', at: 'tomorrow' }, '“tomorrow” is no time. Write it like 2026-12-24T18:00'],
  [{ app: 'x', cron: '@daily', overlap: 'wait' }, 'expected skip, queue, allow, but got “wait”'],
])('a schedule that could not be understood is refused: %j', (spec, message) => {
  expect(problems('Schedule', spec)).toContain(message)
})

test('within its stretch it holds, at the end it does not, and the next one begins later', () => {
  const minute = fc.integer({ min: at('2026-01-01T00:00Z') / 60_000, max: at('2028-01-01T00:00Z') / 60_000 })
  const day = fc.constantFrom('sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat')
  const clock = fc
    .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom('00', '30'))
    .map(([h, m]) => `${String(h).padStart(2, '0')}:${m}`)
  const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe')
  fc.assert(
    fc.property(minute, fc.tuple(day, clock, day, clock), zones, (now, [d1, c1, d2, c2], timeZone) => {
      fc.pre(`${d1} ${c1}` !== `${d2} ${c2}`)
      const weekly = freeze({ when: { from: `${d1} ${c1}`, to: `${d2} ${c2}` }, timeZone })
      const stretch = stretchAt(weekly, now * 60_000)
      if (stretch !== null) {
        expect(stretch.from).toBeLessThanOrEqual(now * 60_000)
        expect(stretch.to).toBeGreaterThan(now * 60_000)
        expect(stretchAt(weekly, stretch.to!)).toBeNull()
      }
      const next = nextStretch(weekly, now * 60_000)!
      expect(next.from).toBeGreaterThan(now * 60_000)
      expect(stretchAt(weekly, next.from)).toEqual(next)
    }),
  )
})
