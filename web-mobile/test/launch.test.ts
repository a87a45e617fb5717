/** What lies beneath a task that was launched here: never the form, one press from a second launch. */
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { skipLine, system } from '../../test/system.ts'
import { NOW } from '../dev/fake-words.ts'
import { startFake, type Fake } from '../dev/fake-server.ts'
import { openBrowser, openPhone } from './browser.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('back after a launch in a real browser: no Chromium')
const ANSWERS = '#answers=%7B%22version%22%3A%22v2.14.0%22%7D'

describe.skipIf(!hasBrowser)('back after a launch', () => {
  let fake: Fake
  let browser: Browser
  let context: BrowserContext
  let page: Page
  const isAt = (path: RegExp): Promise<void> => page.waitForURL(path, { waitUntil: 'commit' })

  beforeAll(async () => {
    fake = await startFake()
    browser = (await openBrowser())! // there is one: see above
  })
  afterAll(async () => {
    await browser?.close()
    await fake?.close()
  })
  beforeEach(async () => {
    context = await openPhone(browser)
    await context.addCookies([{ name: 'fake', value: '1', url: fake.url }])
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
    await page.clock.install({ time: NOW })
  })
  afterEach(() => context?.close())

  async function toReview(): Promise<void> {
    await page.locator('.bar button.filled').click()
    await isAt(/review/)
    await page.locator('main dl').first().waitFor()
  }
  async function launch(): Promise<void> {
    await page.locator('.bar button.filled').dblclick()
    await isAt(/\/tasks\/\d+$/)
  }

  test('leads to the list the form was opened from', async () => {
    await page.goto(`${fake.url}/apps`)
    await page.locator('main a[href="/apps/release"]').first().click()
    await page.getByLabel('Version').fill('v2.14.0')
    await toReview()
    await launch()
    await page.goBack({ waitUntil: 'commit' })
    await isAt(/\/apps$/)
  })

  test('does so after a reload of the review too', async () => {
    await page.goto(`${fake.url}/apps`)
    await page.locator('main a[href="/apps/release"]').first().click()
    await page.getByLabel('Version').fill('v2.14.0')
    await toReview()
    await page.reload()
    await page.getByLabel('Version').waitFor()
    await toReview()
    await launch()
    await page.goBack({ waitUntil: 'commit' })
    await isAt(/\/apps$/)
  })

  test('goes from a form opened by link to the tasks', async () => {
    await page.goto(`${fake.url}/apps/release${ANSWERS}`)
    await toReview()
    await launch()
    await page.getByRole('button', { name: 'Back' }).click()
    await isAt(/\/tasks(\?|$)/)
    expect(new URL(page.url()).pathname).toBe('/tasks')
  })
})
