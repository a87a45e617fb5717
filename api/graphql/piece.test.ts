import { expect, test } from 'vitest'
import { whole } from '../client/index.ts'
import { MOST_AT_ONCE, pieceOf, says } from './piece.ts'

const list = Array.from({ length: 450 }, (_, i) => ({ name: `n${i}` }))
const INVALID = expect.objectContaining({ code: 'INVALID_INPUT' })
const keyOf = ({ name }: { name: string }): string => name

test('a list comes in pieces that follow each other, and whoever asks on has the whole of it', async () => {
  expect(pieceOf(list, keyOf, {})).toHaveLength(MOST_AT_ONCE)
  expect(pieceOf(list, keyOf, { first: 2, after: 'n9' }).map(keyOf)).toEqual(['n10', 'n11'])
  for (const length of [0, 1, 99, 100, 101, 400, 450]) {
    const some = list.slice(0, length)
    expect(await whole(async (piece) => pieceOf(some, keyOf, piece), keyOf)).toEqual(some)
  }
})

test('more than may be asked for, and a place that is not there, are refused', () => {
  expect(() => pieceOf(list, keyOf, { first: 101 })).toThrow(INVALID)
  expect(() => pieceOf(list, keyOf, { first: 0 })).toThrow(INVALID)
  expect(() => pieceOf(list, keyOf, { after: 'gone' })).toThrow(INVALID)
})

test('what is sought is found by its words, in any order and case', () => {
  expect(says(['web-1', '10.0.0.1'], 'WEB 10.0')).toBe(true)
  expect(says(['web-1'], 'web db')).toBe(false)
  expect(says(['web-1'], '  ')).toBe(true)
})
