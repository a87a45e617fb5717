import { ClientError, type Client } from '../../api/client/index.ts'
import { bring, destinationOf, messageOf, newMemory, type Desk, type Outcome } from './bring.ts'
import { PortError, type Limit, type Log, type Port } from './contract.ts'
import { isHopeless } from './draw.ts'
import { ackDeliveryMutation, nextDeliveriesMutation, type Delivery } from './queries/index.ts'
import { createSchedule, type Job } from './schedule.ts'

export interface DeliverOptions {
  /** The bot service's own connection. */
  readonly client: Client
  readonly port: Port
  readonly log: Log
  readonly now?: () => number
  /** Language of cards in shared rooms. */
  readonly roomLanguage?: string
  /** How long one call for deliveries waits for the first; tests shorten it. */
  readonly waitS?: number
}
interface Owed {
  readonly deliveries: readonly Delivery[]
  readonly failures: number
}

const BATCH = 20
/** More than this many cards under way: no new leases, so that none runs out while it waits here. */
const MOST_UNDER_WAY = 100
const BACKOFF_MS = [1000, 2000, 5000, 10_000, 15_000] as const
/** Of failures that are nobody's outage (a refusal of the content, a bug of ours): then it is reported to the owner. */
const MOST_OWN_FAILURES = 3
/** Threads wait while cards have something to say, which are the present truth. */
const THREAD_PATIENCE_MS = 5 * 60_000

/** Posts and edits what the server wants in chats, fairly and in order, until stopped. Loses nothing: what is not acknowledged is leased again. */
export function startDelivery(options: DeliverOptions): { stop(): Promise<void> } {
  const courier = new Courier(options)
  const leasing = courier.lease()
  return {
    async stop() {
      await courier.stop()
      await Promise.race([leasing, pause(100, new AbortController().signal)]) // a long poll may be under way; its lease runs out by itself
    },
  }
}

/** One platform's: leases, puts in line, sends, acknowledges. */
class Courier {
  readonly #desk: Desk
  readonly #log: Log
  readonly #waitS: number
  readonly #schedule = createSchedule<Owed>()
  /** Leased and not yet acknowledged, by id of the delivery. */
  readonly #inHand = new Set<string>()
  readonly #running = new Set<Promise<void>>()
  readonly #stopping = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #wake: () => void = () => undefined

  constructor({ client, port, log, now = Date.now, roomLanguage = 'en', waitS = 20 }: DeliverOptions) {
    this.#desk = { client, port, roomLanguage, now, memory: newMemory() }
    this.#log = log
    this.#waitS = waitS
  }

  async lease(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      if (this.#schedule.size >= MOST_UNDER_WAY) {
        await new Promise<void>((resolve) => (this.#wake = resolve))
        continue
      }
      try {
        this.#take(await this.#nextDeliveries())
      } catch (error) {
        if (this.#stopping.signal.aborted) return
        this.#log.warn({ err: String(error) }, 'deliveries cannot be leased')
        await pause(1000, this.#stopping.signal)
      }
    }
  }
  async #nextDeliveries(): Promise<readonly Delivery[]> {
    const { client, port } = this.#desk
    const asked = { platform: port.platform, max: BATCH, waitS: this.#waitS }
    return (await client.query(nextDeliveriesMutation, asked)).nextDeliveries
  }
  #take(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      if (this.#inHand.has(delivery.id)) continue // its lease ran out while it waits here
      this.#inHand.add(delivery.id)
      this.#offer(delivery, { deliveries: [delivery], failures: 0 })
    }
    this.#pump()
  }

  /** Into the line; what an older one of the card still owed is owed by the newer one. */
  #offer(delivery: Delivery, owed: Owed): void {
    const job: Job<Owed> = {
      card: keyOf(delivery),
      urgent: delivery.urgent,
      limits: limitsOf(this.#desk, delivery),
      payload: owed,
      ...(delivery.card.kind === 'THREAD' && { patienceMs: THREAD_PATIENCE_MS }),
    }
    this.#schedule.offer(job, this.#desk.now(), joined)
  }
  /** Sends what may leave now, and comes back when the next may. */
  #pump(): void {
    const { now } = this.#desk
    clearTimeout(this.#timer)
    if (this.#stopping.signal.aborted) return
    for (let job = this.#schedule.take(now()); job; job = this.#schedule.take(now())) {
      const sent = this.#send(job).finally(() => {
        this.#running.delete(sent)
        this.#pump()
        this.#wake()
      })
      this.#running.add(sent)
    }
    const next = this.#schedule.nextAt(now())
    if (next !== null) this.#timer = setTimeout(() => this.#pump(), Math.max(5, next - now()))
  }
  async #send(job: Job<Owed>): Promise<void> {
    const newest = job.payload.deliveries.at(-1)
    if (!newest) return this.#schedule.done(job.card)
    try {
      const outcome = await bring(this.#desk, newest)
      this.#schedule.done(job.card)
      await this.#settle(job.payload, outcome)
    } catch (error) {
      this.#schedule.done(job.card)
      await this.#recover(job, newest, error)
    }
  }
  async #settle({ deliveries }: Owed, { retryAfterS, ...outcome }: Outcome): Promise<void> {
    for (const [at, { id }] of deliveries.entries()) {
      // Once is enough to be asked again.
      const again = retryAfterS !== undefined && at === deliveries.length - 1 ? { retryAfterS } : {}
      try {
        await this.#desk.client.query(ackDeliveryMutation, { id, ...outcome, ...again })
      } catch (error) {
        this.#log.warn({ delivery: id, err: String(error) }, 'delivery not acknowledged; it will be leased again')
      }
      this.#inHand.delete(id)
    }
  }

  /** The platform asked for a moment, or something is away: it goes back into the line. Else the owner's list has it. */
  async #recover(job: Job<Owed>, newest: Delivery, error: unknown): Promise<void> {
    const { now } = this.#desk
    if (error instanceof PortError && error.kind === 'wait') {
      this.#schedule.hold(job.limits.slice(1), now() + (error.retryAfterS ?? 1) * 1000)
      return this.#offer(newest, job.payload)
    }
    const failures = job.payload.failures + 1
    const hopeless = isHopeless(error) || (!isOutage(error) && failures >= MOST_OWN_FAILURES)
    // A blocked bot or an archived room is theirs to decide: the owner's list has it, the log need not alarm.
    this.#log[hopeless && !isTheirs(error) ? 'error' : 'warn'](
      { card: newest.card.id, place: newest.card.place, failures, err: String(error) },
      hopeless ? 'card cannot be delivered' : 'card delayed',
    )
    if (!hopeless) {
      const backoffMs = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length) - 1] ?? 1000
      this.#schedule.hold(job.limits.slice(0, 1), now() + backoffMs) // this card only
      return this.#offer(newest, { ...job.payload, failures })
    }
    const said = String(error instanceof Error ? error.message : error).slice(0, 500)
    await this.#settle(job.payload, { error: said, undeliverable: true })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    clearTimeout(this.#timer)
    this.#wake()
    await Promise.allSettled(this.#running)
  }
}

const joined = (older: Owed, newer: Owed): Owed => ({
  deliveries: [...older.deliveries, ...newer.deliveries],
  failures: Math.max(older.failures, newer.failures),
})
const keyOf = (delivery: Delivery): string =>
  delivery.card.kind === 'MESSAGE' ? `message:${delivery.id}` : delivery.card.id
/** The card's own first, then the platform's. */
function limitsOf({ port, memory, roomLanguage }: Desk, delivery: Delivery): readonly Limit[] {
  const to = destinationOf(delivery, roomLanguage)
  return [
    { key: `card:${keyOf(delivery)}`, everyMs: 1, burst: 1000 },
    ...port.limits(messageOf(memory, delivery) ? 'edit' : 'post', to),
    ...(port.thread && delivery.card.kind === 'THREAD' ? [port.thread.limit(to)] : []),
  ]
}
const isOutage = (error: unknown): boolean =>
  error instanceof PortError
    ? error.kind === 'broken'
    : error instanceof ClientError && ['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED', 'BUSY'].includes(error.code)
const isTheirs = (error: unknown): boolean => error instanceof PortError && error.kind === 'undeliverable'
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
