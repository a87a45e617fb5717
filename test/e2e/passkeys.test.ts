/** Passkeys in a real browser with its virtual authenticator, against a whole Baton. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../api/entry/config.ts'
import { createOwnerToken, createPersonToken } from '../../api/entry/offline.ts'
import { startBaton, type Baton } from '../../api/entry/node.ts'
import { seriousFindings } from '../../web-mobile/test/axe.ts'
import { openBrowser, openPhone } from '../../web-mobile/test/browser.ts'
import { skipLine, system } from '../system.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('passkeys in a real browser: no Chromium')

const CAREFUL = `
apiVersion: baton/v1
kind: Flow
metadata: {name: careful, title: Careful}
spec:
  nodes:
    gate: {use: approval, title: Approve, with: {approvers: [starter], need: 1}}
---
apiVersion: baton/v1
kind: App
metadata: {name: careful, title: Careful}
spec: {flow: careful, stepUp: passkey}
`

describe.skipIf(!hasBrowser)('a person with a passkey', () => {
  const data = mkdtempSync(join(tmpdir(), 'baton-passkeys-'))
  let baton: Baton
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let authenticator: CDPSession
  let authenticatorId: string
  let token: string

  const post = async (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(baton.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
  const ask = async <T>(query: string, variables: object = {}, headers: Record<string, string> = {}) =>
    (await (await post('/graphql', { query, variables }, { authorization: `Bearer ${token}`, ...headers })).json()) as {
      data: T
      errors?: { message: string; extensions: { code: string; reason?: string } }[]
    }
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const noSeriousFindings = async (): Promise<void> => expect(await seriousFindings(page)).toEqual([])
  /** What the page sends to a door or a mutation the next time: the copy of a thief who reads along. */
  const nextSent = async (matches: (body: string) => boolean): Promise<string> => {
    const request = await page.waitForRequest((one) => one.method() === 'POST' && matches(one.postData() ?? ''))
    return request.postData() ?? ''
  }

  beforeAll(async () => {
    const config = readConfig([], {
      PORT: '0',
      HOST: 'localhost',
      BATON_DATA: data,
      BATON_EXAMPLES: 'off',
      LOG_LEVEL: 'error',
    })
    baton = await startBaton(config, () => undefined)
    browser = (await openBrowser())! // there is one: see above
    context = await openPhone(browser)
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
    authenticator = await context.newCDPSession(page)
    await authenticator.send('WebAuthn.enable')
    const made = await authenticator.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    })
    authenticatorId = made.authenticatorId
    await page.goto(baton.ownerLink ?? '')
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
    token = await createOwnerToken(data)
    const applied = await ask<object>('mutation($documents: String!) { apply(documents: $documents) { dryRun } }', {
      documents: CAREFUL,
    })
    expect(applied.errors).toBeUndefined()
    const published = await ask<object>('mutation { publishFlow(name: "careful") { version } }')
    expect(published.errors).toBeUndefined()
  })
  afterAll(async () => {
    await browser?.close()
    await baton?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  test('adds one on the page of their account', async () => {
    await page.goto(`${baton.url}/me/account`)
    await page.getByRole('heading', { name: 'Sign-in and security' }).waitFor()
    await noSeriousFindings()
    await button('Add a passkey').tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByRole('button', { name: 'Add a passkey' }).tap()
    await sheet.getByText('Give it a name').waitFor()
    await sheet.getByLabel('Name of this device').fill('My phone')
    await sheet.getByRole('button', { name: 'Add a passkey' }).tap()
    await page.getByText('My phone').waitFor()
    const { credentials } = await authenticator.send('WebAuthn.getCredentials', { authenticatorId })
    expect(credentials).toHaveLength(1)
    expect(credentials[0]).toMatchObject({ isResidentCredential: true, rpId: 'localhost' })
  })

  let stolen: string
  test('signs in with it and nothing else, as far as to the page they wanted', async () => {
    await context.clearCookies()
    await page.goto(`${baton.url}/tasks`)
    const sent = nextSent((body) => body.includes('authenticatorData'))
    await button('Use a passkey').tap()
    stolen = await sent
    await page.getByRole('heading', { name: 'Tasks' }).first().waitFor()
    expect(new URL(page.url()).pathname).toBe('/tasks')
    const { data: answer } = await ask<{ sessions: { how: string }[] }>('{ sessions { how } }')
    expect(answer.sessions.map(({ how }) => how)).toContain('passkey')
  })

  test('what was shown once opens nothing a second time, here or elsewhere', async () => {
    const cookies = (await context.cookies(`${baton.url}/auth`)).map(({ name, value }) => `${name}=${value}`).join('; ')
    for (const cookie of [cookies, '']) {
      const again = await post('/auth/passkey', JSON.parse(stolen) as object, { cookie })
      const { errors } = (await again.json()) as { errors: { extensions: { code: string; reason: string } }[] }
      expect([again.status, errors[0]!.extensions.reason]).toEqual([403, 'PASSKEY_USED'])
    }
  })

  test('an answer to another challenge, another site’s, and one that was changed are refused', async () => {
    const begin = async () => {
      const begun = await post('/auth/passkey/begin', {})
      const cookie = begun.headers
        .getSetCookie()
        .map((set) => set.split(';')[0]!)
        .join('; ')
      const { options } = (await begun.json()) as { options: { challenge: string } }
      return { cookie, challenge: options.challenge }
    }
    const sent = JSON.parse(stolen) as { response: { response: Record<string, string> } }
    /** The same answer, with other words of the browser put into it. */
    const withData = (data: object): object => ({
      response: {
        ...sent.response,
        response: {
          ...sent.response.response,
          clientDataJSON: Buffer.from(JSON.stringify(data)).toString('base64url'),
        },
      },
    })
    const reasonOf = async (body: object, cookie: string) => {
      const response = await post('/auth/passkey', body, { cookie })
      return [
        response.status,
        ((await response.json()) as { errors: { extensions: { reason: string } }[] }).errors[0]!.extensions.reason,
      ]
    }
    const origin = new URL(baton.url).origin
    const first = await begin()
    const evil = withData({ type: 'webauthn.get', challenge: first.challenge, origin: 'https://baton.evil.example' })
    expect(await reasonOf(evil, first.cookie)).toEqual([403, 'PASSKEY_ORIGIN'])
    const second = await begin()
    const forged = withData({ type: 'webauthn.get', challenge: second.challenge, origin })
    expect(await reasonOf(forged, second.cookie)).toEqual([403, 'PASSKEY_REFUSED'])
    const third = await begin()
    expect(await reasonOf(withData({ type: 'webauthn.get', challenge: 'made-up', origin }), third.cookie)).toEqual([
      403,
      'PASSKEY_USED',
    ])
    expect(await reasonOf({ response: { id: 'x' } }, third.cookie)).toEqual([403, 'PASSKEY_REFUSED'])
  })

  const LAUNCH = 'mutation { launch(input: {app: "careful"}) { id number } }'
  test('an app that asks for it is launched and approved only with it: a token or a session alone is refused', async () => {
    const byToken = await ask<object>(LAUNCH)
    expect(byToken.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', reason: 'PROOF_NEEDED' })
    // A session that was opened by a link has proved nothing.
    await context.clearCookies()
    await page.goto(`${baton.url}/sign-in`)
    await page.getByLabel('Token', { exact: true }).fill(token)
    await button('Sign in').tap()
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
    const cookie = (await context.cookies(baton.url)).map(({ name, value }) => `${name}=${value}`).join('; ')
    const agent = await page.evaluate(() => navigator.userAgent)
    const bySession = (await (await post('/graphql', { query: LAUNCH }, { cookie, 'user-agent': agent })).json()) as {
      errors: { extensions: { reason: string } }[]
    }
    expect(bySession.errors[0]!.extensions.reason).toBe('PROOF_NEEDED')

    // On the page the passkey is asked for, and the same tap goes on.
    await page.goto(`${baton.url}/apps/careful`)
    const shown = nextSent((body) => body.includes('authenticatorData'))
    await page
      .getByRole('button', { name: /^(Review|Launch)/ })
      .first()
      .tap()
    const launch = page.getByRole('button', { name: /^Launch/ }).first()
    await launch.tap().catch(() => undefined) // where there is nothing to fill in the first tap was it
    await shown
    await page.waitForURL(/\/tasks\/\d+/, { waitUntil: 'commit' })
    await page.getByRole('link', { name: 'Look and decide' }).first().tap()
    await button('Approve').tap()
    await page
      .getByText(/Approved by/)
      .first()
      .waitFor()
  })

  test('what outlives the session asks for it as well: a token made on the page', async () => {
    await context.clearCookies()
    await page.goto(`${baton.url}/sign-in`)
    await page.getByLabel('Token', { exact: true }).fill(token)
    await button('Sign in').tap()
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
    await page.goto(`${baton.url}/me/tokens`)
    await button('Make a token').tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByLabel('What is it for').fill('nightly')
    // Without the person it is refused, and the page says why.
    await authenticator.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await sheet.getByRole('button', { name: 'Make it' }).tap()
    await sheet.getByText(/asks for your passkey first/).waitFor()
    await authenticator.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    const shown = nextSent((body) => body.includes('authenticatorData'))
    await sheet.getByRole('button', { name: 'Make it' }).tap()
    await shown
    await sheet.getByText('Shown once. Keep it where secrets are kept.').waitFor()
    const { data: answer } = await ask<{ tokens: { name: string }[] }>('{ tokens { name } }')
    expect(answer.tokens.map(({ name }) => name)).toContain('nightly')
  })

  test('passkeys are changed only with one: a stolen session makes itself none', async () => {
    await context.clearCookies()
    await page.goto(`${baton.url}/sign-in`)
    await page.getByLabel('Token', { exact: true }).fill(token)
    await button('Sign in').tap()
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
    await page.goto(`${baton.url}/me/account`)
    await page.getByText('My phone').waitFor()
    // The thief has no authenticator of theirs.
    await authenticator.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await button('Add a passkey').tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByLabel('Name of this device').fill('Thief')
    await sheet.getByRole('button', { name: 'Add a passkey' }).tap()
    await sheet.getByText(/asks for your passkey first/).waitFor()
    await authenticator.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    const { data: answer } = await ask<{ passkeys: { name: string }[] }>('{ passkeys { name } }')
    expect(answer.passkeys).toEqual([{ name: 'My phone' }])
  })

  test('is removed with it, and signs nobody in from then on', async () => {
    await page.goto(`${baton.url}/me/account`)
    await page.getByText('My phone').tap()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).tap()
    await page.getByText('None yet').waitFor()
    await context.clearCookies()
    await page.goto(`${baton.url}/sign-in`)
    await button('Use a passkey').tap()
    await page.getByText(/is not known here/).waitFor()
  })

  test('a suspended person’s passkey is told why', async () => {
    const mine = token
    const mai = await createPersonToken(data, 'Mai', 'starter')
    await context.clearCookies()
    await page.goto(`${baton.url}/sign-in`)
    await page.getByLabel('Token', { exact: true }).fill(mai)
    await button('Sign in').tap()
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
    await authenticator.send('WebAuthn.clearCredentials', { authenticatorId })
    await page.goto(`${baton.url}/me/account?sheet=passkey`)
    await page.getByLabel('Name of this device').fill('Mai’s')
    await page.getByRole('dialog').getByRole('button', { name: 'Add a passkey' }).tap()
    await page.getByText('Mai’s').waitFor()
    const { data: found } = await ask<{ people: { nodes: { id: string }[] } }>(
      '{ people(search: "Mai") { nodes { id } } }',
    )
    token = mine
    await ask('mutation($id: ID!) { suspendPerson(id: $id) { id } }', { id: found.people.nodes[0]!.id })
    // Her page is told at once: it asks to sign in.
    await page.goto(`${baton.url}/tasks`)
    await button('Use a passkey').tap()
    await page.getByText(/This account is suspended/).waitFor()
  })
})
