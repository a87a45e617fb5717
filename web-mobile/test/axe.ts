import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const OPTIONS: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
  preload: false, // asks for every style sheet again; no rule among these needs it
}

/** What comes in has come: text that is half faded in would be found too pale. What turns for ever is left turning. */
const STILL = `await Promise.allSettled(document.getAnimations()
  .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity)
  .map(({ finished }) => finished))`

/** What keeps people with assistive technology from using the page as it stands, a line each: `rule: element | element`. In the page itself, since there are no frames: a third faster than through a second page. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const { violations } = await page.evaluate<Pick<AxeResults, 'violations'>>(
    `(async () => { ${STILL}; ${SOURCE}; const { violations } = await axe.run(${JSON.stringify(OPTIONS)}); return { violations } })()`,
  )
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
}
