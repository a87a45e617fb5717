import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ForbiddenAddressError, guardedFetch, isForbidden } from './guarded-fetch.ts'

let server: Server
let base: string
beforeAll(async () => {
  server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x')
    if (url.pathname === '/to') response.writeHead(302, { location: url.searchParams.get('url')! }).end()
    else if (url.pathname === '/big') response.end('x'.repeat(5000))
    else if (url.pathname !== '/silent') response.end(`${request.method} ${request.headers.authorization ?? ''}`)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
const call = guardedFetch(new AbortController().signal)

test.each([
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  'fe80::1%eth0',
  'fd00:ec2::254',
  '100.100.100.200',
])('%s is forbidden', (address) => {
  expect(isForbidden(address)).toBe(true)
})
test.each(['127.0.0.1', '10.0.0.7', '192.168.1.1', '::1', '2001:db8::1', '8.8.8.8'])(
  '%s is allowed: hosts at home are what operators call',
  (address) => {
    expect(isForbidden(address)).toBe(false)
  },
)
test.each([
  'http://169.254.169.254/latest/meta-data',
  'http://[::ffff:169.254.169.254]/',
  'http://0xa9fea9fe/',
  'http://2852039166/',
  'http://metadata.google.internal./',
  'file:///etc/passwd',
])('%s is refused before anything is sent', async (url) => {
  await expect(call(url)).rejects.toThrow(ForbiddenAddressError)
})
test('a name that leads to a forbidden address is refused, unless an owner allowed it', async () => {
  const resolve = async () => ['10.0.0.1', '169.254.169.254']
  const answer = async () => new Response('ok')
  await expect(
    guardedFetch(new AbortController().signal, { resolve, fetch: answer })('http://innocent.example/'),
  ).rejects.toThrow('innocent.example leads to 169.254.169.254')
  const allowed = guardedFetch(new AbortController().signal, { resolve, fetch: answer, allow: ['innocent.example'] })
  expect(await (await allowed('http://innocent.example/')).text()).toBe('ok')
})
test('a redirect is followed, but not to a forbidden address, and not for ever', async () => {
  expect(await (await call(`${base}/to?url=/here`, { method: 'POST', body: 'x' })).text()).toBe('GET ')
  await expect(call(`${base}/to?url=http://169.254.169.254/`)).rejects.toThrow(ForbiddenAddressError)
  const loop = `${base}/to?url=${encodeURIComponent('/to?url=/to')}`
  expect((await call(loop, { redirect: 'manual' })).status).toBe(302)
})
test('credentials do not follow to another origin', async () => {
  const headers = { authorization: 'Bearer x' }
  const elsewhere = base.replace('127.0.0.1', 'localhost')
  expect(await (await call(`${base}/to?url=/here`, { headers })).text()).toBe('GET Bearer x')
  expect(await (await call(`${elsewhere}/to?url=${base}/here`, { headers })).text()).toBe('GET ')
})
test('an answer beyond the cap and a server that says nothing both end in an error', async () => {
  await expect((await call(`${base}/big`, { maxBytes: 4000 })).text()).rejects.toThrow('at most 4000 bytes')
  await expect(call(`${base}/silent`, { timeoutS: 0.05 })).rejects.toThrow()
  const abort = new AbortController()
  const silent = guardedFetch(abort.signal)(`${base}/silent`)
  abort.abort(new Error('revoked'))
  await expect(silent).rejects.toThrow('revoked')
})
