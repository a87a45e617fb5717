import { Hono, type Context as Call, type Handler } from 'hono'
import { EngineError, type Value } from '../engine/index.ts'
import { takeUpload } from './auth/at-once.ts'
import { endSessionCookie } from './auth/cookies.ts'
import { hostCookies } from './auth/host-cookies.ts'
import { createGuard, createLimiter } from './auth/limit.ts'
import { authRoutes, refuse } from './auth/routes.ts'
import { endStolen } from './auth/stolen.ts'
import { whoIs } from './auth/who.ts'
import { bounded, MAX_BODY } from './body.ts'
import type { Context, Deps, Who } from './context.ts'
import { createGraphql } from './graphql/yoga.ts'
import { act } from './graphql/act.ts'
import { exportHistory } from './modules/audit/export.ts'
import { fileFor, MAX_UPLOAD } from './modules/file/file.ts'
import { metricsText } from './metrics.ts'
import { securityHeaders } from './security.ts'
import { languageOf } from './texts.ts'

export interface AppOptions {
  /** Handlers of the chats' doors, once their bots run. */
  readonly slack?: () => ((request: Request) => Promise<Response>) | undefined
  readonly telegram?: () => ((request: Request) => Promise<Response>) | undefined
  /** Serves the page and its files; absent: none. */
  readonly web?: Handler
  /** False while starting and stopping. */
  readonly ready?: () => boolean
}

/** Everything Baton answers. The same on Node and Workers, and what the bots' client calls without a network. */
export function createApp(deps: Deps, options: AppOptions): Hono {
  const app = new Hono()
  const codes = createGuard(deps.now)
  const calls = createLimiter({ burst: 300, everyMs: 20 }, deps.now)
  const graphql = createGraphql(deps.log)
  const whoOf = async (call: Call): Promise<Who> => {
    const who = whoIs(deps.db, call.req.raw.headers, deps.now())
    if (who.stolen === undefined) return who
    await endStolen(deps, who.stolen, call.req.raw.headers)
    call.header('set-cookie', endSessionCookie)
    throw new EngineError('UNAUTHENTICATED', { reason: 'SESSION_ELSEWHERE' })
  }

  app.use('*', securityHeaders(deps.config.url), hostCookies(deps.config.url))
  app.onError((error, call) => {
    const language = languageOf(null, call.req.header('accept-language') ?? null)
    if (error instanceof EngineError) return refuse(call, error, language)
    if (call.req.raw.signal.aborted) return new Response(null, { status: 499 }) // whoever asked has left
    deps.log.error({ err: error, path: call.req.path }, 'a request failed')
    return call.json(
      { errors: [{ message: 'A fault in Baton. It has been noted.', extensions: { code: 'INTERNAL' } }] },
      500,
    )
  })

  app.get('/healthz', (call) => call.json({ ok: true }))
  app.get('/readyz', (call) => {
    const isReady = options.ready?.() ?? true
    return call.json({ ready: isReady }, isReady ? 200 : 503)
  })
  app.get('/metrics', (call) => call.text(metricsText(deps), 200, { 'content-type': 'text/plain; version=0.0.4' }))

  app.use('/graphql', async (call, next) => {
    if (call.req.method === 'POST') return next()
    call.header('allow', 'POST')
    return call.json(
      {
        errors: [{ message: 'expected POST: reading is done by POST here too', extensions: { code: 'INVALID_INPUT' } }],
      },
      405,
    )
  })
  app.post('/graphql', async (call) => {
    sameSite(call, deps.config.url)
    const { headers } = call.req.raw
    const who = await whoOf(call)
    // A person made beside this process (`baton token new`) is not in the directory yet.
    if (who.person && deps.directory.people(who.person.id, who.actor).length === 0) deps.directory.refresh()
    const caller = callerOf(call)
    if (!who.service) calls.take(who.person?.id ?? caller)
    const uploads = isUpload(headers) && who.person !== null
    // Before it is read: what comes in at once is held at once.
    const sent = uploads ? takeUpload({ ...deps, who }) : null
    const request = await bounded(call.req.raw, uploads ? MAX_UPLOAD + MAX_BODY : MAX_BODY).catch((error: unknown) => {
      sent?.()
      throw error
    })
    const cookies: string[] = []
    const context: Context = {
      ...deps,
      who,
      codes,
      caller,
      cookies,
      signal: call.req.raw.signal,
      recheck: () => whoIs(deps.db, headers, deps.now()),
    }
    const answer = await Promise.resolve(graphql.fetch(request, { context })).finally(() => sent?.())
    if (cookies.length === 0) return answer
    const response = new Response(answer.body, answer)
    for (const cookie of cookies) response.headers.append('set-cookie', cookie)
    return response
  })

  app.post('/export/history', async (call) => {
    sameSite(call, deps.config.url)
    const { headers } = call.req.raw
    const who = await whoOf(call)
    const caller = callerOf(call)
    calls.take(who.person?.id ?? caller)
    const body = await payloadOf(await bounded(call.req.raw))
    const context: Context = {
      ...deps,
      who,
      codes,
      caller,
      cookies: [],
      signal: call.req.raw.signal,
      recheck: () => whoIs(deps.db, headers, deps.now()),
    }
    return act(context, 'exportHistory', JSON.stringify(body), () => exportHistory(context, body))
  })

  app.use('/auth/*', async (call, next) => {
    sameSite(call, deps.config.url)
    if (call.req.method !== 'GET') call.req.raw = await bounded(call.req.raw)
    return next()
  })
  app.route('/auth', authRoutes(deps, { codes, callerOf }))

  app.post('/callback/:token', async (call) => {
    calls.take(callerOf(call))
    const request = await bounded(call.req.raw)
    const key = call.req.header('idempotency-key')?.slice(0, 200) ?? null
    const known = await deps.engine.callback(call.req.param('token'), await payloadOf(request), key)
    // Forged and unknown ones are told apart from nothing.
    return known
      ? call.json({ accepted: true }, 202)
      : call.json({ errors: [{ message: 'not found', extensions: { code: 'NOT_FOUND' } }] }, 404)
  })

  app.get('/files/:id', async (call) => {
    const { headers } = call.req.raw
    const who = whoIs(deps.db, headers, deps.now())
    calls.take(who.person?.id ?? callerOf(call))
    const recheck = () => whoIs(deps.db, headers, deps.now())
    const { facts, content } = await fileFor(
      { ...deps, who, codes, caller: callerOf(call), cookies: [], recheck },
      call.req.param('id'),
    )
    // Whatever somebody uploaded must not become a page or a script of ours.
    return new Response(streamOf(content), {
      headers: {
        'content-type': 'application/octet-stream',
        'content-length': String(facts.bytes),
        'content-disposition': `attachment; filename*=UTF-8''${extValue(facts.name)}`,
        'x-content-type-options': 'nosniff',
        'cache-control': 'private, no-store',
      },
    })
  })

  const chat = (path: string, handler: () => ((request: Request) => Promise<Response>) | undefined): void => {
    app.post(path, async (call) => {
      const handle = handler()
      return handle ? handle(await bounded(call.req.raw)) : call.notFound()
    })
  }
  chat('/slack/events', () => options.slack?.())
  chat('/telegram/webhook', () => options.telegram?.())

  if (options.web) app.get('*', options.web)
  app.notFound((call) => call.json({ errors: [{ message: 'not found', extensions: { code: 'NOT_FOUND' } }] }, 404))
  return app
}

/** Read as fast as it is taken, and no further. */
function streamOf(content: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = content[Symbol.asyncIterator]()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await pieces.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    async cancel() {
      await pieces.return?.()
    },
  })
}
/** As RFC 8187 writes a name in a header: what `encodeURIComponent` leaves of quotes, brackets and stars ends a value for some. */
const extValue = (name: string): string =>
  encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
/** Files alone may be larger than a request is otherwise, and only somebody known may send them. */
const isUpload = (headers: Headers): boolean => /^multipart\/form-data\b/i.test(headers.get('content-type') ?? '')

/** A cookie goes along with what any page sends here: only our own page (or something that is no browser) may use it. */
function sameSite(call: Call, url: string): void {
  if (call.req.method === 'GET') return
  const { headers } = call.req.raw
  if (/^Bearer \S+$/i.test(headers.get('authorization') ?? '')) return // the token speaks, not a cookie (see whoIs)
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  const isJson = type === 'application/json' || type === 'application/graphql-response+json'
  // Forms and text/plain need no preflight; a multipart upload must show a header that does.
  if (!isJson && !(type === 'multipart/form-data' && headers.get('x-baton-surface')))
    throw new EngineError('INVALID_INPUT', {
      message: `expected content-type application/json, but got ${type ?? 'none'}`,
    })
  const site = headers.get('sec-fetch-site')
  const origin = headers.get('origin')
  const own = new Set([new URL(url).origin, new URL(call.req.url).origin])
  const host = headers.get('host')
  const isForeign =
    (site !== null && site !== 'same-origin' && site !== 'none') ||
    (origin !== null && !own.has(origin) && (host === null || hostOf(origin) !== host))
  if (isForeign)
    throw new EngineError('FORBIDDEN', { message: 'This came from another site’s page. Nothing was done.' })
}
const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null)

/** The network address as the socket has it. Headers that claim another are not believed: anybody can send them. */
function callerOf(call: Call): string {
  const bindings = call.env as { incoming?: { socket?: { remoteAddress?: string } } } | undefined
  return bindings?.incoming?.socket?.remoteAddress ?? 'local'
}

/** JSON as it is, a form as an object, anything else as text. @throws INVALID_INPUT */
async function payloadOf(request: Request): Promise<Value> {
  const text = await request.text()
  const type = request.headers.get('content-type') ?? ''
  if (type.includes('application/x-www-form-urlencoded')) return Object.fromEntries(new URLSearchParams(text))
  if (text === '') return null
  if (!type.includes('json')) return text
  try {
    return JSON.parse(text) as Value
  } catch (error) {
    throw new EngineError('INVALID_INPUT', { message: `expected JSON: ${(error as Error).message}` })
  }
}
