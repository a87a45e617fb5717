import type { Client } from '../../api/client/index.ts'
import { ClientError } from '../../api/client/index.ts'
import { threadCard, type Tail } from './cards/thread.ts'
import { PortError, type Destination, type Port } from './contract.ts'
import { placeCard, type Tokens } from './place.ts'
import { historyQuery, logTailQuery, type HistoryEntry, type HistoryTask } from './queries/index.ts'
import type { Texts } from './texts.ts'
import { isLastPage, newThread, pageOf, toldOf, toldWith, toldWithout, type Page, type Told } from './thread.ts'

export interface Telling {
  readonly service: Client
  /** Whose rights decide what is read: the person's in private, nobody's in rooms. */
  readonly reader: Client
  readonly port: Port
  readonly to: Destination
  readonly texts: Texts
  readonly card: { readonly id: string; readonly taskId: string }
  /** Message of the task's card, under which the thread hangs. */
  readonly root: string
  readonly memo: unknown
  readonly tokens: Tokens
  /** What each page looked like when it was drawn last. */
  readonly drawn: { get(key: string): string | undefined; set(key: string, text: string): void }
  readonly now: number
}
export interface ToldNow {
  readonly told: Told
  /** There is more to tell than one call could: come back. */
  readonly more: boolean
}
const READ = 100
/** Of a task that goes on while it is read; the rest is told with the next change. */
const MOST_READS = 200

/** Brings a thread up to date with one call to the platform at most. */
export async function tellThread(telling: Telling): Promise<ToldNow> {
  const { service, port, to, texts, card, root, tokens, drawn, now } = telling
  const told = toldOf(telling.memo, root) ?? newThread(root)
  if (!port.thread) return { told, more: false }
  const { task, entries } = await readHistory(telling, told)
  const page = pageOf(told, entries, port.thread)
  if (page.shown.length === 0) return { told, more: false }
  const tails = await tailsOf(telling, page)
  const shown = threadCard({ texts, shared: to.shared, now }, task, page, (end) => tails.get(keyOf(end)) ?? null)
  const text = JSON.stringify(shown)
  const key = (id: string): string => `${card.id}:${id}`
  if (told.page !== null && drawn.get(key(told.page)) === text)
    return { told: toldWith(told, page, told.page), more: page.full }
  const placed = await placeCard(service, card.id, shown, tokens)
  try {
    const id = told.page ?? (await port.post(to, placed, root, 'thread'))
    if (told.page !== null) await port.edit(to, told.page, placed)
    drawn.set(key(id), text)
    return { told: toldWith(told, page, id), more: page.full }
  } catch (error) {
    if (!(error instanceof PortError && error.kind === 'gone')) throw error
    // A page somebody removed stays removed. Without the card above it nothing can hang there: its next change posts it anew, and the thread follows.
    return told.page === null ? { told, more: false } : { told: toldWithout(told, page), more: false }
  }
}

interface Read {
  readonly task: HistoryTask
  readonly entries: readonly HistoryEntry[]
}
/** What happened since the pages before: enough for one page, or all of it where only the newest is shown. */
async function readHistory({ reader, card, port }: Telling, told: Told): Promise<Read> {
  const lines = port.thread?.lines ?? 0
  const all = port.thread !== undefined && isLastPage(told, port.thread)
  const entries: HistoryEntry[] = []
  for (let after = told.after, reads = 1; ; reads++) {
    const { task } = await reader.query(historyQuery, { id: card.taskId, after, first: READ })
    if (!task) throw new ClientError('NOT_FOUND', 'expected the task of a thread, but it is not there for its reader')
    entries.push(...task.events.entries)
    const { nextAfter } = task.events
    if (nextAfter === null || reads === MOST_READS || (!all && entries.length > lines)) return { task, entries }
    after = nextAfter
  }
}
const keyOf = ({ nodeId, attempt }: { nodeId: string; attempt: number }): string => `${nodeId}:${attempt}`
async function tailsOf({ reader, card, port, to }: Telling, page: Page): Promise<ReadonlyMap<string, Tail>> {
  const tails = new Map<string, Tail>()
  if (to.shared) return tails
  for (const end of page.shown.flatMap((one) => one.tails)) {
    const { nodeId: node, attempt } = end
    const { task } = await reader.query(logTailQuery, {
      id: card.taskId,
      node,
      attempt,
      last: port.thread?.tailLines ?? 0,
    })
    if (task?.node) tails.set(keyOf(end), task.node)
  }
  return tails
}
