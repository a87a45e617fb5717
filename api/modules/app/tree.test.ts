import { expect, test } from 'vitest'
import { branchesOf, matches } from './tree.ts'

const app = (name: string, category?: string, more: object = {}) =>
  ({ name, title: name.toUpperCase(), spec: { flow: 'f', ...(category && { category }), ...more } }) as never

test('the tree as a list: each branch before those below it, counted with them; without a category last', () => {
  const apps = [app('a', 'web/release'), app('b', 'web'), app('c'), app('d', 'ops/db/backup'), app('e', 'web/release')]
  expect(
    branchesOf(apps as unknown as Parameters<typeof branchesOf>[0]).map(
      ({ path, title, depth, count, apps: here }) => `${'-'.repeat(depth)}${title}|${path}|${count}|${here.length}`,
    ),
  ).toEqual([
    'ops|ops|1|0',
    '-db|ops/db|1|0',
    '--backup|ops/db/backup|1|1',
    'web|web|3|1',
    '-release|web/release|2|2',
    '||1|1',
  ])
})
test('a branch stays with what is below it, whatever letters follow', () => {
  const paths = branchesOf([app('a', 'web tools'), app('b', 'web/x'), app('c', 'web')] as never).map(({ path }) => path)
  expect(paths).toEqual(['web', 'web/x', 'web tools'])
})
test.each([
  ['', true],
  ['rel web', true],
  ['发布', true],
  ['发布 web', true],
  ['SHIP', true],
  ['deploys', true],
  ['web nothing', false],
])('found by every word, in name, title, help, category and alias: %j', (search, found) => {
  const release = app('release', 'web/release', { aliases: ['ship', '发布'], help: 'Deploys a version' })
  expect(matches(release, search)).toBe(found)
})
