import type { Client } from '../../api/client/index.ts'
import { ClientError } from '../../api/client/index.ts'
import { askCard } from './cards/ask.ts'
import { attentionCard } from './cards/attention.ts'
import { messageCard } from './cards/message.ts'
import { requestCard } from './cards/request.ts'
import { taskCard } from './cards/task.ts'
import { line, type Card } from './card.ts'
import {
  PortError,
  type Acting,
  type Destination,
  type Limit,
  type Log,
  type Port,
  type ShowTarget,
} from './contract.ts'
import { callLine, calledBy, calling, type Called } from './mention.ts'
import { placeCard, type Tokens } from './place.ts'
import {
  ackDeliveryMutation,
  askQuery,
  attentionInRoomQuery,
  attentionQuery,
  nextDeliveriesMutation,
  openCardMutation,
  requestQuery,
  taskCardQuery,
  type Delivery,
} from './queries/index.ts'
import { createSchedule, type Job } from './schedule.ts'
import { tellThread } from './tell-thread.ts'
import { toldOf, type Told } from './thread.ts'
import { textsFor, type Texts } from './texts.ts'
import { accountKey } from './welcome.ts'

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
/** What the server is told of a delivery. */
interface Outcome {
  readonly messageId?: string
  readonly memo?: Told
  readonly error?: string
  readonly undeliverable?: boolean
  readonly retryAfterS?: number
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
const REMEMBERED = 5000
/** Threads wait while cards have something to say, which are the present truth. */
const THREAD_PATIENCE_MS = 5 * 60_000

/** Posts and edits what the server wants in chats, fairly and in order, until stopped. Loses nothing: what is not acknowledged is leased again. */
export function startDelivery(options: DeliverOptions): { stop(): Promise<void> } {
  const { client, port, log, now = Date.now, waitS = 20 } = options
  const schedule = createSchedule<Owed>()
  const inHand = new Set<string>()
  /** Of cards posted a moment ago, whose deliveries were leased before the server knew. */
  const messages = new Map<string, string>()
  const drawn = new Map<string, string>()
  /** Of threads told a moment ago, likewise. */
  const told = new Map<string, Told>()
  const tokens: Tokens = new Map()
  /** By the posts that stand: an edit keeps them and calls nobody anew. */
  const called = new Map<string, Called>()
  const running = new Set<Promise<void>>()
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  let wake: () => void = () => undefined

  const join = (older: Owed, newer: Owed): Owed => ({
    deliveries: [...older.deliveries, ...newer.deliveries],
    failures: Math.max(older.failures, newer.failures),
  })
  const limitsOf = (delivery: Delivery): readonly Limit[] => [
    { key: `card:${keyOf(delivery)}`, everyMs: 1, burst: 1000 },
    ...port.limits(messageOf(delivery) ? 'edit' : 'post', destinationOf(delivery, options)),
    ...(port.thread && delivery.card.kind === 'THREAD' ? [port.thread.limit(destinationOf(delivery, options))] : []),
  ]
  const messageOf = (delivery: Delivery): string | null => {
    if (delivery.card.kind === 'MESSAGE') return null
    if (delivery.card.kind === 'THREAD') return toldBy(delivery)?.page ?? null
    return delivery.card.messageId || messages.get(delivery.card.id) || null
  }
  const rootOf = ({ card }: Delivery): string | null => card.replyTo
  const toldBy = (delivery: Delivery): Told | null => {
    const root = rootOf(delivery) ?? ''
    return toldOf(told.get(delivery.card.id), root) ?? toldOf(delivery.card.memo, root)
  }
  const offer = (delivery: Delivery, owed: Owed): void =>
    schedule.offer(
      {
        card: keyOf(delivery),
        urgent: delivery.urgent,
        limits: limitsOf(delivery),
        payload: owed,
        ...(delivery.card.kind === 'THREAD' && { patienceMs: THREAD_PATIENCE_MS }),
      },
      now(),
      join,
    )

  const pump = (): void => {
    clearTimeout(timer)
    if (stopping.signal.aborted) return
    for (let job = schedule.take(now()); job; job = schedule.take(now())) {
      const sent = send(job).finally(() => {
        running.delete(sent)
        pump()
        wake()
      })
      running.add(sent)
    }
    const next = schedule.nextAt(now())
    if (next !== null) timer = setTimeout(pump, Math.max(5, next - now()))
  }

  async function send(job: Job<Owed>): Promise<void> {
    const newest = job.payload.deliveries.at(-1)
    if (!newest) return schedule.done(job.card)
    try {
      const outcome = newest.card.kind === 'THREAD' ? await tell(newest) : await bringUpToDate(newest)
      schedule.done(job.card)
      await settle(job.payload, outcome)
    } catch (error) {
      schedule.done(job.card)
      await recover(job, newest, error)
    }
  }

  /** What happened since, beneath the task's card. */
  async function tell(delivery: Delivery): Promise<Outcome> {
    const root = rootOf(delivery)
    if (root === null) return {} // no card to hang from: its next change brings both
    const { texts, reader } = readingOf(client, delivery, options.roomLanguage ?? 'en')
    const { id } = delivery.card
    const memo = toldBy(delivery)
    const to = destinationOf(delivery, options)
    const card = { id, taskId: delivery.card.taskId }
    const pages = {
      get: (key: string) => drawn.get(key),
      set: (key: string, text: string) => remember(drawn, key, text),
    }
    const telling = { service: client, reader, port, to, texts, card, root, memo, tokens, drawn: pages, now: now() }
    const { told: standing, more } = await tellThread(telling)
    remember(told, id, standing)
    const { page } = standing
    return { memo: standing, ...(page !== null && { messageId: page }), ...(more && { retryAfterS: 0 }) }
  }

  /** Renders the present truth and posts or edits; answers with the message's id. */
  async function bringUpToDate(delivery: Delivery): Promise<Outcome> {
    const messageId = await messageUpToDate(delivery)
    return messageId ? { messageId } : {}
  }
  async function messageUpToDate(delivery: Delivery): Promise<string> {
    const to = destinationOf(delivery, options)
    if (isSilent(delivery)) return delivery.card.messageId || (messages.get(delivery.card.id) ?? '')
    const known = messageOf(delivery)
    const view = { now: now(), roomLanguage: options.roomLanguage ?? 'en' }
    const drawnNow = await renderDelivery(client, delivery, view).catch((error: unknown) => {
      // Whom it was for may not see it any more: what is there already keeps neither facts nor buttons.
      if (known && !delivery.card.shared && isHopeless(error)) return withdrawn(delivery)
      throw error
    })
    const card = calling(drawnNow, known ? (called.get(delivery.card.id) ?? NOBODY) : calledBy(delivery))
    if (!known) {
      const placed =
        delivery.card.kind === 'MESSAGE'
          ? { ...card, actions: [] }
          : await placeCard(client, delivery.card.id, card, tokens)
      const messageId = await port.post(to, placed)
      remember(messages, delivery.card.id, messageId)
      remember(drawn, delivery.card.id, JSON.stringify(card))
      if (delivery.mentions.length > 0) remember(called, delivery.card.id, calledBy(delivery))
      return messageId
    }
    const text = JSON.stringify(card)
    if (drawn.get(delivery.card.id) !== text) {
      const placed = await placeCard(client, delivery.card.id, card, tokens)
      try {
        await port.edit(to, known, placed)
      } catch (error) {
        if (!(error instanceof PortError && error.kind === 'gone')) throw error
        // Somebody removed it: what stands there anew calls nobody a second time.
        called.delete(delivery.card.id)
        const messageId = await port.post(to, { ...placed, notes: drawnNow.notes })
        remember(messages, delivery.card.id, messageId)
        remember(drawn, delivery.card.id, JSON.stringify(drawnNow))
        return messageId
      }
      remember(drawn, delivery.card.id, text)
      if (placed.actions.length === 0) tokens.delete(delivery.card.id) // decided or ended: nothing to keep
    }
    if (delivery.why === 'reminder' || delivery.why === 'escalated')
      await port.post(to, nudge(card, to.shared ? calledBy(delivery) : NOBODY), known) // an edit tells nobody
    return known
  }

  async function settle({ deliveries }: Owed, { retryAfterS, ...outcome }: Outcome): Promise<void> {
    for (const [at, { id }] of deliveries.entries()) {
      // Once is enough to be asked again.
      const again = retryAfterS !== undefined && at === deliveries.length - 1 ? { retryAfterS } : {}
      try {
        await client.query(ackDeliveryMutation, { id, ...outcome, ...again })
      } catch (error) {
        log.warn({ delivery: id, err: String(error) }, 'delivery not acknowledged; it will be leased again')
      }
      inHand.delete(id)
    }
  }

  async function recover(job: Job<Owed>, newest: Delivery, error: unknown): Promise<void> {
    const failures = job.payload.failures + 1
    const again = (waitMs: number, limits: readonly Limit[]): void => {
      schedule.hold(limits, now() + waitMs)
      offer(newest, { ...job.payload, failures })
    }
    const backoff = BACKOFF_MS[Math.min(failures, BACKOFF_MS.length) - 1] ?? 1000
    const own = job.limits.slice(0, 1)
    if (error instanceof PortError && error.kind === 'wait') {
      schedule.hold(job.limits.slice(1), now() + (error.retryAfterS ?? 1) * 1000)
      return offer(newest, job.payload)
    }
    const hopeless = isHopeless(error) || (!isOutage(error) && failures >= MOST_OWN_FAILURES)
    // A blocked bot or an archived room is theirs to decide: the owner's list has it, the log need not alarm.
    log[hopeless && !isTheirs(error) ? 'error' : 'warn'](
      { card: newest.card.id, place: newest.card.place, failures, err: String(error) },
      hopeless ? 'card cannot be delivered' : 'card delayed',
    )
    if (!hopeless) return again(backoff, own)
    await settle(job.payload, {
      error: String(error instanceof Error ? error.message : error).slice(0, 500),
      undeliverable: true,
    })
  }

  async function lease(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (schedule.size >= MOST_UNDER_WAY) {
        await new Promise<void>((resolve) => (wake = resolve))
        continue
      }
      try {
        const { nextDeliveries } = await client.query(nextDeliveriesMutation, {
          platform: port.platform,
          max: BATCH,
          waitS,
        })
        for (const delivery of nextDeliveries) {
          if (inHand.has(delivery.id)) continue // its lease ran out while it waits here
          inHand.add(delivery.id)
          offer(delivery, { deliveries: [delivery], failures: 0 })
        }
        pump()
      } catch (error) {
        if (stopping.signal.aborted) return
        log.warn({ err: String(error) }, 'deliveries cannot be leased')
        await pause(1000, stopping.signal)
      }
    }
  }

  const leasing = lease()
  return {
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      wake()
      await Promise.allSettled(running)
      await Promise.race([leasing, pause(100, new AbortController().signal)]) // a long poll may be under way; its lease runs out by itself
    },
  }
}

/** The card as it must look now. Private cards are read as the person they are for, so that rights are theirs. */
export async function renderDelivery(
  service: Client,
  delivery: Delivery,
  { now, roomLanguage }: { now: number; roomLanguage: string },
): Promise<Card> {
  const { card } = delivery
  if (card.kind === 'MESSAGE') return messageCard(delivery.title, delivery.text ?? '', delivery.level)
  const { texts, reader } = readingOf(service, delivery, roomLanguage)
  return renderCard(
    reader,
    { kind: card.kind, taskId: card.taskId ?? '', askId: card.askId ?? '', nodeId: card.nodeId ?? '' },
    { texts, shared: card.shared, now },
  )
}
/** In whose words and with whose rights a card is read. */
function readingOf(
  service: Client,
  { card }: Delivery,
  roomLanguage: string,
): { readonly texts: Texts; readonly reader: Client } {
  const account = accountAt(card)
  const texts = textsFor((card.shared ? null : card.person?.language) ?? roomLanguage)
  if (card.shared || card.person === null) return { texts, reader: service }
  if (!account) throw new ClientError('NOT_FOUND', 'expected an account of its reader, but it is theirs no more')
  const key = accountKey({ platform: card.platform, team: account.team, user: account.user, name: '' })
  return { texts, reader: service.actingFor(key, texts.language) }
}
/** The account of its person that reads there. One that is theirs no more reads nothing, also where they have another on the same platform. */
function accountAt({ person, platform: wanted, place }: Delivery['card']) {
  const theirs = person?.identities.filter(({ platform }) => platform.toUpperCase() === wanted) ?? []
  const user = place.replace(/^@/, '')
  const isAnAccount = wanted === 'SLACK' ? /^[UW]/.test(user) : /^\d+$/.test(user)
  return isAnAccount ? theirs.find((one) => one.user === user) : theirs[0]
}
/** In place of a card that its reader may not see any more: suspended, out of the role, or no longer this account. */
function withdrawn({ card }: Delivery): Card {
  const { withdrawnCard } = textsFor(card.person?.language)
  return { ...messageCard(withdrawnCard.title, withdrawnCard.text), actions: [] }
}
async function renderCard(
  reader: Client,
  target: { kind: string; taskId: string; askId: string; nodeId: string },
  view: Parameters<typeof taskCard>[0],
): Promise<Card> {
  if (target.kind === 'ASK') return askCard(view, found((await reader.query(askQuery, { id: target.askId })).ask))
  if (target.kind === 'ATTENTION') {
    const variables = { id: target.taskId, node: target.nodeId }
    const task = view.shared
      ? (await reader.query(attentionInRoomQuery, variables)).task
      : (await reader.query(attentionQuery, variables)).task
    return attentionCard(view, found(task), found(task?.node ?? null))
  }
  if (target.kind === 'REQUEST')
    return requestCard(view, found((await reader.query(requestQuery, { id: target.taskId })).task))
  return taskCard(view, found((await reader.query(taskCardQuery, { id: target.taskId })).task))
}
const found = <T>(value: T | null | undefined): T => {
  if (value === null || value === undefined)
    throw new ClientError('NOT_FOUND', 'expected what the card is about, but it is not there for its reader')
  return value
}

/** Posts a living card because somebody asked for it: first the message, then the server knows it and gives it buttons. */
export async function showCard(
  acting: Acting,
  port: Port,
  to: Destination,
  target: ShowTarget,
  now: number = Date.now(),
): Promise<void> {
  const card = await renderCard(
    acting.client,
    { askId: '', nodeId: '', ...target },
    { texts: acting.texts, shared: to.shared, now },
  )
  const messageId = await patiently(() => port.post(to, { ...card, actions: [] }))
  const { openCard } = await acting.client.query(openCardMutation, {
    ...target,
    platform: port.platform,
    place: to.place,
    messageId,
  })
  if (card.actions.length === 0) return
  const placed = await placeCard(acting.service, openCard.id, card)
  await patiently(() => port.edit(to, messageId, placed))
}

/** Brings the message of a late button up to date: it may be a copy that nobody knows of any more (posted a moment before a crash). */
export async function redrawCard(
  acting: Acting,
  port: Port,
  to: Destination,
  messageId: string,
  about: ShowTarget & { readonly cardId: string },
  now: number = Date.now(),
): Promise<void> {
  const reader = to.shared ? acting.service : acting.client
  const card = await renderCard(
    reader,
    { askId: '', nodeId: '', ...about },
    { texts: acting.texts, shared: to.shared, now },
  )
  await port.edit(to, messageId, await placeCard(acting.service, about.cardId, card))
}

/** Somebody waits for this card, so it stands in no line; when the platform asks for a moment, it gets it. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof PortError && error.kind === 'wait') || tries === 4) throw error
      await pause(Math.min(error.retryAfterS ?? 1, 10) * 1000, new AbortController().signal)
    }
  }
}
/** A message says what it says once: its closing has no words. */
const isSilent = ({ card, title, text }: Delivery): boolean => card.kind === 'MESSAGE' && !title && !text
const keyOf = (delivery: Delivery): string =>
  delivery.card.kind === 'MESSAGE' ? `message:${delivery.id}` : delivery.card.id
const destinationOf = ({ card }: Delivery, { roomLanguage = 'en' }: DeliverOptions): Destination => ({
  place: card.place,
  shared: card.shared,
  language: (card.shared ? null : card.person?.language) ?? roomLanguage,
  timeZone: card.shared ? null : (card.person?.timeZone ?? null),
})
const NOBODY: Called = new Map()
const nudge = (card: Card, called: Called) => ({
  ...messageCard(null, card.summary),
  lines: [[...callLine(called), ...line(card.summary)]],
  mark: card.mark,
  actions: [],
})
const isOutage = (error: unknown): boolean =>
  error instanceof PortError
    ? error.kind === 'broken'
    : error instanceof ClientError && ['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED', 'BUSY'].includes(error.code)
const isTheirs = (error: unknown): boolean => error instanceof PortError && error.kind === 'undeliverable'
const isHopeless = (error: unknown): boolean =>
  error instanceof PortError
    ? error.kind === 'undeliverable' || error.kind === 'refused'
    : error instanceof ClientError && ['NOT_FOUND', 'FORBIDDEN', 'UNAUTHENTICATED'].includes(error.code)
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  if (map.size > REMEMBERED) for (const oldest of map.keys()) return void map.delete(oldest)
}
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
