import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

/** What lasts is judged by what its reader may do at each moment, down to the last field of it. */
let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.end())

/** What a stream has told so far; it is read until the server ends. */
async function streamOf<T>(who: Name, query: string): Promise<T[]> {
  const response = await server.post(
    '/graphql',
    { query },
    { authorization: `Bearer ${server.tokens[who]}`, accept: 'text/event-stream' },
  )
  const told: T[] = []
  const reading = async () => {
    let rest = ''
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines)
        if (line.startsWith('data: {')) told.push((JSON.parse(line.slice(6)) as { data: T }).data)
    }
  }
  void reading().catch(() => undefined) // ends with the server
  return told
}
const document = (text: string) =>
  server.as('Ada', 'mutation($d: String!) { apply(documents: $d, force: true) { documents { name } } }', { d: text })

test('what a stream offers is what its reader may do now, not what they could when it began', async () => {
  const { id } = await server.launch()
  await server.until(id, 'waiting')
  type Told = { taskChanged: { note: string | null; availableActions: { action: string; allowed: boolean }[] } }
  const told = await streamOf<Told>(
    'Omar',
    `subscription { taskChanged(id: "${id}") { note availableActions { action allowed } } }`,
  )
  await eventually(() => told.length > 0)
  const may = ({ taskChanged }: Told) => taskChanged.availableActions.filter(({ allowed }) => allowed).length > 0
  expect(may(told[0]!)).toBe(true)
  await server.as('Ada', `mutation { setRole(person: "${server.ids.Omar}", role: "viewer") { id } }`)
  await server.as('Mai', `mutation { setNote(id: "${id}", note: "later") { id } }`)
  await eventually(() => told.at(-1)?.taskChanged.note === 'later')
  expect(may(told.at(-1)!)).toBe(false)
})

test('an inbox tells no more of an ask to somebody who has left the role that was asked, and may not see its task', async () => {
  await document(`
apiVersion: baton/v1
kind: App
metadata: {name: quiet, title: Quiet}
spec: {flow: ship, launch: ["role:makers"], see: ["role:ops"], operators: ["role:ops"]}
---
apiVersion: baton/v1
kind: Role
metadata: {name: qa, title: QA}
spec: {members: [Quinn, Stu]}
`)
  type Told = { inboxChanged: { id: string; comments: { text: string }[] } }
  const told = await streamOf<Told>('Stu', 'subscription { inboxChanged { id comments { text } } }')
  const quinns = await streamOf<Told>('Quinn', 'subscription { inboxChanged { id comments { text } } }')
  const { id } = await server.launch({}, { app: 'quiet' })
  await server.until(id, 'waiting')
  await eventually(() => told.length > 0)
  const [ask] = [...(await server.engine.task(id))!.state.asks.values()]
  await document('apiVersion: baton/v1\nkind: Role\nmetadata: {name: qa, title: QA}\nspec: {members: [Quinn]}')
  await eventually(async () => {
    const [now] = [...(await server.engine.task(id))!.state.asks.values()]
    return now!.need.places[0]!.people.length === 1
  })
  await server.as('Quinn', `mutation { commentAsk(id: "${ask!.id}", comment: "between us") { id } }`)
  const heard = (all: Told[]) => all.some(({ inboxChanged }) => inboxChanged.comments.length > 0)
  await eventually(() => heard(quinns))
  expect(heard(told)).toBe(false)
})
