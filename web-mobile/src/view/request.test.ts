import { expect, test } from 'vitest'
import { isRequest } from './request.ts'

test.each([
  { phase: 'REQUESTED', state: 'OPEN', is: true },
  { phase: 'REQUESTED', state: 'REJECTED', is: true },
  { phase: 'ATTENTION', state: 'OPEN', is: true },
  { phase: 'ATTENTION', state: 'CLAIMED', is: false },
  { phase: 'RUNNING', state: 'CLAIMED', is: false },
] as const)('$state in phase $phase waits to be claimed or changed: $is', ({ phase, state, is }) => {
  expect(isRequest({ phase, handOver: { state } })).toBe(is)
})
test('what failed without ever being handed over is none', () => {
  expect(isRequest({ phase: 'ATTENTION', handOver: null })).toBe(false)
})
