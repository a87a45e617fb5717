import { afterEach, beforeEach, expect, test } from 'vitest'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

/** A step that is a task of its own, with an approval in it. */
const DOCUMENTS = `
apiVersion: baton/v1
kind: Flow
metadata: {name: inner, title: Inner}
spec:
  variables: {ok: {type: boolean, default: true}}
  nodes:
    gate: {use: approval, title: Gate, with: {approvers: ["role:qa"]}}
    work: {use: test.work@1, title: Work, with: {ok: "\${ok}"}}
---
apiVersion: baton/v1
kind: Flow
metadata: {name: outer, title: Outer}
spec:
  variables: {ok: {type: boolean, title: Works, default: true}}
  nodes:
    call: {use: flow, title: Call, with: {flow: inner, variables: {ok: "\${ok}"}}}
    after: {use: test.hang@1, title: After}
---
apiVersion: baton/v1
kind: App
metadata: {name: outer, title: Outer}
spec: {flow: outer, launch: [everyone], see: [everyone], operators: [Olga]}
`
let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: DOCUMENTS })
  for (const f of ['inner', 'outer'])
    await server.as('Ada', 'mutation($f: String!) { publishFlow(name: $f) { version } }', { f })
})
afterEach(() => server.end())

/** The outer task and the one within it, which waits for its approval. */
async function launched(ok = true): Promise<{ id: string; child: string }> {
  const { data } = await server.as<{ launch: { id: string } }>(
    'Mai',
    'mutation($v: JSON!) { launch(input: {app: "outer", variables: $v}) { id } }',
    { v: { ok } },
  )
  const { id } = data.launch
  const child = await eventually(async () => (await server.engine.task(id))!.state.children[0]?.id)
  await eventually(async () => (await server.engine.task(child))?.state.phase === 'waiting')
  return { id, child }
}
const pass = (who: Name, id: string, verb: 'skipNode' | 'completeNode') =>
  server.as(who, `mutation($i: NodeInput!) { ${verb}(input: $i) { id } }`, {
    i: { taskId: id, nodeId: 'call', attempt: 1, outputs: {} },
  })
const LACKS = { code: 'FORBIDDEN', right: 'override-approval', heldBy: ['Ada'] }

test.each(['skipNode', 'completeNode'] as const)(
  '%s needs the right that skipping the approval needs',
  async (verb) => {
    const { id } = await launched()
    expect((await pass('Olga', id, verb)).errors?.[0]?.extensions).toMatchObject(LACKS)
    expect((await pass('Ada', id, verb)).errors).toBeUndefined()
  },
)
test('also once the task within it was stopped before anybody approved', async () => {
  const { id, child } = await launched()
  await server.as('Olga', 'mutation($id: ID!) { revokeTask(id: $id) { id } }', { id: child })
  await server.until(id, 'attention')
  expect((await pass('Olga', id, 'skipNode')).errors?.[0]?.extensions).toMatchObject(LACKS)
})
test('what failed behind its approval is passed over by whoever operates it', async () => {
  const { id, child } = await launched(false)
  const { id: askId, digest } = [...(await server.engine.task(child))!.state.asks.values()][0]!
  await server.as('Quinn', 'mutation($i: DecideInput!) { decide(input: $i) { state } }', {
    i: { askId, digest, verdict: 'APPROVE' },
  })
  await server.until(id, 'attention')
  expect((await pass('Olga', id, 'skipNode')).errors).toBeUndefined()
})
