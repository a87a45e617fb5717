import { catalogue } from '../../engine/index.ts'
import type { Deps } from '../context.ts'
import { deliverable, undelivered } from '../delivery/ack.ts'
import { placeOf } from '../delivery/place.ts'
import { platformsOf, waysOf } from '../delivery/reach.ts'
import { compose } from './compose.ts'
import { write } from './letter.ts'
import { MailError, type Transport } from './transport.ts'

export interface Post {
  stop(): Promise<void>
}
/** What is about no task (a link to sign in with, an address to confirm) is sent where somebody asked for it. */
function isTheirs({ db, config }: Deps, { person, taskId, place }: catalogue.Card): boolean {
  if (person === null || taskId === '') return true
  return db.read((tx) => waysOf(tx, person, platformsOf(config))).some((way) => way.place === place)
}
const AT_ONCE = 4
const LONGEST_WAIT_MS = 25_000
const BACKOFF_MS = [2_000, 5_000, 15_000, 30_000, 60_000, 300_000]
/** So long a mail is kept for a server that does not take it; then it goes another way, or on the list. */
const PATIENCE_MS = 86_400_000

/** Sends what people are owed by mail until stopped. Loses nothing: what is not acknowledged is leased again. */
export function startPost(deps: Deps, transport: Transport): Post {
  const { db, hub, now, log } = deps
  const stopping = new AbortController()
  const inHand = new Set<number>()
  /** Failures in a row that are the server's: then it is left alone for a while, and not asked once for each mail. */
  let failures = 0
  let restUntil = 0

  const settle = async (row: catalogue.Delivery, outcome: { messageId?: string; error?: MailError }): Promise<void> => {
    const { messageId = null, error } = outcome
    await db.write((tx) => {
      const current = catalogue.deliveryById(tx, row.id)
      if (current?.state !== 'leased') return
      const isHopeless = error && (error.fault !== 'server' || now() - row.createdAt > PATIENCE_MS)
      if (isHopeless) return undelivered(tx, current, error.message, deps, now())
      const card = catalogue.cardById(tx, row.cardId)
      // The first mail stays the one that the others answer.
      const first = card?.messageId ?? messageId
      deliverable(tx, current, { messageId: first, error: error?.message ?? null, retryAfterS: null }, now())
    })
  }

  const send = async (row: catalogue.Delivery): Promise<void> => {
    const card = db.read((tx) => catalogue.cardById(tx, row.cardId))
    const letter = card ? await compose(deps, card, row) : null
    if (!card || !letter) return settle(row, {})
    if (!isTheirs(deps, card))
      return settle(row, { error: new MailError('recipient', 'This address is not linked any more') })
    try {
      const to = placeOf(card.place)?.target ?? ''
      const about = { to, key: `${row.id} ${row.createdAt}`, inReplyTo: card.messageId }
      const messageId = await transport.send({ ...about, ...write(letter), isUrgent: row.level === 'error' })
      if (failures > 0) log.info({ failures }, 'the mail server takes mail again')
      failures = 0
      await settle(row, { messageId })
    } catch (error) {
      if (!(error instanceof MailError)) throw error
      log.warn({ delivery: row.id, attempts: row.attempts, err: error.message }, 'a mail could not be sent')
      if (error.fault === 'server') {
        if (failures === 0)
          log.error({ err: error.message }, 'the mail server takes no mail; what is owed is kept and tried again')
        restUntil = now() + BACKOFF_MS[Math.min(failures, BACKOFF_MS.length - 1)]!
        failures++
      }
      await settle(row, { error })
    }
  }
  const contained = async (row: catalogue.Delivery): Promise<void> => {
    inHand.add(row.id)
    try {
      await send(row)
    } catch (error) {
      // A bug of ours, or a database that takes nothing: its lease runs out and it is tried again.
      if (!stopping.signal.aborted) log.error({ err: error, delivery: row.id }, 'a mail was not written')
    } finally {
      inHand.delete(row.id)
    }
  }

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const at = now()
      const dueAt = db.read((tx) => catalogue.nextDueAt(tx, 'email'))
      const readyAt = dueAt === null ? null : Math.max(dueAt, restUntil)
      if (readyAt !== null && readyAt <= at) {
        // One mail finds out whether a server that was away is back.
        const max = failures > 0 ? 1 : AT_ONCE
        const leased = await db.write((tx) => catalogue.leaseDeliveries(tx, 'email', max, at))
        const fresh = leased.filter(({ id }) => !inHand.has(id))
        await Promise.all(fresh.map(contained))
        if (fresh.length > 0) continue
      }
      const wait = readyAt === null || readyAt <= at ? LONGEST_WAIT_MS : Math.min(readyAt - at, LONGEST_WAIT_MS)
      await hub.wait(Math.max(wait, 50), stopping.signal)
    }
  }
  const patiently = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await run()
      } catch (error) {
        if (stopping.signal.aborted) return
        log.error({ err: error }, 'mail rests for a moment')
        await hub.wait(5_000, stopping.signal)
      }
    }
  }
  const running = patiently()
  return {
    async stop() {
      stopping.abort()
      await running
      transport.close()
    },
  }
}
