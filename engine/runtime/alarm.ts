/**
 * Something that is due later, kept in the database by whoever asks. What wakes them is the runtime's: a timeout in one process, the
 * one alarm of a Durable Object. A ring is a hint: it may come early, or twice, and whoever is rung looks what is due.
 */
export interface Alarm {
  /** Rings at this instant, or before; the last one said counts. */
  set(at: number): void
  clear(): void
}
/** `longestMs`: rings at least so often while it is set, so that a clock that was set, or a machine that slept, is noticed. */
export type Alarms = (ring: () => void, longestMs: number) => Alarm

/** One timeout each; none keeps the process alive. */
export const timeoutAlarms =
  (now: () => number): Alarms =>
  (ring, longestMs) => {
    let timer: ReturnType<typeof setTimeout> | null = null
    const clear = (): void => {
      if (timer) clearTimeout(timer)
      timer = null
    }
    return {
      set(at) {
        clear()
        timer = setTimeout(ring, Math.min(Math.max(0, at - now()), longestMs))
        timer.unref()
      },
      clear,
    }
  }

/** Where there is one alarm for everybody, that outlives the process: on Workers, the storage's. */
export interface AlarmPort {
  set(at: number): void
  clear(): void
}
/** Many that share one. `ring` is called by whoever the platform wakes: each whose time has come is told, and the next is set. */
export function sharedAlarms(port: AlarmPort, now: () => number): { readonly alarms: Alarms; ring(): void } {
  const due = new Map<object, { readonly at: number; readonly ring: () => void }>()
  /** Undefined: nobody knows; the port is told anew. */
  let setAt: number | null | undefined = null
  const arm = (): void => {
    const next = Math.min(...[...due.values()].map(({ at }) => at))
    const wanted = next === Infinity ? null : next
    if (wanted === setAt) return
    setAt = wanted
    if (wanted === null) port.clear()
    else port.set(wanted)
  }
  return {
    alarms: (ring) => {
      const key = {}
      return {
        set(at) {
          due.set(key, { at, ring })
          arm()
        },
        clear() {
          due.delete(key)
          arm()
        },
      }
    },
    ring() {
      setAt = undefined // the platform's has gone off
      const at = now()
      const rung = [...due].filter(([, one]) => one.at <= at).sort(([, a], [, b]) => a.at - b.at)
      for (const [key] of rung) due.delete(key)
      // Set before anybody is told: one that throws keeps nobody else waiting for ever.
      arm()
      const thrown: unknown[] = []
      for (const [, { ring }] of rung)
        try {
          ring()
        } catch (error) {
          thrown.push(error)
        }
      if (thrown.length > 0) throw new AggregateError(thrown, 'whoever an alarm woke has failed')
    },
  }
}
