import { DurableObject, type ObjectState } from 'cloudflare:workers'
import { sqlCatalogueStore, type CatalogueStore } from '../../store/catalogue-store.ts'
import type { Tx } from '../../store/database.ts'
import { openObject, type ObjectDatabase } from '../../store/durable-object/open.ts'
import { sqlHeads } from '../../store/history/heads.ts'
import type { TaskMessage } from '../../store/message.ts'
import { keysOf } from '../../store/seal.ts'
import { sqlTaskStore } from '../../store/sql-task-store.ts'
import type { EngineOptions, LaunchRequest } from '../engine.ts'
import { timedId } from '../ids.ts'
import { Launcher } from '../launcher.ts'
import type { TaskStub } from './task-object.ts'
import { reached, replyOf, valueOf, type Reply } from './wire.ts'

/** What the catalogue object gets from the Worker it is part of. */
export interface CatalogueParts extends Pick<EngineOptions, 'key' | 'onMessage'> {
  readonly task: (id: string) => TaskStub
  readonly log: NonNullable<EngineOptions['log']>
  readonly now?: () => number
  readonly newId?: () => string
  readonly watchMs?: number
}
/** What other objects call. */
export interface CatalogueStub {
  launch(request: LaunchRequest): Promise<Reply<string>>
  apply(messages: readonly TaskMessage[]): Promise<void>
  taskIdOf(ref: { number?: number; key?: string; project?: string; client?: string }): Promise<string | null>
}

/** Names, launch keys, numbers and the index of tasks, in one object (docs/adr/0010). */
export abstract class CatalogueObject<Env = unknown> extends DurableObject<Env> implements CatalogueStub {
  readonly #db: ObjectDatabase
  readonly #catalogue: CatalogueStore
  readonly #launcher: Launcher<string>
  readonly #onMessage: (tx: Tx, message: TaskMessage) => void

  constructor(ctx: ObjectState, env: Env) {
    super(ctx, env)
    const { key, onMessage, task, log, now = Date.now, newId = () => timedId(now()), watchMs } = this.parts()
    this.#db = openObject(ctx.storage, { now, ...(watchMs !== undefined && { watchMs }) })
    const keys = keysOf(key)
    this.#catalogue = sqlCatalogueStore(this.#db, sqlHeads(this.#db, keys.audit), { apart: true })
    this.#onMessage = onMessage
    this.#launcher = new Launcher<string>({
      store: sqlTaskStore(this.#db),
      catalogue: this.#catalogue,
      keys,
      now,
      newId,
      log,
      create: (facts, flow, secrets) => valueOf(task(facts.id).create({ facts, flow, secrets })),
      look: (id) => reached(task(id).look()),
    })
  }
  protected abstract parts(): CatalogueParts

  /** Finishes launches whose task may not have created itself; looks again while there are some. */
  async alarm(): Promise<void> {
    this.#db.alarm.forget()
    try {
      await this.#launcher.sweep()
    } finally {
      await this.#db.write(() => {}) // arms the next
    }
  }

  launch(request: LaunchRequest): Promise<Reply<string>> {
    return replyOf(() => this.#launcher.launch(request))
  }
  async apply(messages: readonly TaskMessage[]): Promise<void> {
    await this.#catalogue.apply(messages, this.#onMessage)
  }
  async taskIdOf(ref: { number?: number; key?: string; project?: string; client?: string }): Promise<string | null> {
    return this.#catalogue.taskIdOf(ref)
  }
}
