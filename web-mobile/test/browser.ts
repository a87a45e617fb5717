import { chromium, type Browser, type BrowserContext } from 'playwright-core'
import { system } from '../../test/system.ts'

/** Debian's Chromium, or null where there is none. */
export async function openBrowser(): Promise<Browser | null> {
  const path = system().chromium
  if (!path) return null
  return chromium.launch({
    executablePath: path,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export interface Look {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
  readonly language?: 'en' | 'zh'
  readonly forcedColors?: boolean
  readonly reducedMotion?: boolean
  /** With the service worker, which keeps the page on the device. */
  readonly keeps?: boolean
}
/** A phone (or a wide window) as a person has it. No service worker: each test sees what was built just now. */
export function openPhone(browser: Browser, look: Look = {}): Promise<BrowserContext> {
  const width = look.width ?? 390
  return browser.newContext({
    viewport: { width, height: look.height ?? (width < 768 ? 844 : 832) },
    hasTouch: width < 768,
    isMobile: width < 768,
    colorScheme: look.dark ? 'dark' : 'light',
    reducedMotion: look.reducedMotion === false ? 'no-preference' : 'reduce',
    forcedColors: look.forcedColors ? 'active' : 'none',
    locale: look.language === 'zh' ? 'zh-CN' : 'en-GB',
    timezoneId: 'UTC',
    serviceWorkers: look.keeps ? 'allow' : 'block',
  })
}
