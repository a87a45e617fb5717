import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'
import { nearest } from './nearest.ts'

test.each([
  ['whit', ['with', 'when', 'use'], 'with'],
  ['versoin', ['version', 'env'], 'version'],
  ['Hosts', ['hosts', 'host'], 'hosts'],
  ['prod', ['staging', 'production'], 'production'],
  ['title_of_step', ['title', 'use'], 'title'],
  ['x', ['title', 'use'], null],
  ['elephant', ['title', 'use'], null],
])('%s was probably meant as the nearest of %j: %s', (word, known, expected) => {
  expect(nearest(word, known)).toBe(expected)
})

test.each([
  ['10s', 10_000],
  ['1h30m', 5_400_000],
  ['500ms', 500],
  ['2d', 172_800_000],
  ['1.5h', 5_400_000],
  ['0s', 0],
  ['', null],
  ['5', null],
  ['5 m', null],
  ['-5m', null],
  ['10x', null],
  ['5m!', null],
  ['99999999999d', null],
])('%s lasts %j ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})
test.each([1, 1000, 61_000, 5_400_000, 90_061_001])('%d ms reads back from how it is written', (ms) => {
  expect(parseDuration(formatDuration(ms))).toBe(ms)
})
