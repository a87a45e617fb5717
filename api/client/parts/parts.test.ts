import { readFileSync, readdirSync } from 'node:fs'
import { buildSchema, parse, specifiedRules, validate, NoUnusedFragmentsRule } from 'graphql'
import { expect, test } from 'vitest'

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'))
const here = new URL('.', import.meta.url)
const files = readdirSync(here).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
const modules = await Promise.all(files.map((name) => import(new URL(name, here).href) as Promise<object>))
const parts = modules.flatMap((module) => Object.entries(module)).map(([name, text]) => ({ name, text: String(text) }))
const rules = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule) // it is a surface that uses them

test.each(parts)('$name asks for what the schema has', ({ text }) => {
  expect(validate(schema, parse(text), rules).map(({ message }) => message)).toEqual([])
})
test('each part has a name of its own, since two of them may stand in one query', () => {
  const names = parts.map(({ text }) => /fragment (\w+) on/.exec(text)?.[1])
  expect(new Set(names).size).toBe(parts.length)
})
