/** How one is told, on a phone with taps alone, against a whole Baton and a real mail server. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMailbox, no, type Mailbox } from '../../api/mail/test/mailbox.ts'
import { openBrowser, openPhone } from '../../web-mobile/test/browser.ts'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { skipLine, system } from '../system.ts'
import { terminalOf, type Terminal } from '../terminal.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('how one is told, on a phone: no Chromium')

const documents = `
apiVersion: baton/v1
kind: Flow
metadata: {name: knock, title: Knock}
spec: {nodes: {knock: {use: http.request@1, title: Knock, with: {method: GET, url: "http://127.0.0.1:1/"}}}}
---
apiVersion: baton/v1
kind: App
metadata: {name: knock, title: Knock}
spec: {flow: knock, taskTitle: Knock at the door}
`

describe.skipIf(!hasBrowser)('how one is told, on a phone', () => {
  let baton: BatonProcess
  let mailbox: Mailbox
  let browser: Browser
  let page: Page
  let terminal: Terminal
  beforeAll(async () => {
    mailbox = await startMailbox()
    baton = await startBatonProcess({ SMTP_URL: mailbox.url })
    browser = (await openBrowser())! // there is one: see above
    const context = await openPhone(browser)
    context.setDefaultTimeout(40_000)
    page = await context.newPage()
    await page.goto(/Owner link: (\S+)/.exec(baton.output())![1]!)
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
    await ask('mutation($d: String!) { apply(documents: $d) { documents { name } } }', { d: documents })
    await ask('mutation { publishFlow(name: "knock") { version } }')
    terminal = await terminalOf(baton)
  })
  afterAll(async () => {
    await browser?.close()
    await baton?.close()
    await mailbox?.close()
  })
  /** As the page does. */
  const ask = (query: string, variables: object = {}): Promise<unknown> =>
    page.evaluate(
      async ([text, given]) => {
        const headers = { 'content-type': 'application/json', 'x-baton-surface': 'phone' }
        const answer = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query: text, variables: given }) }) // prettier-ignore
        const { data, errors } = (await answer.json()) as { data: unknown; errors?: { message: string }[] }
        if (errors) throw new Error(errors[0]?.message)
        return data
      },
      [query, variables] as const,
    )
  const knock = () => ask('mutation { launch(input: {app: "knock"}) { id } }')
  const settings = async (): Promise<void> => {
    await page.goto(`${baton.url}/me/notifications`)
    await page.getByRole('heading', { name: 'Notifications' }).waitFor()
  }

  test('an address that is linked is a channel, and a failure comes by it', async () => {
    await ask('mutation { linkMail(address: "owner@acme.example") }')
    await expect.poll(() => mailbox.got.length).toBe(1)
    const code = /#mail=(\S+)/.exec(mailbox.got[0]!.text)![1]
    await ask(`mutation { confirmMail(code: "${code}") { id } }`)
    await settings()
    await page.getByText('owner@acme.example').waitFor()
    expect(await page.getByLabel('When E-mail is used').inputValue()).toBe('0')
    await knock()
    await expect.poll(() => mailbox.got.length, { timeout: 60_000 }).toBe(2)
    expect(mailbox.got[1]).toMatchObject({ to: 'owner@acme.example', subject: 'Knock failed' })
    expect(mailbox.got[1]?.text).toContain(`${baton.url}/tasks/1`)
  })

  test('quiet hours are set with taps, keep a failure back, and tell it once they are off', async () => {
    const before = mailbox.got.length
    await settings()
    await page.getByRole('radio', { name: 'On', exact: true }).click()
    const [from, to] = [page.getByLabel('From'), page.getByLabel('To')]
    await from.waitFor()
    const saved = () => page.waitForResponse((answer) => answer.request().postData()?.includes('query Alerts') === true)
    for (const field of [from, to]) {
      const done = saved()
      await field.fill('00:00')
      await field.blur()
      await done
    }
    await page.getByText(/Quiet now, until/).waitFor()
    expect((await terminal(['alerts'])).out).toMatch(/Quiet hours: 00:00 to 00:00 .*; quiet now, until/)
    await knock()
    await expect
      .poll(async () => (await terminal(['alerts'])).out, { timeout: 30_000, interval: 500 })
      .toContain('1 waiting to be told')
    expect(mailbox.got).toHaveLength(before)
    await settings()
    await page.getByText('1 thing waits to be told.').waitFor()
    await page.getByRole('radio', { name: 'Off', exact: true }).click()
    await expect.poll(() => mailbox.got.length, { timeout: 60_000 }).toBe(before + 1)
  })

  test('where mail is refused the page says so on the next visit; the list has it, and trying again tells it', async () => {
    const before = mailbox.got.length
    mailbox.refuseRecipient = () => no(550, 'mailbox full for good')
    await knock()
    await expect
      .poll(async () => (await terminal(['unreached'])).out, { timeout: 60_000, interval: 500 })
      .toMatch(/Owner +by e-mail owner@acme\.example +since .* 1 missed +.*mailbox full for good/)
    await page.goto(baton.url)
    await page.getByText(/could not reach you by E-mail \(owner@acme\.example\)/).waitFor()
    mailbox.refuseRecipient = () => null
    await page.goto(`${baton.url}/me`)
    await page.getByRole('link', { name: 'Who could not be told' }).click()
    await page.getByRole('button', { name: /1 missed/ }).click()
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect.poll(() => mailbox.got.length, { timeout: 60_000 }).toBe(before + 1)
    await page.getByText('Everybody could be told').waitFor()
  })

  test('an app is muted for a while by its name', async () => {
    await settings()
    await page.getByLabel('App, or number of a task').fill('knock')
    await page.getByRole('button', { name: 'Mute', exact: true }).click()
    await page.getByRole('button', { name: 'Unmute Knock' }).waitFor()
    expect((await terminal(['alerts'])).out).toMatch(/Muted: Knock, until /)
    expect((await terminal(['unmute', 'knock'])).out).toContain('Not muted any more.')
  })
})
