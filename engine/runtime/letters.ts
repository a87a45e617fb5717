import { EngineError } from '../core/error.ts'
import type { LetterBox } from '../store/letters.ts'
import type { LetterPort } from '../store/message-port.ts'

export interface LettersServices {
  readonly box: LetterBox
  readonly port: LetterPort
  /** The task does not exist yet and will: its letters wait for it. */
  readonly isAwaited: (taskId: string) => boolean
  readonly log: { error(o: object, m?: string): void }
  /** How long to wait before each further try; the last one for good. */
  readonly retryMs?: readonly number[]
}
const RETRY_MS = [50, 200, 1_000, 5_000]
/** Letters of one task on their way together: it takes them in with one commit. */
const TOGETHER = 100

/**
 * Carries letters from the catalogue to tasks, those of one task in their order. They stay in their box until they have been heard, so
 * a process that ends loses none. The task sees to the order itself: one that comes twice is heard once, one that comes early is refused.
 */
export class Letters {
  readonly #services: LettersServices
  readonly #working = new Set<string>()
  readonly #idle: (() => void)[] = []
  #failing = 0
  #isStopped = false
  constructor(services: LettersServices) {
    this.#services = services
  }

  /** Sends what an earlier process left. */
  start(): void {
    this.push(this.#services.box.waiting())
  }
  /** Resolves when nothing is on its way, or what is has failed and waits for its next try. */
  idle(): Promise<void> {
    return this.#working.size === this.#failing ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve))
  }
  stop(): void {
    this.#isStopped = true
  }
  /** These tasks have letters, or can hear them from now on. */
  push(tasks: readonly string[]): void {
    for (const task of tasks) {
      if (this.#isStopped || this.#working.has(task)) continue
      this.#working.add(task)
      void this.#work(task)
    }
  }

  async #work(task: string): Promise<void> {
    const { box, port, isAwaited, log, retryMs = RETRY_MS } = this.#services
    let failures = 0
    while (!this.#isStopped) {
      // After a failure one by one, so that what fails holds up nothing before it.
      const some = box.first(task, failures === 0 ? TOGETHER : 1)
      const last = some.at(-1)
      if (!last) break
      try {
        // Handed over in one turn they are decided in one step, in this order.
        const heard = await Promise.all(some.map((letter) => this.#hand(port, task, letter)))
        if (heard.includes(false) && isAwaited(task)) break
        await box.acknowledge(task, last.sequence)
        failures = 0
      } catch (error) {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        log.error({ task, letter: some[0]!.letter.kind, error: text }, 'a letter was not taken in; it is sent again')
        this.#failing++
        this.#tellIdle()
        await new Promise((resolve) => setTimeout(resolve, retryMs[Math.min(failures++, retryMs.length - 1)]).unref())
        this.#failing--
      }
    }
    this.#working.delete(task)
    this.#tellIdle()
  }
  /** False: there is no such task. */
  async #hand(port: LetterPort, task: string, letter: Parameters<LetterPort['hand']>[1]): Promise<boolean> {
    try {
      await port.hand(task, letter)
      return true
    } catch (error) {
      if (error instanceof EngineError && error.code === 'NOT_FOUND') return false
      throw error
    }
  }
  #tellIdle(): void {
    if (this.#working.size === this.#failing) for (const resolve of this.#idle.splice(0)) resolve()
  }
}
