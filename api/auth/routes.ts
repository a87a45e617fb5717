import { Hono, type Context as Call } from 'hono'
import { catalogue, EngineError } from '../../engine/index.ts'
import type { Deps } from '../context.ts'
import { textsOf } from '../texts.ts'
import { browserOf } from './browser.ts'
import { createCompany } from './company.ts'
import { browserCookie, browserHolds } from './cookies.ts'
import { audit, doorsOf, enter, languageOfCall, optionalText, ourPath, text, type AuthOptions } from './door.ts'
import { verifyInitData } from './init-data.ts'
import { sendSignInLink } from './link.ts'
import { beginAssertion, endAssertion } from './passkey.ts'
import { sure } from './proof.ts'
import { redeem } from './redeem.ts'
import { isForAnyBrowser, tellSignedIn } from './used.ts'
import { whoIs } from './who.ts'

export { refuse, type AuthOptions } from './door.ts'

/** Older launch data of the Mini App is refused: whoever finds some in a log gets nothing. */
const INIT_DATA_MAX_AGE_S = 3600

/** Doors through which a browser gets its session. All are POST with JSON: a link that is merely opened (or previewed) spends nothing. */
export function authRoutes(deps: Deps, options: AuthOptions): Hono {
  const routes = new Hono()
  const door = doorsOf(routes, options)
  /** What this browser holds; it is given something to hold when it comes for the first time. */
  const holding = (call: Call): string => {
    const { holds, set } = browserCookie(call.req.raw.headers, deps.config.url)
    if (set !== null) call.header('set-cookie', set, { append: true })
    return holds
  }
  /** What it came back with. @throws FORBIDDEN when it holds nothing: whatever it ends was begun elsewhere. */
  const held = (call: Call, reason: string): string => {
    const holds = browserHolds(call.req.raw.headers)
    if (holds === null) throw new EngineError('FORBIDDEN', { reason })
    return holds
  }

  door('/sign-in', async (body, call) => {
    const code = text(body, 'code')
    const name = typeof body['name'] === 'string' ? body['name'] : null
    const { ownerName } = textsOf(languageOfCall(call))
    const holds = browserHolds(call.req.raw.headers)
    // Somebody else's link must not quietly make this browser theirs, nor an invitation make a second person of whoever is here.
    const other = body['switch'] === true ? null : otherThan(deps, call, code)
    if (other) return call.json({ needs: 'switch', ...other })
    const open = openTo(deps, code)
    const isHere = open !== null && signedInAs(deps, call) === open.person.id
    // Whoever opens such a link reads first whom it signs in, and presses: Telegram's word for the same person is as good.
    if (
      open &&
      !isHere &&
      body['confirm'] !== true &&
      body['switch'] !== true &&
      !(await isVouchedFor(deps, body, open))
    )
      return call.json({ needs: 'confirm', to: open.person.name })
    try {
      const redeemed = await deps.db.write((tx) => {
        const found = redeem(tx, code, { name, ownerName, browser: holds }, deps.now())
        if (open && !isHere && found.kind === 'person')
          tellSignedIn(tx, deps, found.person, open.id, browserOf(call.req.raw.headers))
        return found
      })
      if (open && !isHere) deps.hub.wake()
      if (redeemed.kind === 'needs_name') {
        const { role, project, places } = redeemed
        return call.json({ needs: 'name', role, ...(project && { project }), ...(places.length > 0 && { places }) })
      }
      const { members, leftOut } = redeemed
      deps.directory.refresh({ people: [redeemed.person.id], members })
      if (members.length > 0) deps.access.changed([redeemed.person.id])
      if (redeemed.isNew && redeemed.person.role === 'owner') await deps.firstOwner?.(redeemed.person)
      const left = leftOut.length > 0 && { leftOut }
      const more = { path: redeemed.path ?? '/', answers: redeemed.answers, ...left }
      return await enter(deps, redeemed.person, call, {
        how: 'link',
        what: 'signIn',
        more,
        ...(left && { detail: left }),
      })
    } catch (error) {
      await noteRefusal(deps, 'signIn', error)
      throw error
    }
  })
  door('/link', async (body, call) => {
    await sendSignInLink(deps, {
      to: text(body, 'to').trim(),
      path: ourPath(optionalText(body, 'path')),
      browser: holding(call),
      language: languageOfCall(call),
      from: browserOf(call.req.raw.headers),
    })
    return call.json({ sent: true }) // to whom, and whether to anybody, is nobody's business here
  })
  door('/token', async (body, call) => {
    const token = deps.db.read((tx) => catalogue.tokenOf(tx, text(body, 'token'), deps.now()))
    const person = token?.person ? deps.db.read((tx) => catalogue.personById(tx, token.person!)) : undefined
    // A narrowed token opens no session: a session has all rights of its person.
    if (!token || !person?.active || token.scopes.length > 0) {
      const error = new EngineError('NOT_FOUND', { reason: 'CODE_UNKNOWN' })
      await noteRefusal(deps, 'signInWithToken', error)
      throw error
    }
    return enter(deps, person, call, { how: 'token', what: 'signInWithToken', token })
  })
  door('/telegram', async (body, call) => {
    const found = await fromTelegram(deps, text(body, 'initData'))
    if (!found?.ok) {
      const error = new EngineError('FORBIDDEN', {
        message: 'This sign-in does not come from Telegram, or is too old. Open the page again from the chat.',
      })
      await noteRefusal(deps, 'signInWithTelegram', error)
      throw error
    }
    const account = { platform: 'telegram' as const, team: '', user: found.user.id }
    const identity = deps.db.read((tx) => catalogue.identityOf(tx, account))
    const person = identity && deps.db.read((tx) => catalogue.personById(tx, identity.person))
    if (!person?.active) {
      const error = new EngineError('NOT_FOUND', {
        message: 'This Telegram account is not linked yet. Send /start to the bot first.',
      })
      await noteRefusal(deps, 'signInWithTelegram', error)
      throw error
    }
    return enter(deps, person, call, { how: 'telegram', what: 'signInWithTelegram' })
  })

  door('/passkey/begin', async (_body, call) =>
    call.json({ options: await beginAssertion(deps, 'passkey_sign_in', holding(call), null) }),
  )
  door('/passkey', async (body, call) => {
    try {
      const holds = held(call, 'PASSKEY_USED')
      const person = await endAssertion(deps, 'passkey_sign_in', holds, body['response'], null)
      return await enter(deps, person, call, { how: 'passkey', what: 'signInWithPasskey', proved: true })
    } catch (error) {
      await noteRefusal(deps, 'signInWithPasskey', error)
      throw error
    }
  })

  const company = deps.config.company ? createCompany(deps, deps.config.company) : null
  const theCompany = () => {
    if (company) return company
    throw new EngineError('NOT_ALLOWED', { reason: 'COMPANY_NONE' })
  }
  door('/company/begin', async (body, call) => {
    // Only whoever is signed in here may join the account to themselves.
    const who = body['link'] === true ? whoIs(deps.db, call.req.raw.headers, deps.now()) : null
    if (who && (who.kind !== 'session' || !who.person)) throw new EngineError('UNAUTHENTICATED')
    if (who) sure({ ...deps, who })
    const wish = {
      path: ourPath(optionalText(body, 'path')),
      invite: optionalText(body, 'code'),
      link: who?.person ?? null,
    }
    return call.json({ url: await theCompany().begin(holding(call), wish) })
  })
  door('/company', async (body, call) => {
    try {
      const holds = held(call, 'COMPANY_STALE')
      const me = whoIs(deps.db, call.req.raw.headers, deps.now())
      const { person, path, linked, came } = await theCompany().end(
        holds,
        text(body, 'query'),
        me.kind === 'session' ? me.person : null,
      )
      deps.directory.refresh({ people: [person.id], members: came?.members ?? [] })
      if (came !== null && came.members.length > 0) deps.access.changed([person.id])
      if (linked) {
        const by = { person: person.id, name: person.name, surface: 'phone' as const }
        await audit(deps, { by, what: 'linkCompanyAccount', allowed: true })
        return call.json({ person: { id: person.id, name: person.name, role: person.role }, path: path ?? '/me' })
      }
      const left = came !== null && came.leftOut.length > 0 && { leftOut: came.leftOut }
      const more = { path: path ?? '/', ...left }
      const entering = { how: 'company', what: 'signInWithCompany', more, ...(left && { detail: left }) } as const
      return await enter(deps, person, call, entering)
    } catch (error) {
      await noteRefusal(deps, 'signInWithCompany', error)
      throw error
    }
  })
  return routes
}

/** What Telegram vouches for; null: no bot is connected. */
async function fromTelegram({ config, now }: Deps, initData: string) {
  const { telegramBotToken: botToken, telegramInitDataKey: publicKey } = config
  if (botToken === null) return null
  const key = publicKey !== null && { publicKeyHex: publicKey }
  return verifyInitData(initData, { botToken, now: now(), maxAgeS: INIT_DATA_MAX_AGE_S, ...key })
}
interface OpenLink {
  readonly id: string
  readonly person: catalogue.Person
}
/** Whom a link signs in that any browser may use. Nothing is spent. */
const openTo = (deps: Deps, code: string): OpenLink | null =>
  deps.db.read((tx) => {
    const row = catalogue.codeOf(tx, code, deps.now())
    const person = row?.person != null && isForAnyBrowser(row) ? catalogue.personById(tx, row.person) : undefined
    return row && person?.active ? { id: row.id, person } : null
  })
function signedInAs(deps: Deps, call: Call): string | null {
  const { kind, person } = whoIs(deps.db, call.req.raw.headers, deps.now())
  return kind === 'session' ? (person?.id ?? null) : null
}
async function isVouchedFor(
  deps: Deps,
  body: Readonly<Record<string, unknown>>,
  { person }: OpenLink,
): Promise<boolean> {
  const initData = optionalText(body, 'initData')
  const found = initData === null ? null : await fromTelegram(deps, initData)
  if (!found?.ok) return false
  const account = { platform: 'telegram' as const, team: '', user: found.user.id }
  return deps.db.read((tx) => catalogue.identityOf(tx, account))?.person === person.id
}
/** Who is signed in here, and whom the code is for, when they are two. Nothing is spent. */
function otherThan(deps: Deps, call: Call, code: string): { from: string; to: string | null } | null {
  const { kind, person } = whoIs(deps.db, call.req.raw.headers, deps.now())
  if (kind !== 'session' || !person) return null
  return deps.db.read((tx) => {
    const row = catalogue.codeOf(tx, code, deps.now())
    if (!row || row.person === person.id) return null
    return { from: person.name, to: row.person === null ? null : (catalogue.personById(tx, row.person)?.name ?? null) }
  })
}

/** Refusals at the doors are in the audit too. What was shown there is not. */
async function noteRefusal(deps: Deps, what: string, error: unknown): Promise<void> {
  if (!(error instanceof EngineError) || error.detail['noted'] === true) return
  const { reason, why } = error.detail
  await audit(deps, {
    what,
    allowed: false,
    detail: { code: error.code, ...(reason !== undefined && { reason }), ...(why !== undefined && { why }) },
  })
}
