import { instantAt, type catalogue } from '../../engine/index.ts'

type Quiet = NonNullable<catalogue.AlertSettings['quiet']>

/** When the quiet hours end that hold at `now`; null: they do not. Clocks in `zone` count, through their changes too. Pure. */
export function quietUntil(quiet: Quiet | null, zone: string, now: number): number | null {
  if (quiet === null || quiet.days.length === 0) return null
  let end = now
  // Where one night's quiet ends as the next one's begins, it goes on; a week of it is enough to look at.
  for (let hops = 0; hops < 8; hops++) {
    const next = endAt(quiet, zone, end)
    if (next === null) break
    end = next
  }
  return end === now ? null : end
}
function endAt({ from, to, days }: Quiet, zone: string, now: number): number | null {
  const today = dateIn(zone, now)
  // It may have begun today, or the evening before.
  for (const date of [dayAfter(today, -1), today]) {
    if (!days.includes(weekdayOf(date))) continue
    const [begins, ends] = [minutesOf(from), minutesOf(to)]
    const start = instantAt(date, begins, zone)
    const end = instantAt(ends > begins ? date : dayAfter(date, 1), ends, zone)
    if (start <= now && now < end) return end
  }
  return null
}

/** `22:00` as minutes of the day. */
const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5))
export const isClock = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text)

const formats = new Map<string, Intl.DateTimeFormat>() // making one costs far more than using it
function dateIn(zone: string, at: number): string {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' })
    formats.set(zone, format)
  }
  return format.format(at)
}
const dayAfter = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
/** 1 Monday … 7 Sunday. */
const weekdayOf = (date: string): number => new Date(`${date}T00:00:00Z`).getUTCDay() || 7
