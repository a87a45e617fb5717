import { afterEach, beforeEach, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import type { ServerConfig } from '../context.ts'
import { eventually, startTestServer, type TestServer } from '../test/support.ts'
import { startPost } from './post.ts'
import { startMailbox } from './test/mailbox.ts'
import { createMailTransport } from './transport.ts'
import { endUnsent, UNSENT_MS } from './unsent.ts'

let server: TestServer
beforeEach(async () => {
  server = await startTestServer({ config: { mail: true, slack: false, telegram: false } })
  await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Quinn, { email: 'quinn@acme.example' }))
})
afterEach(() => server.end())
const states = () =>
  server.db
    .prepare("SELECT state, error FROM deliveries WHERE platform = 'email' ORDER BY id")
    .all()
    .map(([state, error]) => [state, error])
const asked = async (): Promise<void> => {
  const task = await server.launch({})
  await server.until(task.id, 'waiting')
  await eventually(() => states().length > 0)
}
const without = () => ({ ...server.deps.config, mail: false })
const end = (config: ServerConfig = without()) => server.db.write((tx) => endUnsent(tx, config, server.clock.now))

test('mails that are owed while no mail server is configured go on the list after ten minutes, and say why', async () => {
  await asked()
  server.clock.now += UNSENT_MS - 60_000
  expect(await end()).toBe(0)
  server.clock.now += 2 * 60_000
  expect(await end(server.deps.config)).toBe(0) // with one they wait for it
  expect(await end()).toBe(1)
  expect(states()).toEqual([['undeliverable', 'NO_MAIL_SERVER']])
  const { data } = await server.as<{ undeliverable: { platform: string; why: string; person: { name: string } }[] }>(
    'Ada',
    '{ undeliverable { platform why person { name } } }',
  )
  expect(data.undeliverable).toEqual([{ platform: 'EMAIL', why: 'NO_MAIL_SERVER', person: { name: 'Quinn' } }])
  expect(await end()).toBe(0)
})

test('where a mail server is configured again, one press sends them', async () => {
  await asked()
  server.clock.now += UNSENT_MS + 60_000
  await end()
  const mailbox = await startMailbox()
  const post = startPost(server.deps, createMailTransport(mailbox.url))
  try {
    const [place] = server.db.prepare("SELECT place FROM cards WHERE platform = 'email'").get()!
    await server.as('Ada', 'mutation($place: String!) { retryUndeliverable(place: $place) }', { place })
    await eventually(() => mailbox.got.length === 1)
    expect(mailbox.got[0]!.to).toBe('quinn@acme.example')
  } finally {
    await post.stop()
    await mailbox.close()
  }
})

test('who has a chat hears of it there', async () => {
  await asked()
  await server.db.write((tx) =>
    catalogue.linkIdentity(tx, server.ids.Quinn, { platform: 'telegram', team: '', user: '42' }, 'quinn', 0),
  )
  server.clock.now += UNSENT_MS + 60_000
  await end({ ...without(), telegram: true })
  const chats = server.db.prepare("SELECT count(*) FROM deliveries WHERE platform = 'telegram' AND state = 'pending'")
  expect(chats.get()![0]).toBe(1)
})
