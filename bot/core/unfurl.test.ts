import { expect, test } from 'vitest'
import { actingOf, fakeClient } from './test/fake-client.ts'
import { taskSample } from './test/samples.ts'
import { textsFor } from './texts.ts'
import { taskIn, unfurl } from './unfurl.ts'

const server = (task: object | null) =>
  fakeClient({
    BotLinkedTask: () => ({ viewer: { server: { url: 'https://baton.example' } }, task }),
    BotTaskCard: () => ({ task: taskSample() }),
  })
const linked = { id: 't1', number: 1042, title: 'Release v2.14.0', mayStandIn: false }
const shown = (client: ReturnType<typeof server>, url = 'https://baton.example/tasks/1042') =>
  unfurl(actingOf(client), url, 'slack:C1', textsFor('en'), 0)

test('where the app names the room: its state, as a room may see it, with nothing to press', async () => {
  const client = server({ ...linked, mayStandIn: true })
  const card = await shown(client)
  expect(card?.kind).toBe('task')
  expect(card?.timeline).not.toEqual([])
  expect(card?.actions).toEqual([])
  expect(client.calls.find(({ operation }) => operation === 'BotTaskCard')?.account).toBeNull() // as nobody, like all a room sees
})
test('elsewhere the title and no more', async () => {
  const client = server(linked)
  expect(await shown(client)).toMatchObject({ title: 'Release v2.14.0 #1042', lines: [], facts: [], timeline: [] })
  expect(client.calls.map(({ operation, account }) => [operation, account])).toEqual([['BotLinkedTask', 'slack:T1:U1']])
})
test('what whoever put it there may not see shows nothing', async () => expect(await shown(server(null))).toBeNull())
test('a link to another server shows nothing', async () =>
  expect(await shown(server(linked), 'https://evil.example/tasks/1042')).toBeNull())
test.each([
  ['https://baton.example/tasks/7', '7'],
  ['https://baton.example/tasks/7/steps/deploy', '7'],
  ['https://baton.example/tasks/7x', null],
  ['https://baton.example/asks/7', null],
  ['https://baton.example.evil/tasks/7', null],
  ['not a link', null],
])('%s leads to task %s', (url, task) => expect(taskIn(url, 'https://baton.example')).toBe(task))
