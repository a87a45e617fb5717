/** Flows that start flows, and tasks that wait for their turn, as the API shows them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestServer, type TestServer } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: DOCUMENTS })
})
afterAll(() => server.end())

const DOCUMENTS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: outer, title: Outer}
spec:
  concurrency: {key: outer, whenBusy: queue}
  nodes: {call: {use: flow, title: Call, with: {flow: inner}}}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: inner, title: Inner}
spec: {nodes: {hang: {use: test.hang@1, title: Hang}}}
`
const publish = (name: string) =>
  server.as<{ publishFlow: { version: number } }>('Ada', `mutation { publishFlow(name: "${name}") { version } }`)
const launch = async (): Promise<{ id: string; number: number }> =>
  (
    await server.as<{ launch: { id: string; number: number } }>(
      'Ada',
      'mutation { launch(input: {flow: "outer"}) { id number } }',
    )
  ).data.launch
interface Seen {
  readonly phase: string
  readonly queuePosition: number | null
  readonly heldBy: readonly { number: number }[]
  readonly waitingFor: readonly string[]
  readonly parentNode: string | null
  readonly parent: { number: number } | null
  readonly children: readonly { id: string; number: number; title: string; flow: { name: string; version: number } }[]
}
const look = async (id: string): Promise<Seen> =>
  (
    await server.as<{ task: Seen }>(
      'Ada',
      `{ task(id: "${id}") { phase queuePosition waitingFor parentNode parent { number } heldBy { number } children { id number title flow { name version } } } }`,
    )
  ).data.task

test('a parent is published after its child, whose version it keeps', async () => {
  const early = await publish('outer')
  expect(early.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' })
  expect(early.errors?.[0]?.message).toContain('has not been published')
  expect((await publish('inner')).data.publishFlow.version).toBe(1)
  expect((await publish('outer')).data.publishFlow.version).toBe(1)
  expect((await publish('outer')).data.publishFlow.version).toBe(1)
  const drafts = await server.as<{ flow: { hasDraft: boolean } }>('Ada', '{ flow(name: "outer") { hasDraft } }')
  expect(drafts.data.flow.hasDraft).toBe(false)
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d, force: true) { documents { name } } }', {
    d: DOCUMENTS.replace('title: Hang}', 'title: Hang on}'),
  })
  expect((await publish('inner')).data.publishFlow.version).toBe(2)
  const { id } = await launch()
  await server.until(id, 'running')
  expect((await look(id)).children).toMatchObject([{ title: 'Inner', flow: { name: 'inner', version: 1 } }])
  await server.as('Ada', `mutation { revokeTask(id: "${id}", mode: CANCEL) { id } }`)
  await server.until(id, 'revoked')
  expect((await publish('outer')).data.publishFlow.version).toBe(2)
})

test('children name their parent, and who waits sees where and for whom', async () => {
  const first = await launch()
  await server.until(first.id, 'running')
  const second = await launch()
  expect(await look(second.id)).toMatchObject({ phase: 'QUEUED', queuePosition: 1, heldBy: [{ number: first.number }] })
  const preview = await server.as<{ preview: { queuePosition: number } }>(
    'Ada',
    '{ preview(input: {flow: "outer"}) { queuePosition } }',
  )
  expect(preview.data.preview.queuePosition).toBe(2)
  const { children, queuePosition } = await look(first.id)
  expect(queuePosition).toBeNull()
  expect(await look(children[0]!.id)).toMatchObject({ parentNode: 'call', parent: { number: first.number } })
  const events = await server.as<{ task: { events: { entries: { text: string }[] } } }>(
    'Ada',
    `{ task(id: "${second.id}") { events { entries { text } } } }`,
  )
  expect(events.data.task.events.entries.map(({ text }) => text).join()).toContain('Launched')
  await server.as('Ada', `mutation { revokeTask(id: "${first.id}", mode: CANCEL) { id } }`)
  await server.until(second.id, 'running')
})

test('while the task that a step has started needs somebody, the step says so, and which one it is', async () => {
  const broken = `
apiVersion: baton/v1
kind: Flow
metadata: {name: breaks, title: Breaks}
spec: {nodes: {work: {use: test.work@1, title: Work, with: {ok: false}}}}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: whole, title: Whole}
spec: {nodes: {call: {use: flow, title: Call, with: {flow: breaks}}}}
`
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: broken })
  await publish('breaks')
  await publish('whole')
  const { data } = await server.as<{ launch: { id: string } }>(
    'Ada',
    'mutation { launch(input: {flow: "whole"}) { id } }',
  )
  await server.until(data.launch.id, 'attention')
  const seen = await server.as<{ task: { steps: { text: string }[]; children: { number: number }[] } }>(
    'Ada',
    `{ task(id: "${data.launch.id}") { steps { text } children { number } } }`,
  )
  expect(seen.data.task.steps[0]?.text).toBe(
    `The task it started, #${seen.data.task.children[0]?.number}, needs somebody`,
  )
})
