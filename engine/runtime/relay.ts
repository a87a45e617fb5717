import type { MessagePort } from '../store/message-port.ts'
import { UNWRITTEN, type TaskMessage } from '../store/message.ts'
import type { TaskStore } from '../store/task-store.ts'

export interface RelayServices {
  readonly store: TaskStore
  readonly port: MessagePort
  /** An unwritten launch has been taken in. */
  readonly onListed?: (taskId: string) => void
  readonly log: { error(o: object, m?: string): void }
  /** How long to wait before each further try; the last one for good. */
  readonly retryMs?: readonly number[]
}

interface OnItsWay {
  readonly message: TaskMessage
  /** Called once it has been taken in, or has failed. */
  readonly told: (() => void)[]
}
const tell = (messages: readonly OnItsWay[]): void => {
  for (const { told } of messages) for (const resolve of told.splice(0)) resolve()
}

const RETRY_MS = [100, 500, 2_000, 10_000]
const BATCH = 1_000

/**
 * Carries what tasks have to say to the catalogue: each message once, those of one task in their order.
 * They lie in the outbox until they are applied, so a process that ends loses none; but for launches that say only that they are there:
 * a task that is awake and in no list says so again when it is next read.
 */
export class Relay {
  readonly #services: RelayServices
  /** Messages of a task that wait for the one before them. */
  readonly #queues = new Map<string, OnItsWay[]>()
  #isStopped = false
  #failing = 0
  readonly #idle: (() => void)[] = []
  constructor(services: RelayServices) {
    this.#services = services
  }

  /** Applies what an earlier process left. */
  async start(): Promise<void> {
    // In one turn, so that nothing new of a task comes before what it had to say earlier.
    for (let after = 0; ;) {
      const left = this.#services.store.outbox(BATCH, after)
      for (const { sequence, body } of left) this.push({ ...(JSON.parse(body) as TaskMessage), sequence })
      if (left.length < BATCH) break
      after = left.at(-1)!.sequence
    }
    await this.idle()
  }
  /**
   * Whether something this task said lies in the outbox and is still on its way: whatever comes later must not overtake it. Once stopped
   * it cannot tell, and says so of every task.
   */
  isSending(from: string): boolean {
    return this.#isStopped || this.#queues.get(from)?.some(({ message }) => message.sequence > 0) === true
  }
  /** Whether its launch is on its way, unwritten. Once stopped it says so of every task. */
  isListing(from: string): boolean {
    return this.#isStopped || this.#queues.get(from)?.some(({ message }) => message.sequence === UNWRITTEN) === true
  }
  /** Resolves when what this task said until now has been taken in, or has failed and waits for its next try. */
  told(from: string): Promise<void> {
    const last = this.#queues.get(from)?.at(-1)
    return last ? new Promise((resolve) => last.told.push(resolve)) : Promise.resolve()
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
    if (queue) queue.push({ message, told: [] })
    else {
      this.#queues.set(message.from, [{ message, told: [] }])
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
        await this.#services.port.deliver(batch.map(({ message }) => message))
        tell(queue.splice(0, batch.length))
        failures = 0
        if (batch[0]!.message.sequence === UNWRITTEN) this.#listed(from)
      } catch (error) {
        this.#services.log.error(
          { task: from, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
          'a message of a task could not be applied; it is tried again',
        )
        this.#failing++
        this.#tellIdle()
        tell(queue)
        const { retryMs = RETRY_MS } = this.#services
        await new Promise((resolve) => setTimeout(resolve, retryMs[Math.min(failures++, retryMs.length - 1)]).unref())
        this.#failing--
      }
    }
    this.#queues.delete(from)
    this.#tellIdle()
    tell(queue) // it was stopped
  }
  #listed(from: string): void {
    const { onListed, log } = this.#services
    try {
      onListed?.(from)
    } catch (error) {
      log.error({ task: from, error: String(error) }, 'what follows when a task is listed failed')
    }
  }
  #tellIdle(): void {
    if (this.#queues.size === this.#failing) for (const resolve of this.#idle.splice(0)) resolve()
  }
}
