import { parse, visit } from 'graphql'
import { expect, test } from 'vitest'
import * as queries from './index.ts'

const documents = Object.entries(queries).map(([name, document]) => ({ name, document: parse(String(document)) }))

test.each(documents)('$name asks for nothing by the name of then: its answer would be taken for a promise', (one) => {
  const names: string[] = []
  visit(one.document, { Field: ({ alias, name }) => void names.push((alias ?? name).value) })
  expect(names).not.toContain('then')
})
test('each operation has a name of its own', () => {
  const names = documents.flatMap(({ document }) =>
    document.definitions.flatMap((one) => (one.kind === 'OperationDefinition' ? [one.name?.value] : [])),
  )
  expect(new Set(names).size).toBe(names.length)
})
