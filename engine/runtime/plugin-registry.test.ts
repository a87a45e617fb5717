import { expect, test } from 'vitest'
import { definePlugin, done, z } from '../plugin/index.ts'
import { createRegistry } from './plugin-registry.ts'

const release = (code: string, version: string) =>
  definePlugin({ code, version, title: `${code} ${version}`, inputs: z.object({}), execute: async () => done({}) })
const registry = createRegistry(
  ['1.2.0', '1.10.0', '2.0.0', '1.9.9'].map((version) => release('web', version)).concat(release('db', '1.0.0')),
)

test.each([
  ['web@1', '1.10.0'],
  ['web@2', '2.0.0'],
  ['web', '2.0.0'],
  ['web@1.9.9', '1.9.9'],
  ['db', '1.0.0'],
])('%s is %s', (use, version) => {
  expect(registry.find(use)?.version).toBe(version)
})
test('releases stay side by side, for attempts that began with them', () => {
  expect(registry.exact('web@1.2.0')?.plugin.version).toBe('1.2.0')
  expect(registry.exact('web@1')).toBeUndefined()
  expect(registry.find('web@3')).toBeUndefined()
  expect(registry.codes()).toEqual(['db', 'web'])
})
