import { Registry } from '../core/registry.ts'
import type { Work } from './work.ts'

/** A body under way. It stays listed until its result is on disk. */
export class Execution {
  readonly work: Work
  /** The body has returned; only its result is still to be recorded. */
  ended = false
  /** A resume that has not yet learnt how things stand. */
  unsure: boolean
  readonly #onSure: (taskId: string) => void
  #abort: AbortController | null = null
  constructor(work: Work, onSure: (taskId: string) => void) {
    this.work = work
    this.unsure = work.body === 'resume'
    this.#onSure = onSure
  }
  /** Made when somebody asks: most bodies never do. */
  get signal(): AbortSignal {
    return (this.#abort ??= new AbortController()).signal
  }
  abort(reason: unknown): void {
    ;(this.#abort ??= new AbortController()).abort(reason)
  }
  get isAborted(): boolean {
    return this.#abort?.signal.aborted === true
  }
  /** Told by a shutdown: what it was doing is attached to again, or repeated. */
  get isDetached(): boolean {
    return this.#abort?.signal.reason === 'detach'
  }
  sure(): void {
    if (!this.unsure) return
    this.unsure = false
    this.#onSure(this.work.task.id)
  }
}

/** Which execution: the same names mean the same one, for ever. */
export type ExecutionRef = Pick<Work, 'nodeId' | 'attempt' | 'item'> & { readonly task: { readonly id: string } }

/** Those of one task. Kept as long as it is in memory, or anything of it is listed. */
class OfTask {
  readonly listed = new Map<string, Execution>()
  /** Bodies that have not returned, and cancels. */
  running = 0
  hasLeft = false
}

/** What runs, by task. */
export class Executions {
  readonly #tasks = new Registry<OfTask>()
  #size = 0

  get size(): number {
    return this.#size
  }
  /** Of how many it keeps anything: those in memory, and those of which anything is listed. */
  get tasks(): number {
    return this.#tasks.size
  }
  get(ref: ExecutionRef): Execution | undefined {
    return this.#tasks.get(ref.task.id)?.listed.get(keyOf(ref))
  }
  /** Bodies of a task that have not returned, and cancels under way. */
  running(taskId: string): number {
    return this.#tasks.get(taskId)?.running ?? 0
  }
  *all(): Iterable<Execution> {
    for (const { listed } of this.#tasks.values()) yield* listed.values()
  }

  /** Listed, and running. */
  add(execution: Execution): void {
    const of = this.#of(execution.work.task.id)
    of.listed.set(keyOf(execution.work), execution)
    of.running += 1
    this.#size += 1
  }
  /** Its body has returned. */
  end(execution: Execution): void {
    execution.ended = true
    this.#tasks.get(execution.work.task.id)!.running -= 1
  }
  /** Its result is on disk. */
  remove({ work }: Execution): void {
    const id = work.task.id
    const of = this.#tasks.get(id)!
    if (of.listed.delete(keyOf(work))) this.#size -= 1
    this.#letGo(id, of)
  }
  /** Something else runs for a task until what is returned is called. */
  hold(taskId: string): () => void {
    const of = this.#of(taskId)
    of.running += 1
    return () => {
      of.running -= 1
      this.#letGo(taskId, of)
    }
  }
  /** The task has left memory. */
  left(taskId: string): void {
    const of = this.#tasks.get(taskId)
    if (of === undefined) return
    of.hasLeft = true
    this.#letGo(taskId, of)
  }

  #of(taskId: string): OfTask {
    const known = this.#tasks.get(taskId)
    if (known !== undefined) {
      known.hasLeft = false
      return known
    }
    const of = new OfTask()
    this.#tasks.set(taskId, of)
    return of
  }
  #letGo(taskId: string, of: OfTask): void {
    if (of.hasLeft && of.running === 0 && of.listed.size === 0) this.#tasks.delete(taskId)
  }
}

const keyOf = ({ nodeId, attempt, item }: ExecutionRef): string =>
  item === null ? `${nodeId}/${attempt}` : `${nodeId}/${attempt}/${item}`
