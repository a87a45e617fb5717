import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { startTestServer, type TestServer } from './support.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.end())
beforeEach(() => {
  server.clock.now += 3_600_000 // nobody's share of tries is used up by the test before
})

const codeOf = async (kind: catalogue.CodeKind, of: object = {}) =>
  (await server.db.write((tx) => catalogue.makeCode(tx, kind, { createdBy: 'test', ...of }, server.clock.now))).code
const signIn = (body: object) => server.post('/auth/sign-in', { confirm: true, ...body })
const cookieOf = (response: Response) => response.headers.get('set-cookie')!.split(';')[0]!
const refusal = async (response: Response) =>
  ((await response.json()) as { errors: { message: string; extensions: { code: string } }[] }).errors[0]!

describe('one-time links', () => {
  test('the owner link makes the first owner once, and its cookie is the session', async () => {
    const ada = (role: string) => server.db.write((tx) => catalogue.changePerson(tx, server.ids.Ada, { role }))
    await ada('author')
    const code = await codeOf('owner')
    const response = await signIn({ code, name: 'Lin' })
    await ada('owner')
    expect(await response.json()).toMatchObject({ person: { name: 'Lin', role: 'owner' }, path: '/' })
    const cookie = response.headers.get('set-cookie')!
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Lax/)
    const viewer = await server.as<{ viewer: object }>(
      'nobody',
      '{ viewer { person { name } isOwner } }',
      {},
      { cookie: cookieOf(response) },
    )
    expect(viewer.data.viewer).toEqual({ person: { name: 'Lin' }, isOwner: true })
    const again = await signIn({ code })
    expect([again.status, (await refusal(again)).extensions.code]).toEqual([404, 'NOT_FOUND'])
  })
  test('the owner link signs in the owner there is, once a token has made one', async () => {
    const code = await codeOf('owner')
    expect(await (await signIn({ code, name: 'Lin' })).json()).toMatchObject({
      person: { name: 'Ada', role: 'owner' },
    })
  })
  test('opening a link spends nothing', async () => {
    const code = await codeOf('sign_in', { person: server.ids.Mai, path: '/tasks/1', answers: { version: 'v2' } })
    expect((await server.app.request(`http://baton.test/sign-in?code=${code}`)).status).toBe(404) // no page in this test; nothing happened
    expect((await server.app.request('http://baton.test/auth/sign-in', { method: 'GET' })).status).toBe(404)
    expect(await (await signIn({ code })).json()).toMatchObject({
      person: { name: 'Mai' },
      path: '/tasks/1',
      answers: { version: 'v2' },
    })
  })
  test('of two who bring the same code at once, one gets in', async () => {
    const code = await codeOf('sign_in', { person: server.ids.Mai })
    const answers = await Promise.all([signIn({ code }), signIn({ code })])
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404])
  })
  test.each([
    { what: 'a link code after 15 minutes', kind: 'link', afterMs: 15 * 60_000 + 1 },
    { what: 'a sign-in link after 15 minutes', kind: 'sign_in', afterMs: 15 * 60_000 + 1 },
    { what: 'an invitation after 7 days', kind: 'invite', afterMs: 7 * 24 * 3_600_000 + 1 },
    { what: 'the owner link after a day', kind: 'owner', afterMs: 24 * 3_600_000 + 1 },
  ] as const)('$what is refused like an unknown one', async ({ kind, afterMs }) => {
    const code = await codeOf(kind, { person: server.ids.Mai, role: 'starter' })
    server.clock.now += afterMs
    const late = await signIn({ code, name: 'Late' })
    const forged = await signIn({ code: 'AAAAAAAAAA', name: 'Late' })
    expect([late.status, forged.status]).toEqual([404, 404])
    expect((await refusal(late)).message).toBe((await refusal(forged)).message)
  })
  test('an invitation asks for a name first, stays good, and carries its role', async () => {
    const invite = await server.as<{ invite: { code: string; link: string } }>(
      'Ada',
      'mutation { invite(role: "viewer") { code link } }',
    )
    expect(invite.data.invite.link).toBe(`http://baton.test/join#code=${invite.data.invite.code}`)
    const code = invite.data.invite.code.toLowerCase() // typed by hand
    expect(await (await signIn({ code })).json()).toEqual({ needs: 'name', role: 'viewer' })
    expect(await (await signIn({ code, name: 'Newt' })).json()).toMatchObject({
      person: { name: 'Newt', role: 'viewer' },
    })
    expect((await signIn({ code, name: 'Other' })).status).toBe(404)
  })
  test('the language of a refusal is the reader’s', async () => {
    const response = await server.post('/auth/sign-in', { code: 'x' }, { 'accept-language': 'zh-CN,zh;q=0.9' })
    expect((await refusal(response)).message).toMatch(/代码不对/)
  })
})

describe('guessing', () => {
  test('after ten tries the answer is 429 with Retry-After, and time heals it', async () => {
    const tries = await Promise.all(Array.from({ length: 12 }, (_, n) => signIn({ code: `GUESS${n}` })))
    expect(tries.filter(({ status }) => status === 404)).toHaveLength(10)
    const [blocked] = tries.filter(({ status }) => status === 429)
    expect(Number(blocked!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await refusal(blocked!)).extensions.code).toBe('RATE_LIMITED')
    const { code } = await server.db.write((tx) =>
      catalogue.makeCode(tx, 'sign_in', { person: server.ids.Ada, createdBy: 'test' }, server.clock.now),
    )
    expect((await signIn({ code })).status).toBe(200) // others' guesses keep nobody out
    expect((await signIn({ code: 'GUESS' })).status).toBe(429)
    server.clock.now += 60_000
    expect((await signIn({ code: 'GUESS' })).status).toBe(404)
  })
})

describe('tokens', () => {
  const create = (scopes?: string[]) =>
    server.as<{ createToken: { token: string; info: { id: string } } }>(
      'Ada',
      'mutation($scopes: [String!]) { createToken(name: "ci", scopes: $scopes) { token info { id scopes } } }',
      { scopes },
    )
  const viewerBy = (token: string) =>
    server.as<{ viewer: { person: { name: string } | null; rights: string[] } }>(
      'nobody',
      '{ viewer { person { name } rights } }',
      {},
      { authorization: `Bearer ${token}` },
    )

  test('a token is shown once, works, and is void once revoked', async () => {
    const { token, info } = (await create()).data.createToken
    expect((await viewerBy(token)).data.viewer.person).toEqual({ name: 'Ada' })
    expect(JSON.stringify(await server.as('Ada', '{ tokens { id name scopes revoked } }'))).not.toContain(token)
    await server.as('Ada', 'mutation($id: ID!) { revokeToken(id: $id) { revoked } }', { id: info.id })
    expect((await viewerBy(token)).data.viewer.person).toBeNull()
  })
  test('scopes narrow it: it has no other right, answers no asks, makes no wider token, opens no session', async () => {
    const { token } = (await create(['view', 'launch'])).data.createToken
    expect((await viewerBy(token)).data.viewer.rights).toEqual(['view', 'launch'])
    const headers = { authorization: `Bearer ${token}` }
    const refusedBy = async (query: string, variables = {}) =>
      (await server.as('nobody', query, variables, headers)).errors?.[0]?.extensions['code']
    expect(await refusedBy('mutation { setSecret(namespace: "a", key: "b", value: "longenough") { key } }')).toBe(
      'FORBIDDEN',
    )
    expect(await refusedBy('mutation { decide(input: {askId: "x", digest: "y", verdict: APPROVE}) { id } }')).toBe(
      'FORBIDDEN',
    )
    expect(await refusedBy('mutation { createToken(name: "x", scopes: ["audit"]) { token } }')).toBe('INVALID_INPUT')
    expect(await refusedBy('mutation { linkCode { code } }')).toBe('FORBIDDEN')
    expect((await server.post('/auth/token', { token })).status).toBe(404)
  })
  test('an expired one is nobody', async () => {
    const { secret } = await server.db.write((tx) =>
      catalogue.makeToken(
        tx,
        { person: server.ids.Ada, name: 'x', expiresAt: server.clock.now + 1000 },
        server.clock.now,
      ),
    )
    server.clock.now += 1001
    expect((await viewerBy(secret)).data.viewer.person).toBeNull()
  })
  test('a session opened with a token ends when the token does', async () => {
    const viewer = async (cookie: string) =>
      (
        await server.as<{ viewer: { person: object | null } }>(
          'nobody',
          '{ viewer { person { name } } }',
          {},
          { cookie },
        )
      ).data.viewer.person
    const revoked = (await create()).data.createToken
    const first = cookieOf(await server.post('/auth/token', { token: revoked.token }))
    expect(await viewer(first)).toEqual({ name: 'Ada' })
    await server.as('Ada', 'mutation($id: ID!) { revokeToken(id: $id) { revoked } }', { id: revoked.info.id })
    expect(await viewer(first)).toBeNull()

    const short = { person: server.ids.Ada, name: 'short', expiresAt: server.clock.now + 2000 }
    const { secret } = await server.db.write((tx) => catalogue.makeToken(tx, short, server.clock.now))
    const second = cookieOf(await server.post('/auth/token', { token: secret }))
    server.clock.now += 2001
    expect(await viewer(second)).toBeNull()
  })
  test('nobody may do nothing, and is told to sign in', async () => {
    for (const query of [
      '{ apps { totalCount } }',
      '{ tasks { totalCount } }',
      '{ inbox { totalCount } }',
      '{ people { totalCount } }',
      '{ hosts { name } }',
      'mutation { linkCode { code } }',
    ])
      expect((await server.as('nobody', query)).errors?.[0]?.extensions['code'], query).toBe('UNAUTHENTICATED')
  })
})

describe('other sites', () => {
  let cookie: string
  beforeEach(async () => {
    cookie = cookieOf(await signIn({ code: await codeOf('sign_in', { person: server.ids.Ada }) }))
  })
  const body = JSON.stringify({ query: 'mutation { linkCode { code } }' })
  const send = (headers: Record<string, string>) =>
    server.app.request('http://baton.test/graphql', { method: 'POST', headers: { cookie, ...headers }, body })

  test.each([
    { what: 'a form', headers: { 'content-type': 'text/plain' } },
    { what: 'an upload form', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
    { what: 'another origin', headers: { 'content-type': 'application/json', origin: 'https://evil.example' } },
    { what: 'a browser that says so', headers: { 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' } },
    {
      what: 'a form that brings another kind of authorization',
      headers: { 'content-type': 'text/plain', authorization: 'Basic eDp5' },
    },
    { what: 'a sandboxed frame', headers: { 'content-type': 'application/json', origin: 'null' } },
  ])('$what cannot use the cookie', async ({ headers }) => {
    expect([400, 403]).toContain((await send(headers)).status)
  })
  test('our own page can', async () => {
    const response = await send({
      'content-type': 'application/json',
      origin: 'http://baton.test',
      'sec-fetch-site': 'same-origin',
    })
    expect(await response.json()).toMatchObject({ data: { linkCode: { code: expect.any(String) } } })
  })
  test('signing out ends the session, not only the cookie', async () => {
    const out = await server.post('/graphql', { query: 'mutation { signOut }' }, { cookie })
    expect(out.headers.get('set-cookie')).toMatch(/Max-Age=0/)
    expect(
      (await server.as<{ viewer: { person: null } }>('nobody', '{ viewer { person { name } } }', {}, { cookie })).data
        .viewer.person,
    ).toBeNull()
  })
})

describe('the Mini App', () => {
  const signed = (over: Record<string, string> = {}, token = '1:test') => {
    const fields = new URLSearchParams({
      user: JSON.stringify({ id: 42, first_name: 'Tess' }),
      auth_date: String(Math.floor(server.clock.now / 1000)),
      ...over,
    })
    const text = [...fields]
      .map(([key, value]) => `${key}=${value}`)
      .sort()
      .join('\n')
    const secret = createHmac('sha256', 'WebAppData').update(token).digest()
    fields.set('hash', createHmac('sha256', secret).update(text).digest('hex'))
    return fields
  }
  const enter = (initData: string) => server.post('/auth/telegram', { initData })

  test('a linked account signs in; an unlinked one is told how', async () => {
    expect((await enter(signed().toString())).status).toBe(404)
    await server.db.write((tx) =>
      catalogue.linkIdentity(
        tx,
        server.ids.Mai,
        { platform: 'telegram', team: '', user: '42' },
        'Tess',
        server.clock.now,
      ),
    )
    expect(await (await enter(signed().toString())).json()).toMatchObject({ person: { name: 'Mai' } })
  })
  test('forged, tampered, replayed after an hour, and doubled data are refused', async () => {
    const tampered = signed()
    tampered.set('user', JSON.stringify({ id: 43 }))
    const doubled = `${signed().toString()}&user=${encodeURIComponent('{"id":43}')}`
    const old = signed({ auth_date: String(Math.floor(server.clock.now / 1000) - 3601) })
    for (const initData of [
      signed({}, '2:other').toString(),
      tampered.toString(),
      doubled,
      old.toString(),
      'user=x&hash=',
      'x',
    ])
      expect((await enter(initData)).status, initData).toBe(403)
  })
})

describe('names', () => {
  test('nobody becomes whom a document speaks of by calling themselves so', async () => {
    const rename = (name: string) =>
      server.as('Stu', 'mutation($name: String) { setPreferences(name: $name) { name } }', { name })
    expect((await rename('Quinn')).errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', right: 'manage-people' })
    // Quinn is free now, and still the one whom the role means.
    await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Quinn, { name: 'Quentin' }))
    const joined = await server.db.write((tx) =>
      catalogue.addPerson(tx, { name: 'quinn', role: 'starter' }, server.clock.now),
    )
    expect(joined.name).toBe('quinn 2')
    const named = await server.db.write((tx) =>
      catalogue.addPerson(tx, { name: 'AKI', role: 'starter', named: true }, server.clock.now),
    )
    expect(named.name).toBe('AKI 2')
    await server.db.write((tx) => catalogue.changePerson(tx, server.ids.Quinn, { name: 'Quinn' }))
  })
  test('a flow without an app shows its hosts and steps only to those who may see flows', async () => {
    const { errors } = await server.as('Stu', '{ preview(input: {flow: "ship"}) { hosts nodes { id } } }')
    expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN')
  })
})

describe('people in chats', () => {
  const asBot = (query: string, variables: object = {}, acting?: string) =>
    server.as<Record<string, never>>('service', query, variables, acting ? { 'x-baton-acting': acting } : {})
  const JOIN =
    'mutation($user: ID!, $full: Boolean!) { joinAs(platform: SLACK, team: "T9", user: $user, name: "Jo", fullMember: $full) { person { name role } mayJoin askWhom } }'

  test('a full member of a trusted workspace joins with one button; guests and others are told whom to ask', async () => {
    expect((await asBot(JOIN, { user: 'U1', full: true })).data['joinAs']).toMatchObject({
      person: null,
      askWhom: expect.arrayContaining(['Ada']),
    })
    await asBot('mutation { seeWorkspace(platform: SLACK, id: "T9", name: "Nine") { trusted } }')
    await server.as('Ada', 'mutation { trust(platform: SLACK, id: "T9") { trusted role } }')
    expect((await asBot(JOIN, { user: 'U1', full: false })).data['joinAs']).toMatchObject({ person: null })
    expect((await asBot(JOIN, { user: 'U1', full: true })).data['joinAs']).toMatchObject({
      person: { name: 'Jo', role: 'starter' },
    })
    expect((await asBot('{ viewer { person { name } } }', {}, 'slack:T9:U1')).data['viewer']).toEqual({
      person: { name: 'Jo' },
    })
    const done = await server.as<{ audit: { nodes: { by: { name: string } }[] } }>(
      'Ada',
      '{ audit(first: 1, what: ["joinAs"], person: "Jo") { nodes { by { name } text } } }',
    )
    // Their own act, not somebody's, and by the name that the account has.
    expect(done.data.audit.nodes).toMatchObject([{ by: { name: 'Jo' }, text: expect.stringContaining('Slack (Jo)') }])
  })
  test('a second account joins its person by code, once; a stranger’s account stays a stranger', async () => {
    const { data } = await server.as<{ linkCode: { code: string } }>('Mai', 'mutation { linkCode { code } }')
    const redeem = (user: string) =>
      asBot(
        'mutation($user: ID!, $code: String!) { redeemCode(platform: TELEGRAM, user: $user, name: "m", code: $code, confirm: true) { person { name } } }',
        { user, code: data.linkCode.code },
      )
    expect((await redeem('77')).data['redeemCode']).toEqual({ person: { name: 'Mai' } })
    expect((await redeem('78')).errors![0]!.extensions['code']).toBe('NOT_FOUND')
    expect((await asBot('{ apps { totalCount } }', {}, 'telegram::78')).errors![0]!.extensions['code']).toBe(
      'UNAUTHENTICATED',
    )
  })
  test('an account that is somebody cannot be taken over by another’s code', async () => {
    const { data } = await server.as<{ linkCode: { code: string } }>('Mai', 'mutation { linkCode { code } }')
    const taken = await asBot(
      'mutation($code: String!) { redeemCode(platform: SLACK, team: "T1", user: "UQUINN", name: "q", code: $code, confirm: true) { person { name } } }',
      { code: data.linkCode.code },
    )
    expect(taken.errors![0]!.extensions['code']).toBe('CONFLICT')
    const again = await asBot(
      'mutation($code: String!) { redeemCode(platform: SLACK, team: "T1", user: "UNEW", name: "q", code: $code, confirm: true) { person { name } } }',
      { code: data.linkCode.code },
    )
    expect(again.data['redeemCode']).toEqual({ person: { name: 'Mai' } }) // the refused try spent nothing
  })
  test('a person’s token cannot play the bots, and the bots’ surface cannot be claimed', async () => {
    expect((await server.as('Ada', '{ botState(key: "x") { version } }')).errors![0]!.extensions['code']).toBe(
      'FORBIDDEN',
    )
    const acting = await server.as<{ viewer: { person: { name: string } } }>(
      'Vic',
      '{ viewer { person { name } } }',
      {},
      { 'x-baton-acting': 'slack:T1:UADA' },
    )
    expect(acting.data.viewer.person.name).toBe('Vic')
  })
  test('sign-in links go to paths of ours only', async () => {
    const link = (path: string) =>
      asBot('mutation($path: String) { signInLink(path: $path) }', { path }, 'slack:T1:UMAI')
    expect((await link('/tasks/3')).data['signInLink']).toMatch(/^http:\/\/baton\.test\/sign-in#code=/)
    for (const path of ['//evil.example', 'https://evil.example', '/\\evil'])
      expect((await link(path)).errors![0]!.extensions['code'], path).toBe('INVALID_INPUT')
  })
})

test('the last owner stays an owner', async () => {
  const owners = server.db.read(catalogue.ownersOf)
  for (const { id } of owners.slice(1))
    await server.as('Ada', 'mutation($id: ID!) { setRole(person: $id, role: "viewer") { role } }', { id })
  const last = await server.as('Ada', 'mutation($id: ID!) { setRole(person: $id, role: "viewer") { role } }', {
    id: server.db.read(catalogue.ownersOf)[0]!.id,
  })
  expect(last.errors![0]!.extensions['code']).toBe('NOT_ALLOWED')
})
