import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json } from '../../engine/plugin/index.ts'
import { freePort } from '../../test/sshd.ts'
import { testContext } from '../testing.ts'
import type { TestContextOptions } from '../testing.ts'
import { httpRequest } from './request.ts'

let server: Server
let base: string
let last: { method?: string | undefined; url?: string | undefined; headers: IncomingMessage['headers']; body: string }
const answers: Record<string, (response: ServerResponse) => void> = {
  '/json': (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'set-cookie': 'session=abc' })
      .end('{"ok":true,"n":[1,2]}'),
  '/text': (response) => response.end('plain'),
  '/broken-json': (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":'),
  '/busy': (response) => response.writeHead(503, { 'content-type': 'text/plain' }).end('come back later'),
  '/large': (response) => response.end('x'.repeat(3_000_000)),
  '/never': () => {},
  '/cut': (response) => response.destroy(),
  '/half': (response) => response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy()),
}
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      last = { method: request.method, url: request.url, headers: request.headers, body }
      const answer = answers[new URL(request.url ?? '/', 'http://x').pathname]
      if (answer) answer(response)
      else response.end()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  base = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
const plugin = httpRequest()
const call = (inputs: object, options: TestContextOptions = {}) => {
  const ctx = testContext({ key: 'task/call/1', ...options })
  return plugin.execute(ctx, plugin.inputs.parse(inputs)).then((result) => ({ result, ctx }))
}

test('a GET gives status, headers and a parsed body, and keeps no cookie', async () => {
  const { result } = await call({ url: `http://${base}/json` })
  expect(result).toMatchObject({
    kind: 'done',
    outputs: {
      status: 200,
      body: { ok: true, n: [1, 2] },
      headers: { 'content-type': 'application/json; charset=utf-8' },
    },
  })
  expect(JSON.stringify(result)).not.toContain('session')
  expect((await call({ url: `http://${base}/text` })).result).toMatchObject({ outputs: { body: 'plain' } })
  expect((await call({ url: `http://${base}/broken-json` })).result).toMatchObject({ outputs: { body: '{"ok":' } })
})

test('query, headers, login and a JSON body go out as values', async () => {
  const value = 'a&b=c"\n中'
  await call({
    method: 'POST',
    url: `http://${base}/hook?x=1`,
    query: { q: value, list: ['a', 2], none: null },
    headers: { 'X-Team': 'web' },
    auth: { username: 'li', password: 'pä:ss' },
    body: { text: value, n: 1 },
  })
  const url = new URL(last.url ?? '', 'http://x')
  expect([...url.searchParams]).toEqual([
    ['x', '1'],
    ['q', value],
    ['list', 'a'],
    ['list', '2'],
  ])
  expect(JSON.parse(last.body)).toEqual({ text: value, n: 1 })
  expect(last.headers).toMatchObject({
    'content-type': 'application/json',
    'x-team': 'web',
    'idempotency-key': 'task/call/1',
    authorization: `Basic ${Buffer.from('li:pä:ss').toString('base64')}`,
  })
  await call({
    method: 'PUT',
    url: `http://${base}/`,
    auth: { bearer: 'tok' },
    body: 'as it is',
    headers: { 'content-type': 'text/csv' },
  })
  expect(last).toMatchObject({
    method: 'PUT',
    body: 'as it is',
    headers: { authorization: 'Bearer tok', 'content-type': 'text/csv' },
  })
})

test('another status than 2xx fails, says so, keeps the answer and logs what was said', async () => {
  const { result, ctx } = await call({ url: `http://${base}/busy` })
  expect(result).toMatchObject({
    kind: 'fail',
    code: 'STATUS_503',
    message: `${base} answered 503 (unavailable)`,
    outputs: { status: 503, body: 'come back later' },
  })
  expect(ctx.logged()).toBe('come back later\n')
})

test('success judges the answer instead of the status', async () => {
  const seen: unknown[] = []
  const judge = (verdict: Json): TestContextOptions => ({
    evaluate(expression, names) {
      seen.push([expression, names.response])
      return verdict
    },
  })
  expect((await call({ url: `http://${base}/busy`, success: 'response.status == 503' }, judge(true))).result.kind).toBe(
    'done',
  )
  expect(seen[0]).toMatchObject(['response.status == 503', { status: 503, body: 'come back later' }])
  expect(
    (await call({ url: `http://${base}/json`, success: '${response.body.ok == false}' }, judge(false))).result,
  ).toMatchObject({
    kind: 'fail',
    code: 'NOT_AS_EXPECTED',
    message: `${base} answered 200, but not as expected: response.body.ok == false`,
  })
  const broken: TestContextOptions = {
    evaluate: () => {
      throw new Error('no such key: oops')
    },
  }
  expect((await call({ url: `http://${base}/json`, success: 'response.oops' }, broken)).result).toMatchObject({
    code: 'EXPRESSION_FAILED',
    message: expect.stringContaining('no such key: oops'),
  })
})

test('no answer in time: for a GET a timeout, for a POST nobody can tell whether it acted', async () => {
  expect((await call({ url: `http://${base}/never`, timeoutS: 0.1 })).result).toMatchObject({
    kind: 'fail',
    code: 'TIMEOUT',
    cause: 'timeout',
    message: `${base} did not answer within 0.1 s`,
  })
  expect((await call({ method: 'POST', url: `http://${base}/never`, timeoutS: 0.1 })).result).toMatchObject({
    kind: 'fail',
    code: 'TIMEOUT',
    cause: 'lost',
  })
})

test('a connection that breaks after a POST was sent is lost; one that was never made is not', async () => {
  expect((await call({ method: 'POST', url: `http://${base}/cut` })).result).toMatchObject({
    kind: 'fail',
    code: 'UNREACHABLE',
    cause: 'lost',
  })
  const port = await freePort()
  const refused = (await call({ method: 'POST', url: `http://127.0.0.1:${port}/` })).result
  expect(refused).toMatchObject({
    kind: 'fail',
    code: 'UNREACHABLE',
    message: `Cannot reach 127.0.0.1:${port}: connection refused`,
  })
  expect(refused).not.toHaveProperty('cause')
  expect((await call({ url: 'http://no-such-name.invalid/' })).result).toMatchObject({
    message: expect.stringMatching(/^Cannot reach no-such-name.invalid: name/),
  })
  expect((await call({ url: `http://${base}/half` })).result).toMatchObject({
    code: 'UNREACHABLE',
    message: `${base} answered 200, but broke off in the middle`,
  })
})

test('what cannot be sent is refused in words, and no secret stands in them', async () => {
  expect((await call({ url: 'not an address' })).result).toMatchObject({ code: 'REQUEST_UNFIT' })
  expect((await call({ url: 'ftp://x/' })).result).toMatchObject({ code: 'REQUEST_UNFIT' })
  expect((await call({ url: 'https://li:pass@x/' })).result).toMatchObject({ code: 'REQUEST_UNFIT' })
  expect((await call({ url: `http://${base}/`, body: { a: 1 } })).result).toMatchObject({
    message: 'A GET request cannot have a body',
  })
  const { result } = await call({ url: `http://${base}/`, headers: { 'x-key': 'oh-so\nsecret' } })
  expect(result).toMatchObject({ code: 'REQUEST_UNFIT' })
  expect(JSON.stringify(result)).not.toContain('oh-so')
})

test('only what is safe to repeat is repeated after a crash', () => {
  expect(
    ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].map((method) =>
      plugin.repeat?.(plugin.inputs.parse({ url: 'https://x', method })),
    ),
  ).toEqual([true, true, false, false, false])
})

test('a revoke ends the call', async () => {
  const ctx = testContext()
  const running = plugin.execute(ctx, plugin.inputs.parse({ url: `http://${base}/never` }))
  ctx.abort(new Error('revoked'))
  await expect(running).rejects.toThrow('revoked')
})

test('a rehearsal sends nothing', async () => {
  const ctx = testContext()
  const before = last
  expect(
    (await plugin.rehearse?.(ctx, plugin.inputs.parse({ method: 'POST', url: `http://${base}/json` })))?.kind,
  ).toBe('done')
  expect(last).toBe(before)
})
