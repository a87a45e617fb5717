import { expect, test } from 'vitest'
import { whoMay } from './refusal.ts'

test.each([
  [{ heldBy: ['Li', 'Ming'], grantedBy: ['Ada', 'Li'] }, ['Li', 'Ming', 'Ada']],
  [{ grantedBy: ['Ada'] }, ['Ada']],
  [{}, []],
  [{ heldBy: 'Li' }, []],
])('who may instead, of %j', (detail, names) => {
  expect(whoMay({ detail })).toEqual(names)
})
