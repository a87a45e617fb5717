import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue, SYSTEM } from '../../engine/index.ts'
import { applyDocuments, readDocuments } from '../modules/document/apply.ts'
import { refreshDocuments } from '../modules/document/document.ts'
import { publish } from '../modules/flow/publish.ts'
import { eventually, FLOWS, startTestServer, type Name, type TestServer } from './support.ts'

let server: TestServer
/** A task that Stu may see and nothing else, and one of a project that is none of theirs. */
let open: { id: string; number: number }
let hidden: { id: string; number: number }
beforeAll(async () => {
  server = await startTestServer()
  const { db, engine, deps, clock, ids } = server
  // The same names in another project, where only those of Ops see the app.
  const elsewhere = FLOWS.replaceAll('metadata: {', 'metadata: {project: vault, ').replace(
    'launch: ["role:makers"]\n  see: [everyone]',
    'launch: ["role:ops"]\n  see: ["role:ops"]',
  )
  const by = { ...SYSTEM, name: 'Test' }
  const plain = readDocuments(elsewhere.split('---').slice(0, 3).join('---'))
  await applyDocuments(db, plain, {
    dryRun: false,
    force: false,
    manager: 'test',
    by,
    now: clock.now,
    plugins: engine.plugins,
  })
  await db.write((tx) => {
    publish(tx, { project: 'vault', name: 'ship', note: null, by, now: clock.now, plugins: engine.plugins })
    catalogue.grant(tx, ids.Vic, 'vault', 'starter') // looks everywhere but here
  })
  refreshDocuments(deps)
  open = await server.launch({ ok: false })
  await server.until(open.id, 'attention')
  const input = { app: 'ship', project: 'vault', variables: { version: 'v1', ok: false } }
  const { data } = await server.as<{ launch: { id: string; number: number } }>(
    'Ada',
    'mutation($input: LaunchInput!) { launch(input: $input) { id number } }',
    { input },
  )
  hidden = data.launch
  // Lists may lag a moment.
  await eventually(async () => {
    const { data: list } = await server.as<{ tasks: { nodes: object[] } }>('Ada', '{ tasks { nodes { id } } }')
    return list.tasks.nodes.length === 2
  })
})
afterAll(() => server.end())

const codeOf = async (who: Name | 'nobody', query: string, variables: object = {}): Promise<unknown> =>
  (await server.as(who, query, variables)).errors?.[0]?.extensions['code']

describe('a right in one project says nothing of another', () => {
  test.each<Name>(['Mai', 'Stu', 'Vic'])('%s finds no task of an app that only has the same name', async (who) => {
    const { data } = await server.as<{ tasks: { nodes: { number: number }[] } }>(who, '{ tasks { nodes { number } } }')
    expect(data.tasks.nodes.map(({ number }) => number)).toEqual([open.number])
    const { data: preview } = await server.as<{ preview: { alreadyRunning: { number: number }[] } }>(
      who,
      '{ preview(input: {app: "ship", variables: {version: "v1"}}) { alreadyRunning { number } } }',
    )
    expect(preview.preview.alreadyRunning.map(({ number }) => number)).toEqual([open.number])
  })
  test('whoever may see both finds both', async () => {
    const { data } = await server.as<{ tasks: { nodes: { number: number }[] } }>(
      'Olga',
      '{ tasks { nodes { number } } }',
    )
    expect(data.tasks.nodes.map(({ number }) => number).sort()).toEqual([open.number, hidden.number].sort())
  })
})

describe('lists', () => {
  const count = async (who: Name): Promise<{ totalCount: number; shown: number }> => {
    const { data } = await server.as<{ tasks: { totalCount: number; nodes: object[] } }>(
      who,
      '{ tasks(first: 200) { totalCount nodes { id } } }',
    )
    return { totalCount: data.tasks.totalCount, shown: data.tasks.nodes.length }
  }
  test.each<Name>(['Mai', 'Stu', 'Vic', 'Olga', 'Ada'])('count what %s may see, and nothing else', async (who) => {
    const { totalCount, shown } = await count(who)
    expect(totalCount).toBe(shown)
  })
  test('who may look at one project finds its tasks of plain flows too', async () => {
    const before = await count('Stu')
    await server.as(
      'Ada',
      'mutation { launch(input: {flow: "ship", project: "vault", variables: {version: "v9"}}) { id } }',
    )
    await eventually(async () => (await count('Ada')).totalCount === 3)
    expect(await count('Stu')).toEqual(before)
    await server.db.write((tx) => catalogue.grant(tx, server.ids.Stu, 'vault', 'viewer'))
    expect(await count('Stu')).toEqual({ totalCount: before.totalCount + 2, shown: before.shown + 2 })
    await server.db.write((tx) => catalogue.dropGrant(tx, server.ids.Stu, 'vault'))
    expect(await count('Stu')).toEqual(before)
  })
})

const SAVE = `mutation { saveFlow(document: ${JSON.stringify(FLOWS.split('---')[0])}, basedOn: 0) { name } }`
const node = (verb: string, more = ''): string =>
  `mutation($id: ID!) { ${verb}(input: {taskId: $id, nodeId: "deploy", attempt: 1 ${more}}) { id } }`
const TASK_ACTS = {
  planTask: 'mutation($id: ID!) { planTask(id: $id) { id } }',
  setNote: 'mutation($id: ID!) { setNote(id: $id, note: "x") { id } }',
  pauseTask: 'mutation($id: ID!) { pauseTask(id: $id) { id } }',
  editVariables: 'mutation($id: ID!) { editVariables(id: $id, revision: 1, variables: {ok: true}) { id } }',
  pauseBefore: node('pauseBefore'),
  unpause: node('unpause'),
  chooseBranch: node('chooseBranch', ', branches: ["x"]'),
  rescheduleNode: node('rescheduleNode', ', at: "2030-01-01T00:00:00Z"'),
  skipNode: node('skipNode'),
  failNode: node('failNode'),
}
describe.each(Object.entries(TASK_ACTS))('%s', (_, query) => {
  test('is refused to nobody, and to those who only look', async () => {
    expect(await codeOf('nobody', query, { id: open.id })).toBe('UNAUTHENTICATED')
    for (const who of ['Vic', 'Stu'] as const) expect(await codeOf(who, query, { id: open.id })).toBe('FORBIDDEN')
  })
  test('does not tell that a task is there which may not be seen', async () => {
    for (const who of ['Vic', 'Stu'] as const) {
      expect(await codeOf(who, query, { id: hidden.id })).toBe('NOT_FOUND')
      expect(await codeOf(who, query, { id: String(hidden.number) })).toBe('NOT_FOUND')
    }
  })
})

test.each([
  ['saveFlow', SAVE],
  ['publishFlow', 'mutation { publishFlow(name: "ship") { name } }'],
  ['makeCurrent', 'mutation { makeCurrent(name: "ship", version: 1) { name } }'],
  ['deleteDocument', 'mutation { deleteDocument(kind: "App", name: "ship") }'],
  ['setRetention', 'mutation { setRetention(tasksDays: 1) { project } }'],
  ['retention', '{ retention { tasksDays } }'],
  ['schedulePreview', '{ schedulePreview(cron: "0 2 * * *") { timeZone } }'],
  ['verifyKey', '{ verifyKey }'],
  ['flowDiff', '{ flowDiff(name: "ship") { same } }'],
  ['references', '{ references(kind: "Flow", name: "ship") { name title } }'],
  ['deliveries', '{ deliveries { nodes { id } } }'],
])('%s is refused to nobody and to a starter', async (_, query) => {
  expect(await codeOf('nobody', query)).toBe('UNAUTHENTICATED')
  expect(await codeOf('Stu', query)).toBe('FORBIDDEN')
})
test('what a viewer may read is not what they may change', async () => {
  for (const query of [SAVE, 'mutation { makeCurrent(name: "ship", version: 1) { name } }'])
    expect(await codeOf('Vic', query)).toBe('FORBIDDEN')
  expect(await codeOf('Vic', 'query($id: ID!) { historyCheck(task: $id) { whole } }', { id: open.id })).toBe(
    'FORBIDDEN',
  )
  expect(await codeOf('Vic', 'query($id: ID!) { historyCheck(task: $id) { whole } }', { id: hidden.id })).toBe(
    'NOT_FOUND',
  )
})
test('the past of a task is shown to whom the task is', async () => {
  const query = 'query($id: ID!) { taskAt(id: $id, event: 1) { phase variables callbackless: note } }'
  for (const who of ['Vic', 'Stu', 'nobody'] as const) {
    const { data } = await server.as<{ taskAt: null }>(who, query, { id: hidden.id })
    expect(data?.taskAt ?? null).toBeNull()
  }
})
test('the choices of an app that may not be seen are not there', async () => {
  const query = '{ formOptions(app: "ship", field: "version", project: "vault") { stale } }'
  for (const who of ['Vic', 'Stu'] as const) expect(await codeOf(who, query)).toBe('NOT_FOUND')
  expect(await codeOf('nobody', query)).toBe('UNAUTHENTICATED')
})
test('whoever started it does not see the histories of all', async () => {
  for (const who of ['Mai', 'Vic', 'Aki'] as const) {
    const response = await server.post('/export/history', {}, { authorization: `Bearer ${server.tokens[who]}` })
    expect(response.status).toBe(403)
  }
  expect((await server.post('/export/history', {})).status).toBe(401)
})
test('the only owner stays one, however the project is named in which people are managed', async () => {
  const query = 'mutation($id: ID!) { setRole(person: $id, project: "default", role: "viewer") { id } }'
  expect(await codeOf('Ada', query, { id: server.ids.Ada })).toBe('NOT_ALLOWED')
})

describe('what people see of others', () => {
  const look = async (who: Name, of: Name) => {
    const { data } = await server.as<{ people: { nodes: Record<string, unknown>[] } }>(
      who,
      '{ people { nodes { id name email role language timeZone active businessRoles identities { user } suspended { at } standing { project } } } }',
    )
    return data.people.nodes.find(({ id }) => id === server.ids[of])!
  }
  test('is names, who may be asked, and business roles: what they may, their accounts and why they are away is for who manages people', async () => {
    await server.db.write((tx) => {
      catalogue.linkIdentity(tx, server.ids.Omar, { platform: 'slack', team: 'T1', user: 'UOMAR' }, 'omar', 0)
      catalogue.changePerson(tx, server.ids.Omar, { language: 'zh', timeZone: 'Asia/Shanghai' })
      catalogue.suspend(tx, server.ids.Omar, 'Ada', 'left', 1)
    })
    const omar = { id: server.ids.Omar, name: 'Omar', active: false, businessRoles: expect.any(Array) }
    const hidden = { email: null, role: null, language: null, timeZone: null, identities: [], suspended: null }
    expect(await look('Stu', 'Omar')).toEqual({ ...omar, ...hidden, standing: [] })
    const seen = { role: 'operator', language: 'zh', identities: [{ user: 'UOMAR' }], suspended: expect.anything() }
    expect(await look('Ada', 'Omar')).toMatchObject(seen)
    expect(await look('Stu', 'Stu')).toMatchObject({ role: 'starter' })
  })
})
