/**
 * Clocks on walls. A *wall* is what a clock in a zone shows, written as if that zone were UTC: ms that can be counted with.
 * Pure; zones come from the platform's own tables.
 */
const SECOND = 1_000
const DAY = 86_400_000

const formats = new Map<string, Intl.DateTimeFormat>() // making one costs fifty times as much as using it
function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(timeZone, format)
  }
  return format
}

/** What clocks in `zone` show at an instant. */
export const wallAt = (at: number, zone: string): number => at + offsetAt(at, zone)

/** By zone and stretch of two days: the offset all through it; null where clocks are changed in it. */
const steady = new Map<string, number | null>()
const STRETCH = 2 * DAY
const MOST_STRETCHES = 10_000

/** By how much clocks in `zone` are ahead of UTC, in ms. */
export function offsetAt(at: number, zone: string): number {
  if (zone === 'UTC') return 0
  // No zone changes its clocks there and back within two days (in Brazil, in 2000, it took a week): the same at both ends is the same in between.
  const stretch = Math.floor(at / STRETCH)
  const key = `${stretch} ${zone}`
  let offset = steady.get(key)
  if (offset === undefined) {
    const [from, to] = [offsetRead(stretch * STRETCH, zone), offsetRead((stretch + 1) * STRETCH - 1, zone)]
    offset = from === to ? from : null
    if (steady.size >= MOST_STRETCHES) steady.clear()
    steady.set(key, offset)
  }
  return offset ?? offsetRead(at, zone)
}
/** As the platform's table says. */
function offsetRead(at: number, zone: string): number {
  let [year, month, day, hour, minute, second] = [0, 0, 0, 0, 0, 0]
  for (const { type, value } of formatOf(zone).formatToParts(at)) {
    if (type === 'year') year = Number(value)
    else if (type === 'month') month = Number(value)
    else if (type === 'day') day = Number(value)
    else if (type === 'hour') hour = Number(value)
    else if (type === 'minute') minute = Number(value)
    else if (type === 'second') second = Number(value)
  }
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / SECOND) * SECOND
}

/** Every instant at which clocks in `zone` show this: one; none, where a change of clocks skips it; two, where it comes twice. In order. */
export function instantsOf(wall: number, zone: string): readonly number[] {
  const before = offsetAt(wall - DAY, zone)
  const after = offsetAt(wall + DAY, zone)
  const shows = (offset: number): boolean => offsetAt(wall - offset, zone) === offset
  if (before === after) return [wall - before]
  return [...new Set([before, after].filter(shows).map((offset) => wall - offset))].sort((a, b) => a - b)
}

/** The first instant at which clocks in `zone` show this; where they skip it, the first one after the change. */
export function instantOf(wall: number, zone: string): number {
  const [first] = instantsOf(wall, zone)
  if (first !== undefined) return first
  const before = offsetAt(wall - DAY, zone)
  let from = wall - offsetAt(wall + DAY, zone) // clocks have not been changed yet
  let to = wall - before // they have
  while (to - from > SECOND) {
    const middle = Math.floor((from + to) / 2 / SECOND) * SECOND
    if (offsetAt(middle, zone) === before) from = middle
    else to = middle
  }
  return to
}
