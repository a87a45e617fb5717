/** Hand-over apps through the API: what each person sees and may do, from the request to its end. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { catalogue, unseal } from '../../engine/index.ts'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

const DOCUMENTS = `
apiVersion: baton/v1
kind: App
metadata: {name: please-ship, title: Please ship}
spec:
  flow: ship
  mode: {handOver: {to: "role:ops"}}
  launch: ["role:makers"]
  taskTitle: "Please ship \${version}"
  form: {count: {fixed: 4}}
`
let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: DOCUMENTS })
})
afterAll(() => server.end())

interface Seen {
  readonly id: string
  readonly number: number
  readonly phase: string
  readonly waitingFor: readonly string[]
  readonly handOver: {
    readonly state: string
    readonly round: number
    readonly to: string
    readonly reason: string | null
    readonly people: readonly { name: string }[]
    readonly holder: { name: string } | null
    readonly corrections: readonly { title: string; before: string; after: string }[]
  }
  readonly availableActions: readonly { action: string; allowed: boolean; why: string | null }[]
}
const SEEN = `id number phase waitingFor handOver { state round to reason people { name } holder { name } corrections { title before after } }
  availableActions { action allowed why }`

async function request(version = 'v1', variables: object = {}): Promise<Seen> {
  const answer = await server.as<{ launch: Seen }>(
    'Mai',
    `mutation($i: LaunchInput!) { launch(input: $i) { ${SEEN} } }`,
    {
      i: { app: 'please-ship', variables: { version, ...variables } },
    },
  )
  expect(answer.errors).toBeUndefined()
  return answer.data.launch
}
const look = async (who: Name, id: string): Promise<Seen> =>
  (await server.as<{ task: Seen }>(who, `query($id: ID!) { task(id: $id) { ${SEEN} } }`, { id })).data.task
const act = (who: Name, name: string, args: object) => {
  const types: Record<string, string> = {
    id: 'ID!',
    round: 'Int!',
    variables: 'JSON',
    note: 'String',
    reason: name === 'withdrawTask' ? 'String' : 'String!',
    to: '[String!]!',
    clientMutationId: 'String',
  }
  const keys = Object.keys(args)
  return server.as<Record<string, Seen>>(
    who,
    `mutation(${keys.map((key) => `$${key}: ${types[key]}`).join(', ')}) { ${name}(${keys
      .map((key) => `${key}: $${key}`)
      .join(', ')}) { ${SEEN} } }`,
    args,
  )
}
const titleOf = async (id: string): Promise<string> =>
  (await server.as<{ task: { title: string } }>('Mai', 'query($id: ID!) { task(id: $id) { title } }', { id })).data.task
    .title
const may = ({ availableActions }: Seen): string[] =>
  availableActions.filter(({ allowed }) => allowed).map(({ action }) => action)

describe('a request', () => {
  test('is a task from its submission on; each sees what they may do', async () => {
    const { id, number, ...asked } = await request()
    expect(asked).toMatchObject({
      phase: 'REQUESTED',
      waitingFor: ['CLAIM'],
      handOver: { state: 'OPEN', to: 'Ops', people: [{ name: 'Olga' }], holder: null },
    })
    expect(may(await look('Mai', id))).toEqual(['edit_variables', 'withdraw_request'])
    expect(may(await look('Olga', id))).toEqual([
      'claim_request',
      'reject_request',
      'transfer_request',
      'edit_variables',
    ])
    expect(may(await look('Vic', id))).toEqual([])
    expect(await look('Stu', id)).toBeNull()
    const mine = await server.as<{ tasks: { nodes: { number: number }[] } }>(
      'Olga',
      '{ tasks(needsMe: true) { nodes { number } } }',
    )
    expect(mine.data.tasks.nodes.map((task) => task.number)).toContain(number)
    const requests = await server.as<{ tasks: { nodes: { number: number }[] } }>(
      'Olga',
      '{ tasks(phase: [REQUESTED]) { nodes { number } } }',
    )
    expect(requests.data.tasks.nodes.map((task) => task.number)).toContain(number)
  })

  test('claimed with corrections: it runs, and whoever asked sees what was put right', async () => {
    const { id, handOver } = await request('v1')
    const claimed = await act('Olga', 'claimTask', {
      id,
      round: handOver.round,
      variables: { version: 'v2' },
      note: 'v1 is broken',
    })
    expect(claimed.errors).toBeUndefined()
    await server.until(id, 'waiting')
    expect(await look('Mai', id)).toMatchObject({
      handOver: {
        state: 'CLAIMED',
        holder: { name: 'Olga' },
        reason: 'v1 is broken',
        corrections: [{ title: 'Version', before: 'v1', after: 'v2' }],
      },
    })
    expect(await titleOf(id)).toBe('Please ship v2')
    expect(may(await look('Olga', id))).toEqual(['pause', 'edit_variables', 'transfer_request', 'revoke'])
    const listed = async (filter: string): Promise<boolean> =>
      (
        await server.as<{ tasks: { nodes: { id: string }[] } }>('Olga', `{ tasks(${filter}) { nodes { id } } }`)
      ).data.tasks.nodes.some((task) => task.id === id)
    expect([await listed('phase: [WAITING]'), await listed('following: true')]).toEqual([true, true])
  })

  test('of two who claim at once one wins, the other is told who', async () => {
    const { id, handOver } = await request()
    const { round } = handOver
    const moved = await act('Olga', 'transferTask', { id, round, to: ['Olga', 'Quinn'], reason: 'either of us' })
    const next = moved.data['transferTask']!.handOver.round
    const both = await Promise.all([
      act('Olga', 'claimTask', { id, round: next }),
      act('Quinn', 'claimTask', { id, round: next }),
    ])
    const lost = both.filter(({ errors }) => errors !== undefined)
    expect(lost).toHaveLength(1)
    expect(lost[0]!.errors![0]!.extensions['code']).toBe('STALE')
    const { handOver: after } = await look('Mai', id)
    expect(lost[0]!.errors![0]!.message).toContain(`Claimed by ${after.holder!.name}`)
  })

  test('given back with a reason, changed, submitted again, claimed; every step is in its history', async () => {
    const { id, handOver } = await request('v3')
    const none = await act('Olga', 'rejectTask', { id, round: handOver.round, reason: '  ' })
    expect(none.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' })
    const inChinese = await server.as(
      'Olga',
      'mutation($id: ID!, $round: Int!) { rejectTask(id: $id, round: $round, reason: "") { id } }',
      { id, round: handOver.round },
      { 'accept-language': 'zh' },
    )
    expect(inChinese.errors?.[0]?.message).toBe('说明要改什么')
    const back = (await act('Olga', 'rejectTask', { id, round: handOver.round, reason: 'v3 is not tagged' })).data[
      'rejectTask'
    ]!
    expect(back).toMatchObject({
      waitingFor: ['CORRECTION'],
      handOver: { state: 'REJECTED', reason: 'v3 is not tagged' },
    })
    const asked = await look('Mai', id)
    expect(may(asked)).toEqual(['resubmit_request', 'edit_variables', 'withdraw_request'])
    const wrong = await act('Mai', 'resubmitTask', {
      id,
      round: asked.handOver.round,
      variables: { version: 'four', count: 5 },
    })
    expect(wrong.errors?.[0]?.extensions['fields']).toMatchObject([
      { field: 'version' },
      { field: 'count', code: 'fixed' },
    ])
    const again = (await act('Mai', 'resubmitTask', { id, round: asked.handOver.round, variables: { version: 'v4' } }))
      .data['resubmitTask']!
    await act('Olga', 'claimTask', { id, round: again.handOver.round })
    await server.until(id, 'waiting')
    const told = await server.as<{ task: { events: { entries: { text: string; by: { name: string } }[] } } }>(
      'Mai',
      'query($id: ID!) { task(id: $id) { events { entries { text by { name } } } } }',
      { id },
    )
    const lines = told.data.task.events.entries.map(({ text, by }) => `${by.name}: ${text}`)
    expect(lines).toContain('Olga: Rejected: v3 is not tagged')
    expect(lines.some((line) => line.startsWith('Mai: ') && line.includes('Submitted again'))).toBe(true)
    expect(lines.some((line) => line.startsWith('Olga: Claimed'))).toBe(true)
  })

  test('a claim that comes twice with one id is one claim', async () => {
    const { id, handOver } = await request()
    const args = { id, round: handOver.round, clientMutationId: 'c1' }
    const [first, second] = [await act('Olga', 'claimTask', args), await act('Olga', 'claimTask', args)]
    expect([first.errors, second.errors]).toEqual([undefined, undefined])
    expect(second.data['claimTask']!.handOver.holder).toEqual({ name: 'Olga' })
  })

  test('withdrawn until it is claimed; refusals say who could', async () => {
    const { id, handOver } = await request()
    const { round } = handOver
    const stranger = await act('Omar', 'claimTask', { id, round })
    expect(stranger.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'claim', heldBy: ['Olga'] })
    expect(stranger.errors?.[0]?.message).toBe('Only Ops may do this. Ask Olga.')
    expect((await act('Olga', 'withdrawTask', { id, round })).errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
    })
    expect((await act('Mai', 'withdrawTask', { id, round, reason: 'not needed' })).data['withdrawTask']).toMatchObject({
      phase: 'REVOKED',
      waitingFor: [],
      handOver: { state: 'WITHDRAWN' },
    })
    expect((await act('Olga', 'claimTask', { id, round })).errors?.[0]?.extensions).toMatchObject({ code: 'FINAL' })
  })

  test('who joins those it was handed to is asked too, and who has gone is not any more', async () => {
    const { id, handOver } = await request()
    const role = (members: string) =>
      server.as('Ada', 'mutation($d: String!) { apply(documents: $d, force: true) { documents { name } } }', {
        d: `apiVersion: baton/v1\nkind: Role\nmetadata: {name: ops, title: Ops}\nspec: {members: [${members}]}`,
      })
    const waiting = async (who: Name): Promise<boolean> => {
      const { data } = await server.as<{ tasks: { nodes: { id: string }[] } }>(
        who,
        '{ tasks(needsMe: true) { nodes { id } } }',
      )
      return data.tasks.nodes.some((task) => task.id === id)
    }
    expect([await waiting('Olga'), await waiting('Stu')]).toEqual([true, false])
    await role('Stu')
    await expect.poll(() => waiting('Stu')).toBe(true)
    await expect.poll(() => waiting('Olga')).toBe(false)
    expect((await act('Olga', 'claimTask', { id, round: handOver.round })).errors?.[0]?.extensions['code']).toBe(
      'NOT_FOUND',
    )
    expect((await act('Stu', 'claimTask', { id, round: handOver.round })).data['claimTask']?.handOver.holder).toEqual({
      name: 'Stu',
    })
    await role('Olga')
  })

  test('an app’s own limits count requests, and the preview says who will be asked', async () => {
    const answer = await server.as<{ preview: { handOver: string | null; queuePosition: number | null } }>(
      'Mai',
      '{ preview(input: {app: "please-ship", variables: {version: "v1"}}) { handOver queuePosition } }',
    )
    expect(answer.data.preview).toEqual({ handOver: 'Ops', queuePosition: null })
  })

  test('every act and every refusal stands in the audit', async () => {
    const { id, handOver } = await request()
    await act('Omar', 'claimTask', { id, round: handOver.round })
    await act('Olga', 'claimTask', { id, round: handOver.round })
    const claims = async () => {
      const rows = await server.as<{ audit: { nodes: { what: string; allowed: boolean; by: { name: string } }[] } }>(
        'Ada',
        '{ audit(first: 20) { nodes { what allowed by { name } } } }',
      )
      const found = rows.data.audit.nodes.filter(({ what }) => what === 'claimTask').slice(0, 2)
      return found.map(({ allowed, by }) => `${by.name} ${allowed}`).sort()
    }
    await expect.poll(claims).toEqual(['Olga true', 'Omar false']) // it is written behind the act
  })
})

describe('in chat', () => {
  interface Owed {
    readonly id: string
    readonly why: string
    readonly text: string | null
    readonly card: { readonly id: string; readonly kind: string; readonly taskId: string; readonly place: string }
  }
  /** What is owed for this task now; everything is taken as posted. */
  async function owed(taskId: string): Promise<Owed[]> {
    const NEXT = 'mutation { nextDeliveries(platform: SLACK, max: 100) { id why text card { id kind taskId place } } }'
    const ACK = 'mutation($id: ID!, $m: String) { ackDelivery(id: $id, messageId: $m) }'
    const all: Owed[] = []
    for (;;) {
      const { data } = await server.as<{ nextDeliveries: Owed[] }>('service', NEXT)
      if (data.nextDeliveries.length === 0) return all.filter(({ card }) => card.taskId === taskId)
      for (const { id, card } of data.nextDeliveries) await server.as('service', ACK, { id, m: `m-${card.id}` })
      all.push(...data.nextDeliveries)
    }
  }

  test('those who may claim get a card; whoever asked hears what became of it; the button of an older round tells the truth', async () => {
    server.clock.now += 10 * 60_000 // those of the tests before are no storm
    await owed('')
    const { id, handOver } = await request('v1')
    const first = await owed(id)
    const card = first.find((one) => one.card.kind === 'REQUEST')!
    expect(card.card.place).toBe('slack:@UOLGA')
    expect(first.filter((one) => one.card.kind === 'TASK').map((one) => one.card.place)).toContain('slack:@UMAI')
    const made = await server.as<{ makeButtons: string[] }>(
      'service',
      'mutation($b: [ButtonInput!]!, $card: ID!) { makeButtons(cardId: $card, buttons: $b) }',
      { card: card.card.id, b: [{ verb: 'claim_request', taskId: id, attempt: handOver.round }] },
    )
    const press = async (account: string) =>
      (
        await server.as<{ resolveButton: { stale: boolean; truth: string | null; allowed: boolean } }>(
          'service',
          'query($t: String!) { resolveButton(token: $t) { stale truth allowed } }',
          { t: made.data.makeButtons[0] },
          { 'x-baton-acting': `slack:T1:${account}` },
        )
      ).data.resolveButton
    expect(await press('UOLGA')).toEqual({ stale: false, truth: null, allowed: true })
    expect(await press('UMAI')).toMatchObject({ stale: false, allowed: false })
    await act('Olga', 'claimTask', { id, round: handOver.round, variables: { version: 'v2' } })
    await server.until(id, 'waiting')
    expect(await press('UOLGA')).toMatchObject({ stale: true, truth: expect.stringContaining('Claimed by Olga') })
    const second = await owed(id)
    expect(second.filter((one) => one.card.kind === 'REQUEST').map(({ why }) => why)).toEqual(['closed'])
    // Whoever has it watches it from now on, in a card of their own.
    expect(second.filter((one) => one.card.kind === 'TASK').map((one) => one.card.place)).toContain('slack:@UOLGA')
    const told = second.find((one) => one.card.kind === 'MESSAGE')!
    expect(told).toMatchObject({ card: { place: 'slack:@UMAI' }, text: 'Olga has claimed it, and corrected Version.' })
  })
})

describe('a request that nobody claims', () => {
  const WATCHED = DOCUMENTS.replace('please-ship,', 'watched,').replace(
    'to: "role:ops"',
    'to: "role:ops", remindEvery: 10m, escalateTo: ["role:qa"], after: 1s',
  )
  const ask = async (app: string): Promise<Seen> => {
    const answer = await server.as<{ launch: Seen }>(
      'Mai',
      `mutation($i: LaunchInput!) { launch(input: $i) { ${SEEN} } }`,
      { i: { app, variables: { version: 'v1' } } },
    )
    expect(answer.errors).toBeUndefined()
    return answer.data.launch
  }
  test('is escalated as its app says, and whoever it is escalated to may claim it', async () => {
    await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: WATCHED })
    const { id, handOver } = await ask('watched')
    expect(handOver.to).toBe('Ops')
    expect(await look('Quinn', id)).toBeNull()
    const { state } = (await server.engine.task(id))!
    expect([...state.timers.values()].map(({ id: timer, dueAt }) => [timer, dueAt - server.clock.now])).toEqual([
      ['task/remind', 600_000],
      ['task/escalate', 1_000],
    ])
    server.clock.now += 1_000
    const seen = await eventually(() => look('Quinn', id))
    expect([seen.handOver.to, may(seen).includes('claim_request')]).toEqual(['Ops, QA', true])
    const told = server.db.read((tx) => catalogue.cardsOf(tx, id).filter(({ kind }) => kind === 'request'))
    expect(told.map(({ place }) => place).sort()).toEqual(['slack:@UOLGA', 'slack:@UQUINN'])
  })
  test('by anybody, since its role is empty, waits in attention of who may pass it on', async () => {
    const empty = `
apiVersion: baton/v1
kind: Role
metadata: {name: void, title: Void}
spec: {members: []}
---
${DOCUMENTS.replace('please-ship,', 'to-void,').replace('role:ops', 'role:void').replace('spec:', 'spec:\n  operators: ["role:ops"]')}`
    const applied = await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', {
      d: empty,
    })
    expect(applied.errors).toBeUndefined()
    const asked = await ask('to-void')
    expect([asked.phase, asked.waitingFor]).toEqual(['ATTENTION', ['CLAIM']])
    const query = '{ tasks(needsMe: true) { nodes { id } } }'
    const needs = async (who: Name): Promise<boolean> =>
      (await server.as<{ tasks: { nodes: { id: string }[] } }>(who, query)).data.tasks.nodes.some(
        ({ id }) => id === asked.id,
      )
    await eventually(() => needs('Olga'))
    expect(may(await look('Olga', asked.id))).toContain('transfer_request')
    const moved = await act('Olga', 'transferTask', { id: asked.id, round: 1, to: ['role:ops'], reason: 'ours' })
    expect(moved.data['transferTask']).toMatchObject({ phase: 'REQUESTED' })
  })
})

describe('a secret typed with a request', () => {
  const [FIRST, SECOND] = ['first-secret-1', 'second-secret-2']
  const returned = async (): Promise<Seen> => {
    const { id } = await request('v1', { token: FIRST })
    await act('Olga', 'rejectTask', { id, round: 1, reason: 'that token has expired' })
    return look('Mai', id)
  }
  const opened = async (id: string): Promise<string> =>
    unseal(
      server.deps.keys,
      `task/${id}/token`,
      server.db.prepare(`SELECT sealed FROM task_secrets WHERE task = ? AND key = 'token'`).get([id])![0] as string,
    )

  test('is typed anew when it is submitted again, and never shown', async () => {
    const { id } = await returned()
    const again = await act('Mai', 'resubmitTask', { id, round: 2, variables: { token: SECOND, version: 'v2' } })
    expect(again.errors).toBeUndefined()
    expect(await opened(id)).toBe(SECOND)
    const everything = await server.as<object>(
      'Mai',
      'query($id: ID!) { task(id: $id) { variables variableFields { key text value } handOver { corrections { before after } } events(first: 200, all: true) { entries { text data } }  } }',
      { id },
    )
    expect(everything.errors).toBeUndefined()
    const raw = JSON.stringify([everything, server.db.read((tx) => catalogue.listAudit(tx, 1000, null))])
    for (const secret of [FIRST, SECOND]) expect(raw).not.toContain(secret)
  })
  test.each([
    ['left out', { version: 'v3' }],
    ['left empty', { version: 'v3', token: '' }],
    ['sent back as it was shown', { version: 'v3', token: '••••••' }],
  ])('stays what it is when it is %s', async (_, variables) => {
    const { id } = await returned()
    const again = await act('Mai', 'resubmitTask', { id, round: 2, variables })
    expect(again.errors).toBeUndefined()
    expect(await opened(id)).toBe(FIRST)
  })
  test('is not taken in a chat, nor from whoever claims it, nor once it runs', async () => {
    const { id } = await returned()
    const chat = await server.as(
      'service',
      'mutation($id: ID!, $v: JSON) { resubmitTask(id: $id, round: 2, variables: $v) { id } }',
      { id, v: { token: SECOND } },
      { 'x-baton-acting': 'slack:T1:UMAI' },
    )
    expect(chat.errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', fields: [{ code: 'SECRET_IN_CHAT' }] })
    await act('Mai', 'resubmitTask', { id, round: 2 })
    const claimed = await act('Olga', 'claimTask', { id, round: 3, variables: { token: SECOND } })
    expect(claimed.errors?.[0]?.extensions['code']).toBe('INVALID_INPUT')
    expect(await opened(id)).toBe(FIRST)
  })
  test('counts for the approval that reads it afterwards as the one that was typed last', async () => {
    const { id } = await returned()
    await act('Mai', 'resubmitTask', { id, round: 2, variables: { token: SECOND } })
    const { handOver } = await look('Olga', id)
    const claimed = await act('Olga', 'claimTask', { id, round: handOver.round })
    expect(claimed.errors).toBeUndefined()
    expect(await opened(id)).toBe(SECOND)
  })
})

test('a request that was given a title of its own keeps it, whatever is put right', async () => {
  const { data } = await server.as<{ launch: Seen }>(
    'Mai',
    `mutation($i: LaunchInput!) { launch(input: $i) { ${SEEN} } }`,
    { i: { app: 'please-ship', title: 'For the fair', variables: { version: 'v1' } } },
  )
  const { id, handOver } = data.launch
  await act('Olga', 'claimTask', { id, round: handOver.round, variables: { version: 'v2' } })
  await server.until(id, 'waiting')
  expect(await titleOf(id)).toBe('For the fair')
})
