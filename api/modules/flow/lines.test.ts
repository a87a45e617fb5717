import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { diffLines, hunksOf, type DiffLine } from './lines.ts'

const shown = (lines: readonly DiffLine[]): string[] =>
  lines.map(({ sign, text }) => `${{ same: ' ', added: '+', removed: '-' }[sign]}${text}`)

describe('a diff of two texts', () => {
  test.each([
    { before: '', after: '', shows: [] },
    { before: 'a\nb\n', after: 'a\nb\n', shows: [' a', ' b'] },
    { before: 'a\nc', after: 'a\nb\nc', shows: [' a', '+b', ' c'] },
    { before: 'a\nb\nc', after: 'a\nc', shows: [' a', '-b', ' c'] },
    { before: 'a\nb\nc', after: 'a\nx\nc', shows: [' a', '-b', '+x', ' c'] },
    { before: '', after: 'a', shows: ['+a'] },
  ])('$before → $after', ({ before, after, shows }) => expect(shown(diffLines(before, after))).toEqual(shows))

  const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 30 }).map((lines) => lines.join('\n'))
  test('holds each text whole and in order, with its line numbers', () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const lines = diffLines(before, after)
        const side = (sign: 'added' | 'removed') => lines.filter((line) => line.sign === 'same' || line.sign === sign)
        expect(side('removed').map((line) => line.text)).toEqual(
          before === '' ? [] : before.split('\n').slice(0, side('removed').length),
        )
        expect(side('added').map((line) => line.text)).toEqual(
          after === '' ? [] : after.split('\n').slice(0, side('added').length),
        )
        expect(side('removed').map((line) => line.before)).toEqual(side('removed').map((_, at) => at + 1))
        expect(side('added').map((line) => line.after)).toEqual(side('added').map((_, at) => at + 1))
      }),
    )
  })
  test('of two long texts that share nothing ends soon', () => {
    const many = (letter: string) => Array.from({ length: 20_000 }, (_, at) => letter + at).join('\n')
    expect(diffLines(many('a'), many('b'))).toHaveLength(40_000)
  })
})

test('hunks hold what changed and what stands beside it', () => {
  const before = Array.from({ length: 20 }, (_, at) => `l${at}`)
  const after = before.map((line, at) => (at === 4 || at === 15 ? 'x' : line))
  const hunks = hunksOf(diffLines(before.join('\n'), after.join('\n')), 1)
  expect(hunks.map(shown)).toEqual([
    [' l3', '-l4', '+x', ' l5'],
    [' l14', '-l15', '+x', ' l16'],
  ])
})
