import { expect, test } from 'vitest'
import { Registry } from './registry.ts'

test('holds what was put in last, in the order it was first put in', () => {
  const registry = new Registry<object>()
  const [a, b, c] = [{}, {}, {}]
  registry.set('a', a)
  registry.set('b', b)
  registry.set('a', c)
  expect([...registry.values()]).toEqual([c, b])
  expect(registry.get('a')).toBe(c)
  expect(registry.size).toBe(2)
})

test('what was taken out is gone, and may be put in again', () => {
  const registry = new Registry<object>()
  registry.set('a', {})
  registry.delete('a')
  registry.delete('never')
  expect(registry.has('a')).toBe(false)
  expect(registry.get('a')).toBeUndefined()
  expect(registry.size).toBe(0)
  registry.set('a', { again: true })
  expect([...registry.values()]).toEqual([{ again: true }])
})

test('takes one out while it is walked through', () => {
  const registry = new Registry<{ n: number }>()
  for (let n = 0; n < 5; n++) registry.set(`${n}`, { n })
  const seen: number[] = []
  for (const { n } of registry.values()) {
    seen.push(n)
    registry.delete(`${n + 1}`)
  }
  expect(seen).toEqual([0, 2, 4])
})
