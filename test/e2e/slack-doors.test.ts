import { afterEach, describe, expect, test, vi } from 'vitest'
import { ClientError } from '../../api/client/index.ts'
import { fakeClient } from '../../bot/core/test/fake-client.ts'
import { fieldSample, taskSample } from '../../bot/core/test/samples.ts'
import { startSlack } from '../../bot/slack/index.ts'
import { haveEmulators, startSlackEmulator, type SlackMessage } from '../emulators.ts'
import { listen } from '../http.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const OPTIONS = [
  { value: 'staging', title: 'Staging' },
  { value: 'production', title: 'Production' },
]
/** The server as these doors see it: one app, with a field that shows when production is chosen. */
function server() {
  const launches: Record<string, unknown>[] = []
  const form = (answers: Record<string, unknown>) => ({
    needsPhone: true,
    fields: [
      fieldSample({ value: answers['version'] ?? null }),
      fieldSample({
        key: 'env',
        type: 'select',
        title: 'Environment',
        options: OPTIONS,
        value: answers['env'] ?? 'staging',
      }),
      fieldSample({
        key: 'ticket',
        title: 'Change ticket',
        visible: answers['env'] === 'production',
        required: answers['env'] === 'production',
        value: answers['ticket'] ?? null,
      }),
      fieldSample({
        key: 'host',
        title: 'Host',
        type: 'select',
        optionsFrom: true,
        required: false,
        value: answers['host'] ?? null,
      }),
      fieldSample({
        key: 'token',
        title: 'Token',
        type: 'password',
        secret: true,
        required: true,
        notInChat: 'secret',
      }),
    ],
  })
  const app = (answers: Record<string, unknown>) => ({
    id: 'a',
    name: 'release',
    project: 'default',
    title: 'Release',
    help: 'Ships a version.',
    confirm: 'This restarts production.',
    expectS: 60,
    favourite: false,
    schemes: [],
    handOver: null,
    mode: 'direct',
    form: form(answers),
    availableActions: [{ action: 'launch', allowed: true, why: null }],
  })
  const client = fakeClient({
    BotSeeWorkspace: () => ({ seeWorkspace: { id: 'T', trusted: true } }),
    BotDeliveries: () => new Promise((resolve) => setTimeout(resolve, 50, { nextDeliveries: [] })),
    BotAppForm: ({ name, answers }) => ({
      app: name === 'release' ? app((answers ?? {}) as Record<string, unknown>) : null,
    }),
    BotApps: () => ({
      apps: {
        totalCount: 1,
        nodes: [
          {
            name: 'release',
            title: 'Release',
            project: 'default',
            help: 'Ships.',
            category: null,
            aliases: [],
            favourite: false,
            icon: null,
            availableActions: [{ action: 'launch', allowed: true, why: null }],
          },
        ],
      },
    }),
    BotFormOptions: ({ search }) => ({
      formOptions: {
        options: ['web-1', 'web-2', 'db-1']
          .filter((name) => name.includes(String(search ?? '')))
          .map((value) => ({ value, title: value })),
        asOf: null,
        stale: false,
      },
    }),
    BotPreview: ({ input }) => {
      const answers = (input as { variables: Record<string, unknown> }).variables
      const bad = typeof answers['version'] === 'string' && !answers['version'].startsWith('v')
      const errors = bad
        ? [
            {
              field: 'version',
              code: 'pattern',
              message: `“${String(answers['version'])}” is not a version.`,
              fix: `v${String(answers['version'])}`,
            },
          ]
        : []
      return {
        preview: {
          title: `Release ${String(answers['version'])}`,
          confirm: 'This restarts production.',
          expectS: 60,
          queuePosition: null,
          freeze: null,
          hosts: ['web-1'],
          approvers: [],
          errors,
          fields: form(answers).fields,
          nodes: [],
          alreadyRunning: [],
          approvals: [],
          busy: false,
          joins: null,
          handOver: null,
        },
      }
    },
    BotLaunch: ({ input }) => (
      launches.push(input as Record<string, unknown>),
      {
        launch: {
          id: 't1',
          number: 7,
          title: 'Release v1',
          phase: 'RUNNING',
          url: 'http://x/tasks/t1',
          rehearsal: false,
          origin: null,
        },
      }
    ),
    BotSignInLink: () => ({ signInLink: 'http://127.0.0.1:8787/sign-in/abc' }),
    BotHome: () => ({
      viewer: {
        person: { id: 'p', name: 'Alice', role: 'starter', language: null, timeZone: null },
        needsMe: 0,
        unreached: [],
        isOwner: false,
      },
      inbox: { totalCount: 0, nodes: [] },
      tasks: { totalCount: 0, nodes: [] },
      needsMe: { totalCount: 0, nodes: [] },
      apps: {
        totalCount: 1,
        nodes: [
          {
            name: 'release',
            title: 'Release',
            project: 'default',
            favourite: true,
            help: null,
            availableActions: [{ action: 'launch', allowed: true, why: null }],
          },
        ],
      },
    }),
    BotTaskCard: () => ({ task: taskSample() }),
    BotButton: () => {
      throw new ClientError('NOT_FOUND', 'This button is not known.')
    },
  })
  return { client, launches }
}

type Mode = 'http' | 'socket'
async function world(mode: Mode, api = server()) {
  const emu = await startSlackEmulator({ mode, commands: ['/baton'], timeScale: 0.001 })
  ends.push(() => emu.stop())
  const alice = emu.addUser({ id: 'U0ALICE', name: 'alice', real_name: 'Alice' })
  const ops = emu.addChannel({ id: 'C0OPS', name: 'ops', members: [alice] })
  const config = {
    botToken: emu.botToken,
    apiUrl: emu.apiUrl,
    ...(mode === 'socket' ? { appToken: emu.appToken } : { signingSecret: emu.signingSecret }),
  }
  const slack = await startSlack({ client: api.client, config, log: silent })
  ends.push(() => slack.stop())
  if (slack.fetch) {
    const web = await listen(slack.fetch)
    ends.push(() => web.close())
    emu.requestUrl = `${web.url}/slack/events`
  } else await emu.delivery.waitForSocket()
  return { emu, alice, ops, ...api }
}
const keys = (blocks: readonly { block_id?: string; type: string }[]): string[] =>
  blocks.filter(({ type }) => type === 'input').map(({ block_id = '' }) => block_id)
const textOf = (message: SlackMessage): string => `${message.text} ${JSON.stringify(message.blocks)}`

describe.skipIf(!haveEmulators).each(['http', 'socket'] as const)('Slack over %s', (mode) => {
  test('a form: a field appears, the server’s error lands on its field, options are searched, the last look, one launch', async () => {
    const { emu, alice, ops, launches } = await world(mode)
    await alice.slash('/baton', 'release', { channel: ops })
    const form = await alice.waitForModal((view) => view.callback_id === 'baton_form')
    expect(keys(form.blocks)).toEqual(['version', 'env', 'host'])
    await alice.fill('version', '2.14')
    await alice.fill('env', '=production')
    const redrawn = await alice.waitForModal((view) => keys(view.blocks).includes('ticket'))
    expect(JSON.stringify(redrawn.blocks)).toContain('2.14')
    await alice.fill('ticket', 'CHG-1')
    expect((await alice.search('host', 'web')).map(({ value }) => value)).toEqual(['=web-1', '=web-2'])
    await alice.fill('host', '=web-2')
    expect((await alice.submit()).errors).toEqual({ version: '“2.14” is not a version. Use v2.14' })
    await alice.fill('version', 'v2.14')
    const review = (await alice.submit()).pushed
    expect(JSON.stringify(review?.blocks)).toMatch(/Release v2\.14.*This restarts production/s)
    expect((await alice.submit()).closed).toBe(true)
    expect(alice.modal()).toBeUndefined()
    expect(launches).toHaveLength(1)
    expect(launches[0]).toMatchObject({
      app: 'release',
      origin: 'slack:C0OPS',
      variables: { version: 'v2.14', env: 'production', ticket: 'CHG-1', host: 'web-2' },
    })
    expect(launches[0]?.['key']).toMatch(/^chat-/)
    emu.log.assertClean()
  })
  test('key=value comes filled in; an error in it is shown at once', async () => {
    const { emu, alice } = await world(mode)
    await alice.slash('/baton', 'release version=2.14 env=production')
    const form = await alice.waitForModal((view) => view.callback_id === 'baton_form')
    expect(JSON.stringify(form.blocks)).toMatch(/"initial_value":"2\.14".*is not a version/s)
    expect(keys(form.blocks)).toContain('ticket')
    emu.log.assertClean()
  })
  test('what chat never asks goes on at the phone page, by a link for this person', async () => {
    const { emu, alice, client } = await world(mode)
    await alice.slash('/baton', 'release version=v3')
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    await alice.clickInView('phone')
    const view = await alice.waitForModal((next) => JSON.stringify(next).includes('sign-in/abc'))
    expect(JSON.stringify(view.blocks)).toContain('signs you in')
    expect(client.calls.find(({ operation }) => operation === 'BotSignInLink')?.variables).toMatchObject({
      path: '/apps/release',
      answers: { version: 'v3' },
    })
    emu.log.assertClean()
  })
  test('menu, help and home are private, and a button of the menu opens the form', async () => {
    const { emu, alice, ops } = await world(mode)
    await alice.slash('/baton', '', { channel: ops })
    const menu = await emu.waitForMessage(ops, (message) => textOf(message).includes('Nothing waits for you'))
    expect(menu._ephemeralTo).toBe(alice.id)
    await alice.click(menu, 'launch')
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    await alice.closeModal()
    await alice.slash('/baton', 'help', { channel: ops })
    expect((await emu.waitForMessage(ops, (message) => textOf(message).includes('/baton inbox')))._ephemeralTo).toBe(
      alice.id,
    )
    await alice.openHome()
    await vi.waitFor(() => expect(JSON.stringify(alice.home()?.blocks)).toContain('Nothing waits for you'))
    await alice.clickHome('launch')
    await alice.waitForModal((view) => view.callback_id === 'baton_form')
    emu.log.assertClean()
  })
  test('in a thread a mention answers with a button, with what was typed', async () => {
    const { emu, alice, ops, launches } = await world(mode)
    const { message } = await alice.mention('release version=v9 env=staging', { channel: ops })
    const offer = await emu.waitForMessage(ops, (one) => one._ephemeralTo === alice.id)
    expect(message.ts).toBeTruthy()
    await alice.click(offer, 'launch')
    await alice.waitForModal((view) => JSON.stringify(view.blocks).includes('v9'))
    await alice.submit()
    await alice.submit()
    expect(launches[0]).toMatchObject({ variables: { version: 'v9', env: 'staging' }, origin: 'slack:C0OPS' })
    emu.log.assertClean()
  })
  test('a slow server: the loading view is there while the trigger lives, then the form', async () => {
    const api = server()
    const slow = {
      ...api,
      client: {
        ...api.client,
        actingFor: (account: string) => delayed(api.client.actingFor(account), 2300),
      } as typeof api.client,
    }
    const { emu, alice } = await world(mode, slow)
    await alice.slash('/baton', 'release')
    await alice.waitForModal((view) => JSON.stringify(view.blocks).includes('Loading'), 3000)
    await alice.waitForModal((view) => view.callback_id === 'baton_form', 15_000)
    await alice.fill('version', 'v1')
    expect(JSON.stringify((await alice.submit()).updated?.blocks)).toContain('Recording')
    await alice.waitForModal((view) => view.callback_id === 'baton_review', 15_000)
    emu.log.assertClean()
  })
  test('a button that is not known says so to the presser alone', async () => {
    const { emu, alice, ops } = await world(mode)
    const payload = {
      type: 'block_actions',
      user: { id: alice.id, team_id: emu.team.id },
      team: { id: emu.team.id },
      api_app_id: 'A',
      trigger_id: 'x',
      channel: { id: ops },
      container: { type: 'message', message_ts: '1.000001', channel_id: ops },
      actions: [{ type: 'button', action_id: 'retry', block_id: 'act', value: 'invented', action_ts: '1.000002' }],
    }
    expect((await emu.delivery.send('interactive', payload)).ok).toBe(true)
    await emu.waitForMessage(alice.id, (message) => textOf(message).includes('This button is not known.'))
    emu.log.assertClean()
  })
})

describe.skipIf(!haveEmulators)('requests over HTTP', () => {
  test('forged ones are refused and the same signed one acts once', async () => {
    const { emu, alice, ops } = await world('http')
    expect(await emu.delivery.urlVerification()).toBe(true)
    for (const how of [
      'bad-signature',
      'wrong-secret',
      'stale',
      'future',
      'no-headers',
      'body-tampered',
      'v1-signature',
    ])
      expect((await emu.delivery.forge(how)).status, how).toBe(401)
    await alice.slash('/baton', 'help', { channel: ops })
    await emu.waitForMessage(ops, (message) => textOf(message).includes('/baton inbox'))
    const before = emu.messages.get(ops)?.length
    expect((await emu.delivery.forge('replay')).status).toBe(200)
    expect((await emu.delivery.forge('replay')).status).toBe(200)
    expect(emu.messages.get(ops)?.length).toBe(before)
    emu.log.assertClean()
  })
})
describe.skipIf(!haveEmulators)('Socket Mode', () => {
  test('goes on after Slack recycles the connection', async () => {
    const { emu, alice, ops } = await world('socket')
    emu.delivery.disconnectSockets()
    await vi.waitFor(
      async () => expect((await alice.slash('/baton', 'help', { channel: ops }).catch(() => null))?.ok).toBe(true),
      { timeout: 20_000, interval: 500 },
    )
  })
})
test.skipIf(!haveEmulators)('a token that Slack refuses stops the start with one clear line', async () => {
  const emu = await startSlackEmulator()
  ends.push(() => emu.stop())
  await expect(
    startSlack({
      client: server().client,
      config: { botToken: 'xoxb-wrong', signingSecret: 'x', apiUrl: emu.apiUrl },
      log: silent,
    }),
  ).rejects.toThrow('SLACK_BOT_TOKEN is refused by Slack: invalid_auth')
})

function delayed<C extends { query: unknown }>(client: C, ms: number): C {
  const query = client.query as (...parts: unknown[]) => Promise<unknown>
  return {
    ...client,
    query: async (...parts: unknown[]) => (await new Promise((resolve) => setTimeout(resolve, ms)), query(...parts)),
  }
}
