import type { Command } from '../core/command.ts'
import { SYSTEM, type TaskState } from '../core/state.ts'
import type { Database } from '../store/database.ts'
import type { TaskStore } from '../store/task-store.ts'
import type { LiveTask } from './live-task.ts'
import type { Tasks } from './tasks.ts'

export interface RestoredServices {
  readonly db: Database
  readonly store: TaskStore
  readonly tasks: () => Tasks
  /** Lists lag behind tasks: what they had told and nobody had heard comes first. */
  readonly catchUp: () => Promise<void>
  readonly log: { warn(o: object, m?: string): void; error(o: object, m?: string): void }
}
const FROM = 'restored_from'
const AT_ONCE = 50

/**
 * The first start after `baton restore`. What the tasks did after the backup was made happened, and is not known here; so
 * nothing moves by itself: what had not ended is paused, what ran is lost, and every card says so (docs/adr/0011).
 */
export class Restored {
  readonly #services: RestoredServices
  #from: number | null = null
  constructor(services: RestoredServices) {
    this.#services = services
  }

  /** While this is the case, bodies that may have run since must not be repeated or attached to. */
  get isUnsure(): boolean {
    return this.#from !== null
  }
  get why(): string {
    return `Baton was restored from a backup made ${this.#madeAt()}, while this ran. Nobody can tell what it did since`
  }

  /** Holds what had not ended. Before timers fire and people come in; repeated when it was cut short. */
  async hold(): Promise<void> {
    const { db, store, tasks, log } = this.#services
    const marked = db.prepare('SELECT value FROM counters WHERE name = ?').get([FROM])
    if (!marked) return
    this.#from = marked[0] as number
    await this.#services.catchUp()
    const open = db
      .prepare("SELECT id FROM task_index WHERE phase NOT IN ('succeeded', 'failed', 'revoked')")
      .all()
      .map(([id]) => id as string)
    const ids = [...new Set([...open, ...store.awake()])]
    for (let at = 0; at < ids.length; at += AT_ONCE)
      await Promise.all(
        ids.slice(at, at + AT_ONCE).map((id) =>
          tasks()
            .post(id, { kind: 'wake' })
            .catch((error: unknown) => log.error({ task: id, error: String(error) }, 'a restored task was not held')),
        ),
      )
    await db.write(() => void db.prepare('DELETE FROM counters WHERE name = ?').run([FROM]))
    log.warn(
      { tasks: ids.length, backup: this.#madeAt() },
      'restored from a backup: tasks that had not ended are paused until somebody has looked and resumes them',
    )
    this.#from = null
  }

  /** Put to a task as it is read from the file, before anything of it is taken up again. */
  first(task: LiveTask): void {
    for (const command of holds(
      task.state,
      `Restored from a backup made ${this.#madeAt()}. Check what happened since.`,
    ))
      task.post({ kind: 'command', command, viewer: null }).catch(() => {}) // its state does not allow it: then nothing moves it either
    task.post({ kind: 'notice', notice: { kind: 'changed' } }).catch(() => {}) // whatever its card shows is drawn anew
  }

  #madeAt(): string {
    return new Date(this.#from ?? 0).toISOString().replace('T', ' ').slice(0, 16) + ' UTC'
  }
}

function holds(state: Readonly<TaskState>, note: string): Command[] {
  const by = SYSTEM
  if (state.stage === 'final') return []
  const said: Command[] = state.note ? [] : [{ kind: 'set_note', by, text: note }]
  if (state.stage === 'created') return [...said, { kind: 'plan', by, at: null }]
  return state.paused ? said : [...said, { kind: 'pause', by }]
}
