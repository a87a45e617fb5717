/** Going past an approval, or choosing who else approves, is told to those it was put to. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, startTestServer, type TestServer } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.as('Quinn', 'mutation { setPreferences(language: "zh") { id } }')
})
afterAll(() => server.end())

interface Owed {
  readonly id: string
  readonly why: string
  readonly text: string | null
  readonly card: { readonly place: string; readonly taskId: string }
}
/** What was announced of a task, once all of it is told. */
const announced = (taskId: string): Promise<{ place: string; text: string | null }[]> =>
  eventually(async () => {
    const { data } = await server.as<{ nextDeliveries: Owed[] }>(
      'service',
      'mutation { nextDeliveries(platform: SLACK, max: 50) { id why text card { place taskId } } }',
    )
    for (const { id } of data.nextDeliveries)
      await server.as('service', 'mutation($id: ID!) { ackDelivery(id: $id, messageId: "m") }', { id })
    const told = data.nextDeliveries.filter(({ why, card }) => why === 'announce' && card.taskId === taskId)
    return told.length > 0 ? told.map(({ card, text }) => ({ place: card.place, text })) : null
  })
const askOf = async (id: string): Promise<string> => {
  const { data } = await server.as<{ task: { asks: { id: string }[] } }>(
    'Ada',
    'query($id: ID!) { task(id: $id) { asks { id } } }',
    { id },
  )
  return data.task.asks[0]!.id
}

test('who is made an approver beside those there are is told to those, in their language', async () => {
  const { id } = await server.launch()
  await server.until(id, 'waiting')
  const { errors } = await server.as(
    'Ada',
    'mutation($id: ID!, $to: [String!]!) { assignAsk(id: $id, to: $to, reason: "Quinn is away") { id } }',
    { id: await askOf(id), to: ['Stu'] },
  )
  expect(errors).toBeUndefined()
  expect(await announced(id)).toEqual([
    {
      place: expect.stringContaining('UQUINN'),
      text: expect.stringMatching(/^Ada 另请 Stu 答复「.+」：Quinn is away$/),
    },
  ])
})
test('an approval that somebody went past is told to those it asks', async () => {
  const { id } = await server.launch()
  await server.until(id, 'waiting')
  const { errors } = await server.as(
    'Ada',
    'mutation($id: ID!) { failNode(input: { taskId: $id, nodeId: "gate", attempt: 1, note: "hotfix" }) { id } }',
    { id },
  )
  expect(errors).toBeUndefined()
  expect(await announced(id)).toEqual([
    { place: expect.stringContaining('UQUINN'), text: expect.stringMatching(/^Ada 越过了审批「.+」：hotfix$/) },
  ])
})
