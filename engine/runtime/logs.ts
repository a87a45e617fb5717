import type { LogBatch, TaskStore } from '../store/task-store.ts'
import { AttemptLog } from './attempt-log.ts'
import type { LogLine } from './engine.ts'

export interface LogsServices {
  readonly store: TaskStore
  readonly now: () => number
  readonly log: { warn(o: object, m?: string): void }
  readonly onLine: (at: { task: string; node: string; attempt: number }, line: LogLine) => void
}

/** How long lines gather before they are written, and how many are shown when nobody says. */
const GATHER_MS = 200
const DEFAULT_LINES = 500
const MAX_LINES = 10_000

/** The logs of attempts that run now, and reading those that have run. */
export class Logs {
  readonly #services: LogsServices
  readonly #open = new Map<string, { readonly log: AttemptLog; users: number }>()
  readonly #waiting = new Set<AttemptLog>()
  #timer: ReturnType<typeof setTimeout> | null = null
  constructor(services: LogsServices) {
    this.#services = services
  }

  /** The log of an attempt, shared by whatever of it runs: the items of `each` write into one. */
  acquire(task: string, node: string, attempt: number): AttemptLog {
    const key = `${task}/${node}/${attempt}`
    const known = this.#open.get(key)
    if (known) {
      known.users++
      return known.log
    }
    const { store, now, onLine } = this.#services
    const log: AttemptLog = new AttemptLog({
      task,
      node,
      attempt,
      from: store.logEnd(task, node, attempt),
      now,
      write: (batch) => store.writeLog(batch),
      onLine: (line) => onLine({ task, node, attempt }, line),
      onWaiting: () => this.#gather(log),
    })
    this.#open.set(key, { log, users: 1 })
    return log
  }
  /** What waits is written: in the same turn as the result, so in the same commit. A failing one takes only log lines with it. */
  release(task: string, node: string, attempt: number): void {
    const key = `${task}/${node}/${attempt}`
    const open = this.#open.get(key)
    if (!open) return
    const isLast = --open.users === 0
    this.#write(open.log, isLast).finally(() => {
      // Until then it is where the positions go on, should the attempt be taken up again.
      if (open.users === 0 && this.#open.get(key) === open) this.#open.delete(key)
    })
  }
  /** The attempt begins its log anew. */
  clear(task: string, node: string, attempt: number, item: number | null): void {
    const { store, log } = this.#services
    const kept =
      item === null
        ? 0
        : store.readLog(task, node, attempt, 0, Infinity).lines.filter((line) => line[3] !== item).length
    this.#open.get(`${task}/${node}/${attempt}`)?.log.restart(item, kept)
    store
      .clearLog(task, node, attempt, item)
      .catch((error: unknown) => log.warn({ task, node, error: String(error) }, 'a log could not begin anew'))
  }

  /** Lines from `after` on, or the `last` ones; what is not yet on disk included. */
  read(
    task: string,
    node: string,
    attempt: number,
    { after, last, limit = DEFAULT_LINES }: { after?: number; last?: number; limit?: number } = {},
  ): { lines: readonly LogLine[]; total: number; dropped: number } {
    const live = this.#open.get(`${task}/${node}/${attempt}`)?.log.unwritten
    const { total, dropped } = live ?? this.#services.store.logEnd(task, node, attempt)
    const count = Math.min(last ?? limit, MAX_LINES)
    const from = last === undefined ? (after === undefined ? 0 : after + 1) : Math.max(0, total - last)
    const stored = this.#services.store.readLog(task, node, attempt, from, count)
    const lines = stored.lines.map((line, index) => lineOf(stored.first + index, line))
    for (const [index, line] of (live?.lines ?? []).entries()) {
      const n = live!.first + index
      if (n >= from && lines.length < count && (lines.at(-1)?.n ?? -1) < n) lines.push(lineOf(n, line))
    }
    return { lines, total, dropped }
  }

  async flush(): Promise<void> {
    await Promise.all([...this.#waiting].map((log) => this.#write(log)))
    this.#waiting.clear()
  }

  async #write(log: AttemptLog, isLast = false): Promise<void> {
    try {
      await log.flush(isLast)
    } catch (error) {
      this.#services.log.warn({ error: String(error) }, 'log lines were not kept')
    }
  }
  #gather(log: AttemptLog): void {
    this.#waiting.add(log)
    if (this.#timer) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.flush()
    }, GATHER_MS)
    this.#timer.unref()
  }
}

const lineOf = (n: number, [at, stream, text, item]: LogBatch['lines'][number]): LogLine => ({
  n,
  at,
  stream: stream as LogLine['stream'],
  text,
  item,
})
