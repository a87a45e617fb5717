import type { Job } from '../core/command.ts'
import { jobsAtRecovery } from '../core/jobs.ts'
import type { TaskState } from '../core/state.ts'
import type { Value } from '../core/value.ts'
import type { TaskStore } from '../store/task-store.ts'
import type { Executor } from './executor.ts'
import type { LiveTask } from './live-task.ts'
import type { PluginRegistry } from './plugin-registry.ts'
import { executionKey, isBeingCancelled, waitsForCallback, workOf, type Work } from './work.ts'

export interface DispatchServices {
  readonly store: TaskStore
  readonly plugins: PluginRegistry
  readonly executor: Executor
  /** After a restore nobody knows what ran since. */
  readonly restored: { readonly isUnsure: boolean; readonly why: string; first(task: LiveTask): void }
  readonly log: { error(o: object, m?: string): void }
}

/** Which bodies begin: those a commit asked for, those a restart found under way, those a callback came for. */
export class Dispatch {
  readonly #services: DispatchServices
  /** On disk as started, and not begun, because the engine was shutting down. */
  readonly #unbegun = new Set<string>()
  readonly #noted: Promise<unknown>[] = []
  #isStopping = false
  constructor(services: DispatchServices) {
    this.#services = services
  }

  /** Learns what the last shutdown did not begin. */
  async open(): Promise<void> {
    for (const key of await this.#services.store.takeUnbegun()) this.#unbegun.add(key)
  }
  /** From here on nothing begins. */
  stop(): void {
    this.#isStopping = true
    if (this.#unbegun.size > 0) this.#note([...this.#unbegun]) // of the last shutdown, not taken up yet
  }
  /** Resolves once all that was not begun is on disk, with whatever is being committed. */
  async noted(): Promise<void> {
    await this.#services.store
      .noteUnbegun([])
      .catch((error: unknown) =>
        this.#services.log.error({ error: String(error) }, 'the last steps could not be recorded'),
      )
    await Promise.all(this.#noted)
  }

  start(state: TaskState, job: Job): void {
    const work = workOf(state, job, job.kind)
    if (!work) return
    if (!this.#isStopping) this.#services.executor.start(work)
    else if (job.kind === 'execute') this.#note([executionKey(work)])
  }

  /** A task was read from the file: what had been running when the last process ended is taken up again (FLOW §2, Crash). */
  recover(task: LiveTask): void {
    if (this.#isStopping) return
    const { executor, restored } = this.#services
    if (restored.isUnsure) restored.first(task)
    for (const job of jobsAtRecovery(task.state)) {
      const work = workOf(task.state, job, job.kind)
      if (!work || executor.has(work)) continue
      if (job.kind !== 'execute' || this.#unbegun.delete(executionKey(work))) executor.start(work)
      else if (!isBeingCancelled(task.state, job)) this.#takeUp(work)
    }
    if (task.mayHaveCallbacks) this.callbacks(task)
  }
  #takeUp(work: Work): void {
    const { executor, plugins, restored } = this.#services
    const plugin = plugins.exact(work.plugin)
    if (plugin?.plugin.resume && !work.task.rehearsal && !restored.isUnsure) executor.start({ ...work, body: 'resume' })
    else if (plugin?.info.repeatable?.(work.inputs) || (plugin && work.task.rehearsal)) executor.start(work)
    else if (restored.isUnsure) executor.lose(work, restored.why)
    else executor.lose(work, 'Baton was restarted while this ran. Nobody can tell whether it ended')
  }

  /** One callback at a time per attempt; those of an attempt that is over are kept as late. */
  callbacks(task: LiveTask): void {
    if (!task.isSettled) return // looked at again once that is on disk
    const { store, executor, log } = this.#services
    const waiting = store.unhandled(task.id)
    const late: number[] = []
    const seen = new Set<string>()
    for (const callback of waiting) {
      const { node, attempt, item } = callback
      const job: Job = { kind: 'poll', nodeId: node, attempt, ...(item !== null && { item }) }
      const work = workOf(task.state, job, 'callback')
      if (!work) {
        late.push(callback.id)
        continue
      }
      const key = executionKey(work)
      if (seen.has(key) || executor.has(work) || !waitsForCallback(task.state, job)) continue
      seen.add(key)
      executor.start({ ...work, callback: { id: callback.id, payload: JSON.parse(callback.payload) as Value } })
    }
    task.mayHaveCallbacks = waiting.length > late.length
    if (waiting.length === 0) void task.post({ kind: 'wake' }).catch(() => {}) // nothing keeps it in memory
    if (late.length > 0)
      task
        .post({ kind: 'late_callbacks', ids: late })
        .catch((error: unknown) =>
          log.error({ task: task.id, error: String(error) }, 'late callbacks could not be marked'),
        )
  }

  /** At once: whoever shuts us down may lose patience before the last body has ended. */
  #note(keys: readonly string[]): void {
    const { store, log } = this.#services
    for (const key of keys) this.#unbegun.add(key)
    this.#noted.push(
      store
        .noteUnbegun(keys)
        .catch((error: unknown) =>
          log.error({ executions: keys, error: String(error) }, 'steps not begun were not noted'),
        ),
    )
  }
}
