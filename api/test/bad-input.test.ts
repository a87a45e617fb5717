/** What comes in from outside: malformed, too large, twice, from the wrong person. Nothing of it changes anything, and each is told why. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awaitCallback, definePlugin, done, json, z } from '../../engine/plugin/index.ts'
import { eventually, hang, startTestServer, work, type Name, type TestServer } from './support.ts'

const callback = definePlugin({
  code: 'callback',
  version: '1.0.0',
  title: 'Call back',
  inputs: z.object({}),
  outputs: z.object({ payload: json() }),
  execute: async () => awaitCallback(null),
  callback: async (_ctx, payload) => done({ payload }),
})
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ over: { plugins: [work, hang, callback] } })
  const { errors } = await server.as(
    'Ada',
    'mutation($documents: String!) { apply(documents: $documents) { dryRun } }',
    {
      documents: `
apiVersion: baton/v1
kind: Flow
metadata: {name: called}
spec: {nodes: {wait: {use: callback@1, title: Wait, with: {}}}}
---
apiVersion: baton/v1
kind: Host
metadata: {name: web-1}
spec: {address: 10.0.0.1, user: deploy, key: web.token}
`,
    },
  )
  expect(errors).toBeUndefined()
  await server.as('Ada', 'mutation { publishFlow(name: "called") { version } }')
})
afterAll(() => server.end())

const MIB = 1024 * 1024
const bearer = (who: Name) => ({ authorization: `Bearer ${server.tokens[who]}` })
const countTasks = () => server.db.prepare('SELECT count(*) FROM task_index').get()![0]
interface Refused {
  readonly errors: {
    message: string
    extensions: { code: string; fields?: { field: string }[]; right?: string; grantedBy?: string[] }
  }[]
}
const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as Refused).errors[0]!.extensions.code,
]

describe('every door that takes a body', () => {
  const DOORS = ['/auth/sign-in', '/auth/token', '/auth/telegram', '/export/history'] as const
  test.each(DOORS)('%s refuses what is no JSON object', async (path) => {
    for (const body of ['{"code":', '[]', '"text"', 'null', ''])
      expect(await codeOf(await server.post(path, body, bearer('Ada')))).toEqual([400, 'INVALID_INPUT'])
    server.clock.now += 3_600_000 // tries are counted
  })
  test.each(DOORS)('%s refuses what is too large, and says how large', async (path) => {
    const response = await server.post(path, JSON.stringify({ code: 'x'.repeat(2 * MIB) }), bearer('Ada'))
    expect(await codeOf(response)).toEqual([413, 'TOO_LARGE'])
  })
  test.each(['/auth/sign-in', '/auth/token', '/auth/telegram'] as const)(
    '%s refuses what is not text, or is text without end',
    async (path) => {
      for (const value of [7, null, {}, '', 'x'.repeat(5_000)])
        expect(await codeOf(await server.post(path, { code: value, token: value, initData: value }))).toEqual([
          400,
          'INVALID_INPUT',
        ])
      server.clock.now += 3_600_000
    },
  )
  test('a sign-in code that is nobody’s is refused, and the refusal is in the audit without the code', async () => {
    expect(await codeOf(await server.post('/auth/sign-in', { code: 'NOBODYS-CODE' }))).toEqual([404, 'NOT_FOUND'])
    expect(await codeOf(await server.post('/auth/token', { token: 'nobodys-token' }))).toEqual([404, 'NOT_FOUND'])
    expect((await server.post('/auth/token', { token: server.tokens.Mai })).status).toBe(200)
    type Found = { audit: { nodes: { what: string; allowed: boolean; by: { name: string } }[] } }
    const rows = await eventually(async () => {
      const { data } = await server.as<Found>(
        'Ada',
        '{ audit(what: ["signIn", "signInWithToken"]) { nodes { what allowed detail by { name } } } }',
      )
      return data.audit.nodes.some(({ allowed }) => allowed) && data.audit.nodes
    })
    expect(rows.map(({ what, allowed, by }) => [what, allowed, by.name])).toEqual(
      expect.arrayContaining([
        ['signInWithToken', true, 'Mai'],
        ['signInWithToken', false, 'Nobody'],
        ['signIn', false, 'Nobody'],
      ]),
    )
    expect(JSON.stringify(rows)).not.toMatch(/NOBODYS|nobodys/)
  })
})

describe('a launch', () => {
  const launch = (who: Name | 'nobody', input: object) =>
    server.as<{ launch: { id: string } }>(who, 'mutation($input: LaunchInput!) { launch(input: $input) { id } }', {
      input,
    })
  test.each([
    ['a required field left out', { variables: {} }, 'version'],
    ['a value that is no version', { variables: { version: '2.14' } }, 'version'],
    ['a number beyond its end', { variables: { version: 'v1', count: 10 } }, 'count'],
    ['a field there is none of', { variables: { version: 'v1', colour: 'red' } }, 'colour'],
    ['a key without end', { variables: { version: 'v1' }, key: 'k'.repeat(201) }, 'key'],
  ])('with %s is refused at its field, and nothing starts', async (_, more, field) => {
    const before = countTasks()
    const { errors } = await launch('Mai', { app: 'ship', ...more })
    expect(errors![0]!.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ field }] })
    expect(countTasks()).toBe(before)
  })
  test('too large is refused', async () => {
    const { errors, status } = await launch('Mai', { app: 'ship', variables: { version: `v${'1'.repeat(2 * MIB)}` } })
    expect([status, errors![0]!.extensions['code']]).toEqual([413, 'TOO_LARGE'])
  })
  test('sent twice with one key is one task; with another input a conflict', async () => {
    const input = { app: 'ship', variables: { version: 'v7' }, key: 'double-tap' }
    const [one, two] = await Promise.all([launch('Mai', input), launch('Mai', input)])
    expect(two.data.launch.id).toBe(one.data.launch.id)
    const other = await launch('Mai', { ...input, variables: { version: 'v8' } })
    expect(other.errors![0]!.extensions['code']).toBe('CONFLICT')
  })
  test('by whoever may not is refused, and told what is missing and who can give it', async () => {
    const input = { app: 'ship', variables: { version: 'v1' } }
    expect((await launch('Stu', input)).errors![0]!.extensions['code']).toMatch(/FORBIDDEN|NOT_FOUND/)
    const { errors } = await launch('Vic', input)
    expect(errors![0]!.extensions).toMatchObject({
      code: 'FORBIDDEN',
      right: 'launch',
      grantedBy: [expect.any(String)],
    })
    expect((await launch('nobody', input)).errors![0]!.extensions['code']).toBe('UNAUTHENTICATED')
  })
})

describe('a callback', () => {
  let url: string
  let id: string
  beforeAll(async () => {
    const { data } = await server.as<{ launch: { id: string } }>(
      'Ada',
      'mutation { launch(input: {flow: "called"}) { id } }',
    )
    id = data.launch.id
    await server.until(id, 'waiting')
    const address = { task: id, node: 'wait', attempt: 1, item: null }
    url = new URL(server.engine.callbackUrl(address)).pathname
  })
  test('that is no JSON, or too large, is refused and the step goes on waiting', async () => {
    expect(await codeOf(await server.post(url, '{"build":'))).toEqual([400, 'INVALID_INPUT'])
    expect(await codeOf(await server.post(url, JSON.stringify('x'.repeat(2 * MIB))))).toEqual([413, 'TOO_LARGE'])
    expect((await server.engine.task(id))!.state.phase).toBe('waiting')
  })
  test('at an address that is nobody’s is not found, whatever it brings', async () => {
    for (const path of [`${url}x`, '/callback/none', `/callback/${'x'.repeat(4_000)}`])
      expect((await server.post(path, { build: 1 })).status).toBe(404)
  })
  test('that comes twice counts once', async () => {
    const headers = { 'idempotency-key': 'build-7' }
    const answers = await Promise.all([
      server.post(url, { build: 7 }, headers),
      server.post(url, { build: 7 }, headers),
    ])
    for (const answer of answers) expect(answer.status).toBeLessThan(300)
    await server.until(id, 'succeeded')
    const history = await server.engine.history(id)
    expect(history.flatMap(({ events }) => events).filter(({ kind }) => kind === 'node_succeeded')).toHaveLength(1)
    expect((await server.post(url, { build: 8 }, { 'idempotency-key': 'late' })).status).toBe(202)
  })
})

describe('a host’s key', () => {
  const KEY = `SHA256:${'a'.repeat(43)}`
  const confirm = (who: Name, fingerprint: string, name = 'web-1') =>
    server.as(
      who,
      'mutation($name: String!, $fingerprint: String!) { confirmHostKey(name: $name, fingerprint: $fingerprint) { fingerprint } }',
      { name, fingerprint },
    )
  test('that was never shown, is malformed, is another, or of no host, is not pinned', async () => {
    expect((await confirm('Ada', KEY)).errors![0]!.extensions['code']).toBe('STALE')
    await server.as('Ada', 'mutation { scanHost(name: "web-1") { name } }')
    expect((await confirm('Ada', 'MD5:11:22')).errors![0]!.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'fingerprint' }],
    })
    expect((await confirm('Ada', `SHA256:${'b'.repeat(43)}`)).errors![0]!.extensions['code']).toBe('STALE')
    expect((await confirm('Ada', KEY, 'nowhere')).errors![0]!.extensions['code']).toBe('NOT_FOUND')
    expect((await confirm('Omar', KEY)).errors![0]!.extensions).toMatchObject({
      code: 'FORBIDDEN',
      right: 'manage-hosts',
    })
  })
  test('that is confirmed twice is pinned once', async () => {
    for (let again = 0; again < 2; again++)
      expect((await confirm('Ada', KEY)).data).toEqual({ confirmHostKey: { fingerprint: KEY } })
  })
})

describe('an answer', () => {
  test('on another digest is stale, by the wrong person forbidden, twice no second one', async () => {
    const { id } = await server.launch()
    await server.until(id, 'waiting')
    const { data } = await server.as<{ task: { asks: { id: string; digest: string }[] } }>(
      'Quinn',
      'query($id: ID!) { task(id: $id) { asks { id digest } } }',
      { id },
    )
    const [ask] = data.task.asks
    const decide = (who: Name, more: object = {}) =>
      server.as<{ decide: { id: string } }>(who, 'mutation($input: DecideInput!) { decide(input: $input) { id } }', {
        input: { askId: ask!.id, digest: ask!.digest, verdict: 'APPROVE', ...more },
      })
    expect((await decide('Quinn', { digest: 'made-up' })).errors![0]!.extensions['code']).toBe('STALE')
    expect((await decide('Omar')).errors![0]!.extensions['code']).toMatch(/FORBIDDEN|NOT_ALLOWED/)
    expect((await decide('Quinn', { comment: 'x'.repeat(5_000) })).errors![0]!.extensions).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'comment' }],
    })
    const twice = await Promise.all([decide('Quinn'), decide('Quinn')])
    expect(twice.filter(({ errors }) => !errors)).not.toHaveLength(0)
    await server.until(id, 'succeeded')
    const history = await server.engine.history(id)
    expect(history.flatMap(({ events }) => events).filter(({ kind }) => kind === 'ask_decided')).toHaveLength(1)
  })
})
