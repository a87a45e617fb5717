import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyExport } from '../../engine/index.ts'
import { startTestServer, type Name, type TestServer } from './support.ts'

let server: TestServer
let task: { id: string; number: number }
beforeAll(async () => {
  server = await startTestServer()
  task = await server.launch()
  await server.until(task.id, 'waiting')
})
afterAll(() => server.end())

const fetchExport = (who: Name, body: object): Promise<Response> =>
  server.post('/export/history', body, { authorization: `Bearer ${server.tokens[who]}` })
const linesOf = async (response: Response): Promise<string[]> => (await response.text()).trimEnd().split('\n')

describe('an exported history', () => {
  test('is streamed to whoever may audit, and verifies with the key they are shown', async () => {
    const { data } = await server.as<{ verifyKey: string }>('Ada', '{ verifyKey }')
    const publicKey = data.verifyKey.replace('ed25519:', '')
    const everything = await fetchExport('Ada', {})
    expect(everything.headers.get('content-type')).toBe('application/x-ndjson')
    expect(await verifyExport(await linesOf(everything), { publicKey })).toMatchObject({
      isWhole: true,
      isTrusted: true,
      tasks: 1,
    })
    for (const body of [{ task: `#${task.number}` }, { task: task.id }, { project: 'default' }])
      expect(await verifyExport(await linesOf(await fetchExport('Ada', body)), { publicKey })).toMatchObject({
        isTrusted: true,
        tasks: 1,
        auditRows: 0,
      })
  })

  test('stands in the audit itself, whose rows are signed', async () => {
    await (await fetchExport('Ada', { project: 'default' })).text()
    const report = await verifyExport(await linesOf(await fetchExport('Ada', {})), { audit: server.deps.keys.audit })
    expect(report).toMatchObject({ isWhole: true, unsignedRows: 0 })
    expect(report.auditRows).toBeGreaterThan(0)
  })

  test.each([
    { who: 'Olga', body: {}, status: 403, code: 'FORBIDDEN' },
    { who: 'Aki', body: { project: 'default' }, status: 403, code: 'FORBIDDEN' },
    { who: 'Ada', body: { task: '#99' }, status: 404, code: 'NOT_FOUND' },
    { who: 'Ada', body: { tasks: '1' }, status: 400, code: 'INVALID_INPUT' },
    { who: 'Ada', body: { task: 1 }, status: 400, code: 'INVALID_INPUT' },
    { who: 'Ada', body: { task: '1', project: 'default' }, status: 400, code: 'INVALID_INPUT' },
  ] as const)('$who asking for $body is told $code', async ({ who, body, status, code }) => {
    const response = await fetchExport(who, body)
    expect(response.status).toBe(status)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code } }] })
  })
})

test('a stored history is checked on request, and what does not fit is located', async () => {
  const check = 'query($task: ID!) { historyCheck(task: $task) { whole event problem } }'
  const ask = (who: Name): ReturnType<TestServer['as']> => server.as(who, check, { task: String(task.number) })
  expect(await ask('Ada')).toMatchObject({ data: { historyCheck: { whole: true, event: null, problem: null } } })
  expect((await ask('Olga')).errors?.[0]?.extensions['code']).toBe('FORBIDDEN')
  await server.db.write(() => server.db.prepare('UPDATE journal SET at = at + 1 WHERE seq = 1').run())
  expect(await ask('Ada')).toMatchObject({
    data: { historyCheck: { whole: false, event: 1, problem: expect.stringContaining('was changed') } },
  })
  await server.db.write(() => server.db.prepare('UPDATE journal SET at = at - 1 WHERE seq = 1').run())
})

test('a task is shown as it stood after an event, with nothing to press', async () => {
  const past = `query($id: ID!, $event: Int!) { taskAt(id: $id, event: $event) {
    phase version availableActions { action } nodes { id state availableActions { action } } archivedAt } }`
  type Shown = { taskAt: { phase: string; version: number; nodes: { id: string; state: string | null }[] } | null }
  const at = (who: Name, event: number): ReturnType<typeof server.as<Shown>> =>
    server.as<Shown>(who, past, { id: task.id, event })
  const { data } = await at('Ada', 1)
  expect(data.taskAt).toMatchObject({ phase: 'RUNNING', availableActions: [], archivedAt: null })
  expect(data.taskAt!.nodes.find(({ id }) => id === 'gate')).toMatchObject({ state: null, availableActions: [] })
  expect((await at('Ada', 0)).data.taskAt).toBeNull()
  expect((await server.as<Shown>('nobody', past, { id: task.id, event: 1 })).data?.taskAt ?? null).toBeNull()
})
