import type { Context as Call, MiddlewareHandler } from 'hono'

/** Browsers take a cookie of this name only from this very host, over TLS, for all its paths: no neighbour under the same domain can plant one. */
const PREFIX = '__Host-'
const OURS = /^baton_(session|browser)=/

/**
 * Behind https our cookies are called `__Host-…` on the line, and by their plain names inside: whoever reads or sets one need not know.
 * One that comes under the plain name was planted, and is left out. Over plain http there is no such name, so nothing is changed.
 */
export function hostCookies(url: string): MiddlewareHandler {
  if (!url.startsWith('https:')) return (_, next) => next()
  return async (call, next) => {
    const sent = call.req.raw.headers.get('cookie')
    if (sent !== null) takeIn(call, sent)
    await next()
    const set = call.res.headers.getSetCookie()
    if (!set.some((cookie) => OURS.test(cookie))) return
    call.res.headers.delete('set-cookie')
    for (const cookie of set) call.res.headers.append('set-cookie', OURS.test(cookie) ? bound(cookie) : cookie)
  }
}
function takeIn(call: Call, sent: string): void {
  const headers = new Headers(call.req.raw.headers)
  headers.set('cookie', plain(sent))
  const { url, method, body, signal } = call.req.raw
  // A body that comes in as a stream has to say so; the types of the platform do not know it yet.
  const init: RequestInit & { duplex: 'half' } = { method, headers, body, signal, duplex: 'half' }
  call.req.raw = new Request(url, init)
}
const plain = (sent: string): string =>
  sent
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => !OURS.test(pair))
    .map((pair) => (pair.startsWith(PREFIX) && OURS.test(pair.slice(PREFIX.length)) ? pair.slice(PREFIX.length) : pair))
    .join('; ')
const bound = (cookie: string): string => {
  const whole = cookie.replace(/; Path=[^;]*/, '; Path=/')
  return `${PREFIX}${/; Secure(;|$)/.test(whole) ? whole : `${whole}; Secure`}`
}
