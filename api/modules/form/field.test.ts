import { expect, test } from 'vitest'
import { labelsOf, optionsOf } from './field.ts'

const hosts = [
  { name: 'web-1', labels: ['web'] },
  { name: 'web-2', labels: ['web'] },
  { name: 'build-1', labels: ['build'] },
]
const context = { directory: { allHosts: () => hosts } } as never
const values = (options: readonly { value: unknown }[] | null) => options?.map(({ value }) => value)

test('the options of a hosts field are hosts; labels stand for several and are told apart', () => {
  expect(values(optionsOf({ type: 'hosts', options: null }, context))).toEqual(['web-1', 'web-2', 'build-1'])
  expect(values(labelsOf(context))).toEqual(['@build', '@web'])
})
test('a label that is chosen is among the options, or it would look as if it had vanished', () =>
  expect(values(optionsOf({ type: 'hosts', options: null, value: ['@web'] }, context))).toEqual([
    '@web',
    'web-1',
    'web-2',
    'build-1',
  ]))
test('declared options stand as they are', () =>
  expect(values(optionsOf({ type: 'select', options: [{ value: 1, title: 'One' }] }, context))).toEqual([1]))
