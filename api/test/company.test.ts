import { createSign, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { catalogue } from '../../engine/index.ts'
import { CLIENT, startIdentityProvider, type IdentityProvider } from '../../test/identity-provider.ts'
import { startTestServer, type Name, type TestServer } from './support.ts'

const NAMES = { 'u-tess': 'Tess Tran', 'u-ugo': 'Ugo', 'u-una': 'Una', 'u-vera': 'Vera' }
let place: IdentityProvider
let server: TestServer
let open: TestServer

beforeAll(async () => {
  place = await startIdentityProvider('http://baton.test/sign-in/company', NAMES)
  const company = { issuer: place.issuer, ...CLIENT, name: 'Acme', role: null }
  server = await startTestServer({ config: { company } })
  open = await startTestServer({ config: { company: { ...company, role: 'viewer' } } })
})
afterAll(async () => {
  await server.end()
  await open.end()
  place.stop()
})
beforeEach(() => {
  server.clock.now += 3_600_000
  place.account = 'u-tess'
})

const cookiesOf = (response: Response): string =>
  response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0]!)
    .join('; ')
const refusal = async (response: Response) =>
  ((await response.json()) as { errors: { message: string; extensions: Record<string, unknown> }[] }).errors[0]!
/** A browser at the provider: follows it until it is sent back, and answers with what it is sent back with. */
async function throughProvider(url: string): Promise<string> {
  const jar = new Map<string, string>()
  for (let at = url; ;) {
    if (at.startsWith('http://baton.test/sign-in/company?')) return new URL(at).search.slice(1)
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } })
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      jar.set(name, value)
    }
    const next = response.headers.get('location')
    if (next === null) throw new Error(`expected to be sent on, but got ${response.status}: ${await response.text()}`)
    at = new URL(next, at).href
  }
}
async function begin(at = server, body: object = {}, cookie = ''): Promise<{ url: string; cookie: string }> {
  const response = await at.post('/auth/company/begin', body, { cookie })
  expect(response.status).toBe(200)
  return {
    url: ((await response.json()) as { url: string }).url,
    cookie: [cookie, cookiesOf(response)].filter(Boolean).join('; '),
  }
}
const end = (query: string, cookie: string, at = server) => at.post('/auth/company', { query }, { cookie })
async function signIn(at = server, body: object = {}): Promise<Response> {
  const { url, cookie } = await begin(at, body)
  return end(await throughProvider(url), cookie, at)
}
async function browserOf(name: Name): Promise<string> {
  const of = { person: server.ids[name], createdBy: 'test' }
  const { code } = await server.db.write((tx) => catalogue.makeCode(tx, 'sign_in', of, server.clock.now))
  return cookiesOf(await server.post('/auth/sign-in', { code, confirm: true }))
}

describe('sign-in at the company’s', () => {
  test('asks with PKCE, a state and a nonce, and for no more than it needs', async () => {
    const { searchParams } = new URL((await begin()).url)
    expect(Object.fromEntries(searchParams)).toMatchObject({
      response_type: 'code',
      scope: 'openid profile email',
      code_challenge_method: 'S256',
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      redirect_uri: 'http://baton.test/sign-in/company',
    })
  })
  test('a stranger is told whom to ask; an invitation lets them in, and from then on they are known', async () => {
    const stranger = await signIn()
    expect(stranger.status).toBe(403)
    expect(await refusal(stranger)).toMatchObject({
      message: expect.stringMatching(/nobody here yet. Ada can invite you/),
      extensions: { reason: 'COMPANY_UNKNOWN', grantedBy: ['Ada'] },
    })
    const { data } = await server.as<{ invite: { code: string } }>(
      'Ada',
      'mutation { invite(role: "starter") { code } }',
    )
    const joined = await signIn(server, { code: data.invite.code, path: '/tasks/3' })
    expect(await joined.json()).toMatchObject({ person: { name: 'Tess Tran', role: 'starter' }, path: '/tasks/3' })
    expect(joined.headers.get('set-cookie')).toMatch(/^baton_session=/)
    expect(await (await signIn()).json()).toMatchObject({ person: { name: 'Tess Tran' } })
    const spent = await server.post('/auth/company/begin', { code: data.invite.code })
    expect(spent.status).toBe(404)
  })
  test('an account joins whoever is signed in and asks for it; somebody else’s does not', async () => {
    place.account = 'u-ugo'
    const mai = await browserOf('Mai')
    const { url, cookie } = await begin(server, { link: true }, mai)
    expect((await end(await throughProvider(url), cookie)).status).toBe(200)
    expect(await (await signIn()).json()).toMatchObject({ person: { name: 'Mai' } })
    const vic = await begin(server, { link: true }, await browserOf('Vic'))
    const taken = await end(await throughProvider(vic.url), vic.cookie)
    expect([taken.status, (await refusal(taken)).extensions['reason']]).toEqual([409, 'ALREADY_LINKED'])
    expect((await server.post('/auth/company/begin', { link: true })).status).toBe(401)
  })
  test('what one person began joins no account once another is signed in there, or nobody', async () => {
    place.account = 'u-una'
    const browser = (cookie: string) => cookie.split('; ').find((one) => one.startsWith('baton_browser='))!
    for (const next of [`; ${await browserOf('Vic')}`, '']) {
      const { url, cookie } = await begin(server, { link: true }, await browserOf('Mai'))
      const ended = await end(await throughProvider(url), `${browser(cookie)}${next}`)
      expect([ended.status, (await refusal(ended)).extensions['reason']]).toEqual([403, 'COMPANY_STALE'])
    }
    expect((await refusal(await signIn())).extensions['reason']).toBe('COMPANY_UNKNOWN')
  })
  test('where newcomers are welcome they get the role that was set; equal mail addresses join nobody', async () => {
    await open.db.write((tx) => catalogue.changePerson(tx, open.ids.Stu, { email: 'u-vera@acme.example' }))
    place.account = 'u-vera'
    expect(await (await signIn(open)).json()).toMatchObject({ person: { name: 'Vera', role: 'viewer' } })
    expect(open.db.read((tx) => catalogue.identitiesOf(tx, open.ids.Stu)).map(({ platform }) => platform)).toEqual([
      'slack',
    ])
  })
  test('a company’s own role is given to newcomers as long as it is there and does not manage people', async () => {
    const company = { issuer: place.issuer, ...CLIENT, name: 'Acme', role: 'release-manager' }
    const own = await startTestServer({ config: { company } })
    const apply = (rights: string) =>
      own.as('Ada', 'mutation($d: String!) { apply(documents: $d) { dryRun } }', {
        d: `apiVersion: baton/v1\nkind: RightsRole\nmetadata: {name: release-manager}\nspec: {rights: [${rights}]}`,
      })
    place.account = 'u-ugo'
    expect((await refusal(await signIn(own))).extensions['reason']).toBe('COMPANY_UNKNOWN')
    await apply('view, launch, manage-people')
    expect((await refusal(await signIn(own))).extensions['reason']).toBe('COMPANY_UNKNOWN')
    await apply('view, launch')
    const remove = 'mutation { deleteDocument(kind: "RightsRole", name: "release-manager") }'
    const held = await own.as('Ada', remove)
    expect(held.errors?.[0]).toMatchObject({
      message: expect.stringContaining('Setting OIDC_ROLE'),
      extensions: { code: 'CONFLICT' },
    })
    expect(await (await signIn(own)).json()).toMatchObject({ person: { name: 'Ugo', role: 'release-manager' } })
    await own.end()
  })
  test('whoever is suspended does not get in', async () => {
    place.account = 'u-una'
    await signIn(open)
    const una = open.db.read((tx) => catalogue.personByRef(tx, 'Una'))!
    await open.as('Ada', 'mutation($id: ID!) { suspendPerson(id: $id) { id } }', { id: una.id })
    const tried = await signIn(open)
    expect([tried.status, (await refusal(tried)).extensions['reason']]).toEqual([403, 'SUSPENDED'])
  })
})

describe('what does not hold', () => {
  const reasonOf = async (response: Response) => (await refusal(response)).extensions['reason']
  test('in another browser, a second time, too late, or with another state', async () => {
    const { url, cookie } = await begin()
    const query = await throughProvider(url)
    const other = await begin()
    expect(await reasonOf(await end(query, other.cookie))).toBe('COMPANY_STALE')
    expect(await reasonOf(await end(query, ''))).toBe('COMPANY_STALE')
    expect(await reasonOf(await end(query.replace(/state=[^&]+/, 'state=x'), cookie))).toBe('COMPANY_STALE')
    expect((await end(query, cookie)).status).toBe(200)
    expect(await reasonOf(await end(query, cookie))).toBe('COMPANY_STALE')
    const late = await begin()
    const lateQuery = await throughProvider(late.url)
    server.clock.now += 10 * 60_000 + 1
    expect(await reasonOf(await end(lateQuery, late.cookie))).toBe('COMPANY_STALE')
  })
  test('a code that was given to another sign-in', async () => {
    const [mine, theirs] = [await begin(), await begin()]
    const code = new URLSearchParams(await throughProvider(theirs.url)).get('code')!
    const query = new URLSearchParams(await throughProvider(mine.url))
    query.set('code', code)
    expect(await reasonOf(await end(query.toString(), mine.cookie))).toBe('COMPANY_REFUSED')
  })
  test('an answer of another issuer, a made-up one, and a no', async () => {
    const { url, cookie } = await begin()
    const query = new URLSearchParams(await throughProvider(url))
    query.set('iss', 'https://evil.example')
    expect(await reasonOf(await end(query.toString(), cookie))).toBe('COMPANY_REFUSED')
    const made = await begin()
    const state = new URL(made.url).searchParams.get('state')!
    expect(await reasonOf(await end(new URLSearchParams({ code: 'made-up', state }).toString(), made.cookie))).toBe(
      'COMPANY_REFUSED',
    )
    place.account = null
    expect(await reasonOf(await signIn())).toBe('COMPANY_DENIED')
  })
  test('being sent back changes nothing by itself: a GET spends nothing', async () => {
    const { url, cookie } = await begin()
    const query = await throughProvider(url)
    expect(
      (await server.app.request(`http://baton.test/sign-in/company?${query}`, { headers: { cookie } })).status,
    ).toBe(404)
    expect((await end(query, cookie)).status).toBe(200)
  })
  test('a provider that does not answer is said so, and nothing is lost by it', async () => {
    const company = { issuer: 'http://127.0.0.1:9', clientId: 'baton', clientSecret: null, name: 'Acme', role: null }
    const down = await startTestServer({ config: { company } })
    const response = await down.post('/auth/company/begin', {})
    expect([response.status, (await refusal(response)).extensions['reason']]).toEqual([503, 'COMPANY_DOWN'])
    await down.end()
    const none = await startTestServer()
    expect(await reasonOf(await none.post('/auth/company/begin', {}))).toBe('COMPANY_NONE')
    await none.end()
  })
  test('each is in the audit, with what was tried and without what was shown', async () => {
    const { data } = await server.as<{
      audit: { nodes: { what: string; allowed: boolean; detail: { reason?: string } }[] }
    }>('Ada', '{ audit(first: 100) { nodes { what allowed detail } } }')
    const refused = data.audit.nodes.filter(({ what, allowed }) => what === 'signInWithCompany' && !allowed)
    expect(refused.map(({ detail }) => detail.reason)).toEqual(
      expect.arrayContaining(['COMPANY_STALE', 'COMPANY_REFUSED', 'COMPANY_DENIED', 'COMPANY_UNKNOWN']),
    )
    expect(JSON.stringify(data)).not.toMatch(/a-secret-of-this-test|code=/)
  })
})

describe('an identity provider that tells something else than was asked', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  type Claims = Readonly<Record<string, unknown>>
  /** What its next token says in place of the truth, and how it is signed. */
  let told: { claims?: Claims; alg?: string } = {}
  let nonce = ''
  let calls = 0
  let at: TestServer
  let issuer: string
  const provider = createServer((request, response) => {
    const answer = (body: object): void => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(body))
    }
    if (request.url?.startsWith('/.well-known'))
      return answer({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256'],
        authorization_response_iss_parameter_supported: true,
        code_challenge_methods_supported: ['S256'],
      })
    if (request.url === '/keys')
      return answer({ keys: [{ ...publicKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' }] })
    calls += 1
    const now = Math.floor(Date.now() / 1000)
    const truth = { iss: issuer, aud: CLIENT.clientId, sub: 'u-zoe', name: 'Zoe', nonce, iat: now, exp: now + 60 }
    const token = `${encoded({ alg: told.alg ?? 'RS256' })}.${encoded({ ...truth, ...told.claims })}`
    const signature = told.alg === 'none' ? '' : createSign('RSA-SHA256').update(token).sign(privateKey, 'base64url')
    answer({ access_token: 'a', token_type: 'bearer', id_token: `${token}.${signature}` })
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve))
    issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}` // it listens on a port
    at = await startTestServer({ config: { company: { issuer, ...CLIENT, name: 'Acme', role: 'viewer' } } })
  })
  afterAll(async () => {
    await at.end()
    provider.close()
    provider.closeAllConnections()
  })
  /** Comes back from there with a code, as a browser would. */
  async function come(more: Readonly<Record<string, string>> = {}): Promise<Response> {
    at.clock.now += 60_000 // each wrong one counts against its address
    const { url, cookie } = await begin(at)
    const { searchParams } = new URL(url)
    nonce = searchParams.get('nonce')!
    const back = { code: 'c', state: searchParams.get('state')!, iss: issuer, ...more }
    return end(new URLSearchParams(back).toString(), cookie, at)
  }

  test('is believed as long as it tells the truth', async () => {
    told = {}
    expect(await (await come()).json()).toMatchObject({ person: { name: 'Zoe' } })
  })
  test.each<[string, typeof told]>([
    ['for another client', { claims: { aud: 'another' } }],
    ['for several, and issued to another', { claims: { aud: [CLIENT.clientId, 'another'], azp: 'another' } }],
    ['of another issuer', { claims: { iss: 'https://evil.example' } }],
    ['with the nonce of another sign-in', { claims: { nonce: 'n'.repeat(43) } }],
    ['without a nonce', { claims: { nonce: undefined } }],
    ['that has ended', { claims: { iat: 1_700_000_000, exp: 1_700_000_060 } }],
    ['that never ends', { claims: { exp: undefined } }],
    ['of nobody', { claims: { sub: undefined } }],
    ['that nobody signed', { alg: 'none' }],
    ['that says it is signed otherwise than was agreed', { alg: 'HS256' }],
  ])('a token %s lets nobody in', async (_, tells) => {
    told = tells
    const refused = await come()
    expect([refused.status, (await refusal(refused)).extensions['reason']]).toEqual([403, 'COMPANY_REFUSED'])
    expect(refused.headers.getSetCookie()).toEqual([])
  })
  test('an answer that claims to be another issuer’s is not even redeemed', async () => {
    told = {}
    const before = calls
    for (const iss of ['https://evil.example', '']) {
      const refused = await come({ iss })
      expect((await refusal(refused)).extensions['reason']).toBe('COMPANY_REFUSED')
    }
    expect(calls).toBe(before)
  })
})
