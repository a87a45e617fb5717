import { expect, test } from 'vitest'
import { lint } from './index.ts'
import { createRegistry } from '../runtime/plugin-registry.ts'

const directory = { people: () => [], title: (ref: string) => ref, constants: () => ({}), hosts: () => [] }
/** What the check says against the step of a flow. */
const found = (use: string, inputs: object): string[] => {
  const spec = { variables: { version: { type: 'text' } }, nodes: { ask: { use, with: inputs } } }
  const flow = { apiVersion: 'baton/v1', kind: 'Flow', metadata: { name: 'f' }, spec }
  const { findings } = lint(JSON.stringify(flow), { plugins: createRegistry([]), directory })
  return findings.filter(({ severity }) => severity === 'error').map(({ message }) => message)
}
const approval = (need: unknown) => found('approval', { approvers: ['role:qa', 'role:ops'], need })

test.each([1, 'all', '50%', { 'role:qa': 1, 'role:ops': 'all' }, { 'role:qa': '50%' }])('need may be %j', (need) =>
  expect(approval(need)).toEqual([]),
)
test.each(['most', '0%', 0, { 'role:qa': 'most' }, { 'role:qa': 0 }])('need is not %j', (need) =>
  expect(approval(need)).not.toEqual([]),
)
test('what a form is filled in with may come from what is known by then; a plain default is held against its field', () => {
  const form = (value: string) =>
    found('form', { by: ['starter'], fields: { size: { type: 'integer', title: 'Size', default: value } } })
  expect(form('${version}')).toEqual([])
  expect(form('large')).not.toEqual([])
})
