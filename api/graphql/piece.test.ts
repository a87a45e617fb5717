import { expect, test } from 'vitest'
import { whole, wholeRoles } from '../client/index.ts'
import { PIECE, pieceOf, says } from './piece.ts'

const list = Array.from({ length: 450 }, (_, i) => ({ name: `n${i}` }))
const INVALID = expect.objectContaining({ code: 'INVALID_INPUT' })
const keyOf = ({ name }: { name: string }): string => name

test('a list comes in pieces that follow each other, and whoever asks on has the whole of it', async () => {
  expect(pieceOf(list, keyOf, {})).toHaveLength(PIECE)
  expect(pieceOf(list, keyOf, { first: 2, after: 'n9' }).map(keyOf)).toEqual(['n10', 'n11'])
  for (const length of [0, 1, 49, 50, 51, 400, 450]) {
    const some = list.slice(0, length)
    expect(await whole(async (piece) => pieceOf(some, keyOf, piece), keyOf)).toEqual(some)
  }
})

test('roles and groups come whole, however long either is', async () => {
  const named = (count: number) => Array.from({ length: count }, (_, i) => ({ project: 'default', name: `n${i}` }))
  const key = ({ project, name }: { project: string; name: string }): string => `${project}/${name}`
  for (const [some, others] of [
    [0, 0],
    [3, 120],
    [50, 0],
    [101, 50],
  ] as const) {
    const all = { roles: named(some), groups: named(others), more: 'kept' }
    const ask = async ({ rolesAfter, groupsAfter }: { rolesAfter?: string; groupsAfter?: string }) => ({
      roles: pieceOf(all.roles, key, { after: rolesAfter }),
      groups: pieceOf(all.groups, key, { after: groupsAfter }),
      more: 'kept',
    })
    expect(await wholeRoles(ask)).toEqual(all)
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
