import type { Limit } from './contract.ts'

/** Something to send. A newer one for the same card takes the place of an older one that has not left yet. */
export interface Job<T> {
  /** The card: one call at a time, in order, and only its last state. */
  readonly card: string
  /** State changes; progress otherwise. */
  readonly urgent: boolean
  readonly limits: readonly Limit[]
  readonly payload: T
  /** Progress that waited this long (ms) goes as a state change would: the last state always gets out. Default half a minute. */
  readonly patienceMs?: number
}
interface Waiting<T> extends Job<T> {
  readonly since: number
}

/**
 * Which call may leave now, so that a platform's limits are kept across all tasks and nobody is forgotten: state changes first and in order
 * of arrival, then progress, joined per card; the last state of a card always gets out. Pure but for its own tables; time is given.
 */
export interface Schedule<T> {
  /** `join` merges what an older job of the card still owed (deliveries to acknowledge) into the newer one. */
  offer(job: Job<T>, now: number, join: (older: T, newer: T) => T): void
  /** Takes the next job that may leave, and its share of the limits. */
  take(now: number): Job<T> | null
  /** The card's call has come back: its next one may go. */
  done(card: string): void
  /** The platform said when to come back (`Retry-After`). */
  hold(limits: readonly Limit[], until: number): void
  /** When `take` may give something next; null: nothing waits but for calls under way. */
  nextAt(now: number): number | null
  readonly size: number
}

/** A share of each bucket is kept for state changes: progress leaves at least this many calls. */
const KEPT_FOR_URGENT = 0.4
const PATIENCE_MS = 30_000

export function createSchedule<T>(): Schedule<T> {
  const waiting = new Map<string, Waiting<T>>()
  const away = new Set<string>()
  const buckets = new Map<string, { used: number; at: number }>()
  const held = new Map<string, number>()

  const usedOf = (limit: Limit, now: number): number => {
    const bucket = buckets.get(limit.key)
    return bucket ? Math.max(0, bucket.used - (now - bucket.at) / limit.everyMs) : 0
  }
  const roomOf = (limit: Limit, urgent: boolean): number =>
    urgent ? limit.burst : Math.max(1, Math.floor(limit.burst * (1 - KEPT_FOR_URGENT)))
  /** The instant at which all of a job's buckets have room. */
  const readyAt = (job: Waiting<T>, now: number): number =>
    job.limits.reduce((latest, limit) => {
      const over = usedOf(limit, now) + 1 - roomOf(limit, isUrgent(job, now))
      const free = over <= 0 ? now : now + Math.ceil(over * limit.everyMs)
      return Math.max(latest, free, held.get(limit.key) ?? 0)
    }, now)
  const isUrgent = (job: Waiting<T>, now: number): boolean =>
    job.urgent || now - job.since >= (job.patienceMs ?? PATIENCE_MS)
  const candidates = (now: number): Waiting<T>[] =>
    [...waiting.values()]
      .filter(({ card }) => !away.has(card))
      .toSorted((a, b) => Number(isUrgent(b, now)) - Number(isUrgent(a, now)) || a.since - b.since)

  return {
    offer(job, now, join) {
      const older = waiting.get(job.card)
      // Keeps its place in the line, so that a card that changes all the time is not put off for ever.
      waiting.set(
        job.card,
        older
          ? {
              ...job,
              urgent: job.urgent || older.urgent,
              payload: join(older.payload, job.payload),
              since: older.since,
            }
          : { ...job, since: now },
      )
    },
    take(now) {
      const job = candidates(now).find((candidate) => readyAt(candidate, now) <= now)
      if (!job) return null
      waiting.delete(job.card)
      away.add(job.card)
      for (const limit of job.limits) buckets.set(limit.key, { used: usedOf(limit, now) + 1, at: now })
      return job
    },
    done: (card) => void away.delete(card),
    hold(limits, until) {
      for (const { key } of limits) held.set(key, Math.max(until, held.get(key) ?? 0))
    },
    nextAt(now) {
      const times = candidates(now).map((job) => readyAt(job, now))
      return times.length > 0 ? Math.min(...times) : null
    },
    get size() {
      return waiting.size + away.size
    },
  }
}
