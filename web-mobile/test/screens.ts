import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { skipLine, system } from '../../test/system.ts'
import { NOW } from '../dev/fake-words.ts'
import { startFake } from '../dev/fake-server.ts'
import { SCREENS } from '../dev/screens.ts'
import { en } from '../src/texts/en.ts'
import { zh } from '../src/texts/zh.ts'
import { seriousFindings } from './axe.ts'
import { openBrowser, openPhone, type Look } from './browser.ts'

/** What a page says that could not read its data: a made-up answer with a hole in it looks like that, too. */
const NOT_LOADED = { en: en.failed.title, zh: zh.failed.title }

export const hasBrowser = system().chromium !== null
if (!hasBrowser) skipLine('the screens in a real browser: no Chromium')

/** The fake server with a browser before it, for the tests of one file. */
export interface Stage {
  readonly url: string
  open(look: Look): Promise<Opened>
  close(): Promise<void>
}
export interface Opened {
  readonly context: BrowserContext
  readonly page: Page
  /** What the page complained about since it was opened. */
  readonly faults: string[]
}
export async function openStage(): Promise<Stage> {
  const fake = await startFake()
  const browser = (await openBrowser())! // asked for only where there is one
  return {
    url: fake.url,
    async open(look) {
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
    },
    async close() {
      await browser.close()
      await fake.close()
    },
  }
}
/** Wider than the window: a person would have to scroll sideways. */
export const tooWide = (page: Page): Promise<number> =>
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

/** Filled buttons in sight: on what lies on top, where something does. */
async function filledButtons(page: Page): Promise<number> {
  const scope = (await page.locator('dialog[open]').count()) > 0 ? 'dialog[open] ' : ''
  return page.locator(`${scope}.filled, ${scope}.danger-fill`).filter({ visible: true }).count()
}

/** Every page in a real browser, from the fake server, in one look: nothing serious for assistive technology, nothing cut off. A file for each, so that they run beside each other. */
export function everyScreen(title: string, look: Look): void {
  describe.skipIf(!hasBrowser)(`the screens, ${title}`, () => {
    let stage: Stage
    let opened: Opened
    beforeAll(async () => {
      stage = await openStage()
      opened = await stage.open(look)
    })
    afterAll(() => stage?.close())

    test.each(SCREENS)('$name can be read and used by everybody', async (screen) => {
      const { page, faults } = opened
      faults.length = 0
      await page.goto(stage.url + screen.path)
      await screen.ready(page)
      // To the end: what the bar hides half at the top of a page can be scrolled to, which axe does not know.
      await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight))
      const serious = await seriousFindings(page)
      const small = look.width === 1280 ? [] : await smallTargets(page)
      const filled = await filledButtons(page)
      const unread = await page.getByText(NOT_LOADED[look.language ?? 'en'], { exact: true }).count()
      await screen.after?.(page)
      expect(unread, 'what it shows was there to load').toBe(0)
      expect(serious).toEqual([])
      expect(small).toEqual([])
      expect(filled, 'one thing to do first').toBeLessThanOrEqual(1)
      expect(faults).toEqual([])
      expect(await tooWide(page)).toBeLessThanOrEqual(0)
    })
  })
}
