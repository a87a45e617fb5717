import { expect, test } from 'vitest'
import { steadyClock } from './steady-clock.ts'

function machine() {
  const told: number[] = []
  const at = { wall: 1_000_000, elapsed: 0 }
  const now = steadyClock({ wall: () => at.wall, elapsed: () => at.elapsed, wentBack: (by) => told.push(by) })
  const pass = (ms: number): void => {
    at.wall += ms
    at.elapsed += ms
  }
  return { at, told, now, pass }
}

test('it is the machine’s clock as long as that goes forward, leaps included', () => {
  const { at, told, now, pass } = machine()
  pass(50)
  expect(now()).toBe(1_000_050)
  at.wall += 3_600_000
  expect(now()).toBe(4_600_050)
  expect(told).toEqual([])
})

test('set back by an hour, it goes on a tenth slower until the machine has caught up, and says so once', () => {
  const { at, told, now, pass } = machine()
  const before = now()
  at.wall -= 3_600_000
  pass(1_000)
  expect(now()).toBe(before + 900)
  pass(10_000)
  expect(now()).toBe(before + 9_900)
  expect(told).toEqual([3_599_000 + 1_000 - 0])
  pass(10 * 3_600_000)
  expect(now()).toBe(at.wall)
  pass(5)
  expect(now()).toBe(at.wall)
})

test('small corrections are taken without a word, and never go back', () => {
  const { at, told, now, pass } = machine()
  const before = now()
  at.wall -= 200
  pass(100)
  expect(now()).toBeGreaterThan(before)
  pass(10_000)
  expect(now()).toBe(at.wall)
  expect(told).toEqual([])
})
