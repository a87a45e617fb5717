import { expect, test } from 'vitest'
import { pluginProblem } from './accept.ts'
import { done, z } from './index.ts'

const plugin = { code: 'x', version: '1.0.0', title: 'X', inputs: z.object({}), execute: async () => done({}) }
const body = async (): Promise<void> => {}

test.each([
  ['resum', 'resume'],
  ['pol', 'poll'],
  ['cancle', 'cancel'],
  ['calback', 'callback'],
  ['settledd', 'settled'],
  ['Resume', 'resume'],
  ['option', 'options'],
  ['output', 'outputs'],
])('%s was meant as %s, and a plugin without it is not taken', (key, meant) => {
  expect(pluginProblem({ ...plugin, [key]: body })).toBe(
    `it has “${key}”, which Baton does not know: did you mean ${meant}?`,
  )
})

test('other keys are the author’s own, also beside what they look like', () => {
  const own = { report: body, polls: 3, poll: body, pollEveryS: 5, helpers: {}, resumed: false, resume: body }
  expect(pluginProblem({ ...plugin, ...own })).toBeNull()
})

test('what is there must be a function, options too', () => {
  expect(pluginProblem({ ...plugin, options: ['a'] })).toBe('expected options to be a function')
})
