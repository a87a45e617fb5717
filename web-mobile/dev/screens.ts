import type { Page } from 'playwright-core'

export interface Screen {
  readonly name: string
  readonly path: string
  /** Resolves when what matters is to be seen; may press something first. */
  readonly ready: (page: Page) => Promise<unknown>
  /** Puts right what `ready` changed beyond the page. */
  readonly after?: (page: Page) => Promise<unknown>
}
const heading = (page: Page) => page.locator('main h1').first().waitFor({ state: 'attached' })
const card = async (page: Page) => {
  await heading(page)
  await page.locator('main .card, main dl, main form, main .empty').first().waitFor()
}
const sheet = async (page: Page) => {
  await page.locator('dialog[open] h2').waitFor()
  await page.waitForTimeout(50) // one frame more for what the sheet reads
}

const frozenFor = (mayOverride: boolean) => ({
  message: 'Frozen until 24 Dec 08:00: Year’s end',
  extensions: {
    code: 'FROZEN',
    help: 'Ask the duty if it cannot wait.',
    grantedBy: ['Li Wei'],
    heldBy: ['Anna Berg', 'Li Wei'],
    mayOverride,
  },
})

/** Every page and sheet there is, in the order of a person's way through them. */
export const SCREENS: readonly Screen[] = [
  { name: 'home', path: '/', ready: card },
  { name: 'apps', path: '/apps', ready: card },
  {
    name: 'form',
    path: '/apps/release#answers=%7B%22version%22%3A%222.14%22%7D',
    ready: async (page) => {
      await card(page)
      await page.locator('#field-hosts .chip').first().waitFor()
      await page.locator('.bar button.filled').click()
      await page.locator('.wrong').waitFor()
      await page.evaluate(() => {
        ;(document.activeElement as HTMLElement).blur()
        window.scrollTo(0, 0)
      })
    },
  },
  {
    name: 'form-all',
    path: '/apps/release#answers=%7B%22version%22%3A%22v2.14.0%22%2C%22advanced%22%3Atrue%2C%22env%22%3A%22staging%22%7D',
    ready: card,
  },
  {
    name: 'form-hosts',
    path: '/apps/release#answers=%7B%22version%22%3A%22v2.14.0%22%7D',
    ready: async (page) => {
      await card(page)
      await page.locator('#field-hosts button.pick').click()
      await sheet(page)
    },
  },
  {
    name: 'review',
    path: '/apps/release#answers=%7B%22version%22%3A%22v2.14.0%22%7D',
    ready: async (page) => {
      await card(page)
      await page.locator('.bar button.filled').click()
      await page.waitForURL(/review/, { waitUntil: 'commit' })
      await page.locator('main dl').waitFor()
      await page.evaluate(() => window.scrollTo(0, 0))
    },
  },
  { name: 'tasks', path: '/tasks?show=all', ready: card },
  { name: 'task-running', path: '/tasks/1043', ready: card },
  { name: 'task-attention', path: '/tasks/1042', ready: card },
  {
    name: 'task-succeeded',
    path: '/tasks/1041',
    ready: async (page) => {
      await card(page)
      await page.locator('main .avatar').first().waitFor()
    },
  },
  { name: 'task-queued', path: '/tasks/1040', ready: card },
  { name: 'task-stopped', path: '/tasks/1039', ready: card },
  {
    name: 'task-archived',
    path: '/tasks/1030',
    ready: async (page) => {
      await card(page)
      await page.locator('.head .said').waitFor() // that it is in the archive
    },
  },
  { name: 'task-lost', path: '/tasks/1038', ready: card },
  { name: 'task-waiting', path: '/tasks/1037', ready: card },
  { name: 'task-paused', path: '/tasks/1036', ready: card },
  { name: 'task-rehearsal', path: '/tasks/1050', ready: card },
  { name: 'request', path: '/tasks/1051', ready: card },
  { name: 'request-correct', path: '/tasks/1051?sheet=correct', ready: sheet },
  { name: 'request-reject', path: '/tasks/1051?sheet=reject', ready: sheet },
  { name: 'request-transfer', path: '/tasks/1051?sheet=transfer', ready: sheet },
  { name: 'request-rejected', path: '/tasks/1052', ready: card },
  { name: 'request-withdraw', path: '/tasks/1052?sheet=withdraw', ready: sheet },
  {
    name: 'node',
    path: '/tasks/1042/steps/deploy',
    ready: async (page) => {
      await page.locator('.log li').nth(3).waitFor()
    },
  },
  {
    name: 'node-inputs',
    path: '/tasks/1042/steps/deploy?tab=inputs',
    ready: async (page) => {
      await page.locator('#node-panel dl').waitFor()
    },
  },
  {
    name: 'stop',
    path: '/tasks/1043?sheet=stop',
    ready: async (page) => {
      await sheet(page)
      await page.locator('dialog li').first().waitFor()
    },
  },
  ...(['mine', 'others'] as const).map((whose) => ({
    name: whose === 'mine' ? 'frozen-retry' : 'frozen-refused',
    path: '/tasks/1042',
    ready: async (page: Page) => {
      await card(page)
      await page.route('**/graphql', (route) =>
        route.request().postData()?.includes('retryNode')
          ? route.fulfill({ json: { errors: [frozenFor(whose === 'mine')] } })
          : route.fallback(),
      )
      await page.locator('.bar button.filled, main button.filled').first().click()
      await sheet(page)
    },
    after: (page: Page) => page.unrouteAll(),
  })),
  { name: 'edit', path: '/tasks/1042?sheet=edit', ready: sheet },
  { name: 'byhand', path: '/tasks/1042?sheet=byhand', ready: sheet },
  { name: 'skip', path: '/tasks/1042?sheet=skip', ready: sheet },
  { name: 'more', path: '/tasks/1042?sheet=more', ready: sheet },
  { name: 'branch', path: '/tasks/1042?sheet=branch', ready: sheet },
  { name: 'plan', path: '/tasks/1040?sheet=plan', ready: sheet },
  { name: 'mute', path: '/tasks/1036?sheet=mute', ready: sheet },
  { name: 'note', path: '/tasks/1042?sheet=note', ready: sheet },
  {
    name: 'history',
    path: '/tasks/1042/history',
    ready: async (page) => {
      await page.locator('main li').first().waitFor()
    },
  },
  {
    name: 'history-proof',
    path: '/tasks/1042/history',
    ready: async (page) => {
      await page.locator('main li').first().waitFor()
      await page.locator('summary').click()
      await page.locator('.once').waitFor()
    },
  },
  { name: 'ask', path: '/asks/a-1', ready: card },
  { name: 'reject', path: '/asks/a-1?sheet=reject', ready: sheet },
  { name: 'me', path: '/me', ready: card },
  { name: 'people', path: '/me/people', ready: card },
  {
    name: 'person',
    path: '/me/people',
    ready: async (page) => {
      await card(page)
      await page.locator('main li button.row').nth(1).click()
      await sheet(page)
    },
  },
  {
    name: 'person-sessions',
    path: '/me/people',
    ready: async (page) => {
      await card(page)
      await page.locator('main li button.row').nth(1).click()
      await sheet(page)
      await page.locator('dialog .gap button').nth(2).click()
      await page.locator('dialog[open] ul li').first().waitFor()
    },
  },
  {
    name: 'merge-undo',
    path: '/me/people',
    ready: async (page) => {
      await card(page)
      await page.locator('main li button.row').last().click()
      await sheet(page)
    },
  },
  {
    name: 'invite',
    path: '/me/people?sheet=invite',
    ready: async (page) => {
      await sheet(page)
      await page.locator('dialog .checks').waitFor()
    },
  },
  {
    name: 'person-projects',
    path: '/me/people',
    ready: async (page) => {
      await card(page)
      await page.locator('main section:nth-of-type(2) li button.row').nth(1).click()
      await sheet(page)
      await page.locator('dialog .gap button').nth(1).click()
      await page.locator('dialog[open] ul li').first().waitFor()
    },
  },
  { name: 'chats', path: '/me/chats', ready: card },
  {
    name: 'notifications',
    path: '/me/notifications',
    ready: (page) => page.locator('main select').first().waitFor(),
  },
  { name: 'unreached', path: '/me/unreached', ready: (page) => page.locator('main li button').first().waitFor() },
  {
    name: 'unreached-one',
    path: '/me/unreached',
    ready: async (page) => {
      await card(page)
      await page.locator('main li button').first().click()
      await sheet(page)
    },
  },
  { name: 'secrets', path: '/me/secrets', ready: card },
  {
    name: 'secret-set',
    path: '/me/secrets',
    ready: async (page) => {
      await card(page)
      await page.locator('main li button').first().click()
      await sheet(page)
    },
  },
  { name: 'documents', path: '/me/documents', ready: card },
  {
    name: 'document-text',
    path: '/me/documents',
    ready: async (page) => {
      await card(page)
      await page.locator('main section li button').first().click()
      await page.locator('dialog textarea').waitFor()
    },
  },
  { name: 'audit', path: '/me/audit', ready: card },
  {
    name: 'audit-entry',
    path: '/me/audit',
    ready: async (page) => {
      await card(page)
      await page.locator('main li button.row').nth(1).click()
      await sheet(page)
    },
  },
  {
    name: 'audit-filter',
    path: '/me/audit?task=1042',
    ready: async (page) => {
      await card(page)
      await page.locator('.narrow button').first().click()
      await sheet(page)
    },
  },
  { name: 'stats', path: '/me/stats', ready: card },
  {
    name: 'stats-app',
    path: '/me/stats',
    ready: async (page) => {
      await card(page)
      await page.locator('main section li button').first().click()
      await page.locator('dialog[open] li').first().waitFor()
    },
  },
  { name: 'roles', path: '/me/roles', ready: card },
  {
    name: 'role',
    path: '/me/roles',
    ready: async (page) => {
      await card(page)
      await page.locator('main section li button').first().click()
      await page.locator('dialog[open] li').first().waitFor()
    },
  },
  { name: 'schedules', path: '/me/schedules', ready: card },
  {
    name: 'schedule',
    path: '/me/schedules',
    ready: async (page) => {
      await card(page)
      await page.locator('main section li button').first().click()
      await page.locator('dialog[open] li').first().waitFor()
    },
  },
  { name: 'hosts', path: '/me/hosts', ready: card },
  {
    name: 'host-lacking',
    path: '/me/hosts',
    ready: async (page) => {
      await card(page)
      await page.getByText('web-3', { exact: true }).click()
      await sheet(page)
    },
  },
  { name: 'flows', path: '/flows', ready: card },
  { name: 'flow', path: '/flows/release-web', ready: card },
  {
    name: 'diff',
    path: '/flows/release-web/diff?to=2',
    ready: async (page) => {
      await heading(page)
      await page.locator('main .diff li').first().waitFor()
    },
  },
  { name: 'publish', path: '/flows/release-web?sheet=publish', ready: sheet },
  { name: 'use', path: '/flows/release-web/diff?to=2&sheet=use', ready: sheet },
  { name: 'tokens', path: '/me/tokens', ready: card },
  { name: 'sign-in', path: '/sign-in', ready: heading },
  {
    name: 'expired',
    path: '/sign-in#code=old',
    ready: async (page) => {
      await page.locator('main form').waitFor()
    },
  },
  {
    name: 'nowhere',
    path: '/no/such/page',
    ready: async (page) => {
      await page.locator('.empty').waitFor()
    },
  },
  {
    name: 'gone',
    path: '/tasks/9',
    ready: async (page) => {
      await page.locator('.empty').waitFor()
    },
  },
  {
    name: 'offline',
    path: '/tasks/1042',
    ready: async (page) => {
      await card(page)
      await page.context().setOffline(true)
      await page.locator('.banner').waitFor()
      await page.locator('button.filled').first().click()
      await page.locator('.queued').first().waitFor()
    },
    after: async (page) => {
      await page.locator('.queued button').first().click()
      await page.context().setOffline(false)
    },
  },
]
