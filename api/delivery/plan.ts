import type { catalogue } from '../../engine/index.ts'
import { quietUntil } from './quiet.ts'

/** A way a person can be told by. */
export interface Way {
  readonly channel: catalogue.Channel
  readonly place: string
}
/** What is to be told. */
export interface Alert {
  readonly kind: 'attention' | 'ask' | 'request' | 'message'
  readonly isEscalated: boolean
  /** Of an ask: when it runs out. */
  readonly deadline: number | null
}
/** Whom, and how they want it. */
export interface Reader {
  readonly settings: catalogue.AlertSettings
  /** In which their quiet hours are. */
  readonly zone: string
  readonly ways: readonly Way[]
  /** They are suspended, or there is nobody of this id any more. */
  readonly isGone?: boolean
  /** They do not want to hear of this app or task. */
  readonly isMuted: boolean
  /** They are asked as one of a business role: escalation may wake them. */
  readonly isOnCall: boolean
}
export interface Sending extends Way {
  readonly at: number
  /** What it waits for; null: it goes now. */
  readonly reason: 'order' | 'quiet' | 'digest' | null
}
const MINUTE_MS = 60_000

/** The ways somebody is told by, with the minutes after which each has its turn. Whoever chose channels that do not reach them is told by any that does. */
export function orderOf({
  settings: { channels },
  ways,
}: Pick<Reader, 'settings' | 'ways'>): (Way & { after: number })[] {
  const listed = (channels ?? []).flatMap(({ channel, afterMin }) =>
    ways.filter((way) => way.channel === channel).map((way) => ({ ...way, after: afterMin })),
  )
  if (listed.length > 0) {
    const first = Math.min(...listed.map(({ after }) => after))
    // The first that there is has its turn at once, however late it was meant to be after one that is gone.
    return listed.map((way) => ({ ...way, after: way.after === first ? 0 : way.after }))
  }
  const chats = ways.filter(({ channel }) => channel !== 'email')
  return (chats.length > 0 ? chats : ways).map((way) => ({ ...way, after: 0 }))
}

/** When and by which ways somebody is told of an alert. Empty: they have muted it. Pure. */
export function sendingsOf(alert: Alert, reader: Reader, now: number): Sending[] {
  const wakes = alert.isEscalated && reader.isOnCall && reader.settings.urgent.includes('escalated')
  if (reader.isMuted && !wakes) return []
  const later = waitsUntil(alert, reader, now)
  const order = orderOf(reader).filter(({ after }) => alert.kind !== 'message' || after === 0) // nobody answers a message
  return order.map(({ channel, place, after }) => {
    const begins = later?.at ?? now
    if (after === 0) return { channel, place, at: begins, reason: later?.reason ?? null }
    return { channel, place, at: begins + after * MINUTE_MS, reason: 'order' }
  })
}

/** Until when an alert has to wait for its reader's quiet hours or the next digest; null: it may be told now. */
export function waitsUntil(
  alert: Alert,
  { settings, zone, isOnCall }: Pick<Reader, 'settings' | 'zone' | 'isOnCall'>,
  now: number,
): { at: number; reason: 'quiet' | 'digest' } | null {
  const quiet = quietUntil(settings.quiet, zone, now)
  const digest = settings.digestMin > 0 ? nextDigest(settings.digestMin, now) : null
  const at = quiet ?? digest
  if (at === null || isUrgent(alert, settings, isOnCall, at)) return null
  return { at, reason: quiet === null ? 'digest' : 'quiet' }
}
/** Digests come at the same minutes for everything, so that what waits comes together. */
const nextDigest = (everyMin: number, now: number): number => {
  const every = everyMin * MINUTE_MS
  return (Math.floor(now / every) + 1) * every
}
function isUrgent(alert: Alert, { urgent }: catalogue.AlertSettings, isOnCall: boolean, waitsTo: number): boolean {
  if (alert.isEscalated && isOnCall && urgent.includes('escalated')) return true
  if (alert.deadline !== null && alert.deadline <= waitsTo && urgent.includes('deadline')) return true
  if ((alert.kind === 'ask' || alert.kind === 'request') && urgent.includes('asks')) return true
  return alert.kind === 'attention' && urgent.includes('failures')
}
