import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { guardedFetch } from '../../engine/runtime/guarded-fetch.ts'
import { pinnedFetch, type Lookup } from './pinned-fetch.ts'

let server: Server
let port: number
let calls = 0
beforeAll(async () => {
  server = createServer((request, response) => {
    calls++
    if (request.url === '/gzip')
      return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('packed'))
    response.end(`${request.method} ${request.headers.host}`)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  port = (server.address() as AddressInfo).port
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
/** A name server that answers each question with the next list; the last one for ever. */
const dns = (...answers: readonly string[][]): { lookup: Lookup } => {
  let asked = 0
  return {
    lookup: (_name, _options, answer) => {
      const list = answers[Math.min(asked++, answers.length - 1)]!
      answer(
        null,
        list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    },
  }
}

test('a name that answers otherwise at the second look is refused at the connection, and nothing is sent', async () => {
  // First what the guard sees, then what the connection would have used: as a rebinding name server does.
  const { lookup } = dns(['169.254.169.254'])
  const pinned = pinnedFetch({ lookup })
  const call = guardedFetch(new AbortController().signal, { resolve: async () => ['10.0.0.1'], fetch: pinned.fetch })
  const before = calls
  await expect(call(`http://innocent.example:${port}/`)).rejects.toMatchObject({
    name: 'ForbiddenAddressError',
    message: expect.stringContaining('innocent.example leads to 169.254.169.254'),
  })
  expect(calls).toBe(before)
  await pinned.close()
})
test('an honest name is connected to where it was looked up, by its own name, and packed answers are unpacked', async () => {
  const { lookup } = dns(['127.0.0.1'])
  const pinned = pinnedFetch({ lookup })
  const call = guardedFetch(new AbortController().signal, { resolve: async () => ['127.0.0.1'], fetch: pinned.fetch })
  const answer = await call(`http://shop.example:${port}/`, { method: 'POST', body: 'x' })
  expect(await answer.text()).toBe(`POST shop.example:${port}`)
  expect(await (await call(`http://shop.example:${port}/gzip`)).text()).toBe('packed')
  await pinned.close()
})
test('what an owner allowed is let through, by name or by address', async () => {
  const lookup = dns(['127.0.0.1', '169.254.1.1']).lookup
  for (const allow of [['odd.example'], ['169.254.1.1']]) {
    const pinned = pinnedFetch({ lookup, allow })
    const answer = await pinned.fetch(`http://odd.example:${port}/`)
    expect(answer.status).toBe(200)
    await answer.text()
    await pinned.close()
  }
})
