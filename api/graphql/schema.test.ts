import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { printedSchema } from './print.ts'

test('the committed schema is what the code says: run npm run schema:print after a change', () => {
  expect(printedSchema()).toBe(readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'))
})
