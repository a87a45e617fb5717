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
/** Why nothing is sure, by the mark that was left in the data; the instant it names is put in. */
const REASONS: { readonly [mark: string]: { readonly what: string; readonly lost: string } } = {
  restored_from: {
    what: 'Restored from a backup made',
    lost: 'Baton was restored from a backup made while this ran. Nobody can tell what it did since. The backup is of',
  },
  damaged_at: {
    what: 'The end of the database’s log was damaged, and what was recorded last is lost. This was found',
    lost: 'The end of the database’s log was damaged while this ran. Nobody can tell whether it ended. This was found',
  },
}
const AT_ONCE = 50

/**
 * The first start after `baton restore`, or on a damaged log. What the tasks did since then happened, and is not known here; so
 * nothing moves by itself: what had not ended is paused, what ran is lost, and every card says so (docs/adr/0011).
 */
export class Restored {
  readonly #services: RestoredServices
  #mark: { readonly name: string; readonly at: number } | null = null
  constructor(services: RestoredServices) {
    this.#services = services
  }

  /** While this is the case, bodies that may have run since must not be repeated or attached to. */
  get isUnsure(): boolean {
    return this.#mark !== null
  }
  get why(): string {
    return `${this.#reason('lost')}.`
  }

  /** Holds what had not ended. Before timers fire and people come in; repeated when it was cut short. */
  async hold(): Promise<void> {
    const { db, store, tasks, log } = this.#services
    const found = Object.keys(REASONS).flatMap((name) => {
      const row = db.prepare('SELECT value FROM counters WHERE name = ?').get([name])
      return row ? [{ name, at: row[0] as number }] : []
    })
    if (found.length === 0) return
    this.#mark = found[0]!
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
    await db.write(() =>
      found.forEach(({ name }) => void db.prepare('DELETE FROM counters WHERE name = ?').run([name])),
    )
    log.warn(
      { tasks: ids.length },
      `${this.#reason('what')}: tasks that had not ended are paused until somebody has looked and resumes them`,
    )
    this.#mark = null
  }

  /** Put to a task as it is read from the file, before anything of it is taken up again. */
  first(task: LiveTask): void {
    for (const command of holds(task.state, `${this.#reason('what')}. Check what happened since.`))
      task.post({ kind: 'command', command, viewer: null }).catch(() => {}) // its state does not allow it: then nothing moves it either
    task.post({ kind: 'notice', notice: { kind: 'changed' } }).catch(() => {}) // whatever its card shows is drawn anew
  }

  #reason(part: 'what' | 'lost'): string {
    const { name, at } = this.#mark!
    return `${REASONS[name]![part]} ${new Date(at).toISOString().replace('T', ' ').slice(0, 16)} UTC`
  }
}

function holds(state: Readonly<TaskState>, note: string): Command[] {
  const by = SYSTEM
  if (state.stage === 'final') return []
  const said: Command[] = state.note ? [] : [{ kind: 'set_note', by, text: note }]
  if (state.stage === 'created') return [...said, { kind: 'plan', by, at: null }]
  return state.paused ? said : [...said, { kind: 'pause', by }]
}
