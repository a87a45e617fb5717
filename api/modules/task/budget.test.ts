import { expect, test } from 'vitest'
import { MAX_NODES, spendNodes } from './budget.ts'

test('a request lists as many steps as one large flow has, whatever the number of aliases', () => {
  const [one, other] = [{}, {}]
  for (let n = 0; n < 12; n++) spendNodes(one, MAX_NODES / 12)
  expect(() => spendNodes(one, 1)).toThrow(/Ask for fewer tasks/)
  expect(() => spendNodes(other, 1)).not.toThrow()
})
