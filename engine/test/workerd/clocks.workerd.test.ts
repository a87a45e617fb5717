/** Whatever is due beside the engine's timers, in the real runtime: one alarm for all, that outlives the object. And its clocks: its zones are those of Node. */
import { abortAllDurableObjects, env, runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { addWorking } from '../../core/calendar.ts'
import { nextChange, turnsAt } from '../../core/rota.ts'
import { nextDues, timingOf } from '../../schedule/next-due.ts'
import { rung } from './current.ts'
import type { Clock } from './worker.ts'

const MINUTE = 60_000
const LONG = { timeout: 20_000 }
const clock = () => {
  const id = env.CLOCKS.newUniqueId()
  const stub = env.CLOCKS.get(id)
  const inside = <T>(body: (object: Clock) => T | Promise<T>): Promise<T> => runInDurableObject<T, Clock>(stub, body)
  const armed = (): Promise<number | null> => runInDurableObject(stub, (_, { storage }) => storage.getAlarm())
  return { inside, armed, heard: () => rung.get(id.toString()) }
}
const timer =
  (dueAt: number) =>
  ({ db }: Clock) =>
    db.write(() => void db.prepare('INSERT INTO timers VALUES (?, ?, ?)').run(['t1', `t${dueAt}`, dueAt]))
const near = (expected: number) => ({
  asymmetricMatch: (at: unknown) => typeof at === 'number' && Math.abs(at - expected) < 5_000,
})

test('the earlier of both is armed, whichever was said first, and neither takes the other away', async () => {
  const now = Date.now()
  const one = clock()
  await one.inside(timer(now + 10 * MINUTE))
  await one.inside((object) => object.add(now + 20 * MINUTE))
  expect(await one.armed()).toEqual(near(now + 10 * MINUTE))
  await one.inside((object) => object.add(now + 5 * MINUTE))
  expect(await one.armed()).toEqual(near(now + 5 * MINUTE))
  await one.inside(timer(now + 7 * MINUTE))
  expect(await one.armed()).toEqual(near(now + 5 * MINUTE))
  const other = clock()
  await other.inside((object) => object.add(now + 20 * MINUTE))
  await other.inside(timer(now + 10 * MINUTE))
  expect(await other.armed()).toEqual(near(now + 10 * MINUTE))
})

test('the platform rings it at its time, once each; the timer beside it stays armed', async () => {
  const { inside, armed, heard } = clock()
  const now = Date.now()
  const dues = [now + 300, now + 301, now + 900]
  await inside(timer(now + 10 * MINUTE))
  for (const due of dues) await inside((object) => object.add(due))
  await expect.poll(heard, LONG).toEqual(dues)
  await expect.poll(armed, LONG).toEqual(near(now + 10 * MINUTE))
  expect(heard()).toEqual(dues)
})

test('after a crash the alarm alone brings the object back: nobody has to ask', async () => {
  const { inside, heard } = clock()
  const due = Date.now() + 700
  await inside((object) => object.add(due))
  await abortAllDurableObjects()
  await expect.poll(heard, LONG).toEqual([due])
})

test('clocks are changed there as everywhere', () => {
  const dues = nextDues(
    timingOf({ cron: '30 2 * * *', timeZone: 'Europe/Berlin' }, null),
    Date.parse('2026-03-28T12:00Z'),
    3,
  )
  expect(dues.map((due) => new Date(due).toISOString().slice(0, 16))).toEqual([
    '2026-03-29T01:00',
    '2026-03-30T00:30',
    '2026-03-31T00:30',
  ])
  const rota = { zone: 'Australia/Lord_Howe', from: '2026-04-01', handover: ['01:45'], order: [['A'], ['B']] }
  const change = nextChange(rota, Date.parse('2026-04-04T12:00Z'))!
  expect(new Date(change).toISOString()).toBe('2026-04-04T14:45:00.000Z')
  expect([turnsAt(rota, [], change - 1)?.[0], turnsAt(rota, [], change + 30 * MINUTE)?.[0]]).toEqual([['B'], ['A']])
  const office = { zone: 'America/New_York', workdays: ['sun' as const], hours: ['00:00-24:00'] }
  expect(addWorking(office, Date.parse('2026-11-01T04:00Z'), 25 * 60 * MINUTE)).toBe(Date.parse('2026-11-02T05:00Z'))
})
