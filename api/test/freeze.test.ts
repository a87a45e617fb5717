import { afterAll, beforeAll, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { FLOWS, startTestServer, type TestServer } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.db.write((tx) => {
    catalogue.changePerson(tx, server.ids.Mai, { timeZone: 'Asia/Shanghai' })
    catalogue.changePerson(tx, server.ids.Omar, { language: 'zh', timeZone: 'Asia/Shanghai' })
  })
})
afterAll(() => server.end())

const APPLY = 'mutation($documents: String!) { apply(documents: $documents) { documents { name result } } }'
const freeze = (spec: string, name = 'quiet'): string =>
  `apiVersion: baton/v1\nkind: Freeze\nmetadata: {name: ${name}, title: Year's end}\nspec: ${spec}\n`
const lift = async (name = 'quiet'): Promise<void> => {
  const { errors } = await server.as('Ada', `mutation { deleteDocument(kind: "Freeze", name: "${name}") }`)
  expect(errors).toBeUndefined()
}
const LAUNCH = 'mutation($input: LaunchInput!) { launch(input: $input) { id number phase } }'
const launch = (who: Parameters<TestServer['as']>[0], more: object = {}) =>
  server.as<{ launch: { id: string; phase: string } }>(who, LAUNCH, {
    input: { app: 'ship', variables: { version: 'v1' }, ...more },
  })
// The clock of the tests stands at 2026-11-21 14:02 UTC, a Saturday.
const HOLDS = "{when: {from: 2026-11-20, to: '2026-11-23T08:00'}, timeZone: Europe/Berlin, help: Ask Olga first}"

test('who may pass a freeze may say when there is one; others are told who can', async () => {
  const { errors } = await server.as('Omar', APPLY, { documents: freeze(HOLDS) })
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'override-freeze', grantedBy: ['Ada'] })
})

test('one that could not be understood changes nothing, and says where', async () => {
  const { errors } = await server.as('Ada', APPLY, { documents: freeze('{when: {from: fri 18:00}}') })
  expect(errors?.[0]?.message).toBe('line 4: expected “to”: a time of the week, like mon 08:00')
  expect((await server.as<{ freezes: [] }>('Ada', '{ freezes { name } }')).data.freezes).toEqual([])
})

test('while it holds nobody launches, with its end in their own zone and language, and who could', async () => {
  const applied = await server.as<{ apply: object }>('Ada', APPLY, { documents: freeze(HOLDS) })
  expect(applied.data.apply).toMatchObject({ documents: [{ name: 'quiet', result: 'CREATED' }] })
  const { errors } = await launch('Mai')
  expect(errors?.[0]).toMatchObject({
    message: "Frozen until 23 Nov 15:00: Year's end",
    extensions: {
      code: 'FROZEN',
      freeze: 'quiet',
      until: '2026-11-23T07:00:00.000Z',
      help: 'Ask Olga first',
      right: 'override-freeze',
      grantedBy: ['Ada'],
      heldBy: ['Ada'],
      mayOverride: false,
    },
  })
  const zh = await launch('Omar')
  expect(zh.errors?.[0]?.message).toBe("已冻结到 11月23日 15:00：Year's end")
})

test('the catalogue and the preview show it before anybody presses', async () => {
  const asked = '{ app(name: "ship") { frozen { name until text mayOverride help } } }'
  const seen = await server.as<{ app: object }>('Mai', asked)
  const frozen = { name: 'quiet', until: '2026-11-23T07:00:00.000Z', help: 'Ask Olga first' }
  expect(seen.data.app).toEqual({
    frozen: { ...frozen, text: "Frozen until 23 Nov 15:00: Year's end", mayOverride: false },
  })
  // Whoever has chosen no zone reads it by their device's; nonsense is none.
  const by = async (zone: string) =>
    (await server.as<{ app: { frozen: { text: string } } }>('Ada', asked, {}, { 'x-baton-time-zone': zone })).data.app
      .frozen.text
  await expect(by('America/New_York')).resolves.toBe("Frozen until 23 Nov 02:00: Year's end")
  await expect(by('Moon/Crater')).resolves.toBe("Frozen until 23 Nov 07:00: Year's end")
  expect((await server.as<{ app: object }>('Ada', asked)).data.app).toMatchObject({ frozen: { mayOverride: true } })
  const PREVIEW = 'query($input: LaunchInput!) { preview(input: $input) { freeze frozen { name } } }'
  const preview = async (more: object) =>
    (await server.as<{ preview: object }>('Mai', PREVIEW, { input: { app: 'ship', variables: {}, ...more } })).data
      .preview
  expect(await preview({})).toEqual({ freeze: "Frozen until 23 Nov 15:00: Year's end", frozen: { name: 'quiet' } })
  expect(await preview({ startAt: '2026-11-23T07:00:00Z' })).toEqual({ freeze: null, frozen: null })
  expect(await preview({ rehearsal: true })).toEqual({ freeze: null, frozen: null })
})

test.each(['slack', 'telegram', 'phone', 'terminal', 'api'])('no surface passes around it: %s', async (surface) => {
  const { errors } = await launch('Ada', {}) // with every right, and no reason
  expect(errors?.[0]?.extensions['code']).toBe('FROZEN')
  const acting = { slack: 'slack:T1:UMAI', telegram: 'slack:T1:UMAI' }[surface]
  const answer = await server.as(
    acting ? 'service' : 'Mai',
    LAUNCH,
    { input: { app: 'ship', variables: { version: 'v1' } } },
    {
      'x-baton-surface': surface,
      ...(acting && { 'x-baton-acting': acting }),
    },
  )
  expect(answer.errors?.[0]?.extensions['code']).toBe('FROZEN')
})

test('nor does the flow of a frozen app, launched without it', async () => {
  const { errors } = await server.as('Omar', LAUNCH, { input: { flow: 'ship', variables: { version: 'v1' } } })
  expect(errors?.[0]?.extensions['code']).toBe('FROZEN')
})

test('passing it needs the right and a reason; it is told to those of the app, and audited', async () => {
  const may = await launch('Omar', { overrideFreeze: 'it burns' })
  expect(may.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'override-freeze', grantedBy: ['Ada'] })
  const why = await launch('Ada', { overrideFreeze: ' ' })
  expect(why.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ field: 'overrideFreeze' }] })
  const { data, errors } = await launch('Ada', { overrideFreeze: 'it burns' })
  expect(errors).toBeUndefined()
  const history = await server.as<{ task: { events: { entries: { text: string }[] } } }>(
    'Ada',
    'query($id: ID!) { task(id: $id) { events(first: 3) { entries { text } } } }',
    { id: data.launch.id },
  )
  expect(JSON.stringify(history.data)).toContain("Went on in spite of a freeze: Year's end")
  const told = server.db
    .read((tx) => catalogue.cardsOf(tx, data.launch.id))
    .filter(({ subject }) => subject.startsWith('freeze_passed'))
  expect(told.map(({ place }) => place).sort()).toEqual(['slack:@UOLGA', 'slack:C0OPS'])
  const audit = server.db.read((tx) => catalogue.listAudit(tx, 50, null)).filter(({ what }) => what === 'launch')
  expect(audit[0]).toMatchObject({ allowed: true, name: 'Ada', detail: { overrideFreeze: 'it burns' } })
  expect(audit.some(({ allowed, detail }) => !allowed && (detail as { code?: string }).code === 'FROZEN')).toBe(true)
})

test('a failed step is retried after it, or by somebody who may, with a reason; what runs goes on', async () => {
  await lift()
  const { id } = await server.launch({ ok: false })
  await server.until(id, 'attention')
  await server.as('Ada', APPLY, { documents: freeze(HOLDS) })
  const RETRY = 'mutation($input: NodeInput!) { retryNode(input: $input) { phase } }'
  const input = { taskId: id, nodeId: 'deploy', attempt: 1, variables: { ok: true } }
  const refused = await server.as('Mai', RETRY, { input })
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'FROZEN', until: '2026-11-23T07:00:00.000Z' })
  const forbidden = await server.as('Olga', RETRY, { input: { ...input, overrideFreeze: 'x' } })
  expect(forbidden.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'override-freeze' })
  const passed = await server.as('Ada', RETRY, { input: { ...input, overrideFreeze: 'customers wait' } })
  expect(passed.errors).toBeUndefined()
  await server.until(id, 'waiting') // its approval: the rest of it goes on
  await lift()
})

test('a task that waits to be started starts after it, or with a reason', async () => {
  const task = await launch('Mai', { startNow: false })
  await server.as('Ada', APPLY, { documents: freeze(HOLDS) })
  const START = 'mutation($id: ID!, $why: String) { startTask(id: $id, overrideFreeze: $why) { phase } }'
  const { id } = task.data.launch
  expect((await server.as('Mai', START, { id })).errors?.[0]?.extensions['code']).toBe('FROZEN')
  expect((await server.as('Ada', START, { id, why: 'it burns' })).errors).toBeUndefined()
  await lift()
})

test('only what it names is frozen, every week; the list says since when, until when, and when next', async () => {
  await server.as('Ada', APPLY, {
    documents: `${freeze('{when: {days: [sat, sun]}, apps: [other], timeZone: Asia/Shanghai}', 'weekend')}---\n${freeze('{when: {from: 2026-12-24}, except: ship}', 'later')}`,
  })
  expect((await launch('Mai')).errors).toBeUndefined()
  const { data } = await server.as<{ freezes: object[] }>(
    'Vic',
    '{ freezes { name apps except active { from to } next { from to } } }',
  )
  expect(data.freezes).toEqual([
    {
      name: 'weekend',
      apps: ['other'],
      except: [],
      active: { from: '2026-11-20T16:00:00.000Z', to: '2026-11-21T16:00:00.000Z' },
      next: { from: '2026-11-21T16:00:00.000Z', to: '2026-11-22T16:00:00.000Z' },
    },
    {
      name: 'later',
      apps: null,
      except: ['ship'],
      active: null,
      next: { from: '2026-12-24T00:00:00.000Z', to: null },
    },
  ])
  // Nothing in them is about an app that Mai sees.
  expect((await server.as<{ freezes: [] }>('Mai', '{ freezes { name } }')).data.freezes).toEqual([])
  // An app that a freeze names is in use.
  const gone = await server.as('Aki', 'mutation { deleteDocument(kind: "App", name: "ship") }')
  expect(gone.errors?.[0]?.extensions['code']).toBe('CONFLICT')
})

test('work is handed over in a freeze, and claimed after it, or with a reason', async () => {
  await server.as('Ada', APPLY, {
    documents: `apiVersion: baton/v1\nkind: App\nmetadata: {name: asked, title: Asked}\nspec: {flow: ship, launch: ["role:makers"], mode: {handOver: {to: "role:ops"}}}\n---\n${freeze(HOLDS)}`,
  })
  const input = { app: 'asked', variables: { version: 'v1' } }
  const preview = 'query($input: LaunchInput!) { preview(input: $input) { freeze } }'
  expect((await server.as<{ preview: object }>('Mai', preview, { input })).data.preview).toEqual({ freeze: null })
  const { data } = await launch('Mai', { app: 'asked' })
  expect(data.launch.phase).toBe('REQUESTED')
  const CLAIM =
    'mutation($id: ID!, $why: String) { claimTask(id: $id, round: 1, overrideFreeze: $why) { handOver { round } } }'
  const { id } = data.launch
  const refused = await server.as('Olga', CLAIM, { id })
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'FROZEN', grantedBy: ['Ada'] })
  const forbidden = await server.as('Olga', CLAIM, { id, why: 'it burns' })
  expect(forbidden.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'override-freeze' })
  await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Olga, { role: 'owner' }))
  const claimed = await server.as('Olga', CLAIM, { id, why: 'it burns' })
  expect(claimed.errors).toBeUndefined()
  await server.until(id, 'waiting')
  await lift()
})

test('a planned task that comes due while a freeze without an end holds is told to its starter', async () => {
  const startAt = server.clock.now + 1_000
  const { data } = await launch('Mai', { startAt: new Date(startAt).toISOString() })
  await server.as('Ada', APPLY, {
    documents: freeze(`{when: {from: "${new Date(startAt).toISOString()}"}}`, 'for-good'),
  })
  server.clock.now = startAt // its timer looks when that is
  const words = () =>
    server.db.read((tx) => {
      const told = catalogue.cardsOf(tx, data.launch.id).filter(({ subject }) => subject.startsWith('announce'))
      const owed = catalogue.listDeliveries(tx, false, 100, null)
      return told.map(({ id }) => owed.find(({ cardId }) => cardId === id)?.text)
    })
  await expect
    .poll(words)
    .toEqual(['It was not started: launches are frozen until somebody lifts that. Start it then.'])
})

test('one that queued before says, once its turn has come, until when it is frozen and who may pass that', async () => {
  await lift('for-good')
  const limited = FLOWS.split('---')[2]!
    .replace('name: wait', 'name: one')
    .replace('spec: {nodes:', 'spec: {concurrency: {key: place, limit: 1, whenBusy: queue}, nodes:')
  await server.as('Ada', APPLY, { documents: limited })
  await server.as('Ada', 'mutation { publishFlow(name: "one") { name } }')
  const start = () =>
    server.as<{ launch: { id: string; phase: string } }>(
      'Omar',
      'mutation { launch(input: {flow: "one", variables: {}}) { id phase } }',
    )
  const [first, second] = [(await start()).data.launch, (await start()).data.launch]
  expect(second.phase).toBe('QUEUED')
  await server.as('Ada', APPLY, { documents: freeze(HOLDS) })
  await server.as('Omar', 'mutation($id: ID!) { revokeTask(id: $id, mode: CANCEL) { id } }', { id: first.id })
  await server.until(second.id, 'created')
  const { data } = await server.as<{ task: object }>(
    'Omar',
    'query($id: ID!) { task(id: $id) { startAt frozen { text passedBy mayOverride } availableActions { action allowed } events(first: 50) { entries { text } } } }',
    { id: second.id },
  )
  expect(data.task).toMatchObject({
    startAt: '2026-11-23T07:00:00.000Z',
    frozen: { text: "已冻结到 11月23日 15:00：Year's end", passedBy: ['Ada', 'Olga'], mayOverride: false },
    availableActions: expect.arrayContaining([{ action: 'start', allowed: true }]) as object[],
  })
  expect(JSON.stringify(data.task)).toContain('轮到时正在冻结')
  const START = 'mutation($id: ID!, $why: String) { startTask(id: $id, overrideFreeze: $why) { phase } }'
  const omar = await server.as('Omar', START, { id: second.id, why: 'now' })
  expect(omar.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'override-freeze' })
  const ada = await server.as<{ startTask: object }>('Ada', START, { id: second.id, why: 'it burns' })
  expect(ada.errors).toBeUndefined()
  await server.until(second.id, 'running')
  await lift()
})
