/** Tasks let in together. With more in flight, what they work on no longer fits the caches; with fewer, each commit touches every table for little. */
const WAVE = 192
/** The next wave comes when the one before has thinned out so far. */
const FEW = 48
/** Or after so many turns of the event loop, so that nobody waits for ever. */
const PATIENCE = 16

/**
 * What has begun goes first. Who is about to begin while many others are in the middle of a step waits for them, a few milliseconds:
 * then each finds its own state, and the pages of the commit it shares, still at hand (docs/adr/0016).
 */
export class Admission {
  readonly #underway: () => number
  #waiting: (() => void)[] = []
  /** In this turn, and not yet counted as under way. */
  #admitted = 0
  #isScheduled = false
  #turnsWaited = 0
  /** `underway`: steps that are decided and not on disk. */
  constructor(underway: () => number) {
    this.#underway = underway
  }

  /** Begins it, now or when it is its turn. Until then nothing of it exists but what `begin` holds. */
  enter<T>(begin: () => Promise<T>): Promise<T> {
    this.#schedule()
    if (this.#waiting.length === 0 && Math.max(this.#admitted, this.#underway()) < WAVE) {
      this.#admitted += 1
      return begin()
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => void begin().then(resolve, reject))
    })
  }

  #schedule(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      this.#turn()
    })
  }
  #turn(): void {
    this.#admitted = 0
    if (this.#waiting.length === 0) return
    this.#schedule()
    this.#turnsWaited += 1
    if (this.#turnsWaited < PATIENCE && this.#underway() > FEW) return
    this.#turnsWaited = 0
    const wave = this.#waiting.splice(0, WAVE)
    this.#admitted = wave.length
    for (const admit of wave) admit()
  }
}
