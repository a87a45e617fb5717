import { catalogue, timeoutAlarms, type Alarms, type Database, type Tx } from '../../engine/index.ts'
import type { Log } from '../log.ts'
import { languageFor, openNow, type DelivererOptions } from './deliver.ts'
import { missed } from './hold.ts'
import { isShared } from './place.ts'
import { orderOf, waitsUntil } from './plan.ts'
import { quietUntil } from './quiet.ts'
import { readerOf, waysOf } from './reach.ts'
import { alertWords, type Sort } from './words.ts'

type Held = catalogue.HeldAlert
type Options = Pick<DelivererOptions, 'platforms' | 'library' | 'url' | 'language' | 'hub'>
export interface Releaser {
  /** Looks when something is due next. A hint only: what waits is in the database. */
  wake(): void
  /** Tells what is due now. */
  run(): Promise<void>
  stop(): void
}
/** Told in one go at most; the rest right after. */
const BATCH = 500
/** So many things that came in quiet hours are told one by one; more are one message. */
const FEW = 3
const LINES = 10
/** A clock that is set, and a machine that slept, are noticed within the hour. */
const LONGEST_WAIT_MS = 3_600_000
const RETRY_MS = 5_000

/** Tells people what has waited for its time: by one timer for all of it. */
export function createReleaser(
  options: Options & {
    readonly db: Database
    readonly now: () => number
    readonly log: Log
    readonly alarms?: Alarms
  },
): Releaser {
  const { db, now, log, hub } = options
  const alarm = (options.alarms ?? timeoutAlarms(now))(() => void run().catch(failed), LONGEST_WAIT_MS)
  let isAwake = false
  let isStopped = false
  const look = (): void => {
    isAwake = false
    if (isStopped) return
    alarm.clear()
    const at = db.read(catalogue.nextHeldAt)
    if (at !== null) alarm.set(at)
  }
  const failed = (error: unknown): void => {
    if (isStopped) return
    log.error({ err: error }, 'alerts that waited could not be told; they are tried again')
    alarm.set(now() + RETRY_MS)
  }
  const run = async (): Promise<void> => {
    while (!isStopped && (await db.write((tx) => release(tx, now(), options))) === BATCH);
    hub.wake()
    look()
  }
  const wake = (): void => {
    if (isAwake || isStopped) return
    isAwake = true
    // After this turn: what was just written is committed by then.
    setImmediate(() => {
      try {
        look()
      } catch (error) {
        failed(error)
      }
    })
  }
  return {
    wake,
    run,
    stop() {
      isStopped = true
      alarm.clear()
    },
  }
}

/** Answers how many were due. */
function release(tx: Tx, now: number, options: Options): number {
  const due = catalogue.heldDue(tx, now, BATCH)
  const byPlace = new Map<string, Held[]>()
  for (const held of due) {
    if (!isWanted(tx, held, now, options)) continue
    byPlace.set(held.place, [...(byPlace.get(held.place) ?? []), held])
  }
  for (const group of byPlace.values()) {
    catalogue.dropHeld(
      tx,
      group.map(({ id }) => id),
    )
    const gathered = group.filter(({ reason }) => reason !== 'order')
    const most = gathered.some(({ reason }) => reason === 'digest') ? 1 : FEW
    const isDigest = gathered.length > most && isWay(tx, group[0]!, options)
    if (isDigest) gather(tx, gathered, now, options)
    for (const held of group) if (!isDigest || !gathered.includes(held)) tell(tx, held, now, options)
  }
  return due.length
}

const isWay = (tx: Tx, { person, place }: Held, { platforms }: Options): boolean =>
  waysOf(tx, person, platforms()).some((way) => way.place === place)

/** Whether it is still to be told, and now. What is not wanted any more is dropped; what would come in quiet hours waits for their end. */
function isWanted(tx: Tx, held: Held, now: number, { platforms }: Options): boolean {
  const { person, taskId, kind, askId, why, createdAt, reason } = held
  const task = catalogue.taskRow(tx, taskId)
  const isOver = !task || (kind === 'ask' && !catalogue.needsOfTask(tx, taskId).some(({ ref }) => ref === askId))
  const reader = task && !isOver ? readerOf(tx, person, task, platforms(), now) : null
  const isEscalated = why === 'escalated'
  if (!reader || reader.isGone || (reader.isMuted && !isEscalated)) {
    catalogue.dropHeld(tx, [held.id])
    return false
  }
  const { settings, zone } = reader
  // What passed quiet hours by the first way passes them by the next.
  const passed = reason === 'order' ? quietUntil(settings.quiet, zone, createdAt) : null
  if (passed !== null && held.dueAt < passed) return true
  const about = { kind: kind as 'attention' | 'ask' | 'request' | 'message', isEscalated, deadline: null } // written by `hold`
  const wait = waitsUntil(about, { settings: { ...settings, digestMin: 0 }, zone, isOnCall: true }, now)
  if (wait === null) return true
  catalogue.holdUntil(tx, held.id, wait.at, 'quiet')
  return false
}

function tell(tx: Tx, held: Held, now: number, options: Options): void {
  const { taskId, kind, subject, place, person, askId, nodeId, why, title, text, level } = held
  const task = catalogue.taskRow(tx, taskId)
  if (!task) return
  const words = { ...(title !== null && { title }), ...(text !== null && { text }), ...(level !== null && { level }) }
  const step = { kind: kind as 'attention', subject, person, askId, nodeId, why, ...words } // as `hold` wrote it
  // What was unlinked while it waited tells nobody: then it goes by the first way there is.
  const reader = readerOf(tx, person, task, options.platforms(), now)
  const way = reader.ways.some((one) => one.place === place) ? place : orderOf(reader)[0]?.place
  if (way === undefined) return missed(tx, { ...step, place }, taskId, 'NO_CHANNEL', now)
  openNow(tx, { ...step, place: way }, task, now, options, SORT[kind] ?? null)
}
const SORT: Readonly<Record<string, Sort>> = { attention: 'failure', ask: 'ask', request: 'ask' }

/** One message for all that waited, the oldest first. */
function gather(tx: Tx, group: readonly Held[], now: number, options: Options): void {
  const [first] = group
  if (!first) return
  const words = alertWords(languageFor(tx, first.person, options))
  const oldest = group.toSorted((a, b) => a.id - b.id)
  const lines = oldest.slice(0, LINES).map((held) => {
    const task = catalogue.taskRow(tx, held.taskId)
    const name = task ? `${task.title} #${task.number}` : ''
    if (held.kind === 'attention') return words.attention(name)
    if (held.kind === 'ask') return words.ask(name)
    return held.kind === 'request' ? words.request(name) : words.message(held.title ?? name, held.text)
  })
  if (group.length > LINES) lines.push(words.more(group.length - LINES))
  const { platform, place, person, taskId } = first
  const about = { kind: 'message', subject: `gathered:${oldest[0]!.id}`, taskId, askId: null, nodeId: null }
  const { card, made } = catalogue.cardAt(tx, { ...about, platform, place, shared: isShared(place), person }, now)
  if (!made) return
  const told = { why: 'digest', urgent: true, title: words.gathered(group.length), level: 'info' }
  catalogue.owe(tx, card, { ...told, text: [...lines, options.url].join('\n') }, now)
}
