/** An author with a phone, with taps alone, against a whole Baton: versions, what changed, publish, make current, hosts. */
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seriousFindings } from '../../web-mobile/test/axe.ts'
import { openBrowser, openPhone } from '../../web-mobile/test/browser.ts'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { skipLine, system } from '../system.ts'
import { terminalOf, type Terminal } from '../terminal.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('an author with a phone: no Chromium')
const RESTART = readFileSync(new URL('../../examples/restart.yaml', import.meta.url), 'utf8')

describe.skipIf(!hasBrowser)('an author with a phone', () => {
  let baton: BatonProcess
  let browser: Browser
  let page: Page
  let cli: Terminal
  beforeAll(async () => {
    baton = await startBatonProcess({ BATON_EXAMPLES: 'on' })
    cli = await terminalOf(baton)
    browser = (await openBrowser())! // there is one: see above
    const context = await openPhone(browser)
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
    await page.goto(/Owner link: (\S+)/.exec(baton.output())![1]!)
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
  })
  afterAll(async () => {
    await browser?.close()
    await baton?.close()
  })
  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const link = (name: string | RegExp) => page.getByRole('link', { name })
  const noSeriousFindings = async (): Promise<void> => expect(await seriousFindings(page)).toEqual([])

  test('finds the flows under Me, and a draft that waits', async () => {
    const { code, out } = await cli(
      ['apply', '-f', '-', '--force'],
      RESTART.replace(/title: ([^,}\n]+)/, 'title: $1 now'),
    )
    expect(code, out).toBe(0)
    await link('Me').first().tap()
    await link('Flows and versions').tap()
    await page.getByText(/a draft by .+ waits/).waitFor()
    await noSeriousFindings()
    await page.getByRole('link', { name: /a draft by/ }).tap()
    await page.getByText('What the check says').or(page.getByText('Versions')).first().waitFor()
  })
  test('sees what the draft would change, line by line', async () => {
    await link(/not published yet/).tap()
    await page.locator('.diff .added').first().waitFor()
    expect(await page.locator('.diff .removed').count()).toBeGreaterThan(0)
    expect(page.url()).toContain('/diff')
    await noSeriousFindings()
  })
  test('publishes it with a reason; somebody else’s save meanwhile is told, and nothing is published', async () => {
    await button('Publish the draft…').tap()
    await page.getByLabel('Why').fill('clearer')
    const { code } = await cli(
      ['apply', '-f', '-', '--force'],
      RESTART.replace(/title: ([^,}\n]+)/, 'title: $1 at once'),
    )
    expect(code).toBe(0)
    await button('Publish version 2').tap()
    await page
      .getByRole('alert')
      .getByText(/after you opened it/)
      .waitFor()
    await button('Publish version 2').tap() // what is there now has been read
    await page.getByText('Version 2 is published').waitFor()
    await page.getByText('They are the same.').waitFor()
  })
  test('makes the first version current again', async () => {
    await page.getByRole('button', { name: 'Back' }).tap()
    await link(/Version 1/).tap()
    await button('Make version 1 current…').tap()
    await page.getByRole('heading', { name: 'Make version 1 current again?' }).waitFor()
    await button('Make version 1 current').last().tap()
    await page.getByText('Version 1 is current').waitFor()
    expect((await cli(['flow', 'show', 'restart-service'])).out).toMatch(/▸ version 1/)
  })
  test('looks whether scripts can run on a host', async () => {
    await page.goto(`${baton.url}/me/hosts`)
    await page.getByText('web-1', { exact: true }).tap()
    await button('Look whether scripts can run there').tap()
    await page.getByRole('status').getByText('Scripts can run there').waitFor()
    await noSeriousFindings()
  })
})
