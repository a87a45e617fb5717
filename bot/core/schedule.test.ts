import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Limit } from './contract.ts'
import { createSchedule } from './schedule.ts'

const EDITS: Limit = { key: 'edit', everyMs: 1200, burst: 5 }
const newest = (_older: number, newer: number): number => newer

describe('a fair schedule', () => {
  test('a card that changed twice before it left goes once, with its last state', () => {
    const schedule = createSchedule<number>()
    schedule.offer({ card: 'a', urgent: false, limits: [EDITS], payload: 1 }, 0, newest)
    schedule.offer({ card: 'a', urgent: false, limits: [EDITS], payload: 2 }, 1, newest)
    expect(schedule.take(2)?.payload).toBe(2)
    expect(schedule.take(2)).toBeNull()
  })
  test('a state change goes before progress that came earlier', () => {
    const schedule = createSchedule<number>()
    schedule.offer({ card: 'slow', urgent: false, limits: [EDITS], payload: 1 }, 0, newest)
    schedule.offer({ card: 'failed', urgent: true, limits: [EDITS], payload: 2 }, 5, newest)
    expect(schedule.take(6)?.card).toBe('failed')
  })
  test('calls for one card never overlap', () => {
    const schedule = createSchedule<number>()
    schedule.offer({ card: 'a', urgent: true, limits: [], payload: 1 }, 0, newest)
    expect(schedule.take(0)?.payload).toBe(1)
    schedule.offer({ card: 'a', urgent: true, limits: [], payload: 2 }, 1, newest)
    expect(schedule.take(1)).toBeNull()
    schedule.done('a')
    expect(schedule.take(1)?.payload).toBe(2)
  })
  test('progress leaves room for state changes', () => {
    const schedule = createSchedule<number>()
    for (let n = 0; n < 10; n++)
      schedule.offer({ card: `p${n}`, urgent: false, limits: [EDITS], payload: n }, 0, newest)
    let progress = 0
    while (schedule.take(0)) progress++
    expect(progress).toBe(3)
    schedule.offer({ card: 'failed', urgent: true, limits: [EDITS], payload: 99 }, 0, newest)
    expect(schedule.take(0)?.card).toBe('failed')
  })
  test('Retry-After is obeyed for the bucket it was given for, and only that', () => {
    const schedule = createSchedule<number>()
    schedule.hold([EDITS], 9000)
    schedule.offer({ card: 'a', urgent: true, limits: [EDITS], payload: 1 }, 0, newest)
    schedule.offer(
      { card: 'b', urgent: true, limits: [{ key: 'post', everyMs: 1000, burst: 1 }], payload: 2 },
      0,
      newest,
    )
    expect(schedule.take(0)?.card).toBe('b')
    expect(schedule.take(8999)).toBeNull()
    expect(schedule.nextAt(100)).toBe(9000)
    expect(schedule.take(9000)?.card).toBe('a')
  })
  test('whatever is offered, the limit holds in every window and the last state of each card gets out', () => {
    const offer = fc.record({
      card: fc.integer({ min: 0, max: 7 }),
      urgent: fc.boolean(),
      after: fc.integer({ min: 0, max: 700 }),
    })
    fc.assert(
      fc.property(fc.array(offer, { minLength: 1, maxLength: 60 }), (offers) => {
        const schedule = createSchedule<number>()
        const sent: { at: number; card: string; payload: number }[] = []
        const last = new Map<string, number>()
        let now = 0
        const drain = (): void => {
          for (let job = schedule.take(now); job; job = schedule.take(now)) {
            sent.push({ at: now, card: job.card, payload: job.payload })
            schedule.done(job.card)
          }
        }
        offers.forEach(({ card, urgent, after }, n) => {
          now += after
          schedule.offer({ card: `c${card}`, urgent, limits: [EDITS], payload: n }, now, newest)
          last.set(`c${card}`, n)
          drain()
        })
        for (let next = schedule.nextAt(now); next !== null; next = schedule.nextAt(now)) {
          now = Math.max(now + 1, next)
          drain()
        }
        for (const [card, payload] of last) expect(sent.findLast((one) => one.card === card)?.payload).toBe(payload)
        for (const { at } of sent) {
          const inWindow = sent.filter((one) => one.at > at - 12_000 && one.at <= at).length
          expect(inWindow).toBeLessThanOrEqual(EDITS.burst + 12_000 / EDITS.everyMs)
        }
      }),
      { numRuns: 200 },
    )
  })
})
