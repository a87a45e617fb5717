/** Asks on a phone, with taps alone, against a whole Baton: several approved at once, a form taken and filled in, somebody stands in. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { graphql, type Client } from '../../api/client/index.ts'
import { seriousFindings } from '../../web-mobile/test/axe.ts'
import { openBrowser, openPhone } from '../../web-mobile/test/browser.ts'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { skipLine, system } from '../system.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('asks on a phone: no Chromium')

const LAUNCH = graphql('mutation($input: LaunchInput!) { launch(input: $input) { id } }')
const INBOX = graphql('{ inbox { nodes { id step } } }')
const PHASE = graphql('query($id: ID!) { task(id: $id) { phase } }')

describe.skipIf(!hasBrowser)('asks on a phone', () => {
  let baton: BatonProcess
  let browser: Browser
  let page: Page
  let owner: Client
  beforeAll(async () => {
    baton = await startBatonProcess({ BATON_EXAMPLES: 'on' })
    browser = (await openBrowser())! // there is one: see above
    const context = await openPhone(browser)
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
    await page.goto(/Owner link: (\S+)/.exec(baton.output())![1]!)
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
    owner = baton.owner()
    baton.person('Dora', 'starter')
  })
  afterAll(async () => {
    await browser?.close()
    await baton?.close()
  })
  const button = (name: string | RegExp) => page.getByRole('button', { name })
  const noSeriousFindings = async (): Promise<void> => expect(await seriousFindings(page)).toEqual([])
  const waiting = (step: string, count: number) =>
    expect
      .poll(async () => (await owner.query(INBOX)).inbox.nodes.filter((ask) => ask.step === step).length)
      .toBe(count)

  test('several approvals, each with its facts, are approved at once and recorded one by one', async () => {
    for (const version of ['v1.0.0', 'v2.0.0'])
      await owner.query(LAUNCH, { input: { app: 'release', variables: { version, disk: '/data' } } })
    await waiting('Approve', 2)
    await page.getByRole('link', { name: 'Several at once' }).tap()
    await page.getByRole('heading', { name: 'Several at once' }).waitFor()
    for (const version of ['v1.0.0', 'v2.0.0']) await page.locator('dd', { hasText: version }).first().waitFor()
    await noSeriousFindings()
    for (const box of await page.getByRole('checkbox').all()) await box.tap()
    await button('Approve 2').tap()
    await page.getByText('Nothing here can be answered at once').waitFor()
    await waiting('Approve', 0)
  })

  test('a form is taken first, then filled in; what was said stays beside it', async () => {
    const { launch } = await owner.query(LAUNCH, {
      input: { app: 'release-itsm', variables: { changes: 'A new basket' } },
    })
    await waiting('Test confirms', 1)
    const { id } = (await owner.query(INBOX)).inbox.nodes.find((ask) => ask.step === 'Test confirms')!
    await page.goto(`${baton.url}/asks/${id}`)
    await page.getByText('One person takes it first').waitFor()
    await button('Take it').tap()
    await page.getByText('You have taken it').waitFor()
    await button('Comment').tap()
    await page.getByRole('textbox', { name: 'Comment' }).fill('Looks like the last one')
    await button('Add comment').tap()
    await page.getByText('Looks like the last one').waitFor()
    await noSeriousFindings()
    await page.getByRole('radio', { name: 'Suitable for release' }).tap()
    await page.getByRole('radio', { name: 'Passed' }).tap()
    await page.getByRole('textbox', { name: 'Summary' }).fill('All pass')
    await button('Submit').tap()
    await waiting('Ops coordinates', 1)
    const next = (await owner.query(INBOX)).inbox.nodes.find((ask) => ask.step === 'Ops coordinates')!
    await page.goto(`${baton.url}/asks/${next.id}`)
    await page.getByText('All pass').waitFor() // shown to the next
    expect((await owner.query(PHASE, { id: launch.id })).task?.phase).toBe('WAITING')
  })

  test('somebody stands in until a day, and not any more once that is ended', async () => {
    await page.goto(`${baton.url}/me/delegation`)
    await button('Let somebody stand in').tap()
    await button('Choose').tap()
    await page.getByRole('radio', { name: 'Dora' }).tap()
    await page.getByLabel('Until and with').fill('2099-01-01')
    await button('Let them stand in').tap()
    await page.getByText('At most a year').waitFor()
    const day = new Date(Date.now() + 7 * 24 * 3_600_000).toISOString().slice(0, 10)
    await page.getByLabel('Until and with').fill(day)
    await button('Let them stand in').tap()
    await page.getByText(/^Dora for /).waitFor()
    await noSeriousFindings()
    await page.getByText(/^Dora for /).tap()
    await button('End it').tap()
    await page.getByText(/^ended /).waitFor()
  })
})
