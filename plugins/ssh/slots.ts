/** What a channel is wanted for. `cancel` goes before `act`, and `act` before `watch`, which never takes the last places. */
export type Use = 'cancel' | 'act' | 'watch'
const ORDER: readonly Use[] = ['cancel', 'act', 'watch']

interface Waiter {
  readonly grant: () => void
}
/** The places on one connection. OpenSSH allows 10 sessions by default; we take 8 and queue beyond. */
export class Slots {
  readonly #most: number
  #limit: number
  #calm = 0
  #taken = 0
  #watching = 0
  readonly #waiting: Record<Use, Waiter[]> = { cancel: [], act: [], watch: [] }
  constructor(limit = 8) {
    this.#most = limit
    this.#limit = limit
  }
  /** Waits for a place. The release that comes back may be called more than once. */
  take(use: Use, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const waiter: Waiter = {
        grant: () => {
          signal.removeEventListener('abort', leave)
          resolve(this.#release(use))
        },
      }
      const leave = () => {
        this.#waiting[use] = this.#waiting[use].filter((other) => other !== waiter)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting[use].push(waiter)
      this.#grant()
    })
  }
  /** More want to watch than may at once: each should look briefly and step back. */
  get pressed(): boolean {
    return this.#waiting.watch.length > 0 || this.#watching >= this.#watchers
  }
  /** The host refused a further channel while these were open: ask for fewer. False: there was only the one. */
  shrink(): boolean {
    this.#calm = 0
    if (this.#taken <= 1) return false
    this.#limit = Math.max(1, Math.min(this.#limit, this.#taken) - 1)
    return true
  }
  /** A channel was given. After many in peace the host is tried with one more: what was too much may have been passing. */
  given(): void {
    if (this.#limit === this.#most || ++this.#calm < 50) return
    this.#calm = 0
    this.#limit++
  }
  get taken(): number {
    return this.#taken
  }
  get #watchers(): number {
    return Math.max(1, this.#limit - 2)
  }
  #release(use: Use): () => void {
    let held = true
    return () => {
      if (!held) return
      held = false
      this.#taken--
      if (use === 'watch') this.#watching--
      this.#grant()
    }
  }
  #grant(): void {
    while (this.#taken < this.#limit) {
      const use = ORDER.find(
        (one) => this.#waiting[one].length > 0 && (one !== 'watch' || this.#watching < this.#watchers),
      )
      if (use === undefined) return
      this.#taken++
      if (use === 'watch') this.#watching++
      this.#waiting[use].shift()?.grant()
    }
  }
}
