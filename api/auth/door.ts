import type { Context as Call, Hono } from 'hono'
import { catalogue, EngineError } from '../../engine/index.ts'
import type { Deps } from '../context.ts'
import { toPublicError } from '../error.ts'
import { languageOf, type Language } from '../texts.ts'
import { browserOf } from './browser.ts'
import { sessionCookie } from './cookies.ts'
import type { Guard } from './limit.ts'
import { cookieOf, SESSION_COOKIE } from './who.ts'

export interface AuthOptions {
  readonly codes: Guard
  readonly callerOf: (call: Call) => string
}
export type Body = Readonly<Record<string, unknown>>
/** Opens one door: POST with a JSON object, its share of tries, its refusals in GraphQL's shape. */
export type Door = (path: string, open: (body: Body, call: Call) => Promise<Response>) => void

export const languageOfCall = (call: Call): Language => languageOf(null, call.req.header('accept-language') ?? null)

export const doorsOf =
  (routes: Hono, { codes, callerOf }: AuthOptions): Door =>
  (path, open) => {
    routes.post(path, async (call) => {
      try {
        return await codes.run(callerOf(call), async () => open(await bodyOf(call), call))
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
        return refuse(call, error, languageOfCall(call))
      }
    })
  }

export interface Entering extends catalogue.SessionStart {
  /** As the audit has it. */
  readonly what: string
  /** Beside the person, for the page. */
  readonly more?: object
  /** Beside how and where, for the audit. */
  readonly detail?: object
}
/** Opens a session for a person who has shown who they are. @throws FORBIDDEN for an account that is for tools. */
export async function enter(deps: Deps, person: catalogue.Person, call: Call, entering: Entering): Promise<Response> {
  const { what, more, detail: beside, ...start } = entering
  const by = { person: person.id, name: person.name, surface: 'phone' as const }
  if (person.kind !== 'person') {
    await audit(deps, { by, what, allowed: false, detail: { reason: 'SERVICE_ACCOUNT' } })
    throw new EngineError('FORBIDDEN', { reason: 'SERVICE_ACCOUNT' })
  }
  if (!person.active) throw new EngineError('FORBIDDEN', { reason: 'SUSPENDED' })
  const { headers } = call.req.raw
  const browser = browserOf(headers)
  const before = cookieOf(headers, SESSION_COOKIE)
  const secret = await deps.db.write((tx) => {
    const at = deps.now()
    const detail = { how: start.how, browser, ...beside }
    catalogue.addAudit(tx, { at, by, what, allowed: true, detail }, deps.keys.audit)
    if (before !== null) catalogue.closeSession(tx, before) // this browser has one at a time
    return catalogue.openSession(tx, person.id, at, { ...start, browser })
  })
  call.header('set-cookie', sessionCookie(secret, deps.config.url), { append: true })
  return call.json({ person: { id: person.id, name: person.name, role: person.role }, ...more })
}

type Entry = Pick<Parameters<typeof catalogue.addAudit>[1], 'what' | 'allowed'> &
  Partial<Pick<Parameters<typeof catalogue.addAudit>[1], 'by' | 'target' | 'detail'>>
const STRANGER = { person: null, name: 'Nobody', surface: 'phone' as const }
/** What happens at the doors is in the audit like everything else. */
export const audit = (deps: Deps, entry: Entry): Promise<void> =>
  deps.db.write((tx) => {
    catalogue.addAudit(tx, { at: deps.now(), by: STRANGER, target: null, ...entry }, deps.keys.audit)
  })

async function bodyOf(call: Call): Promise<Body> {
  try {
    const body: unknown = JSON.parse(await call.req.text())
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Body
  } catch {
    // told below
  }
  throw new EngineError('INVALID_INPUT', { message: 'expected a JSON object as body' })
}
const LONGEST = 4096
export function text(body: Body, field: string): string {
  const value = body[field]
  if (typeof value === 'string' && value !== '' && value.length <= LONGEST) return value
  throw new EngineError('INVALID_INPUT', {
    message: `expected “${field}” as text`,
    fields: [{ field, code: 'REQUIRED', message: `expected “${field}” as text` }],
  })
}
export const optionalText = (body: Body, field: string): string | null =>
  body[field] === undefined || body[field] === null || body[field] === '' ? null : text(body, field)
/** Only a path of ours: an address would make a sign-in a redirect to anywhere. */
export const ourPath = (path: string | null): string | null =>
  path !== null && /^\/(?![/\\])[^\s]*$/.test(path) ? path : null

const STATUS: Readonly<Record<string, 400 | 401 | 403 | 404 | 409 | 413 | 429 | 503>> = {
  INVALID_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  TOO_LARGE: 413,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
}
/** A refusal outside GraphQL, in GraphQL's shape, so that clients read one kind of error. */
export function refuse(call: Call, error: EngineError, language: Language): Response {
  const retryAfterS = error.detail['retryAfterS']
  if (typeof retryAfterS === 'number') call.header('retry-after', String(retryAfterS))
  const { message, extensions } = toPublicError(error, { language, timeZone: null }) as {
    message: string
    extensions: object
  }
  return call.json({ errors: [{ message, extensions }] }, STATUS[error.code] ?? 400)
}
