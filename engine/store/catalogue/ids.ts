import { createHash, randomBytes } from 'node:crypto'

/** Opaque id, sortable by nothing, 128 bits. `prefix` tells a reader of logs what it is. */
export const newId = (prefix: string): string => `${prefix}_${randomBytes(16).toString('base64url')}`
/** A secret to hand out once: 256 bits. */
export const newSecret = (): string => randomBytes(32).toString('base64url')
/** A code people may have to type: ten characters without look-alikes, 48 bits; short-lived, single use and rate-limited. */
export function newCode(): string {
  const alphabet = 'ABCDEFGHJKMNPQRSTVWXYZ23456789'
  const bytes = randomBytes(20)
  // 240 = 8 * 30: bytes above would favour the first letters.
  const letters = [...bytes].filter((byte) => byte < 240).map((byte) => alphabet[byte % 30])
  return letters.length < 10 ? newCode() : letters.slice(0, 10).join('')
}
/** How tokens, codes and sessions are kept. They are random and long, so one round of SHA-256 is enough; looking up by hash takes the same time for every wrong one. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
