import { DurableObject, type ObjectState } from 'cloudflare:workers'
import type { PeopleCommand } from '../../core/command.ts'
import type { Viewer } from '../../core/env.ts'
import type { Recorded } from '../../core/events.ts'
import { EngineError } from '../../core/error.ts'
import { freeze, thaw } from '../../core/snapshot.ts'
import type { Value, Values } from '../../core/value.ts'
import { isBlank, openObject, type ObjectDatabase } from '../../store/durable-object/open.ts'
import type { StoredLetter } from '../../store/letters.ts'
import type { MessagePort } from '../../store/message-port.ts'
import { createEngine } from '../create.ts'
import type { EngineOptions, LaunchOrder, LogLine, TaskEngine, TaskView } from '../engine.ts'
import { remoteCatalogue } from './remote-catalogue.ts'
import { reached, replyOf, type Reply } from './wire.ts'

/** What a task object gets from the Worker it is part of. */
export interface TaskParts extends Omit<
  EngineOptions,
  'db' | 'catalogue' | 'alarm' | 'carry' | 'onMessage' | 'otherTask'
> {
  readonly task: (id: string) => Pick<TaskStub, 'look'>
  /** To the catalogue object. */
  readonly port: MessagePort
  /** How long what only memory drives may go on before the alarm looks whether it still does. */
  readonly watchMs?: number
}
/** What other objects call. States travel frozen. */
export interface TaskStub {
  create(order: LaunchOrder): Promise<Reply<string>>
  command(command: PeopleCommand, viewer: Viewer, secrets: Texts): Promise<Reply<string>>
  hear(letter: StoredLetter): Promise<Reply<null>>
  look(): Promise<string | null>
  next(after: number): Promise<string | null>
  history(after: number, limit: number): Promise<readonly (Recorded & { readonly hash: string })[]>
  attempt(nodeId: string, attempt: number): Promise<{ inputs: Values | null; outputs: Values | null } | null>
  logLines(nodeId: string, attempt: number, options: LogOptions): Promise<LogPage>
  progress(nodeId: string): Promise<string | null>
  verify(): Promise<{ readonly seq: number; readonly problem: string } | null>
  callback(token: string, payload: Value, idempotencyKey: string | null): Promise<Reply<boolean>>
  stats(): Promise<{ readonly inMemory: number; readonly running: number }>
}
type Texts = { readonly [variable: string]: string }
type LogOptions = { after?: number; last?: number; limit?: number }
type LogPage = { lines: readonly LogLine[]; total: number; dropped: number }

/** The engine in the object, once there is something in it. */
interface Running {
  readonly engine: TaskEngine
  readonly db: ObjectDatabase
  /** As the journal names it. */
  id: string | null
}

/** A watcher hears nothing for at most this long, so that a call that nobody waits for any more ends. */
const WATCH_PATIENCE_MS = 20_000

/**
 * One task: its history, rows, timers, messages and bodies, in an object of its own (docs/adr/0010). The engine in it is the
 * one that runs a whole file on Node; here it has one task, and its catalogue elsewhere.
 */
export abstract class TaskObject<Env = unknown> extends DurableObject<Env> implements TaskStub {
  #task: Running | null = null
  #creating: Promise<TaskView> | null = null

  constructor(ctx: ObjectState, env: Env) {
    super(ctx, env)
    // Nothing is written for an id that somebody has made up.
    if (!isBlank(ctx.storage)) void ctx.blockConcurrencyWhile(() => this.#start())
  }
  protected abstract parts(): TaskParts

  /** Whatever woke the object, the constructor has taken up what was running; timers are fired here. The next alarm is armed in any case. */
  async alarm(): Promise<void> {
    if (!this.#task) return
    const { engine, db } = this.#task
    db.alarm.forget()
    try {
      await engine.due()
    } finally {
      db.alarm.rest()
      await db.write(() => {}) // arms the next
    }
  }

  create(order: LaunchOrder): Promise<Reply<string>> {
    return replyOf(async () => {
      const { engine } = this.#task ?? (await this.#start())
      this.#creating ??= engine.create(order).finally(() => (this.#creating = null))
      return freeze((await this.#creating).state)
    })
  }
  command(command: PeopleCommand, viewer: Viewer, secrets: Texts): Promise<Reply<string>> {
    return replyOf(async () => {
      const view = await this.#with(null, (engine, id) => engine.command(id, command, viewer, secrets))
      if (!view) throw new EngineError('NOT_FOUND', { message: 'there is no such task' })
      return freeze(view.state)
    })
  }
  /** A letter from the catalogue. */
  hear(letter: StoredLetter): Promise<Reply<null>> {
    return replyOf(async () => {
      const wasThere = await this.#with(false, async (engine, id) => {
        await engine.hear(id, letter)
        return true
      })
      if (!wasThere) throw new EngineError('NOT_FOUND', { message: 'there is no such task' })
      return null
    })
  }
  async look(): Promise<string | null> {
    const state = await this.#state()
    return state && freeze(state)
  }
  /** The state once it is newer than version `after`; null when nothing has happened for a while. */
  async next(after: number): Promise<string | null> {
    const state = await this.#state()
    if (!state || state.version > after) return state && freeze(state)
    return new Promise((resolve) => {
      const end = (news: string | null): void => {
        clearTimeout(patience)
        stop()
        resolve(news)
      }
      const stop = this.#task!.engine.onTask(state.id, (view) => view.state.version > after && end(freeze(view.state)))
      const patience = setTimeout(() => end(null), WATCH_PATIENCE_MS)
    })
  }
  async history(after: number, limit: number): Promise<readonly (Recorded & { readonly hash: string })[]> {
    return this.#with([], (engine, id) => engine.history(id, after, limit))
  }
  async attempt(nodeId: string, attempt: number): Promise<{ inputs: Values | null; outputs: Values | null } | null> {
    return this.#with(null, (engine, id) => engine.attempt(id, nodeId, attempt))
  }
  async logLines(nodeId: string, attempt: number, options: LogOptions): Promise<LogPage> {
    return this.#with({ lines: [], total: 0, dropped: 0 }, (engine, id) =>
      engine.logLines(id, nodeId, attempt, options),
    )
  }
  async progress(nodeId: string): Promise<string | null> {
    return this.#with(null, async (engine, id) => engine.progressOf(id, nodeId))
  }
  async verify(): Promise<{ readonly seq: number; readonly problem: string } | null> {
    return this.#with(null, async (engine, id) => engine.verifyHistory(id))
  }
  callback(token: string, payload: Value, idempotencyKey: string | null): Promise<Reply<boolean>> {
    return replyOf(() => this.#with(false, (engine) => engine.callback(token, payload, idempotencyKey)))
  }
  async stats(): Promise<{ readonly inMemory: number; readonly running: number }> {
    return this.#task?.engine.stats() ?? { inMemory: 0, running: 0 }
  }

  async #start(): Promise<Running> {
    const { port, task, watchMs, ...parts } = this.parts()
    const db = openObject(this.ctx.storage, {
      ...(parts.now && { now: parts.now }),
      ...(watchMs !== undefined && { watchMs }),
    })
    const engine = createEngine({
      ...parts,
      db,
      onMessage: () => {}, // the catalogue's affair
      catalogue: remoteCatalogue(db, port),
      async otherTask(id) {
        const frozen = await reached(task(id).look())
        return frozen === null ? null : thaw(frozen)
      },
      timersOutside: true, // by the alarm
    })
    this.#task = { engine, db, id: null }
    await engine.start()
    return this.#task
  }
  async #state(): Promise<TaskView['state'] | null> {
    return this.#with(null, async (engine, id) => (await engine.task(id))?.state ?? null)
  }
  async #with<T>(otherwise: T, work: (engine: TaskEngine, id: string) => Promise<T>): Promise<T> {
    const task = this.#task
    if (!task) return otherwise
    // The platform does not tell an alarm what the object is called.
    task.id ??= (task.db.prepare('SELECT task FROM journal LIMIT 1').get()?.[0] as string | undefined) ?? null
    return task.id === null ? otherwise : work(task.engine, task.id)
  }
}
