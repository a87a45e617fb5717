/** Mails through a real, small SMTP server, and through some that are none. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { eventually, startTestServer, type Name, type TestServer } from '../test/support.ts'
import { startPost, type Post } from './post.ts'
import { no, startMailbox, type Mailbox } from './test/mailbox.ts'
import { createMailTransport, MailError, type Mail } from './transport.ts'

let server: TestServer
let mailbox: Mailbox
let post: Post
const told: string[] = []
beforeEach(async () => {
  const log = { info() {}, warn() {}, error: (_: object, message: string) => void told.push(message) }
  server = await startTestServer({ config: { mail: true, slack: false, telegram: false }, over: { log } })
  mailbox = await startMailbox()
  post = startPost(server.deps, createMailTransport(mailbox.url))
  await address('Quinn', 'quinn@acme.example', 'zh')
  await address('Olga', 'olga@acme.example', null)
  told.length = 0
})
afterEach(async () => {
  await post.stop()
  await mailbox.close()
  await server.end()
})
const address = (who: Name, email: string, language: string | null) =>
  server.db.write((tx) => catalogue.changePerson(tx, server.ids[who], { email, language }))
/** Time goes by, and whoever waits for it looks. */
const pass = (seconds: number): void => {
  server.clock.now += seconds * 1000
  server.deps.hub.wake()
}
const mails = (count: number) => eventually(() => (mailbox.got.length >= count ? mailbox.got : null))
const owed = (state = 'pending') =>
  server.db
    .prepare(
      "SELECT d.id, d.attempts, d.error, c.place FROM deliveries d JOIN cards c ON c.id = d.card_id WHERE d.platform = 'email' AND d.state = ?",
    )
    .all([state])
    .map(([id, attempts, error, place]) => ({ id, attempts, error: error as string | null, place }))
const asked = async (variables = {}) => {
  const task = await server.launch(variables)
  await server.until(task.id, 'waiting')
  await eventually(() => owed().length > 0)
  return task
}
const failed = async () => {
  const task = await server.launch({ ok: false })
  await server.until(task.id, 'attention')
  await eventually(() => server.db.read((tx) => catalogue.taskRow(tx, task.id))?.phase === 'attention')
  return task
}

describe('a mail', () => {
  test('says in the reader’s language what waits, with one way to it and no secret', async () => {
    const { id, number } = await asked({ token: 'hush-hush-hush' })
    pass(15)
    const [mail] = await mails(1)
    expect(mail).toMatchObject({ to: 'quinn@acme.example', subject: expect.stringContaining('Ship v1') })
    const ask = [...(await server.engine.task(id))!.state.asks.values()][0]!
    const link = `http://baton.test/asks/${ask.id}`
    expect(mail?.text).toContain(`任务：Ship v1 #${number}`)
    expect(mail?.text).toContain('Version：v1')
    expect(mail?.text.split('http').slice(1)).toEqual([expect.stringContaining(link.slice(4))])
    expect(mail?.html.match(/href="[^"]*"/g)).toEqual([`href="${link}"`])
    expect(mail?.html).toContain('lang="zh-Hans"')
    for (const text of [mail?.text, mail?.html]) expect(text).not.toMatch(/hush|Token|••/)
    expect(mail?.headers).toMatchObject({ 'auto-submitted': 'auto-generated', from: 'Baton <baton@acme.example>' })
  })
  test('about a failure says why and what helps', async () => {
    const { number } = await failed()
    pass(15)
    const [mail] = await mails(1)
    expect(mail).toMatchObject({ to: 'olga@acme.example', subject: 'Deploy failed' })
    expect(mail?.text).toContain('Disk full on /srv')
    expect(mail?.text).toContain('What helps: Set Works.')
    expect(mail?.text).toContain(`http://baton.test/tasks/${number}`)
  })
  test('that reminds is a reply to the first', async () => {
    const { id } = await failed()
    pass(15)
    const [first] = await mails(1)
    const card = await eventually(() =>
      server.db.read((tx) => catalogue.cardsOf(tx, id)).find(({ messageId }) => messageId !== null),
    )
    await server.db.write((tx) => catalogue.owe(tx, card, { why: 'reminder', urgent: true }, server.clock.now))
    pass(1)
    const again = (await mails(2))[1]
    expect(again?.subject).toBe('Reminder: Deploy failed')
    expect(again?.headers['in-reply-to']).toBe(first?.headers['message-id'])
    expect(again?.headers['message-id']).not.toBe(first?.headers['message-id'])
  })
  test('is not sent once somebody has decided', async () => {
    const { id } = await failed()
    await server.as('Omar', 'mutation($input: NodeInput!) { skipNode(input: $input) { id } }', {
      input: { taskId: id, nodeId: 'deploy', attempt: 1 },
    })
    await eventually(() => !owed().some(({ place }) => place === 'email:olga@acme.example'))
    pass(15)
    expect((await mails(1)).map(({ to }) => to)).toEqual(['quinn@acme.example']) // who is asked next
  })
  test('is not sent to somebody who has left the role that was asked', async () => {
    const { id } = await asked()
    const role = 'apiVersion: baton/v1\nkind: Role\nmetadata: {name: qa, title: QA}\nspec: {members: [Olga]}'
    const apply = 'mutation($d: String!) { apply(documents: $d, force: true) { documents { name } } }'
    await server.as('Ada', apply, { d: role })
    await eventually(() => owed().some(({ place }) => place === 'email:olga@acme.example'))
    pass(15)
    expect((await mails(1)).map(({ to }) => to)).toEqual(['olga@acme.example'])
    const [card] = server.db.read((tx) => catalogue.cardsOf(tx, id)).filter(({ person }) => person === server.ids.Quinn)
    await server.db.write((tx) => catalogue.owe(tx, card!, { why: 'reminder', urgent: true }, server.clock.now))
    pass(1)
    await eventually(() => !owed().some(({ place }) => place === 'email:quinn@acme.example'))
    expect(mailbox.got.map(({ to }) => to)).toEqual(['olga@acme.example'])
  })
  test('about a failure is not sent to somebody who may not see the task any more', async () => {
    const apply = (d: string) =>
      server.as('Ada', 'mutation($d: String!) { apply(documents: $d, force: true) { documents { name } } }', { d })
    await apply(
      'apiVersion: baton/v1\nkind: App\nmetadata: {name: ship, title: Ship}\nspec: {flow: ship, launch: ["role:makers"], see: ["role:ops"], operators: ["role:ops"]}',
    )
    await failed()
    await eventually(() => owed().some(({ place }) => place === 'email:olga@acme.example'))
    // It has been written that she is told; it has not been sent.
    await apply('apiVersion: baton/v1\nkind: Role\nmetadata: {name: ops, title: Ops}\nspec: {members: [Quinn]}')
    pass(15)
    await eventually(() => owed().length === 0)
    expect(mailbox.got.map(({ to }) => to)).not.toContain('olga@acme.example')
  })
  test('does not go to an address that is theirs no more', async () => {
    await failed()
    await address('Olga', 'new@acme.example', null)
    pass(15)
    await eventually(() => owed('undeliverable').length === 1)
    pass(15)
    expect((await mails(1)).map(({ to }) => to)).toEqual(['new@acme.example'])
  })
  test('stands for a storm: thirty failures are one', async () => {
    for (let n = 0; n < 30; n++) await failed()
    pass(15)
    const [mail] = await mails(1)
    expect(mail?.text).toContain('30 tasks of Ship need someone')
    expect(mail?.text).toContain('http://baton.test/tasks?show=needs-me')
    expect(owed()).toEqual([])
    expect(mailbox.got).toHaveLength(1)
  })
  test('carries nothing that could be markup or another header', async () => {
    const hostile = 'Ops\r\nBcc: all@acme.example <script>alert(1)</script> https://evil.example/x'
    await server.db.write((tx) => {
      const about = { kind: 'message', subject: 'm', taskId: '', askId: null, nodeId: null, platform: 'email' }
      const at = { place: 'email:olga@acme.example', shared: false, person: server.ids.Olga }
      const { card } = catalogue.cardAt(tx, { ...about, ...at }, server.clock.now)
      catalogue.owe(tx, card, { why: 'message', urgent: true, title: hostile, text: hostile }, server.clock.now)
    })
    pass(0)
    const [mail] = await mails(1)
    expect(mail?.headers['bcc']).toBeUndefined()
    expect(mail?.to).toBe('olga@acme.example')
    expect(mail?.html).not.toContain('<script>')
    expect(mail?.html.match(/href="[^"]*"/g)).toEqual(['href="http://baton.test"'])
  })
})

describe('a mail server', () => {
  test('that refuses one recipient for good keeps nobody else waiting; they are on the list', async () => {
    mailbox.refuseRecipient = (to) => (to.startsWith('olga') ? no(550, 'no such mailbox') : null)
    await failed()
    await asked()
    pass(15)
    expect((await mails(1)).map(({ to }) => to)).toEqual(['quinn@acme.example'])
    await eventually(() => owed('undeliverable').length === 1)
    const list = server.db.read((tx) => catalogue.unreachedPlaces(tx, 10))
    expect(list.filter(({ platform }) => platform === 'email')).toMatchObject([
      { place: 'email:olga@acme.example', person: server.ids.Olga, error: expect.stringContaining('no such mailbox') },
    ])
  })
  test('that is busy is asked again, and the mail comes once', async () => {
    let busy = true
    mailbox.refuseMail = () => (busy ? no(451, 'try later') : null)
    await failed()
    pass(15)
    const [waiting] = await eventually(() => {
      const some = owed().filter(({ error }) => error !== null)
      return some.length > 0 ? some : null
    })
    expect(waiting).toMatchObject({ attempts: 1, error: expect.stringContaining('try later') })
    expect(told).toEqual(['the mail server takes no mail; what is owed is kept and tried again'])
    busy = false
    pass(5)
    await mails(1)
    await eventually(() => owed().length === 0)
    expect(mailbox.got).toHaveLength(1)
  })
  test('that is gone is tried again with longer and longer waits, and gets everything when it is back', async () => {
    const port = Number(new URL(mailbox.url).port)
    await mailbox.close()
    await failed()
    await asked()
    pass(15)
    for (const seconds of [2, 5, 15]) {
      await eventually(() => owed().some(({ error }) => error !== null))
      pass(seconds)
    }
    mailbox = await startMailbox(port)
    await eventually(() => {
      pass(60)
      return mailbox.got.length === 2
    })
    expect(mailbox.got.map(({ to }) => to).sort()).toEqual(['olga@acme.example', 'quinn@acme.example'])
  })
  test('that is gone for a day: what is owed goes on the list', async () => {
    mailbox.refuseMail = () => no(451, 'try later')
    await failed()
    pass(15)
    await eventually(() => owed().some(({ error }) => error !== null))
    pass(86_400)
    await eventually(() => owed('undeliverable').length === 1)
  })

  const strangers: Server[] = []
  const sockets: Socket[] = []
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
    for (const stranger of strangers.splice(0)) stranger.close()
  })
  const stranger = async (greet: (socket: Socket) => void): Promise<string> => {
    const odd = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      greet(socket)
    }).listen(0, '127.0.0.1')
    strangers.push(odd)
    await once(odd, 'listening')
    return `smtp://127.0.0.1:${(odd.address() as AddressInfo).port}`
  }
  const mail: Mail = {
    to: 'olga@acme.example',
    subject: 's',
    text: 't',
    html: 'h',
    key: 'k',
    inReplyTo: null,
    isUrgent: false,
  }
  test.each([
    { what: 'speaks nonsense', greet: (socket: Socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n') },
    { what: 'says nothing', greet: () => undefined },
    { what: 'hangs up', greet: (socket: Socket) => socket.end() },
    {
      what: 'greets and then talks without end',
      greet: (socket: Socket) => socket.on('data', () => socket.write('250-more\r\n')).write('220 hello\r\n'),
    },
  ])('that $what is the server’s fault, soon, and nobody’s who reads', async ({ greet }) => {
    const transport = createMailTransport(await stranger(greet), 300)
    await expect(transport.send(mail)).rejects.toMatchObject({ name: 'MailError', fault: 'server' })
    transport.close()
  })
  test('that refuses the sender, or asks for a password, is nobody’s fault who reads', async () => {
    const transport = createMailTransport(mailbox.url)
    mailbox.refuseSender = () => no(550, 'who are you')
    await expect(transport.send(mail)).rejects.toMatchObject({ fault: 'server' })
    mailbox.refuseSender = () => no(530, 'Authentication required')
    await expect(transport.send(mail)).rejects.toMatchObject({ fault: 'server' })
    transport.close()
  })
  test('is not asked to reach what is no address', async () => {
    const transport = createMailTransport(mailbox.url)
    await expect(transport.send({ ...mail, to: 'a@b\r\nBcc: c@d' })).rejects.toThrow(MailError)
    transport.close()
  })
})
