/** Calendar checks without a clock: only what is written counts. What clocks do about it stands in `wall.ts`. */
import { instantOf } from '../wall.ts'

/** `2026-02-30` is none. */
export function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (match === null) return false
  const at = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().slice(0, 10) === text
}
export const isTime = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/.test(text)

const INSTANT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)\s*(Z|[+-]\d{2}:?\d{2})?$/i
/** An instant as ISO 8601 in UTC. Without a zone of its own it is in `timeZone` (`instantAt` says which, where clocks change); null when it is none. */
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
  return new Date(instantOf(Date.parse(`${date}T${time}Z`), timeZone)).toISOString()
}

/** The instant at which clocks in `timeZone` show so many minutes of that day: the first of two, and where a change of clocks skips it, the first after it. */
export const instantAt = (date: string, minutes: number, timeZone: string): number =>
  instantOf(Date.parse(`${date}T00:00:00Z`) + minutes * 60_000, timeZone)
