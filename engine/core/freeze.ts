/** Freezes: when nothing may be launched or retried, and until when. Pure. */
import { spanOf } from './calendar.ts'
import { minuteOfWeek, type FreezeSpec } from './document/timing.ts'
import { isDate, readInstant } from './variables/instants.ts'
import { instantOf, wallAt } from './wall.ts'
import { WEEKDAYS } from './weekdays.ts'

const MINUTE = 60_000
const DAY = 1_440
const WEEK = 7 * DAY

/** A stretch of time in which things are frozen; `to` null: until it is taken out. */
export interface Stretch {
  readonly from: number
  readonly to: number | null
}
type Window =
  | ({ readonly kind: 'once' } & Stretch)
  /** Minutes since Sunday 00:00; `to` is after `from`, over the end of the week where need be. */
  | { readonly kind: 'weekly'; readonly from: number; readonly to: number; readonly zone: string }

/** A Freeze document, read. */
export interface Freeze {
  readonly name: string
  readonly title: string
  readonly help: string | null
  /** Null: all of the project. */
  readonly apps: readonly string[] | null
  readonly except: readonly string[]
  readonly windows: readonly Window[]
}
export function freezeOf(metadata: { readonly name: string; readonly title: string }, spec: FreezeSpec): Freeze {
  const zone = spec.timeZone ?? 'UTC'
  return {
    name: metadata.name,
    title: metadata.title,
    help: spec.help ?? null,
    apps: spec.apps ?? null,
    except: spec.except ?? [],
    windows: spec.when.flatMap((when) => windowsOf(when, zone)),
  }
}
function windowsOf({ from, to, days, hours }: FreezeSpec['when'][number], zone: string): readonly Window[] {
  if (days !== undefined)
    return days.flatMap((day) =>
      (hours ?? ['00:00-24:00']).flatMap((text): Window[] => {
        const span = spanOf(text)
        const start = WEEKDAYS.indexOf(day) * DAY
        return span === null ? [] : [{ kind: 'weekly', from: start + span[0], to: start + span[1], zone }]
      }),
    )
  if (from === undefined) return []
  const begins = minuteOfWeek(from)
  const ends = to === undefined ? null : minuteOfWeek(to)
  if (begins !== null && ends !== null)
    return [{ kind: 'weekly', from: begins, to: ends > begins ? ends : ends + WEEK, zone }]
  return [{ kind: 'once', from: edgeOf(from, zone, false), to: to === undefined ? null : edgeOf(to, zone, true) }]
}
/** A day begins with its first moment, and as an end lasts to its last. Its own zone, where it has one, counts. */
export function edgeOf(text: string, zone: string, asEnd: boolean): number {
  if (isDate(text)) return instantOf(Date.parse(`${text}T00:00:00Z`) + (asEnd ? DAY * MINUTE : 0), zone)
  const own = readInstant(text, null)
  if (own !== null) return Date.parse(own)
  return instantOf(Date.parse(readInstant(text, 'UTC') ?? ''), zone)
}

/** The stretches of a window around an instant, in order: the one it may lie in, and the next. */
function stretchesAround(window: Window, at: number): readonly Stretch[] {
  if (window.kind === 'once') return [{ from: window.from, to: window.to }]
  const { from, to, zone } = window
  const wall = wallAt(at, zone)
  const today = Math.floor(wall / (DAY * MINUTE)) * DAY * MINUTE
  const sunday = today - new Date(today).getUTCDay() * DAY * MINUTE
  return [-1, 0, 1].map((week) => ({
    from: instantOf(sunday + (week * WEEK + from) * MINUTE, zone),
    to: instantOf(sunday + (week * WEEK + to) * MINUTE, zone),
  }))
}
const holds = ({ from, to }: Stretch, at: number): boolean => from <= at && (to === null || at < to)

/** The stretch an instant lies in. Null: this freeze does not hold then. */
export function stretchAt({ windows }: Freeze, at: number): Stretch | null {
  for (const window of windows)
    for (const stretch of stretchesAround(window, at)) if (holds(stretch, at)) return stretch
  return null
}
/** The next stretch that begins after an instant. Null: there is none. */
export function nextStretch({ windows }: Freeze, at: number): Stretch | null {
  let next: Stretch | null = null
  for (const window of windows)
    for (const stretch of stretchesAround(window, at))
      if (stretch.from > at && (next === null || stretch.from < next.from)) next = stretch
  return next
}

/** What is to be launched or retried. */
export interface Freezable {
  /** Null: a flow without an app. */
  readonly app: string | null
  /** Of a flow without an app: the apps that start it. It is no way around a freeze of theirs. */
  readonly appsOfFlow: readonly string[]
}
/** Does this freeze mean it? A flow without an app is frozen as soon as one of the apps that start it is. */
export function means({ apps, except }: Freeze, { app, appsOfFlow }: Freezable): boolean {
  const isMeant = (name: string): boolean => (apps === null || apps.includes(name)) && !except.includes(name)
  if (app !== null) return isMeant(app)
  return appsOfFlow.length === 0 ? apps === null : appsOfFlow.some(isMeant)
}

/** Why something cannot be launched or retried now. */
export interface Frozen {
  readonly name: string
  readonly title: string
  readonly help: string | null
  readonly since: number
  /** When the last of the freezes that follow on each other ends; null: when somebody takes it out. */
  readonly until: number | null
}
/** So many that follow on each other without a gap are as good as one for ever. */
const MANY = 500

/** The freeze that holds at an instant, with the end of all that do, one after another. Null: none does. */
export function frozenAt(freezes: readonly Freeze[], what: Freezable, at: number): Frozen | null {
  const meant = freezes.filter((freeze) => means(freeze, what))
  const [holding] = meant
    .flatMap((freeze) => {
      const stretch = stretchAt(freeze, at)
      return stretch === null ? [] : [{ freeze, stretch }]
    })
    .sort((a, b) => (b.stretch.to ?? Infinity) - (a.stretch.to ?? Infinity))
  if (holding === undefined) return null
  const { freeze, stretch } = holding
  let until = stretch.to
  for (let count = 0; until !== null; count += 1) {
    const end: number = until
    const on: Stretch | undefined = meant.flatMap((next) => stretchAt(next, end) ?? [])[0]
    if (on === undefined) break
    until = count < MANY ? on.to : null
  }
  return { ...shown(freeze), since: stretch.from, until }
}
const shown = ({ name, title, help }: Freeze) => ({ name, title, help })
