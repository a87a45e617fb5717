import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
  type KeyObject,
} from 'node:crypto'

/** Keys for each purpose, made from the one in `BATON_KEY`, so that no value made for one means anything to another. */
export interface Keys {
  readonly seal: Uint8Array
  readonly token: Uint8Array
  readonly digest: Uint8Array
  /** Signs heads of histories and rows of the audit. */
  readonly audit: Uint8Array
  /** Of the Ed25519 key that signs exports; its public half verifies them. */
  readonly exports: Uint8Array
}
/** @throws when `key` is not 32 bytes. */
export function keysOf(key: Uint8Array): Keys {
  if (key.length !== 32) throw new Error(`expected a key of 32 bytes, but got ${key.length}`)
  const derive = (purpose: string) => new Uint8Array(hkdfSync('sha256', key, '', `baton ${purpose}`, 32))
  return {
    seal: derive('seal'),
    token: derive('token'),
    digest: derive('digest'),
    audit: derive('audit'),
    exports: derive('exports'),
  }
}

const VERSION = 'v1.'
const IV_BYTES = 12
const TAG_BYTES = 16

/** Seals `text` with AES-256-GCM. `context` (whose secret it is) is bound in: sealed text moved elsewhere does not open. */
export function seal(keys: Keys, context: string, text: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', keys.seal, iv).setAAD(Buffer.from(context))
  const sealed = Buffer.concat([iv, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return VERSION + sealed.toString('base64url')
}
/** @throws when the key is another one, the context is another one, or a byte was changed. */
export function unseal(keys: Keys, context: string, sealed: string): string {
  const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url')
  if (!sealed.startsWith(VERSION) || bytes.length < IV_BYTES + TAG_BYTES)
    throw new Error(`expected a sealed secret for ${context}, but it is not one`)
  const decipher = createDecipheriv('aes-256-gcm', keys.seal, bytes.subarray(0, IV_BYTES)).setAAD(Buffer.from(context))
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES))
  try {
    return decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8')
  } catch (cause) {
    throw new Error(
      `expected the key that sealed the secret for ${context}, but it does not fit (was BATON_KEY changed?)`,
      { cause },
    )
  }
}

/** HMAC-SHA-256, base64url. */
export const sign = (key: Uint8Array, text: string): string =>
  createHmac('sha256', keyObjectOf(key)).update(text).digest('base64url')
/** Made once for each key: from bare bytes every signature costs six times as much. */
const KEY_OBJECTS = new WeakMap<Uint8Array, KeyObject>()
function keyObjectOf(key: Uint8Array): KeyObject {
  let object = KEY_OBJECTS.get(key)
  if (object === undefined) KEY_OBJECTS.set(key, (object = createSecretKey(key)))
  return object
}
/** Constant-time comparison of two signatures or tokens. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
