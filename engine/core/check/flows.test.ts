import { describe, expect, test } from 'vitest'
import { decodeDocument, type FlowDocument } from '../document/kinds.ts'
import type { Value } from '../value.ts'
import { check, type CheckContext } from './index.ts'
import { callsOf, pinCalls } from './flows.ts'

const source = (name: string, spec: object): Value => ({
  apiVersion: 'baton/v1',
  kind: 'Flow',
  metadata: { name, project: 'default', title: name },
  spec: spec as Value,
})
function flow(name: string, spec: object): FlowDocument {
  const { document, errors } = decodeDocument(source(name, spec))
  if (document?.kind !== 'Flow') throw new Error(JSON.stringify(errors))
  return document
}
const call = (to: string, more: object = {}, step: object = {}) => ({
  call: { use: 'flow', with: { flow: to, ...more }, ...step },
})
/** Versions of flows as they were published: pinned ones are numbers. */
function findings(name: string, spec: object, published: { readonly [ref: string]: object }): string[] {
  const context: CheckContext = {
    plugins: { find: () => undefined, codes: () => [] },
    directory: { people: () => [], title: (ref) => ref, constants: () => ({}), hosts: () => [] },
    flow: (_, wanted) => (wanted === 'nowhere' ? null : flow(wanted, GREET)),
    published(_, wanted, version) {
      const known = Object.keys(published).filter((ref) => ref.startsWith(`${wanted}@`))
      const ref = version === 'current' ? known.at(-1) : `${wanted}@${version}`
      const found = ref === undefined ? undefined : published[ref]
      return found === undefined ? null : flow(wanted, found)
    },
  }
  return check(flow(name, spec), context)
    .filter(({ code }) => code !== 'no_advice')
    .map(({ severity, code, path }) => `${severity} ${code} ${path}`)
}
const GREET = {
  variables: {
    who: { type: 'text', title: 'Who', required: true },
    tone: { type: 'text', title: 'Tone', default: 'kind' },
  },
  nodes: { a: { use: 'wait', with: { for: '1s' } } },
  outputs: { said: 'x' },
}
const given = { variables: { who: 'Li' } }

describe('a step that starts a flow', () => {
  test.each([
    { what: 'all is well', nodes: call('greet', given), says: [] },
    { what: 'no such flow', nodes: call('nowhere'), says: ['error unknown_flow spec.nodes.call.with.flow'] },
    { what: 'only a draft', nodes: call('draft'), says: ['warning not_published spec.nodes.call.with.flow'] },
    {
      what: 'only a draft, and the latest of it',
      nodes: call('draft', { version: 'latest' }),
      says: ['warning not_there_yet spec.nodes.call.with.flow'],
    },
    {
      what: 'no such version',
      nodes: call('greet', { version: 7, ...given }),
      says: ['error unknown_version spec.nodes.call.with.version'],
    },
    { what: 'a variable too few', nodes: call('greet'), says: ['error input_missing spec.nodes.call.with.variables'] },
    {
      what: 'one too many, in a version that may change',
      nodes: call('greet', { version: 'latest', variables: { who: 'x', whom: 'y' } }),
      says: ['warning unknown_input spec.nodes.call.with.variables.whom'],
    },
    {
      what: 'an output that it has not',
      nodes: call('greet', given, { save: { text: 'sed' } }),
      says: ['error unknown_output spec.nodes.call.save.text'],
    },
    {
      what: 'a name that shows only when it runs, pinned',
      nodes: call('${text}', { version: 'pinned', ...given }),
      says: ['error not_fixed spec.nodes.call.with.version'],
    },
    { what: 'a name that shows only when it runs', nodes: call('${text}', given), says: [] },
  ])('$what', ({ nodes, says }) => {
    const variables = { text: { type: 'text', title: 'Text', default: 'greet' } }
    expect(findings('outer', { variables, nodes }, { 'greet@1': GREET })).toEqual(says)
  })
})

test('flows that start each other for ever, all of fixed versions, are refused with the way round', () => {
  const circle = {
    'a@1': { nodes: call('b', { version: 1 }) },
    'b@1': { nodes: call('c', { version: 1 }) },
    'c@1': GREET,
  }
  expect(findings('c', { nodes: call('a') }, circle)).toEqual(['error flow_cycle spec.nodes.call.with.flow'])
  expect(findings('c', { nodes: call('a', { version: 'latest' }) }, circle)).toEqual([])
  expect(findings('d', { nodes: call('a') }, circle)).toEqual([])
})
test('a flow that starts itself is refused, whatever version of itself it means', () => {
  const before = { 'me@1': { nodes: { a: { use: 'wait', with: { for: '1s' } } } } }
  expect(findings('me', { nodes: call('me') }, before)).toEqual(['error flow_cycle spec.nodes.call.with.flow'])
})

test('flows that many ways lead to are looked into once, and a chain is refused where it gets too deep', () => {
  const two = (next: string) => ({ nodes: { ...call(next, { version: 1 }), again: call(next, { version: 1 }).call } })
  const doubling = (length: number) => ({
    ...Object.fromEntries(Array.from({ length }, (_, i) => [`f${i}@1`, two(`f${i + 1}`)])),
    [`f${length}@1`]: { nodes: { w: { use: 'wait', with: { for: '1s' } } } },
  })
  expect(findings('top', { nodes: call('f0') }, doubling(17))).toEqual([])
  expect(findings('top', { nodes: call('f0') }, doubling(40))).toEqual(['error flow_cycle spec.nodes.call.with.flow'])
})

test('publishing fixes what is pinned, written or meant, and leaves the rest as it stands', () => {
  const spec = {
    nodes: {
      one: { use: 'flow', with: { flow: 'greet' } },
      two: { use: 'flow', with: { flow: 'greet', version: 'pinned' }, title: 'Two' },
      three: { use: 'flow', with: { flow: 'greet', version: 'latest' } },
      four: { use: 'flow', with: { flow: 'greet', version: 2 } },
      five: { use: 'wait', with: { for: '1s' } },
    },
  }
  const pinned = pinCalls(source('outer', spec), flow('outer', spec), () => 5)
  const { document } = decodeDocument(pinned)
  expect(callsOf(document as FlowDocument).map(({ node, version }) => [node, version])).toEqual([
    ['one', 5],
    ['two', 5],
    ['three', 'latest'],
    ['four', 2],
  ])
  expect((document as FlowDocument).spec.nodes.map(({ id }) => id)).toEqual(['one', 'two', 'three', 'four', 'five'])
})
