import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
  type AuthenticationResponseJSON,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { catalogue, EngineError, type Database } from '../../engine/index.ts'

type Person = catalogue.Person
type Passkey = catalogue.Passkey
/** Between asking the authenticator and hearing of it. */
const CEREMONY_MS = 5 * 60_000
const MOST_KEYS = 20
/** So long an assertion counts as fresh: for what asks for one, and for changing passkeys. */
export const PROOF_MS = 5 * 60_000

export interface PasskeyParts {
  readonly db: Database
  readonly config: { readonly url: string }
  readonly now: () => number
}
interface Site {
  readonly origin: string
  /** What a passkey belongs to: the host's name. */
  readonly id: string
}
/** Browsers make passkeys for names over https, and for localhost; null: not for this address. */
export function passkeySite(url: string): Site | null {
  const { protocol, hostname, origin } = new URL(url)
  if (/^[\d.]+$|:/.test(hostname)) return null // an address of numbers has no passkeys
  if (protocol !== 'https:' && hostname !== 'localhost' && !hostname.endsWith('.localhost')) return null
  return { origin, id: hostname }
}
function siteOf({ config }: PasskeyParts): Site {
  const site = passkeySite(config.url)
  if (!site) throw new EngineError('NOT_ALLOWED', { reason: 'PASSKEY_SITE' })
  return site
}

/** What a ceremony is kept under: what the browser holds, and the challenge, so that several may be under way and each ends once. */
const keyOf = (holds: string, challenge: string): string => `${holds} ${challenge}`
type Kind = 'passkey_new' | 'passkey_sign_in' | 'passkey_proof'

export async function beginRegistration(
  parts: PasskeyParts,
  person: Person,
  holds: string,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const site = siteOf(parts)
  const known = parts.db.read((tx) => catalogue.passkeysOf(tx, person.id))
  if (known.length >= MOST_KEYS) throw new EngineError('NOT_ALLOWED', { reason: 'PASSKEY_MOST' })
  const options = await generateRegistrationOptions({
    rpName: 'Baton',
    rpID: site.id,
    userName: person.email ?? person.name,
    userDisplayName: person.name,
    userID: new TextEncoder().encode(person.id) as Uint8Array<ArrayBuffer>, // TextEncoder never shares memory
    attestationType: 'none',
    excludeCredentials: known.map(credentialOf),
    // Signs in without a name being typed, and shows that it is its owner who holds it.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  await begin(parts, 'passkey_new', keyOf(holds, options.challenge), person.id)
  return options
}
/** @throws FORBIDDEN when what came back is not what was asked for, or came twice, too late, or from another site. */
export async function endRegistration(
  parts: PasskeyParts,
  person: Person,
  holds: string,
  given: unknown,
  name: string,
): Promise<Passkey> {
  const site = siteOf(parts)
  const response = given as RegistrationResponseJSON // checked by the library
  const challenge = await ended(parts, site, 'passkey_new', holds, response, person.id)
  const { registrationInfo } = await verified(() =>
    verifyRegistrationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.id,
    }),
  )
  if (!registrationInfo) throw refusedFor('UNVERIFIED')
  const { credential } = registrationInfo
  const row: Passkey = {
    id: credential.id,
    person: person.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    counter: credential.counter,
    transports: [...(credential.transports ?? [])],
    name: name.trim().slice(0, 80),
    createdAt: parts.now(),
    lastUsedAt: null,
  }
  if (!(await parts.db.write((tx) => catalogue.addPasskey(tx, row))))
    throw new EngineError('CONFLICT', { reason: 'PASSKEY_KNOWN' })
  return row
}

/** `person` null: whoever has a passkey of this site may sign in by it. */
export async function beginAssertion(
  parts: PasskeyParts,
  kind: 'passkey_sign_in' | 'passkey_proof',
  holds: string,
  person: Person | null,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const site = siteOf(parts)
  const known = person === null ? [] : parts.db.read((tx) => catalogue.passkeysOf(tx, person.id))
  if (person !== null && known.length === 0) throw new EngineError('NOT_ALLOWED', { reason: 'PASSKEY_NONE' })
  const options = await generateAuthenticationOptions({
    rpID: site.id,
    userVerification: 'required',
    ...(known.length > 0 && { allowCredentials: known.map(credentialOf) }),
  })
  await begin(parts, kind, keyOf(holds, options.challenge), person?.id ?? null)
  return options
}
/** Who showed their passkey. @throws FORBIDDEN as `endRegistration` does. */
export async function endAssertion(
  parts: PasskeyParts,
  kind: 'passkey_sign_in' | 'passkey_proof',
  holds: string,
  given: unknown,
  expected: Person | null,
): Promise<Person> {
  const site = siteOf(parts)
  const response = given as AuthenticationResponseJSON // checked by the library
  const challenge = await ended(parts, site, kind, holds, response, expected?.id ?? null)
  const passkey = parts.db.read((tx) => catalogue.passkeyById(tx, String(response.id)))
  const person = passkey && parts.db.read((tx) => catalogue.personById(tx, passkey.person))
  if (!passkey || !person) throw refusedFor('UNKNOWN_KEY')
  if (expected !== null && person.id !== expected.id) throw refusedFor('ANOTHER_PERSON')
  if (!person.active) throw new EngineError('FORBIDDEN', { reason: 'SUSPENDED' })
  const { authenticationInfo, verified: holdsTrue } = await verified(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.id,
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(Buffer.from(passkey.publicKey, 'base64url')),
        counter: passkey.counter,
        transports: passkey.transports,
      },
    }),
  )
  if (!holdsTrue) throw refusedFor('UNVERIFIED')
  const counted = await parts.db.write((tx) =>
    catalogue.usePasskey(tx, passkey, authenticationInfo.newCounter, parts.now()),
  )
  if (!counted) throw refusedFor('USED')
  return person
}

const credentialOf = ({ id, transports }: Passkey) => ({
  id,
  transports,
})
const begin = ({ db, now }: PasskeyParts, kind: Kind, key: string, person: string | null): Promise<void> =>
  db.write((tx) => catalogue.beginCeremony(tx, key, { kind, person, data: {}, ttlMs: CEREMONY_MS }, now()))
/** The challenge that this answers. It is spent by looking: the same answer again finds nothing. */
async function ended(
  { db, now }: PasskeyParts,
  site: Site,
  kind: Kind,
  holds: string,
  response: unknown,
  person: string | null,
): Promise<string> {
  const { challenge, origin } = clientDataOf(response)
  const begun = await db.write((tx) => catalogue.endCeremony(tx, keyOf(holds, challenge), kind, now()))
  if (!begun || begun.person !== person) throw refusedFor('USED')
  if (origin !== site.origin) throw new EngineError('FORBIDDEN', { reason: 'PASSKEY_ORIGIN', origin })
  return challenge
}
/** What the browser says it signed. The library holds it against the signature afterwards. */
function clientDataOf(response: unknown): { challenge: string; origin: string } {
  try {
    const { clientDataJSON } = (response as RegistrationResponseJSON).response
    const { challenge, origin } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString()) as Record<
      string,
      unknown
    >
    if (typeof challenge === 'string' && typeof origin === 'string') return { challenge, origin }
  } catch {
    // told below
  }
  throw refusedFor('MALFORMED')
}
async function verified<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch {
    throw refusedFor('UNVERIFIED')
  }
}
/** People read one text for all of them; `why` is for the audit. */
const refusedFor = (why: 'MALFORMED' | 'USED' | 'UNKNOWN_KEY' | 'UNVERIFIED' | 'ANOTHER_PERSON'): EngineError =>
  new EngineError('FORBIDDEN', { reason: why === 'USED' ? 'PASSKEY_USED' : 'PASSKEY_REFUSED', why })
