import { expect, test } from 'vitest'
import { Rings } from './rings.svelte.ts'

test('three rings turn, the next waits until one of them is gone', () => {
  const rings = new Rings()
  const [a, b, c, d] = [{}, {}, {}, {}]
  for (const ring of [a, b, c, d]) rings.add(ring)
  expect([a, b, c, d].map((ring) => rings.turns(ring))).toEqual([true, true, true, false])
  rings.drop(b)
  expect([a, c, d].map((ring) => rings.turns(ring))).toEqual([true, true, true])
  expect(rings.turns(b)).toBe(false)
})
