import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { createStandInClock } from '../modules/ask/stand-in-clock.ts'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

const DAY = 24 * 3_600_000
const SIGNED = `
apiVersion: baton/v1
kind: Flow
metadata: {name: signed, title: Signed}
spec:
  variables: {version: {type: text, title: Version, required: true}}
  nodes:
    fill:
      use: form
      title: Say how large
      with:
        by: ["role:ops", Omar]
        claim: true
        fields: {size: {type: integer, title: Size, required: true}, pin: {type: password, title: Pin}}
    approve:
      use: approval
      title: Approve
      with: {approvers: ["role:qa", Vic], need: 2, notStarter: true}
---
apiVersion: baton/v1
kind: App
metadata: {name: signed, title: Signed}
spec: {flow: signed, launch: [everyone], operators: [Olga], taskTitle: "Sign \${version}"}
`
const ASK = `id state end given { title text } digest claim claimedBy { name } availableActions { action allowed why }
  decisions { by { name } for { name } verdict } waitingOn { name } standIns { person { name } for { name } }
  answersFor { name } comments { by { name } text files { name url } } earlier { step by { name } answers { title text } }`
interface Ask {
  id: string
  state: string
  end: string | null
  given: { title: string; text: string }[]
  digest: string
  claim: boolean
  claimedBy: { name: string } | null
  availableActions: { action: string; allowed: boolean; why: string | null }[]
  decisions: { by: { name: string }; for: { name: string } | null; verdict: string }[]
  waitingOn: { name: string }[]
  standIns: { person: { name: string }; for: { name: string } }[]
  answersFor: { name: string }[]
  comments: { by: { name: string }; text: string; files: { name: string; url: string }[] }[]
  earlier: { step: string; by: { name: string }; answers: { title: string; text: string }[] }[]
}

let server: TestServer
beforeEach(async () => {
  server = await startTestServer()
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: SIGNED })
  await server.as('Ada', 'mutation { publishFlow(name: "signed") { version } }')
})
afterEach(() => server.end())

async function launched(by: Name = 'Mai'): Promise<{ id: string; ask: () => Promise<Ask> }> {
  const { data } = await server.as<{ launch: { id: string } }>(
    by,
    'mutation { launch(input: {app: "signed", variables: {version: "v1"}}) { id } }',
  )
  const { id } = data.launch
  const open = () => server.engine.task(id).then((view) => [...view!.state.asks.values()].at(-1)!)
  return { id, ask: async () => seen('Ada', (await open()).id) }
}
const seen = async (who: Name, id: string): Promise<Ask> =>
  (await server.as<{ ask: Ask }>(who, `query($id: ID!) { ask(id: $id) { ${ASK} } }`, { id })).data.ask
const press = (who: Name, what: string, args: string) =>
  server.as<Record<string, Ask>>(who, `mutation { ${what}(${args}) { ${ASK} } }`)
const id = (ask: Ask) => `id: "${ask.id}"`
const decide = (who: Name, ask: Ask, verdict: string, more = '') =>
  press(who, 'decide', `input: {askId: "${ask.id}", digest: "${ask.digest}", verdict: ${verdict} ${more}}`)
const inbox = async (who: Name): Promise<string[]> =>
  (await server.as<{ inbox: { nodes: { id: string }[] } }>(who, '{ inbox { nodes { id } } }')).data.inbox.nodes.map(
    (ask) => ask.id,
  )
/** The list of who is wanted follows a moment later. */
const wanted = (ask: Ask) =>
  eventually(() =>
    server.db
      .read((tx) => catalogue.needsOfTask(tx, ask.id.slice(0, ask.id.lastIndexOf('-'))))
      .some(({ ref }) => ref === ask.id),
  )
const actions = (ask: Ask) => ask.availableActions.filter(({ allowed }) => allowed).map(({ action }) => action)
const delegate = (who: Name, to: string, more = '') =>
  server.as<{ delegate: { id: string; active: boolean } }>(
    who,
    `mutation { delegate(to: "${to}", until: "${new Date(server.clock.now + DAY).toISOString()}" ${more}) { id active } }`,
  )

describe('taking a form', () => {
  test('one person takes it first; the other is told who, and may answer once it is given back', async () => {
    const { ask } = await launched()
    const form = await ask()
    expect(form).toMatchObject({ claim: true, claimedBy: null })
    expect(actions(await seen('Omar', form.id))).toContain('claim')
    expect((await decide('Omar', form, 'SUBMIT', ', fields: {size: 1}')).errors?.[0]).toMatchObject({
      extensions: { code: 'NOT_ALLOWED', why: 'CLAIM_FIRST' },
    })
    expect((await press('Omar', 'claimAsk', id(form))).data['claimAsk']).toMatchObject({ claimedBy: { name: 'Omar' } })
    const late = await press('Olga', 'claimAsk', id(form))
    expect(late.errors?.[0]).toMatchObject({ extensions: { code: 'STALE', truth: { what: 'claimed', by: 'Omar' } } })
    expect((await decide('Olga', form, 'SUBMIT', ', fields: {size: 1}')).errors?.[0]).toMatchObject({
      extensions: { code: 'NOT_ALLOWED', why: 'CLAIMED' },
    })
    expect((await seen('Olga', form.id)).availableActions[0]).toMatchObject({
      allowed: false,
      why: 'Omar has taken it',
    })
    expect((await press('Olga', 'releaseAsk', id(form))).errors?.[0]).toMatchObject({
      extensions: { code: 'FORBIDDEN', right: 'reassign-ask' },
    })
    await press('Omar', 'releaseAsk', id(form))
    await press('Olga', 'claimAsk', id(form))
    const done = await decide('Olga', form, 'SUBMIT', ', fields: {size: 7, pin: "12345678"}')
    expect(done.data['decide']).toMatchObject({ end: 'SUBMITTED' })
  })

  test('who may reassign asks takes it from somebody, with a reason', async () => {
    const { ask } = await launched()
    const form = await ask()
    await press('Olga', 'claimAsk', id(form))
    expect((await press('Ada', 'releaseAsk', id(form))).errors?.[0]).toMatchObject({
      extensions: { code: 'INVALID_INPUT' },
    })
    const { data } = await press('Ada', 'releaseAsk', `${id(form)}, reason: "she is away"`)
    expect(data['releaseAsk']).toMatchObject({ claimedBy: null })
  })

  test('what was filled in is shown to the next, secrets as dots', async () => {
    const { ask } = await launched()
    const form = await ask()
    await press('Olga', 'claimAsk', id(form))
    await decide('Olga', form, 'SUBMIT', ', fields: {size: 7, pin: "12345678"}')
    const approval = await ask()
    expect(approval.earlier).toMatchObject([
      { step: 'Say how large', by: { name: 'Olga' }, answers: [{ title: 'Size', text: '7' }, { title: 'Pin' }] },
    ])
    expect(JSON.stringify(approval.earlier)).not.toContain('12345678')
    expect(form.given).toEqual([])
    // Whoever filled it in reads it again.
    expect((await seen('Olga', form.id)).given).toEqual([
      { title: 'Size', text: '7' },
      { title: 'Pin', text: expect.not.stringContaining('12345678') as string },
    ])
  })
})

describe('beside an answer', () => {
  test('who waits reminds, not all the time; who is asked nothing does not', async () => {
    const { ask } = await launched()
    const form = await ask()
    expect((await press('Stu', 'remindAsk', id(form))).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
    expect((await press('Mai', 'remindAsk', id(form))).errors).toBeUndefined()
    expect((await press('Mai', 'remindAsk', id(form))).errors?.[0]).toMatchObject({
      extensions: { code: 'RATE_LIMITED', retryAfterS: 300 },
    })
  })

  test('a comment has files that were uploaded for the task, and no others', async () => {
    const { ask } = await launched()
    const form = await ask()
    const stranger = await press(
      'Olga',
      'commentAsk',
      `${id(form)}, comment: "see", files: ["f_aaaaaaaaaaaaaaaaaaaaaa"]`,
    )
    expect(stranger.errors?.[0]).toMatchObject({ extensions: { code: 'INVALID_INPUT' } })
    expect(
      (await press('Olga', 'commentAsk', `${id(form)}, comment: "see the plan"`)).data['commentAsk'],
    ).toMatchObject({
      comments: [{ by: { name: 'Olga' }, text: 'see the plan', files: [] }],
    })
  })

  test('several are answered at once, each on its own: one that has moved on holds up none of the others', async () => {
    const [one, two] = [await launched(), await launched()]
    const asks = [await one.ask(), await two.ask()]
    for (const form of asks) await press('Olga', 'claimAsk', id(form))
    await decide('Olga', asks[0]!, 'SUBMIT', ', fields: {size: 1}')
    const { data } = await server.as<{
      decideAll: { askId: string; code: string | null; ask: { end: string } | null }[]
    }>('Olga', 'mutation($inputs: [DecideInput!]!) { decideAll(inputs: $inputs) { askId code message ask { end } } }', {
      inputs: asks.map(({ id: askId, digest }) => ({ askId, digest, verdict: 'SUBMIT', fields: { size: 2 } })),
    })
    expect(data.decideAll).toMatchObject([
      { askId: asks[0]!.id, code: 'STALE', ask: null },
      { askId: asks[1]!.id, code: null, ask: { end: 'SUBMITTED' } },
    ])
  })
})

describe('standing delegation', () => {
  const approving = async (by: Name = 'Mai') => {
    const task = await launched(by)
    const form = await task.ask()
    await press('Olga', 'claimAsk', id(form))
    await decide('Olga', form, 'SUBMIT', ', fields: {size: 7}')
    const ask = await task.ask()
    await wanted(ask)
    return { ...task, approval: ask }
  }

  test('whoever stands in has it in the inbox and answers for the other, shown as that, once', async () => {
    const { approval } = await approving()
    expect(await inbox('Stu')).toEqual([])
    expect((await delegate('Quinn', 'Stu')).data.delegate).toMatchObject({ active: true })
    expect(await inbox('Stu')).toEqual([approval.id])
    expect((await server.as<{ viewer: object }>('Stu', '{ viewer { needsMe } }')).data.viewer).toEqual({ needsMe: 1 })
    const needed = async () =>
      (
        await server.as<{ tasks: { totalCount: number; nodes: object[] } }>(
          'Stu',
          '{ tasks(needsMe: true) { totalCount nodes { id } } }',
        )
      ).data.tasks
    const task = approval.id.slice(0, approval.id.lastIndexOf('-'))
    expect(await needed()).toEqual({ totalCount: 1, nodes: [{ id: task }] })
    const before = await seen('Stu', approval.id)
    expect(before.answersFor).toEqual([{ name: 'Quinn' }])
    expect(before.standIns).toEqual([{ person: { name: 'Stu' }, for: { name: 'Quinn' } }])
    expect(actions(before)).toEqual(expect.arrayContaining(['approve', 'reject']))
    const { data } = await decide('Stu', approval, 'APPROVE')
    expect(data['decide']?.decisions).toEqual([{ by: { name: 'Stu' }, for: { name: 'Quinn' }, verdict: 'APPROVE' }])
    expect(await needed()).toEqual({ totalCount: 0, nodes: [] })
    expect((await decide('Quinn', approval, 'APPROVE')).errors?.[0]).toMatchObject({
      extensions: { code: 'STALE', truth: { by: 'Stu' } },
    })
    const stranger = (await decide('Olga', approval, 'APPROVE')).errors?.[0]
    expect(stranger?.extensions).toMatchObject({ right: 'answer', heldBy: ['Vic'], grantedBy: ['Ada'] })
    expect(stranger?.message).toBe('Vic decides. Ada can give it to others.')
    expect((await decide('Vic', approval, 'APPROVE')).data['decide']).toMatchObject({ end: 'GRANTED' })
    const { data: whole } = await server.as<{ task: { steps: { title: string; text: string }[] } }>(
      'Ada',
      `{ task(id: "${task}") { steps { title text } } }`,
    )
    expect(whole.task.steps.at(-1)).toMatchObject({ text: 'Approved by Stu for Quinn and Vic' })
  })

  test('a step that its condition leaves out is skipped by nobody, whoever answered before it', async () => {
    const SOMETIMES = `
apiVersion: baton/v1
kind: Flow
metadata: {name: sometimes, title: Sometimes}
spec:
  variables: {long: {type: boolean, title: Long, default: false}}
  nodes:
    ready: {use: confirm, title: Ready, with: {by: ["role:ops"], text: Go?}}
    rest: {use: wait, title: Rest, when: "\${long}", with: {for: 1h}}
    sure: {use: confirm, title: Sure, with: {by: ["role:ops"], text: Sure?}}
`
    await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: SOMETIMES })
    await server.as('Ada', 'mutation { publishFlow(name: "sometimes") { version } }')
    const { data } = await server.as<{ launch: { id: string } }>(
      'Ada',
      'mutation { launch(input: {flow: "sometimes"}) { id } }',
    )
    const open = [...(await server.engine.task(data.launch.id))!.state.asks.values()][0]!
    await decide('Olga', await seen('Olga', open.id), 'CONFIRM')
    const { data: whole } = await server.as<{ task: { steps: { text: string; people: object[] }[] } }>(
      'Ada',
      `{ task(id: "${data.launch.id}") { steps { text people { name } } } }`,
    )
    expect(whole.task.steps[1]).toEqual({ text: 'Skipped', people: [] })
  })

  test('never the starter, where they may not answer; and not any more once it has ended', async () => {
    const { approval } = await approving('Stu')
    const { data } = await delegate('Quinn', 'Stu')
    expect(await inbox('Stu')).toEqual([])
    expect((await decide('Stu', approval, 'APPROVE')).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
    await server.as('Quinn', `mutation { endDelegation(id: "${data.delegate.id}") { endedAt } }`)
    await delegate('Quinn', 'Omar')
    expect(await inbox('Omar')).toEqual([approval.id])
    server.clock.now += 2 * DAY
    expect(await inbox('Omar')).toEqual([])
    expect((await decide('Omar', approval, 'APPROVE')).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  })

  const cardOf = (ask: Ask, who: Name): catalogue.Card | undefined =>
    server.db
      .read((tx) => catalogue.cardsOf(tx, ask.id.slice(0, ask.id.lastIndexOf('-'))))
      .find(({ askId, person }) => askId === ask.id && person === server.ids[who])
  const later = (ms: number): string => new Date(server.clock.now + ms).toISOString()
  const HOUR = 3_600_000

  test('one that begins later brings what waits then, by chains too; when it ends the cards are drawn again', async () => {
    const { approval } = await approving()
    await delegate('Stu', 'Omar')
    await delegate('Quinn', 'Stu', `, fromAt: "${later(HOUR)}"`)
    await server.deps.standIns.run()
    expect(cardOf(approval, 'Stu')).toBeUndefined()
    expect(await inbox('Stu')).toEqual([])

    server.clock.now += HOUR
    await server.deps.standIns.run()
    await eventually(() => (cardOf(approval, 'Stu') && cardOf(approval, 'Omar')) ?? null)
    expect(await inbox('Stu')).toEqual([approval.id])
    expect(await inbox('Omar')).toEqual([approval.id])
    const before = { Stu: cardOf(approval, 'Stu')!, Omar: cardOf(approval, 'Omar')! }
    await server.deps.standIns.run() // told once
    expect(cardOf(approval, 'Stu')).toEqual(before.Stu)
    // Nor again by the next process.
    const told = vi.spyOn(server.deps.engine, 'notify')
    const restarted = createStandInClock(() => server.deps)
    await restarted.run()
    restarted.stop()
    expect(told).not.toHaveBeenCalled()
    told.mockRestore()

    const NEXT = 'mutation { nextDeliveries(platform: SLACK, max: 50) { id why card { id } } }'
    type Owed = { nextDeliveries: { id: string; why: string; card: { id: string } }[] }
    const drain = async (): Promise<Owed['nextDeliveries']> => {
      const { nextDeliveries } = (await server.as<Owed>('service', NEXT)).data
      for (const one of nextDeliveries)
        await server.as('service', `mutation { ackDelivery(id: "${one.id}", messageId: "m${one.id}") }`)
      return nextDeliveries.length === 0 ? [] : [...nextDeliveries, ...(await drain())]
    }
    await drain()
    server.clock.now += DAY
    await server.deps.standIns.run()
    const redrawn = new Set<string>()
    await eventually(async () => {
      for (const { card } of await drain()) redrawn.add(card.id)
      return redrawn.has(before.Stu.id) && redrawn.has(before.Omar.id) ? true : null
    })
    expect(await inbox('Stu')).toEqual([])
    const stillOffered = (await seen('Stu', approval.id))?.availableActions.filter(({ allowed }) => allowed) ?? []
    expect(stillOffered).toEqual([])
  })
  test('one that begins later brings nothing to whoever started it, where they may not answer', async () => {
    const { approval } = await approving('Stu')
    await delegate('Quinn', 'Stu', `, fromAt: "${later(HOUR)}"`)
    server.clock.now += HOUR
    await server.deps.standIns.run()
    expect(cardOf(approval, 'Stu')).toBeUndefined()
  })

  test.each([
    ['a circle', 'Vic', 'Quinn', 'CIRCLE'],
    ['oneself', 'Vic', 'Vic', 'CIRCLE'],
    ['somebody who is not there', 'Vic', 'Nobody', 'UNKNOWN'],
    ['a second one for the same time', 'Quinn', 'Omar', 'OVERLAP'],
  ] as const)('refused: %s', async (_, who, to, code) => {
    await delegate('Quinn', 'Vic')
    expect((await delegate(who, to)).errors?.[0]).toMatchObject({ extensions: { fields: [{ code }] } })
  })

  test('others arrange it only with the right to reassign asks', async () => {
    expect((await delegate('Stu', 'Stu', ', from: "Quinn"')).errors?.[0]).toMatchObject({
      extensions: { code: 'FORBIDDEN', right: 'reassign-ask' },
    })
    expect((await delegate('Ada', 'Stu', ', from: "Quinn", reason: "ill"')).data.delegate).toMatchObject({
      active: true,
    })
    const { data } = await server.as<{ delegations: object[] }>(
      'Quinn',
      '{ delegations { from { name } to { name } reason } }',
    )
    expect(data.delegations).toEqual([{ from: { name: 'Quinn' }, to: { name: 'Stu' }, reason: 'ill' }])
  })
})

test('an ask follows its roles: who joins may answer, who leaves may not', async () => {
  const task = await launched()
  const form = await task.ask()
  await press('Olga', 'claimAsk', id(form))
  await decide('Olga', form, 'SUBMIT', ', fields: {size: 7}')
  const approval = await task.ask()
  await wanted(approval)
  const role = 'apiVersion: baton/v1\nkind: Role\nmetadata: {name: qa, title: QA}\nspec: {members: [Omar]}\n'
  await server.as('Ada', 'mutation($d: String!) { apply(documents: $d, force: true) { documents { name } } }', {
    d: role,
  })
  await eventually(async () => (await task.ask()).waitingOn.map(({ name }) => name).join() === 'Vic,Omar')
  expect((await decide('Quinn', approval, 'APPROVE')).errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
  await decide('Omar', approval, 'APPROVE')
  expect((await decide('Vic', approval, 'APPROVE')).data['decide']).toMatchObject({ end: 'GRANTED' })
})

test('whoever is suspended is asked no more: attention, not silence; back again, it goes on', async () => {
  const { id: task } = await server.launch()
  await server.until(task, 'waiting')
  await eventually(() => server.db.read((tx) => catalogue.needsOfTask(tx, task)).length > 0)
  const person = server.ids.Quinn
  await server.as('Ada', `mutation { suspendPerson(id: "${person}", reason: "left") { id } }`)
  await server.until(task, 'attention')
  const { state } = (await server.engine.task(task))!
  expect(state.nodes.get('gate')?.error?.cause).toBe('nobody_can_answer')
  await server.as('Ada', `mutation { restorePerson(id: "${person}") { id } }`)
  await server.until(task, 'waiting')
  const ask = [...(await server.engine.task(task))!.state.asks.values()].at(-1)!
  expect(ask.need.places[0]?.people).toEqual([person])
})
