import { describe, expect, test } from 'vitest'
import { ClientError } from '../../api/client/index.ts'
import { drawForm, submitForm } from './form.ts'
import { appsMenu, runMenuVerb } from './menu.ts'
import { press } from './press.ts'
import { actingOf, fakeClient } from './test/fake-client.ts'
import { fieldSample } from './test/samples.ts'

const row = (name: string, category: string | null = null) => ({
  name,
  title: name.toUpperCase(),
  project: 'default',
  help: null,
  category,
  aliases: [],
  favourite: false,
  icon: null,
  availableActions: [{ action: 'launch', allowed: true, why: null }],
})
const branch = (path: string, count: number) => ({
  path,
  title: path.split('/').at(-1) ?? '',
  depth: path.split('/').length - 1,
  count,
})
const labels = (reply: Awaited<ReturnType<typeof appsMenu>>): string[] =>
  reply.kind === 'card' ? reply.card.actions.map(({ label }) => label) : []

describe('the catalogue in chat', () => {
  const many = fakeClient({
    BotApps: ({ category }) => ({
      apps: category
        ? { totalCount: 20, nodes: [row('direct', 'web'), row('deep', 'web/release')] }
        : { totalCount: 40, nodes: [row('a'), row('b')] },
    }),
    BotCatalogue: () => ({
      favourites: { nodes: [{ name: 'release', title: 'Release' }] },
      recent: {
        nodes: [
          { name: 'release', title: 'Release' },
          { name: 'restart', title: 'Restart' },
        ],
      },
      appTree: [branch('ops', 20), branch('web', 20), branch('web/release', 19), branch('', 1)],
    }),
  })
  test('few apps are on one card', async () => {
    const client = fakeClient({ BotApps: () => ({ apps: { totalCount: 2, nodes: [row('a'), row('b')] } }) })
    expect(labels(await appsMenu(actingOf(client), null))).toEqual(['A', 'B'])
  })
  test('many are offered by branch, with what is at hand first', async () => {
    expect(labels(await appsMenu(actingOf(many), null))).toEqual(['Release', 'Restart', 'ops (20)', 'web (20)'])
  })
  test('a branch shows its own apps and the branches below it', async () => {
    const reply = await runMenuVerb(actingOf(many), { verb: 'apps', data: { category: 'web' } }, 'm.x.0', {})
    expect(labels(reply)).toEqual(['DIRECT', 'release (19)'])
  })
})

describe('a variant of an app', () => {
  const app = {
    ...row('release'),
    confirm: null,
    expectS: null,
    mode: 'direct',
    handOver: 'Ops',
    schemes: [{ name: 'quick', title: 'Without tests' }],
    form: { needsPhone: false, fields: [fieldSample({ value: 'v1' })] },
  }
  const session = {
    kind: 'launch',
    app: 'release',
    project: 'default',
    key: 'k',
    origin: null,
    rehearsal: false,
    continueFrom: null,
    answers: { '.scheme': 'quick', version: 'v2' },
  } as const
  test('of a frozen app it is said before anybody fills in the form, where nobody else has to claim it', async () => {
    const frozen = { text: 'Frozen until 23 Nov 15:00: Quiet days' }
    const notes = async (handOver: string | null): Promise<string> => {
      const client = fakeClient({ BotAppForm: () => ({ app: { ...app, frozen, handOver } }) })
      return JSON.stringify((await drawForm(actingOf(client), session)).notes)
    }
    expect(await notes(null)).toContain(frozen.text)
    expect(await notes('Ops')).not.toContain(frozen.text)
  })
  test('is chosen on top of the form, which the server draws for it; who has to claim it is said', async () => {
    const client = fakeClient({ BotAppForm: () => ({ app }) })
    const form = await drawForm(actingOf(client), session)
    expect(form.fields.map(({ key, valueText }) => [key, valueText])[0]).toEqual(['.scheme', 'Without tests'])
    expect(JSON.stringify(form.notes)).toContain('Ops claim it before it begins.')
    expect(client.calls[0]?.variables).toMatchObject({ scheme: 'quick', answers: { version: 'v2' } })
  })
  test('goes along with the launch, and is no variable', async () => {
    const launch = { id: 't1', number: 7, title: 'Release v2', handOver: { to: 'Ops' } }
    const client = fakeClient({ BotLaunch: () => ({ launch }) })
    const sent = await submitForm(actingOf(client), session)
    expect(client.calls[0]?.variables['input']).toMatchObject({ scheme: 'quick', variables: { version: 'v2' } })
    expect(JSON.stringify(sent)).toContain('Requested: Release v2 (#7). Ops can claim it.')
  })
})

describe('a press on a request', () => {
  const button = (extra: object = {}) => ({
    resolveButton: {
      verb: 'claim_request',
      taskId: 't1',
      nodeId: null,
      attempt: 3,
      askId: null,
      digest: null,
      app: null,
      data: null,
      cardId: 'c',
      stale: false,
      truth: null,
      allowed: true,
      why: null,
      ...extra,
    },
  })
  const task = {
    id: 't1',
    number: 7,
    title: 'Release v2',
    variablesRevision: 4,
    handOver: { state: 'OPEN', round: 3, to: 'Ops', reason: null },
    variableFields: [
      fieldSample({ value: 'v1' }),
      fieldSample({ key: 'count', title: 'Count', fixed: true, value: 4 }),
      fieldSample({ key: 'token', title: 'Token', secret: true }),
    ],
  }
  const session = (verb: string, answers: object) =>
    ({ kind: 'press', token: 'tok', verb, key: 'k1', answers: answers as Record<string, unknown> }) as const

  test('claims at once, at the round that was seen', async () => {
    const client = fakeClient({ BotButton: () => button(), BotClaim: () => ({ claimTask: {} }) })
    expect(await press(actingOf(client), 'tok', { key: 'once' })).toEqual({ kind: 'nothing' })
    expect(client.calls.at(-1)).toMatchObject({ operation: 'BotClaim', variables: { id: 't1', round: 3, key: 'once' } })
  })
  test('too late: told the truth, and the card is brought up to date', async () => {
    const client = fakeClient({ BotButton: () => button({ stale: true, truth: 'Claimed by Li Wei at 14:02' }) })
    const reply = await press(actingOf(client), 'tok')
    expect(JSON.stringify(reply)).toContain('Claimed by Li Wei at 14:02')
    expect(reply.kind === 'tell' && reply.about).toEqual({ cardId: 'c', kind: 'REQUEST', taskId: 't1' })
  })
  test('corrects what the form shows and nobody has fixed, and sends what differs', async () => {
    const client = fakeClient({
      BotButton: () => button({ data: { edit: true } }),
      BotRequest: () => ({ task }),
      BotClaim: () => ({ claimTask: {} }),
    })
    const reply = await press(actingOf(client), 'tok')
    expect(reply.kind === 'form' && reply.form.fields.map(({ key }) => key)).toEqual(['version', '.note'])
    await submitForm(actingOf(client), session('claim_request', { version: 'v2', '.note': 'v1 is broken' }))
    expect(client.calls.at(-1)?.variables).toEqual({
      id: 't1',
      round: 3,
      key: 'k1',
      variables: { version: 'v2' },
      revision: 4,
      note: 'v1 is broken',
    })
  })
  test.each([
    ['reject_request', { '.note': 'which server?' }, 'BotRejectRequest', { reason: 'which server?' }],
    [
      'transfer_request',
      { '.to': 'p-wu', '.note': 'theirs' },
      'BotTransferRequest',
      { to: ['p-wu'], reason: 'theirs' },
    ],
    ['withdraw_request', {}, 'BotWithdraw', { id: 't1' }],
    ['resubmit_request', { version: 'v3' }, 'BotResubmit', { variables: { version: 'v3' }, revision: 4 }],
  ])('%s asks for what it needs, then does it', async (verb, answers, operation, sent) => {
    const client = fakeClient({
      BotButton: () => button({ verb }),
      BotRequest: () => ({ task }),
      [operation]: () => ({}),
    })
    expect((await press(actingOf(client), 'tok')).kind).toBe('form')
    await submitForm(actingOf(client), session(verb, answers))
    expect(client.calls.at(-1)).toMatchObject({ operation, variables: { round: 3, key: 'k1', ...sent } })
  })
})

describe('coming in', () => {
  const home = () => ({
    viewer: { person: null, needsMe: 0, isOwner: false, unreached: [] },
    inbox: { totalCount: 0, nodes: [] },
    tasks: { totalCount: 0, nodes: [] },
    needsMe: { totalCount: 0, nodes: [] },
    apps: { totalCount: 1, nodes: [row('release')] },
  })
  const redeemed = { id: 'p1', name: 'Lin Xiao' }
  test('says who one is now, with what there is to launch; its button pressed again says the same', async () => {
    let spent = false
    const client = fakeClient({
      BotHome: home,
      BotRedeem: () => {
        if (spent) throw new ClientError('NOT_FOUND', 'the code is spent')
        spent = true
        return { redeemCode: { person: redeemed, joins: null, leftOut: [] } }
      },
    })
    const pressed = () => runMenuVerb(actingOf(client), { verb: 'redeem', data: { code: 'C1' } }, 't', {})
    for (const reply of [await pressed(), await pressed()]) {
      expect(JSON.stringify(reply)).toContain('This account is now Lin Xiao.')
      expect(labels(reply)).toContain('RELEASE')
    }
  })
})
