/** How long a thumb must have left the bar before its buttons may change, and how long after a change a press is taken for the old ones. */
const QUIET_MS = 600
const DROP_MS = 300

/** A value that does not change under a thumb. */
export class Steady<T> {
  shown = $state.raw() as T
  #next: T
  #touchedAt = -Infinity
  #swappedAt = -Infinity
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #same: (a: T, b: T) => boolean
  readonly #now: () => number

  constructor(first: T, same: (a: T, b: T) => boolean, now: () => number) {
    this.shown = first
    this.#next = first
    this.#same = same
    this.#now = now
  }

  offer(next: T): void {
    this.#next = next
    clearTimeout(this.#timer)
    if (this.#same(next, this.shown)) {
      this.shown = next // same buttons, newer attempt behind them
      return
    }
    const wait = this.#touchedAt + QUIET_MS - this.#now()
    if (wait > 0) this.#timer = setTimeout(() => this.offer(this.#next), wait)
    else {
      this.shown = next
      this.#swappedAt = this.#now()
    }
  }

  touch(): void {
    this.#touchedAt = this.#now()
  }

  /** Whether a press now was meant for what is shown. */
  accepts(): boolean {
    return this.#now() - this.#swappedAt >= DROP_MS
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
