import { catalogue, type IndexRow, type Notice, type TaskMessage, type Tx } from '../../engine/index.ts'
import type { Library } from '../library.ts'
import { languageOf, textsOf } from '../texts.ts'
import { placesOf } from './ack.ts'
import type { DeliveryHub } from './hub.ts'
import { isShared, placeOf } from './place.ts'
import { route, type RoutingFacts, type Step } from './routing.ts'
import { oweThread } from './thread.ts'

export interface DelivererOptions {
  readonly library: Library
  readonly directory: catalogue.LiveDirectory
  readonly hub: DeliveryHub
  readonly url: string
  /** Only platforms that are connected are owed anything: nobody would ever fetch it. */
  readonly platforms: () => ReadonlySet<string>
}
/** This many alerts of one app within the window become one digest per recipient. */
const STORM = 10
const WINDOW_MS = 60_000

/** Writes what a task's message means for chats, in the same transaction as its index row: once, in order, or not at all. */
export function createDeliverer(options: DelivererOptions): (tx: Tx, message: TaskMessage) => void {
  return (tx, message) => {
    if (options.platforms().size === 0) return
    for (const notice of message.notices) {
      // Each notice sees the cards the one before has made.
      const facts = factsOf(tx, message.row, options)
      for (const step of route(notice, facts)) take(tx, step, notice, message, options)
    }
    options.hub.wake()
  }
}

function factsOf(tx: Tx, row: IndexRow, { library, directory }: DelivererOptions): RoutingFacts {
  const app = row.app === null ? undefined : library.app(row.project, row.app)
  return {
    row,
    origin: row.origin ?? null,
    rooms: app?.spec.rooms ?? [],
    operators: app?.spec.operators ?? [],
    attentionIsSet: library.namesAttention(row.project, row.flow),
    directory: directory.within(row.project),
    placesOf: (person) => placesOf(tx, person),
    cards: catalogue.cardsOf(tx, row.id),
  }
}

function take(tx: Tx, step: Step, notice: Notice, { row, at }: TaskMessage, options: DelivererOptions): void {
  if (step.do === 'open') {
    const { why, title, text, level, kind, subject, place, person, askId, nodeId } = step
    const platform = placeOf(place)?.platform
    if (platform === undefined || !options.platforms().has(platform)) return
    if (kind === 'attention' && person !== null && isStorm(tx, step, row, at, options)) return
    const named = kind === 'message' ? wordsOf(row, notice, person, tx) : { title: null, text: null }
    const { card, made } = catalogue.cardAt(
      tx,
      { kind, subject, taskId: row.id, askId, nodeId, platform, place, shared: isShared(place), person },
      at,
    )
    if (!made) return
    const owed = { why, urgent: true, title: title ?? named.title, text: text ?? named.text, level: level ?? null }
    return catalogue.owe(tx, card, owed, at)
  }
  const card = catalogue.cardById(tx, step.cardId)
  if (!card) return
  if (step.do === 'close') catalogue.changeCard(tx, card.id, { open: false })
  const { why, urgent } = step.do === 'close' ? { why: 'closed', urgent: true } : step
  if (card.kind === 'thread') return oweThread(tx, card, why, at)
  catalogue.owe(tx, card, { why, urgent }, at)
}

/** What a message says where the notice brings no words of its own. */
function wordsOf(row: IndexRow, notice: Notice, person: string | null, tx: Tx): { title: string; text: string | null } {
  const language = languageOf((person && catalogue.personById(tx, person)?.language) || null, null)
  const texts = textsOf(language)
  const title = `${row.title} #${row.number}`
  if (notice.kind === 'late') return { title, text: texts.late }
  if (notice.kind === 'announce' && notice.what !== undefined) return { title, text: texts.announce(notice) }
  if (notice.kind !== 'finished') return { title, text: null }
  return { title, text: texts.outcome[row.outcome ?? ''] ?? row.phase }
}

/** From the tenth alert within a minute on, one digest stands for all of them; alerts that have not been posted yet go into it. */
function isStorm(
  tx: Tx,
  step: Extract<Step, { do: 'open' }>,
  row: IndexRow,
  at: number,
  options: DelivererOptions,
): boolean {
  const app = row.app ?? row.flow
  catalogue.noteAlert(tx, step.place, app, row.id, at)
  const tasks = catalogue.alertedSince(tx, step.place, app, at - WINDOW_MS, 1000)
  if (tasks.length < STORM) return false
  const unposted = tasks.flatMap((taskId) =>
    catalogue
      .openCardsOf(tx, taskId)
      .filter((card) => card.kind === 'attention' && card.place === step.place && card.messageId === null)
      .map(({ id }) => id),
  )
  catalogue.dropUnposted(tx, unposted)
  const [oldest = row.id] = tasks
  const first = catalogue.taskRow(tx, oldest)
  const texts = textsOf(languageOf((step.person && catalogue.personById(tx, step.person)?.language) || null, null))
  const title = options.library.app(row.project, app)?.title ?? app
  const text = `${texts.digest(tasks.length, title, first ? `${first.title} #${first.number}` : row.title)}\n${options.url}/tasks?show=needs-me`
  const subject = `digest:${app}:${Math.floor(at / WINDOW_MS)}`
  const known = catalogue.cardBySubject(tx, subject, step.place)
  const platform = placeOf(step.place)!.platform
  const about = { kind: 'message', subject, taskId: oldest, askId: null, nodeId: null }
  const card =
    known ??
    catalogue.cardAt(tx, { ...about, platform, place: step.place, shared: false, person: step.person }, at).card
  // One message: while it waits to be posted it goes on counting.
  if (card.messageId === null) catalogue.owe(tx, card, { why: 'digest', urgent: true, title, text, level: 'error' }, at)
  return true
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
