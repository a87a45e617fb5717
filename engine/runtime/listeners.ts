import type { LogLine, TaskView } from './engine.ts'
import type { LiveTask } from './live-task.ts'

type AttemptRef = { readonly task: string; readonly node: string; readonly attempt: number }

/** Large tasks are shown less often: a view copies their tables. */
const LARGE = 500
const LARGE_EVERY_MS = 200

/** Who watches what, in this process. Nothing here is the only copy of anything. */
export class Listeners {
  readonly #tasks = new Map<string, Set<(view: TaskView) => void>>()
  readonly #logs = new Map<string, Set<(line: LogLine) => void>>()
  readonly #progress = new Map<string, string>()
  readonly #pending = new Map<string, LiveTask>()
  readonly #log: { error(o: object, m?: string): void }
  constructor(log: { error(o: object, m?: string): void }) {
    this.#log = log
  }

  onTask(taskId: string, listener: (view: TaskView) => void): () => void {
    return subscribe(this.#tasks, taskId, listener)
  }
  onLog(taskId: string, nodeId: string, attempt: number, listener: (line: LogLine) => void): () => void {
    return subscribe(this.#logs, `${taskId}/${nodeId}/${attempt}`, listener)
  }
  progressOf(taskId: string, nodeId: string): string | null {
    return this.#progress.get(`${taskId}/${nodeId}`) ?? null
  }

  /** A commit changed the task: those who watch see the newest state, joined up. */
  changed(task: LiveTask): void {
    if (!this.#tasks.has(task.id) || this.#pending.has(task.id)) {
      if (this.#pending.has(task.id)) this.#pending.set(task.id, task)
      return
    }
    this.#pending.set(task.id, task)
    const show = (): void => {
      const newest = this.#pending.get(task.id)!
      this.#pending.delete(task.id)
      newest.committedView().then(
        (view) => this.#tell(this.#tasks.get(task.id), view),
        () => {}, // dropped: whoever watches hears of the next commit
      )
    }
    if (task.state.nodes.size > LARGE) setTimeout(show, LARGE_EVERY_MS).unref()
    else queueMicrotask(show)
  }
  line(at: AttemptRef, line: LogLine): void {
    this.#tell(this.#logs.get(`${at.task}/${at.node}/${at.attempt}`), line)
  }
  progress(taskId: string, nodeId: string, text: string | null): void {
    if (text === null) this.#progress.delete(`${taskId}/${nodeId}`)
    else this.#progress.set(`${taskId}/${nodeId}`, text)
  }

  #tell<T>(listeners: ReadonlySet<(news: T) => void> | undefined, news: T): void {
    for (const listener of listeners ?? []) {
      try {
        listener(news)
      } catch (error) {
        this.#log.error({ error: String(error) }, 'a listener threw')
      }
    }
  }
}

function subscribe<T>(map: Map<string, Set<(news: T) => void>>, key: string, listener: (news: T) => void): () => void {
  const listeners = map.get(key) ?? new Set()
  map.set(key, listeners.add(listener))
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0 && map.get(key) === listeners) map.delete(key)
  }
}
