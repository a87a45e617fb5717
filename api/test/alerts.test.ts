import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { catalogue, type LaunchRequest } from '../../engine/index.ts'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

/** Saturday 21 November 2026, 14:02 UTC: the clock of the test server stands there. */
let server: TestServer
beforeEach(async () => {
  server = await startTestServer({ config: { mail: true } })
})
afterEach(() => server.end())

const MINUTE = 60_000
const SETTINGS =
  'channels { channel afterMin names } chosen quiet { from to days } quietUntil timeZone urgent digestMin waiting mutes { app taskId title until }'
interface Settings {
  channels: { channel: string; afterMin: number | null; names: string[] }[]
  chosen: boolean
  quietUntil: string | null
  waiting: number
  mutes: { title: string }[]
}
const set = (who: Name, input: object) =>
  server.as<{ setAlertSettings: Settings }>(
    who,
    `mutation($input: AlertSettingsInput!) { setAlertSettings(input: $input) { ${SETTINGS} } }`,
    { input },
  )
const mute = (who: Name, what: object) =>
  server.as<{ mute: Settings }>(
    who,
    `mutation($app: String, $taskId: ID, $minutes: Int) { mute(app: $app, taskId: $taskId, minutes: $minutes) { ${SETTINGS} } }`,
    what,
  )
/** Everything owed to a place by now: kind, why and text. */
const owedAt = (place: string) =>
  server.db
    .prepare(
      "SELECT c.kind, d.why, d.title, d.text FROM deliveries d JOIN cards c ON c.id = d.card_id WHERE c.place = ? AND d.state = 'pending' AND c.kind NOT IN ('task', 'thread')",
    )
    .all([place])
    .map(([kind, why, title, text]) => ({ kind, why, title, text: text as string | null }))
const failed = async () => {
  const { id, number } = await server.launch({ ok: false })
  await server.until(id, 'attention')
  await eventually(() => server.db.read((tx) => catalogue.taskRow(tx, id))?.phase === 'attention')
  return { id, number }
}
const asked = async () => {
  const task = await server.launch()
  await server.until(task.id, 'waiting')
  await eventually(() => server.db.read((tx) => catalogue.needsOfTask(tx, task.id)).length > 0)
  return task
}
/** Past the doors, which would count the launches. */
const failing = (n: number): LaunchRequest => ({
  project: 'default',
  key: null,
  client: 'test',
  rawInput: '{}',
  flow: { name: 'ship', version: 1 },
  app: { name: 'ship', title: 'Ship' },
  title: `Ship v${n}`,
  variables: { version: `v${n}`, ok: false, token: null, count: 4 },
  secrets: {},
  launched: ['version', 'ok'],
  omit: [],
  scheme: null,
  origin: null,
  rehearsal: false,
  startNow: true,
  startAt: null,
  by: { person: server.ids.Mai, name: 'Mai', surface: 'api' },
})
const link = (who: Name, user: string) =>
  server.db.write((tx) =>
    catalogue.linkIdentity(tx, server.ids[who], { platform: 'telegram', team: '', user }, who, server.clock.now),
  )
const later = async (minutes: number) => {
  server.clock.now += minutes * MINUTE
  await server.deps.alerts.run()
}
const approve = async (id: string) => {
  const [ask] = [...(await server.engine.task(id))!.state.asks.values()]
  await server.as('Quinn', 'mutation($input: DecideInput!) { decide(input: $input) { id } }', {
    input: { askId: ask!.id, digest: ask!.digest, verdict: 'APPROVE' },
  })
}

describe('the order of channels', () => {
  const order = [
    { channel: 'TELEGRAM', afterMin: 0 },
    { channel: 'SLACK', afterMin: 10 },
  ]
  test('whoever chose nothing sees what is used', async () => {
    const { data } = await server.as<{ viewer: { alerts: Settings } }>('Quinn', `{ viewer { alerts { ${SETTINGS} } } }`)
    expect(data.viewer.alerts).toMatchObject({
      chosen: false,
      channels: [
        { channel: 'SLACK', afterMin: 0, names: ['UQUINN'] },
        { channel: 'TELEGRAM', afterMin: null, names: [] },
        { channel: 'EMAIL', afterMin: null, names: [] },
      ],
    })
  })
  test('the next has its turn when nobody has answered by then', async () => {
    await link('Quinn', '77')
    await set('Quinn', { channels: order })
    await asked()
    expect(owedAt('telegram:77')).toMatchObject([{ kind: 'ask', why: 'opened' }])
    expect(owedAt('slack:@UQUINN')).toEqual([])
    await later(9)
    expect(owedAt('slack:@UQUINN')).toEqual([])
    await later(1)
    expect(owedAt('slack:@UQUINN')).toMatchObject([{ kind: 'ask' }])
  })
  test('an answer ends it', async () => {
    await link('Quinn', '77')
    await set('Quinn', { channels: order })
    const { id } = await asked()
    await approve(id)
    await eventually(() => server.db.read((tx) => catalogue.heldOf(tx, server.ids.Quinn)).length === 0)
    await later(10)
    expect(owedAt('slack:@UQUINN')).toEqual([])
  })
  test('where the first takes nothing, the next has its turn at once, and any other way after it', async () => {
    await link('Quinn', '77')
    await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Quinn, { email: 'quinn@acme.example' }))
    await set('Quinn', { channels: order })
    await asked()
    await refuse('TELEGRAM', 'telegram:77', 'bot was blocked by the user')
    await later(0)
    expect(owedAt('slack:@UQUINN')).toMatchObject([{ kind: 'ask' }])
    await refuse('SLACK', 'slack:@UQUINN', 'account_inactive')
    expect(owedAt('email:quinn@acme.example')).toMatchObject([{ kind: 'ask', why: 'opened' }])
  })
  test('what makes no sense is refused in the reader’s language', async () => {
    const answer = await server.as(
      'Quinn',
      'mutation { setAlertSettings(input: {digestMin: 3}) { chosen } }',
      {},
      { 'accept-language': 'zh-CN' },
    )
    expect(answer.errors?.[0]?.extensions['fields']).toMatchObject([
      { field: 'digestMin', message: '填 5 到 1440 分钟，不要就填 0' },
    ])
  })
  test('what makes no sense is refused with the field, and changes nothing', async () => {
    const wrong = [
      { channels: [] },
      { channels: [order[0], order[0]] },
      { channels: [{ channel: 'SLACK', afterMin: -1 }] },
      { quiet: { from: '25:00', to: '07:00' } },
      { quiet: { from: '22:00', to: '07:00', days: [0] } },
      { digestMin: 3 },
    ]
    for (const input of wrong)
      expect((await set('Quinn', input)).errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT' })
    expect((await set('Quinn', {})).data.setAlertSettings).toMatchObject({ chosen: false })
  })
})

/** Takes what a platform is owed, and refuses what goes to this place for good. */
async function refuse(platform: string, place: string, error: string): Promise<void> {
  const leased = await server.as<{ nextDeliveries: { id: string; card: { place: string } }[] }>(
    'service',
    `mutation { nextDeliveries(platform: ${platform}, max: 50) { id card { place } } }`,
  )
  for (const { id, card } of leased.data.nextDeliveries)
    await server.as(
      'service',
      'mutation($id: ID!, $messageId: String, $error: String, $undeliverable: Boolean) { ackDelivery(id: $id, messageId: $messageId, error: $error, undeliverable: $undeliverable) }',
      card.place === place ? { id, error, undeliverable: true } : { id, messageId: `m-${id}` },
    )
}

describe('quiet hours', () => {
  const now = { quiet: { from: '14:00', to: '15:00' }, urgent: [] }
  test('an alert waits for their end, then it is told', async () => {
    const { data } = await set('Olga', now)
    expect(data.setAlertSettings).toMatchObject({ quietUntil: '2026-11-21T15:00:00.000Z' })
    await failed()
    expect(owedAt('slack:@UOLGA')).toEqual([])
    expect(owedAt('slack:@UMAI')).toMatchObject([{ kind: 'attention' }])
    await later(58)
    expect(owedAt('slack:@UOLGA')).toMatchObject([{ kind: 'attention', why: 'opened' }])
  })
  test('are in the person’s zone', async () => {
    await server.as('Olga', 'mutation { setPreferences(timeZone: "Asia/Shanghai") { id } }')
    const { data } = await set('Olga', { ...now, quiet: { from: '22:00', to: '07:00', days: [6] } })
    expect(data.setAlertSettings.quietUntil).toBe('2026-11-21T23:00:00.000Z')
  })
  test('what was decided meanwhile is not told; of many things one message tells', async () => {
    await set('Olga', now)
    const tasks = [await failed(), await failed(), await failed(), await failed(), await failed()]
    await server.as('Omar', 'mutation($input: NodeInput!) { skipNode(input: $input) { id } }', {
      input: { taskId: tasks[0]!.id, nodeId: 'deploy', attempt: 1 },
    })
    await eventually(() => server.db.read((tx) => catalogue.heldOf(tx, server.ids.Olga)).length === 4)
    await later(58)
    const [told, ...more] = owedAt('slack:@UOLGA')
    expect(more).toEqual([])
    expect(told).toMatchObject({ why: 'digest', title: '4 things since you were told last' })
    expect(told?.text).toContain(`needs someone: Ship v1 #${tasks[1]!.number}`)
    expect(told?.text).not.toContain(`#${tasks[0]!.number}\n`)
  })
  test('what is urgent passes as the person chose', async () => {
    await set('Olga', { ...now, urgent: ['FAILURES'] })
    await failed()
    expect(owedAt('slack:@UOLGA')).toMatchObject([{ kind: 'attention' }])
  })
  test('whoever is suspended meanwhile is told nothing', async () => {
    await set('Olga', now)
    await failed()
    await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Olga, { active: false }))
    await later(58)
    expect(owedAt('slack:@UOLGA')).toEqual([])
    expect(server.db.read((tx) => catalogue.heldOf(tx, server.ids.Olga))).toEqual([])
  })
  test('a chat that was unlinked meanwhile tells nobody: it comes by the next', async () => {
    await set('Olga', now)
    await failed()
    await link('Olga', '79')
    await server.db.write((tx) => {
      const [slack] = catalogue.identitiesOf(tx, server.ids.Olga)
      catalogue.unlinkIdentity(tx, slack!.id)
    })
    await later(58)
    expect(owedAt('slack:@UOLGA')).toEqual([])
    expect(owedAt('telegram:79')).toMatchObject([{ kind: 'attention' }])
  })
  test('whoever ends them is told what waited', async () => {
    await set('Olga', now)
    await failed()
    await set('Olga', { quiet: null })
    await later(0)
    expect(owedAt('slack:@UOLGA')).toMatchObject([{ kind: 'attention' }])
  })
})

describe('until somebody decides', () => {
  const GUARDED = `
apiVersion: baton/v1
kind: Flow
metadata: {name: guarded, title: Guarded}
spec:
  nodes: {deploy: {use: test.work@1, title: Deploy, with: {ok: false}}}
  attention: {remindEvery: 1s, escalateTo: ["role:ops", Quinn], after: 2s}
`
  const guarded = async () => {
    await server.as('Aki', 'mutation($documents: String!) { apply(documents: $documents) { documents { name } } }', {
      documents: GUARDED,
    })
    await server.as('Aki', 'mutation { publishFlow(name: "guarded") { name } }')
    const { data } = await server.as<{ launch: { id: string } }>(
      'Omar',
      'mutation { launch(input: {flow: "guarded"}) { id } }',
    )
    await server.until(data.launch.id, 'attention')
    return data.launch.id
  }
  const told = (why: string, place: string) => eventually(() => owedAt(place).some((owed) => owed.why === why))
  test('those who were told are reminded, and an escalation wakes the role on call but nobody else', async () => {
    const night = { quiet: { from: '14:00', to: '15:00' } }
    for (const who of ['Olga', 'Quinn'] as const) await set(who, night)
    const id = await guarded()
    expect(owedAt('slack:@UOMAR')).toMatchObject([{ kind: 'attention', why: 'opened' }])
    await refuse('SLACK', 'nowhere', '') // takes all
    const next = async () =>
      (
        await server.as<{ task: { failures: { asksNext: object | null }[] } }>(
          'Omar',
          `{ task(id: "${id}") { failures { asksNext { to at } } } }`,
        )
      ).data.task.failures[0]?.asksNext
    expect(await next()).toEqual({ to: ['Ops', 'Quinn'], at: new Date(server.clock.now + 2_000).toISOString() })
    server.clock.now += 1_000
    await told('reminder', 'slack:@UOMAR')
    server.clock.now += 1_000
    await told('escalated', 'slack:@UOLGA')
    expect(await next()).toBeNull()
    expect(owedAt('slack:@UQUINN')).toEqual([])
    expect(server.db.read((tx) => catalogue.heldOf(tx, server.ids.Quinn))).toMatchObject([{ why: 'escalated' }])
    await server.as('Omar', 'mutation($input: NodeInput!) { skipNode(input: $input) { id } }', {
      input: { taskId: id, nodeId: 'deploy', attempt: 1 },
    })
    await eventually(() => server.db.read((tx) => catalogue.heldOf(tx, server.ids.Quinn)).length === 0)
  })
})

describe('digest and mute', () => {
  test('alerts come together at the same minutes', async () => {
    await set('Olga', { digestMin: 15, urgent: [] })
    await failed()
    await failed()
    await later(12)
    expect(owedAt('slack:@UOLGA')).toEqual([])
    await later(1)
    expect(owedAt('slack:@UOLGA')).toMatchObject([{ why: 'digest', title: '2 things since you were told last' }])
  })
  test('a muted app says nothing to the one who muted it, until then; the inbox has it all the same', async () => {
    const { data } = await mute('Quinn', { app: 'ship', minutes: 30 })
    expect(data.mute.mutes).toMatchObject([{ app: 'ship', title: 'Ship', until: '2026-11-21T14:32:00.000Z' }])
    await asked()
    expect(owedAt('slack:@UQUINN')).toEqual([])
    const inbox = await server.as<{ inbox: { nodes: object[] } }>('Quinn', '{ inbox { nodes { id } } }')
    expect(inbox.data.inbox.nodes).toHaveLength(1)
    server.clock.now += 31 * MINUTE
    await asked()
    expect(owedAt('slack:@UQUINN')).toHaveLength(1)
  })
  test('a muted task is muted alone, by its number too, and can be taken back', async () => {
    const { id, number } = await server.launch({}, { startNow: false })
    const { data } = await mute('Mai', { taskId: `#${number}` })
    expect(data.mute.mutes).toMatchObject([{ taskId: id, title: `Ship v1 #${number}`, until: null }])
    const unmute = (what: object) =>
      server.as('Mai', 'mutation($taskId: ID) { unmute(taskId: $taskId) { waiting } }', what)
    expect((await unmute({ taskId: id })).errors).toBeUndefined()
    expect((await unmute({ taskId: id })).errors?.[0]?.extensions['code']).toBe('NOT_FOUND')
  })
  test('whoever muted a task does not hear of those it starts either', async () => {
    await server.as('Aki', 'mutation($documents: String!) { apply(documents: $documents) { documents { name } } }', {
      documents: `
apiVersion: baton/v1
kind: Flow
metadata: {name: outer, title: Outer}
spec: {nodes: {inner: {use: flow, with: {flow: ship, variables: {version: v1, ok: false}}}}}
`,
    })
    await server.as('Aki', 'mutation { publishFlow(name: "outer") { name } }')
    const launch = async (muted: boolean) => {
      const { data } = await server.as<{ launch: { id: string } }>(
        'Omar',
        'mutation { launch(input: {flow: "outer", startNow: false}) { id } }',
      )
      if (muted) await mute('Omar', { taskId: data.launch.id })
      await server.as('Omar', 'mutation($id: ID!) { startTask(id: $id) { id } }', { id: data.launch.id })
      await server.until(data.launch.id, 'attention')
    }
    await launch(true)
    expect(owedAt('slack:@UOMAR')).toEqual([])
    await launch(false)
    expect(owedAt('slack:@UOMAR')).toMatchObject([{ kind: 'attention' }])
  })
  test('nobody mutes what they may not see', async () => {
    const hidden = await server.as<{ launch: { id: string } }>(
      'Omar',
      'mutation { launch(input: {flow: "wait"}) { id } }',
    )
    const answer = await mute('Stu', { taskId: hidden.data.launch.id })
    expect(answer.errors?.[0]?.extensions['code']).toBe('NOT_FOUND')
    expect((await mute('Stu', { app: 'nothing' })).errors?.[0]?.extensions['code']).toBe('NOT_FOUND')
  })
})

describe('who cannot be reached', () => {
  const list = async (who: Name) =>
    server.as<{
      undeliverable: { place: string; name: string; why: string; count: number; person: { name: string } }[]
    }>(who, '{ undeliverable { place platform name why since lastAt count person { name } } }')
  const retry = (who: Name, place: string) =>
    server.as<{ retryUndeliverable: number }>(who, 'mutation($place: String!) { retryUndeliverable(place: $place) }', {
      place,
    })
  const unlink = (who: Name) =>
    server.db.write((tx) => {
      for (const { id } of catalogue.identitiesOf(tx, server.ids[who])) catalogue.unlinkIdentity(tx, id)
    })
  test('somebody without any way is listed once, with what they missed, and told on their next visit', async () => {
    await unlink('Quinn')
    await asked()
    await asked()
    const place = `none:${server.ids.Quinn}`
    expect((await list('Omar')).data.undeliverable).toMatchObject([
      {
        place,
        platform: 'NONE',
        why: 'NO_CHANNEL',
        count: 2,
        person: { name: 'Quinn' },
        since: '2026-11-21T14:02:00.000Z',
      },
    ])
    const own = await server.as<{ viewer: { unreached: object[] } }>('Quinn', '{ viewer { unreached { why count } } }')
    expect(own.data.viewer.unreached).toEqual([{ why: 'NO_CHANNEL', count: 2 }])
  })
  test('once there is a way, trying again tells what still matters, and the list is empty', async () => {
    await unlink('Quinn')
    const first = await asked()
    await asked()
    await approve(first.id)
    await eventually(() => server.db.read((tx) => catalogue.needsOfTask(tx, first.id)).length === 0)
    await link('Quinn', '78')
    expect((await retry('Quinn', `none:${server.ids.Quinn}`)).data.retryUndeliverable).toBe(1)
    expect(owedAt('telegram:78')).toMatchObject([{ kind: 'ask' }])
    expect((await list('Omar')).data.undeliverable).toEqual([])
  })
  test('a chat that is linked brings at once what waits, and nobody is said to be out of reach any more', async () => {
    await unlink('Quinn')
    await asked()
    const { data } = await server.as<{ linkCode: { code: string } }>('Quinn', 'mutation { linkCode { code } }')
    await server.as(
      'service',
      'mutation($code: String!) { redeemCode(platform: TELEGRAM, user: "79", name: "q", code: $code, confirm: true) { person { name } } }',
      { code: data.linkCode.code },
    )
    expect(owedAt('telegram:79').map(({ kind }) => kind)).toContain('ask')
    const own = await server.as<{ viewer: { unreached: object[] } }>('Quinn', '{ viewer { unreached { why } } }')
    expect(own.data.viewer.unreached).toEqual([])
  })
  test('a chat that took nothing is tried again when somebody says so', async () => {
    await asked()
    await refuse('SLACK', 'slack:@UQUINN', 'account_inactive')
    expect((await list('Ada')).data.undeliverable).toMatchObject([{ place: 'slack:@UQUINN', why: 'account_inactive' }])
    expect((await retry('Omar', 'slack:@UQUINN')).data.retryUndeliverable).toBe(1)
    expect(owedAt('slack:@UQUINN')).toMatchObject([{ kind: 'ask', why: 'opened' }])
  })
  test('what nobody mends is forgotten after a while, and of one place all but the newest', async () => {
    await unlink('Quinn')
    for (let n = 0; n < 3; n++) await asked()
    const count = async () => (await list('Ada')).data.undeliverable.map((row) => row.count)
    await server.db.write((tx) => catalogue.sweepUndeliverable(tx, server.clock.now, 2))
    expect(await count()).toEqual([2])
    await server.db.write((tx) => catalogue.sweepUndeliverable(tx, server.clock.now + 1, 2))
    expect(await count()).toEqual([])
  })
  test('the list is for who may operate; one’s own may be struck off by oneself', async () => {
    await asked()
    await refuse('SLACK', 'slack:@UQUINN', 'account_inactive')
    expect((await list('Mai')).errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'operate' })
    expect((await retry('Mai', 'slack:@UQUINN')).errors?.[0]?.extensions['code']).toBe('FORBIDDEN')
    const struck = await server.as('Quinn', 'mutation($place: String!) { forgetUndeliverable(place: $place) }', {
      place: 'slack:@UQUINN',
    })
    expect(struck.data).toEqual({ forgetUndeliverable: 1 })
    expect((await list('Ada')).data.undeliverable).toEqual([])
  })
})

describe('a storm', () => {
  test('asks, failures and their rooms each become one digest', async () => {
    for (let n = 0; n < 12; n++) await asked()
    server.clock.now += 3_000
    const owed = owedAt('slack:@UQUINN')
    expect(owed).toHaveLength(1)
    expect(owed[0]).toMatchObject({
      why: 'digest',
      text: expect.stringContaining('12 tasks of Ship wait for your answer'),
    })
  })
  test('that goes on after the digest was posted is told again once a minute, with all of them', async () => {
    for (let n = 0; n < 10; n++) await failed()
    server.clock.now += 3_000
    await refuse('SLACK', 'nowhere', '') // takes all
    for (let n = 0; n < 5; n++) await failed()
    expect(owedAt('slack:@UOLGA')).toMatchObject([{ why: 'digest', text: expect.stringContaining('15 tasks of Ship') }])
    const due = await server.as<{ nextDeliveries: { why: string }[] }>(
      'service',
      'mutation { nextDeliveries(platform: SLACK, max: 50) { why } }',
    )
    expect(due.data.nextDeliveries.filter(({ why }) => why === 'digest')).toEqual([])
  })
  test('of a thousand failures at once is one message for each who is told', { timeout: 120_000 }, async () => {
    const launched = await Promise.all(Array.from({ length: 1000 }, (_, n) => server.engine.launch(failing(n))))
    await Promise.all(launched.map(({ state }) => server.until(state.id, 'attention')))
    await eventually(
      () =>
        server.db.read((tx) => catalogue.tasksByPhase(tx)).find(({ phase }) => phase === 'attention')?.count === 1000,
    )
    for (const place of ['slack:@UMAI', 'slack:@UOLGA']) {
      const owed = owedAt(place)
      expect(owed).toHaveLength(1)
      expect(owed[0]?.text).toMatch(/^1000 tasks of Ship need someone\. First: Ship/)
    }
  })
})
