import { expect, test } from 'vitest'
import { decodeDocument } from './document/kinds.ts'
import { isBuiltIn, RIGHTS, ROLES, withImplied } from './rights-roles.ts'

const errorsOf = (name: string, spec: object): readonly string[] =>
  decodeDocument({ apiVersion: 'baton/v1', kind: 'RightsRole', metadata: { name }, spec }).errors.map(
    ({ message, fix }) => `${message}${fix === null ? '' : ` (${fix})`}`,
  )

test('the owner has every right there is, and each role names only such', () => {
  expect(ROLES['owner']).toEqual(RIGHTS)
  for (const rights of Object.values(ROLES)) for (const right of rights) expect(RIGHTS).toContain(right)
})
test('what a word means for objects is no role', () => expect(isBuiltIn('constructor')).toBe(false))
test('who may publish may write, and words that are no rights are left out', () => {
  expect(withImplied(['author', 'decide', 'view'])).toEqual(['view', 'edit-flow', 'author', 'use-secret'])
})
test('a role of a company is a set of verbs, with titles in both languages', () => {
  expect(errorsOf('releaser', { titles: { en: 'Release desk', zh: '发布台' }, rights: ['launch', 'operate'] })).toEqual(
    [],
  )
})
test('a right nobody knows is refused with the nearest one', () => {
  expect(errorsOf('releaser', { rights: ['lunch'] })[0]).toMatch(/launch/)
})
test.each(Object.keys(ROLES))('%s is taken: it is always there', (name) => {
  expect(errorsOf(name, { rights: ['view'] })[0]).toMatch(/is always there/)
})
test('titles are said in languages that are there', () => {
  expect(errorsOf('releaser', { titles: { fr: 'x' }, rights: [] })).not.toEqual([])
})
