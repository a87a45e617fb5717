import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, startTestServer, type TestServer } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.end())

const press = (who: Parameters<TestServer['as']>[0], mutation: string, input: object) =>
  server.as<{ [name: string]: Record<string, unknown> }>(
    who,
    `mutation($input: NodeInput!) { ${mutation}(input: $input) { phase nodes { id pausedBefore availableActions { action allowed } } } }`,
    { input },
  )

test('an operator pauses before a step; the starter may not, and is told who may', async () => {
  const { id } = await server.launch({ ok: false })
  await server.until(id, 'attention')
  const input = { taskId: id, nodeId: 'tidy', attempt: 0 }
  const refused = await press('Mai', 'pauseBefore', input)
  expect(refused.errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN' })
  const held = await press('Olga', 'pauseBefore', input)
  expect(held.data['pauseBefore']!['nodes']).toContainEqual({
    id: 'tidy',
    pausedBefore: true,
    availableActions: [{ action: 'unpause', allowed: true }],
  })
  const stale = await press('Olga', 'unpause', { ...input, nodeId: 'deploy', attempt: 0 })
  expect(stale.errors![0]!.extensions).toMatchObject({ code: 'STALE' })
  await press('Olga', 'unpause', input)
  expect((await server.engine.task(id))!.state.pausedBefore).toEqual([])
})

test('a planned start is moved, a note is left, and the history says so', async () => {
  const { id } = await server.launch({ ok: true }, { startAt: new Date(Date.now() + 3_600_000).toISOString() })
  const at = new Date(Date.now() + 7_200_000).toISOString()
  const planned = await server.as<{ planTask: { startAt: string } }>(
    'Mai',
    'mutation($id: ID!, $at: DateTime) { planTask(id: $id, at: $at) { startAt } }',
    { id, at },
  )
  expect(planned.data.planTask.startAt).toBe(at)
  await server.as('Mai', 'mutation($id: ID!) { setNote(id: $id, note: "after the fair") { id } }', { id })
  const { data } = await server.as<{ task: { note: string; events: { entries: { text: string }[] } } }>(
    'Mai',
    'query($id: ID!) { task(id: $id) { note events { entries { text } } } }',
    { id },
  )
  expect(data.task.note).toBe('after the fair')
  expect(data.task.events.entries.map(({ text }) => text)).toEqual([
    expect.stringContaining('Launched'),
    expect.stringMatching(/^Start planned: /),
    'Note: after the fair',
  ])
})

test('a launch that goes on from an ended task takes over its answers and what its steps gave', async () => {
  const { id, number } = await server.launch({ ok: true })
  await server.until(id, 'waiting')
  const early = await server.as('Mai', 'mutation($id: ID!) { launch(input: {continueFrom: $id}) { id } }', { id })
  expect(early.errors![0]!.extensions).toMatchObject({ code: 'NOT_ALLOWED' })
  await server.as('Mai', 'mutation($id: ID!) { revokeTask(id: $id) { id } }', { id })
  await server.until(id, 'revoked')
  const { data } = await server.as<{ launch: { id: string; app: { name: string }; variables: object } }>(
    'Mai',
    'mutation($id: ID!) { launch(input: {continueFrom: $id}) { id app { name } variables } }',
    { id: `#${number}` },
  )
  expect(data.launch).toMatchObject({ app: { name: 'ship' }, variables: { version: 'v1', ok: true } })
  const look = async () =>
    (
      await server.as<{ task: { nodes: object[]; events: { entries: { text: string; follows: string[] }[] } } }>(
        'Mai',
        'query($id: ID!) { task(id: $id) { nodes { id state keptFrom } events { entries { text follows } } } }',
        { id: data.launch.id },
      )
    ).data.task
  const task = await eventually(look)
  expect(task.nodes).toMatchObject([
    { id: 'deploy', state: 'SUCCEEDED', keptFrom: number },
    { id: 'gate', state: 'WAITING', keptFrom: null },
    { id: 'tidy', state: null },
  ])
  expect(task.events.entries.flatMap(({ text, follows }) => [text, ...follows])).toContain(
    `Deploy kept from #${number}`,
  )
  const unknown = await server.as('Mai', 'mutation { launch(input: {continueFrom: "no-such"}) { id } }')
  expect(unknown.errors![0]!.extensions).toMatchObject({ code: 'NOT_FOUND' })
})

test('going on takes over what a form asks: what is computed or only shown follows anew', async () => {
  const document = `
apiVersion: baton/v1
kind: Flow
metadata: {name: tagged, title: Tagged}
spec:
  variables:
    version: {type: text, title: Version, required: true}
    tag: {type: text, title: Tag, computed: "\${'tag-' + version}"}
    shown: {type: text, title: Shown, readOnly: true, default: x}
  nodes:
    a: {use: test.work@1, with: {text: "\${tag}"}}
    b: {use: confirm, with: {by: [starter], text: Sure}}
`
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { dryRun: __typename } }', { d: document })
  await server.as('Ada', 'mutation { publishFlow(name: "tagged") { name } }')
  const launched = await server.as<{ launch: { id: string } }>(
    'Ada',
    'mutation { launch(input: {flow: "tagged", variables: {version: "v1"}}) { id } }',
  )
  const { id } = launched.data.launch
  await server.until(id, 'waiting')
  await server.as('Ada', 'mutation($id: ID!) { revokeTask(id: $id) { id } }', { id })
  await server.until(id, 'revoked')
  const on = await server.as<{ launch: { variables: object } }>(
    'Ada',
    'mutation($id: ID!) { launch(input: {continueFrom: $id, variables: {version: "v2"}}) { variables } }',
    { id },
  )
  expect(on.errors).toBeUndefined()
  expect(on.data.launch.variables).toMatchObject({ version: 'v2', tag: 'tag-v2', shown: 'x' })
})
