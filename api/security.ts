import type { MiddlewareHandler } from 'hono'

/** On every answer. Telegram's own clients show the page in a frame, so that one is allowed to. */
export function securityHeaders(url: string): MiddlewareHandler {
  const policy = [
    "default-src 'none'",
    "script-src 'self' https://telegram.org",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self' https://web.telegram.org https://*.telegram.org",
  ].join('; ')
  const isHttps = url.startsWith('https:')
  return async (call, next) => {
    await next()
    call.header('content-security-policy', policy)
    call.header('x-content-type-options', 'nosniff')
    call.header('referrer-policy', 'no-referrer')
    call.header('cross-origin-opener-policy', 'same-origin')
    call.header('cross-origin-resource-policy', 'same-origin')
    // Answers are somebody's own; what may be kept (the page and its files) says so itself.
    if (!call.res.headers.has('cache-control')) call.header('cache-control', 'no-store')
    if (isHttps) call.header('strict-transport-security', 'max-age=31536000')
  }
}
