import type { MessagePort } from '../store/message-port.ts'
import type { TaskMessage } from '../store/message.ts'
import type { TaskStore } from '../store/task-store.ts'

export interface RelayServices {
  readonly store: TaskStore
  /** What launches said before, and lies in their histories alone. */
  readonly unlisted: () => Promise<readonly TaskMessage[]>
  readonly port: MessagePort
  readonly log: { error(o: object, m?: string): void }
  /** How long to wait before each further try; the last one for good. */
  readonly retryMs?: readonly number[]
}

interface OnItsWay {
  readonly message: TaskMessage
  /** Told once it has been taken in, or has failed. */
  readonly waiting: (() => void)[]
}
/** Of one task. */
interface Queue {
  readonly messages: OnItsWay[]
  /** The first one was not taken in, and waits for its next try. */
  isFailing: boolean
}
const tell = (messages: readonly OnItsWay[]): void => {
  for (const { waiting } of messages) for (const resolve of waiting.splice(0)) resolve()
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
  readonly #queues = new Map<string, Queue>()
  #isStopped = false
  #failing = 0
  readonly #idle: (() => void)[] = []
  constructor(services: RelayServices) {
    this.#services = services
  }

  /** Takes up what an earlier process left. */
  async start(): Promise<void> {
    const unlisted = await this.#services.unlisted()
    // In one turn, so that nothing new of a task comes before what it had to say earlier.
    for (const message of unlisted) this.push(message)
    for (let after = 0; ;) {
      const left = this.#services.store.outbox(BATCH, after)
      for (const { sequence, body } of left) this.push({ ...(JSON.parse(body) as TaskMessage), sequence })
      if (left.length < BATCH) break
      after = left.at(-1)!.sequence
    }
  }
  /** Sequence of the last thing this task said that is still on its way; 0: nothing is; null: it has failed and waits for its next try. */
  lastOf(from: string): number | null {
    const queue = this.#queues.get(from)
    if (!queue) return 0
    return queue.isFailing ? null : (queue.messages.at(-1)?.message.sequence ?? 0)
  }
  /** Resolves when what this task said has been taken in, or has failed and waits for its next try. */
  told(from: string): Promise<void> {
    const last = this.#queues.get(from)?.messages.at(-1)
    return last ? new Promise((resolve) => last.waiting.push(resolve)) : Promise.resolve()
  }
  /** Resolves when nothing is on its way, or what is has failed and waits for its next try. */
  idle(): Promise<void> {
    return this.#queues.size === this.#failing ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }
  stop(): void {
    this.#isStopped = true
  }

  push(message: TaskMessage): void {
    const waiting = { message, waiting: [] }
    const queue = this.#queues.get(message.from)
    if (queue) queue.messages.push(waiting)
    else {
      const begun = { messages: [waiting], isFailing: false }
      this.#queues.set(message.from, begun)
      void this.#work(message.from, begun)
    }
  }

  async #work(from: string, queue: Queue): Promise<void> {
    const { messages } = queue
    let failures = 0
    while (messages.length > 0 && !this.#isStopped) {
      try {
        // What has gathered meanwhile goes together.
        const batch = failures === 0 ? messages.slice() : messages.slice(0, 1)
        await this.#services.port.deliver(batch.map(({ message }) => message))
        tell(messages.splice(0, batch.length))
        failures = 0
        queue.isFailing = false
      } catch (error) {
        this.#services.log.error(
          { task: from, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
          'a message of a task could not be applied; it is tried again',
        )
        queue.isFailing = true
        this.#failing++
        this.#tellIdle()
        tell(messages)
        const { retryMs = RETRY_MS } = this.#services
        await new Promise((resolve) => setTimeout(resolve, retryMs[Math.min(failures++, retryMs.length - 1)]).unref())
        this.#failing--
      }
    }
    this.#queues.delete(from)
    this.#tellIdle()
    tell(messages)
  }
  #tellIdle(): void {
    if (this.#queues.size === this.#failing) for (const resolve of this.#idle.splice(0)) resolve()
  }
}
