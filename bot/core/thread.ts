/**
 * The thread beneath a task's card: what happened, told in pages. A page is one message that is edited while it fills up; a full one stays as it is
 * and the next begins. On the last page a thread may have only the newest lines stand, so that a task of a thousand steps makes no more posts than
 * one of fifty. How far it has been told is kept by the server with the message's id (`Told`).
 */
import type { HistoryEntry } from './queries/index.ts'

/** How much a platform's thread bears. */
export interface ThreadManner {
  /** Messages in all. */
  readonly pages: number
  /** Lines of history on one page. */
  readonly lines: number
  /** Steps on one page whose last log lines are shown, and how many lines of each. */
  readonly tails: number
  readonly tailLines: number
}
/** How far a thread has been told. */
export interface Told {
  /** The card's message. Another one: the thread begins anew beneath it. */
  readonly root: string
  /** The message that is filling up; null: the next thing to tell begins one. */
  readonly page: string | null
  /** Begun so far. */
  readonly pages: number
  /** Number of the last event told on the pages before this one. */
  readonly after: number
  /** Lines that had to make room on the last page. */
  readonly left: number
}
export type Ended = HistoryEntry['ended'][number]
export interface PageEntry {
  readonly entry: HistoryEntry
  /** Attempts whose last log lines stand beneath it. */
  readonly tails: readonly Ended[]
}
export interface Page {
  readonly shown: readonly PageEntry[]
  /** Lines before these that are told nowhere any more. */
  readonly left: number
  /** What begins after this page; null: nothing is known to. */
  readonly full: boolean
  /** Number of the last event before this page. */
  readonly after: number
  /** Number of the last event on it. */
  readonly upTo: number
}

export const newThread = (root: string): Told => ({ root, page: null, pages: 0, after: 0, left: 0 })
/** What the server kept for us; null: nothing, or a message that is not the card's any more. */
export function toldOf(memo: unknown, root: string): Told | null {
  const told = memo as Partial<Told> | null // only ever written by `tellThread`
  return typeof told === 'object' && told?.root === root && typeof told.after === 'number' ? (told as Told) : null
}
export const isLastPage = ({ page, pages }: Told, manner: ThreadManner): boolean =>
  (page === null ? pages + 1 : pages) >= manner.pages
const endOf = ({ seq, kinds }: HistoryEntry): number => seq + Math.max(1, kinds.length) - 1
const logsOf = (entry: HistoryEntry): readonly Ended[] => entry.ended.filter(({ logged }) => logged > 0)

/** Which of what happened stands on the page that fills up. */
export function pageOf(told: Told, entries: readonly HistoryEntry[], manner: ThreadManner): Page {
  return isLastPage(told, manner) ? rolling(told, entries, manner) : filling(told, entries, manner)
}
function filling(told: Told, entries: readonly HistoryEntry[], manner: ThreadManner): Page {
  const shown: PageEntry[] = []
  let room = manner.tails
  for (const entry of entries) {
    const tails = logsOf(entry).slice(0, manner.tails)
    if (shown.length === manner.lines || (tails.length > room && shown.length > 0)) break
    room -= tails.length
    shown.push({ entry, tails })
  }
  return pageWith(told.after, told.left, shown, shown.length < entries.length)
}
/** The newest lines; of their logs the newest too. */
function rolling(told: Told, entries: readonly HistoryEntry[], manner: ThreadManner): Page {
  const kept = entries.slice(-manner.lines)
  const gone = entries.slice(0, entries.length - kept.length)
  const last = gone.at(-1)
  let room = manner.tails
  const shown = kept
    .toReversed()
    .map((entry): PageEntry => {
      const tails = logsOf(entry).slice(0, room)
      room -= tails.length
      return { entry, tails }
    })
    .toReversed()
  return pageWith(last ? endOf(last) : told.after, told.left + gone.length, shown, false)
}
function pageWith(after: number, left: number, shown: readonly PageEntry[], full: boolean): Page {
  const last = shown.at(-1)
  return { shown, left, full, after, upTo: last ? endOf(last.entry) : after }
}
/** Where the thread stands once this page is there as the message `id`. */
export function toldWith(told: Told, page: Page, id: string): Told {
  const pages = told.page === null ? told.pages + 1 : told.pages
  const { root } = told
  return page.full
    ? { root, page: null, pages, after: page.upTo, left: page.left }
    : { root, page: id, pages, after: page.after, left: page.left }
}
/** Somebody removed the page: it stays removed, and what happens from now on begins another. */
export const toldWithout = (told: Told, page: Page): Told => ({
  ...told,
  page: null,
  after: page.upTo,
  left: page.left,
})
