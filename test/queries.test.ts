import { readFileSync, readdirSync } from 'node:fs'
import { NoUnusedFragmentsRule, buildSchema, parse, specifiedRules, validate } from 'graphql'
import { expect, test } from 'vitest'

/** What the terminal and the phone's page ask, which is typed when it is written and held against the schema as text here. */
const FOLDERS = ['cli/queries', 'web-mobile/src/api'] as const
const root = new URL('../', import.meta.url)
const schema = buildSchema(readFileSync(new URL('api/schema.graphql', root), 'utf8'))
const rules = specifiedRules.filter((rule) => rule !== NoUnusedFragmentsRule) // a fragment by itself is some query's

const isQuery = (value: unknown): value is string =>
  typeof value === 'string' && /^\s*(query|mutation|subscription|fragment|\{)/.test(value)
async function queriesIn(folder: string): Promise<{ name: string; text: string }[]> {
  const files = readdirSync(new URL(folder, root)).filter((name) => /(?<!\.test|\.svelte)\.ts$/.test(name))
  const modules = await Promise.all(
    files.map((name) => import(new URL(`${folder}/${name}`, root).href) as Promise<Readonly<Record<string, unknown>>>),
  )
  return modules.flatMap((module, at) =>
    Object.entries(module).flatMap(([name, text]) =>
      isQuery(text) ? [{ name: `${folder}/${files[at]}: ${name}`, text }] : [],
    ),
  )
}
const queries = (await Promise.all(FOLDERS.map(queriesIn))).flat()

test.each(queries)('$name is one that the server answers', ({ text }) => {
  expect(validate(schema, parse(text), rules).map(({ message }) => message)).toEqual([])
})
test('they are all here', () => {
  expect(queries.length).toBeGreaterThan(150)
})
