import { describe, expect, test } from 'vitest'
import { ClientError } from '../../api/client/index.ts'
import type { FormSession } from './contract.ts'
import { checkForm, drawForm, searchOptions, submitForm } from './form.ts'
import { press } from './press.ts'
import { actingOf, fakeClient } from './test/fake-client.ts'
import { askSample, fieldSample } from './test/samples.ts'

const button = (extra: object = {}) => ({
  resolveButton: {
    verb: 'retry',
    taskId: 't1',
    nodeId: 'deploy',
    attempt: 1,
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
const told = (reply: { kind: string; lines?: unknown }): string =>
  JSON.stringify(reply.kind === 'tell' ? reply.lines : reply.kind)
const node = (extra: object = {}) => ({
  task: {
    id: 't1',
    number: 7,
    title: 'Release',
    url: 'http://x/tasks/t1',
    variablesRevision: 3,
    app: null,
    stopConsequences: { kills: [], leaves: [], thenRuns: [] },
    node: {
      id: 'deploy',
      title: 'Deploy',
      state: 'FAILED',
      attempt: 1,
      headline: 'Deploy failed',
      lackedBy: ['Verify'],
      neededOutputs: [],
      editFields: [fieldSample({ value: 'v1' })],
      availableActions: [],
      error: { cause: 'ERROR' },
      ...extra,
    },
  },
})
const session = (verb: string, answers: Record<string, unknown>): FormSession => ({
  kind: 'press',
  token: 'tok',
  verb,
  key: 'k1',
  answers,
})

describe('a press', () => {
  test('carries the attempt that was seen, and a key of its own', async () => {
    const client = fakeClient({ BotButton: () => button(), BotRetry: () => ({ retryNode: {} }) })
    expect(await press(actingOf(client), 'tok', { key: 'once' })).toEqual({ kind: 'nothing' })
    expect(client.calls.at(-1)).toMatchObject({
      operation: 'BotRetry',
      account: 'slack:T1:U1',
      variables: { input: { taskId: 't1', nodeId: 'deploy', attempt: 1, clientMutationId: 'once' } },
    })
  })
  test('while it is frozen: asked why where they may pass it, else told until when and who may', async () => {
    const frozen = (mayOverride: boolean) => () => {
      throw new ClientError('FROZEN', "Frozen until 08:00: Year's end", {
        mayOverride,
        heldBy: ['Ada'],
        grantedBy: ['Ada'],
      })
    }
    const asked = fakeClient({
      BotButton: () => button(),
      BotRetry: frozen(true),
      BotTruth: () => ({
        task: { id: 't1', number: 7, title: 'Release', phase: 'ATTENTION', url: 'http://x/tasks/t1' },
      }),
    })
    const form = await press(actingOf(asked), 'tok')
    expect(form).toMatchObject({
      kind: 'form',
      session: { kind: 'press', verb: 'retry', answers: {} },
      form: { title: 'Retry although frozen', fields: [{ key: '.freeze', required: true }] },
    })
    const sent = fakeClient({ BotButton: () => button(), BotRetry: () => ({ retryNode: {} }) })
    await submitForm(actingOf(sent), session('retry', { '.freeze': ' it burns ' }))
    expect(sent.calls.at(-1)?.variables).toMatchObject({ input: { attempt: 1, overrideFreeze: 'it burns' } })

    const refused = fakeClient({ BotButton: () => button(), BotRetry: frozen(false) })
    expect(told(await press(actingOf(refused), 'tok'))).toMatch(/Year's end.*right to pass a freeze. Ask Ada\./)
  })
  test.each([
    { verb: 'start', title: 'Start although frozen', mutation: 'BotStart', sent: { id: 't1', overrideFreeze: 'now' } },
    {
      verb: 'claim_request',
      title: 'Claim although frozen',
      mutation: 'BotClaim',
      sent: { id: 't1', round: 1, overrideFreeze: 'now' },
    },
  ])('while it is frozen, $verb goes on with a reason too', async ({ verb, title, mutation, sent }) => {
    const task = { id: 't1', number: 7, title: 'Release', phase: 'REQUESTED', url: 'http://x', variablesRevision: 1 }
    let frozen = true
    const client = fakeClient({
      BotButton: () => button({ verb }),
      BotTruth: () => ({ task }),
      BotRequest: () => ({ task: { ...task, variableFields: [], handOver: null } }),
      [mutation]: () => {
        if (frozen) throw new ClientError('FROZEN', "Frozen: Year's end", { mayOverride: true })
        return {}
      },
    })
    expect(await press(actingOf(client), 'tok')).toMatchObject({
      kind: 'form',
      form: { title, submit: title, fields: [{ key: '.freeze', error: "Frozen: Year's end" }] },
    })
    // Met once more, it is asked once more; nothing is lost.
    expect(await submitForm(actingOf(client), session(verb, { '.freeze': 'now' }))).toMatchObject({
      kind: 'errors',
      problems: [{ field: '.freeze' }],
    })
    frozen = false
    expect(await submitForm(actingOf(client), session(verb, { '.freeze': ' now ' }))).toMatchObject({ kind: 'done' })
    expect(client.calls.at(-1)).toMatchObject({ operation: mutation, variables: sent })
  })
  test('too late: the truth in private, nothing done', async () => {
    const client = fakeClient({
      BotButton: () => button({ stale: true, truth: 'Li Wei retried this at 14:14. It runs now; nothing changed.' }),
    })
    const reply = await press(actingOf(client), 'tok')
    expect(told(reply)).toContain('Li Wei retried this at 14:14')
    expect(reply.kind === 'tell' && reply.about).toEqual({
      cardId: 'c',
      kind: 'ATTENTION',
      taskId: 't1',
      nodeId: 'deploy',
    }) // its message is brought up to date
    expect(client.calls.map(({ operation }) => operation)).toEqual(['BotButton'])
  })
  test('without the right: why, and who can', async () => {
    const client = fakeClient({
      BotButton: () => button({ allowed: false, why: 'Only Ops may skip this step. Ask Li Wei.' }),
    })
    expect(told(await press(actingOf(client), 'tok'))).toContain('Ask Li Wei')
  })
  test('at the same moment as another: the one who was second is told who was first', async () => {
    const client = fakeClient({
      BotButton: () => button(),
      BotRetry: () => {
        throw new ClientError('STALE', 'attempt moved on', {
          truth: { what: 'retried', by: 'Li Wei', at: Date.parse('2026-11-21T14:14:00Z'), now: 'running', attempt: 2 },
        })
      },
    })
    expect(told(await press(actingOf(client), 'tok'))).toContain(
      'Already done: retried by Li Wei at 14:14 UTC. Running now as attempt 2. Nothing changed by your press.',
    )
  })
  test.each(['NETWORK', 'UNAVAILABLE'])('%s: not recorded, press again', async (code) => {
    const client = fakeClient({
      BotButton: () => button(),
      BotRetry: () => {
        throw new ClientError(code, 'no answer')
      },
    })
    expect(told(await press(actingOf(client), 'tok'))).toContain('Not recorded. Press again.')
  })
  test('by a stranger: the way in, and nothing about the task', async () => {
    const client = fakeClient({
      BotButton: () => {
        throw new ClientError('UNAUTHENTICATED', 'nobody')
      },
      BotIdentity: () => ({ identity: { person: null, mayJoin: null, askWhom: ['Li Wei'] } }),
    })
    const reply = await press(actingOf(client), 'tok')
    expect(JSON.stringify(reply)).toContain('Ask Li Wei for an invitation')
  })
  test('an invented token of a menu does nothing', async () => {
    expect(told(await press(actingOf(fakeClient({})), 'm.aaaaaaaaaaaaaaaa.0'))).toContain('no longer known')
  })
  test('Stop asks once more, naming what it kills, unless the platform has asked', async () => {
    const client = fakeClient({
      BotButton: () => button({ verb: 'revoke', nodeId: null, attempt: null }),
      BotStop: () => ({
        task: {
          id: 't1',
          title: 'Release',
          phase: 'RUNNING',
          stopConsequences: { kills: ['Deploy on 3 hosts'], leaves: [], thenRuns: ['Cleanup'] },
          availableActions: [],
        },
      }),
      BotRevoke: () => ({ revokeTask: {} }),
    })
    const reply = await press(actingOf(client), 'tok')
    expect(reply.kind === 'confirm' && reply.confirm.lines).toEqual(['Kills Deploy on 3 hosts.', 'Then runs Cleanup.'])
    await press(actingOf(client), 'tok', { confirmed: true })
    expect(client.calls.at(-1)?.variables).toMatchObject({ mode: 'CANCEL' })
    await press(actingOf(client), 'tok', { choice: 'STOP' })
    expect(client.calls.at(-1)?.variables).toMatchObject({ mode: 'STOP' })
  })
})

describe('a press that needs words', () => {
  test('Reject asks for the reason and carries the digest', async () => {
    const client = fakeClient({
      BotButton: () => button({ verb: 'reject', askId: 'a1', digest: 'd1' }),
      BotAsk: () => ({ ask: askSample() }),
      BotDecide: () => ({ decide: {} }),
    })
    const reply = await press(actingOf(client), 'tok')
    expect(reply.kind === 'form' && reply.form.fields.map(({ label, required }) => [label, required])).toEqual([
      ['Reason', true],
    ])
    expect(await submitForm(actingOf(client), session('reject', { '.note': 'wrong version' }))).toMatchObject({
      kind: 'done',
    })
    expect(client.calls.at(-1)?.variables).toEqual({
      input: { askId: 'a1', digest: 'd1', verdict: 'REJECT', comment: 'wrong version', clientMutationId: 'k1' },
    })
  })
  test('Approve needs none unless the ask has fields or wants a comment', async () => {
    const plain = fakeClient({
      BotButton: () => button({ verb: 'approve', askId: 'a1', digest: 'd1' }),
      BotAsk: () => ({ ask: askSample() }),
      BotDecide: () => ({ decide: {} }),
    })
    expect((await press(actingOf(plain), 'tok')).kind).toBe('nothing')
    const asking = fakeClient({
      BotButton: () => button({ verb: 'approve', askId: 'a1', digest: 'd1' }),
      BotAsk: () => ({ ask: askSample({ commentRule: 'ALWAYS' }) }),
    })
    expect((await press(actingOf(asking), 'tok')).kind).toBe('form')
  })
  test('Skip names the steps that will lack what this one makes', async () => {
    const client = fakeClient({ BotButton: () => button({ verb: 'skip' }), BotNodeForm: () => node() })
    const reply = await press(actingOf(client), 'tok')
    expect(JSON.stringify(reply.kind === 'form' && reply.form.intro)).toContain(
      'These later steps will lack what it makes: Verify.',
    )
  })
  test('I did it by hand asks for the outputs that later steps need, else for a note', async () => {
    const none = fakeClient({ BotButton: () => button({ verb: 'byhand' }), BotNodeForm: () => node() })
    const without = await press(actingOf(none), 'tok')
    expect(without.kind === 'form' && without.form.fields.map(({ key, required }) => [key, required])).toEqual([
      ['.note', true],
    ])
    const some = fakeClient({
      BotButton: () => button({ verb: 'byhand' }),
      BotNodeForm: () => node({ neededOutputs: [fieldSample({ key: 'build', title: 'Build' })] }),
      BotByHand: () => ({ completeNode: {} }),
    })
    const reply = await press(actingOf(some), 'tok')
    expect(reply.kind === 'form' && reply.form.fields.map(({ key, required }) => [key, required])).toEqual([
      ['build', true],
      ['.note', false],
    ])
    await submitForm(actingOf(some), session('byhand', { build: '8841', '.note': 'ran it myself' }))
    expect(some.calls.at(-1)?.variables).toMatchObject({
      input: { outputs: { build: '8841' }, note: 'ran it myself', attempt: 1 },
    })
  })
  test('Edit and retry sends what changed, at the revision that was seen, in one act', async () => {
    const client = fakeClient({
      BotButton: () => button({ verb: 'edit_retry' }),
      BotNodeForm: () => node(),
      BotRetry: () => ({ retryNode: {} }),
      BotEditConsequences: () => ({ task: { editConsequences: { usedBy: [], heldBy: [], voidsAsks: [] } } }),
    })
    const edited = session('edit_retry', { version: 'v2' })
    expect(await checkForm(actingOf(client), edited)).toEqual({ kind: 'ready' })
    await submitForm(actingOf(client), edited)
    expect(client.calls.at(-1)?.variables).toMatchObject({
      input: { attempt: 1, variables: { version: 'v2' }, variablesRevision: 3 },
    })
    await submitForm(actingOf(client), session('edit_retry', { version: 'v1' }))
    expect(client.calls.at(-1)?.variables).not.toHaveProperty('input.variables')
  })
  test('finished steps that used the old value are named before it is done', async () => {
    const client = fakeClient({
      BotButton: () => button({ verb: 'edit_retry' }),
      BotNodeForm: () => node(),
      BotEditConsequences: () => ({
        task: { editConsequences: { usedBy: ['Unpack'], heldBy: [], voidsAsks: ['Release?'] } },
      }),
    })
    const checked = await checkForm(actingOf(client), session('edit_retry', { version: 'v2' }))
    expect(JSON.stringify(checked)).toMatch(/Unpack.*Release\?/)
    expect(checked.kind === 'review' && checked.review.facts).toEqual([{ title: 'Version', text: 'v1 → v2' }])
  })
  test('what has moved on while the form was open changes nothing', async () => {
    const client = fakeClient({
      BotButton: () => button({ verb: 'skip', stale: true, truth: 'Already done: retried by Li Wei.' }),
    })
    const done = await submitForm(actingOf(client), session('skip', { '.note': 'x' }))
    expect(done).toMatchObject({ kind: 'tell', again: false })
    expect(client.calls.map(({ operation }) => operation)).toEqual(['BotButton'])
  })
  test('the server’s errors land on their fields, and the form keeps what was typed', async () => {
    const client = fakeClient({
      BotButton: () => button({ verb: 'edit_retry' }),
      BotNodeForm: () => node(),
      BotRetry: () => {
        throw new ClientError('INVALID_INPUT', 'one field', {
          fields: [{ field: 'version', code: 'pattern', message: '“2.14” is not a version.', fix: 'v2.14.0' }],
        })
      },
    })
    const sent = session('edit_retry', { version: '2.14' })
    const done = await submitForm(actingOf(client), sent)
    if (done.kind !== 'errors') throw new Error('expected errors')
    const form = await drawForm(actingOf(client), sent, done.problems)
    expect(form.fields[0]).toMatchObject({ value: '2.14', error: '“2.14” is not a version.', fix: 'v2.14.0' })
  })
})

test.each([
  ['claim', 'BotClaimAsk'],
  ['release', 'BotReleaseAsk'],
])('%s is done at once, on the ask its button stands for', async (verb, mutation) => {
  const client = fakeClient({ BotButton: () => button({ verb, askId: 'a1', digest: 'd1' }), [mutation]: () => ({}) })
  expect(await press(actingOf(client), 'tok')).toEqual({ kind: 'nothing' })
  expect(client.calls.at(-1)).toMatchObject({ operation: mutation, variables: { id: 'a1' } })
})

describe('what else is done about an ask', () => {
  const asked = { ...askSample(), id: 'a1', claimedBy: { id: 'p9', name: 'Bob', surface: 'slack' } }
  test('a reminder says who has been reminded', async () => {
    const client = fakeClient({
      BotButton: () => button({ verb: 'remind', askId: 'a1' }),
      BotRemindAsk: () => ({ remindAsk: { id: 'a1', state: 'OPEN', waitingOn: [{ name: 'Bob' }, { name: 'Ana' }] } }),
    })
    expect(told(await press(actingOf(client), 'tok'))).toContain('Reminded: Bob, Ana.')
  })
  test('its card is brought to whoever watches', async () => {
    const client = fakeClient({ BotButton: () => button({ verb: 'show_ask', askId: 'a1' }) })
    expect(await press(actingOf(client), 'tok')).toEqual({
      kind: 'show',
      target: { kind: 'ASK', taskId: 't1', askId: 'a1' },
    })
  })
  test.each([
    { isAsked: true, does: ['BotReleaseAsk', 'BotClaimAsk'] },
    { isAsked: false, does: ['BotReleaseAsk'] },
  ])(
    'taken from somebody with a reason, it is the taker’s where they are asked: $isAsked',
    async ({ isAsked, does }) => {
      const actions = isAsked ? [{ action: 'CLAIM', allowed: true, why: null }] : []
      const client = fakeClient({
        BotButton: () => button({ verb: 'release', askId: 'a1', digest: 'd1', data: { take: true } }),
        BotAsk: () => ({ ask: { ...asked, availableActions: actions } }),
        BotReleaseAsk: () => ({}),
        BotClaimAsk: () => ({}),
      })
      const form = await press(actingOf(client), 'tok')
      expect(form).toMatchObject({
        kind: 'form',
        form: { title: 'Take it over', fields: [{ key: '.note', required: true }] },
      })
      expect(JSON.stringify(form)).toContain('Bob has it')
      await submitForm(actingOf(client), session('release', { '.note': 'Bob is away' }))
      expect(client.calls.map(({ operation }) => operation).filter((one) => /Release|Claim/.test(one))).toEqual(does)
      expect(client.calls.find(({ operation }) => operation === 'BotReleaseAsk')?.variables).toEqual({
        id: 'a1',
        reason: 'Bob is away',
      })
    },
  )
  test('it is handed to people, roles and groups alike', async () => {
    const client = fakeClient({
      BotButton: () => button({ verb: 'transfer', askId: 'a1' }),
      BotPeople: () => ({ people: { nodes: [{ id: 'p1', name: 'Opal', email: null, active: true }] } }),
      BotTruth: () => ({
        task: { id: 't1', number: 7, title: 'x', phase: 'WAITING', url: 'http://x', project: 'shop', app: null },
      }),
      BotTeams: () => ({
        roles: [
          { kind: 'role', name: 'ops', title: 'Operations', memberCount: 3 },
          { kind: 'role', name: 'op-empty', title: 'Opera', memberCount: 0 },
          { kind: 'role', name: 'qa', title: 'QA', memberCount: 1 },
        ],
        groups: [{ kind: 'group', name: 'opera', title: '', memberCount: 1 }],
      }),
    })
    const found = await searchOptions(actingOf(client), session('transfer', {}), '.to', 'op')
    expect(found.map(({ value, title }) => [value, title])).toEqual([
      ['Opal', 'Opal'],
      ['role:ops', 'Operations (3 people)'],
      ['group:opera', 'opera (1 person)'],
    ])
    expect(client.calls.find(({ operation }) => operation === 'BotTeams')?.variables).toEqual({ project: 'shop' })
  })
  test('to whom stands on the form by name, as it was chosen', async () => {
    const client = fakeClient({
      BotButton: () => button({ verb: 'transfer', askId: 'a1' }),
      BotTruth: () => ({
        task: { id: 't1', number: 7, title: 'x', phase: 'WAITING', url: 'http://x', project: 'shop', app: null },
      }),
      BotTeams: () => ({ roles: [{ kind: 'role', name: 'ops', title: 'Operations', memberCount: 3 }], groups: [] }),
    })
    const to = async (value: unknown) =>
      (await drawForm(actingOf(client), session('transfer', { '.to': value }))).fields.find(({ key }) => key === '.to')
    expect(await to('role:ops')).toMatchObject({ valueText: 'Operations (3 people)', options: [{ value: 'role:ops' }] })
    expect(await to('Opal')).toMatchObject({ valueText: 'Opal', options: [{ title: 'Opal' }] })
    expect(await to(null)).toMatchObject({ valueText: '', options: [] })
  })
  test.each([
    { answers: { '.what': 'task', '.long': '480' }, sent: { taskId: 't1', minutes: 480 } },
    { answers: { '.what': 'app', '.long': 'for-good' }, sent: { app: 'ship', project: 'shop', minutes: null } },
    { answers: {}, sent: { taskId: 't1', minutes: 60 } },
  ])('an alert mutes its task or its app, for as long as chosen: $answers', async ({ answers, sent }) => {
    const app = { name: 'ship', title: 'Ship', project: 'shop' }
    const client = fakeClient({
      BotButton: () => button({ verb: 'mute' }),
      BotTruth: () => ({
        task: { id: 't1', number: 7, title: 'Ship v1', phase: 'ATTENTION', url: 'http://x', project: 'shop', app },
      }),
      BotMute: () => ({
        mute: { mutes: [{ app: null, taskId: 't1', title: 'Ship v1', until: '2026-11-21T22:00:00Z' }] },
      }),
    })
    const form = await press(actingOf(client), 'tok')
    expect(form).toMatchObject({
      kind: 'form',
      form: {
        fields: [
          { key: '.what', value: 'task' },
          { key: '.long', value: '60' },
        ],
      },
    })
    const done = await submitForm(actingOf(client), session('mute', answers))
    expect(done).toMatchObject({ kind: 'done' })
    expect(JSON.stringify(done)).toContain('Ship v1 is muted until')
    expect(client.calls.at(-1)).toMatchObject({ operation: 'BotMute', variables: sent })
  })
})
