/** Every page in a real browser, from the fake server: nothing serious for assistive technology, nothing cut off, small enough for a slow line. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { skipLine, system } from '../../test/system.ts'
import { NOW } from '../dev/fake-data.ts'
import { startFake, type Fake } from '../dev/fake-server.ts'
import { SCREENS } from '../dev/screens.ts'
import { openBrowser, openPhone, type Look } from './browser.ts'

const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('the screens in a real browser: no Chromium')

const LOOKS: Readonly<Record<string, Look>> = {
  '390 light English': {},
  '390 dark Chinese': { dark: true, language: 'zh' },
  '1280 light English': { width: 1280 },
}
let fake: Fake
let browser: Browser

async function open(look: Look): Promise<{ context: BrowserContext; page: Page; faults: string[] }> {
  const context = await openPhone(browser, look)
  await context.addCookies([{ name: 'fake', value: '1', url: fake.url }])
  context.setDefaultTimeout(20_000)
  const page = await context.newPage()
  await page.clock.install({ time: NOW })
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) faults.push(message.text())
  })
  return { context, page, faults }
}
/** Wider than the window: a person would have to scroll sideways. */
const tooWide = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
/** Targets under 44 px, by what they say; links inside running text are left out, as the guideline does. */
const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const reach = (element: Element): { width: number; height: number } => {
      const box = element.getBoundingClientRect()
      const after = getComputedStyle(element, '::after')
      const grown = after.position === 'absolute' && after.content !== 'none' && !after.inset.includes('auto')
      const by = (side: string): number => (grown ? Math.max(0, -parseFloat(after.getPropertyValue(side)) || 0) : 0)
      return { width: box.width + by('left') + by('right'), height: box.height + by('top') + by('bottom') }
    }
    const scope = document.querySelector('dialog[open]') ?? document
    return [...scope.querySelectorAll('a, button, summary')]
      .filter(
        (element) =>
          element.checkVisibility() &&
          !element.classList.contains('skip') &&
          !element.closest('.out-of-sight') &&
          !element.classList.contains('out-of-sight') &&
          !element.closest('dd, .timeline'),
      )
      .map((element) => ({ element, size: reach(element) }))
      .filter(({ size }) => size.width < 43.5 || size.height < 43.5)
      .map(
        ({ element, size }) =>
          `${element.textContent?.trim().slice(0, 30)} ${element.className} ${Math.round(size.width)}×${Math.round(size.height)}`,
      )
  })

describe.skipIf(!hasBrowser)('the screens', () => {
  beforeAll(async () => {
    fake = await startFake()
    browser = (await openBrowser())! // there is one: see above
  })
  afterAll(async () => {
    await browser?.close()
    await fake?.close()
  })

  describe.each(Object.entries(LOOKS))('%s', (_, look) => {
    let context: BrowserContext
    let page: Page
    let faults: string[]
    beforeAll(async () => ({ context, page, faults } = await open(look)))
    afterAll(() => context?.close())

    test.each(SCREENS)('$name can be read and used by everybody', async (screen) => {
      faults.length = 0
      await page.goto(fake.url + screen.path)
      await screen.ready(page)
      // To the end: what the bar hides half at the top of a page can be scrolled to, which axe does not know.
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze()
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      const small = look.width === 1280 ? [] : await smallTargets(page)
      await screen.after?.(page)
      expect(
        serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`),
      ).toEqual([])
      expect(small).toEqual([])
      expect(faults).toEqual([])
      expect(await tooWide(page)).toBeLessThanOrEqual(0)
    })
  })

  test.each([
    ['320 px', { width: 320, height: 640 }, ''],
    ['200 % text at 390 px', {}, 'html { font-size: 200% !important }'],
  ] as const)('at %s nothing is wider than the window', async (_, look, style) => {
    const { context, page } = await open(look)
    // The page's own policy refuses a style element; the text size is set as a person's settings would, through the root.
    const wide: string[] = []
    for (const screen of SCREENS) {
      await page.goto(fake.url + screen.path)
      if (style) await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
      await screen.ready(page)
      const by = await tooWide(page)
      await screen.after?.(page)
      if (by > 0) wide.push(`${screen.name}: ${by} px`)
    }
    await context.close()
    expect(wide).toEqual([])
  })

  test('at 200 % text the bar shows the filled button and More', async () => {
    const { context, page } = await open({})
    await page.goto(`${fake.url}/tasks/1042`)
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
    await page.getByRole('button', { name: 'More' }).last().waitFor()
    expect(await page.locator('.column > .bar .action').count()).toBe(0)
    expect(await page.locator('.column > .bar button.filled').count()).toBe(1)
    await context.close()
  })

  test('no screen has two filled buttons', async () => {
    const { context, page } = await open({})
    for (const screen of SCREENS) {
      await page.goto(fake.url + screen.path)
      await screen.ready(page)
      const scope = (await page.locator('dialog[open]').count()) > 0 ? 'dialog[open] ' : ''
      const filled = await page.locator(`${scope}.filled, ${scope}.danger-fill`).filter({ visible: true }).count()
      await screen.after?.(page)
      expect(filled, screen.name).toBeLessThanOrEqual(1)
    }
    await context.close()
  })

  test('forced colours keep states and places apart', async () => {
    const { context, page, faults } = await open({ forcedColors: true })
    await page.goto(`${fake.url}/tasks/1042`)
    await page.locator('main .card').first().waitFor()
    expect(
      await page
        .locator('.pill')
        .first()
        .evaluate((pill) => getComputedStyle(pill).borderTopWidth),
    ).toBe('1px')
    expect(faults).toEqual([])
    await context.close()
  })

  test('who asks for less motion sees none but a short fade', async () => {
    const { context, page } = await open({ reducedMotion: true })
    await page.goto(`${fake.url}/tasks/1043`)
    await page.locator('main .card').first().waitFor()
    const moving = await page.evaluate(
      () =>
        document.getAnimations().filter((animation) => Number(animation.effect?.getComputedTiming().endTime) > 120)
          .length,
    )
    expect(moving).toBe(0)
    await context.close()
  })
})

test('the first form needs at most 120 KB of compressed script, everything counted that it loads', () => {
  const dist = fileURLToPath(new URL('../../dist/web/', import.meta.url))
  const html = readFileSync(`${dist}index.html`, 'utf8')
  const first = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? '')
  // One language beside what the document names.
  const texts = readdirSync(`${dist}assets`)
    .filter((name) => name.startsWith('zh-') && name.endsWith('.js'))
    .map((name) => `assets/${name}`)
  const bytes = [...new Set([...first, ...texts])].map((path) => gzipSync(readFileSync(dist + path)).byteLength)
  expect(first.length).toBeGreaterThan(0)
  expect(texts).toHaveLength(1)
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(120 * 1024)
})
