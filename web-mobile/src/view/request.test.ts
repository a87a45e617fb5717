import { expect, test } from 'vitest'
import { en } from '../texts/en.ts'
import { zh } from '../texts/zh.ts'
import { isRequest } from './request.ts'
import { wordOfPhase } from './states.ts'

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
test('one that was rejected is called so: nobody can claim it until it is submitted again', () => {
  const called = (waitingFor: readonly ('CLAIM' | 'CORRECTION')[]) =>
    [en, zh].map((t) => wordOfPhase(t, { phase: 'REQUESTED', waitingFor: [...waitingFor] }))
  expect(called(['CLAIM'])).toEqual(['Requested', '待认领'])
  expect(called(['CORRECTION'])).toEqual(['Sent back', '已退回'])
  expect(zh.request.waits('Ops')).toBe('等 Ops 认领')
})
