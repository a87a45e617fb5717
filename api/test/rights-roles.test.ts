import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { eventually, startTestServer, type Answer, type Name, type TestServer } from './support.ts'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.end())

const roleDocument = (rights: string, more = '', name = 'releaser', project = 'default'): string =>
  `apiVersion: baton/v1\nkind: RightsRole\nmetadata: {name: ${name}, project: ${project}, title: Release desk}\nspec: {rights: [${rights}]${more}}`
const apply = (who: Name, documents: string, more = ''): Promise<Answer> =>
  server.as(who, `mutation($d: String!) { apply(documents: $d ${more}) { documents { result } } }`, { d: documents })
const setRole = (by: Name, person: Name, role: string | null, project: string | null = null): Promise<Answer> =>
  server.as(
    by,
    'mutation($id: ID!, $role: String, $project: String) { setRole(person: $id, role: $role, project: $project, newProject: true) { id } }',
    {
      id: server.ids[person],
      role,
      project,
    },
  )
const refusal = ({ errors }: Answer): Record<string, unknown> => errors?.[0]?.extensions ?? {}
const rightsOf = async (who: Name): Promise<string[]> =>
  (await server.as<{ viewer: { rights: string[] } }>(who, '{ viewer { rights } }')).data.viewer.rights
const hosts = async (who: Name): Promise<unknown> =>
  refusal(await server.as(who, '{ hosts { name } }'))['code'] ?? 'seen'
const remove = (who: Name, force?: boolean): Promise<Answer> =>
  server.as(who, 'mutation($force: Boolean) { deleteDocument(kind: "RightsRole", name: "releaser", force: $force) }', {
    force: force ?? null,
  })

describe('a role of the company’s own', () => {
  test('is what its document says, for whoever has it, and everywhere at once when it changes', async () => {
    await apply('Ada', roleDocument('launch, view'))
    await setRole('Ada', 'Stu', 'releaser')
    expect(await rightsOf('Stu')).toEqual(['view', 'launch'])
    expect(await hosts('Stu')).toBe('seen')
    await apply('Ada', roleDocument('launch'))
    expect(await hosts('Stu')).toBe('FORBIDDEN')
  })
  test('has a title in the reader’s language, beside those that are always there', async () => {
    await apply('Ada', roleDocument('launch', ', titles: {zh: 发布台}'))
    const query = '{ rightsRoles(project: "default") { name title project rights } }'
    type Roles = { rightsRoles: { name: string; title: string; project: string | null }[] }
    const read = async (language: string): Promise<Roles['rightsRoles']> =>
      (await server.as<Roles>('Stu', query, {}, { 'accept-language': language })).data.rightsRoles
    const [english, chinese] = [await read('en'), await read('zh')]
    const titleIn = (roles: typeof english, name: string): string | undefined =>
      roles.find((role) => role.name === name)?.title
    expect([titleIn(english, 'releaser'), titleIn(english, 'owner')]).toEqual(['Release desk', 'Owner'])
    expect([titleIn(chinese, 'releaser'), titleIn(chinese, 'owner')]).toEqual(['发布台', '所有者'])
  })
  test('of one project is none in another', async () => {
    await apply('Ada', roleDocument('view', '', 'releaser', 'vault'))
    expect(refusal(await setRole('Ada', 'Stu', 'releaser'))['code']).toBe('INVALID_INPUT')
    expect(refusal(await setRole('Ada', 'Stu', 'releaser', 'vault'))['code']).toBeUndefined()
    expect(await rightsOf('Stu')).toEqual(['launch']) // of the project `default`
  })
  test('of one project may not be called as one that all share, nor the other way about', async () => {
    await apply('Ada', roleDocument('view', '', 'releaser', 'vault'))
    expect(refusal(await apply('Ada', roleDocument('view')))['code']).toBe('CONFLICT')
    await apply('Ada', roleDocument('view', '', 'desk'))
    expect(refusal(await apply('Ada', roleDocument('view', '', 'desk', 'vault')))['code']).toBe('CONFLICT')
  })
  test('makes its holders those whom a refusal names', async () => {
    await apply('Ada', roleDocument('audit'))
    await setRole('Ada', 'Quinn', 'releaser')
    const said = refusal(await server.as('Stu', '{ audit { nodes { id } } }'))
    expect(said).toMatchObject({ right: 'audit', grantedBy: ['Ada'] })
    expect(said['heldBy']).toEqual(['Ada', 'Quinn'])
  })
  test('is made and changed by an act of its own, and left to the pipeline that looks after it', async () => {
    const act =
      'mutation($rights: [String!], $zh: String) { setRightsRole(name: "desk", title: "Desk", titleZh: $zh, rights: $rights) { title titleZh rights } }'
    const made = await server.as<{ setRightsRole: object }>('Ada', act, { rights: ['launch'], zh: '服务台' })
    expect(made.data.setRightsRole).toEqual({ title: 'Desk', titleZh: '服务台', rights: ['launch'] })
    const more = await server.as<{ setRightsRole: object }>('Ada', act, { rights: ['author'] })
    expect(more.data.setRightsRole).toMatchObject({ titleZh: '服务台', rights: ['edit-flow', 'author', 'use-secret'] })
    await apply('Ada', roleDocument('view'), ', manager: "git"')
    const page = await server.as('Ada', 'mutation { setRightsRole(name: "releaser", rights: ["launch"]) { name } }')
    expect(refusal(page)['code']).toBe('CONFLICT')
    expect(refusal(await server.as('Ada', 'mutation { setRightsRole(name: "empty") { name } }'))['code']).toBe(
      'INVALID_INPUT',
    )
  })
})

describe('whoever manages people by a role of the company’s own', () => {
  beforeEach(async () => {
    await apply('Ada', roleDocument('manage-people, launch, view', '', 'desk'))
    await apply('Ada', roleDocument('operate', '', 'releaser'))
    await setRole('Ada', 'Quinn', 'desk')
  })
  const missing = (answer: Answer): unknown => [refusal(answer)['code'], refusal(answer)['right']]

  test('gives what they have', async () => {
    expect(missing(await setRole('Quinn', 'Stu', 'viewer'))).toEqual([undefined, undefined])
    expect(missing(await apply('Quinn', roleDocument('view', '', 'reader')))).toEqual([undefined, undefined])
  })
  test.each<[string, () => Promise<Answer>]>([
    ['a role that is always there', () => setRole('Quinn', 'Quinn', 'owner')],
    ['a role of the company', () => setRole('Quinn', 'Stu', 'releaser')],
    ['a new role', () => apply('Quinn', roleDocument('view, audit', '', 'wide'))],
    ['a dry run of it', () => apply('Quinn', roleDocument('view, audit', '', 'wide'), ', dryRun: true')],
    [
      'their own role, made wider',
      () => apply('Quinn', roleDocument('manage-people, launch, view, audit', '', 'desk')),
    ],
    [
      'the same by the act',
      () => server.as('Quinn', 'mutation { setRightsRole(name: "desk", rights: ["audit"], force: true) { name } }'),
    ],
    [
      'the same on the page',
      () =>
        server.as('Quinn', 'mutation($d: String!) { saveDocument(document: $d, basedOn: 1, force: true) { name } }', {
          d: roleDocument('manage-people, audit', '', 'desk'),
        }),
    ],
    ['an invitation', () => server.as('Quinn', 'mutation { invite(role: "author") { id } }')],
    ['a workspace', () => server.as('Quinn', 'mutation { trust(platform: SLACK, id: "T9", role: "author") { id } }')],
    [
      'a service account',
      () => server.as('Quinn', 'mutation { createServiceAccount(name: "CI", role: "operator") { id } }'),
    ],
  ])('does not give what they have not: %s', async (_, act) => {
    const before = server.db.read((tx) => catalogue.rightsRolesIn(tx, null).map(({ name, rights }) => [name, rights]))
    const [code, right] = missing(await act()) as string[]
    expect(code).toBe('FORBIDDEN')
    expect(['operate', 'audit', 'override-approval', 'operate-inputs', 'reassign-ask']).toContain(right)
    expect(server.db.read((tx) => catalogue.rightsRolesIn(tx, null).map(({ name, rights }) => [name, rights]))).toEqual(
      before,
    )
    expect(server.db.read((tx) => catalogue.personById(tx, server.ids.Quinn))?.role).toBe('desk')
  })
  test('makes no token for a service account that may do more', async () => {
    const made = await server.as<{ createServiceAccount: { id: string } }>(
      'Ada',
      'mutation { createServiceAccount(name: "CI", role: "operator") { id } }',
    )
    const { id } = made.data.createServiceAccount
    const token = (scopes: string[] | null): Promise<Answer> =>
      server.as(
        'Quinn',
        'mutation($id: ID!, $scopes: [String!]) { createToken(name: "x", person: $id, scopes: $scopes) { token } }',
        { id, scopes },
      )
    expect(missing(await token(null))).toEqual(['FORBIDDEN', 'operate'])
    expect(missing(await token(['launch']))).toEqual([undefined, undefined])
    await server.db.write((tx) => catalogue.grant(tx, id, 'vault', 'author'))
    expect(missing(await token(['edit-flow']))).toEqual(['FORBIDDEN', 'edit-flow'])
  })
  test('does not bring back a wider role by ending the narrower one of a project', async () => {
    await server.db.write((tx) => catalogue.grant(tx, server.ids.Aki, 'default', 'viewer'))
    expect(missing(await setRole('Quinn', 'Aki', null, 'default'))).toEqual(['FORBIDDEN', 'operate'])
  })
  test('is not the one to ask for what they cannot give', async () => {
    const said = refusal(await server.as('Stu', '{ audit { nodes { id } } }'))
    expect(said['grantedBy']).toEqual(['Ada'])
    const people = refusal(await server.as('Stu', 'mutation { invite(role: "viewer") { id } }'))
    expect(people['grantedBy']).toEqual(['Ada', 'Quinn'])
  })
})

describe('taking a role away', () => {
  beforeEach(async () => {
    await apply('Ada', roleDocument('view, launch, operate'))
    await setRole('Ada', 'Stu', 'releaser')
    await setRole('Ada', 'Vic', 'releaser', 'vault')
    await server.as(
      'Ada',
      'mutation { invite(role: "releaser") { id } trust(platform: SLACK, id: "T9", role: "releaser") { id } }',
    )
  })
  test('is refused while somebody has it, and says who', async () => {
    const answer = await remove('Ada')
    expect(refusal(answer)['code']).toBe('CONFLICT')
    const used = refusal(answer)['usedBy'] as { kind: string; name: string }[]
    expect(used.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'Person Stu',
      'Person Vic',
      'Invitation (1)',
      'Workspace T9',
    ])
    expect(await hosts('Stu')).toBe('seen')
  })
  test('by force leaves its holders none, and nobody joins with it', async () => {
    expect(refusal(await remove('Ada', true))['code']).toBeUndefined()
    expect(await rightsOf('Stu')).toEqual([])
    server.db.read((tx) => {
      expect(catalogue.personById(tx, server.ids.Stu)?.role).toBe('none')
      expect(catalogue.grantsOf(tx, server.ids.Vic)).toEqual([{ project: 'vault', role: 'none' }])
      expect(catalogue.invitations(tx).filter(({ usedAt }) => usedAt === null)).toEqual([])
      expect(catalogue.workspaceOf(tx, 'slack', 'T9')?.role).toBeNull()
    })
    // Made anew under the same name it is nobody's.
    await apply('Ada', roleDocument('view'))
    expect(await hosts('Stu')).toBe('FORBIDDEN')
  })
  test('needs the right to manage people', async () => {
    expect(refusal(await remove('Aki', true))).toMatchObject({ code: 'FORBIDDEN', right: 'manage-people' })
  })
})

describe('what lasts, when a role changes', () => {
  /** Of each open stream: what it has told, and whether it has ended. */
  async function stream(who: Name, query: string): Promise<{ told: () => number; ended: () => boolean }> {
    const response = await server.post(
      '/graphql',
      { query },
      { authorization: `Bearer ${server.tokens[who]}`, accept: 'text/event-stream' },
    )
    let told = 0
    let ended = false
    void (async () => {
      const text = new TextDecoder()
      for await (const chunk of response.body!) {
        told += text.decode(chunk).match(/event: next/g)?.length ?? 0
      }
      ended = true
    })()
    return { told: () => told, ended: () => ended }
  }
  test('streams end, cards are drawn again, and what waits for its time is stopped', async () => {
    await apply('Ada', roleDocument('view, launch, operate'))
    await setRole('Ada', 'Stu', 'releaser')
    const later = new Date(server.clock.now + 3_600_000).toISOString()
    const { data } = await server.as<{ launch: { id: string } }>(
      'Stu',
      'mutation($i: LaunchInput!) { launch(input: $i) { id } }',
      { i: { flow: 'wait', variables: {}, startAt: later } },
    )
    const running = await server.as<{ launch: { id: string } }>(
      'Ada',
      'mutation { launch(input: {flow: "wait", variables: {}}) { id } }',
    )
    const card = await eventually(() =>
      server.db.read((tx) =>
        catalogue.privateCardsOf(tx, [server.ids.Stu]).find((one) => one.taskId === data.launch.id),
      ),
    )
    await server.db.write((tx) => {
      for (const delivery of catalogue.leaseDeliveries(tx, 'slack', 100, server.clock.now))
        catalogue.settleDelivery(tx, delivery.id)
    })
    const watched = await stream('Stu', `subscription { taskChanged(id: "${running.data.launch.id}") { phase } }`)
    await eventually(() => watched.told() > 0)
    await eventually(() => server.db.read((tx) => catalogue.notBegunOf(tx, [server.ids.Stu]).length === 1))
    const begun = performance.now()
    expect(refusal(await apply('Ada', roleDocument('')))['code']).toBeUndefined()
    await eventually(async () => {
      const task = await server.engine.task(data.launch.id)
      return task?.state.timers.has('task/start_at') === false
    })
    await eventually(() =>
      server.db.read((tx) =>
        catalogue
          .listDeliveries(tx, false, 200, null)
          .some(({ cardId, state }) => cardId === card.id && state === 'pending'),
      ),
    )
    await eventually(() => watched.ended())
    expect(performance.now() - begun).toBeLessThan(2_000)
  })
})
