/** What holds for all pages in a real browser, whatever the look (each look has a file of its own): small enough for small screens and slow lines. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCREENS } from '../dev/screens.ts'
import { hasBrowser, openStage, tooWide, type Stage } from './screens.ts'

describe.skipIf(!hasBrowser)('the screens', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  test.each([
    ['320 px', { width: 320, height: 640 }, ''],
    ['200 % text at 390 px', {}, 'html { font-size: 200% !important }'],
  ] as const)('at %s nothing is wider than the window', async (_, look, style) => {
    const { context, page } = await stage.open(look)
    // The page's own policy refuses a style element; the text size is set as a person's settings would, through the root.
    const wide: string[] = []
    for (const screen of SCREENS) {
      await page.goto(stage.url + screen.path)
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
    const { context, page } = await stage.open({})
    await page.goto(`${stage.url}/tasks/1042`)
    await page.evaluate(() => document.documentElement.style.setProperty('font-size', '200%'))
    await page.getByRole('button', { name: 'More' }).last().waitFor()
    expect(await page.locator('.column > .bar .action').count()).toBe(0)
    expect(await page.locator('.column > .bar button.filled').count()).toBe(1)
    await context.close()
  })

  test('forced colours keep states and places apart', async () => {
    const { context, page, faults } = await stage.open({ forcedColors: true })
    await page.goto(`${stage.url}/tasks/1042`)
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
    const { context, page } = await stage.open({ reducedMotion: true })
    await page.goto(`${stage.url}/tasks/1043`)
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
