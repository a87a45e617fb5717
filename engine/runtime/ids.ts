import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford's: no letters that look like digits

/** Ids that sort by time, so that a new task's rows lie beside each other: 9 characters of time, 9 of chance. */
export function timedId(now: number): string {
  let time = ''
  for (let rest = now, i = 0; i < 9; i++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32]! + time
  let chance = ''
  for (const byte of randomBytes(9)) chance += ALPHABET[byte & 31]!
  return time + chance
}
