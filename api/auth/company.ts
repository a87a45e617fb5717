import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  None,
  type Configuration,
} from 'openid-client'
import { catalogue, EngineError, type Tx } from '../../engine/index.ts'
import type { Deps } from '../context.ts'
import { comeIn, isStillGiven, type CameIn } from './invitation.ts'

/** Sign-in at the company's identity provider (OpenID Connect), as configured by `OIDC_*`. */
export interface CompanyConfig {
  readonly issuer: string
  readonly clientId: string
  /** Null: a public client, which PKCE alone protects. */
  readonly clientSecret: string | null
  /** On the button: “Sign in with <name>”. */
  readonly name: string
  /** Role of whoever signs in for the first time: one that is always there, or a company's own of `default`. Null: only those invited or linked get in. */
  readonly role: string | null
}
/** Why newcomers cannot be given a role of this name; null: they can. Whoever manages people could give themselves the rest, so not everybody may come as one. */
export function whyNoNewcomer(tx: Tx, name: string): 'unknown' | 'too_much' | null {
  const role = catalogue.rightsRoleIn(tx, 'default', name)
  if (role === undefined) return 'unknown'
  return role.rights.includes('manage-people') ? 'too_much' : null
}
type Person = catalogue.Person
const CEREMONY_MS = 10 * 60_000
/** The provider's documents are read again after so long. */
const FRESH_MS = 3_600_000

export interface Company {
  /** Where the browser goes now. `link`: the account shall join this person. */
  begin(holds: string, wish: { path: string | null; invite: string | null; link: Person | null }): Promise<string>
  /**
   * `query` is what the provider sent the browser back with, `me` who is signed in there: an account joins nobody but who began it and is
   * still there. @throws FORBIDDEN, CONFLICT, UNAVAILABLE
   */
  end(
    holds: string,
    query: string,
    me: Person | null,
  ): Promise<{ person: Person; path: string | null; isNew: boolean; linked: boolean; came: CameIn | null }>
}
export function createCompany(deps: Deps, config: CompanyConfig): Company {
  const { db, now, log } = deps
  const redirectUri = `${deps.config.url}/sign-in/company`
  let known: { readonly at: number; readonly provider: Promise<Configuration> } | null = null
  const provider = async (): Promise<Configuration> => {
    if (known === null || now() - known.at > FRESH_MS) known = { at: now(), provider: discover(config) }
    try {
      return await known.provider
    } catch (error) {
      known = null
      log.warn({ err: error, issuer: config.issuer }, 'the company’s sign-in cannot be reached')
      throw new EngineError('UNAVAILABLE', { reason: 'COMPANY_DOWN' })
    }
  }
  // Made of what the browser holds, so that nothing secret is kept here: neither can be known without its cookie.
  const derived = (holds: string, state: string, what: 'pkce' | 'nonce'): string =>
    catalogue.hashOf(`${what} ${holds} ${state}`)

  return {
    async begin(holds, { path, invite, link }) {
      const configuration = await provider()
      const code = invite === null ? undefined : db.read((tx) => catalogue.codeOf(tx, invite, now()))
      if (invite !== null && code?.kind !== 'invite') throw new EngineError('NOT_FOUND', { reason: 'CODE_UNKNOWN' })
      const state = catalogue.newSecret()
      const data = { path, invite: code?.id ?? null }
      const begun = { kind: 'company', person: link?.id ?? null, data, ttlMs: CEREMONY_MS }
      await db.write((tx) => catalogue.beginCeremony(tx, `${holds} ${state}`, begun, now()))
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: 'openid profile email',
        code_challenge: await calculatePKCECodeChallenge(derived(holds, state, 'pkce')),
        code_challenge_method: 'S256',
        state,
        nonce: derived(holds, state, 'nonce'),
      })
      return url.href
    },
    async end(holds, query, me) {
      const state = new URLSearchParams(query).get('state') ?? ''
      const begun = await db.write((tx) => catalogue.endCeremony(tx, `${holds} ${state}`, 'company', now()))
      // Else whoever plants what the browser holds, or left it behind in a shared one, has another's account joined to themselves.
      if (!begun || (begun.person !== null && begun.person !== me?.id))
        throw new EngineError('FORBIDDEN', { reason: 'COMPANY_STALE' })
      const configuration = await provider()
      let claims: Claims | undefined
      try {
        const answer = await authorizationCodeGrant(configuration, new URL(`${redirectUri}?${query}`), {
          pkceCodeVerifier: derived(holds, state, 'pkce'),
          expectedState: state,
          expectedNonce: derived(holds, state, 'nonce'),
          idTokenExpected: true,
        })
        const told = answer.claims()
        // Many say no more in it than who it is.
        const more =
          told && told['name'] === undefined ? await moreOf(configuration, answer.access_token, told.sub) : {}
        claims = told && { ...more, ...told }
      } catch (error) {
        log.warn({ err: error, issuer: config.issuer }, 'the company’s sign-in was refused')
        const denied = error instanceof AuthorizationResponseError && error.error === 'access_denied'
        throw new EngineError('FORBIDDEN', { reason: denied ? 'COMPANY_DENIED' : 'COMPANY_REFUSED' })
      }
      if (!claims) throw new EngineError('FORBIDDEN', { reason: 'COMPANY_REFUSED' })
      const { path = null, invite = null } = begun.data
      const wish = { invite, link: begun.person, role: config.role }
      const found = await db.write((tx) => personOf(tx, claims, wish, now()))
      return { ...found, path }
    },
  }
}

interface Claims {
  readonly iss: string
  readonly sub: string
  readonly [claim: string]: unknown
}
/** What the provider tells of a person beside who they are; without it their account's name stands in. */
async function moreOf(configuration: Configuration, token: string, subject: string): Promise<Record<string, unknown>> {
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return {}
  return { ...(await fetchUserInfo(configuration, token, subject)) }
}
async function discover({ issuer, clientId, clientSecret }: CompanyConfig): Promise<Configuration> {
  const url = new URL(issuer)
  // Plain http only to this machine, which the configuration has made sure of.
  const execute = url.protocol === 'http:' ? [allowInsecureRequests] : []
  return discovery(url, clientId, clientSecret ?? undefined, clientSecret === null ? None() : undefined, {
    execute,
    timeout: 10,
  })
}

interface Wish {
  /** Id of an invitation. */
  readonly invite: string | null
  readonly link: string | null
  readonly role: string | null
}
/** Whoever the account is: by its subject alone, never by an equal address. @throws FORBIDDEN, CONFLICT */
function personOf(
  tx: Tx,
  claims: Claims,
  { invite, link, role }: Wish,
  now: number,
): { person: Person; isNew: boolean; linked: boolean; came: CameIn | null } {
  const account = { platform: 'oidc' as const, team: claims.iss, user: claims.sub }
  const identity = catalogue.identityOf(tx, account)
  const known = identity && catalogue.personById(tx, identity.person)
  const name = nameOf(claims)
  if (link !== null) {
    const person = catalogue.personById(tx, link)
    if (!person?.active) throw new EngineError('FORBIDDEN', { reason: 'SUSPENDED' })
    if (known && known.id !== link) throw new EngineError('CONFLICT', { reason: 'ALREADY_LINKED' })
    catalogue.linkIdentity(tx, link, account, name, now)
    return { person, isNew: false, linked: true, came: null }
  }
  if (known) {
    if (!known.active) throw new EngineError('FORBIDDEN', { reason: 'SUSPENDED' })
    return { person: known, isNew: false, linked: false, came: null }
  }
  const invitation = invite === null ? undefined : catalogue.codeById(tx, invite)
  const isOpen =
    invitation !== undefined && invitation.usedAt === null && invitation.expiresAt > now && isStillGiven(tx, invitation)
  if (invite !== null && !isOpen) throw new EngineError('NOT_FOUND', { reason: 'CODE_UNKNOWN' })
  // A role of the company's own may have been taken out, or become more, since Baton was started.
  const given = invitation?.role ?? (role !== null && whyNoNewcomer(tx, role) === null ? role : null)
  if (given === null)
    throw new EngineError('FORBIDDEN', {
      reason: 'COMPANY_UNKNOWN',
      grantedBy: catalogue.ownersOf(tx).map((owner) => owner.name),
    })
  const email = claims['email_verified'] === true && typeof claims['email'] === 'string' ? claims['email'] : null
  const who = { name, email: freeMail(tx, email) }
  const came = invitation ? comeIn(tx, invitation, who, now) : null
  const person = came?.person ?? catalogue.addPerson(tx, { ...who, role: given }, now)
  catalogue.linkIdentity(tx, person.id, account, name, now)
  return { person, isNew: true, linked: false, came }
}
/** An address that is somebody's already names them alone. */
const freeMail = (tx: Tx, email: string | null): string | null =>
  email !== null && catalogue.personByRef(tx, email) === undefined ? email : null
function nameOf(claims: Claims): string {
  for (const key of ['name', 'preferred_username', 'email']) {
    const value = claims[key]
    if (typeof value === 'string' && value.trim() !== '') return value.trim().slice(0, 80)
  }
  return claims.sub.slice(0, 80)
}
