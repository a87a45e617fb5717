import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listen, type Listener } from '../entry/listen.ts'
import { startTestServer, type TestServer } from './support.ts'

let server: TestServer
let listener: Listener
beforeAll(async () => {
  server = await startTestServer()
  listener = await listen({ port: 0, host: '127.0.0.1' })
  listener.use((request, bindings) => server.app.fetch(request, bindings))
})
afterAll(async () => {
  await listener.close()
  await server.end()
})
const auth = () => ({ authorization: `Bearer ${server.tokens.Ada}`, 'content-type': 'application/json' })

describe('bad input', () => {
  test('a body of 50 MB is answered with 413 and its size, over a real connection that goes on', async () => {
    const big = new Uint8Array(50 * 1024 * 1024).fill(32)
    const response = await fetch(`${listener.url}/graphql`, { method: 'POST', headers: auth(), body: big })
    expect(response.status).toBe(413)
    expect(await response.json()).toMatchObject({
      errors: [{ message: expect.stringContaining('50 MiB'), extensions: { code: 'TOO_LARGE' } }],
    })
    expect((await fetch(`${listener.url}/healthz`)).status).toBe(200)
  })
  test.each([
    { what: 'malformed JSON', body: '{"query":', says: /JSON/i },
    { what: 'malformed GraphQL', body: JSON.stringify({ query: '{ viewer { rights ' }), says: /Syntax Error/ },
    { what: 'an unknown field', body: JSON.stringify({ query: '{ viewer { nonsense } }' }), says: /nonsense/ },
    {
      what: 'a missing variable',
      body: JSON.stringify({ query: 'query($id: ID!) { ask(id: $id) { id } }' }),
      says: /\$id/,
    },
    {
      what: 'a wrong instant',
      body: JSON.stringify({ query: '{ tasks(updatedAfter: "yesterday") { totalCount } }' }),
      says: /ISO 8601/,
    },
    {
      what: 'a list out of range',
      body: JSON.stringify({ query: '{ tasks(first: 5000) { totalCount } }' }),
      says: /1 to 200/,
    },
    {
      what: 'an invented cursor',
      body: JSON.stringify({ query: '{ tasks(after: "zzzz") { totalCount } }' }),
      says: /cursor/,
    },
  ])('$what is refused, located, without a stack', async ({ body, says }) => {
    const response = await server.post('/graphql', body, auth())
    const { errors } = (await response.json()) as { errors: { message: string; extensions: { code: string } }[] }
    expect(errors[0]!.message).toMatch(says)
    expect(errors[0]!.extensions.code).toBe('INVALID_INPUT')
    expect(JSON.stringify(errors)).not.toMatch(/node_modules|at .*\.ts/)
  })
  test.each([
    { what: 'depth', query: `{ task(id: "1") ${'{ asks { task '.repeat(10)}{ id }${' } }'.repeat(10)} }` },
    { what: 'aliases', query: `{ ${Array.from({ length: 40 }, (_, n) => `a${n}: viewer { needsMe }`).join(' ')} }` },
    { what: 'length', query: `{ viewer { ${'needsMe '.repeat(5000)} } }` },
  ])('a query of too much $what is refused', async ({ query }) => {
    const { errors } = await server.as('Ada', query)
    expect(errors?.[0]?.extensions['code']).toBe('INVALID_INPUT')
  })
  test('GET decides nothing, not even as GraphQL', async () => {
    const response = await server.app.request('http://baton.test/graphql?query=mutation{linkCode{code}}', {
      headers: auth(),
    })
    expect(response.status).toBe(405)
  })
  test('a forged callback is not found, without detail', async () => {
    const response = await server.post('/callback/forged', { a: 1 })
    expect([response.status, await response.json()]).toEqual([
      404,
      { errors: [{ message: 'not found', extensions: { code: 'NOT_FOUND' } }] },
    ])
  })
  test('a short secret is refused, and no secret comes back', async () => {
    const set = (value: string) =>
      server.as(
        'Ada',
        'mutation($value: String!) { setSecret(namespace: "web", key: "token", value: $value) { namespace key setAt } }',
        { value },
      )
    expect((await set('12345')).errors![0]!.extensions['code']).toBe('INVALID_INPUT')
    expect((await set('swordfish')).errors).toBeUndefined()
    const everything = JSON.stringify([
      await server.as('Ada', '{ secretNames { namespace key setAt usedBy } audit { nodes { detail } } }'),
    ])
    expect(everything).not.toContain('swordfish')
  })
  test('a secret says whether a SecretRef names it, set or not', async () => {
    await server.as('Ada', 'mutation($documents: String!) { apply(documents: $documents) { dryRun } }', {
      documents: 'apiVersion: baton/v1\nkind: SecretRef\nmetadata: {name: deploys}\nspec: {keys: [token]}\n',
    })
    const set = (key: string) =>
      server.as(
        'Ada',
        'mutation($key: String!) { setSecret(namespace: "deploys", key: $key, value: "swordfish") { declared } }',
        { key },
      )
    expect((await set('tokn')).data).toEqual({ setSecret: { declared: false } })
    const { secretNames } = (await server.as('Ada', '{ secretNames { namespace key declared } }')).data as {
      secretNames: { namespace: string }[]
    }
    expect(secretNames.filter(({ namespace }) => namespace === 'deploys')).toEqual([
      { namespace: 'deploys', key: 'token', declared: true },
      { namespace: 'deploys', key: 'tokn', declared: false },
    ])
    expect((await set('token')).data).toEqual({ setSecret: { declared: true } })
  })
  test('documents are refused with line and column, all at once, and nothing is saved', async () => {
    const text = 'apiVersion: baton/v1\nkind: Constant\nmetadata: {name: X}\nspec: {valeu: 1}\n---\nkind: Flow\n'
    const { errors } = await server.as(
      'Ada',
      'mutation($documents: String!) { apply(documents: $documents) { dryRun } }',
      { documents: text },
    )
    const findings = errors![0]!.extensions['findings'] as { line: number; fix: string | null }[]
    expect(findings[0]).toMatchObject({ line: 4, fix: 'value' })
    expect(findings.length).toBeGreaterThan(1)
    expect((await server.as<{ flow: null }>('Ada', '{ flow(name: "x") { name } }')).data.flow).toBeNull()
  })
})

describe('documents', () => {
  const constant = (value: number, more = '') =>
    `apiVersion: baton/v1\nkind: Constant\nmetadata: {name: LIMIT}\nspec: {value: ${value}${more}}\n`
  const apply = (documents: string, more: object = {}) =>
    server.as<{ apply: { documents: { result: string; generation: number; diff: object[] }[] } }>(
      'Ada',
      'mutation($documents: String!, $dryRun: Boolean, $force: Boolean, $manager: String) { apply(documents: $documents, dryRun: $dryRun, force: $force, manager: $manager) { dryRun documents { result generation diff { path before after } } } }',
      { documents, ...more },
    )

  test('a dry run shows the diff and changes nothing; twice the same changes nothing', async () => {
    expect((await apply(constant(1), { dryRun: true })).data.apply.documents[0]).toMatchObject({ result: 'CREATED' })
    expect((await apply(constant(1))).data.apply.documents[0]).toMatchObject({ result: 'CREATED', generation: 1 })
    expect((await apply(constant(1))).data.apply.documents[0]).toMatchObject({ result: 'UNCHANGED', generation: 1 })
    expect((await apply(constant(2))).data.apply.documents[0]).toMatchObject({
      result: 'CHANGED',
      generation: 2,
      diff: [{ path: 'spec.value', before: 1, after: 2 }],
    })
  })
  test('another manager’s field is a conflict that names it, unless forced', async () => {
    const { errors } = await apply(constant(3), { manager: 'pipeline' })
    expect(errors![0]).toMatchObject({
      extensions: { code: 'CONFLICT' },
      message: expect.stringContaining('spec.value'),
    })
    expect((await apply(constant(3), { manager: 'pipeline', force: true })).data.apply.documents[0]).toMatchObject({
      result: 'CHANGED',
    })
  })
  test('publishing refuses what the check finds, and numbers what it lets through', async () => {
    const flow = (use: string) =>
      `apiVersion: baton/v1\nkind: Flow\nmetadata: {name: small}\nspec: {nodes: {a: {use: ${use}}}}\n`
    await apply(flow('test.nonsense@1'))
    const publish = () =>
      server.as<{ publishFlow: object }>(
        'Ada',
        'mutation { publishFlow(name: "small", note: "n") { version current digest hasDraft } }',
      )
    expect((await publish()).errors![0]!.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      findings: [expect.objectContaining({ node: 'a', line: 4 })],
    })
    await apply(flow('test.work@1'))
    expect((await publish()).data.publishFlow).toMatchObject({ version: 1, current: true, hasDraft: false })
    expect((await publish()).data.publishFlow).toMatchObject({ version: 1 })
  })
  test('who may write flows may not thereby change who approves', async () => {
    const role = 'apiVersion: baton/v1\nkind: Role\nmetadata: {name: qa}\nspec: {members: [Aki]}\n'
    const { errors } = await server.as(
      'Aki',
      'mutation($documents: String!) { apply(documents: $documents, force: true) { dryRun } }',
      { documents: role },
    )
    expect(errors![0]!.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'manage-people' })
  })
})

describe('subscriptions', () => {
  /** Events of a stream until `enough`, then leaves. */
  async function follow(
    query: string,
    enough: (seen: Record<string, unknown>[]) => boolean,
    meanwhile?: () => Promise<unknown>,
    token = server.tokens.Ada,
  ) {
    const leaving = new AbortController()
    const response = await fetch(`${listener.url}/graphql`, {
      method: 'POST',
      signal: leaving.signal,
      headers: { ...auth(), authorization: `Bearer ${token}`, accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
    })
    const seen: Record<string, unknown>[] = []
    let text = ''
    let begun = false
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk
      for (const line of text.split('\n').filter((one) => one.startsWith('data: {')))
        seen.push((JSON.parse(line.slice(6)) as { data: Record<string, unknown> }).data)
      text = text.slice(text.lastIndexOf('\n') + 1)
      if (seen.length > 0 && !begun) {
        begun = true
        await meanwhile?.()
      }
      if (enough(seen)) break
    }
    leaving.abort()
    return seen
  }
  const phases = (seen: Record<string, unknown>[]) =>
    seen.map((data) => (data['taskChanged'] as { phase: string }).phase)

  test('the present state comes first, then the newest, never an older one', async () => {
    const { id } = await server.launch({ ok: false })
    await server.until(id, 'attention')
    const retry = () =>
      server.as('Ada', 'mutation($input: NodeInput!) { retryNode(input: $input) { id } }', {
        input: { taskId: id, nodeId: 'deploy', attempt: 1, variables: { ok: true } },
      })
    const seen = await follow(
      `subscription { taskChanged(id: "${id}") { phase version } }`,
      (all) => phases(all).includes('WAITING'),
      retry,
    )
    expect(phases(seen)[0]).toBe('ATTENTION')
    const versions = seen.map((data) => (data['taskChanged'] as { version: number }).version)
    expect(versions).toEqual([...versions].sort((a, b) => a - b))
  })
  test('a log is told from its beginning and ends with its attempt', async () => {
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    const lines = await follow(
      `subscription { nodeLog(taskId: "${id}", nodeId: "deploy", attempt: 1) { n text } }`,
      () => false,
    )
    expect(lines).toEqual([{ nodeLog: { n: 0, text: 'works on v1' } }])
  })
  test('whoever may not see it is refused, and whoever loses the right is told no more', async () => {
    const refused = await fetch(`${listener.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: 'subscription { tasksChanged { id } }' }),
    })
    expect(await refused.text()).toContain('UNAUTHENTICATED')
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    const token = await server.as<{ createToken: { token: string; info: { id: string } } }>(
      'Vic',
      'mutation { createToken(name: "t") { token info { id } } }',
    )
    const leave = async () => {
      await server.as('Vic', 'mutation($id: ID!) { revokeToken(id: $id) { id } }', {
        id: token.data.createToken.info.id,
      })
      await server.as('Mai', 'mutation($id: ID!) { pauseTask(id: $id) { id } }', { id })
    }
    const seen = await follow(
      `subscription { taskChanged(id: "${id}") { phase } }`,
      () => false,
      leave,
      token.data.createToken.token,
    )
    expect(phases(seen)).toEqual(['WAITING'])
  })
  test('an ask that reaches somebody is told in their inbox', async () => {
    let launched: { id: string } | null = null
    const seen = await follow(
      'subscription { inboxChanged { state task { id } } }',
      (all) =>
        launched !== null &&
        all.some((data) => (data['inboxChanged'] as { task: { id: string } }).task.id === launched!.id),
      async () => {
        launched = await server.launch()
      },
      server.tokens.Quinn,
    )
    expect(seen.at(-1)).toMatchObject({ inboxChanged: { state: 'OPEN' } })
  })
})

test('metrics count and name nothing', async () => {
  const text = await (await server.app.request('http://baton.test/metrics')).text()
  expect(text).toMatch(/baton_tasks\{phase="waiting"\} \d+/)
  expect(text).not.toContain('Ship')
})
