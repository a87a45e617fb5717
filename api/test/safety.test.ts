/** What somebody tries who wants in, over a real connection: cookies, other sites, addresses that lie, queries and files made to hurt. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { createLog } from '../entry/log.ts'
import { listen, type Listener } from '../entry/listen.ts'
import { staticFiles } from '../entry/static.ts'
import { startTestServer, type TestServer } from './support.ts'

interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: string
}
type Sent = { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string }
/** As anything may write it on the line: also what `fetch` would not send. */
const sendTo = (listener: Listener, path: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(listener.url)
    const call = request({ hostname, port, path, method, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const had = new Headers()
        for (let at = 0; at < response.rawHeaders.length; at += 2)
          had.append(response.rawHeaders[at]!, response.rawHeaders[at + 1]!)
        resolve({ status: response.statusCode ?? 0, headers: had, body: Buffer.concat(chunks).toString() })
      })
    })
    call.on('error', reject)
    call.end(body)
  })
const json = { 'content-type': 'application/json' }

interface Place {
  readonly server: TestServer
  readonly listener: Listener
  send(path: string, sent?: Sent): Promise<Reply>
  /** Signs in by a link that any browser may use; answers with the cookie. */
  signIn(name: 'Ada' | 'Mai', headers?: Record<string, string>): Promise<string>
}
const folder = mkdtempSync(join(tmpdir(), 'baton-safety-'))
mkdirSync(join(folder, 'web/assets'), { recursive: true })
writeFileSync(join(folder, 'web/index.html'), '<!doctype html>the page')
writeFileSync(join(folder, 'web/assets/a.js'), 'the script')
writeFileSync(join(folder, 'key.js'), 'the key')
afterAll(() => rmSync(folder, { recursive: true }))
async function open(url: string): Promise<Place> {
  const doors = { web: staticFiles(join(folder, 'web')) }
  const server = await startTestServer({ config: { url }, over: { doors } })
  const listener = await listen({ port: 0, host: '127.0.0.1' })
  listener.use((call, bindings) => server.app.fetch(call, bindings))
  const send: Place['send'] = (path, sent) => sendTo(listener, path, sent)
  return {
    server,
    listener,
    send,
    async signIn(name, headers = {}) {
      const of = { person: server.ids[name], createdBy: 'test' }
      const { code } = await server.db.write((tx) => catalogue.makeCode(tx, 'sign_in', of, server.clock.now))
      const body = JSON.stringify({ code, confirm: true, switch: true })
      const reply = await send('/auth/sign-in', { method: 'POST', headers: { ...json, ...headers }, body })
      expect(reply.status).toBe(200)
      return reply.headers.getSetCookie().find((cookie) => cookie.includes('baton_session='))!
    },
  }
}
let plain: Place
let tls: Place
beforeAll(async () => {
  plain = await open('http://baton.test')
  tls = await open('https://baton.test')
})
afterAll(async () => {
  for (const { listener, server } of [plain, tls]) {
    await listener.close()
    await server.end()
  }
})
const pair = (cookie: string): string => cookie.split(';')[0]!
const ask = (query: string, headers: Record<string, string>): Sent => ({
  method: 'POST',
  headers: { ...json, ...headers },
  body: JSON.stringify({ query }),
})
const ME = '{ viewer { person { name } } }'
const whoSays = async (at: Place, headers: Record<string, string>): Promise<string | null> =>
  (
    JSON.parse((await at.send('/graphql', ask(ME, headers))).body) as {
      data: { viewer: { person: { name: string } | null } }
    }
  ).data.viewer.person?.name ?? null

describe('the cookie of a session', () => {
  test('is no script’s, no other site’s, and all paths’', async () => {
    const cookie = await plain.signIn('Mai')
    expect(cookie).toMatch(/^baton_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/)
    expect(await whoSays(plain, { cookie: pair(cookie) })).toBe('Mai')
  })
  test('behind https is sent over TLS alone, and bound to this very host', async () => {
    const cookie = await tls.signIn('Mai')
    expect(cookie).toMatch(/^__Host-baton_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000; Secure$/)
    expect(await whoSays(tls, { cookie: pair(cookie) })).toBe('Mai')
    expect(await whoSays(tls, { cookie: `theme=dark; ${pair(cookie)}; x=1` })).toBe('Mai')
  })
  test('behind https counts under no other name: a neighbour of the same domain can plant none', async () => {
    const planted = pair(await tls.signIn('Ada')).replace('__Host-', '')
    expect(await whoSays(tls, { cookie: planted })).toBeNull()
    const own = pair(await tls.signIn('Mai'))
    expect(await whoSays(tls, { cookie: `${planted}; ${own}` })).toBe('Mai')
  })
  test.each(['plain', 'tls'] as const)('is taken away by the name it was given (%s)', async (which) => {
    const at = which === 'plain' ? plain : tls
    const given = await at.signIn('Mai')
    const out = await at.send('/graphql', ask('mutation { signOut }', { cookie: pair(given) }))
    const taken = out.headers.getSetCookie()
    expect(taken).toHaveLength(1)
    expect(taken[0]).toMatch(/=; Path=\/; HttpOnly; SameSite=Lax; Max-Age=0/)
    expect(taken[0]!.split('=')[0]).toBe(given.split('=')[0])
    expect(taken[0]!.includes('Secure')).toBe(which === 'tls')
    expect(await whoSays(at, { cookie: pair(given) })).toBeNull()
  })
  test('is made anew at each sign-in: one that was there before becomes nobody’s', async () => {
    const fixed = `baton_session=${'A'.repeat(43)}`
    const cookie = pair(await plain.signIn('Mai', { cookie: fixed }))
    expect(cookie).not.toBe(fixed)
    expect(await whoSays(plain, { cookie: fixed })).toBeNull()
    const next = pair(await plain.signIn('Ada', { cookie }))
    expect(next).not.toBe(cookie)
    expect([await whoSays(plain, { cookie }), await whoSays(plain, { cookie: next })]).toEqual([null, 'Ada'])
  })
  test('is not what is kept: the data holds hashes of sessions, tokens and codes alone', async () => {
    const secret = pair(await plain.signIn('Mai')).split('=')[1]!
    const { code } = await plain.server.db.write((tx) =>
      catalogue.makeCode(tx, 'invite', { role: 'starter', createdBy: 'test' }, plain.server.clock.now),
    )
    const kept = plain.server.db.read((tx) =>
      ['sessions', 'tokens', 'codes'].map((table) => JSON.stringify(tx.all(`select * from ${table}`))).join(),
    )
    for (const value of [secret, code, plain.server.tokens.Ada]) expect(kept).not.toContain(value)
  })
})

describe('from another site', () => {
  const mutation = 'mutation { linkCode { code } }'
  const form = `query=${encodeURIComponent(mutation)}`
  const parts = `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query: mutation })}\r\n--x--\r\n`
  const graph = JSON.stringify({ query: mutation })
  const EVIL = { origin: 'https://evil.example' }

  test.each([
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, form],
    ['a form without a word of where it comes from', { 'content-type': 'application/x-www-form-urlencoded' }, form],
    ['text', { 'content-type': 'text/plain' }, graph],
    ['text that calls itself JSON', { 'content-type': 'text/plain; application/json' }, graph],
    ['an upload', { 'content-type': 'multipart/form-data; boundary=x' }, parts],
    ['a GraphQL document', { 'content-type': 'application/graphql' }, mutation],
    ['nothing said', {}, graph],
    ['JSON of another origin', { ...json, ...EVIL }, graph],
    ['JSON of an origin that begins like ours', { ...json, origin: 'http://baton.test.evil.example' }, graph],
    ['JSON of our name on another port', { ...json, origin: 'http://baton.test:81' }, graph],
    ['JSON of a neighbour of the same site', { ...json, 'sec-fetch-site': 'same-site' }, graph],
    ['JSON that comes with a link', { ...json, 'sec-fetch-site': 'cross-site' }, graph],
  ] as [string, Record<string, string>, string][])('%s with the cookie does nothing', async (_, headers, body) => {
    const cookie = pair(await plain.signIn('Mai'))
    const before = plain.server.db.read((tx) => tx.all('select id from codes').length)
    const all = { host: 'baton.test', cookie, ...headers }
    const reply = await plain.send('/graphql', { method: 'POST', headers: all, body })
    expect([400, 403]).toContain(reply.status)
    expect(plain.server.db.read((tx) => tx.all('select id from codes').length)).toBe(before)
  })
  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s decides nothing', async (method) => {
    const cookie = pair(await plain.signIn('Mai'))
    const reply = await plain.send(`/graphql?query=${encodeURIComponent(mutation)}`, { method, headers: { cookie } })
    expect(reply.status).toBe(405)
    expect(reply.body).not.toContain('linkCode')
  })
  test.each([
    '/auth/sign-in',
    '/auth/token',
    '/auth/link',
    '/auth/passkey/begin',
    '/auth/company/begin',
    '/export/history',
  ])('%s is not opened from there', async (path) => {
    for (const headers of [{ ...json, ...EVIL }, { 'content-type': 'text/plain' }]) {
      const reply = await plain.send(path, { method: 'POST', headers: { host: 'baton.test', ...headers }, body: '{}' })
      expect([400, 403]).toContain(reply.status)
      expect(reply.headers.getSetCookie()).toEqual([])
    }
  })
  test('a browser that asks whether it may is told of no one who may', async () => {
    const asks = { ...EVIL, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' }
    for (const path of ['/graphql', '/auth/sign-in', '/files/x', '/']) {
      const { headers } = await plain.send(path, { method: 'OPTIONS', headers: asks })
      expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
    const answer = await plain.send('/graphql', ask(ME, EVIL))
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([])
  })
  test('what is no browser needs no origin: JSON and a cookie of its own do', async () => {
    expect(await whoSays(plain, { cookie: pair(await plain.signIn('Mai')) })).toBe('Mai')
  })
})

test.each([
  ['the page', '/'],
  ['a route of the page', '/tasks/1042'],
  ['a script of ours', '/assets/a.js'],
  ['an answer', '/healthz'],
  ['a wrong method', '/graphql'],
  ['what is not there', '/nothing.js'],
  ['what is not for everybody', '/files/f_1'],
  ['an address that is no text', '/%E0%A4%A'],
])('%s says what a browser must not do with it', async (_, path) => {
  for (const at of [plain, tls]) {
    const { headers } = await at.send(path)
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self' https:\/\/telegram\.org; .*base-uri 'none'; form-action 'self'; frame-ancestors 'self' /,
    )
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe-(inline|eval)|\*;|data:/)
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers.has('strict-transport-security')).toBe(at === tls)
    expect(headers.has('x-powered-by')).toBe(false)
  }
})

test.each([
  '/../key.js',
  '/assets/../../key.js',
  '/%2e%2e/key.js',
  '/..%2fkey.js',
  '/assets/..%2f..%2fkey.js',
  '/..%5ckey.js',
  '/%252e%252e/key.js',
  '//key.js',
  '/assets/%00/../../key.js',
])('%s leads to nothing but the page', async (path) => {
  const { status, body } = await plain.send(path)
  expect(body).not.toContain('the key')
  expect([200, 400, 404]).toContain(status)
  expect((await plain.send('/assets/a.js')).body).toBe('the script')
})

test('answers about somebody are kept by nobody on the way', async () => {
  const cookie = pair(await plain.signIn('Mai'))
  for (const sent of [ask(ME, { cookie }), ask('{ nonsense }', { cookie }), ask(ME, {})])
    expect((await plain.send('/graphql', sent)).headers.get('cache-control')).toMatch(/no-store/)
  const signedIn = await plain.send('/auth/sign-in', { method: 'POST', headers: json, body: '{"code":"x"}' })
  expect(signedIn.headers.get('cache-control')).toBe('no-store')
  expect((await plain.send('/files/f_1', { headers: { cookie } })).headers.get('cache-control')).toBe('no-store')
})

describe('addresses that lie', () => {
  test('a link that is sent leads to where Baton lives, whatever the request calls it', async () => {
    const headers = {
      ...json,
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      forwarded: 'host=evil.example;proto=https',
      'x-forwarded-proto': 'https',
    }
    const asked = await plain.send('/auth/link', { method: 'POST', headers, body: '{"to":"Mai"}' })
    expect(asked.status).toBe(200)
    const texts = plain.server.db.read((tx) => JSON.stringify(tx.all('select * from deliveries')))
    expect(texts).toContain('http://baton.test/sign-in#code=')
    const made = await plain.send(
      '/graphql',
      ask('mutation { invite(role: "starter") { link } linkCode { link } }', {
        ...headers,
        authorization: `Bearer ${plain.server.tokens.Ada}`,
      }),
    )
    expect(made.body).toContain('http://baton.test/')
    expect(texts + made.body + JSON.stringify([...made.headers])).not.toContain('evil.example')
  })
  test('after a sign-in nobody is led anywhere but to a path of ours', async () => {
    const paths = [
      'https://evil.example', '//evil.example', '/\\evil.example', '\\\\evil.example', '/\t/evil.example', '/\n/evil.example',
      'javascript:alert(1)', 'data:text/html,x', ' /tasks', 'tasks', '',
    ] // prettier-ignore
    const acting = { 'x-baton-acting': 'slack:T1:UMAI' }
    for (const path of [...paths, '/.//evil.example', '/%5cevil.example', '/tasks/3?x=//evil.example']) {
      const made = await plain.server.as<{ signInLink: string }>(
        'service',
        'mutation($path: String) { signInLink(path: $path) }',
        { path },
        acting,
      )
      if (paths.includes(path) && path !== '') expect(made.errors?.[0]?.extensions['code'], path).toBe('INVALID_INPUT')
      if (made.errors) continue
      const code = new URLSearchParams(new URL(made.data.signInLink).hash.slice(1)).get('code')
      const body = JSON.stringify({ code, confirm: true, switch: true })
      const reply = await plain.send('/auth/sign-in', { method: 'POST', headers: json, body })
      const { path: led } = JSON.parse(reply.body) as { path: string }
      expect(new URL(led, 'http://baton.test').origin, path).toBe('http://baton.test')
    }
  })
})

describe('queries made to hurt', () => {
  const CIRCLE = '{ __schema { types { ' + 'fields { type { '.repeat(5) + 'name' + ' } }'.repeat(5) + ' } } }'
  const levels = 5_000
  const DEEP = `{"query":"mutation($i: LaunchInput!) { launch(input: $i) { id } }","variables":{"i":{"app":"ship","variables":${'{"x":'.repeat(levels)}1${'}'.repeat(levels)}}}}`
  test.each([
    ['that go round in the schema’s description', { query: CIRCLE }],
    [
      'whose fragments hold themselves',
      { query: 'query { viewer { ...a } } fragment a on Viewer { ...b } fragment b on Viewer { ...a }' },
    ],
    ['with a hundred directives', { query: `{ viewer { needsMe ${'@include(if: true) '.repeat(100)} } }` }],
    ['with a deep variable', DEEP],
    ['many in one', Array.from({ length: 20 }, () => ({ query: ME }))],
    [
      'many names for one thing through fragments',
      {
        query: `{ viewer { ...x } } fragment x on Viewer { ${Array.from({ length: 60 }, (_, n) => `a${n}: needsMe`).join(' ')} }`,
      },
    ],
    ['that are no document', { query: 7 }],
  ])('%s are refused in no time', async (_, body) => {
    const begin = performance.now()
    const reply = await plain.send('/graphql', {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${plain.server.tokens.Ada}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
    expect(performance.now() - begin).toBeLessThan(2_000)
    const { data, errors } = JSON.parse(reply.body) as { data?: unknown; errors?: { extensions: { code: string } }[] }
    expect(data ?? null).toBeNull()
    expect(errors?.[0]?.extensions.code).toBe('INVALID_INPUT')
  })
  test('the schema is public: anybody may read it as tools do, and nothing else', async () => {
    const { getIntrospectionQuery } = await import('graphql')
    const reply = await plain.send('/graphql', ask(getIntrospectionQuery(), {}))
    expect(JSON.parse(reply.body)).toMatchObject({ data: { __schema: { queryType: { name: 'Query' } } } })
  })
})
describe('a token that is narrowed', () => {
  /** Mai's token for this alone. */
  const narrowed = async (...scopes: string[]): Promise<Record<string, string>> => {
    const of = { person: plain.server.ids.Ada, name: 'narrow', scopes }
    const { secret } = await plain.server.db.write((tx) => catalogue.makeToken(tx, of, plain.server.clock.now))
    return { authorization: `Bearer ${secret}` }
  }
  const asks = { accept: 'text/event-stream', ...json }

  test('watches nothing that it may not look at, and is told so before anything is sent', async () => {
    const made = await plain.server.as<{ launch: { id: string } }>(
      'Omar',
      'mutation { launch(input: {flow: "wait"}) { id } }',
    )
    const { id } = made.data.launch
    for (const query of [
      'subscription($id: ID!) { taskChanged(id: $id) { title } }',
      'subscription($id: ID!) { nodeLog(taskId: $id, nodeId: "hang", attempt: 1) { text } }',
    ]) {
      const body = JSON.stringify({ query, variables: { id } })
      const reply = await plain.send('/graphql', {
        method: 'POST',
        headers: { ...asks, ...(await narrowed('launch')) },
        body,
      })
      expect(reply.body).toMatch(/NOT_FOUND|FORBIDDEN/)
      expect(reply.body).not.toContain('Wait')
    }
  })
  test('does not fetch a step’s files, opens no session, and makes no wider one', async () => {
    const headers = await narrowed('launch')
    expect((await plain.send('/files/f_AAAAAAAAAAAAAAAAAAAAAA', { headers })).status).toBe(404)
    const token = headers['authorization']!.slice('Bearer '.length)
    const opened = await plain.send('/auth/token', { method: 'POST', headers: json, body: JSON.stringify({ token }) })
    expect([opened.status, opened.headers.getSetCookie()]).toEqual([404, []])
    const made = await plain.send('/graphql', ask('mutation { createToken(name: "wide") { secret } }', headers))
    expect(made.body).toMatch(/errors/)
  })
})

test('what is logged of a request is one line, whatever stands in it', async () => {
  const lines: string[] = []
  const { log } = createLog('info', (line) => void lines.push(line))
  const hostile = 'x\r\n{"level":30,"msg":"Ada signed in"}\u2028\u001b[2J\u0000'
  log.warn({ path: hostile, err: new Error(hostile), card: { place: hostile } }, hostile)
  expect(lines).toHaveLength(1)
  expect(lines[0]!.trimEnd()).not.toMatch(/\p{Cc}/u)
  expect(JSON.parse(lines[0]!)).toMatchObject({ path: hostile, msg: hostile })
})
