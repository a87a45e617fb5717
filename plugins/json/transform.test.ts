import { expect, test } from 'vitest'
import { pluginInfo } from '../../engine/plugin/catalogue.ts'
import { checkPlugin, testPlugin } from '../../engine/plugin/testing.ts'
import { jsonTransform } from './transform.ts'

const plugin = jsonTransform()
const input = { items: [{ name: 'a', ok: true }, { name: 'b', ok: false }], count: 2 } // prettier-ignore
const value = async (expression: string, given: unknown = input) => {
  const ending = await testPlugin(plugin).execute({ input: given, expression })
  return ending.kind === 'done' ? ending.outputs['value'] : ending
}

test.each<[string, unknown]>([
  ['input.items.filter(i, i.ok).map(i, i.name)', ['a']],
  ['${input.count + 1}', 3],
  ['size(input.items) > 1 ? "many" : "few"', 'many'],
  ['{"names": input.items.map(i, i.name), "n": input.count}', { names: ['a', 'b'], n: 2 }],
])('%s', async (expression, expected) => {
  expect(await value(expression)).toEqual(expected)
})
test('what is not there, and what never ends, fails in words', async () => {
  expect(await value('input.none')).toMatchObject({
    kind: 'fail',
    code: 'EXPRESSION_FAILED',
    message: expect.stringContaining('none'),
  })
  const many = Array.from({ length: 2_000 }, (_, n) => n)
  expect(await value('input.map(a, input.map(b, input.map(c, a + b + c)))', many)).toMatchObject({
    kind: 'fail',
    code: 'EXPRESSION_FAILED',
  })
})
test('the expression is the author’s: nothing a starter types gets into it', () => {
  expect(pluginInfo(plugin).literal).toEqual(['expression'])
})
test('it holds up to crashes and rehearsals', async () => {
  expect(await checkPlugin(plugin, { inputs: [{ input, expression: 'input' }] })).toEqual([])
})
