/** Pictures of every page from the fake server, to hold beside the design: `node web-mobile/dev/shots.ts <folder> [part of a name]`. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser, openPhone, type Look } from '../test/browser.ts'
import { NOW } from './fake-words.ts'
import { startFake } from './fake-server.ts'
import { SCREENS } from './screens.ts'

const [folder = 'test-results/shots', part = ''] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const fake = await startFake()
const browser = await openBrowser()
if (!browser) throw new Error('expected a Chromium on this machine, but found none')
const looks: Record<string, Look> = {
  'light-en': {},
  'dark-zh': { dark: true, language: 'zh' },
  'dark-en': { dark: true },
  'light-zh': { language: 'zh' },
  '1280-en': { width: 1280 },
  '768-en': { width: 768, height: 1024 },
  '320-en': { width: 320, height: 640 },
  'forced-en': { forcedColors: true },
}
for (const [name, look] of Object.entries(looks)) {
  const context = await openPhone(browser, look)
  await context.addCookies([{ name: 'fake', value: '1', url: fake.url }])
  const page = await context.newPage()
  await page.clock.install({ time: NOW })
  page.on('pageerror', (error) => process.stderr.write(`${page.url()} ${error.stack?.slice(0, 300)}\n`))
  page.on(
    'console',
    (message) => ['error', 'warning'].includes(message.type()) && process.stderr.write(`${message.text()}\n`),
  )
  for (const screen of SCREENS) {
    const file = `${screen.name}-${name}`
    if (!file.includes(part)) continue
    await page.goto(fake.url + screen.path)
    await screen.ready(page)
    await page.screenshot({ path: join(folder, `${file}.png`) })
    if (screen.after) await screen.after(page)
  }
  await context.close()
}
await browser.close()
await fake.close()
