import { catalogue, type IndexRow, type Notice, type TaskMessage, type Tx } from '../../engine/index.ts'
import type { Library } from '../library.ts'
import { languageOf, textsOf, type Language } from '../texts.ts'
import type { DeliveryHub } from './hub.ts'
import { hold, missed, readersOf, type Readers } from './hold.ts'
import { isShared, nowhere, placeOf } from './place.ts'
import { sendingsOf, waitsUntil, type Alert } from './plan.ts'
import { placesOf } from './reach.ts'
import { route, type RoutingFacts, type Step } from './routing.ts'
import { isStorm } from './storm.ts'
import { oweThread } from './thread.ts'
import type { Sort } from './words.ts'

export interface DelivererOptions {
  readonly library: Library
  readonly directory: catalogue.LiveDirectory
  readonly hub: DeliveryHub
  readonly url: string
  /** Only platforms that are connected are owed anything: nobody would ever fetch it. */
  readonly platforms: () => ReadonlySet<string>
  /** Of rooms, and of people who have not said theirs. */
  readonly language?: Language
  /** Something waits for its time: whoever keeps the clock looks when. */
  readonly onHeld?: () => void
}
type Opening = Extract<Step, { do: 'open' }>
/** A mail cannot be taken back or joined once it is out: what fails together is given a moment to come together. */
const MAIL_WAITS_MS = 15_000

/** Writes what a task's message means for people, in the same transaction as its index row: once, in order, or not at all. */
export function createDeliverer(options: DelivererOptions): (tx: Tx, message: TaskMessage) => void {
  return (tx, message) => {
    if (options.platforms().size === 0) return
    const { row, at } = message
    const readers = readersOf(tx, row, options.platforms(), at)
    for (const notice of message.notices) {
      over(tx, notice, row, at, options)
      // Each notice sees the cards the one before has made.
      const facts = factsOf(tx, row, options, readers)
      for (const step of route(notice, facts)) take(tx, step, notice, message, options, readers)
    }
    options.hub.wake()
  }
}

function factsOf(tx: Tx, row: IndexRow, { library, directory }: DelivererOptions, readers: Readers): RoutingFacts {
  const app = row.app === null ? undefined : library.app(row.project, row.app)
  return {
    row,
    origin: row.origin ?? null,
    rooms: app?.spec.rooms ?? [],
    operators: app?.spec.operators ?? [],
    attentionIsSet: library.namesAttention(row.project, row.flow),
    directory: directory.within(row.project),
    placesOf: (person) => placesOf(tx, person),
    alertPlacesOf: (person) => {
      const places = readers.of(person).ways.map(({ place }) => place)
      return places.length > 0 ? places : [nowhere(person)]
    },
    cards: catalogue.cardsOf(tx, row.id),
  }
}

/** What waited to be told of this need not be told any more. */
function over(tx: Tx, notice: Notice, row: IndexRow, at: number, { directory }: DelivererOptions): void {
  if (notice.kind === 'attention_over') catalogue.dropHeldOf(tx, row.id, { nodeId: notice.nodeId })
  else if (notice.kind === 'ask_closed') catalogue.dropHeldOf(tx, row.id, { askId: notice.askId })
  else if (notice.kind === 'ask_changed') {
    // Whoever has answered is not asked by their next channel; those who are still needed, and who stands in for them, are.
    const needed = row.needs.filter(({ ref }) => ref === notice.askId).map(({ person }) => person)
    const standIns = needed.flatMap((person) => directory.standIns?.(person, at) ?? []).map(({ id }) => id)
    catalogue.dropHeldOf(tx, row.id, { askId: notice.askId, but: [...needed, ...standIns] })
  } else if (notice.kind === 'request_over') catalogue.dropHeldOf(tx, row.id, { kind: 'request' })
  else if (notice.kind === 'changed' && row.endedAt !== null) catalogue.dropHeldOf(tx, row.id)
}

function take(
  tx: Tx,
  step: Step,
  notice: Notice,
  { row, at }: TaskMessage,
  options: DelivererOptions,
  readers: Readers,
): void {
  if (step.do === 'open') return open(tx, step, notice, row, at, options, readers)
  const card = catalogue.cardById(tx, step.cardId)
  if (!card) return
  if (step.do === 'close') catalogue.changeCard(tx, card.id, { open: false })
  const { why, urgent } = step.do === 'close' ? { why: 'closed', urgent: true } : step
  if (card.platform === 'none') return
  if (card.kind === 'thread') return oweThread(tx, card, why, at)
  const rings = why === 'reminder' || why === 'escalated'
  const isHeard = !rings || card.person === null || hears(card.person, notice, row, at, options, readers)
  // A mail is not edited: it is sent again where it must be heard, or taken back while it has not gone.
  if (card.platform === 'email') {
    if (step.do === 'close' && card.messageId === null) catalogue.dropUnposted(tx, [card.id])
    if (!rings || !isHeard) return
  }
  catalogue.owe(tx, card, { why: isHeard ? why : 'changed', urgent }, at)
}
function hears(
  person: string,
  notice: Notice,
  row: IndexRow,
  at: number,
  options: DelivererOptions,
  readers: Readers,
): boolean {
  const alert = alertOf(notice.kind === 'attention' ? 'attention' : 'ask', notice)
  const reader = { ...readers.of(person), isOnCall: isOnCall(person, notice, row, options) }
  return sendingsOf(alert, reader, at).length > 0 && waitsUntil(alert, reader, at) === null
}

function open(
  tx: Tx,
  step: Opening,
  notice: Notice,
  row: IndexRow,
  at: number,
  options: DelivererOptions,
  readers: Readers,
): void {
  const { kind, place, person, subject } = step
  if (kind === 'message') step = { ...wordsOf(row, notice, person, tx, options), ...step }
  if (kind === 'task' || person === null) return openNow(tx, step, row, at, options, sortOf(step, notice))
  const alert = alertOf(kind, notice)
  const reader = { ...readers.of(person), isOnCall: isOnCall(person, notice, row, options) }
  if (reader.isGone) return
  if (reader.ways.length === 0) {
    const isAwaited = kind !== 'message' || notice.kind === 'message'
    if (isAwaited && !reader.isMuted) missed(tx, { ...step, person }, row.id, 'NO_CHANNEL', at)
    return
  }
  const sending = sendingsOf(alert, reader, at).find((one) => one.place === place)
  if (!sending) return
  if (sending.reason === null) return openNow(tx, step, row, at, options, sortOf(step, notice))
  if (catalogue.cardThere(tx, row.id, subject, place)) return
  hold(tx, { ...step, person }, row.id, sending, at)
  options.onHeld?.()
}

const alertOf = (kind: Alert['kind'], notice: Notice): Alert => ({
  kind,
  isEscalated: 'why' in notice && notice.why === 'escalated',
  deadline: notice.kind === 'ask_opened' ? (notice.deadline ?? null) : null,
})
/** Asked as one of a business role, and by its rota now. */
function isOnCall(person: string, notice: Notice, row: IndexRow, { directory }: DelivererOptions): boolean {
  const here = directory.within(row.project)
  if (notice.kind === 'attention' || notice.kind === 'request')
    return notice.refs.some((ref) => ref.startsWith('role:') && here.has(ref, person))
  return notice.kind === 'ask_opened' && directory.rolesOf(person, row.project).length > 0
}
function sortOf({ kind }: Opening, notice: Notice): Sort | null {
  if (kind === 'attention') return 'failure'
  if (kind === 'ask' || kind === 'request') return 'ask'
  return notice.kind === 'finished' || notice.kind === 'late' ? 'news' : null
}

/** Where a card about a task is opened, whoever is told there. */
export interface Opened extends Omit<Opening, 'do'> {
  readonly do?: 'open'
}
/** Posts it, unless it goes into the digest of a storm. `sort` null: it is told by itself whatever else is going on. */
export function openNow(
  tx: Tx,
  step: Opened,
  row: Pick<IndexRow, 'id' | 'project' | 'app' | 'flow'>,
  at: number,
  options: Pick<DelivererOptions, 'platforms' | 'library' | 'url' | 'language'>,
  sort: Sort | null,
): void {
  const { why, title = null, text = null, level = null, kind, subject, place, person, askId, nodeId } = step
  const platform = placeOf(place)?.platform
  if (platform === undefined || !options.platforms().has(platform)) return
  if (sort !== null) {
    const name = row.app ?? row.flow
    const app = { project: row.project, name, title: options.library.app(row.project, name)?.title ?? name }
    const language = languageFor(tx, person, options)
    if (isStorm(tx, { sort, place, person, taskId: row.id, app, url: options.url, language }, at)) return
  }
  const { card, made } = catalogue.cardAt(
    tx,
    { kind, subject, taskId: row.id, askId, nodeId, platform, place, shared: isShared(place), person },
    at,
  )
  if (!made) return
  const delayMs = platform === 'email' && kind !== 'message' ? MAIL_WAITS_MS : 0
  catalogue.owe(tx, card, { why, urgent: true, title, text, level, delayMs }, at)
}

/** Of a person; of rooms and of whoever has not said theirs, the server's. */
export const languageFor = (
  tx: Tx,
  person: string | null,
  { language }: Pick<DelivererOptions, 'language'>,
): Language => languageOf((person && catalogue.personById(tx, person)?.language) || (language ?? null), null)

/** What a message says where the notice brings no words of its own. */
function wordsOf(
  row: IndexRow,
  notice: Notice,
  person: string | null,
  tx: Tx,
  options: DelivererOptions,
): { title: string; text?: string } {
  const texts = textsOf(languageFor(tx, person, options))
  const title = `${row.title} #${row.number}`
  if (notice.kind === 'late') return { title, text: texts.late }
  if (notice.kind === 'announce' && notice.what === 'frozen') return { title, text: texts.frozenUntilLifted }
  if (notice.kind === 'announce' && notice.what !== undefined) return { title, text: texts.announce(notice) }
  if (notice.kind === 'freeze_passed') return { title, text: texts.freezePassed(notice) }
  if (notice.kind !== 'finished') return { title }
  return { title, text: texts.outcome[row.outcome ?? ''] ?? row.phase }
}

/** Progress is told when there is time: joined together per task, at most this often. */
const PROGRESS_MS = 3_000
export interface ProgressTeller {
  changed(taskId: string): void
  stop(): void
}
/** Marks the task cards of tasks that moved on, without a notice of their own. Lost at a restart without harm: it is only progress. */
export function createProgressTeller(
  write: (work: (tx: Tx) => void) => Promise<void>,
  hub: DeliveryHub,
  now: () => number,
): ProgressTeller {
  const dirty = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | null = null
  const flush = (): void => {
    timer = null
    const tasks = [...dirty]
    dirty.clear()
    write((tx) => {
      for (const task of tasks)
        for (const card of catalogue.openCardsOf(tx, task))
          if (card.kind === 'task') catalogue.owe(tx, card, { why: 'changed', urgent: false }, now())
          else if (card.kind === 'thread') oweThread(tx, card, 'changed', now())
    }).then(
      () => hub.wake(),
      () => undefined, // the next change tells it
    )
  }
  return {
    changed(taskId) {
      dirty.add(taskId)
      timer ??= setTimeout(flush, PROGRESS_MS)
    },
    stop() {
      if (timer) clearTimeout(timer)
    },
  }
}
