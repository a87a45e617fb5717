import type { Actor } from '../core/state.ts'
import type { Command, Result } from '../core/command.ts'
import { EngineError } from '../core/error.ts'
import type { Value, Values } from '../core/value.ts'
import type { Json, Plugin, Result as PluginResult } from '../plugin/index.ts'
import { isRepeatable } from '../plugin/catalogue.ts'
import { createContext, type ContextServices } from './context.ts'
import { openInputs, parseInputs, type OpenSecret } from './inputs.ts'
import { createMasker } from './mask.ts'
import type { PluginRegistry } from './plugin-registry.ts'
import { failure, resultOf, thrown } from './result.ts'

/** One body to run, with all it has to know of its task: an execution does not look at the state. */
export interface Work {
  readonly body: 'execute' | 'resume' | 'poll' | 'callback' | 'cancel'
  readonly task: {
    readonly id: string
    readonly number: number
    readonly title: string
    readonly project: string
    readonly startedBy: string
    readonly starter: Actor
    readonly rehearsal: boolean
  }
  readonly nodeId: string
  /** The job's: an item's own where there is one. */
  readonly attempt: number
  /** The node's, under which its log is kept. */
  readonly nodeAttempt: number
  readonly item: number | null
  /** `code@1.2.0` */
  readonly plugin: string
  readonly inputs: Values
  readonly state: Value | null
  readonly callback: { readonly id: number; readonly payload: Value } | null
}
/** A body under way. It stays listed until its result is on disk. */
interface Execution {
  readonly work: Work
  readonly abort: AbortController
  /** The body has returned; only its result is still to be recorded. */
  ended: boolean
  /** May be left alone at shutdown: it is attached to again, or repeated. */
  readonly detachable: boolean
  /** A resume that has not yet learnt how things stand. */
  unsure: boolean
}

export interface ExecutorServices extends ContextServices {
  readonly plugins: PluginRegistry
  readonly openSecret: (work: Work) => OpenSecret
  /** Puts a report to the task; resolves once it is on disk. */
  readonly report: (taskId: string, command: Command) => Promise<unknown>
  /** The engine is shutting down: nothing starts, reports that cannot be recorded are dropped. */
  readonly isStopping: () => boolean
  /** A resumed body has told how things stand: its deadline may be judged. */
  readonly onSure: (taskId: string) => void
  /** An execution is over and recorded: the next callback of its attempt may be handled. */
  readonly onOver: (taskId: string) => void
}

/** `task/node/attempt[/item]`: the same key means the same execution. */
export const executionKey = (work: Pick<Work, 'task' | 'nodeId' | 'attempt' | 'item'>): string =>
  work.item === null
    ? `${work.task.id}/${work.nodeId}/${work.attempt}`
    : `${work.task.id}/${work.nodeId}/${work.attempt}/${work.item}`

const REPORT_RETRY_MS = [50, 200, 1_000, 5_000]
/** How long a cancelled body without `cancel` may take to end by itself before nobody waits any more (FLOW §2: 30 s). */
const CANCEL_PATIENCE_MS = 30_000

/**
 * Runs what plugins do. Every body gets its inputs with secrets opened, a signal, and a masked log; how it ends is reported to
 * its task as data. Nothing here decides what follows.
 */
export class Executor {
  readonly #services: ExecutorServices
  readonly #running = new Map<string, Execution>()
  readonly #cancelling = new Set<string>()
  readonly #perTask = new Map<string, number>()
  readonly #idle: (() => void)[] = []
  constructor(services: ExecutorServices) {
    this.#services = services
  }

  /** Bodies of a task that have not returned. */
  running(taskId: string): number {
    return this.#perTask.get(taskId) ?? 0
  }
  get size(): number {
    return this.#running.size
  }
  /** Whether somebody is on it already: running, or its result is being recorded. */
  has(key: string): boolean {
    return this.#running.has(key)
  }
  /** A deadline is not judged before a resumed attempt has told how things stand. */
  isUnsure(key: string): boolean {
    return this.#running.get(key)?.unsure === true
  }

  start(work: Work): void {
    if (work.body === 'cancel') return void this.#cancel(work)
    const key = executionKey(work)
    if (this.#running.has(key) || this.#services.isStopping()) return
    const installed = this.#services.plugins.exact(work.plugin)
    const plugin = installed?.plugin
    const detachable =
      plugin !== undefined &&
      (plugin.resume !== undefined ||
        work.body === 'poll' ||
        work.body === 'callback' ||
        isRepeatable(plugin, work.inputs))
    const execution: Execution = {
      work,
      abort: new AbortController(),
      ended: false,
      detachable,
      unsure: work.body === 'resume',
    }
    this.#running.set(key, execution)
    this.#count(work.task.id, 1)
    void this.#run(key, execution)
  }

  /** Reports an attempt whose body was running when the process died and may not run again. */
  lose(work: Work, message: string): void {
    const result: Result = failure('lost', 'LOST', message)
    void this.#report(work.task.id, reportOf(work, result))
  }

  /** Leaves detachable bodies alone, waits for the others at most `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    for (const execution of this.#running.values())
      if (execution.detachable && !execution.ended) execution.abort.abort('detach')
    if (this.#running.size > 0) {
      let timer: ReturnType<typeof setTimeout> | undefined
      await Promise.race([
        new Promise<void>((resolve) => this.#idle.push(resolve)),
        new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs))),
      ])
      clearTimeout(timer)
    }
    for (const execution of this.#running.values()) execution.abort.abort('detach')
  }

  async #run(key: string, execution: Execution): Promise<void> {
    const { work, abort } = execution
    const masker = createMasker()
    const installed = this.#services.plugins.exact(work.plugin)
    let result: Result | null
    let settled: (() => void) | null = null
    if (!installed) {
      result = failure('lost', 'PLUGIN_MISSING', `The plugin ${work.plugin} is not installed here any more`)
    } else {
      const { plugin, info } = installed
      const context = createContext(this.#services, work, abort.signal, masker, () => this.#sure(execution))
      try {
        const opening = openInputs(work.inputs, info, this.#services.openSecret(work))
        const opened = opening instanceof Promise ? await opening : opening
        masker.add(opened.secrets)
        const parsed = parseInputs(plugin, opened.values)
        if (!parsed.ok) {
          // A body that has begun is attached to with what it began with, whatever a newer schema thinks of it.
          result = failure(work.body === 'resume' ? 'lost' : 'error', 'INVALID_INPUT', masker.text(parsed.message))
        } else {
          result = resultOf(plugin, await call(plugin, work, context.ctx, parsed.inputs), masker)
          settled = () =>
            void plugin
              .settled?.(context.ctx, parsed.inputs as never)
              ?.catch((error: unknown) =>
                this.#services.log.warn({ key, error: String(error) }, 'a plugin could not clean up'),
              )
        }
      } catch (error) {
        result = abort.signal.aborted ? null : thrown(error, masker)
        if (result)
          this.#services.log.info(
            {
              key,
              plugin: work.plugin,
              error: masker.text(String(error instanceof Error ? (error.stack ?? error.message) : error)),
            },
            'a plugin threw',
          )
      }
      context.end()
    }
    this.#ended(execution)
    // Aborted for shutdown: no failure, and no news.
    if (abort.signal.reason === 'detach') result = null
    if (result) await this.#report(work.task.id, reportOf(work, result))
    else if (abort.signal.reason !== 'detach') await this.#reportAborted(work, installed?.plugin)
    this.#forget(key)
    if (result && (result.kind === 'done' || result.kind === 'fail')) settled?.()
  }

  /** It ended because it was told to, and has no `cancel` that could confirm what is outside: confirmed only when running twice would do no harm. */
  async #reportAborted(work: Work, plugin: Plugin | undefined): Promise<void> {
    if (plugin?.cancel) return // what it says counts
    await this.#report(work.task.id, cancelledOf(work, plugin !== undefined && isRepeatable(plugin, work.inputs)))
  }

  async #cancel(work: Work): Promise<void> {
    const key = executionKey(work)
    if (this.#cancelling.has(key)) return
    const running = this.#running.get(key)
    const wasRunning = running !== undefined && !running.ended
    running?.abort.abort(new Error('revoked'))
    const plugin = this.#services.plugins.exact(work.plugin)?.plugin
    if (!plugin?.cancel && wasRunning) return // its end is reported when it comes
    this.#cancelling.add(key)
    this.#count(work.task.id, 1)
    let confirmed = false
    try {
      confirmed =
        plugin !== undefined && (plugin.cancel ? await this.#confirm(plugin, work) : isRepeatable(plugin, work.inputs))
    } catch (error) {
      this.#services.log.warn({ key, error: String(error) }, 'a cancel failed')
    }
    this.#count(work.task.id, -1)
    await this.#report(work.task.id, cancelledOf(work, confirmed))
    this.#cancelling.delete(key)
  }
  async #confirm(plugin: Plugin, work: Work): Promise<boolean> {
    const masker = createMasker()
    const context = createContext(this.#services, work, AbortSignal.timeout(CANCEL_PATIENCE_MS), masker, () => {})
    try {
      return (await plugin.cancel!(context.ctx, work.state as Json | null)) === true
    } finally {
      context.end()
    }
  }

  /** A result is work done: it is offered until it is recorded. */
  async #report(taskId: string, command: Command): Promise<void> {
    for (let tries = 0; ; tries++) {
      try {
        await this.#services.report(taskId, command)
        return
      } catch (error) {
        const isOutage = error instanceof EngineError && error.code === 'UNAVAILABLE'
        if (!isOutage)
          return this.#services.log.error(
            {
              taskId,
              command: command.kind,
              error: error instanceof Error ? (error.stack ?? error.message) : String(error),
            },
            'a report was refused',
          )
        if (this.#services.isStopping()) return
        await new Promise((resolve) =>
          setTimeout(resolve, REPORT_RETRY_MS[Math.min(tries, REPORT_RETRY_MS.length - 1)]),
        )
      }
    }
  }

  #sure(execution: Execution): void {
    if (!execution.unsure) return
    execution.unsure = false
    this.#services.onSure(execution.work.task.id)
  }
  #ended(execution: Execution): void {
    execution.ended = true
    this.#count(execution.work.task.id, -1)
  }
  #forget(key: string): void {
    const execution = this.#running.get(key)
    this.#running.delete(key)
    if (execution) {
      this.#sure(execution)
      this.#services.onOver(execution.work.task.id)
    }
    if (this.#running.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }
  #count(taskId: string, by: 1 | -1): void {
    const count = (this.#perTask.get(taskId) ?? 0) + by
    if (count > 0) this.#perTask.set(taskId, count)
    else this.#perTask.delete(taskId)
  }
}

async function call(
  plugin: Plugin,
  work: Work,
  ctx: Parameters<Plugin['execute']>[0],
  inputs: unknown,
): Promise<PluginResult<unknown>> {
  const given = inputs as never // parsed by the plugin's own schema
  const state = work.state as Json
  switch (work.body) {
    case 'execute':
      if (!work.task.rehearsal) return plugin.execute(ctx, given)
      // Nothing leaves in a rehearsal, whether or not the plugin knows how to rehearse.
      return plugin.rehearse ? plugin.rehearse(ctx, given) : { kind: 'done', outputs: {} }
    case 'resume':
      return plugin.resume!(ctx, state, given)
    case 'poll':
      return plugin.poll ? plugin.poll(ctx, state) : missing(plugin, 'poll')
    case 'callback':
      return plugin.callback ? plugin.callback(ctx, work.callback!.payload as Json, state) : missing(plugin, 'callback')
    case 'cancel':
      throw new Error('cancel is not a body')
  }
}
const missing = (plugin: Plugin, body: string): PluginResult<never> => ({
  kind: 'fail',
  code: 'PLUGIN_BROKEN',
  message: `${plugin.code} asked for a ${body} that it does not have`,
})

const addressed = ({ nodeId, attempt, item }: Work) => ({ nodeId, attempt, ...(item !== null && { item }) })
const reportOf = (work: Work, result: Result): Command => ({
  kind: 'result',
  ...addressed(work),
  result,
  ...(work.callback && { callbackId: String(work.callback.id) }),
})
const cancelledOf = (work: Work, confirmed: boolean): Command => ({ kind: 'cancelled', ...addressed(work), confirmed })
