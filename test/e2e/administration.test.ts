/** An owner's pages on a phone, with taps, against a whole Baton: what is done there is what the terminal and the audit tell. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../api/entry/config.ts'
import { startBaton, type Baton } from '../../api/entry/node.ts'
import { createOwnerToken } from '../../api/entry/offline.ts'
import { openBrowser, openPhone } from '../../web-mobile/test/browser.ts'
import { skipLine, system } from '../system.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('an owner’s pages in a real browser: no Chromium')

const DOCUMENTS = `
apiVersion: baton/v1
kind: Constant
metadata: {name: REGION}
spec: {value: eu}
---
apiVersion: baton/v1
kind: SecretRef
metadata: {name: registry}
spec: {keys: [token], flows: [release-web]}
`
describe.skipIf(!hasBrowser)('an owner with a phone', () => {
  const data = mkdtempSync(join(tmpdir(), 'baton-owner-'))
  let baton: Baton
  let browser: Browser
  let page: Page
  let token: string
  const ask = async <T>(query: string, variables: object = {}): Promise<T> => {
    const response = await fetch(`${baton.url}/graphql`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    const { data: found, errors } = (await response.json()) as { data: T; errors?: unknown }
    expect(errors).toBeUndefined()
    return found
  }

  beforeAll(async () => {
    const config = readConfig([], { PORT: '0', BATON_DATA: data, BATON_EXAMPLES: 'on', LOG_LEVEL: 'error' })
    baton = await startBaton(config, () => undefined)
    browser = (await openBrowser())! // there is one: see above
    const context = await openPhone(browser)
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
    await page.goto(baton.ownerLink ?? '')
    await page.getByRole('heading', { name: 'Waiting for you' }).first().waitFor()
    token = await createOwnerToken(data)
    await ask('mutation($documents: String!) { apply(documents: $documents, manager: "git") { dryRun } }', {
      documents: DOCUMENTS,
    })
  })
  afterAll(async () => {
    await browser?.close()
    await baton?.stop()
    rmSync(data, { recursive: true, force: true })
  })
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const go = async (name: string): Promise<void> => {
    await page.goto(`${baton.url}/me`)
    await page.getByRole('link', { name, exact: true }).tap()
    await page.getByRole('heading', { name, level: 1 }).waitFor()
  }

  test('seals a secret, and what was typed is nowhere any more', async () => {
    await go('Secrets')
    await button(/registry\.token/).tap()
    await page.getByText('May be used by').waitFor()
    await page.getByRole('textbox', { name: 'Value' }).fill('short')
    await button('Seal it').tap()
    await page.getByText('at least 6 characters').waitFor()
    await page.getByRole('textbox', { name: 'Value' }).fill('correct horse battery')
    await button('Seal it').tap()
    await page.getByText('registry.token is set.').waitFor()
    await page
      .getByText(/Set .* by/)
      .first()
      .waitFor()
    expect(await page.content()).not.toContain('correct horse')
  })

  test('is told that a field is Git’s, sees what would change, and takes it over', async () => {
    await go('Documents')
    await button('Constants').tap()
    await button(/REGION/).tap()
    const text = page.getByRole('textbox', { name: 'Text' })
    await text.waitFor()
    await page.getByText('git', { exact: true }).waitFor()
    await text.fill((await text.inputValue()).replace('eu', 'us'))
    await button('Save').tap()
    await page.getByText('spec.value: git').waitFor()
    await button(/Take them over/).tap()
    await page.getByText('Constant/REGION is saved.').waitFor()
    const { document } = await ask<{ document: { source: string; managers: unknown } }>(
      '{ document(kind: "Constant", name: "REGION") { source managers { manager fields } } }',
    )
    expect(document.source).toContain('us')
    expect(document.managers).toEqual([{ manager: 'phone', fields: ['spec.value'] }])
  })

  test('finds both in the audit, and that nobody has touched it', async () => {
    await go('Audit')
    await page
      .getByText(/saved Constant\/REGION/)
      .first()
      .waitFor()
    await button('Narrow down').waitFor()
    await button('Configuration').tap()
    await page
      .getByText(/set the secret /)
      .first()
      .waitFor()
    await button('Sign-ins').tap()
    await expect.poll(() => page.getByText(/saved Constant/).count()).toBe(0)
    await button('Check that nobody has touched it').tap()
    await page.getByText(/^Whole: \d+ rows\.$/).waitFor()
  })

  test('reads how the apps do', async () => {
    const { launch } = await ask<{ launch: { id: string } }>(
      'mutation($input: LaunchInput!) { launch(input: $input) { id } }',
      { input: { app: 'release', variables: { version: 'v1.0.0' }, startNow: false } },
    )
    await ask('mutation($id: ID!) { revokeTask(id: $id) { id } }', launch)
    await expect
      .poll(
        async () =>
          (await ask<{ stats: { total: { runs: number } } }>('{ stats { total { runs } } }')).stats.total.runs,
      )
      .toBe(1)
    await go('Statistics')
    await button(/Release/).tap()
    await page.getByText('1 stopped').first().waitFor()
  })
})
