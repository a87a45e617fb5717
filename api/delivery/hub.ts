/** Wakes those who wait for deliveries. A hint only: what is owed is in the database. */
export interface DeliveryHub {
  wake(): void
  /** Resolves at the next wake, or after `ms`, or when `signal` aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>
}

export function createHub(): DeliveryHub {
  const waiting = new Set<() => void>()
  return {
    wake() {
      // After this turn: what was just written is committed by then.
      setImmediate(() => {
        for (const resolve of [...waiting]) resolve()
      })
    },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          waiting.delete(end)
          signal?.removeEventListener('abort', end)
          resolve()
        }
        const timer = setTimeout(end, ms)
        timer.unref?.()
        waiting.add(end)
        signal?.addEventListener('abort', end)
        if (signal?.aborted) end()
      }),
  }
}
