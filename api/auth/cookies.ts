import { catalogue } from '../../engine/index.ts'
import { cookieOf, SESSION_COOKIE } from './who.ts'

/** What a browser holds between asking for something and coming back with it. It signs nobody in. */
const BROWSER_COOKIE = 'baton_browser'
const BROWSER_S = 24 * 3600

const cookie = (name: string, value: string, path: string, maxAgeS: number, url: string): string =>
  `${name}=${value}; Path=${path}; HttpOnly; SameSite=Lax; Max-Age=${maxAgeS}${url.startsWith('https:') ? '; Secure' : ''}`

/** Lax: a link from a chat opens the page signed in, but no other site's POST carries it. */
export const sessionCookie = (secret: string, url: string): string =>
  cookie(SESSION_COOKIE, secret, '/', catalogue.SESSION_MS / 1000, url)
export const endSessionCookie = `${SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`

export const browserHolds = (headers: Headers): string | null => cookieOf(headers, BROWSER_COOKIE)
/** What this browser holds, and the cookie to give it when it held nothing yet. */
export function browserCookie(headers: Headers, url: string): { readonly holds: string; readonly set: string | null } {
  const known = browserHolds(headers)
  if (known !== null && /^[\w-]{43}$/.test(known)) return { holds: known, set: null }
  const holds = catalogue.newSecret()
  return { holds, set: cookie(BROWSER_COOKIE, holds, '/auth', BROWSER_S, url) }
}
