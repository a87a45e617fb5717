import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.end())

const role = (name: string, members: readonly string[], more = ''): string =>
  `apiVersion: baton/v1\nkind: Role\nmetadata: {name: ${name}, title: ${name.toUpperCase()}}\nspec: {members: [${members.join(', ')}]${more}}`
async function apply(document: string): Promise<void> {
  const { errors } = await server.as('Ada', 'mutation($d: String!) { apply(documents: $d, force: true) { dryRun } }', {
    d: document,
  })
  expect(errors).toBeUndefined()
}
const inbox = async (who: Name): Promise<string[]> => {
  const { data } = await server.as<{ inbox: { nodes: { id: string }[] } }>(who, '{ inbox { nodes { id } } }')
  return data.inbox.nodes.map(({ id }) => id)
}
/** What a stream says until it ends. */
async function streamOf(
  who: Name,
  query: string,
  variables: object,
): Promise<{ first: Promise<void>; ended: Promise<string> }> {
  const headers = { authorization: `Bearer ${server.tokens[who]}`, accept: 'text/event-stream' }
  const response = await server.post('/graphql', { query, variables }, headers)
  const reader = response.body!.getReader()
  let text = ''
  let told: () => void = () => undefined
  const first = new Promise<void>((resolve) => (told = resolve))
  const ended = (async () => {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return text
      text += new TextDecoder().decode(value)
      if (text.includes('"data"')) told()
    }
  })()
  return { first, ended }
}
/** The moment within which a change must hold everywhere. */
const MOMENT_MS = 2_000
async function within<T>(work: () => Promise<T>): Promise<T> {
  const begin = performance.now()
  const result = await work()
  expect(performance.now() - begin).toBeLessThan(MOMENT_MS)
  return result
}

describe('whoever leaves a role', () => {
  test('is asked no more: the ask leaves their inbox, and what nobody can answer is put before somebody', async () => {
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    const [ask = ''] = await eventually(async () => ((await inbox('Quinn')).length === 1 ? inbox('Quinn') : null))
    const digest = (await server.engine.ask(ask))!.state.asks.get(ask)!.digest
    await within(async () => {
      await apply(role('qa', []))
      await server.until(id, 'attention')
      await eventually(async () => (await inbox('Quinn')).length === 0)
    })
    const state = (await server.engine.task(id))!.state
    expect(state.nodes.get('gate')?.error).toMatchObject({ cause: 'nobody_can_answer' })
    const { errors } = await server.as('Quinn', 'mutation($input: DecideInput!) { decide(input: $input) { id } }', {
      input: { askId: ask, digest, verdict: 'APPROVE' },
    })
    expect(['FORBIDDEN', 'NOT_FOUND']).toContain(errors![0]!.extensions['code'])
    await within(async () => {
      await apply(role('qa', ['Stu']))
      await eventually(async () => (await inbox('Stu')).includes(ask))
    })
    await apply(role('qa', ['Quinn']))
  })

  test('sees no more what the role let them see: streams end, cards are drawn again without buttons', async () => {
    await apply('apiVersion: baton/v1\nkind: Group\nmetadata: {name: watchers}\nspec: {members: []}')
    await apply(
      `apiVersion: baton/v1\nkind: App\nmetadata: {name: quiet, title: Quiet}\nspec: {flow: ship, launch: ["role:makers"], see: ["group:watchers"], operators: ["role:ops"]}`,
    )
    const member = { kind: 'group', name: 'watchers', person: server.ids.Stu }
    const change = (verb: 'addMember' | 'removeMember') =>
      server.as(
        'Ada',
        `mutation($kind: String!, $name: String!, $person: String!) { ${verb}(kind: $kind, name: $name, person: $person) { memberCount } }`,
        member,
      )
    await change('addMember')
    const { id } = await server.launch({}, { app: 'quiet' })
    await server.until(id, 'waiting')
    const query = 'subscription($id: ID!) { taskChanged(id: $id) { id phase } }'
    const stream = await streamOf('Stu', query, { id })
    await stream.first
    const now = server.clock.now
    const card = await server.db.write((tx) => {
      const about = { kind: 'task', subject: 'task', taskId: id, askId: null, nodeId: null }
      const place = { platform: 'slack', place: 'slack:T1:USTU', shared: false, person: server.ids.Stu }
      return catalogue.cardAt(tx, { ...about, ...place, messageId: '1.1' }, now).card
    })
    await within(async () => {
      await change('removeMember')
      await stream.ended
      await eventually(() =>
        server.db.read((tx) => catalogue.listDeliveries(tx, false, 50, null)).some(({ cardId }) => cardId === card.id),
      )
    })
    const { data } = await server.as<{ task: null }>('Stu', 'query($id: ID!) { task(id: $id) { id } }', { id })
    expect(data.task).toBeNull()
  })

  test('keeps what they have when another person leaves', async () => {
    await apply(role('qa', ['Quinn', 'Stu']))
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    await eventually(async () => (await inbox('Quinn')).length > 0 && (await inbox('Stu')).length > 0)
    await apply(role('qa', ['Quinn']))
    await eventually(async () => (await inbox('Stu')).length === 0)
    expect((await inbox('Quinn')).length).toBeGreaterThan(0)
    expect((await server.engine.task(id))!.state.phase).toBe('waiting')
  })
})

test('a role that is empty when an ask opens puts the task before somebody', async () => {
  await apply(role('qa', []))
  const { id } = await server.launch()
  await server.until(id, 'attention')
  const state = (await server.engine.task(id))!.state
  expect(state.nodes.get('gate')?.error).toMatchObject({
    cause: 'nobody_can_answer',
    message: expect.stringContaining('QA'),
  })
  await apply(role('qa', ['Quinn']))
})

describe('with a rota', () => {
  const rota = ', rota: {zone: UTC, from: 2026-11-16, shift: week}'
  test('whoever is on duty is asked, and stays asked when others change', async () => {
    await apply(role('qa', ['Quinn', 'Stu', 'Vic'], rota))
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    const asked = async (): Promise<string[]> =>
      [...(await server.engine.task(id))!.state.asks.values()].flatMap(({ need }) =>
        need.places.flatMap(({ people }) => people),
      )
    expect(await asked()).toEqual([server.ids.Quinn])
    server.clock.now += 7 * 86_400_000 // Stu has taken over
    await apply(role('qa', ['Quinn', 'Stu'], rota))
    expect(server.deps.directory.people('role:qa', { person: null, name: '', surface: 'system' })).toEqual([
      { id: server.ids.Stu, name: 'Stu' },
    ])
    expect(await asked()).toContain(server.ids.Quinn)
  })
})

test.each([
  [
    'an app',
    'kind: App\nmetadata: {name: odd}\nspec: {flow: ship, launch: ["role:nobody-knows", "Nemo"]}',
    ['spec.launch[0]', 'spec.launch[1]'],
  ],
  [
    'a role',
    'kind: Role\nmetadata: {name: odd}\nspec: {members: [Nemo], rota: {zone: Mars, from: 2026-11-02, order: [Nemo]}}',
    ['spec.members[0]', 'spec.rota.zone', 'spec.rota.order[0][0]'],
  ],
  [
    'a flow',
    'kind: Flow\nmetadata: {name: odd}\nspec: {nodes: {a: {use: approval, with: {approvers: ["role:nobody@${task.name}", "group:gone"]}}}}',
    ['spec.nodes.a.with.approvers[0]', 'spec.nodes.a.with.approvers[1]'],
  ],
])('people and roles that nobody knows are found where they stand in %s', async (_, text, places) => {
  const { data } = await server.as<{ check: { findings: { path: string; severity: string }[] } }>(
    'Ada',
    'mutation($d: String!) { check(document: $d) { findings { path severity } } }',
    { d: `apiVersion: baton/v1\n${text}` },
  )
  const found = data.check.findings.filter(({ severity }) => severity === 'ERROR').map(({ path }) => path)
  expect(found).toEqual(expect.arrayContaining(places))
})
test('a shared role that another project uses is not taken out', async () => {
  await apply('apiVersion: baton/v1\nkind: Role\nmetadata: {name: shared}\nspec: {members: [Quinn]}')
  await apply(
    'apiVersion: baton/v1\nkind: Flow\nmetadata: {name: far, project: far}\nspec: {nodes: {a: {use: approval, with: {approvers: ["role:shared"]}}}}',
  )
  const remove = () => server.as('Ada', 'mutation { deleteDocument(kind: "Role", name: "shared") }')
  expect((await remove()).errors?.[0]?.extensions['code']).toBe('CONFLICT')
  await apply('apiVersion: baton/v1\nkind: Role\nmetadata: {name: shared, project: far}\nspec: {members: []}')
  expect((await remove()).errors).toBeUndefined()
})

describe('rights in a project', () => {
  const SET =
    'mutation($p: ID!, $project: String, $role: String) { setRole(person: $p, project: $project, role: $role) { standing { project role rights } } }'
  const set = (who: Name, project: string | null, role: string | null) =>
    server.as<{ setRole: { standing: { project: string; role: string; rights: string[] }[] } }>(who, SET, {
      p: server.ids.Stu,
      project,
      role,
    })
  test('who manages people of one project gives roles there and nowhere else', async () => {
    await server.db.write((tx) => catalogue.grant(tx, server.ids.Mai, 'vault', 'owner'))
    const { data } = await set('Mai', 'vault', 'operator')
    // Of other projects they are told nothing.
    expect(data.setRole.standing).toEqual([
      { project: 'vault', role: 'operator', rights: ['view', 'launch', 'operate', 'reassign-ask'] },
    ])
    for (const project of [null, 'default', 'shop'])
      expect((await set('Mai', project, 'owner')).errors?.[0]?.extensions).toMatchObject({
        code: 'FORBIDDEN',
        right: 'manage-people',
        grantedBy: ['Ada'],
      })
    const refused = await set('Quinn', 'vault', 'owner')
    expect(refused.errors![0]!.extensions).toMatchObject({ grantedBy: ['Ada', 'Mai'] })
    expect((await set('Mai', 'vault', null)).data.setRole.standing).toEqual([
      { project: 'vault', role: 'starter', rights: ['launch'] },
    ])
    await server.db.write((tx) => catalogue.dropGrant(tx, server.ids.Mai, 'vault'))
  })
  test('a token for drafts writes drafts and publishes nothing', async () => {
    const { secret } = await server.db.write((tx) =>
      catalogue.makeToken(tx, { person: server.ids.Aki, name: 'ci', scopes: ['edit-flow'] }, server.clock.now),
    )
    const ask = async (query: string, variables: object = {}) =>
      (await (await server.post('/graphql', { query, variables }, { authorization: `Bearer ${secret}` })).json()) as {
        errors?: { extensions: { code: string; right: string } }[]
      }
    const draft = 'apiVersion: baton/v1\nkind: Flow\nmetadata: {name: drafted}\nspec: {nodes: {a: {use: test.work@1}}}'
    expect(
      (await ask('mutation($d: String!) { apply(documents: $d) { dryRun } }', { d: draft })).errors,
    ).toBeUndefined()
    const { errors } = await ask('mutation { publishFlow(name: "drafted") { version } }')
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'author' })
  })
  test('mail addresses are for the person and who manages people', async () => {
    await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Vic, { email: 'vic@example.org' }))
    const mail = async (who: Name): Promise<unknown> => {
      const { data } = await server.as<{ people: { nodes: { email: string | null }[] } }>(
        who,
        '{ people(search: "Vic") { nodes { email } } }',
      )
      return data.people.nodes[0]?.email
    }
    expect([await mail('Vic'), await mail('Ada'), await mail('Mai')]).toEqual([
      'vic@example.org',
      'vic@example.org',
      null,
    ])
  })
})
