import type { LogBatch } from '../store/task-store.ts'
import type { LogLine } from './engine.ts'
import type { Masker } from './mask.ts'

type Stream = LogLine['stream']
type Kept = LogBatch['lines'][number]

/** What one attempt may keep: enough to read, bounded so that a chatty script cannot fill the disk. */
export const LOG_LIMITS = { lines: 8_000, chars: 2_000_000, lineChars: 8_000, tail: 200 }

export interface AttemptLogOptions {
  readonly task: string
  readonly node: string
  readonly attempt: number
  /** Where an earlier run of the same attempt stopped. */
  readonly from: { readonly total: number; readonly dropped: number }
  readonly now: () => number
  readonly write: (batch: LogBatch) => Promise<void>
  readonly onLine: (line: LogLine) => void
  /** Called when something waits to be written. */
  readonly onWaiting: () => void
}

/**
 * The output of one attempt: chunks become masked lines with a position, in rows of many lines.
 * Beyond the cap the newest lines are kept aside and written at the end, after one that says how many are missing.
 */
export class AttemptLog {
  readonly #options: AttemptLogOptions
  #position: number
  #chars = 0
  #dropped: number
  #waiting: Kept[] = []
  #waitingFrom: number
  #tail: Kept[] = []
  /** Unfinished lines by stream and item: a secret must not slip through a chunk border. */
  readonly #open = new Map<string, string>()
  constructor(options: AttemptLogOptions) {
    this.#options = options
    this.#position = options.from.total
    this.#waitingFrom = options.from.total
    this.#dropped = options.from.dropped
  }

  /** `info` comes in whole lines, `stdout` and `stderr` in chunks that may end anywhere. */
  add(text: string, stream: Stream, item: number | null, masker: Masker): void {
    if (stream === 'info') {
      for (const line of text.replace(/\n$/, '').split('\n')) this.#line(masker.text(line), stream, item)
      return
    }
    const key = `${stream} ${item ?? ''}`
    const pieces = ((this.#open.get(key) ?? '') + text).split('\n')
    let open = pieces.pop()!
    for (const piece of pieces) this.#line(masker.text(piece.replace(/\r$/, '')), stream, item)
    if (open.length > LOG_LIMITS.lineChars) {
      const safe = masker.openEnd(open)
      this.#line(masker.text(open.slice(0, safe)), stream, item)
      open = open.slice(safe)
    }
    this.#open.set(key, open)
  }

  /** Ends unfinished lines of `item` (or all). */
  finish(item: number | null, masker: Masker): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const key = `${stream} ${item ?? ''}`
      const open = this.#open.get(key)
      if (open) this.#line(masker.text(open), stream, item)
      this.#open.delete(key)
    }
  }

  /** Hands what waits to the store; part of whichever commit comes next. */
  flush(last = false): Promise<void> {
    if (last) this.#appendTail()
    if (this.#waiting.length === 0) return Promise.resolve()
    const { task, node, attempt, write } = this.#options
    const batch: LogBatch = {
      task,
      node,
      attempt,
      first: this.#waitingFrom,
      dropped: this.#dropped,
      lines: this.#waiting,
    }
    this.#waiting = []
    this.#waitingFrom = this.#position
    return write(batch)
  }

  /** Begins anew: `item`'s lines are forgotten, or all. `kept` lines of other items are on disk. */
  restart(item: number | null, kept: number): void {
    if (item === null) {
      this.#position = 0
      this.#chars = 0
      this.#dropped = 0
      this.#tail = []
      this.#open.clear()
      this.#waiting = []
    } else {
      const others = this.#waiting.filter((line) => line[3] !== item)
      this.#position = kept + others.length
      this.#waiting = others
    }
    this.#waitingFrom = this.#position - this.#waiting.length
  }

  /** Lines not yet on disk, and the totals with them. */
  get unwritten(): {
    readonly first: number
    readonly lines: readonly Kept[]
    readonly total: number
    readonly dropped: number
  } {
    return { first: this.#waitingFrom, lines: this.#waiting, total: this.#position, dropped: this.#dropped }
  }

  #line(text: string, stream: Stream, item: number | null): void {
    const { lineChars, lines, chars, tail } = LOG_LIMITS
    const kept: Kept = [
      this.#options.now(),
      stream,
      text.length > lineChars ? `${text.slice(0, lineChars)}…` : text,
      item,
    ]
    if (this.#position >= lines || this.#chars >= chars) {
      if (this.#tail.length === tail) {
        this.#tail.shift()
        this.#dropped++
      }
      this.#tail.push(kept)
      return
    }
    this.#chars += kept[2].length
    this.#keep(kept)
  }
  #keep(kept: Kept): void {
    this.#waiting.push(kept)
    const [at, stream, text, item] = kept
    this.#options.onLine({ n: this.#position++, at, stream: stream as Stream, text, item })
    if (this.#waiting.length === 1) this.#options.onWaiting()
  }
  #appendTail(): void {
    const tail = this.#tail
    this.#tail = []
    if (this.#dropped > this.#options.from.dropped)
      this.#keep([
        this.#options.now(),
        'info',
        `… ${this.#dropped - this.#options.from.dropped} lines left out …`,
        null,
      ])
    for (const kept of tail) this.#keep(kept)
  }
}
