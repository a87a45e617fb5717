/** Ways in, in real browsers: a link by mail that only the asking browser can use, the company's sign-in, sessions that are ended. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createOwnerToken, createPersonToken } from '../../api/entry/offline.ts'
import { readConfig } from '../../api/entry/config.ts'
import { startBaton, type Baton } from '../../api/entry/node.ts'
import { startMailbox, type Mailbox } from '../../api/mail/test/mailbox.ts'
import { seriousFindings } from '../../web-mobile/test/axe.ts'
import { openBrowser, openPhone } from '../../web-mobile/test/browser.ts'
import { CLIENT, startIdentityProvider, type IdentityProvider } from '../identity-provider.ts'
import { freePort } from '../sshd.ts'
import { skipLine, system } from '../system.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('ways in, in a real browser: no Chromium')

describe.skipIf(!hasBrowser)('ways in', () => {
  const data = mkdtempSync(join(tmpdir(), 'baton-ways-'))
  let baton: Baton
  let mailbox: Mailbox
  let company: IdentityProvider
  let browser: Browser
  let context: BrowserContext
  let page: Page
  let owner: string
  let mai: string

  beforeAll(async () => {
    mailbox = await startMailbox()
    const port = await freePort()
    company = await startIdentityProvider(`http://localhost:${port}/sign-in/company`, { 'u-mai': 'Mai' })
    const env = {
      ...{ PORT: String(port), HOST: 'localhost', BATON_DATA: data, BATON_EXAMPLES: 'off', LOG_LEVEL: 'error' },
      SMTP_URL: mailbox.url,
      ...{ OIDC_ISSUER: company.issuer, OIDC_CLIENT_ID: CLIENT.clientId, OIDC_CLIENT_SECRET: CLIENT.clientSecret },
      OIDC_NAME: 'Acme',
    }
    baton = await startBaton(readConfig([], env), () => undefined)
    owner = await createOwnerToken(data)
    mai = await createPersonToken(data, 'Mai', 'starter')
    browser = (await openBrowser())! // there is one: see above
    context = await openPhone(browser)
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
  })
  afterAll(async () => {
    await browser?.close()
    await baton?.stop()
    company?.stop()
    await mailbox?.close()
    rmSync(data, { recursive: true, force: true })
  })

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const home = (at = page) => at.getByRole('heading', { name: 'Waiting for you' })
  const noSeriousFindings = async (): Promise<void> => expect(await seriousFindings(page)).toEqual([])
  /** The link of the newest mail, once there are so many. */
  async function mailed(count: number): Promise<string> {
    await vi.waitFor(() => expect(mailbox.got).toHaveLength(count), { timeout: 20_000, interval: 20 })
    return /https?:\/\/\S+#\S+/.exec(mailbox.got.at(-1)!.text)![0]
  }
  const ask = async (query: string, variables: object = {}) =>
    (await (
      await fetch(`${baton.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${owner}` },
        body: JSON.stringify({ query, variables }),
      })
    ).json()) as { data: Record<string, unknown> }

  test('a mail address is linked by what is sent there', async () => {
    await page.goto(`${baton.url}/sign-in`)
    await page.getByRole('heading', { name: 'By a link' }).waitFor()
    await noSeriousFindings()
    await page.getByLabel('Token', { exact: true }).fill(mai)
    await button('Sign in').tap()
    await home().waitFor()
    await page.goto(`${baton.url}/me/account`)
    await button('Add an e-mail address').tap()
    await page.getByRole('dialog').getByLabel('E-mail address').fill('mai@acme.example')
    await page.getByRole('dialog').getByRole('button', { name: 'Send me a link' }).tap()
    await page.getByText('Open the link in that mail').waitFor()
    await page.goto(await mailed(1))
    await page.getByText('This address is yours now').waitFor()
    expect(page.url()).not.toContain('mail=')
    expect(mailbox.got[0]).toMatchObject({ to: 'mai@acme.example', subject: 'Is this your address?' })
  })

  test('a link signs in the browser that asked for it; another is told to open it there, and the link stays good', async () => {
    await context.clearCookies()
    await page.goto(`${baton.url}/tasks`)
    await page.getByLabel('Your e-mail address or name').fill('mai@acme.example')
    await button('Send me a link').tap()
    await page.getByText('If Baton knows you, a link is on its way').waitFor()
    const link = await mailed(2)

    const other = await (await openPhone(browser)).newPage()
    await other.goto(link)
    await other.getByRole('heading', { name: 'Open this where you asked for it' }).waitFor()
    await other.getByText('To sign in here, ask for a new one from here.').waitFor()
    expect(await other.getByRole('button', { name: 'Send me a link' }).count()).toBe(1)
    expect((await other.context().cookies()).some(({ name }) => name === 'baton_session')).toBe(false)
    await other.context().close()

    await page.goto(link)
    await page.getByRole('heading', { name: 'Tasks' }).first().waitFor()
    expect(page.url()).toBe(`${baton.url}/tasks`)
  })

  test('a link that any browser may use says first whom it signs in; opened and left it changes nothing, pressed it signs in once', async () => {
    // A code for another account of theirs: whoever opens it as a link would be them.
    const made = (await (
      await fetch(`${baton.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${mai}` },
        body: JSON.stringify({ query: 'mutation { linkCode { code } }' }),
      })
    ).json()) as { data: { linkCode: { code: string } } }
    const link = `${baton.url}/sign-in#code=${made.data.linkCode.code}`
    const stranger = await (await openPhone(browser)).newPage()
    await stranger.goto(link)
    await stranger.getByRole('heading', { name: 'Sign in as Mai?' }).waitFor()
    expect(stranger.url()).not.toContain('code=')
    expect(await seriousFindings(stranger)).toEqual([])
    await stranger.getByRole('button', { name: 'That is not me' }).tap()
    await stranger.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
    expect((await stranger.context().cookies()).some(({ name }) => name === 'baton_session')).toBe(false)

    await stranger.goto('about:blank')
    await stranger.goto(link)
    await stranger.getByRole('button', { name: 'Sign in as Mai' }).tap()
    await home(stranger).waitFor()
    await stranger.context().clearCookies()
    await stranger.goto('about:blank')
    await stranger.goto(link)
    await stranger.getByRole('heading', { name: 'This link is no longer valid' }).waitFor()
    await stranger.context().close()
    // Mai has no chat: she is told by mail.
    await vi.waitFor(() => expect(mailbox.got).toHaveLength(3), { timeout: 20_000, interval: 20 })
    expect(mailbox.got.at(-1)).toMatchObject({ to: 'mai@acme.example', subject: 'Your sign-in link was used' })
    expect(mailbox.got.at(-1)?.text).toContain(`${baton.url}/me/account`)
  })

  test('the company’s account is linked from one’s page, and signs in from then on', async () => {
    await page.goto(`${baton.url}/me/account`)
    const linked = page.waitForResponse((one) => new URL(one.url()).pathname === '/auth/company')
    await button('Link your Acme account').tap()
    expect((await linked).status()).toBe(200)
    await page.getByRole('heading', { name: 'Sign-in and security' }).waitFor()
    await page.goto(`${baton.url}/me`)
    await page.getByText(/by company account/).waitFor()
    await context.clearCookies()
    await page.goto(`${baton.url}/apps`)
    await button('Sign in with Acme').tap()
    await page.getByRole('heading', { name: 'Apps' }).first().waitFor()
    expect(page.url()).toBe(`${baton.url}/apps`) // nothing of what it came back with
    company.account = null
    await context.clearCookies()
    await page.goto(`${baton.url}/apps`)
    await button('Sign in with Acme').tap()
    await page.getByText(/said no/).waitFor()
    company.account = 'u-mai'
    await button('Sign in with Acme').tap()
    await page.getByRole('heading', { name: 'Apps' }).first().waitFor()
  })

  test('a browser is signed out from another, and a stolen cookie from where it was stolen', async () => {
    const context2 = await openPhone(browser)
    context2.setDefaultTimeout(20_000)
    const other = await context2.newPage()
    await other.goto(`${baton.url}/sign-in`)
    await other.getByLabel('Token', { exact: true }).fill(mai)
    await other.getByRole('button', { name: 'Sign in', exact: true }).tap()
    await home(other).waitFor()
    await page.goto(`${baton.url}/me/account`)
    await button('Sign out everywhere else').tap()
    await page.getByText(/browsers? signed out/).waitFor()
    await other.goto(`${baton.url}/tasks`)
    await other.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
    await context2.close()

    const cookie = (await context.cookies(baton.url)).map(({ name, value }) => `${name}=${value}`).join('; ')
    const thief = await fetch(`${baton.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        cookie,
        'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/143.0',
      },
      body: '{"query":"{ viewer { person { name } } }"}',
    })
    expect(thief.status).toBe(401)
    await page.goto(`${baton.url}/tasks`)
    await page.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
  })

  test('an owner suspends somebody on the page; their open page asks them to sign in, and it is lifted again', async () => {
    await page.goto(`${baton.url}/sign-in`)
    await page.getByLabel('Token', { exact: true }).fill(owner)
    await button('Sign in').tap()
    await home().waitFor()
    const context2 = await openPhone(browser)
    context2.setDefaultTimeout(20_000)
    const theirs = await context2.newPage()
    await theirs.goto(`${baton.url}/sign-in`)
    await theirs.getByLabel('Token', { exact: true }).fill(mai)
    await theirs.getByRole('button', { name: 'Sign in', exact: true }).tap()
    await home(theirs).waitFor()

    await page.goto(`${baton.url}/me/people`)
    await page.getByRole('button', { name: /^Mai/ }).tap()
    await page.getByRole('dialog').getByRole('button', { name: 'Suspend' }).tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByText('What runs goes on').waitFor()
    await noSeriousFindings()
    await sheet.getByLabel('Why').fill('left')
    await sheet.getByRole('button', { name: 'Suspend' }).tap()
    await page.getByText(/suspended/).waitFor()
    await theirs.getByRole('heading', { name: 'Sign in', exact: true }).waitFor() // by itself: its stream ended
    await theirs.getByText(/You were signed out here just now/).waitFor()
    await page.getByRole('button', { name: /^Mai/ }).tap()
    await page.getByRole('dialog').getByRole('button', { name: 'Lift the suspension' }).tap()
    await page.getByText(/suspended/).waitFor({ state: 'detached' })
    const { data: answer } = await ask('{ audit(first: 50) { nodes { what allowed } } }')
    expect(JSON.stringify(answer)).toMatch(/suspendPerson.*|restorePerson/)
    await context2.close()
  })

  test('a token is made for as much and as long as is chosen, and shown once', async () => {
    await page.goto(`${baton.url}/me/tokens`)
    await button('Make a token').tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByLabel('What is it for').fill('Wall screen')
    await sheet.getByRole('radio', { name: 'Watch only' }).tap()
    await sheet.getByRole('radio', { name: '30 days' }).tap()
    await noSeriousFindings()
    await sheet.getByRole('button', { name: 'Make it' }).tap()
    const made = await sheet.locator('code').textContent()
    expect(made).toMatch(/^bt_/)
    const { data: answer } = await ask('{ tokens { name scopes expiresAt } }')
    const { tokens } = answer as { tokens: { name: string; scopes: string[]; expiresAt: string | null }[] }
    const token = tokens.find(({ name }) => name === 'Wall screen')
    expect(token?.scopes).toEqual(['view'])
    expect(Date.parse(token?.expiresAt ?? '') - Date.now()).toBeGreaterThan(29 * 86_400_000)
  })

  test('two accounts of one person become one when both say so', async () => {
    await page.goto(`${baton.url}/me/account`)
    await button('Get a code').tap()
    const code = await page.getByRole('dialog').locator('code').textContent()
    const context2 = await openPhone(browser)
    context2.setDefaultTimeout(20_000)
    const theirs = await context2.newPage()
    await theirs.goto(`${baton.url}/sign-in`)
    await theirs.getByLabel('Token', { exact: true }).fill(mai)
    await theirs.getByRole('button', { name: 'Sign in', exact: true }).tap()
    await home(theirs).waitFor()
    await theirs.goto(`${baton.url}/me/account`)
    await theirs.getByRole('button', { name: 'Enter a code' }).tap()
    await theirs.getByLabel('Code of the one who stays').fill((code ?? '').toLowerCase())
    await theirs.getByRole('button', { name: 'Become that one' }).tap()
    await theirs.getByText('Asked. Sign in as Owner and agree there.').waitFor()

    await page.goto(`${baton.url}/me/account`)
    await page.getByRole('button', { name: /Mai wants to become you/ }).tap()
    await page.getByText('Agree only if that is you.').waitFor()
    await noSeriousFindings()
    await button('Yes, that is me').tap()
    await page.getByRole('button', { name: /Mai wants to become you/ }).waitFor({ state: 'detached' })
    await theirs.goto(`${baton.url}/tasks`)
    await theirs.getByRole('heading', { name: 'Sign in', exact: true }).waitFor()
    await context2.close()
    await page.goto(`${baton.url}/me`)
    await page.getByText('mai@acme.example').waitFor()
  })
})
