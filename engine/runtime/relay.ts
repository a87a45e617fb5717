import type { CatalogueStore } from '../store/catalogue-store.ts'
import type { Tx } from '../store/database.ts'
import type { TaskMessage } from '../store/message.ts'
import type { TaskStore } from '../store/task-store.ts'

export interface RelayServices {
  readonly store: TaskStore
  readonly catalogue: CatalogueStore
  readonly onMessage: (tx: Tx, message: TaskMessage) => void
  readonly log: { error(o: object, m?: string): void }
}

const RETRY_MS = [100, 500, 2_000, 10_000]
const BATCH = 1_000

/**
 * Carries what tasks have to say to the catalogue: each message once, those of one task in their order.
 * They lie in the outbox until they are applied, so a process that ends loses none.
 */
export class Relay {
  readonly #services: RelayServices
  /** Messages of a task that wait for the one before them. */
  readonly #queues = new Map<string, TaskMessage[]>()
  #isStopped = false
  #failing = 0
  readonly #idle: (() => void)[] = []
  constructor(services: RelayServices) {
    this.#services = services
  }

  /** Applies what an earlier process left. */
  async start(): Promise<void> {
    for (;;) {
      const left = this.#services.store.outbox(BATCH)
      if (left.length === 0) return
      for (const { sequence, body } of left) this.push({ ...(JSON.parse(body) as TaskMessage), sequence })
      await this.idle()
      if (this.#services.store.outbox(1)[0]?.sequence === left[0]!.sequence) return // it fails; push keeps trying
    }
  }
  /** Resolves when nothing is on its way, or what is has failed and waits for its next try. */
  idle(): Promise<void> {
    return this.#queues.size === this.#failing ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }
  stop(): void {
    this.#isStopped = true
  }

  push(message: TaskMessage): void {
    const queue = this.#queues.get(message.from)
    if (queue) queue.push(message)
    else {
      this.#queues.set(message.from, [message])
      void this.#work(message.from)
    }
  }

  async #work(from: string): Promise<void> {
    const queue = this.#queues.get(from)!
    let failures = 0
    while (queue.length > 0 && !this.#isStopped) {
      try {
        // What has gathered meanwhile goes together.
        const batch = failures === 0 ? queue.slice() : queue.slice(0, 1)
        await this.#services.catalogue.apply(batch, this.#services.onMessage)
        queue.splice(0, batch.length)
        failures = 0
      } catch (error) {
        this.#services.log.error(
          { task: from, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
          'a message of a task could not be applied; it is tried again',
        )
        this.#failing++
        this.#tellIdle()
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)]).unref())
        this.#failing--
      }
    }
    this.#queues.delete(from)
    this.#tellIdle()
  }
  #tellIdle(): void {
    if (this.#queues.size === this.#failing) for (const resolve of this.#idle.splice(0)) resolve()
  }
}
