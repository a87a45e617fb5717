/** Calendar checks without a clock: only what is written counts, and zones come from the platform's own tables. */

/** `2026-02-30` is none. */
export function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text
}
export const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text)

const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|[+-]\d{2}:?\d{2})?$/i
/** An instant as ISO 8601 in UTC. Without a zone of its own it is in `timeZone`; null when it is none. */
export function readInstant(text: string, timeZone: string | null): string | null {
  const match = INSTANT.exec(text.trim())
  if (match === null || !isDate(match[1] ?? '') || !isTime((match[2] ?? '').slice(0, 8).replace(/\.$/, ''))) return null
  const [, date, time, zone] = match
  if (zone !== undefined) {
    const offset = /^z$/i.test(zone) ? 'Z' : zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`
    const at = new Date(`${date}T${time}${offset}`)
    return Number.isNaN(at.getTime()) ? null : at.toISOString()
  }
  if (timeZone === null) return null
  const wall = Date.parse(`${date}T${time}Z`)
  // Twice: the offset at the guess may differ from the one at the answer, around a change of clocks.
  const guess = wall - offsetMs(wall, timeZone)
  return new Date(wall - offsetMs(guess, timeZone)).toISOString()
}

/** The instant at which clocks in `timeZone` show so many minutes of that day: the first of two, and where a change of clocks skips it, the first after it. */
export function instantAt(date: string, minutes: number, timeZone: string): number {
  const wall = Date.parse(`${date}T00:00:00Z`) + minutes * 60_000
  // Offsets of a day around it: clocks change once between the two, or not at all.
  const [before, after] = [offsetMs(wall - DAY_MS, timeZone), offsetMs(wall + DAY_MS, timeZone)]
  for (const offset of [before, after]) if (offsetMs(wall - offset, timeZone) === offset) return wall - offset
  // Skipped: clocks went forward between these two.
  let [early, late] = [wall - after, wall - before]
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2)
    if (offsetMs(middle, timeZone) === before) early = middle
    else late = middle
  }
  return late
}
const DAY_MS = 86_400_000

function offsetMs(at: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(at)
  const part = (type: string): number => Number(parts.find((found) => found.type === type)?.value)
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
  return wall - Math.floor(at / 1000) * 1000
}

/** Making one costs far more than using it. */
const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  })
  formats.set(timeZone, format)
  return format
}
