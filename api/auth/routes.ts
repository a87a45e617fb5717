import { Hono, type Context as Call } from 'hono'
import { catalogue, EngineError } from '../../engine/index.ts'
import type { Deps } from '../context.ts'
import { toPublicError } from '../error.ts'
import { languageOf, textsOf } from '../texts.ts'
import type { Guard } from './limit.ts'
import { redeem } from './redeem.ts'
import { verifyInitData } from './init-data.ts'
import { SESSION_COOKIE } from './who.ts'

/** Older launch data of the Mini App is refused: whoever finds some in a log gets nothing. */
const INIT_DATA_MAX_AGE_S = 3600

export interface AuthOptions {
  readonly codes: Guard
  readonly callerOf: (call: Call) => string
}
/** Doors through which a browser gets its session. All are POST with JSON: a link that is merely opened (or previewed) spends nothing. */
export function authRoutes(deps: Deps, { codes, callerOf }: AuthOptions): Hono {
  const routes = new Hono()
  /** Runs one door: its share of tries, its body, its refusals. */
  const door = (path: string, open: (body: Record<string, unknown>, call: Call) => Promise<Response>): void => {
    routes.post(path, async (call) => {
      const language = languageOf(null, call.req.header('accept-language') ?? null)
      try {
        return await codes.run(callerOf(call), async () => open(await bodyOf(call), call))
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
        return refuse(call, error, language)
      }
    })
  }
  const enter = async (
    person: catalogue.Person,
    call: Call,
    what: string,
    more: object = {},
    token?: catalogue.Token,
  ): Promise<Response> => {
    const secret = await deps.db.write((tx) => {
      const at = deps.now()
      catalogue.addAudit(
        tx,
        { at, by: { person: person.id, name: person.name, surface: 'phone' }, what, allowed: true },
        deps.keys.audit,
      )
      return catalogue.openSession(tx, person.id, at, token)
    })
    call.header('set-cookie', sessionCookie(secret, deps.config.url))
    return call.json({ person: { id: person.id, name: person.name, role: person.role }, ...more })
  }

  door('/sign-in', async (body, call) => {
    const code = text(body, 'code')
    const name = typeof body['name'] === 'string' ? body['name'] : null
    const ownerName = textsOf(languageOf(null, call.req.header('accept-language') ?? null)).ownerName
    const redeemed = await deps.db.write((tx) => redeem(tx, code, { name, ownerName }, deps.now()))
    if (redeemed.kind === 'needs_name') return call.json({ needs: 'name', role: redeemed.role })
    deps.directory.refresh()
    if (redeemed.isNew && redeemed.person.role === 'owner') await deps.firstOwner?.(redeemed.person)
    return enter(redeemed.person, call, 'signIn', { path: redeemed.path ?? '/', answers: redeemed.answers })
  })
  door('/token', async (body, call) => {
    const token = deps.db.read((tx) => catalogue.tokenOf(tx, text(body, 'token'), deps.now()))
    const person = token?.person ? deps.db.read((tx) => catalogue.personById(tx, token.person!)) : undefined
    // A narrowed token opens no session: a session has all rights of its person.
    if (!token || !person?.active || token.scopes.length > 0)
      throw new EngineError('NOT_FOUND', { reason: 'CODE_UNKNOWN' })
    return enter(person, call, 'signInWithToken', {}, token)
  })
  door('/telegram', async (body, call) => {
    const { telegramBotToken: botToken, telegramInitDataKey: publicKey } = deps.config
    const options = {
      now: deps.now(),
      maxAgeS: INIT_DATA_MAX_AGE_S,
      ...(publicKey !== null && { publicKeyHex: publicKey }),
    }
    const found = botToken === null ? null : await verifyInitData(text(body, 'initData'), { botToken, ...options })
    if (!found?.ok)
      throw new EngineError('FORBIDDEN', {
        message: 'This sign-in does not come from Telegram, or is too old. Open the page again from the chat.',
      })
    const account = { platform: 'telegram' as const, team: '', user: found.user.id }
    const identity = deps.db.read((tx) => catalogue.identityOf(tx, account))
    const person = identity && deps.db.read((tx) => catalogue.personById(tx, identity.person))
    if (!person?.active)
      throw new EngineError('NOT_FOUND', {
        message: 'This Telegram account is not linked yet. Send /start to the bot first.',
      })
    return enter(person, call, 'signInWithTelegram')
  })
  return routes
}

/** Lax: a link from a chat opens the page signed in, but no other site's POST carries it. */
function sessionCookie(secret: string, url: string): string {
  const secure = url.startsWith('https:') ? '; Secure' : ''
  return `${SESSION_COOKIE}=${secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${catalogue.SESSION_MS / 1000}${secure}`
}
export const endSessionCookie = `${SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`

async function bodyOf(call: Call): Promise<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(await call.req.text())
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Record<string, unknown>
  } catch {
    // told below
  }
  throw new EngineError('INVALID_INPUT', { message: 'expected a JSON object as body' })
}
function text(body: Record<string, unknown>, field: string): string {
  const value = body[field]
  if (typeof value === 'string' && value !== '' && value.length <= 4096) return value
  throw new EngineError('INVALID_INPUT', {
    message: `expected “${field}” as text`,
    fields: [{ field, code: 'REQUIRED', message: `expected “${field}” as text` }],
  })
}

const STATUS: Readonly<Record<string, 400 | 401 | 403 | 404 | 413 | 429 | 503>> = {
  INVALID_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  TOO_LARGE: 413,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
}
/** A refusal outside GraphQL, in GraphQL's shape, so that clients read one kind of error. */
export function refuse(call: Call, error: EngineError, language: 'en' | 'zh'): Response {
  const retryAfterS = error.detail['retryAfterS']
  if (typeof retryAfterS === 'number') call.header('retry-after', String(retryAfterS))
  const { message, extensions } = toPublicError(error, { language, timeZone: null }) as {
    message: string
    extensions: object
  }
  return call.json({ errors: [{ message, extensions }] }, STATUS[error.code] ?? 400)
}
