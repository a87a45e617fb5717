import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { eventually, startTestServer, type Name, type TestServer } from './support.ts'

const CHROME =
  'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36'
const CHROME_LATER = CHROME.replace('140', '141')
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ config: { mail: true } })
})
afterAll(() => server.end())
beforeEach(() => {
  server.clock.now += 3_600_000 // nobody's share of tries is used up by the test before
})

interface Refusal {
  message: string
  extensions: { code: string; reason?: string }
}
const refusal = async (response: Response) => ((await response.json()) as { errors: Refusal[] }).errors[0]!
/** `name=value` of each cookie that an answer sets. */
const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0]!)
    .join('; ')
const codeFor = async (person: string) =>
  (await server.db.write((tx) => catalogue.makeCode(tx, 'sign_in', { person, createdBy: 'test' }, server.clock.now)))
    .code
/** A browser of somebody, signed in. */
async function browserOf(name: Name, agent?: string): Promise<string> {
  const headers: Record<string, string> = agent === undefined ? {} : { 'user-agent': agent }
  const response = await server.post('/auth/sign-in', { code: await codeFor(server.ids[name]), confirm: true }, headers)
  expect(response.status).toBe(200)
  return cookiesOf(response)
}
type Answered<T> = { data: T; errors?: Refusal[] }
const by = async <T>(cookie: string, query: string, variables: object = {}, headers: Record<string, string> = {}) =>
  (await (await server.post('/graphql', { query, variables }, { cookie, ...headers })).json()) as Answered<T>
const VIEWER = '{ viewer { person { name } } }'
const nameBy = async (cookie: string, headers: Record<string, string> = {}) =>
  (await by<{ viewer: { person: { name: string } | null } }>(cookie, VIEWER, {}, headers)).data?.viewer.person?.name ??
  null

describe('sign-in links that a browser asked for', () => {
  /** The newest link that went out to somebody. */
  const linkTo = (place: string): string =>
    server.db.read((tx) => {
      const sent = catalogue.listDeliveries(tx, false, 50, null)
      const text = sent.find(({ cardId }) => catalogue.cardById(tx, cardId)?.place === place)?.text ?? ''
      return /#code=(\S+)/.exec(text)?.[1] ?? ''
    })
  const askFor = (to: string, cookie = '') => server.post('/auth/link', { to }, { cookie, 'user-agent': CHROME })

  test('the link works in the browser that asked, once, and in no other; there it says what to do and stays good', async () => {
    const asked = await askFor('Mai')
    expect(await asked.json()).toEqual({ sent: true })
    const cookie = cookiesOf(asked)
    expect(asked.headers.get('set-cookie')).toMatch(/^baton_browser=.*Path=\/auth; HttpOnly; SameSite=Lax/)
    const code = linkTo('slack:@UMAI')
    const elsewhere = await server.post('/auth/sign-in', { code })
    expect(elsewhere.status).toBe(403)
    expect(await refusal(elsewhere)).toMatchObject({
      message: expect.stringMatching(/asked for in another browser.*ask for a new link/),
      extensions: { code: 'FORBIDDEN', reason: 'OTHER_BROWSER' },
    })
    const thief = cookiesOf(await askFor('Vic'))
    expect((await server.post('/auth/sign-in', { code }, { cookie: thief })).status).toBe(403)
    const entered = await server.post('/auth/sign-in', { code }, { cookie, 'user-agent': CHROME })
    expect(await entered.json()).toMatchObject({ person: { name: 'Mai' } })
    expect((await server.post('/auth/sign-in', { code }, { cookie })).status).toBe(404)
  })
  test('whoever asks learns nothing of who is here, and nothing is sent to nobody', async () => {
    const before = server.db.read((tx) => catalogue.listDeliveries(tx, false, 200, null)).length
    const answers = await Promise.all(['Nobody Known', server.ids.Mai, 'x@y.example'].map((to) => askFor(to)))
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual(Array(3).fill({ sent: true }))
    expect(server.db.read((tx) => catalogue.listDeliveries(tx, false, 200, null))).toHaveLength(before)
  })
  test('somebody else’s link, or an invitation, does not quietly make this browser another’s', async () => {
    const cookie = await browserOf('Vic')
    const code = await codeFor(server.ids.Omar)
    const asked = await server.post('/auth/sign-in', { code }, { cookie })
    expect(await asked.json()).toEqual({ needs: 'switch', from: 'Vic', to: 'Omar' })
    expect(asked.headers.get('set-cookie')).toBeNull()
    const { data } = await server.as<{ invite: { code: string } }>(
      'Ada',
      'mutation { invite(role: "viewer") { code } }',
    )
    const invited = await server.post('/auth/sign-in', { code: data.invite.code, name: 'Vic again' }, { cookie })
    expect(await invited.json()).toEqual({ needs: 'switch', from: 'Vic', to: null })
    const gone = await server.post('/auth/sign-in', { code, switch: true }, { cookie })
    expect(await gone.json()).toMatchObject({ person: { name: 'Omar' } })
    expect(await nameBy(cookie)).toBeNull() // the one before has ended
  })
  /** What was posted to somebody in Slack about their account. */
  const toldIn = (place: string): string[] =>
    server.db
      .read((tx) => catalogue.cardsOf(tx, ''))
      .filter((card) => card.place === place && /^(link_used|linked):/.test(card.subject))
      .map(({ subject }) => subject.split(':')[0]!)
  test('a link that a chat hands out says first whom it signs in; a press does it, once, and they are told', async () => {
    const code = await codeFor(server.ids.Stu)
    const opened = await server.post('/auth/sign-in', { code })
    expect(await opened.json()).toEqual({ needs: 'confirm', to: 'Stu' })
    expect(opened.headers.get('set-cookie')).toBeNull()
    expect(toldIn('slack:@USTU')).toEqual([])

    const entered = await server.post('/auth/sign-in', { code, confirm: true }, { 'user-agent': CHROME })
    expect(await entered.json()).toMatchObject({ person: { name: 'Stu' } })
    expect((await server.post('/auth/sign-in', { code, confirm: true })).status).toBe(404)
    expect(toldIn('slack:@USTU')).toEqual(['link_used'])
    const { data } = await server.as<{ nextDeliveries: { title: string; text: string }[] }>(
      'service',
      'mutation { nextDeliveries(platform: SLACK, max: 50) { title text } }',
    )
    const said = data.nextDeliveries.find(
      ({ title, text }) => title === 'Your sign-in link was used' && text.includes('Chrome'),
    )
    expect(said?.text).toMatch(
      /signed in a browser as you: Chrome .* end that sign-in now: http:\/\/baton.test\/me\/account/,
    )
    expect(said?.text).not.toContain(code)

    // Whoever is signed in here already needs no press, and is told of nothing.
    const again = await codeFor(server.ids.Stu)
    const here = await server.post(
      '/auth/sign-in',
      { code: again },
      { cookie: cookiesOf(entered), 'user-agent': CHROME },
    )
    expect(await here.json()).toMatchObject({ person: { name: 'Stu' } })
    expect(toldIn('slack:@USTU')).toEqual(['link_used'])
  })
  test('an account that joins by a code is told to whose it becomes', async () => {
    const { data } = await server.as<{ linkCode: { code: string } }>('Omar', 'mutation { linkCode { code } }')
    const redeem = (confirm: boolean) =>
      server.as<{ redeemCode: object }>(
        'service',
        'mutation($code: String!, $confirm: Boolean) { redeemCode(platform: TELEGRAM, user: "4711", name: "omar_at_home", code: $code, confirm: $confirm) { joins person { name } } }',
        { code: data.linkCode.code, confirm },
      )
    expect((await redeem(false)).data.redeemCode).toEqual({ joins: 'Omar', person: null })
    expect(toldIn('slack:@UOMAR')).not.toContain('linked')
    expect((await redeem(true)).data.redeemCode).toEqual({ joins: null, person: { name: 'Omar' } })
    expect(toldIn('slack:@UOMAR')).toContain('linked')
    expect(toldIn('telegram:4711')).toEqual([]) // they know
  })
  test('too late is too late', async () => {
    const cookie = cookiesOf(await askFor('Stu'))
    const code = linkTo('slack:@USTU')
    server.clock.now += 15 * 60_000 + 1
    expect((await server.post('/auth/sign-in', { code }, { cookie })).status).toBe(404)
  })
  test('a GET changes nothing, whatever the link says', async () => {
    const cookie = cookiesOf(await askFor('Omar'))
    const code = linkTo('slack:@UOMAR')
    for (const path of [`/sign-in?code=${code}`, `/auth/sign-in?code=${code}`, '/auth/link?to=Omar', '/auth/company'])
      expect((await server.app.request(`http://baton.test${path}`, { headers: { cookie } })).status).toBe(404)
    expect((await server.post('/auth/sign-in', { code }, { cookie })).status).toBe(200)
  })
})

describe('sessions', () => {
  const LIST = 'query($person: ID) { sessions(person: $person) { id browser how current lastSeenAt } }'
  interface Row {
    id: string
    browser: string | null
    how: string
    current: boolean
  }
  test('are listed with what they are in, and each can be ended from another', async () => {
    const phone = await browserOf('Olga', CHROME)
    const desk = await browserOf('Olga', FIREFOX)
    const { sessions } = (await by<{ sessions: Row[] }>(phone, LIST, {}, { 'user-agent': CHROME })).data
    expect(sessions.map(({ browser, current }) => [browser, current])).toEqual(
      expect.arrayContaining([
        ['Chrome · Android', true],
        ['Firefox · Linux', false],
      ]),
    )
    const other = sessions.find(({ current }) => !current)!
    const END = 'mutation($id: ID!) { endSession(id: $id) { id } }'
    await by(phone, END, { id: other.id }, { 'user-agent': CHROME })
    expect(await nameBy(desk, { 'user-agent': FIREFOX })).toBeNull()
    expect(await nameBy(phone, { 'user-agent': CHROME_LATER })).toBe('Olga') // its browser was updated
    expect((await server.as('Stu', END, { id: other.id })).errors?.[0]?.extensions['code']).toBe('NOT_FOUND')
  })
  test('all but this one end at once, and anybody’s by who manages people', async () => {
    const [here, there] = [await browserOf('Vic'), await browserOf('Vic')]
    expect((await by<{ endSessions: number }>(here, 'mutation { endSessions }')).data.endSessions).toBe(1)
    expect([await nameBy(here), await nameBy(there)]).toEqual(['Vic', null])
    const END = 'mutation($person: ID) { endSessions(person: $person) }'
    const tried = await server.as('Stu', END, { person: server.ids.Vic })
    expect(tried.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'manage-people' })
    await server.as('Ada', END, { person: server.ids.Vic })
    expect(await nameBy(here)).toBeNull()
  })
  test('a stolen cookie is ended where it turns up, and its person is told to sign in again', async () => {
    const cookie = await browserOf('Quinn', CHROME)
    const thief = await server.post('/graphql', { query: VIEWER }, { cookie, 'user-agent': FIREFOX })
    expect(thief.status).toBe(401)
    expect((await refusal(thief)).extensions).toMatchObject({ code: 'UNAUTHENTICATED', reason: 'SESSION_ELSEWHERE' })
    expect(await nameBy(cookie, { 'user-agent': CHROME })).toBeNull()
    const rows = await server.as<{ audit: { nodes: { what: string; allowed: boolean }[] } }>(
      'Ada',
      '{ audit(first: 5) { nodes { what allowed } } }',
    )
    expect(rows.data.audit.nodes).toContainEqual({ what: 'sessionElsewhere', allowed: false })
  })
})

/** Reads a stream until the server ends it; resolves with its events. */
async function streamOf(cookie: string, query: string): Promise<{ first: Promise<void>; over: Promise<string> }> {
  const response = await server.post('/graphql', { query }, { cookie, accept: 'text/event-stream' })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let began: () => void = () => undefined
  const first = new Promise<void>((resolve) => (began = resolve))
  const over = (async () => {
    let text = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return text
      text += value
      if (text.includes('event: next')) began()
    }
  })()
  return { first, over }
}
const SUSPEND =
  'mutation($id: ID!, $reason: String) { suspendPerson(id: $id, reason: $reason) { active suspended { by why } } }'
const RESTORE = 'mutation($id: ID!) { restorePerson(id: $id) { active } }'

describe('suspension', () => {
  const id = () => server.ids.Mai
  test('takes effect at once everywhere, and is lifted again', async () => {
    const cookie = await browserOf('Mai')
    const { id: task } = await server.launch({ version: 'v7' })
    const planned = await server.launch({ version: 'v8' }, { startAt: new Date(server.clock.now + 9e8).toISOString() })
    const stream = await streamOf(cookie, `subscription { taskChanged(id: "${task}") { phase } }`)
    const list = await streamOf(cookie, 'subscription { tasksChanged(mine: true) { id } }')
    await Promise.all([stream.first, list.first])
    const card = await eventually(() =>
      server.db.read((tx) =>
        catalogue.cardsOf(tx, task).find(({ person, kind }) => person === id() && kind === 'task'),
      ),
    )
    await server.db.write((tx) => {
      for (const delivery of catalogue.leaseDeliveries(tx, 'slack', 100, server.clock.now))
        catalogue.settleDelivery(tx, delivery.id)
    })

    const began = performance.now()
    const { data } = await server.as<{ suspendPerson: object }>('Ada', SUSPEND, {
      id: id(),
      reason: 'left the company',
    })
    expect(data.suspendPerson).toEqual({ active: false, suspended: { by: 'Ada', why: 'left the company' } })
    await Promise.all([stream.over, list.over])
    const redrawn = await eventually(() =>
      server.db.read((tx) =>
        catalogue
          .listDeliveries(tx, false, 200, null)
          .find(({ cardId, state }) => cardId === card.id && state === 'pending'),
      ),
    )
    expect(redrawn.urgent).toBe(true)
    await eventually(async () => (await server.engine.task(planned.id))?.state.timers.has('task/start_at') === false)
    expect(performance.now() - began).toBeLessThan(2000)

    expect(await nameBy(cookie)).toBeNull()
    expect((await server.as('Mai', '{ apps { totalCount } }')).errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED')
    const inChat = await server.as('service', '{ apps { totalCount } }', {}, { 'x-baton-acting': 'slack:T1:UMAI' })
    expect(inChat.errors?.[0]?.extensions['code']).toBe('UNAUTHENTICATED')
    expect((await server.post('/auth/token', { token: server.tokens.Mai })).status).toBe(404)
    expect((await server.post('/auth/link', { to: 'Mai' })).status).toBe(200)
    expect((await server.post('/auth/sign-in', { code: await codeFor(id()) })).status).toBe(404)

    await server.as('Ada', RESTORE, { id: id() })
    expect((await server.as('Mai', '{ apps { totalCount } }')).errors).toBeUndefined()
    expect(await nameBy(cookie)).toBeNull() // sessions begin anew
    expect(await nameBy(await browserOf('Mai'))).toBe('Mai')
  })
  test('whoever is suspended does not come in again as somebody new', async () => {
    await server.as('Ada', 'mutation { trust(platform: SLACK, id: "T1", role: "starter") { role } }')
    await server.as('Ada', SUSPEND, { id: server.ids.Stu })
    const JOIN =
      'mutation { joinAs(platform: SLACK, team: "T1", user: "USTU", name: "Stu", fullMember: true) { person { name } mayJoin suspended } }'
    const { data } = await server.as<{ joinAs: object }>('service', JOIN)
    expect(data.joinAs).toEqual({ person: null, mayJoin: null, suspended: true })
    await server.as('Ada', RESTORE, { id: server.ids.Stu })
  })
  test('nobody suspends themselves or the only owner, nor without the right', async () => {
    const reasonOf = async (who: Name, target: Name) =>
      (await server.as(who, SUSPEND, { id: server.ids[target] })).errors?.[0]?.extensions
    expect(await reasonOf('Ada', 'Ada')).toMatchObject({ code: 'NOT_ALLOWED' })
    expect(await reasonOf('Aki', 'Vic')).toMatchObject({ code: 'FORBIDDEN', right: 'manage-people' })
  })
  test('tools that somebody looks after are said, and go on, end or go to somebody else with it', async () => {
    const SERVICE =
      'mutation($name: String!) { createServiceAccount(name: $name, role: "starter") { id keeper { name } } }'
    const TOKEN = 'mutation($name: String!, $person: ID!) { createToken(name: $name, person: $person) { token } }'
    const TOOLS =
      'query($search: String) { people(search: $search) { nodes { tools { accounts { id name } tokens { name of { name } madeBy { name } } } } } }'
    const GO =
      'mutation($id: ID!, $tools: WhatOfTools, $to: ID) { suspendPerson(id: $id, tools: $tools, toolsTo: $to) { active } }'
    const idOf = async (who: Name, name: string) => {
      const { data } = await server.as<{ createServiceAccount: { id: string } }>(who, SERVICE, { name })
      return data.createServiceAccount.id
    }
    const tokenFor = async (who: Name, name: string, person: string) =>
      (await server.as<{ createToken: { token: string } }>(who, TOKEN, { name, person })).data.createToken.token
    const works = async (token: string) => (await nameBy('', { authorization: `Bearer ${token}` })) !== null
    const toolsOf = async (search: string, as: Name = 'Ada') =>
      (await server.as<{ people: { nodes: { tools: object | null }[] } }>(as, TOOLS, { search })).data.people.nodes[0]!
        .tools

    // Olga owns for a while, and makes things.
    const setRole = (role: string) =>
      server.as('Ada', 'mutation($p: ID!, $r: String!) { setRole(person: $p, role: $r) { id } }', {
        p: server.ids.Olga,
        r: role,
      })
    await setRole('owner')
    const nightly = await idOf('Olga', 'nightly')
    const others = await idOf('Ada', 'monitor')
    const [own, hers] = [await tokenFor('Olga', 'nightly-1', nightly), await tokenFor('Ada', 'nightly-2', nightly)]
    const seen = await tokenFor('Olga', 'monitor-1', others)
    const untouched = await tokenFor('Ada', 'monitor-2', others)
    await setRole('operator')

    expect(await toolsOf('Olga')).toEqual({
      accounts: [{ id: nightly, name: 'nightly' }],
      tokens: [
        { name: 'monitor-1', of: { name: 'monitor' }, madeBy: { name: 'Olga' } },
        { name: 'nightly-1', of: { name: 'nightly' }, madeBy: { name: 'Olga' } },
        { name: 'nightly-2', of: { name: 'nightly' }, madeBy: { name: 'Ada' } },
      ],
    })
    expect(await toolsOf('Olga', 'Vic')).toBeNull()

    // Their own tokens stop at once; the tools go on, and the audit says which.
    await server.as('Ada', GO, { id: server.ids.Olga })
    expect(await works(server.tokens.Olga)).toBe(false)
    expect(await Promise.all([own, hers, seen, untouched].map(works))).toEqual([true, true, true, true])
    const { data } = await server.as<{ audit: { nodes: { detail: object }[] } }>(
      'Ada',
      '{ audit(first: 1, what: "suspendPerson") { nodes { detail } } }',
    )
    expect(data.audit.nodes[0]!.detail).toMatchObject({
      tools: 'KEEP',
      accounts: 'nightly',
      tokens: 'monitor-1, nightly-1, nightly-2',
    })

    // To nobody, to a tool, or to who is gone they cannot go.
    const handing = async (to: string | null) =>
      (await server.as('Ada', GO, { id: server.ids.Olga, tools: 'HAND_OVER', to })).errors?.[0]?.extensions
    expect(await handing(null)).toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'toolsTo', code: 'REQUIRED' }],
    })
    expect(await handing(others)).toMatchObject({ fields: [{ code: 'SERVICE' }] })
    expect(await handing(server.ids.Olga)).toMatchObject({ fields: [{ code: 'INACTIVE' }] })
    expect(await handing(server.ids.Ada)).toBeUndefined()
    expect(await toolsOf('Olga')).toEqual({ accounts: [], tokens: [] })
    expect(await toolsOf('Ada')).toMatchObject({ accounts: [{ name: 'monitor' }, { name: 'nightly' }] })

    // One by itself, and then with who has it now: they end.
    const HAND = 'mutation($id: ID!, $to: ID!) { handOverAccount(id: $id, to: $to) { keeper { name } } }'
    expect((await server.as('Omar', HAND, { id: nightly, to: server.ids.Vic })).errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      right: 'manage-people',
    })
    expect((await server.as('Ada', HAND, { id: nightly, to: server.ids.Vic })).data).toEqual({
      handOverAccount: { keeper: { name: 'Vic' } },
    })
    await server.as('Ada', GO, { id: server.ids.Vic, tools: 'END' })
    expect(await Promise.all([own, hers, seen, untouched].map(works))).toEqual([false, false, true, true])
    // What was suspended with them comes back by itself alone.
    for (const id of [server.ids.Olga, server.ids.Vic]) await server.as('Ada', RESTORE, { id })
    expect(await works(own)).toBe(false)
    await server.as('Ada', RESTORE, { id: nightly })
    expect(await works(own)).toBe(true)
  })
  test('what somebody launched and still waits for its place is stopped; what runs goes on', async () => {
    const QUEUED = `
apiVersion: baton/v1
kind: Flow
metadata: {name: oneatatime, title: One at a time}
spec: {concurrency: {key: one, limit: 1, whenBusy: queue}, nodes: {hang: {use: test.hang@1, title: Hang}}}
---
apiVersion: baton/v1
kind: App
metadata: {name: oneatatime, title: One at a time}
spec: {flow: oneatatime, launch: ["role:makers", Olga]}
`
    const apply = (documents: string) =>
      server.as('Ada', 'mutation($documents: String!) { apply(documents: $documents, force: true) { dryRun } }', {
        documents,
      })
    expect((await apply(QUEUED)).errors).toBeUndefined()
    await server.as('Ada', 'mutation { publishFlow(name: "oneatatime") { version } }')
    const launch = async (who: Name) => {
      const { data, errors } = await server.as<{ launch: { id: string } }>(
        who,
        'mutation { launch(input: {app: "oneatatime"}) { id } }',
      )
      expect(errors).toBeUndefined()
      return data.launch.id
    }
    const [runs, waits, others] = [await launch('Mai'), await launch('Mai'), await launch('Olga')]
    await server.until(runs, 'running')
    await eventually(() => server.db.read((tx) => catalogue.taskRow(tx, waits)?.phase === 'queued'))
    await eventually(() => server.db.read((tx) => catalogue.taskRow(tx, others)?.phase === 'queued'))
    // Out of the role that may launch it: the same as suspended, as far as this goes.
    const role = 'apiVersion: baton/v1\nkind: Role\nmetadata: {name: makers, title: Makers}\nspec: {members: [Stu]}'
    expect((await apply(role)).errors).toBeUndefined()
    await server.until(waits, 'revoked')
    expect((await server.engine.task(runs))?.state.phase).toBe('running')
    expect((await server.engine.task(others))?.state.phase).toBe('queued')
    await server.as('Ada', SUSPEND, { id: server.ids.Olga })
    await server.until(others, 'revoked')
    await server.as('Ada', RESTORE, { id: server.ids.Olga })
    await apply(role.replace('[Stu]', '[Mai]'))
    await server.as('Ada', 'mutation($id: ID!) { revokeTask(id: $id) { id } }', { id: runs })
  })
  test('a revoked token ends what it listens to', async () => {
    const made = await server.as<{ createToken: { token: string; info: { id: string } } }>(
      'Omar',
      'mutation { createToken(name: "watcher") { token info { id } } }',
    )
    const { token, info } = made.data.createToken
    const response = await server.post(
      '/graphql',
      { query: 'subscription { tasksChanged { id } }' },
      { authorization: `Bearer ${token}`, accept: 'text/event-stream' },
    )
    const ended = response.text()
    await server.as('Omar', 'mutation($id: ID!) { revokeToken(id: $id) { revoked } }', { id: info.id })
    expect(await ended).toContain('event: complete')
  })
})

describe('an app that asks for a passkey', () => {
  const CAREFUL = `
apiVersion: baton/v1
kind: App
metadata: {name: careful, title: Careful}
spec: {flow: ship, stepUp: passkey, launch: [everyone]}
`
  const LAUNCH =
    'mutation($try: Boolean) { launch(input: {app: "careful", rehearsal: $try, variables: {version: "v1"}}) { id } }'
  beforeAll(async () => {
    const APPLY = 'mutation($documents: String!) { apply(documents: $documents) { dryRun } }'
    expect((await server.as('Ada', APPLY, { documents: CAREFUL })).errors).toBeUndefined()
  })
  test('is launched by no token, chat or session alone; a session that has just shown one may, for five minutes', async () => {
    const refused = { code: 'FORBIDDEN', reason: 'PROOF_NEEDED' }
    expect((await server.as('Ada', LAUNCH)).errors?.[0]?.extensions).toMatchObject(refused)
    const inChat = await server.as('service', LAUNCH, {}, { 'x-baton-acting': 'slack:T1:UMAI' })
    expect(inChat.errors?.[0]?.extensions).toMatchObject(refused)
    const cookie = await browserOf('Ada')
    expect((await by(cookie, LAUNCH)).errors?.[0]?.extensions).toMatchObject(refused)
    const secret = /baton_session=([^;]+)/.exec(cookie)![1]!
    await server.db.write((tx) => catalogue.proveSession(tx, secret, server.clock.now))
    expect((await by(cookie, LAUNCH)).errors).toBeUndefined()
    expect((await by(await browserOf('Ada'), LAUNCH)).errors?.[0]?.extensions).toMatchObject(refused) // another session
    server.clock.now += 5 * 60_000 + 1
    expect((await by(cookie, LAUNCH)).errors?.[0]?.extensions).toMatchObject(refused)
  })
  test('whoever has one shows it before the keys to their account change hands; who has none is asked for none', async () => {
    const refused = { code: 'FORBIDDEN', reason: 'PROOF_NEEDED' }
    const tomorrow = new Date(server.clock.now + 86_400_000).toISOString()
    const actsOf = (mail: string) => ({
      linkMail: 'linkMail(address: "ada@else.example")',
      linkCode: 'linkCode { code }',
      createToken: 'createToken(name: "mine") { token }',
      delegate: `delegate(to: "Stu", until: "${tomorrow}") { id }`,
      mergeCode: 'mergeCode { code }',
      askMerge: 'askMerge(code: "ABCDEFGH") { id }',
      answerMerge: 'answerMerge(id: "m_x", agree: true) { id }',
      unlinkIdentity: `unlinkIdentity(id: "${mail}") { id }`,
      removePasskey: 'removePasskey(id: "key-of-ada") { id }',
      beginPasskey: 'beginPasskey',
    })
    const ACTS = actsOf('')
    const answers = async (cookie: string) => {
      const found: Record<string, unknown> = {}
      for (const [name, act] of Object.entries(actsOf(await mailOf())))
        found[name] = (await by(cookie, `mutation { ${act} }`)).errors?.[0]?.extensions.reason ?? null
      const company = await server.post('/auth/company/begin', { link: true }, { cookie })
      return { ...found, company: (await refusal(company)).extensions.reason ?? null }
    }
    const cookie = await browserOf('Ada')
    const secret = /baton_session=([^;]+)/.exec(cookie)![1]!
    const without = await answers(cookie)
    expect(Object.values(without)).not.toContain('PROOF_NEEDED')
    expect((await by(cookie, 'mutation { linkCode { code } }')).errors).toBeUndefined()

    const key = { id: 'key-of-ada', person: server.ids.Ada, publicKey: '', counter: 0, transports: [], name: 'Key' }
    const kept = await server.db.write((tx) =>
      catalogue.addPasskey(tx, { ...key, createdAt: server.clock.now, lastUsedAt: null }),
    )
    expect(kept).toBe(true)
    const all = await answers(cookie)
    expect(all).toEqual(Object.fromEntries(Object.keys(all).map((name) => [name, 'PROOF_NEEDED'])))
    // Refusals are in the audit, like any.
    const { data } = await server.as<{ audit: { nodes: { allowed: boolean; detail: object }[] } }>(
      'Ada',
      '{ audit(first: 1, what: "createToken") { nodes { allowed detail } } }',
    )
    expect(data.audit.nodes[0]).toMatchObject({ allowed: false, detail: { code: 'FORBIDDEN' } })

    // Shown a moment ago it does; a token has none to show, and is a key of its own.
    await server.db.write((tx) => catalogue.proveSession(tx, secret, server.clock.now))
    for (const act of [ACTS.linkCode, ACTS.createToken, ACTS.mergeCode])
      expect((await by(cookie, `mutation { ${act} }`)).errors).toBeUndefined()
    expect((await server.as('Ada', `mutation { ${ACTS.linkCode} }`)).errors).toBeUndefined()
    server.clock.now += 5 * 60_000 + 1
    expect((await by(cookie, `mutation { ${ACTS.linkCode} }`)).errors?.[0]?.extensions).toMatchObject(refused)
    // Nor does somebody's copied cookie take another's passkey away.
    const vics = { ...key, id: 'key-of-vic', person: server.ids.Vic }
    await server.db.write((tx) => catalogue.addPasskey(tx, { ...vics, createdAt: server.clock.now, lastUsedAt: null }))
    const REMOVE = 'mutation { removePasskey(id: "key-of-vic") { id } }'
    expect((await by(cookie, REMOVE)).errors?.[0]?.extensions).toMatchObject(refused)
    expect((await server.as('Ada', REMOVE)).errors).toBeUndefined()
    await server.db.write((tx) => catalogue.removePasskey(tx, 'key-of-ada'))
  })
  const mailOf = (): Promise<string> =>
    server.db.write((tx) => {
      const account = { platform: 'email' as const, team: '', user: 'ada@mail.example' }
      catalogue.linkIdentity(tx, server.ids.Ada, account, 'ada@mail.example', server.clock.now)
      return catalogue.identityOf(tx, account)!.id
    })
  test('is tried without: a rehearsal does nothing', async () => {
    expect((await server.as('Ada', LAUNCH, { try: true })).errors).toBeUndefined()
  })
  test('another value is no setting of it', async () => {
    const APPLY =
      'mutation($documents: String!) { apply(documents: $documents, dryRun: true) { documents { findings { message } } } }'
    const { data, errors } = await server.as<{ apply: object }>('Ada', APPLY, {
      documents: CAREFUL.replace('stepUp: passkey', 'stepUp: retina'),
    })
    expect(JSON.stringify([data, errors])).toMatch(/passkey/)
  })
})

describe('service accounts', () => {
  const CREATE =
    'mutation($name: String!, $role: String!) { createServiceAccount(name: $name, role: $role) { id kind } }'
  const TOKEN =
    'mutation($person: ID, $scopes: [String!], $at: DateTime) { createToken(name: "ci", person: $person, scopes: $scopes, expiresAt: $at) { token } }'

  test('work by tokens that who manages people makes, and cannot sign in', async () => {
    const { data } = await server.as<{ createServiceAccount: { id: string; kind: string } }>('Ada', CREATE, {
      name: 'Build server',
      role: 'operator',
    })
    expect(data.createServiceAccount.kind).toBe('service')
    const at = new Date(server.clock.now + 60_000).toISOString()
    const made = await server.as<{ createToken: { token: string } }>('Ada', TOKEN, {
      person: data.createServiceAccount.id,
      at,
    })
    const { token } = made.data.createToken
    const viewer = () =>
      server.as<{ viewer: { person: object } }>('nobody', VIEWER, {}, { authorization: `Bearer ${token}` })
    expect((await viewer()).data.viewer.person).toEqual({ name: 'Build server' })
    const tried = await server.post('/auth/token', { token })
    expect([tried.status, (await refusal(tried)).extensions.reason]).toEqual([403, 'SERVICE_ACCOUNT'])
    const code = await codeFor(data.createServiceAccount.id)
    expect((await server.post('/auth/sign-in', { code, confirm: true })).status).toBe(403)
    server.clock.now += 60_001
    expect((await viewer()).data.viewer.person).toBeNull()
  })
  test('nobody makes tokens in another person’s name, and none that has ended already', async () => {
    const tried = await server.as('Ada', TOKEN, { person: server.ids.Mai })
    expect(tried.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_ALLOWED', reason: 'NOT_SERVICE' })
    const past = await server.as('Ada', TOKEN, { at: new Date(server.clock.now - 1).toISOString() })
    expect(past.errors?.[0]?.extensions['code']).toBe('INVALID_INPUT')
  })
})

describe('two people who are one', () => {
  const CODE = 'mutation { mergeCode { code } }'
  const ASK = 'mutation($code: String!) { askMerge(code: $code) { id state keep { name } gone { name } } }'
  const ANSWER = 'mutation($id: ID!, $agree: Boolean!) { answerMerge(id: $id, agree: $agree) { state } }'
  const UNDO = 'mutation($id: ID!) { undoMerge(id: $id, reason: "the wrong Bo") { state } }'
  let bo: string
  let boToken: string
  beforeAll(async () => {
    const made = await server.db.write((tx) => {
      const now = server.clock.now
      const { id } = catalogue.addPerson(tx, { name: 'Bo', role: 'starter', named: true }, now)
      catalogue.linkIdentity(tx, id, { platform: 'telegram', team: '', user: '501' }, 'bo', now)
      return { id, token: catalogue.makeToken(tx, { person: id, name: 'bo' }, now).secret }
    })
    bo = made.id
    boToken = made.token
    server.deps.directory.refresh()
  })
  const asBo = <T>(query: string, variables: object = {}) =>
    server.as<T>('nobody', query, variables, { authorization: `Bearer ${boToken}` })
  const codeOf = async (who: Name) => (await server.as<{ mergeCode: { code: string } }>(who, CODE)).data.mergeCode.code
  const asked = async (who: Name) =>
    (await asBo<{ askMerge: { id: string } }>(ASK, { code: await codeOf(who) })).data.askMerge

  test('both are asked; then accounts and tokens go over, rights do not; and it can be undone', async () => {
    const ask = await asked('Quinn')
    expect(ask).toMatchObject({ state: 'asked', keep: { name: 'Quinn' }, gone: { name: 'Bo' } })
    // Nothing has changed yet, and only who stays can answer.
    const telegram = async () =>
      (
        await server.as<{ viewer: { person: { name: string } | null } }>(
          'service',
          VIEWER,
          {},
          { 'x-baton-acting': 'telegram::501' },
        )
      ).data.viewer.person?.name ?? null
    expect(await telegram()).toBe('Bo')
    expect((await asBo(ANSWER, { id: ask.id, agree: true })).errors?.[0]?.extensions['code']).toBe('NOT_FOUND')
    const { data } = await server.as<{ answerMerge: object }>('Quinn', ANSWER, { id: ask.id, agree: true })
    expect(data.answerMerge).toEqual({ state: 'done' })
    expect(await telegram()).toBe('Quinn')
    expect((await asBo<{ viewer: object }>(VIEWER)).data.viewer).toEqual({ person: { name: 'Quinn' } })
    // What documents say of Bo is said of Quinn.
    expect(server.deps.directory.people('Bo', { person: null, name: '', surface: 'system' })).toEqual([
      { id: server.ids.Quinn, name: 'Quinn' },
    ])
    const undone = await server.as<{ undoMerge: object }>('Ada', UNDO, { id: ask.id })
    expect(undone.data.undoMerge).toEqual({ state: 'undone' })
    expect(await telegram()).toBe('Bo')
    expect((await asBo<{ viewer: object }>(VIEWER)).data.viewer).toEqual({ person: { name: 'Bo' } })
    expect((await server.as('Ada', UNDO, { id: ask.id })).errors?.[0]?.extensions['code']).toBe('STALE')
  })
  test('what the one who went had started and followed is in the lists of who stays, until it is undone', async () => {
    const documents = `
apiVersion: baton/v1
kind: Flow
metadata: {name: quick}
spec: {nodes: {one: {use: test.work@1, with: {text: quick}}}}
---
apiVersion: baton/v1
kind: App
metadata: {name: quick, title: Quick}
spec: {flow: quick, launch: [everyone], see: []}
`
    await server.as('Ada', 'mutation($d: String!) { apply(documents: $d) { dryRun } }', { d: documents })
    await server.as('Ada', 'mutation { publishFlow(name: "quick") { version } }')
    const launch = 'mutation { launch(input: {app: "quick"}) { id } }'
    const { id } = (await asBo<{ launch: { id: string } }>(launch)).data.launch
    await server.until(id, 'succeeded')
    type Found = { tasks: { totalCount: number; nodes: { id: string }[] } }
    const LIST = '{ tasks(mine: true) { totalCount nodes { id } } }'
    const ofQuinn = async () => (await server.as<Found>('Quinn', LIST)).data
    expect(await ofQuinn()).toEqual({ tasks: { totalCount: 0, nodes: [] } })
    const ask = await asked('Quinn')
    await server.as('Quinn', ANSWER, { id: ask.id, agree: true })
    expect(await ofQuinn()).toEqual({ tasks: { totalCount: 1, nodes: [{ id }] } })
    await server.as('Ada', UNDO, { id: ask.id })
    expect(await ofQuinn()).toEqual({ tasks: { totalCount: 0, nodes: [] } })
  })
  test('a token of the one who went does no more than it could, also where who stays may do all', async () => {
    const seen = async () => (await asBo<{ viewer: { rights: string[] } }>('{ viewer { rights } }')).data.viewer.rights
    expect(await seen()).toEqual(['launch'])
    const ask = await asked('Ada')
    await server.as('Ada', ANSWER, { id: ask.id, agree: true })
    expect((await asBo<{ viewer: object }>(VIEWER)).data.viewer).toEqual({ person: { name: 'Ada' } })
    expect(await seen()).toEqual(['launch'])
    await server.as('Ada', UNDO, { id: ask.id })
    expect(await seen()).toEqual(['launch'])
    const made = await asBo<{ createToken: { info: { scopes: string[] } } }>(
      'mutation { createToken(name: "as before") { info { scopes } } }',
    )
    expect(made.data.createToken.info.scopes).toEqual([])
  })
  test('who was suspended as one is suspended as both once they are two again', async () => {
    const ask = await asked('Quinn')
    await server.as('Quinn', ANSWER, { id: ask.id, agree: true })
    await server.as('Ada', `mutation { suspendPerson(id: "${server.ids.Quinn}") { id } }`)
    expect((await server.as('Ada', UNDO, { id: ask.id })).errors).toBeUndefined()
    expect((await asBo<{ viewer: object }>(VIEWER)).data.viewer).toEqual({ person: null })
    for (const id of [bo, server.ids.Quinn]) await server.as('Ada', `mutation { restorePerson(id: "${id}") { id } }`)
    expect((await asBo<{ viewer: object }>(VIEWER)).data.viewer).toEqual({ person: { name: 'Bo' } })
  })
  test('a no ends it', async () => {
    const ask = await asked('Quinn')
    await server.as('Quinn', ANSWER, { id: ask.id, agree: false })
    const late = await server.as('Quinn', ANSWER, { id: ask.id, agree: true })
    expect(late.errors?.[0]?.extensions['code']).toBe('STALE')
  })
  test('is refused, with all that stands against it, where they conflict', async () => {
    await server.db.write((tx) =>
      catalogue.linkIdentity(tx, bo, { platform: 'slack', team: 'T1', user: 'UBO' }, 'bo', server.clock.now),
    )
    await asBo('mutation { launch(input: {flow: "wait"}) { id } }')
    const code = await codeOf('Quinn')
    const tried = await asBo(ASK, { code })
    expect(tried.errors?.[0]?.extensions).toMatchObject({
      code: 'CONFLICT',
      against: expect.arrayContaining([{ code: 'TWO_ACCOUNTS', arg: 'slack' }]),
    })
    // The refused try spent nothing.
    const own = await server.as('Quinn', ASK, { code })
    expect(own.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', reason: 'MERGE_OWN_CODE' })
  })
  test('work under way keeps people apart: nobody counts twice or approves what they started', async () => {
    const { id } = await server.launch({ version: 'v9' })
    const code = await codeOf('Omar')
    await eventually(() => server.db.read((tx) => catalogue.taskRow(tx, id)))
    const tried = await server.as('Mai', ASK, { code })
    const { against } = tried.errors![0]!.extensions as { against: { code: string }[] }
    expect(against.map((one) => one.code)).toEqual(expect.arrayContaining(['TWO_ACCOUNTS', 'LIVE_TASK']))
  })
  test('an open ask that both were asked counts them once', async () => {
    const made = await server.db.write((tx) => {
      const { id } = catalogue.addPerson(tx, { name: 'Zed', role: 'starter', named: true }, server.clock.now)
      return { id, token: catalogue.makeToken(tx, { person: id, name: 'zed' }, server.clock.now).secret }
    })
    server.deps.directory.refresh()
    const asZed = <T>(query: string, variables: object = {}) =>
      server.as<T>('nobody', query, variables, { authorization: `Bearer ${made.token}` })
    const flow = `
apiVersion: baton/v1
kind: Flow
metadata: {name: twoyes, title: Two}
spec: {nodes: {gate: {use: approval, title: Two, with: {approvers: [Zed, Quinn, Vic], need: 2}}}}
`
    const APPLY = 'mutation($documents: String!) { apply(documents: $documents) { dryRun } }'
    expect((await server.as('Ada', APPLY, { documents: flow })).errors).toBeUndefined()
    await server.as('Ada', 'mutation { publishFlow(name: "twoyes") { version } }')
    const launched = await server.as<{ launch: { id: string } }>(
      'Ada',
      'mutation { launch(input: {flow: "twoyes"}) { id } }',
    )
    const { id } = launched.data.launch
    await server.until(id, 'waiting')
    const theAsk = async () => [...(await server.engine.task(id))!.state.asks.values()][0]!
    const { id: askId, digest } = await theAsk()
    const DECIDE = 'mutation($input: DecideInput!) { decide(input: $input) { state } }'
    const input = { askId, digest, verdict: 'APPROVE' }
    expect((await asZed(DECIDE, { input })).errors).toBeUndefined()
    const code = await codeOf('Quinn')
    const ask = (await asZed<{ askMerge: { id: string } }>(ASK, { code })).data.askMerge
    expect((await server.as('Quinn', ANSWER, { id: ask.id, agree: true })).errors).toBeUndefined()
    await eventually(async () => (await theAsk()).decisions.some(({ person }) => person === server.ids.Quinn))
    // Zed's answer is Quinn's now: a second one of theirs is none.
    const again = await server.as('Quinn', DECIDE, { input: { ...input, digest: (await theAsk()).digest } })
    expect(again.errors?.[0]?.extensions['code']).toMatch(/STALE|CONFLICT|FORBIDDEN/)
    expect((await theAsk()).state).toBe('open')
    const { digest: now } = await theAsk()
    expect((await server.as('Vic', DECIDE, { input: { ...input, digest: now } })).errors).toBeUndefined()
    await server.until(id, 'succeeded')
  })
  test('a wrong code and a narrowed token get nowhere', async () => {
    expect((await asBo(ASK, { code: 'ABCDEFGHJK' })).errors?.[0]?.extensions['code']).toBe('NOT_FOUND')
    const made = await server.as<{ createToken: { token: string } }>(
      'Quinn',
      'mutation { createToken(name: "narrow", scopes: ["launch"]) { token } }',
    )
    const narrow = { authorization: `Bearer ${made.data.createToken.token}` }
    expect((await server.as('nobody', CODE, {}, narrow)).errors?.[0]?.extensions['code']).toBe('FORBIDDEN')
  })
})

describe('mail addresses', () => {
  const LINK = 'mutation($address: String!) { linkMail(address: $address) }'
  const CONFIRM = 'mutation($code: String!) { confirmMail(code: $code) { identities { platform user } } }'
  const sent = new Map<string, string>()
  const mailed = async (address: string): Promise<string> => {
    await server.db.write((tx) => {
      for (const row of catalogue.leaseDeliveries(tx, 'email', 50, server.clock.now))
        sent.set(catalogue.cardById(tx, row.cardId)!.place, row.text ?? '')
    })
    return /#(?:mail|code)=(\S+)/.exec(sent.get(`email:${address}`) ?? '')?.[1] ?? ''
  }
  test('become somebody’s once they bring what was sent there, and links are sent there then', async () => {
    const cookie = await browserOf('Aki')
    expect((await by(cookie, LINK, { address: 'Aki@Acme.example' })).errors).toBeUndefined()
    const code = await mailed('aki@acme.example')
    const stranger = await by(await browserOf('Vic'), CONFIRM, { code })
    expect(stranger.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    const { data } = await by<{ confirmMail: { identities: object[] } }>(cookie, CONFIRM, { code })
    expect(data.confirmMail.identities).toContainEqual({ platform: 'email', user: 'aki@acme.example' })
    const other = await browserOf('Vic')
    await by(other, LINK, { address: 'aki@acme.example' })
    const taken = await by(other, CONFIRM, { code: await mailed('aki@acme.example') })
    expect(taken.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', reason: 'ALREADY_LINKED' })

    const asked = await server.post('/auth/link', { to: 'AKI@acme.example' })
    const entered = await server.post(
      '/auth/sign-in',
      { code: await mailed('aki@acme.example') },
      { cookie: cookiesOf(asked) },
    )
    expect(await entered.json()).toMatchObject({ person: { name: 'Aki' } })
  })
  test('are shown to their person and to who manages people, and to nobody else', async () => {
    const shown = async (who: Name) => {
      const { data } = await server.as<{ people: { nodes: { identities: { platform: string }[] }[] } }>(
        who,
        '{ people(search: "Aki") { nodes { identities { platform } } } }',
      )
      return data.people.nodes[0]!.identities.map(({ platform }) => platform)
    }
    expect([await shown('Aki'), await shown('Ada'), await shown('Vic')]).toEqual([
      ['slack', 'email'],
      ['slack', 'email'],
      [], // nor any other account
    ])
  })
  test('that are none are refused', async () => {
    const cookie = await browserOf('Aki')
    for (const address of ['aki', 'a@b\r\nbcc: c@d', 'a b@c.example', '<a@b>'])
      expect((await by(cookie, LINK, { address })).errors?.[0]?.extensions.code, address).toBe('INVALID_INPUT')
  })
})
