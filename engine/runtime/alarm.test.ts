import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { sharedAlarms, timeoutAlarms } from './alarm.ts'

describe('a timeout', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000 }))
  afterEach(() => void vi.useRealTimers())
  const alarmed = (longestMs = 60_000) => {
    const ring = vi.fn()
    return { ring, alarm: timeoutAlarms(Date.now)(ring, longestMs) }
  }
  test('rings at its time, once; what is past, at once', () => {
    const { ring, alarm } = alarmed()
    alarm.set(3_000)
    vi.advanceTimersByTime(1_999)
    expect(ring).not.toHaveBeenCalled()
    vi.advanceTimersByTime(10_000)
    expect(ring).toHaveBeenCalledTimes(1)
    alarm.set(0)
    vi.advanceTimersByTime(0)
    expect(ring).toHaveBeenCalledTimes(2)
  })
  test('the last word counts, and what is cleared is silent', () => {
    const { ring, alarm } = alarmed()
    alarm.set(2_000)
    alarm.set(9_000)
    vi.advanceTimersByTime(5_000)
    alarm.clear()
    vi.advanceTimersByTime(60_000)
    expect(ring).not.toHaveBeenCalled()
  })
  test('what is far off rings early, so that a changed clock is noticed', () => {
    const { ring, alarm } = alarmed(5_000)
    alarm.set(1_000_000_000)
    vi.advanceTimersByTime(5_000)
    expect(ring).toHaveBeenCalledTimes(1)
  })
})

describe('one alarm that many share', () => {
  let now = 0
  let armed: number | null = null
  let sets = 0
  const port = { set: (at: number) => ((armed = at), void sets++), clear: () => void (armed = null) }
  beforeEach(() => {
    now = sets = 0
    armed = null
  })
  test('is set to the next of all, and told anew only when that moves', () => {
    const { alarms } = sharedAlarms(port, () => now)
    const [one, other] = [alarms(() => undefined, 1), alarms(() => undefined, 1)]
    one.set(50)
    other.set(70)
    expect([armed, sets]).toEqual([50, 1])
    one.clear()
    expect(armed).toBe(70)
    other.clear()
    expect(armed).toBeNull()
  })
  test('wakes whose time has come, in spite of one that fails, and is set for the others', () => {
    const { alarms, ring } = sharedAlarms(port, () => now)
    const told: string[] = []
    const again = alarms(() => (told.push('again'), again.set(90)), 1)
    alarms(() => {
      throw new Error('no')
    }, 1).set(10)
    again.set(10)
    alarms(() => told.push('later'), 1).set(40)
    now = 20
    expect(ring).toThrow('has failed')
    expect([told, armed]).toEqual([['again'], 40])
    now = 100
    ring()
    expect(told).toEqual(['again', 'later', 'again'])
    expect(armed).toBe(90)
    again.clear()
    again.set(95)
    ring()
    expect(armed).toBe(90) // `again` says 90 whenever it is rung
  })
  test('with nothing left to ring for it is taken away, so that it does not go off for nothing for ever', () => {
    const { alarms, ring } = sharedAlarms(port, () => now)
    alarms(() => undefined, 1).set(10)
    now = 20
    ring()
    expect(armed).toBeNull()
  })
})
