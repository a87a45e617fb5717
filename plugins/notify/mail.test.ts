/** Mails through a real, small SMTP server. */
import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testPlugin } from '../../engine/plugin/testing.ts'
import { createMailer, isMailAddress, type Mailer } from './mail.ts'
import { notify } from './notify.ts'

const got: { readonly to: string; readonly user: unknown; readonly text: string }[] = []
let server: SMTPServer
let mailer: Mailer
let port: number
beforeAll(async () => {
  server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _session, answer) =>
      answer(password === 'p@ss' ? null : new Error('wrong password'), { user: username }),
    onRcptTo: ({ address }, _session, answer) =>
      answer(address.startsWith('nobody') ? new Error('no such mailbox') : null),
    onData(stream, session, answer) {
      let text = ''
      stream.on('data', (bytes: Buffer) => (text += bytes.toString()))
      stream.on('end', () => {
        got.push({ to: session.envelope.rcptTo.map(({ address }) => address).join(), user: session.user, text })
        answer()
      })
    },
  })
  server.on('error', () => undefined)
  const listening = server.listen(0, '127.0.0.1') as unknown as Server // net's, by its documentation
  await once(listening, 'listening')
  port = (listening.address() as AddressInfo).port
  mailer = createMailer(`smtp://baton%40acme.example:p%40ss@127.0.0.1:${port}`)
})
afterAll(() => {
  mailer.close()
  server.close(() => undefined)
})

test('a mail arrives with its text, its task and a sender; the same again has the same id', async () => {
  const bench = testPlugin(notify({ mailer }), { key: 'once' })
  const inputs = {
    to: ['ops@acme.example', 'mailto:mei@acme.example', 'role:qa'],
    title: 'Released 发布',
    text: '.\nv1.4.2\n.',
    level: 'error',
  }
  expect(await bench.execute(inputs)).toMatchObject({ outputs: { delivered: ['role:qa', 'ops@acme.example', 'mei@acme.example'] } }) // prettier-ignore
  expect(bench.world.sent).toMatchObject([{ to: ['role:qa'] }])
  expect(got.map(({ to }) => to).sort()).toEqual(['mei@acme.example', 'ops@acme.example'])
  const { text, user } = got.find(({ to }) => to.startsWith('ops'))!
  expect(user).toBe('baton@acme.example')
  expect(text).toMatch(/^From: Baton <baton@acme\.example>$/m)
  expect(text).toMatch(/^Subject: =\?UTF-8\?/m)
  expect(text).toMatch(/^Auto-Submitted: auto-generated$/m)
  expect(text).toContain('v1.4.2')
  expect(text).toContain('A test #1042')
  const id = (mail: string) => /^Message-ID: (\S+)$/m.exec(mail)?.[1]
  await testPlugin(notify({ mailer }), { key: 'once' }).execute(inputs)
  expect(id(got.filter(({ to }) => to.startsWith('ops'))[1]!.text)).toBe(id(text))
})
test('nothing in an address can end a header or name a second reader', () => {
  expect(isMailAddress('ops@acme.example')).toBe(true)
  for (const odd of ['a@b\r\nBcc: c@d', 'a@b,c@d', '<a@b>', 'a b@c', 'role:qa', '@x', 'a@'])
    expect(isMailAddress(odd)).toBe(false)
})
test('a mailbox that is not there, a wrong password and a server that is gone are told in words', async () => {
  const tell = (with_: Mailer, to: string) => testPlugin(notify({ mailer: with_ })).execute({ to, title: 'x' })
  expect(await tell(mailer, 'nobody@acme.example')).toMatchObject({
    kind: 'fail',
    code: 'NOBODY_REACHED',
    message: expect.stringMatching(/^Nobody was told: nobody@acme\.example could not be mailed: .*no such mailbox/),
  })
  const wrong = createMailer(`smtp://baton:not-that@127.0.0.1:${port}`)
  const refused = await tell(wrong, 'ops@acme.example')
  expect(refused).toMatchObject({ message: expect.stringContaining('wrong password') })
  expect(JSON.stringify(refused)).not.toContain('not-that')
  const gone = createMailer('smtp://127.0.0.1:1')
  expect(await tell(gone, 'ops@acme.example')).toMatchObject({ message: expect.stringContaining('ECONNREFUSED') })
})
test('without a mail server an address is a person', async () => {
  const bench = testPlugin(notify())
  await bench.execute({ to: 'mei@acme.example', title: 'x' })
  expect(bench.world.sent).toMatchObject([{ to: ['mei@acme.example'] }])
})
