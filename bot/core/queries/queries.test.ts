import { readFileSync } from 'node:fs'
import { buildSchema, parse, validate, visit } from 'graphql'
import { expect, test } from 'vitest'
import * as queries from './index.ts'

const schema = buildSchema(readFileSync(new URL('../../../api/schema.graphql', import.meta.url), 'utf8'))
const documents = Object.entries(queries).map(([name, document]) => ({ name, document: parse(String(document)) }))

test.each(documents)('$name asks for nothing by the name of then: its answer would be taken for a promise', (one) => {
  const names: string[] = []
  visit(one.document, { Field: ({ alias, name }) => void names.push((alias ?? name).value) })
  expect(names).not.toContain('then')
})
const operations = documents.filter(({ document }) =>
  document.definitions.some(({ kind }) => kind === 'OperationDefinition'),
)
test.each(operations)('$name is one that the server answers', ({ document }) => {
  expect(validate(schema, document).map(({ message }) => message)).toEqual([])
})
test('each operation has a name of its own', () => {
  const names = documents.flatMap(({ document }) =>
    document.definitions.flatMap((one) => (one.kind === 'OperationDefinition' ? [one.name?.value] : [])),
  )
  expect(new Set(names).size).toBe(names.length)
})
