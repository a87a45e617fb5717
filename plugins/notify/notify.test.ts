import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testContext } from '../testing.ts'
import { notify } from './notify.ts'

let server: Server
let hook: string
const posted: { url: string; key: string; body: unknown }[] = []
beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (bytes: Buffer) => (body += bytes.toString()))
    request.on('end', () => {
      posted.push({ url: request.url ?? '', key: String(request.headers['idempotency-key']), body: JSON.parse(body) })
      response.writeHead(request.url?.startsWith('/bad') ? 500 : 204).end()
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  hook = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})
const plugin = notify()

test('people and rooms are told through the chats, webhooks by a post', async () => {
  const ctx = testContext({ key: 'task/notice/1' })
  const inputs = plugin.inputs.parse({
    to: ['starter', 'room:#release', `${hook}/in`],
    title: 'Released',
    text: 'v1.4.2',
    level: 'warning',
  })
  expect(await plugin.execute(ctx, inputs)).toEqual({
    kind: 'done',
    outputs: { delivered: ['starter', 'room:#release', new URL(hook).host] },
  })
  expect(ctx.sent).toEqual([{ to: ['starter', 'room:#release'], title: 'Released', text: 'v1.4.2', level: 'warning' }])
  expect(posted.at(-1)).toEqual({
    url: '/in',
    key: 'task/notice/1',
    body: {
      title: 'Released',
      text: 'v1.4.2',
      level: 'warning',
      task: { number: 1042, title: 'Release the web shop', url: ctx.task.url },
    },
  })
})

test('one address alone will do', async () => {
  const ctx = testContext()
  expect(await plugin.execute(ctx, plugin.inputs.parse({ to: 'starter', title: 'Hi' }))).toMatchObject({
    kind: 'done',
    outputs: { delivered: ['starter'] },
  })
})

test('who cannot be reached is noted; it fails only if nobody at all was reached', async () => {
  const some = testContext({ unreachable: ['role:qa'] })
  expect(
    await plugin.execute(some, plugin.inputs.parse({ to: ['role:qa', `${hook}/bad`, 'starter'], title: 'Hi' })),
  ).toEqual({ kind: 'done', outputs: { delivered: ['starter'] } })
  expect(some.logged('info')).toContain('role:qa cannot be reached')
  expect(some.logged('info')).toMatch(/answered 500/)
  const none = testContext({ unreachable: ['role:qa'] })
  expect(
    await plugin.execute(none, plugin.inputs.parse({ to: ['role:qa', `${hook}/bad?key=hush`], title: 'Hi' })),
  ).toMatchObject({
    kind: 'fail',
    code: 'NOBODY_REACHED',
    message: expect.stringMatching(/^Nobody was told: role:qa cannot be reached; 127.0.0.1:\d+ answered 500$/),
  })
})

test('a role that nobody holds is nobody', async () => {
  const ctx = { ...testContext(), send: async () => ({ accepted: [], unreachable: [] }) }
  expect(await plugin.execute(ctx, plugin.inputs.parse({ to: 'role:qa', title: 'Hi' }))).toMatchObject({
    kind: 'fail',
    message: 'Nobody was told: role:qa is nobody at present',
  })
})

test('a rehearsal tells nobody', async () => {
  const ctx = testContext()
  await plugin.rehearse?.(ctx, plugin.inputs.parse({ to: 'starter', title: 'Hi' }))
  expect(ctx.sent).toEqual([])
})
