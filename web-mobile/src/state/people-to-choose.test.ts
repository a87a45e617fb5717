import { expect, test } from 'vitest'
import type { App } from './app.svelte.ts'
import { PeopleToChoose } from './people-to-choose.svelte.ts'

type Node = { id: string; name: string; email: string | null; kind: string; active: boolean }
const person = (id: string, name: string, more: Partial<Node> = {}): Node => ({
  id,
  name,
  email: null,
  kind: 'person',
  active: true,
  ...more,
})
/** A server whose answers come when the test says so. */
function server() {
  const calls: { search: string | null; answer: (nodes: readonly Node[] | Error) => void }[] = []
  const query = (_: unknown, { search }: { search: string | null }) =>
    new Promise((resolve, reject) =>
      calls.push({
        search,
        answer: (nodes) => (nodes instanceof Error ? reject(nodes) : resolve({ people: { nodes } })),
      }),
    )
  return { calls, people: new PeopleToChoose({ client: { query } } as unknown as App) }
}
const titles = (people: PeopleToChoose, chosen: readonly unknown[] = []) =>
  people.options(chosen).map(({ title }) => title)

test('people are the first of a page, then whom the server finds', async () => {
  const { people, calls } = server()
  const first = people.search()
  calls[0]!.answer([person('1', 'Ana'), person('2', 'Li')])
  await first
  expect([calls[0]!.search, titles(people)]).toEqual([null, ['Ana', 'Li']])
  const found = people.search(' tom ')
  calls[1]!.answer([person('900', 'Tom Tester', { email: 'tom@example.org' })])
  await found
  expect([calls[1]!.search, people.options([])]).toEqual([
    'tom',
    [{ value: '900', title: 'Tom Tester', note: 'tom@example.org' }],
  ])
})
test('tools and people who are suspended are not offered', async () => {
  const { people, calls } = server()
  const first = people.search()
  calls[0]!.answer([
    person('1', 'Ana'),
    person('2', 'Deploy bot', { kind: 'service' }),
    person('3', 'Gone', { active: false }),
  ])
  await first
  expect(titles(people)).toEqual(['Ana'])
})
test('an answer that comes after a later question is dropped, and one that fails leaves what is there', async () => {
  const { people, calls } = server()
  const slow = people.search('a')
  const quick = people.search('an')
  calls[1]!.answer([person('1', 'Ana')])
  calls[0]!.answer([person('2', 'Ali')])
  await Promise.all([slow, quick])
  expect(titles(people)).toEqual(['Ana'])
  const failed = people.search('x')
  calls[2]!.answer(new Error('no network'))
  await failed
  expect(titles(people)).toEqual(['Ana'])
})
test('whom one has chosen stays, with the name, whatever is searched for since', async () => {
  const { people, calls } = server()
  const first = people.search()
  calls[0]!.answer([person('1', 'Ana'), person('2', 'Li')])
  await first
  const found = people.search('tom')
  calls[1]!.answer([person('900', 'Tom')])
  await found
  expect([titles(people, ['2', '900']), people.nameOf('2'), people.nameOf('7')]).toEqual([['Li', 'Tom'], 'Li', null])
})
