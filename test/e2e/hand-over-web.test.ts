/** Work handed over, on a phone with taps alone, against a whole Baton: asked for, corrected and claimed, given back, passed on, withdrawn. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { graphql, type Client } from '../../api/client/index.ts'
import { seriousFindings } from '../../web-mobile/test/axe.ts'
import { openBrowser, openPhone } from '../../web-mobile/test/browser.ts'
import { startBatonProcess, type BatonProcess } from '../baton.ts'
import { skipLine, system } from '../system.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('work handed over on a phone: no Chromium')

const APPLY = graphql('mutation($d: String!) { apply(documents: $d) { documents { name } } }')
const PUBLISH = graphql('mutation { publishFlow(name: "tell-it") { version } }')
const LAUNCH = graphql('mutation($input: LaunchInput!) { launch(input: $input) { id number } }')
const RESUBMIT = graphql(
  'mutation($id: ID!, $round: Int!, $v: JSON) { resubmitTask(id: $id, round: $round, variables: $v) { id } }',
)
const TASK = graphql(
  'query($id: ID!) { task(id: $id) { phase variables handOver { state round reason holder { name } corrections { title before after } } } }',
)
const documents = `
apiVersion: baton/v1
kind: Flow
metadata: {name: tell-it, title: Tell it}
spec:
  variables:
    what: {type: text, title: What, required: true}
    limit: {type: integer, title: Limit, default: 3}
  nodes:
    go: {use: set@1, title: Go, with: {what: "\${what} told"}, save: {what: what}}
---
apiVersion: baton/v1
kind: App
metadata: {name: please-tell, title: Please tell}
spec:
  flow: tell-it
  category: office/messages
  aliases: [请转告]
  mode: {handOver: {to: "role:ops"}}
  launch: [everyone]
  schemes: [{name: pears, title: Pears, variables: {what: pears}}]
  form: {limit: {fixed: 5}}
  taskTitle: "Please tell \${what}"
`

describe.skipIf(!hasBrowser)('work handed over, on a phone', () => {
  let baton: BatonProcess
  let browser: Browser
  let page: Page
  let dora: Client
  beforeAll(async () => {
    baton = await startBatonProcess({ BATON_EXAMPLES: 'on' })
    browser = (await openBrowser())! // there is one: see above
    const context = await openPhone(browser)
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
    await page.goto(/Owner link: (\S+)/.exec(baton.output())![1]!)
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
    dora = baton.person('Dora', 'starter')
    const owner = baton.owner()
    await owner.query(APPLY, { d: documents })
    await owner.query(PUBLISH)
  })
  afterAll(async () => {
    await browser?.close()
    await baton?.close()
  })
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const request = async (what: string): Promise<{ id: string; number: number }> =>
    (await dora.query(LAUNCH, { input: { app: 'please-tell', variables: { what } } })).launch
  const task = async (id: string) => (await dora.query(TASK, { id })).task
  const noSeriousFindings = async (): Promise<void> => expect(await seriousFindings(page)).toEqual([])

  test('waits at home, is put right and claimed with two taps; whoever asked sees what was changed', async () => {
    const { id } = await request('apples')
    await page.goto(baton.url)
    await page.getByText('Please tell apples').first().tap()
    await page.getByText('Ops can claim it').waitFor()
    await page.getByText('What is asked for').waitFor()
    await noSeriousFindings()
    await button('Correct and claim…').tap()
    const sheet = page.getByRole('dialog')
    expect(await sheet.getByLabel('Limit').count()).toBe(0) // fixed by the app
    await sheet.getByLabel('What').fill('oranges')
    await sheet.getByRole('button', { name: 'Claim', exact: true }).tap()
    await page.getByText(/^Claimed by/).waitFor()
    await page.getByText('apples → oranges', { exact: true }).waitFor()
    await expect.poll(async () => (await task(id))?.phase).toBe('SUCCEEDED')
    expect(await task(id)).toMatchObject({
      variables: { what: 'oranges told', limit: 5 },
      handOver: { state: 'CLAIMED', corrections: [{ title: 'What', before: 'apples', after: 'oranges' }] },
    })
  })

  test('given back with a reason, which is needed; submitted again it waits again', async () => {
    const { id, number } = await request('plums')
    await page.goto(`${baton.url}/tasks/${number}`)
    await button('Reject…').tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByRole('button', { name: 'Reject', exact: true }).tap()
    await sheet.getByText('Say why').waitFor()
    await sheet.getByLabel('Reason').fill('how many?')
    await sheet.getByRole('button', { name: 'Reject', exact: true }).tap()
    await page.getByText('Waiting for Dora').waitFor()
    const back = await task(id)
    expect(back?.handOver).toMatchObject({ state: 'REJECTED', reason: 'how many?' })
    await dora.query(RESUBMIT, { id, round: back!.handOver!.round, v: { what: 'two plums' } })
    await page.getByText('two plums').first().waitFor() // the page follows
    await page.goto(`${baton.url}/tasks/${number}`) // a press just after a button has changed is dropped
    await button('Claim').tap()
    await expect.poll(async () => (await task(id))?.phase).toBe('SUCCEEDED')
  })

  test('found in the catalogue by its other name, filled in by a variant, submitted, withdrawn', async () => {
    await page.goto(`${baton.url}/apps`)
    await page.getByRole('heading', { name: 'office › messages' }).waitFor()
    await page.getByRole('searchbox').fill('请转告')
    await page
      .getByRole('link', { name: /Please tell/ })
      .first()
      .tap()
    await page.getByText('Ops claim it before it begins.').waitFor()
    await page.getByRole('button', { name: 'Pears' }).tap()
    await expect.poll(() => page.getByLabel('What').inputValue()).toBe('pears')
    await button('Review').tap()
    await page.getByRole('heading', { name: 'Please tell pears' }).waitFor()
    await noSeriousFindings()
    await button('Submit').tap()
    await page.waitForURL(/\/tasks\/\d+$/, { waitUntil: 'commit' })
    await page.getByText('Ops can claim it').waitFor()
    const number = /\d+$/.exec(page.url())![0]
    await page.goto(`${baton.url}/tasks/${number}?sheet=withdraw`)
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw', exact: true }).tap()
    await page
      .getByText(/^Stopped/)
      .first()
      .waitFor()
    expect((await task(number))?.handOver?.state).toBe('WITHDRAWN')
  })
})
