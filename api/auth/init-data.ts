/** Who opened the Mini App, as Telegram vouches for it. */
export interface InitDataUser {
  readonly id: string
  readonly name: string
  readonly language: string | null
}
export type InitDataVerdict =
  | { readonly ok: true; readonly user: InitDataUser; readonly startParam: string | null; readonly authAt: number }
  /** `why` is for logs and tests; people read one text for all of them, so that a forger learns nothing. */
  | { readonly ok: false; readonly why: 'malformed' | 'forged' | 'expired' }

export interface InitDataOptions {
  readonly botToken: string
  /** Telegram's Ed25519 key, 32 bytes in hex (`TELEGRAM_INITDATA_KEY`): when given, the signature for third parties must hold too. */
  readonly publicKeyHex?: string
  /** Ms since the epoch. */
  readonly now: number
  readonly maxAgeS: number
}
/** A clock may run ahead of Telegram's by so much. */
const SKEW_S = 60

/**
 * Checks the launch data of a Telegram Mini App (core.telegram.org/bots/webapps, "Validating data received via the Mini App").
 * Pure but for WebCrypto, so that it runs on Node and Workers alike.
 */
export async function verifyInitData(initData: string, options: InitDataOptions): Promise<InitDataVerdict> {
  if (initData.length === 0 || initData.length > 8192) return { ok: false, why: 'malformed' }
  const pairs = [...new URLSearchParams(initData)]
  const fields = new Map(pairs)
  // Twice the same name: which of the two was signed and which is read must never be a question.
  if (fields.size !== pairs.length) return { ok: false, why: 'malformed' }
  const hash = bytesOf(fields.get('hash') ?? '', /^[0-9a-f]{64}$/)
  const authDate = Number(/^\d{1,12}$/.exec(fields.get('auth_date') ?? '')?.[0] ?? NaN)
  if (!hash || Number.isNaN(authDate)) return { ok: false, why: 'malformed' }
  if (!(await hmacHolds(checkText(fields, ['hash']), options.botToken, hash))) return { ok: false, why: 'forged' }
  if (options.publicKeyHex && !(await signatureHolds(fields, options.botToken, options.publicKeyHex)))
    return { ok: false, why: 'forged' }
  const ageS = options.now / 1000 - authDate
  if (ageS > options.maxAgeS || ageS < -SKEW_S) return { ok: false, why: 'expired' }
  const user = userOf(fields.get('user'))
  if (!user) return { ok: false, why: 'malformed' }
  return { ok: true, user, startParam: fields.get('start_param') ?? null, authAt: authDate * 1000 }
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer> // TextEncoder never shares memory
const checkText = (fields: ReadonlyMap<string, string>, without: readonly string[]): string =>
  [...fields]
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => `${name}=${value}`)
    .sort()
    .join('\n')
function bytesOf(hex: string, shape: RegExp): Uint8Array<ArrayBuffer> | null {
  return shape.test(hex) ? Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16)) : null
}

async function hmacHolds(text: string, botToken: string, hash: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const keyOf = (raw: BufferSource, usage: KeyUsage) => crypto.subtle.importKey('raw', raw, algorithm, false, [usage])
  const secret = await crypto.subtle.sign('HMAC', await keyOf(utf8('WebAppData'), 'sign'), utf8(botToken))
  return crypto.subtle.verify('HMAC', await keyOf(secret, 'verify'), hash, utf8(text)) // compares in constant time
}

async function signatureHolds(
  fields: ReadonlyMap<string, string>,
  botToken: string,
  publicKeyHex: string,
): Promise<boolean> {
  const key = bytesOf(publicKeyHex.toLowerCase(), /^[0-9a-f]{64}$/)
  const signature = fromBase64Url(fields.get('signature') ?? '')
  if (!key || signature?.length !== 64) return false
  const text = `${botToken.split(':')[0]}:WebAppData\n${checkText(fields, ['hash', 'signature'])}`
  const imported = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify'])
  return crypto.subtle.verify({ name: 'Ed25519' }, imported, signature, utf8(text))
}
function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[\w-]+={0,2}$/.test(text)) return null
  try {
    return Uint8Array.from(atob(text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    )
  } catch {
    return null
  }
}

function userOf(json: string | undefined): InitDataUser | null {
  try {
    const user = JSON.parse(json ?? '') as Partial<
      Record<'id' | 'first_name' | 'last_name' | 'language_code' | 'is_bot', unknown>
    > | null
    if (!user || !Number.isSafeInteger(user.id) || user.is_bot === true) return null
    const name = [user.first_name, user.last_name].filter((part) => typeof part === 'string' && part !== '').join(' ')
    return {
      id: String(user.id),
      name: name || String(user.id),
      language: typeof user.language_code === 'string' ? user.language_code : null,
    }
  } catch {
    return null
  }
}
