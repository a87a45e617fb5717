import { DurableObject, type ObjectState } from 'cloudflare:workers'
import { slotOfLaunch } from '../../core/decide/launch.ts'
import { sqlCatalogueStore, type CatalogueStore } from '../../store/catalogue-store.ts'
import { openObject, type ObjectDatabase } from '../../store/durable-object/open.ts'
import { sqlHeads } from '../../store/history/heads.ts'
import { portTo, type LetterPort, type MessagePort } from '../../store/message-port.ts'
import type { TaskMessage } from '../../store/message.ts'
import { keysOf } from '../../store/seal.ts'
import { sqlTaskStore } from '../../store/sql-task-store.ts'
import { prepareChild } from '../children.ts'
import { decideEnv } from '../decide-env.ts'
import type { EngineOptions, LaunchRequest } from '../engine.ts'
import { FlowCache } from '../flow-cache.ts'
import { timedId } from '../ids.ts'
import { Launcher } from '../launcher.ts'
import { Letters } from '../letters.ts'
import { createRegistry } from '../plugin-registry.ts'
import type { TaskStub } from './task-object.ts'
import { reached, replyOf, valueOf, type Reply } from './wire.ts'

/** What the catalogue object gets from the Worker it is part of. */
export interface CatalogueParts extends Pick<
  EngineOptions,
  | 'key'
  | 'onMessage'
  | 'plugins'
  | 'directory'
  | 'frozen'
  | 'loadFlow'
  | 'currentVersion'
  | 'baseUrl'
  | 'now'
  | 'newId'
  | 'log'
  | 'carryLetters'
  | 'resendMs'
> {
  readonly task: (id: string) => Pick<TaskStub, 'create' | 'look' | 'hear'>
  /** How long what only memory drives may go on before the alarm looks whether it still does. */
  readonly watchMs?: number
}
/** What other objects call. */
export interface CatalogueStub {
  launch(request: LaunchRequest): Promise<Reply<string>>
  apply(messages: readonly TaskMessage[]): Promise<void>
  taskIdOf(ref: TaskRef): Promise<string | null>
}
type TaskRef = { number?: number; key?: string; project?: string; client?: string }

const SILENT = { info() {}, warn() {}, error() {} }

/** Names, launch keys, numbers, places under keys and the index of tasks, in one object (docs/adr/0010). */
export abstract class CatalogueObject<Env = unknown> extends DurableObject<Env> implements CatalogueStub {
  readonly #db: ObjectDatabase
  readonly #catalogue: CatalogueStore
  readonly #launcher: Launcher<string>
  readonly #port: MessagePort

  constructor(ctx: ObjectState, env: Env) {
    super(ctx, env)
    const parts = this.parts()
    const { task, now = Date.now, newId = () => timedId(now()), log = SILENT, watchMs, resendMs } = parts
    this.#db = openObject(ctx.storage, { now, ...(watchMs !== undefined && { watchMs }) })
    const keys = keysOf(parts.key)
    const catalogue = sqlCatalogueStore(this.#db, sqlHeads(this.#db, keys.audit), { apart: true })
    const flows = new FlowCache(parts.loadFlow)
    const moment = decideEnv(parts, keys, createRegistry(parts.plugins))
    const childServices = {
      currentVersion: parts.currentVersion ?? (async () => null),
      loadFlow: flows.load.bind(flows),
      directory: parts.directory,
      keys,
    }
    const hand: LetterPort['hand'] = async (id, letter) => void (await valueOf(task(id).hear(letter)))
    const letters = new Letters({
      box: catalogue.letters,
      port: parts.carryLetters?.({ hand }) ?? { hand },
      isAwaited: (id) => catalogue.pending().some(({ taskId }) => taskId === id),
      log,
      ...(resendMs && { retryMs: resendMs }),
    })
    const launcher = new Launcher<string>({
      store: sqlTaskStore(this.#db),
      catalogue,
      keys,
      now,
      newId,
      log,
      apart: true,
      create: (facts, flow, secrets) => valueOf(task(facts.id).create({ facts, flow, secrets })),
      look: (id) => reached(task(id).look()),
      place: async (facts, ref) => slotOfLaunch(await flows.load(facts.project, ref), facts, moment()),
      prepare: (wanted) => prepareChild(childServices, wanted),
      onLetters: (tasks) => letters.push(tasks),
      ...(parts.frozen && { frozen: parts.frozen }),
      ...(resendMs?.[0] !== undefined && { retryMs: resendMs[0] }),
    })
    this.#port = portTo(catalogue, parts.onMessage, (left) => {
      letters.push(left.letters)
      if (left.launches) void launcher.launchChildren()
    })
    this.#catalogue = catalogue
    this.#launcher = launcher
    letters.start()
    void this.#db.write(() => {}) // arms the alarm for what was left half done
  }
  protected abstract parts(): CatalogueParts

  /** Letters are sent on by the constructor; half-done launches are finished here. The next alarm is armed in any case. */
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
  apply(messages: readonly TaskMessage[]): Promise<void> {
    return this.#port.deliver(messages)
  }
  async taskIdOf(ref: TaskRef): Promise<string | null> {
    return this.#catalogue.taskIdOf(ref)
  }
}
