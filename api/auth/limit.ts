import { EngineError } from '../../engine/index.ts'

/** A bucket per caller: `burst` at once, then one every `everyMs`. In memory: a restart forgives. */
export interface Limiter {
  /** @throws RATE_LIMITED with `retryAfterS` when the caller has used up its share. */
  take(caller: string): void
}
/** Callers kept at once; the fullest buckets (those who have been quiet) go first. */
const MAX_CALLERS = 10_000

export function createLimiter(limit: { burst: number; everyMs: number }, now: () => number): Limiter {
  /** Per caller: when its bucket is full again. */
  const fullAt = new Map<string, number>()
  return {
    take(caller) {
      const at = now()
      const full = Math.max(fullAt.get(caller) ?? at, at)
      if (full - at > (limit.burst - 1) * limit.everyMs) {
        const retryAfterS = Math.max(1, Math.ceil((full - at - (limit.burst - 1) * limit.everyMs) / 1000))
        throw new EngineError('RATE_LIMITED', {
          retryAfterS,
          message: `Too many tries. Try again in ${retryAfterS} s.`,
        })
      }
      fullAt.delete(caller)
      fullAt.set(caller, full + limit.everyMs)
      if (fullAt.size > MAX_CALLERS)
        for (const [key, time] of fullAt) if (time <= at || fullAt.size > MAX_CALLERS) fullAt.delete(key)
    },
  }
}

/** Doors that take a code, a token or signed data. */
export interface Guard {
  /**
   * Runs one try. Only wrong ones count: whoever has the right code gets in, however many others behind the same address guess.
   * @throws RATE_LIMITED instead of the refusal once too many were wrong, and for anything far beyond what people do.
   */
  run<T>(caller: string, work: () => Promise<T>): Promise<T>
}
export function createGuard(now: () => number): Guard {
  const wrong = createLimiter({ burst: 10, everyMs: 6_000 }, now)
  const tries = createLimiter({ burst: 300, everyMs: 200 }, now)
  return {
    async run(caller, work) {
      tries.take(caller)
      try {
        return await work()
      } catch (error) {
        if (error instanceof EngineError && (error.code === 'NOT_FOUND' || error.code === 'FORBIDDEN'))
          wrong.take(caller)
        throw error
      }
    },
  }
}
