/** The main job in a real browser on a phone, with taps alone, against a whole Baton with its examples. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../api/entry/config.ts'
import { startBaton, type Baton } from '../../api/entry/node.ts'
import { seriousFindings } from '../../web-mobile/test/axe.ts'
import { openBrowser, openPhone } from '../../web-mobile/test/browser.ts'
import { skipLine, system } from '../system.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('the phone in a real browser: no Chromium')

describe.skipIf(!hasBrowser)('a person with a phone', () => {
  const data = mkdtempSync(join(tmpdir(), 'baton-web-'))
  let baton: Baton
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    const config = readConfig([], { PORT: '0', BATON_DATA: data, BATON_EXAMPLES: 'on', LOG_LEVEL: 'error' })
    baton = await startBaton(config, () => undefined)
    browser = (await openBrowser())! // there is one: see above
    const context = await openPhone(browser)
    context.setDefaultTimeout(20_000)
    page = await context.newPage()
  })
  afterAll(async () => {
    await browser?.close()
    await baton?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: typeof name === 'string' })
  const heading = (name: string | RegExp) => page.getByRole('heading', { name }).first()
  /** Only a picture when somebody wants one: `WEB_SHOTS=folder`. */
  const picture = async (name: string): Promise<void> => {
    const folder = process.env['WEB_SHOTS']
    if (folder) await page.screenshot({ path: join(folder, `${name}.png`) })
  }
  const noSeriousFindings = async (): Promise<void> => expect(await seriousFindings(page)).toEqual([])

  test('signs in with the one-time link, which leaves the address and works once', async () => {
    await page.goto(baton.ownerLink ?? '')
    await heading('Waiting for you').waitFor()
    expect(page.url()).not.toContain('code')
    await picture('1-home')
    await noSeriousFindings()

    const other = await (await openPhone(browser)).newPage()
    await other.goto(baton.ownerLink ?? '')
    await other.getByRole('heading', { name: 'This link is no longer valid' }).waitFor()
    await other.context().close()
  })

  test('gets the page packed, since a phone’s line is slow', async () => {
    const html = await (await fetch(baton.url)).text()
    const script = /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? ''
    const plain = await fetch(baton.url + script, { headers: { 'accept-encoding': 'identity' } })
    const packed = await fetch(baton.url + script, { headers: { 'accept-encoding': 'gzip, br' } })
    expect([plain.headers.get('content-encoding'), packed.headers.get('content-encoding')]).toEqual([null, 'br'])
    expect(await packed.text()).toBe(await plain.text())
  })

  test('fills in the form of the release, is told what is wrong where it is wrong, and reviews what will happen', async () => {
    await page.getByRole('link', { name: 'Release', exact: true }).first().tap()
    await page.getByLabel('Version').fill('2.14')
    await button('Review').tap()
    await page.getByText(/1 field to correct: Version/).waitFor()
    await picture('2-form-error')
    await page.getByLabel('Version').fill('v2.14.0')
    await page.getByRole('radio', { name: 'Production' }).tap()
    await button('Review').tap()
    await heading('Release v2.14.0 to production').waitFor()
    await page.getByText('This replaces the running shop on web-1 and web-2.').waitFor()
    await picture('3-review')
    await noSeriousFindings()
  })

  test('launches with one tap, also when it is a double one', async () => {
    await button(/^Launch/).dblclick()
    await page.waitForURL(/\/tasks\/\d+$/, { waitUntil: 'commit' })
    await heading('Release v2.14.0 to production').waitFor()
    await page.getByText('Unpack', { exact: false }).first().waitFor()
    await picture('4-running')
    const number = /\d+$/.exec(page.url())?.[0]
    await page.goto(`${baton.url}/tasks?show=all`)
    await page.locator('main li').first().waitFor()
    expect(await page.locator('main li a').count()).toBeGreaterThanOrEqual(1)
    expect(await page.getByText(/Release v2\.14\.0 to production/).count()).toBe(1)
    await page.goto(`${baton.url}/tasks/${number}`)
  })

  test('approves what it asks, seeing what exactly', async () => {
    await page.getByRole('link', { name: 'Look and decide' }).tap()
    await page.getByText('You approve exactly this').waitFor()
    await page.getByText('v2.14.0', { exact: true }).first().waitFor()
    await picture('5-ask')
    await noSeriousFindings()
    await button('Approve').tap()
    await page
      .getByText(/Approved by .+ at \d\d:\d\d/)
      .first()
      .waitFor()
    await picture('6-approved')
    await page.getByRole('link', { name: 'See the task' }).tap()
  })

  test('sees the deploy fail: what, why, what helps, what it printed, who is asked, what to press', async () => {
    await page.getByRole('heading', { level: 1, name: /web-2/ }).waitFor()
    await page.getByText('Needs attention').first().waitFor()
    await page.getByText(/Press Edit and retry and choose the disk/).waitFor()
    const lines = page.getByRole('region', { name: 'Last lines' })
    await lines.getByText('Disk full on /srv').waitFor()
    await page.getByText(/[Yy]ou are asked|is asked|are asked/).waitFor()
    await button(/^Retry/).waitFor()
    await picture('7-attention')
    await noSeriousFindings()
    // All of it on one screen: nothing of the six lies below the bar.
    const bar = await page.locator('.column > .bar').boundingBox()
    const asked = await page.getByText(/[Yy]ou are asked|is asked|are asked/).boundingBox()
    expect(asked && bar && asked.y + asked.height).toBeLessThanOrEqual((bar?.y ?? 0) + 1)
  })

  test('reads the whole log of the failed step in its sheet, and back closes it', async () => {
    await page.getByRole('link', { name: /All \d+ lines/ }).tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByText(/No space left on device/).waitFor()
    expect(page.url()).toContain('/steps/')
    await picture('8-step')
    await sheet.getByRole('tab', { name: 'Inputs' }).tap()
    await sheet.getByText('web-2').first().waitFor()
    await page.goBack()
    await sheet.waitFor({ state: 'detached' })
  })

  let colleague: Page
  test('an invited colleague joins with the link, in Chinese, and presses Retry in a tunnel: it waits, for all to see', async () => {
    await page.goto(`${baton.url}/me/people?sheet=invite`)
    await page.getByRole('radio', { name: /^Operator/ }).tap()
    await button('Make an invitation link').tap()
    const link = await page.locator('dialog code').textContent()
    const context = await openPhone(browser, { language: 'zh', dark: true })
    context.setDefaultTimeout(20_000)
    colleague = await context.newPage()
    await colleague.goto(link ?? '')
    await colleague.getByLabel('你的名字').fill('李伟')
    await colleague.getByRole('button', { name: '加入 Baton' }).tap()
    await colleague.getByRole('heading', { name: '待我处理' }).waitFor()
    await colleague.goto(`${baton.url}/tasks/1`)
    await colleague.getByRole('button', { name: /重试$/ }).first().waitFor()
    await context.setOffline(true)
    await colleague.getByText('已离线').waitFor()
    await colleague.locator('.column > .bar button.filled').tap()
    await colleague.getByText(/还没有发出/).waitFor()
    await colleague.getByRole('button', { name: '撤回' }).waitFor()
    await page.goto(`${baton.url}/tasks/1`)
  })

  test('chooses the other disk, retries, and sees it finish', async () => {
    await button('Edit and retry').tap()
    const sheet = page.getByRole('dialog')
    await sheet.getByRole('radio', { name: '/data' }).tap()
    await picture('9-edit')
    await sheet.getByRole('button', { name: 'Save and retry' }).tap()
    await page.getByText('Succeeded').first().waitFor()
    await page.getByRole('heading', { name: 'Results' }).waitFor()
    await page.getByText('Who carried it').waitFor()
    await picture('10-receipt')
    await noSeriousFindings()
  })

  test('the colleague comes out of the tunnel and is told who was first; nothing was retried twice', async () => {
    await colleague.context().setOffline(false)
    const told = colleague.locator('.column > .bar [role=alert] p')
    await told.waitFor()
    expect(await told.textContent()).toMatch(/Owner \d\d:\d\d 已(重试|完成)/)
    await colleague.getByText('成功').first().waitFor()
    expect(await colleague.getByText(/还没有发出/).count()).toBe(0)
    if (process.env['WEB_SHOTS']) await colleague.screenshot({ path: join(process.env['WEB_SHOTS'], '12-told.png') })
    await colleague.goto(`${baton.url}/tasks/1/steps/deploy_web2`)
    await colleague.getByText('第 2 次').first().waitFor()
    expect(await colleague.getByText('第 3 次').count()).toBe(0)
    await colleague.context().close()
  })

  test('runs it again with the same answers', async () => {
    await button('Run again').tap()
    await page.getByText(/Filled in from #\d+/).waitFor()
    expect(await page.getByLabel('Version').inputValue()).toBe('v2.14.0')
  })

  test('opens in a tunnel with what was seen last and its age, and catches up when the network is back', async () => {
    const state = await page.context().storageState()
    const context = await openPhone(browser, { keeps: true })
    await context.addCookies(state.cookies)
    const phone = await context.newPage()
    const task = `${baton.url}/tasks/1`
    await phone.goto(task)
    await phone.getByRole('heading', { name: 'Results' }).waitFor()
    // The first visit is enough: the worker is at work, and has all that the page loaded.
    await phone.waitForFunction(async () => {
      if (navigator.serviceWorker.controller?.state !== 'activated') return false
      const kept = (await (await caches.open('baton-shell-1')).keys()).map(({ url }) => new URL(url).pathname)
      const loaded = performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)
      return loaded.filter((path) => path.startsWith('/assets/')).every((path) => kept.includes(path))
    })
    await context.setOffline(true)
    await phone.goto(task)
    await phone.getByText('Things may have moved since.').waitFor()
    await phone.getByRole('heading', { name: 'Results' }).waitFor()
    if (process.env['WEB_SHOTS']) await phone.screenshot({ path: join(process.env['WEB_SHOTS'], '11-tunnel.png') })
    await context.setOffline(false)
    await phone.getByText('Things may have moved since.').waitFor({ state: 'detached' })
    await context.close()
  })
})
