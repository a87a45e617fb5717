/** Somebody leaves: the owner suspends them on the phone, and says what becomes of the tools they looked after. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../api/entry/config.ts'
import { createOwnerToken, createPersonToken } from '../../api/entry/offline.ts'
import { startBaton, type Baton } from '../../api/entry/node.ts'
import { seriousFindings } from '../../web-mobile/test/axe.ts'
import { openBrowser, openPhone } from '../../web-mobile/test/browser.ts'
import { skipLine, system } from '../system.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('suspending somebody in a real browser: no Chromium')

describe.skipIf(!hasBrowser)('an owner suspends another who looks after a tool', () => {
  const data = mkdtempSync(join(tmpdir(), 'baton-people-'))
  let baton: Baton
  let browser: Browser
  let page: Page
  let token: string

  const ask = async <T>(bearer: string, query: string, variables: object = {}) => {
    const response = await fetch(`${baton.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
      body: JSON.stringify({ query, variables }),
    })
    return (await response.json()) as { data: T; errors?: { message: string }[] }
  }
  beforeAll(async () => {
    const config = readConfig([], { PORT: '0', BATON_DATA: data, BATON_EXAMPLES: 'off', LOG_LEVEL: 'error' })
    baton = await startBaton(config, () => undefined)
    browser = (await openBrowser())! // there is one: see above
    const context = await openPhone(browser)
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
    await page.goto(baton.ownerLink ?? '')
    await page.getByRole('heading', { name: 'Waiting for you' }).waitFor()
    token = await createOwnerToken(data)
    const wei = await createPersonToken(data, 'Wei', 'owner')
    await createPersonToken(data, 'Ana', 'operator')
    await ask(wei, 'mutation { createServiceAccount(name: "nightly", role: "operator") { id } }')
    const { data: found } = await ask<{ people: { nodes: { id: string }[] } }>(
      token,
      '{ people(search: "nightly") { nodes { id } } }',
    )
    await ask(wei, 'mutation($id: ID!) { createToken(name: "nightly-1", person: $id) { token } }', {
      id: found.people.nodes[0]!.id,
    })
  })
  afterAll(async () => {
    await browser?.close()
    await baton?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  test('sees what goes on, and hands it to somebody who stays', async () => {
    await page.goto(`${baton.url}/me/people`)
    await page.getByRole('button', { name: /^Wei/ }).tap()
    await page.getByRole('button', { name: 'Suspend', exact: true }).tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByText('1 service account and 1 token of tools in the care of Wei').waitFor()
    await sheet.getByText('nightly, nightly-1 of nightly').waitFor()
    await sheet.getByRole('radio', { name: 'Hand them to somebody' }).check({ force: true })
    await sheet.getByText('Wei may know these tokens still').waitFor()
    expect(await seriousFindings(page)).toEqual([])
    // To nobody is said on the sheet, and nothing is suspended.
    await sheet.getByRole('button', { name: 'Suspend', exact: true }).tap()
    await sheet.getByText('Say who looks after them from now on').waitFor()
    await sheet.getByRole('radio', { name: 'Ana' }).check({ force: true })
    await sheet.getByRole('button', { name: 'Suspend', exact: true }).tap()
    await sheet.waitFor({ state: 'detached' })
    const { data: now } = await ask<{ people: { nodes: object[] } }>(
      token,
      '{ people { nodes { name active keeper { name } tools { tokens { name } } } } }',
    )
    expect(now.people.nodes).toEqual(
      expect.arrayContaining([
        { name: 'Wei', active: false, keeper: null, tools: { tokens: [] } },
        { name: 'nightly', active: true, keeper: { name: 'Ana' }, tools: { tokens: [] } },
        { name: 'Ana', active: true, keeper: null, tools: { tokens: [{ name: 'nightly-1' }] } },
      ]),
    )
  })
})
