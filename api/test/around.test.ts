import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { startTestServer, type Name, type TestServer } from './support.ts'

/** Doors beside the front door: each was open once, or was tried because it might have been. */
let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
})
afterEach(() => server.end())

const DAY = 24 * 3_600_000
const tomorrow = () => new Date(server.clock.now + DAY).toISOString()
/** A token of somebody, narrowed as they like. */
const tokenOf = (person: string, scopes: readonly string[] = [], expiresAt: number | null = null): Promise<string> =>
  server.db.write(
    (tx) => catalogue.makeToken(tx, { person, name: 'narrow', scopes, expiresAt }, server.clock.now).secret,
  )
async function by(token: string, query: string, variables: object = {}) {
  const response = await server.post('/graphql', { query, variables }, { authorization: `Bearer ${token}` })
  return (await response.json()) as {
    data: Record<string, Record<string, unknown>>
    errors?: { message: string; extensions: Record<string, unknown> }[]
  }
}
const openAsk = async (task: string) =>
  [...(await server.engine.task(task))!.state.asks.values()].find(({ state }) => state === 'open')!
const approve = 'mutation($i: DecideInput!) { decide(input: $i) { state } }'
const approval = async (task: string) => {
  const { id: askId, digest } = await openAsk(task)
  return { i: { askId, digest, verdict: 'APPROVE' } }
}
async function asked(): Promise<string> {
  const { id } = await server.launch()
  await server.until(id, 'waiting')
  return id
}
async function service(name: string, role = 'starter'): Promise<{ id: string; token: string }> {
  const id = await server.db.write((tx) => {
    const person = catalogue.addPerson(tx, { name, role, named: true, kind: 'service' }, server.clock.now)
    return person.id
  })
  server.deps.directory.refresh()
  return { id, token: await tokenOf(id) }
}

describe('who answers', () => {
  test('whoever may reassign asks does not make themselves somebody’s stand-in', async () => {
    const task = await asked()
    const { errors } = await server.as(
      'Omar',
      `mutation { delegate(from: "Quinn", to: "Omar", until: "${tomorrow()}") { id } }`,
    )
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'override-approval' })
    expect((await server.as('Omar', approve, await approval(task))).errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
    })
  })
  test('a token that may not answer does not hand the answers to somebody else', async () => {
    const token = await tokenOf(server.ids.Quinn, ['view', 'launch'])
    const { errors } = await by(token, `mutation { delegate(to: "Stu", until: "${tomorrow()}") { id } }`)
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'decide' })
  })
  test('a service account answers nothing, whatever role it stands in', async () => {
    const robot = await service('Robot')
    await server.as('Ada', 'mutation { addMember(kind: "role", name: "qa", person: "Robot") { name } }')
    const task = await asked()
    const { errors } = await by(robot.token, approve, await approval(task))
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
    expect((await server.engine.task(task))!.state.asks.size).toBe(1)
    expect((await openAsk(task)).decisions).toEqual([])
  })
})

test('a form for who started it, suspended by then, waits for nobody: the task says so', async () => {
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', {
    d: `
apiVersion: baton/v1
kind: Flow
metadata: {name: say, title: Say}
spec:
  nodes:
    first: {use: confirm, title: First, with: {by: ["role:ops"], text: Go on?}}
    then: {use: form, title: Then, with: {by: [starter], fields: {size: {type: integer}}}}
---
apiVersion: baton/v1
kind: App
metadata: {name: say, title: Say}
spec: {flow: say, launch: [everyone], see: [everyone]}
`,
  })
  await server.as('Ada', 'mutation { publishFlow(name: "say") { version } }')
  const { data } = await server.as<{ launch: { id: string } }>('Stu', 'mutation { launch(input: {app: "say"}) { id } }')
  const { id } = data.launch
  await server.until(id, 'waiting')
  await server.as('Ada', `mutation { suspendPerson(id: "${server.ids.Stu}") { id } }`)
  const { id: askId, digest } = await openAsk(id)
  await server.as('Olga', approve, { i: { askId, digest, verdict: 'CONFIRM' } })
  await server.until(id, 'attention')
  expect((await server.engine.task(id))!.state.nodes.get('then')?.error?.cause).toBe('nobody_can_answer')
})

describe('tokens', () => {
  const identity = (name: Name): string => server.db.read((tx) => catalogue.identitiesOf(tx, server.ids[name]))[0]!.id
  const tokenId = (name: Name): string => server.db.read((tx) => catalogue.tokensOf(tx, server.ids[name]))[0]!.id
  test('one that ends makes none that lasts longer', async () => {
    const ends = server.clock.now + 1000
    const token = await tokenOf(server.ids.Mai, [], ends)
    const made = await by(token, 'mutation { createToken(name: "x") { info { expiresAt } } }')
    expect(made.data['createToken']).toMatchObject({ info: { expiresAt: new Date(ends).toISOString() } })
  })
  test('a service account makes itself none', async () => {
    const robot = await service('Robot')
    const { errors } = await by(robot.token, 'mutation { createToken(name: "x") { token } }')
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
  })
  test.each([
    ['unlinkIdentity', (): string => `unlinkIdentity(id: "${identity('Quinn')}") { id }`],
    ['revokeToken', (): string => `revokeToken(id: "${tokenId('Quinn')}") { id }`],
    ['endSessions', (): string => 'endSessions'],
  ] as const)('one that is narrowed does not %s', async (_, what) => {
    const token = await tokenOf(server.ids.Quinn, ['view'])
    const { errors } = await by(token, `mutation { ${what()} }`)
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' })
  })
})

test('every history is exported by who may audit every project, not by who may audit one', async () => {
  const vault = 'apiVersion: baton/v1\nkind: Constant\nmetadata: {name: X, project: vault}\nspec: {value: 1}'
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: vault })
  await server.as('Ada', `mutation { setRole(person: "${server.ids.Stu}", project: "default", role: "owner") { id } }`)
  await server.as('Ada', `mutation { setRole(person: "${server.ids.Stu}", project: "vault", role: "none") { id } }`)
  const task = await server.launch()
  const fetched = async (who: Name, body: object) =>
    (await server.post('/export/history', body, { authorization: `Bearer ${server.tokens[who]}` })).status
  expect(await fetched('Stu', {})).toBe(403)
  expect(await fetched('Stu', { project: 'vault' })).toBe(403)
  expect(await fetched('Stu', { project: 'default' })).toBe(200)
  expect(await fetched('Stu', { task: task.id })).toBe(200)
  expect(await fetched('Ada', {})).toBe(200)
  expect(await fetched('Mai', { task: task.id })).toBe(403)
})

test('a document is checked by who looks at its project: what is found names what there is', async () => {
  const host =
    'apiVersion: baton/v1\nkind: Host\nmetadata: {name: prod-db, project: vault}\nspec: {address: 10.9.8.7, user: root, key: ssh.key}'
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: host })
  await server.as('Ada', `mutation { setRole(person: "${server.ids.Vic}", project: "vault", role: "none") { id } }`)
  const document = (project: string) => `
apiVersion: baton/v1
kind: Flow
metadata: {name: curious, project: ${project}}
spec: {variables: {on: {type: host, title: On, default: prod-dc}}, nodes: {one: {use: test.work@1}}}
`
  const check = (who: Name, d: string) =>
    server.as<{ check: object }>(who, 'mutation($d: String!) { check(document: $d) { findings { message fix } } }', {
      d,
    })
  const curious = await check('Vic', document('vault'))
  expect(curious.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'edit-flow' })
  expect(JSON.stringify(curious)).not.toContain('prod-db')
  expect((await check('Vic', document('default'))).errors).toBeUndefined()
  expect(JSON.stringify(await check('Ada', document('vault')))).toContain('prod-db')
})

test('a form of a step offers the hosts of its own project, and their labels', async () => {
  const host = (name: string, project: string, label: string) =>
    `apiVersion: baton/v1\nkind: Host\nmetadata: {name: ${name}, project: ${project}}\nspec: {address: 10.0.0.1, user: u, key: ssh.key, labels: [${label}]}`
  const flow = `
apiVersion: baton/v1
kind: Flow
metadata: {name: pick, title: Pick}
spec: {nodes: {one: {use: form, title: Pick, with: {by: ["role:ops"], fields: {on: {type: hosts, title: On}}}}}}
---
apiVersion: baton/v1
kind: App
metadata: {name: pick, title: Pick}
spec: {flow: pick, launch: [everyone]}
`
  const all = [host('web-1', 'default', 'web'), host('prod-db', 'vault', 'safe'), flow].join('\n---\n')
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: all })
  await server.as('Ada', 'mutation { publishFlow(name: "pick") { version } }')
  const { data } = await server.as<{ launch: { id: string } }>(
    'Mai',
    'mutation { launch(input: {app: "pick"}) { id } }',
  )
  await server.until(data.launch.id, 'waiting')
  const { id } = await openAsk(data.launch.id)
  const seen = await server.as<{ ask: { fields: object[] } }>(
    'Olga',
    'query($id: ID!) { ask(id: $id) { fields { options { title } shortcuts { title } } } }',
    { id },
  )
  expect(seen.data.ask.fields).toEqual([{ options: [{ title: 'web-1' }], shortcuts: [{ title: '@web' }] }])
})
test('whether a role is empty is said of the project’s own, not of the shared one of its name', async () => {
  const role =
    'apiVersion: baton/v1\nkind: Role\nmetadata: {name: ops, project: vault, title: Ops}\nspec: {members: []}'
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: role })
  const { data } = await server.as<{ document: { status: { conditions: { type: string; reason: string }[] } } }>(
    'Ada',
    '{ document(kind: "Role", name: "ops", project: "vault") { status { conditions { type reason } } } }',
  )
  expect(data.document.status.conditions).toContainEqual({ type: 'HasMembers', reason: 'Empty' })
})

describe('an invitation', () => {
  const invite = async (role: string) =>
    (await server.as<{ invite: { code: string } }>('Aki', `mutation { invite(role: "${role}") { code } }`)).data.invite
  const join = async (code: string) => (await server.post('/auth/sign-in', { code, name: 'Zed' })).status
  const make = (who: Name, role: string) =>
    server.as('Ada', `mutation { setRole(person: "${server.ids[who]}", role: "${role}") { id } }`)

  test('of somebody suspended lets nobody in, and does once they are back', async () => {
    await make('Aki', 'owner')
    const { code } = await invite('owner')
    await server.as('Ada', `mutation { suspendPerson(id: "${server.ids.Aki}") { id } }`)
    expect(await join(code)).toBe(404)
    await server.as('Ada', `mutation { restorePerson(id: "${server.ids.Aki}") { id } }`)
    expect(await join(code)).toBe(200)
  })
  test('gives no more than whoever made it has by now', async () => {
    await make('Aki', 'owner')
    const { code } = await invite('viewer')
    await make('Aki', 'author')
    expect(await join(code)).toBe(404)
  })
})

describe('somebody who can give rights back', () => {
  test('is never a service account', async () => {
    const robot = await service('Robot')
    const { errors } = await server.as('Ada', `mutation { setRole(person: "${robot.id}", role: "owner") { id } }`)
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' })
  })
  test('stays when two people become one, whether they are one everywhere or in `default` alone', async () => {
    const { id } = server.db.read((tx) => catalogue.personById(tx, server.ids.Omar))!
    await server.as('Ada', `mutation { setRole(person: "${id}", project: "default", role: "owner") { id } }`)
    await server.as(
      'Omar',
      `mutation { setRole(person: "${server.ids.Ada}", project: "default", role: "none") { id } }`,
    )
    const against = server.db.read((tx) => {
      const [keep, gone] = [server.ids.Stu, id].map((one) => catalogue.personById(tx, one)!)
      return catalogue.mergeConflicts(tx, keep!, gone!)
    })
    expect(against).toContainEqual({ code: 'LAST_OWNER', arg: 'Omar' })
  })
})

describe('names', () => {
  const joined = (name: string) =>
    server.db.write((tx) => catalogue.addPerson(tx, { name, role: 'starter' }, server.clock.now))
  test.each(['boss@example.com', 'role:admins', 'group:all', 'starter', 'everyone'])(
    'whoever joins as “%s” is not called what a document could mean',
    async (name) => {
      expect((await joined(name)).name.toLowerCase()).not.toBe(name)
    },
  )
  test('nobody is called like the id of another', async () => {
    const { name } = await joined(server.ids.Ada)
    expect(name).not.toBe(server.ids.Ada)
    expect(server.db.read((tx) => catalogue.personByRef(tx, server.ids.Ada))?.name).toBe('Ada')
  })
  test.each(['Ada​', 'Ada‮', '​Ada', 'A\u00adda', 'Ada\u0000'])(
    'what cannot be seen makes no second %j',
    async (name) => {
      expect((await joined(name)).name).toBe('Ada 2')
    },
  )
})

test('to follow a task keeps it in lists, not in sight: once nothing else shows it, it is not there', async () => {
  const { id } = await server.launch()
  await server.until(id, 'waiting')
  const FOLLOW = 'mutation($id: ID!) { follow(id: $id) { following } }'
  const READ = 'query($id: ID!) { task(id: $id) { following } tasks(following: true) { nodes { id } } }'
  const read = async (who: Name) =>
    (await server.as<{ task: object | null; tasks: { nodes: { id: string }[] } }>(who, READ, { id })).data
  for (const who of ['Stu', 'Omar'] as const) {
    await server.as(who, FOLLOW, { id })
    expect(await read(who)).toMatchObject({ task: { following: true }, tasks: { nodes: [{ id }] } })
  }
  const app = `
apiVersion: baton/v1
kind: App
metadata: {name: ship, title: Ship}
spec: {flow: ship, launch: ["role:makers"], see: ["role:ops"], operators: ["role:ops"]}
`
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d, force: true) { documents { name } } }', {
    d: app,
  })
  expect(await read('Stu')).toEqual({ task: null, tasks: { nodes: [] } })
  expect(await read('Omar')).toMatchObject({ task: { following: true }, tasks: { nodes: [{ id }] } }) // by his role
  expect(await read('Mai')).toMatchObject({ task: { following: false } }) // she started it
})
