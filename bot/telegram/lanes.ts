/** Work in order within a lane (one person in one chat), side by side across lanes: a slow form delays nobody else. */
export interface Lanes {
  run(lane: string, work: () => Promise<void>): void
  /** Resolves when all that was begun has ended. */
  idle(): Promise<void>
}
export function lanesWith(onError: (error: unknown) => void): Lanes {
  const tails = new Map<string, Promise<void>>()
  return {
    run(lane, work) {
      const tail = (tails.get(lane) ?? Promise.resolve()).then(work).catch(onError)
      tails.set(lane, tail)
      void tail.then(() => tails.get(lane) === tail && tails.delete(lane))
    },
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values())
    },
  }
}

/** Telegram repeats an update it believes lost. True the first time only; remembers the last few thousand. */
export function seenOnce(size = 4096): (updateId: number) => boolean {
  const seen = new Set<number>()
  return (updateId) => {
    if (seen.has(updateId)) return false
    seen.add(updateId)
    for (const oldest of seen) {
      if (seen.size <= size) break
      seen.delete(oldest)
    }
    return true
  }
}
