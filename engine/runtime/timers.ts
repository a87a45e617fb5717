import type { TaskStore } from '../store/task-store.ts'

export interface TimerServices {
  readonly store: TaskStore
  readonly now: () => number
  /** Tells a task that a timer is due; resolves once that is on disk. False: not now (it will be told again). */
  readonly fire: (taskId: string, timerId: string) => Promise<boolean>
  readonly log: { error(o: object, m?: string): void }
  /** Somebody else calls `look` in time, for every timer that is on disk. */
  readonly areRungOutside?: boolean
}

/** Timers looked up at once; the rest follows as these are done. */
const BATCH = 500
/** setTimeout counts in 32 bits; also the longest a clock that was set back goes unnoticed. */
const LONGEST_MS = 60_000
const RETRY_MS = 1_000

/** Fires what is due, in due order, late rather than never. Only the next due instant is in memory. */
export class Timers {
  readonly #services: TimerServices
  #timer: ReturnType<typeof setTimeout> | null = null
  #wakesAt = Infinity
  /** Told to their task and not yet on disk. */
  readonly #firing = new Set<string>()
  #isStopped = true
  constructor(services: TimerServices) {
    this.#services = services
  }

  start(): void {
    this.#isStopped = false
    void this.look()
  }
  stop(): void {
    this.#isStopped = true
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#wakesAt = Infinity
  }
  /** A timer was committed. */
  note(dueAt: number): void {
    if (dueAt < this.#wakesAt) this.#sleepUntil(dueAt)
  }

  /** Fires what is due and sleeps until the next. Resolves when all that was fired is dealt with. */
  async look(): Promise<void> {
    if (this.#isStopped) return
    const { store, now } = this.#services
    const limit = BATCH + this.#firing.size
    const due = store.due(now(), limit)
    const fired = due.map(({ task, id }) => this.#fire(task, id))
    if (due.length < limit) this.#sleepUntil(this.#nextAfter(now()))
    await Promise.all(fired)
  }

  /** The next due instant that is not already being dealt with. */
  #nextAfter(now: number): number {
    const next = this.#services.store.nextDueAt()
    if (next === null) return Infinity
    return next > now ? next : now + RETRY_MS
  }

  async #fire(task: string, id: string): Promise<void> {
    const key = `${task} ${id}`
    if (this.#firing.has(key)) return
    this.#firing.add(key)
    let isDone = false
    try {
      isDone = await this.#services.fire(task, id)
    } catch (error) {
      this.#services.log.error(
        { task, timer: id, error: String(error) },
        'a timer could not be recorded; it is tried again',
      )
    }
    this.#firing.delete(key)
    if (this.#isStopped) return
    if (!isDone) this.note(this.#services.now() + RETRY_MS)
    else if (this.#firing.size === 0) void this.look()
  }

  #sleepUntil(at: number): void {
    if (this.#isStopped || at === Infinity || this.#services.areRungOutside) return
    if (this.#timer) clearTimeout(this.#timer)
    this.#wakesAt = at
    const wait = Math.min(Math.max(at - this.#services.now(), 0), LONGEST_MS)
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.#wakesAt = Infinity
      void this.look()
    }, wait)
  }
}
