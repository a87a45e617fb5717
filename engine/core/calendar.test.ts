import { expect, test } from 'vitest'
import { addWorking, calendarProblems, nextWorking, type WorkCalendar } from './calendar.ts'
import { ask, Bench, directoryOf, flowOf, wait, wei } from './test/build.ts'

const at = (text: string): number => Date.parse(text)
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())
const office: WorkCalendar = {
  zone: 'Asia/Shanghai',
  workdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
  hours: ['13:00-18:00', '09:00-12:00'],
  holidays: ['2026-11-23'],
  extra: ['2026-11-28'],
}
const H = 3_600_000

test.each([
  ['within working hours: at once', '2026-11-20T02:00:00Z', '2026-11-20T02:00:00.000Z'],
  ['before they begin', '2026-11-19T23:00:00Z', '2026-11-20T01:00:00.000Z'],
  ['at noon: after the break', '2026-11-20T04:00:00Z', '2026-11-20T05:00:00.000Z'],
  ['on Friday evening: over the week-end and a holiday', '2026-11-20T10:00:00Z', '2026-11-24T01:00:00.000Z'],
  ['on a Saturday that is worked', '2026-11-27T11:00:00Z', '2026-11-28T01:00:00.000Z'],
])('%s', (_, from, to) => {
  expect(iso(nextWorking(office, at(from)))).toBe(to)
})

test('working time is counted over breaks, nights, week-ends and holidays', () => {
  expect(iso(addWorking(office, at('2026-11-20T03:00:00Z'), 4 * H))).toBe('2026-11-20T08:00:00.000Z')
  expect(iso(addWorking(office, at('2026-11-20T09:30:00Z'), H))).toBe('2026-11-24T01:30:00.000Z')
  expect(iso(addWorking(office, at('2026-11-22T00:00:00Z'), 8 * H))).toBe('2026-11-24T10:00:00.000Z')
})

test('a change of clocks neither loses nor doubles an hour', () => {
  const berlin: WorkCalendar = { zone: 'Europe/Berlin', workdays: ['sun', 'mon'], hours: ['00:00-24:00'] }
  // 29 March 2026 has 23 hours, 25 October 25.
  expect(iso(addWorking(berlin, at('2026-03-28T23:00:00Z'), 24 * H))).toBe('2026-03-29T23:00:00.000Z')
  expect(iso(addWorking(berlin, at('2026-10-24T22:00:00Z'), 25 * H))).toBe('2026-10-25T23:00:00.000Z')
  const night: WorkCalendar = { zone: 'Europe/Berlin', workdays: ['sun'], hours: ['02:00-03:00'] }
  expect(iso(nextWorking(night, at('2026-03-29T00:30:00Z')))).toBe('2026-04-05T00:00:00.000Z') // 02:00 was skipped
})

test('spans that overlap as written are one span', () => {
  const twice: WorkCalendar = { zone: 'UTC', hours: ['09:00-12:00', '11:00-13:00', '10:00-11:00'] }
  expect(iso(addWorking(twice, at('2026-11-20T09:00:00Z'), 4 * H))).toBe('2026-11-20T13:00:00.000Z')
})

test('what is wrong with a calendar is said by place', () => {
  expect(calendarProblems({ zone: 'Asia/Shanghi', hours: ['9-18'], holidays: ['2026-02-30'] })).toEqual([
    { at: ['zone'], message: 'There is no time zone “Asia/Shanghi”. Write it like Asia/Shanghai' },
    { at: ['hours', 0], message: '“9-18” is no span of a day. Write it like 09:00-18:00' },
    { at: ['holidays', 0], message: '“2026-02-30” is no date. Write it like 2026-10-01' },
  ])
  expect(calendarProblems({ zone: 'UTC', workdays: [] })).toEqual([
    { at: ['workdays'], message: 'This calendar never opens: name a workday' },
  ])
  expect(nextWorking({ zone: 'UTC', workdays: [] }, 0)).toBeNull()
})

// ---- in a flow ------------------------------------------------------------------------------------------------------

const directory = {
  ...directoryOf({ 'role:qa': ['ana'] }),
  calendar: (_: string, name: string) => (name === 'office' ? office : null),
}
const FRIDAY_EVENING = at('2026-11-20T11:00:00Z')

test('a step waits until the office opens, or for so much of its working time', () => {
  const flow = flowOf([
    wait('open', 'later', { workingHours: 'office' }),
    wait('later', 'end', { workingHours: { calendar: 'office', for: '8h' } }),
  ])
  const task = new Bench(flow, {}, { now: FRIDAY_EVENING, directory })
  expect(task.state).toMatchObject({ phase: 'waiting', waitingFor: ['timer'] })
  expect(iso([...task.state.timers.values()][0]!.dueAt)).toBe('2026-11-24T01:00:00.000Z')
  task.pass(at('2026-11-24T01:00:00Z') - FRIDAY_EVENING)
  expect(iso([...task.state.timers.values()][0]!.dueAt)).toBe('2026-11-24T10:00:00.000Z')
  task.pass(24 * H)
  expect(task.state.phase).toBe('succeeded')
})

test('a calendar that is not there fails the step by name; a person may move the timer or skip it', () => {
  const task = new Bench(flowOf([wait('open', 'end', { workingHours: 'moon' })]), {}, { directory })
  expect(task.node('open').error).toMatchObject({ code: 'CALENDAR', message: 'there is no calendar “moon”' })
  task.press('skip', 'open', wei)
  expect(task.state.phase).toBe('succeeded')
})

test('a deadline counts in working time', () => {
  const flow = flowOf([
    ask('ok', 'end', { approvers: ['role:qa'], deadline: { calendar: 'office', for: '2h' }, onDeadline: 'reject' }),
  ])
  const task = new Bench(flow, {}, { now: FRIDAY_EVENING, directory })
  expect(iso(task.openAsk().deadline)).toBe('2026-11-24T03:00:00.000Z')
  task.pass(at('2026-11-24T03:00:00Z') - FRIDAY_EVENING)
  expect(task.node('ok').error?.cause).toBe('rejected')
})
