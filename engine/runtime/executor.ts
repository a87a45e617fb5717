import type { Command, Result } from '../core/command.ts'
import type { PluginInfo } from '../core/env.ts'
import { EngineError } from '../core/error.ts'
import type { Values } from '../core/value.ts'
import { notPerformed, type Context, type Json, type Plugin, type Result as PluginResult } from '../plugin/index.ts'
import { isRepeatable } from '../plugin/catalogue.ts'
import { Execution, Executions, type ExecutionRef } from './executions.ts'
import { BodyContext, type ContextServices } from './context.ts'
import { openInputs, parseInputs, type OpenSecret } from './inputs.ts'
import { createMasker, type Masker } from './mask.ts'
import type { PluginRegistry } from './plugin-registry.ts'
import { failure, resultOf, thrown } from './result.ts'
import { executionKey, type Work } from './work.ts'

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

const REPORT_RETRY_MS = [50, 200, 1_000, 5_000]
/** How long a cancelled body without `cancel` may take to end by itself before nobody waits any more (FLOW §2: 30 s). */
const CANCEL_PATIENCE_MS = 30_000

/**
 * Runs what plugins do. Every body gets its inputs with secrets opened, a signal, and a masked log; how it ends is reported to
 * its task as data. Nothing here decides what follows.
 */
export class Executor {
  readonly #services: ExecutorServices
  readonly #executions = new Executions()
  readonly #cancelling = new Set<string>()
  readonly #idle: (() => void)[] = []
  constructor(services: ExecutorServices) {
    this.#services = services
  }

  /** Bodies of a task that have not returned. */
  running(taskId: string): number {
    return this.#executions.running(taskId)
  }
  get size(): number {
    return this.#executions.size
  }
  /** Whether somebody is on it already: running, or its result is being recorded. */
  has(ref: ExecutionRef): boolean {
    return this.#executions.get(ref) !== undefined
  }
  /** A deadline is not judged before a resumed attempt has told how things stand. */
  isUnsure(ref: ExecutionRef): boolean {
    return this.#executions.get(ref)?.unsure === true
  }
  /** The task has left memory. */
  left(taskId: string): void {
    this.#executions.left(taskId)
  }

  start(work: Work): void {
    if (work.body === 'cancel') return void this.#cancel(work)
    if (this.has(work)) return
    const execution = new Execution(work, this.#services.onSure)
    this.#executions.add(execution)
    void this.#run(execution)
  }

  /** Reports an attempt whose body was running when the process died and may not run again. */
  lose(work: Work, message: string): void {
    const result: Result = failure('lost', 'LOST', message)
    void this.#report(work.task.id, reportOf(work, result))
  }

  /** Leaves detachable bodies alone, waits for the others at most `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    for (const execution of this.#executions.all())
      if (!execution.ended && this.#isDetachable(execution.work)) execution.abort('detach')
    if (this.#executions.size > 0) {
      let timer: ReturnType<typeof setTimeout> | undefined
      await Promise.race([
        new Promise<void>((resolve) => this.#idle.push(resolve)),
        new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs))),
      ])
      clearTimeout(timer)
    }
    for (const execution of this.#executions.all()) execution.abort('detach')
  }

  /** One function for the whole way: each more would cost every step a promise and what it stands on. */
  async #run(execution: Execution): Promise<void> {
    const { work } = execution
    const installed = this.#services.plugins.exact(work.plugin)
    if (!installed) {
      this.#executions.end(execution)
      const missing = `The plugin ${work.plugin} is not installed here any more`
      await this.#report(work.task.id, reportOf(work, failure('lost', 'PLUGIN_MISSING', missing)))
      return this.#forget(execution)
    }
    const { plugin, info } = installed
    const masker = createMasker()
    const ctx = new BodyContext(this.#services, work, execution, masker)
    /** Null: it was told to end, and threw, or left its work to the next process. */
    let result: Result | null
    let inputs: unknown
    try {
      const values = info.secret.length === 0 ? work.inputs : await this.#open(work, info, ctx, masker)
      const parsed = parseInputs(plugin, values)
      if (parsed.ok) {
        inputs = parsed.inputs
        const came = resultOf(plugin, await call(plugin, work, ctx, inputs), masker)
        // A shutdown is no failure: what it was told to leave is attached to again, or repeated.
        result = execution.isDetached && came.kind !== 'done' ? null : came
      } // A body that has begun may still be running, whatever keeps us from attaching to it.
      else result = failure(work.body === 'resume' ? 'lost' : 'error', 'INVALID_INPUT', masker.text(parsed.message))
    } catch (error) {
      result = execution.isAborted ? null : this.#thrown(work, error, masker)
    }
    BodyContext.end(ctx)
    this.#executions.end(execution)
    let isRecorded = false
    if (result) {
      const command = reportOf(work, result)
      try {
        await this.#services.report(work.task.id, command)
        isRecorded = true
      } catch (error) {
        isRecorded = await this.#recordAgain(work, command, error)
      }
    } else if (!execution.isDetached) await this.#reportAborted(work, plugin)
    this.#forget(execution)
    if (plugin.settled && isRecorded && (result?.kind === 'done' || result?.kind === 'fail') && !work.task.rehearsal)
      await this.#settle(work, plugin, ctx, inputs)
  }

  /** Puts what it may know of secrets into its inputs and its context. */
  async #open(work: Work, info: PluginInfo, ctx: BodyContext, masker: Masker): Promise<Values> {
    const { values, secrets } = await openInputs(work.inputs, info, this.#services.openSecret(work))
    masker.add(secrets)
    for (const name of info.secret) if (values[name] !== undefined) ctx.secrets[name] = values[name] as Json
    return values
  }

  #thrown(work: Work, error: unknown, masker: Masker): Result {
    const text = masker.text(String(error instanceof Error ? (error.stack ?? error.message) : error))
    this.#services.log.info({ execution: executionKey(work), plugin: work.plugin, error: text }, 'a plugin threw')
    const failed = thrown(error, masker)
    return work.body === 'resume' ? { ...failed, cause: 'lost' } : failed
  }

  /** The result is on disk: the plugin removes what it kept for it outside. */
  async #settle(work: Work, plugin: Plugin, ctx: Context, inputs: unknown): Promise<void> {
    try {
      await plugin.settled!(ctx, inputs as never) // parsed by the plugin's own schema
    } catch (error) {
      this.#services.log.warn({ execution: executionKey(work), error: String(error) }, 'a plugin could not clean up')
    }
  }

  /** A result that the task cannot take in (a mistake of ours) must not leave it waiting for ever. */
  async #recordAgain(work: Work, command: Command, error: unknown): Promise<boolean> {
    if (await this.#reportAgain(work.task.id, command, error)) return true
    if (this.#services.isStopping()) return false
    const untold = 'Baton could not take in how this ended; its log says what went wrong'
    return this.#report(work.task.id, reportOf(work, failure('error', 'NOT_TAKEN_IN', untold)))
  }

  /** It ended because it was told to, and has no `cancel` that could confirm what is outside: confirmed only when running twice would do no harm. */
  async #reportAborted(work: Work, plugin: Plugin | undefined): Promise<void> {
    if (plugin?.cancel) return // what it says counts
    await this.#report(work.task.id, cancelledOf(work, plugin !== undefined && isRepeatable(plugin, work.inputs)))
  }

  async #cancel(work: Work): Promise<void> {
    const key = executionKey(work)
    if (this.#cancelling.has(key)) return
    const running = this.#executions.get(work)
    const wasRunning = running !== undefined && !running.ended
    running?.abort(new Error('revoked'))
    const plugin = this.#services.plugins.exact(work.plugin)?.plugin
    if (!plugin?.cancel && wasRunning) return // its end is reported when it comes
    this.#cancelling.add(key)
    const release = this.#executions.hold(work.task.id)
    let confirmed = false
    try {
      // A rehearsal has begun nothing outside.
      if (work.task.rehearsal) confirmed = true
      else if (plugin) confirmed = plugin.cancel ? await this.#confirm(plugin, work) : isRepeatable(plugin, work.inputs)
    } catch (error) {
      this.#services.log.warn({ execution: key, error: String(error) }, 'a cancel failed')
    }
    release()
    await this.#report(work.task.id, cancelledOf(work, confirmed))
    this.#cancelling.delete(key)
  }
  async #confirm(plugin: Plugin, work: Work): Promise<boolean> {
    const masker = createMasker()
    const ending = { signal: AbortSignal.timeout(CANCEL_PATIENCE_MS), sure() {} }
    const ctx = new BodyContext(this.#services, work, ending, masker)
    const { info } = this.#services.plugins.exact(work.plugin)!
    try {
      await this.#open(work, info, ctx, masker)
      return (await plugin.cancel!(ctx, work.state as Json | null)) === true
    } finally {
      BodyContext.end(ctx)
    }
  }

  /** Offered until it is on disk. False: refused, or the engine stopped first. */
  async #report(taskId: string, command: Command): Promise<boolean> {
    try {
      await this.#services.report(taskId, command)
      return true
    } catch (error) {
      return this.#reportAgain(taskId, command, error)
    }
  }
  async #reportAgain(taskId: string, command: Command, refusal: unknown): Promise<boolean> {
    let error = refusal
    for (let tries = 0; ; tries++) {
      if (!(error instanceof EngineError) || error.code !== 'UNAVAILABLE') {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
        this.#services.log.error({ taskId, command: command.kind, error: text }, 'a report was refused')
        return false
      }
      if (this.#services.isStopping()) return false
      await new Promise((resolve) => setTimeout(resolve, REPORT_RETRY_MS[Math.min(tries, REPORT_RETRY_MS.length - 1)]))
      try {
        await this.#services.report(taskId, command)
        return true
      } catch (again) {
        error = again
      }
    }
  }

  /** May be left alone at shutdown: it is attached to again, or repeated. */
  #isDetachable(work: Work): boolean {
    const plugin = this.#services.plugins.exact(work.plugin)?.plugin
    return (
      plugin !== undefined &&
      (plugin.resume !== undefined ||
        work.body === 'poll' ||
        work.body === 'callback' ||
        isRepeatable(plugin, work.inputs))
    )
  }
  #forget(execution: Execution): void {
    this.#executions.remove(execution)
    execution.sure()
    this.#services.onOver(execution.work.task.id)
    if (this.#executions.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }
}

/** Not async: what a plugin returns is awaited once. */
function call(
  plugin: Plugin,
  work: Work,
  ctx: Parameters<Plugin['execute']>[0],
  inputs: unknown,
): Promise<PluginResult<unknown>> | PluginResult<unknown> {
  const given = inputs as never // parsed by the plugin's own schema
  const state = work.state as Json
  switch (work.body) {
    case 'execute':
      if (!work.task.rehearsal) return plugin.execute(ctx, given)
      return plugin.rehearse ? plugin.rehearse(ctx, given) : notPerformed()
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
function reportOf(work: Work, result: Result): Command {
  const { nodeId, attempt, item, callback } = work
  if (item === null && callback === null) return { kind: 'result', nodeId, attempt, result } // nearly all of them
  return {
    kind: 'result',
    ...addressed(work),
    result,
    ...(callback && { callbackId: String(callback.id) }),
  }
}
const cancelledOf = (work: Work, confirmed: boolean): Command => ({ kind: 'cancelled', ...addressed(work), confirmed })
