import { afterEach, describe, expect, test } from 'vitest'
import { ClientError } from '../../api/client/index.ts'
import { startTelegram, type TelegramBot } from '../../bot/telegram/index.ts'
import { fakeServer, type FakeServer } from '../../bot/telegram/test/fake-client.ts'
import { haveEmulators } from '../emulators.ts'
import {
  buttonsOf,
  hasButton,
  inChat,
  labelsOf,
  press,
  startTelegramEmulator,
  type TelegramEmulator,
} from './telegram-support.ts'

/** The bot against a strict Telegram; the server behind it answers from a table. */
const allowed = (action: string) => [{ action, allowed: true, why: null }]
const field = (key: string, title: string, value: unknown, more = {}) => ({
  key,
  title,
  value: value ?? null,
  type: 'text',
  help: null,
  group: null,
  required: true,
  readOnly: false,
  secret: false,
  visible: true,
  reachable: true,
  fixed: false,
  options: null,
  shortcuts: [],
  optionsFrom: false,
  dependsOn: [],
  pattern: null,
  min: null,
  max: null,
  minLength: null,
  maxLength: null,
  step: null,
  rows: null,
  notInChat: null,
  ...more,
})
const environments = [
  { value: 'staging', title: 'Staging' },
  { value: 'production', title: 'Production' },
]
const fieldsFor = (answers: Record<string, unknown> = {}) => [
  field('version', 'Version', answers['version']),
  field('env', 'Environment', answers['env'] ?? 'staging', { type: 'select', options: environments }),
]
const app = {
  id: 'a',
  name: 'release',
  project: 'default',
  title: 'Release the shop',
  help: null,
  confirm: null,
  expectS: null,
  favourite: false,
  schemes: [],
  handOver: null,
  mode: 'direct',
  category: null,
  aliases: [],
  icon: null,
  availableActions: allowed('launch'),
}
const none = { totalCount: 0, nodes: [] }
function releaseServer(more: FakeServer['on'] = {}): FakeServer {
  return fakeServer({
    BotHome: () => ({
      viewer: { person: null, needsMe: 0, unreached: [], isOwner: false },
      inbox: none,
      tasks: none,
      needsMe: none,
      apps: { totalCount: 1, nodes: [app] },
    }),
    BotApps: () => ({ apps: { totalCount: 1, nodes: [app] } }),
    BotAppForm: ({ name, answers }) => ({
      app: name === 'release' ? { ...app, form: { needsPhone: false, fields: fieldsFor(answers) } } : null,
    }),
    BotPreview: ({ input }) => ({
      preview: {
        title: 'Release',
        confirm: null,
        expectS: null,
        queuePosition: null,
        freeze: null,
        hosts: [],
        approvers: [],
        nodes: [],
        alreadyRunning: [],
        approvals: [],
        busy: false,
        joins: null,
        handOver: null,
        fields: fieldsFor(input.variables),
        errors:
          input.variables.version === undefined || /^v/.test(input.variables.version)
            ? []
            : [
                {
                  field: 'version',
                  code: 'PATTERN',
                  message: `“${input.variables.version}” is not a version. Use v2.14.0`,
                  fix: 'v2.14.0',
                },
              ],
      },
    }),
    BotLaunch: () => ({
      launch: {
        id: 't',
        number: 1042,
        title: 'Release v2.14.0',
        phase: 'RUNNING',
        url: 'https://baton.example/tasks/1042',
        rehearsal: false,
        origin: null,
      },
    }),
    BotSignInLink: () => ({ signInLink: 'https://baton.example/s/once' }),
    ...more,
  })
}
const log = {
  info: () => undefined,
  warn: () => undefined,
  error: (o: object, m?: string) => process.stderr.write(`${m} ${JSON.stringify(o)}\n`),
}
const ending: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end()
})
async function startBot(
  emulator: TelegramEmulator,
  server: FakeServer,
  more: { webhookSecret?: string; baseUrl?: string } = {},
): Promise<TelegramBot> {
  const bot = await startTelegram({
    client: server.client,
    config: { botToken: emulator.token, apiRoot: emulator.apiRoot, baseUrl: 'https://baton.example', ...more },
    log,
    waitS: 0,
  })
  ending.push(() => bot.stop())
  return bot
}
async function polling(on: FakeServer['on'] = {}) {
  const emulator = await startTelegramEmulator()
  ending.push(() => emulator.stop())
  const server = releaseServer(on)
  return { emulator, server, bot: await startBot(emulator, server) }
}
const launches = (server: FakeServer) => server.calls.filter(({ operation }) => operation === 'BotLaunch')

describe.skipIf(!haveEmulators)('Telegram', () => {
  test('says its commands in English and Chinese', async () => {
    const { emulator } = await polling()
    const [english, chinese] = [...emulator.commands.values()]
    expect(english?.map(({ command }) => command)).toEqual(['apps', 'run', 'tasks', 'inbox', 'alerts', 'link', 'help'])
    expect(chinese?.[0]).toEqual({ command: 'apps', description: '你能发起的应用' })
    emulator.log.assertClean()
  })

  test('a form is filled in by talking, checked by the server, and launched once by a double tap', async () => {
    const { emulator, server } = await polling()
    const ann = emulator.addUser({ first_name: 'Ann' })
    ann.send('/run release')
    const form = await emulator.waitForMessage(ann, ({ text }) => text.includes('step 1 of 2'))
    ann.send('2.14')
    const wrong = await emulator.waitForMessage(ann, ({ text }) => text.includes('is not a version'))
    expect(wrong.message_id).toBe(form.message_id)
    await press(ann, wrong, 'Use v2.14.0')
    await press(ann, await emulator.waitForMessage(ann, hasButton('Production')), 'Production')
    const review = await emulator.waitForMessage(ann, hasButton('Launch'))
    expect(review.text).toBe('Release the shop\nVersion: v2.14.0\nEnvironment: Production')
    const [first, second] = [ann.press(review, 'Launch'), ann.press(review, 'Launch')]
    expect((await first.waitAnswer()).show_alert).toBe(false)
    expect((await second.waitAnswer()).text).toContain('already')
    const done = await emulator.waitForMessage(ann, ({ text }) => text.includes('#1042'))
    expect(buttonsOf(done)).toEqual([])
    expect(launches(server).map(({ variables, as }) => [variables['input'], as])).toEqual([
      [
        expect.objectContaining({
          app: 'release',
          variables: { version: 'v2.14.0', env: 'production' },
          origin: `telegram:${ann.id}`,
        }),
        `telegram::${ann.id}`,
      ],
    ])
    emulator.log.assertClean()
  })

  test('key=value fills the form in; what is wrong is asked about; a name typed half is found', async () => {
    const { emulator, server } = await polling()
    const ann = emulator.addUser()
    ann.send('/run rel version=v1 env=production')
    const review = await emulator.waitForMessage(ann, hasButton('Launch'))
    await press(ann, review, 'Launch')
    await emulator.waitForMessage(ann, ({ text }) => text.includes('#1042'))
    expect(launches(server)[0]?.variables['input']).toMatchObject({ variables: { version: 'v1', env: 'production' } })
    ann.send('/run release version=1')
    await emulator.waitForMessage(ann, ({ text }) => text.includes('“1” is not a version'))
    emulator.log.assertClean()
  })

  test('a dialogue goes on after a restart where it was', async () => {
    const { emulator, server, bot } = await polling()
    const ann = emulator.addUser()
    ann.send('/run release')
    await emulator.waitForMessage(ann, ({ text }) => text.includes('step 1 of 2'))
    await bot.stop()
    await startBot(emulator, server)
    ann.send('v3')
    await press(ann, await emulator.waitForMessage(ann, hasButton('• Staging')), '• Staging')
    expect((await emulator.waitForMessage(ann, hasButton('Launch'))).text).toContain('Version: v3')
    emulator.log.assertClean()
  })

  test('in a topic everything stays in the topic, words are asked for by reply, and only their owner answers', async () => {
    const { emulator, server } = await polling()
    const [ann, bob] = [emulator.addUser({ first_name: 'Ann' }), emulator.addUser({ first_name: 'Bob' })]
    const ops = emulator.addGroup({ title: 'Ops', members: [ann, bob], forum: true })
    emulator.chats.get(ops)?.topics.set(7, { name: 'release' })
    ann.send('/run@baton_test_bot release', { chat: ops, thread: 7 })
    const prompt = await emulator.waitForMessage(ops, ({ text }) => text === 'Version')
    bob.reply(prompt, 'v9')
    ann.reply(prompt, 'v1')
    const second = await emulator.waitForMessage(ops, ({ text }) => text.includes('Version: v1'))
    expect(await press(bob, second, 'Production')).toMatchObject({
      show_alert: true,
      text: expect.stringContaining('somebody else'),
    })
    await press(ann, second, 'Production')
    await press(ann, await emulator.waitForMessage(ops, hasButton('Launch')), 'Launch')
    await emulator.waitForMessage(ops, ({ text }) => text.includes('#1042'))
    expect(launches(server)[0]?.variables['input']).toMatchObject({
      origin: `telegram:${ops}/7`,
      variables: { version: 'v1' },
    })
    expect(inChat(emulator, ops).every(({ message_thread_id: thread }) => thread === 7)).toBe(true)
    emulator.log.assertClean()
  })

  test('other bots’ commands and other people’s talk are left alone', async () => {
    const { emulator, server } = await polling()
    const ann = emulator.addUser()
    const ops = emulator.addGroup({ members: [ann], bot: 'administrator' })
    ann.send('/run@other_bot release', { chat: ops })
    ann.send('good morning', { chat: ops })
    ann.send('/help', { chat: ops })
    await emulator.log.waitFor(({ kind, method }) => kind === 'api' && method === 'sendMessage')
    expect(server.calls.filter(({ operation }) => operation === 'BotAppForm')).toEqual([])
    emulator.log.assertClean()
  })

  test('an answer for one person goes to their private chat; whoever never started the bot is asked to, once', async () => {
    const { emulator } = await polling()
    const [ann, bob] = [emulator.addUser({ first_name: 'Ann' }), emulator.addUser({ first_name: 'Bob' })]
    const ops = emulator.addGroup({ members: [ann, bob] })
    ann.start()
    await emulator.waitForMessage(ann)
    ann.send('/tasks', { chat: ops })
    await emulator.waitForMessage(ann, ({ text }) => text.includes('No tasks yet'))
    expect(inChat(emulator, ops)).toHaveLength(1)
    bob.send('/tasks', { chat: ops })
    const asked = await emulator.waitForMessage(ops, ({ text }) => text.startsWith('Bob, press Start'))
    expect(buttonsOf(asked)[0]?.url).toBe('https://t.me/baton_test_bot?start')
    emulator.log.assertClean()
  })

  test('somebody who writes or presses as the group decides nothing and is told why', async () => {
    const { emulator, server } = await polling()
    const ann = emulator.addUser()
    const ops = emulator.addGroup({ members: [ann] })
    const from = { id: 1087968824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' }
    const chat = { id: ops, type: 'supergroup', title: 'Group' }
    emulator.push('message', { message_id: 1, date: 1, chat, from, sender_chat: chat, text: '/run release' })
    expect((await emulator.waitForMessage(ops)).text).toContain('You write as the group')
    const posted = inChat(emulator, ops)[0]
    emulator.push('callback_query', { id: '99', from, message: posted, chat_instance: '1', data: 'x' })
    const answer = await emulator.log.waitFor(({ kind, method }) => kind === 'api' && method === 'answerCallbackQuery')
    expect(answer['params']).toMatchObject({ show_alert: true, text: expect.stringContaining('You act as the group') })
    expect(server.calls.filter(({ operation }) => operation === 'BotButton' || operation === 'BotAppForm')).toEqual([])
  })

  test('a stranger is told whom to ask, in private, and changes nothing', async () => {
    const { emulator, server } = await polling({
      BotIdentity: () => ({ identity: { person: null, mayJoin: null, askWhom: ['Li Wei'] } }),
    })
    const eve = emulator.addUser({ first_name: 'Eve' })
    eve.start()
    const told = await emulator.waitForMessage(eve, ({ text }) => text.includes('Ask Li Wei'))
    expect(labelsOf(told)).toEqual([])
    expect(await eve.forgePress(told, 'sometoken').waitAnswer()).toMatchObject({
      show_alert: true,
      text: expect.stringContaining('Ask Li Wei'),
    })
    expect(server.calls.filter(({ operation }) => operation === 'BotButton')).toEqual([])
    emulator.log.assertClean()
  })

  test('a member of a trusted group joins with one button; who left it does not', async () => {
    const joined: unknown[] = []
    const people = new Map<string, string>()
    const emulator = await startTelegramEmulator()
    ending.push(() => emulator.stop())
    const [ann, eve] = [emulator.addUser({ first_name: 'Ann' }), emulator.addUser({ first_name: 'Eve' })]
    const ops = emulator.addGroup({ title: 'Ops', members: [ann, eve] })
    eve.leaveGroup(ops)
    const identity = (user: string, team: string | null) => ({
      person: people.has(user)
        ? { id: user, name: people.get(user), role: 'starter', language: null, timeZone: null }
        : null,
      mayJoin: team === String(ops) ? 'starter' : null,
      askWhom: ['Li Wei'],
    })
    const server = releaseServer({
      TelegramGroups: () => ({ workspaces: [{ platform: 'TELEGRAM', id: String(ops), trusted: true }] }),
      BotIdentity: ({ user, team }) => ({ identity: identity(user, team) }),
      BotJoin: (given) => (
        joined.push(given),
        people.set(given.user, given.name),
        { joinAs: identity(given.user, given.team) }
      ),
    })
    await startBot(emulator, server)
    ann.start()
    const offer = await emulator.waitForMessage(ann, hasButton('Join as Ann'))
    await press(ann, offer, 'Join as Ann')
    eve.start()
    expect(labelsOf(await emulator.waitForMessage(eve))).toEqual([])
    expect(joined).toEqual([
      expect.objectContaining({ platform: 'TELEGRAM', user: String(ann.id), team: String(ops), fullMember: true }),
    ])
    emulator.log.assertClean()
  })

  test('a press by somebody from a trusted group who is not in Baton yet says how to join', async () => {
    const { emulator } = await polling({
      BotIdentity: ({ team }) => ({ identity: { person: null, mayJoin: team ? 'starter' : null, askWhom: [] } }),
    })
    const ann = emulator.addUser({ first_name: 'Ann' })
    const ops = emulator.addGroup({ title: 'Ops', members: [ann] })
    ann.send('/help', { chat: ops })
    const posted = await emulator.waitForMessage(ops)
    expect((await ann.forgePress(posted, 'sometoken').waitAnswer()).text).toContain('members of this group may join')
    emulator.log.assertClean()
  })

  test('a slow server: the spinner ends in time, and what came of the press is told afterwards, in private', async () => {
    const { emulator } = await polling({
      BotButton: () =>
        new Promise((resolve) =>
          setTimeout(
            () =>
              resolve({
                resolveButton: {
                  verb: 'retry',
                  taskId: 't',
                  nodeId: 'n',
                  attempt: 1,
                  askId: null,
                  digest: null,
                  app: null,
                  data: null,
                  cardId: 'c',
                  stale: true,
                  truth: 'Already retried by Li Wei.',
                  allowed: false,
                  why: null,
                },
              }),
            1600,
          ),
        ),
    })
    const ann = emulator.addUser()
    ann.start()
    const answer = await ann.forgePress(await emulator.waitForMessage(ann), 'AAAAAAAAAAAAAAAAAAAAAA').waitAnswer()
    expect(answer.ms).toBeLessThan(3000)
    expect(answer).toMatchObject({ text: 'Recording…', show_alert: false })
    await emulator.waitForMessage(ann, ({ text }) => text === 'Already retried by Li Wei.')
    emulator.log.assertClean()
  })

  test('a press that was not recorded is told so, and its button stays', async () => {
    const { emulator } = await polling({
      BotButton: () => {
        throw new ClientError('NETWORK', 'no answer')
      },
    })
    const ann = emulator.addUser()
    ann.start()
    const home = await emulator.waitForMessage(ann)
    expect(await ann.forgePress(home, 'AAAAAAAAAAAAAAAAAAAAAA').waitAnswer()).toMatchObject({
      show_alert: true,
      text: 'Not recorded. Press again.',
    })
    expect(labelsOf(await emulator.waitForMessage(ann))).toEqual(labelsOf(home))
  })

  test('a Telegram that cannot be reached does not stop the start', async () => {
    const emulator = await startTelegramEmulator()
    await emulator.stop()
    const bot = await startTelegram({
      client: releaseServer().client,
      config: { botToken: emulator.token, apiRoot: emulator.apiRoot, baseUrl: 'https://baton.example' },
      log,
    })
    expect(bot.username).toBeNull()
    await bot.stop()
  })

  test('a code is redeemed by /start; a group the bot is added to can then be trusted', async () => {
    const people = new Set<string>()
    const codes: string[] = []
    const { emulator, server } = await polling({
      BotIdentity: ({ user }) => ({
        identity: {
          person: people.has(user) ? { id: user, name: 'Ann', role: 'starter', language: null, timeZone: null } : null,
          mayJoin: null,
          askWhom: [],
        },
      }),
      BotRedeem: ({ code, user }) => (
        codes.push(code),
        people.add(user),
        { redeemCode: { person: { id: user, name: 'Ann', role: 'starter' }, mayJoin: null, askWhom: [], leftOut: [] } }
      ),
    })
    const ann = emulator.addUser({ first_name: 'Ann' })
    ann.start('inv_12-34')
    const home = await emulator.waitForMessage(ann, ({ text }) => text.includes('This account is now Ann.'))
    expect(labelsOf(home)).toContain('Release the shop')
    expect(codes).toEqual(['inv_12-34'])
    const ops = emulator.addGroup({ title: 'Ops', members: [ann], bot: 'left' })
    ann.setBot(ops, 'member')
    await expect
      .poll(() =>
        server.calls.filter(({ operation }) => operation === 'BotSeeWorkspace').map(({ variables }) => variables),
      )
      .toEqual([{ platform: 'TELEGRAM', id: String(ops), name: 'Ops' }])
    emulator.log.assertClean()
  })

  test('secrets are never asked for in chat: the page opens inside Telegram', async () => {
    const secret = [field('password', 'Password', null, { type: 'password', secret: true, notInChat: 'secret' })]
    const { emulator } = await polling({
      BotAppForm: () => ({ app: { ...app, form: { needsPhone: true, fields: secret } } }),
    })
    const ann = emulator.addUser()
    ann.send('/run release password=hunter2hunter2')
    const refused = await emulator.waitForMessage(ann, ({ text }) => text.includes('secret'))
    expect(JSON.stringify(emulator.log.entries.filter(({ kind }) => kind === 'api'))).not.toContain('hunter2')
    expect(refused.text).toContain('Password')
    ann.send('/run release')
    const page = await emulator.waitForMessage(ann, ({ text }) => text.includes('phone page:'))
    expect(buttonsOf(page)[0]?.web_app?.url).toBe('https://baton.example/s/once')
    emulator.log.assertClean()
  })

  test('the webhook takes Telegram’s updates, once each, and nobody else’s', async () => {
    const emulator = await startTelegramEmulator({ webhookMap: {} })
    ending.push(() => emulator.stop())
    const server = releaseServer()
    const { createServer } = await import('node:http')
    const running: { bot?: TelegramBot } = {}
    const web = createServer(async (request, response) => {
      const body = await new Promise<Buffer>((resolve) => {
        const parts: Buffer[] = []
        request.on('data', (part: Buffer) => parts.push(part)).on('end', () => resolve(Buffer.concat(parts)))
      })
      const answer = await running.bot?.fetch?.(
        new Request(`http://x${request.url}`, {
          method: 'POST',
          headers: request.headers as Record<string, string>,
          body: new Uint8Array(body),
        }),
      )
      response.writeHead(answer?.status ?? 503).end()
    })
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
    ending.push(async () => void (web.closeAllConnections(), web.close()))
    const address = web.address()
    const local = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    emulator.webhookMap['https://baton.example'] = local
    running.bot = await startBot(emulator, server, { webhookSecret: 's3cret-s3cret' })
    expect(emulator.webhook).toMatchObject({ url: 'https://baton.example/telegram/webhook', secret: 's3cret-s3cret' })
    const ann = emulator.addUser()
    ann.send('/run release')
    const form = await emulator.waitForMessage(ann, ({ text }) => text.includes('step 1 of 2'))
    const delivered = emulator.log.filter(({ kind }) => kind === 'deliver').at(-1)?.['update']
    for (let n = 0; n < 12; n += 1) emulator.redeliver(delivered)
    const forged = await fetch(`${local}/telegram/webhook`, {
      method: 'POST',
      headers: { 'x-telegram-bot-api-secret-token': 's3cret-s3cre7' },
      body: JSON.stringify({ ...(delivered as object), update_id: 1 }),
    })
    expect(forged.status).toBe(401)
    ann.send('v1')
    await emulator.waitForMessage(ann, ({ text }) => text.includes('step 2 of 2'))
    expect(inChat(emulator, ann).filter(({ text }) => text.includes('step'))).toHaveLength(1)
    expect(form.message_id).toBe(inChat(emulator, ann).find(({ text }) => text.includes('step'))?.message_id)
    emulator.log.assertClean()
  })

  test('a token that Telegram does not know stops the start with one line', async () => {
    const emulator = await startTelegramEmulator()
    ending.push(() => emulator.stop())
    const wrong = startTelegram({
      client: releaseServer().client,
      config: { botToken: '1:wrong', apiRoot: emulator.apiRoot, baseUrl: 'https://baton.example' },
      log,
    })
    await expect(wrong).rejects.toThrow('Telegram does not know this token')
  })

  test('outages and flood control lose no answer', async () => {
    const { emulator } = await polling()
    const ann = emulator.addUser()
    emulator.failNext('getUpdates', { code: 502 }, 1)
    emulator.failNext('sendMessage', { code: 429, retry_after: 1 }, 1)
    ann.send('/run release')
    await emulator.waitForMessage(ann, ({ text }) => text.includes('step 1 of 2'), 15_000)
  })
})
