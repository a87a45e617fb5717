import { randomFillSync } from 'node:crypto'

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz' // Crockford's: no letters that look like digits

/** Ids that sort by time, so that a new task's rows lie beside each other: 9 characters of time, 9 of chance. */
export function timedId(now: number): string {
  let time = ''
  for (let rest = now, i = 0; i < 9; i++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32]! + time
  let chance = ''
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  for (const end = used + CHANCE; used < end; used++) chance += ALPHABET[pool[used]! & 31]!
  return time + chance
}

const CHANCE = 9
/** Drawn many at a time: asking the system for each id costs more than all the rest of it. */
const pool = new Uint8Array(512 * CHANCE)
let used = pool.length
