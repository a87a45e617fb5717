import { catalogue, type Tx } from '../../engine/index.ts'
import { placeOf, isShared } from './place.ts'
import { alertWords, type Sort } from './words.ts'
import type { Language } from '../texts.ts'

/** This many alerts of one app within the window become one digest per recipient. */
const STORM = 10
const WINDOW_MS = 60_000
/** The digest waits a moment for those that come along. */
const GATHER_MS = 3_000
/** How long a storm is counted at most. */
const LONGEST_MS = 86_400_000

export interface Gust {
  readonly sort: Sort
  readonly place: string
  readonly person: string | null
  readonly taskId: string
  readonly app: { readonly project: string; readonly name: string; readonly title: string }
  readonly url: string
  readonly language: Language
}

/**
 * Notes an alert. From the tenth of one app within a minute on one digest stands for all of them, those not posted yet included, until a
 * minute has passed without any: told after a moment, and while it goes on counting once a minute. Costs the same however many there were.
 */
export function isStorm(tx: Tx, gust: Gust, now: number): boolean {
  const { place, sort } = gust
  const app = `${sort}:${gust.app.project}/${gust.app.name}`
  catalogue.forgetAlerts(tx, now - LONGEST_MS)
  catalogue.noteAlert(tx, place, app, gust.taskId, now)
  const known = catalogue.stormAt(tx, place, app)
  const storm = known && now - known.lastAt < WINDOW_MS ? { ...known, lastAt: now } : begin(tx, gust, app, now)
  if (!storm) return false
  catalogue.noteStorm(tx, storm)
  const card = catalogue.cardById(tx, storm.cardId)
  if (!card) return true // put away with its task: what it said has been said
  const words = alertWords(gust.language)
  const count = catalogue.countAlerts(tx, place, app, storm.startedAt)
  const first = catalogue.taskRow(tx, storm.firstTask)
  const text = words.digest(sort, count, gust.app.title, first ? `${first.title} #${first.number}` : '')
  const delayMs = storm.startedAt === known?.startedAt ? WINDOW_MS : GATHER_MS
  const told = {
    why: 'digest',
    urgent: true,
    title: gust.app.title,
    level: sort === 'failure' ? 'error' : 'info',
    delayMs,
  }
  catalogue.owe(tx, card, { ...told, text: `${text}\n${gust.url}${PAGE[sort]}` }, now)
  return true
}
const PAGE: Readonly<Record<Sort, string>> = { failure: '/tasks?show=needs-me', ask: '/', news: '/tasks' }

function begin(tx: Tx, { place, person }: Gust, app: string, now: number): catalogue.Storm | null {
  const startedAt = now - WINDOW_MS + 1
  const tasks = catalogue.alertedSince(tx, place, app, startedAt, STORM)
  if (tasks.length < STORM) return null
  catalogue.dropUnposted(tx, catalogue.unpostedAt(tx, place, tasks))
  const [firstTask = ''] = tasks
  const { platform = '' } = placeOf(place) ?? {}
  const about = { kind: 'message', subject: `digest:${app}:${now}`, taskId: firstTask, askId: null, nodeId: null }
  const { card } = catalogue.cardAt(tx, { ...about, platform, place, shared: isShared(place), person }, now)
  return { place, app, startedAt, lastAt: now, firstTask, cardId: card.id }
}
