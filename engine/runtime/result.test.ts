import { expect, test } from 'vitest'
import { definePlugin, done, fail, pollAfter, awaitCallback, z } from '../plugin/index.ts'
import { isJson } from './json.ts'
import { createMasker, MASK } from './mask.ts'
import { MAX_OUTPUT_BYTES, MAX_STATE_BYTES, resultOf, thrown } from './result.ts'

const masker = createMasker(['hunter22'])
const typed = definePlugin({
  code: 'a',
  version: '1.0.0',
  title: 'Count',
  inputs: z.object({}),
  outputs: z.object({ n: z.int() }),
  execute: async () => done({ n: 1 }),
})
const open = definePlugin({
  code: 'b',
  version: '1.0.0',
  title: 'Open',
  inputs: z.object({}),
  execute: async () => done({}),
})

test('outputs are checked against the schema; what it does not declare is left out', () => {
  expect(resultOf(typed, done({ n: 1, more: 2 }), masker)).toEqual({ kind: 'done', outputs: { n: 1 } })
})
test('an output that breaks the schema is a failure of its own cause, with the raw value kept', () => {
  expect(resultOf(typed, done({ n: 'x' }), masker)).toMatchObject({
    kind: 'fail',
    cause: 'output_invalid',
    outputs: { n: 'x' },
    message: expect.stringContaining('n: '),
  })
  expect(resultOf(open, done([1]), masker)).toMatchObject({ cause: 'output_invalid', outputs: { raw: [1] } })
  expect(resultOf(open, done({ at: new Date() }), masker)).toMatchObject({ cause: 'output_invalid' })
  expect(resultOf(open, done({ n: 1n }), masker)).toMatchObject({ cause: 'output_invalid' })
  expect(resultOf(open, done({ text: 'x'.repeat(MAX_OUTPUT_BYTES) }), masker)).toMatchObject({
    code: 'OUTPUT_TOO_LARGE',
  })
})
test('secrets are masked in outputs, messages and state', () => {
  expect(resultOf(open, done({ url: 'https://x/?p=hunter22' }), masker)).toEqual({
    kind: 'done',
    outputs: { url: `https://x/?p=${MASK}` },
  })
  expect(resultOf(open, fail({ message: 'hunter22 was wrong', outputs: { a: 'hunter22' } }), masker)).toMatchObject({
    message: `${MASK} was wrong`,
    outputs: { a: MASK },
  })
  expect(resultOf(open, pollAfter(1.5, { t: 'hunter22' }), masker)).toEqual({
    kind: 'poll',
    afterMs: 1500,
    state: { t: MASK },
  })
  expect(thrown(new Error('hunter22'), masker)).toMatchObject({ cause: 'error', code: 'ERROR', message: MASK })
})
test('a state that is too large or no JSON fails the node', () => {
  expect(resultOf(open, awaitCallback('x'.repeat(MAX_STATE_BYTES)), masker)).toMatchObject({
    kind: 'fail',
    code: 'STATE_UNFIT',
  })
  expect(resultOf(open, awaitCallback((() => 1) as never), masker)).toMatchObject({ kind: 'fail', code: 'STATE_UNFIT' })
})
test('a plugin that returns nothing has failed', () => {
  expect(resultOf(open, undefined as never, masker)).toMatchObject({ kind: 'fail', code: 'PLUGIN_BROKEN' })
})
test('an error keeps its code, and a lost execution its cause', () => {
  expect(thrown(Object.assign(new Error('no'), { code: 'HOST_UNKNOWN' }), masker)).toMatchObject({
    code: 'HOST_UNKNOWN',
  })
  const beneath = new Error('connect ECONNREFUSED 127.0.0.1:1')
  expect(thrown(new TypeError('fetch failed', { cause: beneath }), masker)).toMatchObject({
    message: 'fetch failed: connect ECONNREFUSED 127.0.0.1:1',
  })
  expect(resultOf(open, fail({ message: 'gone', cause: 'lost' }), masker)).toMatchObject({
    cause: 'lost',
    code: 'ERROR',
  })
})
test.each([
  [NaN, false],
  [null, true],
  [{ a: [1, 'x', { b: false }] }, true],
  [{ a: undefined }, true],
  [[undefined], false],
  [new Map(), false],
  [Symbol('x'), false],
])('%o is JSON: %s', (value, is) => {
  expect(isJson(value)).toBe(is)
})
test('endless nesting is not JSON', () => {
  const loop: { a?: unknown } = {}
  loop.a = loop
  expect(isJson(loop)).toBe(false)
})
