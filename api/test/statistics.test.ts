/** What tasks came to, added up as they end. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { startTestServer, type Name, type TestServer } from './support.ts'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.end())

interface Row {
  readonly flow: string | null
  readonly app: string | null
  readonly node: string | null
  readonly runs: number
  readonly retries: number
}
interface Shown {
  readonly stats: { readonly total: Row; readonly rows: readonly Row[]; readonly nodes: readonly Row[] }
}
const ROW = `flow app node title runs succeeded failed revoked successRate retries
  work { count mean p50 p95 } wait { count mean p50 p95 } causes { cause count }`
const stats = (wanted = '', who: Name = 'Ada') =>
  server.as<Shown>(
    who,
    `{ stats${wanted && `(${wanted})`} { from to total { ${ROW} } rows { ${ROW} } nodes { ${ROW} } mostRetried { flow node title retries } } }`,
  )

const act = async (who: Name, query: string, variables: object): Promise<void> =>
  expect((await server.as(who, query, variables)).errors).toBeUndefined()
/** Fails, is mended after ten minutes, and waits an hour for its approval. */
async function shipped(): Promise<void> {
  const { id } = await server.launch({ ok: false })
  await server.until(id, 'attention')
  server.clock.now += 10 * 60_000
  const { variablesRevision } = (await server.engine.task(id))!.state
  await act('Mai', 'mutation($input: NodeInput!) { retryNode(input: $input) { id } }', {
    input: { taskId: id, nodeId: 'deploy', attempt: 1, variables: { ok: true }, variablesRevision },
  })
  await server.until(id, 'waiting')
  server.clock.now += 60 * 60_000
  const [ask] = [...(await server.engine.task(id))!.state.asks.values()]
  const { data } = await server.as<{ task: { asks: { id: string }[] } }>(
    'Quinn',
    'query($id: ID!) { task(id: $id) { asks { id } } }',
    { id },
  )
  const input = { askId: data.task.asks[0]!.id, digest: ask!.digest, verdict: 'APPROVE' }
  await act('Quinn', 'mutation($input: DecideInput!) { decide(input: $input) { id } }', { input })
  await server.until(id, 'succeeded')
}
async function stopped(): Promise<void> {
  const { data } = await server.as<{ launch: { id: string } }>(
    'Ada',
    'mutation { launch(input: {flow: "wait"}) { id } }',
  )
  await server.until(data.launch.id, 'running')
  await act('Ada', 'mutation($id: ID!) { revokeTask(id: $id) { id } }', data.launch)
  await server.until(data.launch.id, 'revoked')
}

test('an app tells its runs, how they ended, what they waited for and why they failed', async () => {
  await shipped()
  await stopped()
  const { data } = await stats()
  expect(data.stats).toMatchObject({
    from: '2026-10-23T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    total: { runs: 2, succeeded: 1, failed: 0, revoked: 1, successRate: 1, retries: 1 },
    nodes: [],
    mostRetried: [{ flow: 'ship', node: 'deploy', title: 'Deploy', retries: 1 }],
  })
  expect(data.stats.rows).toMatchObject([
    {
      flow: 'ship',
      app: 'ship',
      title: 'Ship',
      runs: 1,
      wait: { count: 1, mean: 70 * 60_000 },
      causes: [{ cause: 'error', count: 1 }],
    },
    { flow: 'wait', app: null, title: 'Wait', runs: 1, revoked: 1, successRate: null, work: { count: 0, p50: null } },
  ])
  const { data: one } = await stats('app: "ship"')
  expect(one.stats.nodes).toMatchObject([
    {
      node: 'deploy',
      title: 'Deploy',
      runs: 2,
      retries: 1,
      succeeded: 1,
      failed: 1,
      wait: { count: 1, mean: 600_000 },
    },
    { node: 'gate', title: 'Approve', wait: { count: 1, mean: 3_600_000 } },
    { node: 'tidy', runs: 1, retries: 0 },
  ])
})

test('nothing is read of histories: what was added up stays when they are gone, and each task counts once', async () => {
  await shipped()
  const { data: before } = await stats()
  expect(server.db.prepare('SELECT count(*) FROM statistics_pending').get()![0]).toBe(0)
  await server.db.write(() => server.db.prepare('DELETE FROM task_index').run())
  expect((await stats()).data).toEqual(before)
})

test('counted anew from the histories they are the same, and what ends meanwhile is neither lost nor doubled', async () => {
  await shipped()
  await stopped()
  const { data: before } = await stats('flow: "ship"')
  await server.db.write(() =>
    server.db.prepare('UPDATE statistics SET runs = 77, sums = \'{"causes":{},"work":{},"wait":{}}\'').run(),
  )
  const anew = server.as<{ rebuildStats: number }>('Ada', 'mutation { rebuildStats }')
  await stopped()
  expect((await anew).data).toEqual({ rebuildStats: expect.any(Number) })
  expect((await stats('flow: "ship"')).data).toEqual(before)
  expect((await stats('flow: "wait"')).data.stats.total.runs).toBe(2)
  expect((await server.as('Omar', 'mutation { rebuildStats }')).errors![0]!.extensions['code']).toBe('FORBIDDEN')
})

test('a rehearsal is left out, and so is what ended before the days that were asked for', async () => {
  const { data } = await server.as<{ launch: { id: string } }>(
    'Ada',
    'mutation { launch(input: {flow: "ship", rehearsal: true, variables: {version: "v1"}}) { id } }',
  )
  await server.until(data.launch.id, 'waiting')
  await act('Ada', 'mutation($id: ID!) { revokeTask(id: $id) { id } }', data.launch)
  await server.until(data.launch.id, 'revoked')
  await stopped()
  expect((await stats()).data.stats.total.runs).toBe(1)
  server.clock.now += 3 * 24 * 3_600_000
  expect((await stats('days: 3')).data.stats.total.runs).toBe(0)
  expect((await stats('days: 4')).data.stats.total.runs).toBe(1)
  expect((await stats('project: "shop"')).data.stats.total.runs).toBe(0)
})

test.each(['days: 0', 'days: 4000', 'days: -1'])('%s is refused', async (wanted) => {
  expect((await stats(wanted)).errors![0]!.extensions).toMatchObject({
    code: 'INVALID_INPUT',
    fields: [{ field: 'days' }],
  })
})
test('whoever may see no tasks sees no statistics', async () => {
  expect((await stats('', 'Stu')).errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'view' })
})
test('a hundred thousand ended tasks cost a question no more than their days', async () => {
  const facts = (at: number) => ({
    task: `t${at}`,
    at: server.clock.now - (at % 30) * 86_400_000,
    project: 'default',
    app: `app-${at % 1_000}`,
    flow: `flow-${at % 1_000}`,
    outcome: 'succeeded' as const,
    workMs: at,
    waitMs: 0,
    causes: {},
    nodes: [],
  })
  const rows = catalogue.rowsOf(Array.from({ length: 100_000 }, (_, at) => facts(at)))
  const insert = server.db.prepare("INSERT INTO statistics VALUES (?, ?, ?, ?, '', ?, ?, 0, 0, 0, ?, 0, ?)")
  await server.db.write(() => {
    for (const { project, flow, day, app, runs, succeeded, workMs, sums } of rows)
      insert.run([project, flow, day, app, runs, succeeded, workMs, JSON.stringify(sums)])
  })
  const { data } = await stats()
  expect(data.stats.total.runs).toBe(100_000)
  expect(data.stats.rows).toHaveLength(100)
})
