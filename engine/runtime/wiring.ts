import type { Command, LaunchFacts } from '../core/command.ts'
import { slotOfLaunch } from '../core/decide/launch.ts'
import type { Recorded } from '../core/events.ts'
import { authorize } from '../core/rights.ts'
import { sqlCatalogueStore } from '../store/catalogue-store.ts'
import { recordedOf, Retention, sqlArchive, sqlHeads } from '../store/history/index.ts'
import { portTo, type LetterPort } from '../store/message-port.ts'
import type { Routed } from '../store/routing.ts'
import { keysOf, unseal } from '../store/seal.ts'
import { sqlTaskStore } from '../store/sql-task-store.ts'
import { Admission } from './admission.ts'
import { callbackToken, hashOfToken } from './callback-token.ts'
import { prepareChild } from './children.ts'
import { userOf } from './context.ts'
import { creation } from './creation.ts'
import { decideEnv } from './decide-env.ts'
import { Dispatch } from './dispatch.ts'
import type { EngineOptions } from './engine.ts'
import { createEvaluator } from './evaluate.ts'
import { Executor, type ExecutorServices } from './executor.ts'
import { FlowCache } from './flow-cache.ts'
import { timedId } from './ids.ts'
import { Launcher, secretContext } from './launcher.ts'
import { Letters } from './letters.ts'
import { Listeners } from './listeners.ts'
import type { Committed, LiveTask, TaskHost } from './live-task.ts'
import { Logs } from './logs.ts'
import { OptionSources } from './options.ts'
import { createRegistry } from './plugin-registry.ts'
import { Relay } from './relay.ts'
import { Restored } from './restored.ts'
import { Tasks } from './tasks.ts'
import { Timers } from './timers.ts'
import { workOf } from './work.ts'

const SILENT = { info() {}, warn() {}, error() {} }

export type Foundations = ReturnType<typeof foundationsOf>
export type Parts = ReturnType<typeof wire>

/** What everything else stands on, and what knows of nothing above it. */
function foundationsOf(options: EngineOptions) {
  const { db } = options
  const now = options.now ?? Date.now
  const log = options.log ?? SILENT
  const keys = keysOf(options.key)
  const heads = sqlHeads(db, keys.audit)
  const catalogue = options.catalogue ?? sqlCatalogueStore(db, heads)
  // On the same database, with nothing in between, it takes what a task says in the commit that it tells of (docs/adr/0017).
  const handsOn = catalogue.applyInCommit !== undefined && !options.carry
  const store = sqlTaskStore(
    db,
    handsOn ? (tx, messages) => catalogue.applyInCommit!(tx, messages, options.onMessage) : null,
  )
  const plugins = createRegistry(options.plugins)
  const listeners = new Listeners(log)
  return {
    options,
    now,
    newId: options.newId ?? (() => timedId(now())),
    log,
    keys,
    heads,
    catalogue,
    handsOn,
    store,
    archive: sqlArchive(db),
    plugins,
    flows: new FlowCache(options.loadFlow),
    listeners,
    env: decideEnv(options, keys, plugins),
    logs: new Logs({ store, now, log, onLine: (at, line) => listeners.line(at, line) }),
    life: { phase: 'new' as 'new' | 'running' | 'stopping' },
  }
}

/**
 * How the parts of the engine know each other. Each gets what it asks for by name; where two need one another, the one that is made
 * first gets a function that looks the other up when it is called.
 */
export function wire(options: EngineOptions) {
  const base = foundationsOf(options)
  const { now, log, keys, catalogue, store, archive, plugins, flows, env, life } = base
  const resend = options.resendMs && { retryMs: options.resendMs }

  const report = (taskId: string, command: Command): Promise<unknown> =>
    tasks.post(taskId, { kind: 'command', command, viewer: null })
  const executor = new Executor({
    ...bodyServicesOf(base),
    report,
    notify: (taskId, notice) => tasks.post(taskId, { kind: 'notice', notice }),
    onSure: () => timers.look(),
    onOver(taskId) {
      const task = tasks.inMemory(taskId)
      if (task?.mayHaveCallbacks) dispatch.callbacks(task)
    },
  })

  const host: TaskHost = {
    store,
    env,
    authorize,
    mayHandOn: (taskId) => base.handsOn && !relay.isSending(taskId),
    isBeingListed: (taskId) => base.handsOn && relay.isListing(taskId),
    // While shutting down nothing leaves memory: what is owed and not begun does not count as running, and must be taken up again.
    running: (taskId) => (life.phase === 'stopping' ? 1 : executor.running(taskId)),
    addresses: addressesOf(base),
    committed(task, step) {
      try {
        afterCommit(task, step)
      } catch (error) {
        log.error({ task: task.id, error: traceOf(error) }, 'what follows a commit failed')
      }
    },
    gone(task) {
      tasks.gone(task)
      executor.left(task.id)
    },
  }
  function afterCommit(task: LiveTask, { entries, jobs, messages, left, nextDueAt }: Committed): void {
    if (nextDueAt !== null) timers.note(nextDueAt)
    try {
      for (const job of jobs) dispatch.start(task.state, job)
    } finally {
      for (const message of messages) relay.push(message)
      if (left) lookAfter(left)
    }
    if (entries.length > 0) {
      options.onChange?.(task.state)
      base.listeners.changed(task)
    }
    if (task.mayHaveCallbacks) dispatch.callbacks(task)
  }
  const lookAfter = (left: Routed): void => {
    if (life.phase === 'stopping') return // it is in the file, and found at the next start
    if (left.letters.length > 0) letters.push(left.letters)
    if (left.launches) void launcher.launchChildren()
  }

  const restored = new Restored({ db: options.db, store, tasks: () => tasks, catchUp: () => relay.start(), log })
  const dispatch = new Dispatch({ store, plugins, executor, restored, log })
  const archived = (id: string): readonly Recorded[] | null =>
    archive.find({ id }) === null ? null : archive.entries(id).map(recordedOf)
  const admission = new Admission(() => store.uncommitted())
  const recover = (task: LiveTask, wasAwake: boolean): void => {
    // The process that launched it may have ended before lists had it (docs/adr/0017).
    if (wasAwake && !options.catalogue && !store.isListed(task.id))
      task.post({ kind: 'notice', notice: { kind: 'changed' } }).catch(() => {}) // it is awake still, for the next waking
    dispatch.recover(task)
  }
  const tasks = new Tasks({ store, host, flows, archived, admission, recover })

  const port = portTo(catalogue, options.onMessage, lookAfter)
  const onListed = (taskId: string): void => {
    const task = tasks.inMemory(taskId)
    if (!task) return
    // Who looks at lists when a task changes did not find it there yet.
    if (task.isSettled) options.onChange?.(task.state)
    // It has stayed only for this.
    if (executor.running(taskId) === 0) task.post({ kind: 'wake' }).catch(() => {})
  }
  const relay = new Relay({ store, port: options.carry?.(port) ?? port, onListed, log, ...resend })
  const hand: LetterPort['hand'] = async (taskId, letter) => {
    await report(taskId, { kind: 'letter', ...letter })
  }
  const letters = new Letters({
    box: catalogue.letters,
    port: options.carryLetters?.({ hand }) ?? { hand },
    isAwaited: (taskId) => catalogue.pending().some((pending) => pending.taskId === taskId),
    log,
    ...resend,
  })
  const timers = new Timers({
    store,
    now,
    log,
    areRungOutside: options.timersOutside === true,
    async fire(taskId, timerId) {
      if (await isUnsure(tasks, executor, taskId, timerId)) return false
      await report(taskId, { kind: 'timer', timerId })
      return true
    },
  })

  // Elsewhere lists may lag.
  const told = async (taskId: string): Promise<void> => (base.handsOn ? relay.told(taskId) : undefined)
  const create = creation({ flows, tasks, catalogue, env, otherTask: options.otherTask, told })
  const children = {
    currentVersion: options.currentVersion ?? (async () => null),
    loadFlow: (project: string, ref: { name: string; version: number }) => flows.load(project, ref),
    directory: options.directory,
    keys,
  }
  const launcher = new Launcher({
    store,
    catalogue,
    keys,
    now,
    newId: base.newId,
    create,
    look: (taskId) => tasks.view(taskId),
    place(facts: LaunchFacts, ref) {
      const flow = flows.known(facts.project, ref)
      if (flow) return slotOfLaunch(flow, facts, env())
      return flows.load(facts.project, ref).then((loaded) => slotOfLaunch(loaded, facts, env()))
    },
    prepare: (wanted) => prepareChild(children, wanted),
    ...(options.frozen && { frozen: options.frozen }),
    onLetters: (of) => letters.push(of),
    log,
  })

  const history = { db: options.db, store, heads: base.heads, archive, keys, now }
  const retention = new Retention({ ...history, log, isLive: (id) => tasks.inMemory(id) !== undefined })
  return {
    ...base,
    history,
    report,
    executor,
    dispatch,
    restored,
    admission,
    tasks,
    relay,
    hand,
    letters,
    timers,
    create,
    launcher,
    retention,
    optionSources: new OptionSources({
      plugins,
      allowAddresses: options.allowAddresses ?? [],
      fetch: options.fetch,
      now,
      log,
      constants: (project) => options.directory.constants(project),
      openSecret: options.openSecret,
      evaluate: createEvaluator(),
    }),
  }
}

/** What bodies are given of the world. */
function bodyServicesOf({
  options,
  plugins,
  keys,
  store,
  logs,
  listeners,
  life,
  now,
  log,
}: Foundations): Omit<ExecutorServices, 'report' | 'notify' | 'onSure' | 'onOver'> {
  return {
    plugins,
    baseUrl: options.baseUrl,
    allowAddresses: options.allowAddresses ?? [],
    fetch: options.fetch,
    now,
    log,
    acquireLog: (task, node, attempt) => logs.acquire(task, node, attempt),
    clearLog: (task, node, attempt, item) => logs.clear(task, node, attempt, item),
    releaseLog: (task, node, attempt) => logs.release(task, node, attempt),
    progress: (task, node, text) => listeners.progress(task, node, text),
    token: (address) => callbackToken(keys, address),
    loadHost: options.loadHost,
    hostKeySeen: options.hostKeySeen,
    reachable: options.reachable,
    evaluate: createEvaluator(),
    files: options.files ?? null,
    openSecret: (work) => (ref) => {
      if (!ref.startsWith('task:')) return options.openSecret(work.task.project, ref, userOf(work.task))
      const variable = ref.slice('task:'.length)
      const sealed = store.secrets(work.task.id)[variable]
      if (sealed === undefined)
        throw new Error(`expected a value for the secret variable ${variable}, but none was given`)
      return unseal(keys, secretContext(work.task.id, variable), sealed)
    },
    isStopping: () => life.phase === 'stopping',
  }
}

/** A body that can be called back gets its address with its start. */
const addressesOf =
  ({ plugins, keys }: Foundations): TaskHost['addresses'] =>
  (state, job) => {
    if (job.kind !== 'execute') return []
    const work = workOf(state, job, 'execute')
    if (!work || !plugins.exact(work.plugin)?.plugin.callback) return []
    const address = { task: state.id, node: job.nodeId, attempt: job.attempt, item: job.item ?? null }
    return [{ ...address, hash: hashOfToken(callbackToken(keys, address)) }]
  }

/** A deadline is not judged before a resumed attempt has told how things stand. */
async function isUnsure(tasks: Tasks, executor: Executor, taskId: string, timerId: string): Promise<boolean> {
  const timer = (await tasks.get(taskId))?.state.timers.get(timerId)
  if (timer?.kind !== 'timeout' || timer.nodeId === null || timer.attempt === null) return false
  const { nodeId, attempt, item = null } = timer
  return executor.isUnsure({ task: { id: taskId }, nodeId, attempt, item })
}

const traceOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error))
