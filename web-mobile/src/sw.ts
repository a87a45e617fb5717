/**
 * Keeps the page itself on the device, never what it shows: data has its own place with its age (state/last-known.ts),
 * and nothing of /graphql or of any POST passes through here. Files have their content's hash in the name, so they never grow old;
 * the document is asked of the server first and taken from the device only when there is no answer.
 */
interface Kept extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface Told extends Kept {
  readonly data: unknown
}
interface Fetched extends Kept {
  readonly request: Request
  respondWith(response: Promise<Response>): void
}
/** What of a worker's world is used here; the library's own types cannot stand beside a page's. */
interface Worker {
  readonly location: Location
  readonly clients: { claim(): Promise<void> }
  skipWaiting(): Promise<void>
  addEventListener(kind: 'install' | 'activate', listener: (event: Kept) => void): void
  addEventListener(kind: 'fetch', listener: (event: Fetched) => void): void
  addEventListener(kind: 'message', listener: (event: Told) => void): void
}
const worker = globalThis as unknown as Worker // this file runs as a service worker alone
const SHELL = 'baton-shell-1'

worker.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(SHELL)
      .then((cache) => cache.add('/'))
      .then(() => worker.skipWaiting()),
  )
})
worker.addEventListener('activate', (event) => {
  event.waitUntil(worker.clients.claim())
})
// What the page loaded before there was a worker: kept too, so that the first visit is enough.
worker.addEventListener('message', (event) => {
  const paths = Array.isArray(event.data)
    ? event.data.filter((path) => typeof path === 'string' && path.startsWith('/assets/'))
    : []
  event.waitUntil(
    caches
      .open(SHELL)
      .then((cache) => Promise.all(paths.map(async (path) => (await cache.match(path)) ?? cache.add(path)))),
  )
})
worker.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request))
})

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL)
  try {
    const response = await fetch(request)
    // Every path of ours is the same document; the API's own pages are not.
    if (response.ok && response.headers.get('content-type')?.startsWith('text/html')) {
      await cache.put('/', response.clone())
      await forgetOldAssets(cache, await response.clone().text())
    }
    return response
  } catch {
    return (await cache.match('/')) ?? Response.error()
  }
}

async function asset(request: Request): Promise<Response> {
  const cache = await caches.open(SHELL)
  const kept = await cache.match(request)
  if (kept) return kept
  const response = await fetch(request)
  if (response.ok) await cache.put(request, response.clone())
  return response
}

/** Once the document names another entry, the files of the version before it are of no use. */
async function forgetOldAssets(cache: Cache, html: string): Promise<void> {
  const entry = /\/assets\/index-[\w-]+\.js/.exec(html)?.[0]
  if (!entry || (await cache.match(entry))) return
  for (const request of await cache.keys())
    if (new URL(request.url).pathname.startsWith('/assets/')) await cache.delete(request)
}

export {}
