import { applyEntry, replay } from '../core/apply.ts'
import { EngineError } from '../core/error.ts'
import type { Recorded } from '../core/events.ts'
import type { Flow } from '../core/flow.ts'
import { thaw } from '../core/snapshot.ts'
import type { TaskState } from '../core/state.ts'
import { BEGINNING, type Loaded, type TaskStore } from '../store/task-store.ts'
import type { Admission } from './admission.ts'
import type { TaskView } from './engine.ts'
import type { FlowCache } from './flow-cache.ts'
import { Registry } from '../core/registry.ts'
import { LiveTask, type Letter, type TaskHost } from './live-task.ts'

export interface TasksServices {
  readonly store: TaskStore
  readonly host: TaskHost
  readonly flows: FlowCache
  readonly admission: Admission
  /** The history of a task that ended long ago and lies in the archive; null: there is none. */
  readonly archived: (id: string) => readonly Recorded[] | null
  /** Called once for each task that was read from the file, before anything is put to it. `wasAwake`: a process that ended had it in memory. */
  readonly recover: (task: LiveTask, wasAwake: boolean) => void
}

/** Views of tasks that are not in memory, kept for those who look twice. */
const KEPT_VIEWS = 200

/** Which tasks are in memory. Anything put to another one wakes it: its snapshot and the few events after it. */
export class Tasks {
  readonly #services: TasksServices
  readonly #live = new Registry<LiveTask>()
  readonly #waking = new Registry<Promise<LiveTask | null>>()
  readonly #views = new Map<string, TaskView>()
  readonly #numbers = new Map<number, string>()
  constructor(services: TasksServices) {
    this.#services = services
  }

  get size(): number {
    return this.#live.size
  }

  inMemory(id: string): LiveTask | undefined {
    return this.#live.get(id)
  }
  /** The task in memory, woken if need be; null when there is none of this id. */
  get(id: string): Promise<LiveTask | null> | LiveTask {
    return this.#live.get(id) ?? this.#waking.get(id) ?? this.#wake(id)
  }

  /** @throws NOT_FOUND, and whatever the task refuses. */
  post(id: string, letter: Letter): Promise<TaskView | null> {
    const task = this.#live.get(id)
    return task && !task.isGone ? task.post(letter) : this.#postLater(id, letter)
  }
  async #postLater(id: string, letter: Letter): Promise<TaskView | null> {
    for (;;) {
      const task = this.#live.get(id) ?? (await this.get(id))
      if (!task && this.#services.archived(id))
        throw new EngineError('FINAL', {
          message: 'This ended long ago and is in the archive: it can only be looked at.',
        })
      if (!task) throw new EngineError('NOT_FOUND', { message: `there is no task ${id}` })
      if (!task.isGone) return task.post(letter)
    }
  }

  create(
    flow: Flow,
    state: TaskState,
    entry: Recorded,
    secrets: { readonly [variable: string]: string },
  ): Promise<TaskView> {
    const task = new LiveTask(this.#services.host, flow, state, { head: BEGINNING, snapshotAt: 0, awake: false })
    this.#live.set(task.id, task)
    this.#numbers.set(state.number, task.id)
    return task.create(entry, secrets)
  }

  /** The committed state, without keeping the task in memory for it. */
  async view(id: string): Promise<TaskView | null> {
    const task = this.#live.get(id) ?? (this.#waking.has(id) ? await this.#waking.get(id) : null)
    if (task && !task.isGone) return task.committedView()
    const kept = this.#views.get(id)
    if (kept) return kept
    const state = this.#read(id)?.state ?? this.#archived(id)
    if (!state) return null
    const flow = await this.#flowOf(state)
    if (this.#live.has(id)) return this.view(id) // woken meanwhile
    return this.#keepView({ state, flow })
  }

  /** As it stood after the entry that holds event `version`: replayed, so it costs what its history is long. */
  async viewAt(id: string, version: number): Promise<TaskView | null> {
    const all = this.#services.archived(id) ?? this.#services.store.history(id, 0, -1)
    const entries = all.filter(({ seq }) => seq <= version)
    if (entries.length === 0) return null
    const state = replay(entries)
    return { state, flow: await this.#flowOf(state) }
  }

  idOfNumber(number: number): string | null {
    return this.#numbers.get(number) ?? null
  }

  gone(task: LiveTask): void {
    this.#live.delete(task.id)
    this.#numbers.delete(task.state.number)
  }

  /** One waking for all who ask, so that they are served in the order they came. */
  #wake(id: string): Promise<LiveTask | null> {
    const waking = this.#services.admission.enter(() => this.#doWake(id)).finally(() => this.#waking.delete(id))
    this.#waking.set(id, waking)
    return waking
  }
  async #doWake(id: string): Promise<LiveTask | null> {
    const loaded = this.#read(id)
    if (!loaded) return null
    const { state, head, snapshotAt, awake, callbacks } = loaded
    const flow = await this.#flowOf(state)
    this.#views.delete(id)
    const task = new LiveTask(this.#services.host, flow, state, { head, snapshotAt, awake })
    task.mayHaveCallbacks = callbacks
    this.#live.set(id, task)
    this.#numbers.set(state.number, id)
    this.#services.recover(task, awake)
    return task
  }

  #read(id: string): (Pick<Loaded, 'head' | 'awake' | 'callbacks'> & { state: TaskState; snapshotAt: number }) | null {
    const loaded = this.#services.store.load(id)
    if (!loaded) return null
    const { head, awake, callbacks } = loaded
    const thawed = loaded.snapshot === null ? null : thaw(loaded.snapshot)
    if (thawed) {
      const snapshotAt = thawed.version
      for (const entry of loaded.entries) applyEntry(thawed, entry)
      return { state: thawed, head, snapshotAt, awake, callbacks }
    }
    // No snapshot (the task is young), or one of another format: the whole history.
    return {
      state: replay(loaded.snapshot === null ? loaded.entries : this.#services.store.history(id, 0, -1)),
      head,
      snapshotAt: 0,
      awake,
      callbacks,
    }
  }
  #archived(id: string): TaskState | null {
    const entries = this.#services.archived(id)
    return entries && replay(entries)
  }
  #flowOf(state: TaskState): Promise<Flow> | Flow {
    return this.#services.flows.known(state.project, state.flow) ?? this.#services.flows.load(state.project, state.flow)
  }

  #keepView(view: TaskView): TaskView {
    if (this.#views.size >= KEPT_VIEWS) this.#views.delete(this.#views.keys().next().value!)
    this.#views.set(view.state.id, view)
    return view
  }
}
