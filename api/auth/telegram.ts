import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto'

/** Older sign-ins of the Mini App are refused: whoever finds one in a log gets nothing. */
const MAX_AGE_S = 3600

/** The user of a Telegram Mini App, verified; null when the data is forged, malformed or old. */
export function verifyInitData(
  initData: string,
  keys: { botToken: string | null; publicKey: string | null },
  now: number,
): { id: string; name: string } | null {
  const given = new URLSearchParams(initData)
  const age = now / 1000 - Number(given.get('auth_date') ?? 'NaN')
  if (!(age >= -60 && age <= MAX_AGE_S)) return null
  if (!signedByBot(given, keys.botToken) || !signedByTelegram(given, keys)) return null
  try {
    const user = JSON.parse(given.get('user') ?? '') as { id?: unknown; first_name?: unknown; last_name?: unknown }
    if (typeof user.id !== 'number') return null
    const name = [user.first_name, user.last_name].filter((part) => typeof part === 'string').join(' ')
    return { id: String(user.id), name: name || `Telegram ${user.id}` }
  } catch {
    return null
  }
}
const textOf = (given: URLSearchParams, without: readonly string[]): string =>
  [...given]
    .filter(([key]) => !without.includes(key))
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join('\n')

/** HMAC under the bot's token, as Telegram's "Validating data received via the Mini App" says. */
function signedByBot(given: URLSearchParams, botToken: string | null): boolean {
  const hash = given.get('hash') ?? ''
  if (botToken === null || !/^[0-9a-f]{64}$/.test(hash)) return false
  const key = createHmac('sha256', 'WebAppData').update(botToken).digest()
  const expected = createHmac('sha256', key)
    .update(textOf(given, ['hash']))
    .digest()
  return timingSafeEqual(expected, Buffer.from(hash, 'hex'))
}
/** Where Telegram's own key (hex) is configured, its Ed25519 signature must hold too: "Validating data for third-party use". */
function signedByTelegram(
  given: URLSearchParams,
  keys: { botToken: string | null; publicKey: string | null },
): boolean {
  if (keys.publicKey === null) return true
  const signature = given.get('signature')
  if (!keys.botToken || !signature) return false
  try {
    const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(keys.publicKey, 'hex')])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    const text = `${keys.botToken.split(':')[0]}:WebAppData\n${textOf(given, ['hash', 'signature'])}`
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64url'))
  } catch {
    return false
  }
}
