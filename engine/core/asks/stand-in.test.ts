import { expect, test } from 'vitest'
import { closesCircle, standInsIn, standsForIn, type Delegation } from './stand-in.ts'

const one = (from: string, to: string, fromAt = 0, untilAt = 10): Delegation => ({
  from: { id: from, name: from.toUpperCase() },
  to: { id: to, name: to.toUpperCase() },
  fromAt,
  untilAt,
})
const stands = (list: readonly Delegation[], person: string, at = 5) =>
  standsForIn(list, person, at).map(({ id, via }) => [id, ...via].join('<'))

test('chains are followed, and say through whom', () => {
  const list = [one('a', 'b'), one('b', 'c'), one('x', 'c')]
  expect(stands(list, 'c')).toEqual(['b', 'x', 'a<b'])
  expect(stands(list, 'b')).toEqual(['a'])
  expect(stands(list, 'a')).toEqual([])
  expect(standInsIn(list, 'a', 5).map(({ id, via }) => [id, ...via])).toEqual([['b'], ['c', 'b']])
})
test.each([
  [-1, []],
  [0, ['a']],
  [9, ['a']],
  [10, []],
] as const)('one counts from its beginning until its end: at %i', (at, expected) => {
  expect(stands([one('a', 'b')], 'b', at)).toEqual(expected)
})
test('a chain holds only while every part of it does', () => {
  const list = [one('a', 'b', 0, 4), one('b', 'c', 2, 10)]
  expect([1, 3, 5].map((at) => stands(list, 'c', at))).toEqual([[], ['b', 'a<b'], ['b']])
})
test('a circle that was let in somehow ends where it comes back', () => {
  const list = [one('a', 'b'), one('b', 'c'), one('c', 'a')]
  expect(stands(list, 'a')).toEqual(['c', 'b<c'])
})
test.each<[string, readonly Delegation[], Delegation, boolean]>([
  ['oneself', [], one('a', 'a'), true],
  ['back at once', [one('a', 'b')], one('b', 'a'), true],
  ['back through others', [one('a', 'b'), one('b', 'c')], one('c', 'a'), true],
  ['back, but at another time', [one('a', 'b', 0, 5)], one('b', 'a', 5, 10), false],
  ['back for a moment of the time', [one('a', 'b', 0, 6)], one('b', 'a', 5, 10), true],
  ['through parts that never meet', [one('a', 'b', 0, 3), one('b', 'c', 4, 10)], one('c', 'a', 0, 10), false],
  ['through parts that meet later', [one('a', 'b', 2, 10), one('b', 'c', 4, 10)], one('c', 'a', 0, 10), true],
  ['beside it', [one('a', 'b')], one('c', 'b'), false],
])('a circle is refused: %s', (_, list, next, closes) => expect(closesCircle(list, next)).toBe(closes))
