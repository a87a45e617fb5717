import { expect, test } from 'vitest'
import { decodeDocument, compileFlow, parseDocuments, createRegistry, type TaskState } from '../../../engine/index.ts'
import { resultsOf } from './results.ts'
import { shownValue } from './shown.ts'

const FLOW = `
apiVersion: baton/v1
kind: Flow
metadata: {name: f}
spec:
  variables:
    where: {type: select, title: Environment, options: [{value: prod, title: Production}]}
    build: {type: text, title: Build}
  nodes:
    rate: {use: form, with: {by: [starter], fields: {rating: {type: radio, title: Quality, options: []}}}}
  outputs:
    env: "\${where}"
    grade: "\${rate.outputs.?rating.orValue('')}"
    build: "\${'b-' + build}"
    sum: "\${1 + 1}"
    none: "\${build}"
`
function stateWith(outputs: object): Pick<TaskState, 'outputs' | 'asks'> {
  const options = [{ value: 'acceptable', title: 'Acceptable' }]
  const ask = { nodeId: 'rate', fields: [{ key: 'rating', type: 'radio', title: 'Quality', options }] }
  return { outputs, asks: new Map([['a', ask]]) } as never // as much of a state as is read
}
const flow = () => {
  const { document } = decodeDocument(parseDocuments(FLOW).documents[0]!.value)
  if (document?.kind !== 'Flow') throw new Error('expected a flow')
  return compileFlow(document, createRegistry([]), 1, '')
}

test('results stand under the titles of the variables and answers that they are, options by theirs; what is empty is left out', () => {
  const outputs = { env: 'prod', grade: 'acceptable', build: 'b-7', sum: 2, none: '' }
  const results = resultsOf({ flow: flow(), state: stateWith(outputs) as TaskState })
  const reader = { language: 'en', timeZone: null } as const
  expect(
    results.map(({ title, value, variable }) => `${title}: ${shownValue(variable as never, value, reader)}`),
  ).toEqual(['Environment: Production', 'Quality: Acceptable', 'Build: b-7', 'sum: 2'])
})
