import type { ClientError } from '../../../api/client/index.ts'
import type { Connection } from './connection.svelte.ts'
import { follow, isPassing } from './follow.ts'
import type { LastKnown } from './last-known.ts'

export interface LiveParts {
  readonly connection: Connection
  readonly lastKnown: LastKnown
  readonly now: () => number
}
export interface LiveSource<T> {
  /** Under which the last state is kept on this device. */
  readonly key: string
  readonly load: () => Promise<T>
  /** Anything that tells of a change; when it is a T itself, `news` says so. */
  readonly streams?: readonly ((signal: AbortSignal) => AsyncIterable<unknown>)[]
  /** The state a stream's message holds; null: read again. */
  readonly news?: (message: unknown) => T | null
  /** True when `next` is older than what is shown: lists and streams may cross. */
  readonly isOlder?: (next: T, shown: T) => boolean
}

/**
 * One thing shown on a page: its last known state, how old that is, and what went wrong.
 * States: loading (nothing known), shown, stale (shown, but the server cannot be reached), refused.
 */
export class Live<T> {
  value = $state.raw<T | null>(null)
  /** When `value` was true, ms since the epoch. */
  asOf = $state(0)
  refusal = $state.raw<ClientError | null>(null)
  /** The last reading failed; `value` may be there nevertheless. */
  failed = $state(false)
  /** Read from this device, or the server was lost since. */
  #old = $state(false)
  stale = $derived.by(() => this.value !== null && (this.#old || !this.#parts.connection.online))
  readonly #parts: LiveParts
  readonly #source: LiveSource<T>
  #reading: Promise<void> | null = null
  #again = false
  #soon: ReturnType<typeof setTimeout> | undefined

  constructor(parts: LiveParts, source: LiveSource<T>) {
    this.#parts = parts
    this.#source = source
    const seen = parts.lastKnown.read<T>(source.key)
    if (seen) {
      this.value = seen.data
      this.asOf = seen.at
      this.#old = !parts.connection.online
    }
  }

  /** Reads, then follows until `signal` aborts. */
  start(signal: AbortSignal): void {
    void this.read()
    for (const open of this.#source.streams ?? []) {
      void follow({
        open,
        signal,
        onNews: (message) => {
          const next = this.#source.news?.(message) ?? null
          if (next === null) this.#readSoon()
          else this.show(next)
        },
        onLost: () => this.#lost(),
        onRefused: (refusal) => (this.refusal ??= refusal),
        rest: async (delayMs, until) => {
          await this.#parts.connection.rest(delayMs, until)
          if (!until.aborted && this.#old) void this.read()
        },
      })
    }
  }

  /** Calls while a reading runs are joined into one more after it. */
  read(): Promise<void> {
    if (this.#reading) {
      this.#again = true
      return this.#reading
    }
    this.#reading = this.#read().finally(() => {
      this.#reading = null
      if (this.#again) {
        this.#again = false
        void this.read()
      }
    })
    return this.#reading
  }

  show(next: T): void {
    this.#old = false
    this.failed = false
    this.refusal = null
    this.asOf = this.#parts.now()
    if (this.value !== null && this.#source.isOlder?.(next, this.value)) return
    this.value = next
    this.#parts.lastKnown.write(this.#source.key, this.asOf, next)
  }

  /** News about many things come in bursts: one reading serves them all. */
  #readSoon(): void {
    if (this.#soon !== undefined) return
    this.#soon = setTimeout(() => {
      this.#soon = undefined
      void this.read()
    }, 300)
  }

  async #read(): Promise<void> {
    try {
      this.show(await this.#source.load())
    } catch (error) {
      this.failed = true
      if (isPassing(error)) this.#lost()
      else this.refusal = error as ClientError // isPassing is true for everything else
    }
  }

  #lost(): void {
    if (this.value !== null) this.#old = true
    else this.failed = true
  }
}
