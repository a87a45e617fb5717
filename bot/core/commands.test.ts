import { describe, expect, test } from 'vitest'
import { parseCommand, runCommand } from './commands.ts'
import { actingOf, fakeClient } from './test/fake-client.ts'

describe('what people type', () => {
  test.each([
    { text: '', is: { kind: 'home' } },
    { text: '  ', is: { kind: 'home' } },
    { text: 'tasks', is: { kind: 'tasks' } },
    { text: 'INBOX', is: { kind: 'inbox' } },
    { text: 'help', is: { kind: 'help' } },
    { text: 'link', is: { kind: 'link', code: null } },
    { text: 'link ABC-123', is: { kind: 'link', code: 'ABC-123' } },
    { text: 'release', is: { kind: 'app', name: 'release', typed: {} } },
    { text: 'release the shop', is: { kind: 'app', name: 'release the shop', typed: {} } },
    { text: '发布 version=v1', is: { kind: 'app', name: '发布', typed: { version: 'v1' } } },
    {
      text: 'release version=v1 note="two words" env=',
      is: { kind: 'app', name: 'release', typed: { version: 'v1', note: 'two words', env: '' } },
    },
    {
      text: 'release note=“curly from a phone”',
      is: { kind: 'app', name: 'release', typed: { note: 'curly from a phone' } },
    },
    { text: String.raw`release note="say \"hi\""`, is: { kind: 'app', name: 'release', typed: { note: 'say "hi"' } } },
    {
      text: 'release url=https://x.example/?a=b',
      is: { kind: 'app', name: 'release', typed: { url: 'https://x.example/?a=b' } },
    },
    { text: 'release note="never closed', is: { kind: 'unreadable' } },
    { text: 'release $(rm -rf ~); x=1', is: { kind: 'app', name: 'release $(rm -rf ~);', typed: { x: '1' } } },
  ])('$text', ({ text, is }) => expect(parseCommand(text)).toEqual(is))
})

const app = (extra: object = {}) => ({
  id: 'a',
  name: 'release',
  project: 'default',
  title: 'Release',
  help: null,
  confirm: null,
  expectS: null,
  favourite: false,
  schemes: [],
  handOver: null,
  mode: 'direct',
  availableActions: [{ action: 'launch', allowed: true, why: null }],
  form: {
    needsPhone: false,
    fields: [
      field({ key: 'version' }),
      field({ key: 'token', type: 'password', secret: true, notInChat: 'secret' }),
      field({ key: 'hosts', fixed: true, value: '@web' }),
    ],
  },
  ...extra,
})
const field = (extra: object) => ({
  key: 'x',
  type: 'text',
  title: 'X',
  help: null,
  group: null,
  required: false,
  readOnly: false,
  secret: false,
  visible: true,
  reachable: true,
  fixed: false,
  value: null,
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
  ...extra,
})
const found = {
  name: 'release',
  title: 'Release',
  project: 'default',
  help: null,
  category: null,
  aliases: [],
  favourite: false,
  icon: null,
  availableActions: [{ action: 'LAUNCH', allowed: true, why: null }],
}
const textOf = (reply: unknown): string => JSON.stringify(reply)

describe('an app by name', () => {
  test('half a name that fits one app opens its form', async () => {
    const client = fakeClient({
      BotAppForm: ({ name }) => ({ app: name === 'release' ? app() : null }),
      BotApps: () => ({ apps: { totalCount: 1, nodes: [found] } }),
    })
    const reply = await runCommand(actingOf(client), 'rel')
    expect(reply.kind).toBe('form')
  })
  test('several that fit are offered as buttons', async () => {
    const client = fakeClient({
      BotAppForm: () => ({ app: null }),
      BotApps: () => ({ apps: { totalCount: 2, nodes: [found, { ...found, name: 'rollback', title: 'Roll back' }] } }),
    })
    const reply = await runCommand(actingOf(client), 'r')
    expect(reply.kind === 'card' && reply.card.actions.map(({ label }) => label)).toEqual(['Release', 'Roll back'])
  })
  test('a secret typed as key=value is refused, not used and not repeated', async () => {
    const client = fakeClient({ BotAppForm: () => ({ app: app() }) })
    const reply = await runCommand(actingOf(client), 'release version=v1 token=hunter2-very-secret')
    expect(reply.kind).toBe('tell')
    expect(textOf(reply)).not.toContain('hunter2')
    expect(JSON.stringify(client.calls)).not.toContain('hunter2')
  })
  test('a fixed variable and an unknown one are refused by name', async () => {
    const client = fakeClient({ BotAppForm: () => ({ app: app() }) })
    expect(textOf(await runCommand(actingOf(client), 'release hosts=web-9'))).toContain('fixed')
    expect(textOf(await runCommand(actingOf(client), 'release versoin=v1'))).toContain('versoin')
  })
  test('an app one may not launch says why', async () => {
    const client = fakeClient({
      BotAppForm: () => ({
        app: app({
          availableActions: [{ action: 'launch', allowed: false, why: 'Only Ops may launch this. Ask Li Wei.' }],
        }),
      }),
    })
    expect(textOf(await runCommand(actingOf(client), 'release'))).toContain('Ask Li Wei')
  })
  test('a form keeps no secret field and says what is asked on the phone', async () => {
    const client = fakeClient({ BotAppForm: () => ({ app: app() }) })
    const reply = await runCommand(actingOf(client), 'release')
    if (reply.kind !== 'form') throw new Error('expected a form')
    expect(reply.form.fields.map(({ key, widget }) => [key, widget])).toEqual([
      ['version', 'line'],
      ['hosts', 'shown'],
    ])
    expect(reply.form.onPhone).toEqual(['X'])
  })
})

test('a stranger is offered the way in, whatever was typed', async () => {
  const client = fakeClient({ BotIdentity: () => ({ identity: { person: null, mayJoin: 'starter', askWhom: [] } }) })
  const member = await runCommand(actingOf(client), 'release version=v1', { fullMember: true })
  expect(member.kind === 'card' && member.card.actions.map(({ label }) => label)).toEqual(['Join as Lin Xiao'])
  const guest = await runCommand(actingOf(client), '', { fullMember: false })
  expect(guest.kind === 'card' && guest.card.actions).toEqual([])
})
