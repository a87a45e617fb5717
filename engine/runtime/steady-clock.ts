export interface Clocks {
  /** What the machine says: ms since the epoch. It may be set forward and back. */
  readonly wall: () => number
  /** Ms since whenever; never goes back. */
  readonly elapsed: () => number
  /** Told once for each time the wall clock went back. */
  readonly wentBack: (byMs: number) => void
}
/** Less is what time servers correct every day. */
const NOTICED_MS = 1_000
/** While it waits for the wall clock to catch up, it runs this much slower. */
const SLOWED = 0.1

/**
 * The time of day, that never goes back. When the machine's clock is set back, it runs on a tenth slower until that has
 * caught up: so what is due in a minute is due in a minute, and no event is older than the one before it.
 */
export function steadyClock({ wall, elapsed, wentBack }: Clocks): () => number {
  let last = wall()
  let lastElapsed = elapsed()
  /** The machine is behind us. */
  let isAhead = false
  return () => {
    const [now, at] = [wall(), elapsed()]
    const passed = Math.max(0, at - lastElapsed)
    lastElapsed = at
    if (now >= last) {
      isAhead = false
      return (last = now)
    }
    if (!isAhead && last + passed - now > NOTICED_MS) {
      isAhead = true
      wentBack(Math.round(last + passed - now))
    }
    return (last += passed * (1 - SLOWED))
  }
}
