import type { Client } from '../../../api/client/index.ts'
import type { LogLine } from '../api/fragments.ts'
import { logQuery, nodeLog } from '../api/steps.ts'
import type { Connection } from './connection.svelte.ts'
import { follow } from './follow.ts'

export interface LogParts {
  readonly client: () => Client
  readonly connection: Connection
  readonly task: string
  readonly node: string
  readonly attempt: number
  /** The attempt still writes. */
  readonly live: boolean
}
/** As many as a phone scrolls smoothly; older ones are read "from the start". */
const KEPT = 2_000

/** The log of one attempt: read, then followed from the last line seen. */
export class LogState {
  lines = $state.raw<readonly LogLine[]>([])
  total = $state(0)
  dropped = $state(0)
  loaded = $state(false)
  failed = $state(false)
  /** The newest line stays in view until the reader scrolls up. */
  following = $state(true)
  /** Lines that came while not following. */
  unseen = $state(0)
  readonly #parts: LogParts

  constructor(parts: LogParts) {
    this.#parts = parts
  }

  async start(signal: AbortSignal): Promise<void> {
    await this.read({ last: 200 })
    if (!this.#parts.live || signal.aborted) return
    const { task, node, attempt, client, connection } = this.#parts
    await follow({
      open: (until) => client().subscribe(nodeLog, { task, node, attempt, after: this.lines.at(-1)?.n ?? null }, until),
      onNews: ({ nodeLog: line }) => this.add([line]),
      onLost: () => undefined, // the page's banner tells
      onRefused: () => undefined, // what was read stays; the task's own stream tells why
      signal,
      rest: (delayMs, until) => connection.rest(delayMs, until),
    })
  }

  async read(which: { last?: number; after?: number }): Promise<void> {
    const { task, node, attempt, client } = this.#parts
    try {
      const answer = await client().query(logQuery, {
        task,
        node,
        attempt,
        after: which.after ?? null,
        last: which.last ?? null,
      })
      const log = answer.task?.node?.log
      if (!log) return
      this.failed = false
      this.total = Math.max(log.total, this.total)
      this.dropped = log.dropped
      this.lines = merge(this.lines, log.lines)
    } catch {
      this.failed = true
    } finally {
      this.loaded = true
    }
  }

  add(lines: readonly LogLine[]): void {
    const before = this.lines.length
    this.lines = merge(this.lines, lines)
    const added = this.lines.length - before
    this.total = Math.max(this.total, (this.lines.at(-1)?.n ?? -1) + 1)
    if (!this.following) this.unseen += Math.max(0, added)
    else if (this.lines.length > KEPT) this.lines = this.lines.slice(-KEPT)
  }

  follow(on: boolean): void {
    this.following = on
    if (on) this.unseen = 0
  }

  /** Everything from the first line on. */
  async fromStart(): Promise<void> {
    this.following = false
    // A page at a time, until what was read from the end is met.
    for (let next = -1; ;) {
      const known = this.lines.length
      await this.read({ after: next })
      const gap = this.lines.findIndex((line, index) => line.n !== index)
      if (gap < 0 || this.lines.length === known) return
      next = gap - 1
    }
  }
}

/** In order of their numbers, each once: reading and stream overlap after a reconnect. */
function merge(known: readonly LogLine[], more: readonly LogLine[]): readonly LogLine[] {
  const last = known.at(-1)?.n ?? -Infinity
  if (more.every(({ n }, index) => n > (index === 0 ? last : (more[index - 1]?.n ?? -Infinity))))
    return [...known, ...more]
  const byNumber = new Map([...known, ...more].map((line) => [line.n, line]))
  return [...byNumber.values()].sort((a, b) => a.n - b.n)
}

/** Lines that tell of an error: by stream, and at the end of what failed by the words people look for. */
export function isErrorLine(line: LogLine): boolean {
  return (
    line.stream === 'STDERR' ||
    /\b(error|fatal|failed|no space left|denied|exit code [1-9]|cannot|traceback)\b/i.test(line.text)
  )
}
