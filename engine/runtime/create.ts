import { randomUUID } from 'node:crypto'
import { itemKey } from '../core/apply.ts'
import type { Command, Job, LaunchFacts } from '../core/command.ts'
import { record } from '../core/decide/decide.ts'
import { decideLaunch, slotOfLaunch } from '../core/decide/launch.ts'
import { EngineError } from '../core/error.ts'
import type { Recorded } from '../core/events.ts'
import type { Flow } from '../core/flow.ts'
import { continuedFrom } from '../core/keep.ts'
import { jobsAtRecovery } from '../core/jobs.ts'
import { authorize } from '../core/rights.ts'
import type { TaskState } from '../core/state.ts'
import { depthOf, MAX_DEPTH, TOO_DEEP, type Value } from '../core/value.ts'
import { sqlCatalogueStore } from '../store/catalogue-store.ts'
import { portTo, type LetterPort } from '../store/message-port.ts'
import {
  exportLines,
  headOf,
  headText,
  publicKeyOf,
  recordedOf,
  Retention,
  signText,
  sqlArchive,
  sqlHeads,
  verifyTask,
  type Swept,
} from '../store/history/index.ts'
import { keysOf, unseal } from '../store/seal.ts'
import type { Routed } from '../store/routing.ts'
import { sqlTaskStore } from '../store/sql-task-store.ts'
import { callbackToken, hashOfToken, isOurs } from './callback-token.ts'
import { prepareChild, type ChildServices } from './children.ts'
import { userOf } from './context.ts'
import { decideEnv } from './decide-env.ts'
import type { EngineOptions, TaskEngine, TaskView } from './engine.ts'
import { createEvaluator } from './evaluate.ts'
import { OptionSources } from './options.ts'
import { Executor, executionKey, type Work } from './executor.ts'
import { FlowCache } from './flow-cache.ts'
import { attemptOf } from './history.ts'
import { timedId } from './ids.ts'
import { Launcher, sealAll, secretContext } from './launcher.ts'
import { Letters } from './letters.ts'
import type { Committed, LiveTask, TaskHost } from './live-task.ts'
import { Listeners } from './listeners.ts'
import { Logs } from './logs.ts'
import { createRegistry, type PluginRegistry } from './plugin-registry.ts'
import { Relay } from './relay.ts'
import { Restored } from './restored.ts'
import { Tasks } from './tasks.ts'
import { Timers } from './timers.ts'

const SILENT = { info() {}, warn() {}, error() {} }
const GRACE_MS = 25_000
const SWEEP_MS = 60_000
/** How long plugins may take to close what they hold. */
const DISPOSE_MS = 5_000

/**
 * The engine on one database: tasks in memory while something moves them, everything they do committed before it shows.
 * Main path: `launch` or `command` → `LiveTask` (decide, commit) → `Executor` (bodies) → a report to the same task.
 */
export function createEngine(options: EngineOptions): TaskEngine {
  const { db, directory, baseUrl } = options
  const now = options.now ?? Date.now
  const newId = options.newId ?? (() => timedId(now()))
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
  const archive = sqlArchive(db)
  const kept = { db, store, heads, archive, keys, now }
  const plugins = createRegistry(options.plugins)
  const flows = new FlowCache(options.loadFlow)
  const listeners = new Listeners(log)
  let phase: 'new' | 'running' | 'stopping' = 'new'
  /** On disk as started, and not begun, because the engine was shutting down. */
  const unbegun = new Set<string>()
  const noted: Promise<unknown>[] = []
  let sweeper: ReturnType<typeof setInterval> | null = null

  const env = decideEnv(options, keys, plugins)

  const logs = new Logs({ store, now, log, onLine: (at, line) => listeners.line(at, line) })
  const report = (taskId: string, command: Command): Promise<unknown> =>
    tasks.post(taskId, { kind: 'command', command, viewer: null })

  const executor = new Executor({
    plugins,
    baseUrl,
    allowAddresses: options.allowAddresses ?? [],
    fetch: options.fetch,
    now,
    log,
    acquireLog: (task, node, attempt) => logs.acquire(task, node, attempt),
    clearLog: (task, node, attempt, item) => logs.clear(task, node, attempt, item),
    releaseLog: (task, node, attempt) => logs.release(task, node, attempt),
    progress: (task, node, text) => listeners.progress(task, node, text),
    report,
    notify: (taskId, notice) => tasks.post(taskId, { kind: 'notice', notice }),
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
    isStopping: () => phase === 'stopping',
    onSure: () => timers.look(),
    onOver(taskId) {
      const task = tasks.inMemory(taskId)
      if (task?.mayHaveCallbacks) handleCallbacks(task)
    },
  })

  const optionSources = new OptionSources({
    plugins,
    allowAddresses: options.allowAddresses ?? [],
    fetch: options.fetch,
    now,
    log,
    constants: (project) => options.directory.constants(project),
    openSecret: options.openSecret,
    evaluate: createEvaluator(),
  })

  const host: TaskHost = {
    store,
    env,
    authorize,
    mayHandOn: (taskId) => handsOn && !relay.has(taskId),
    // While shutting down nothing leaves memory: what is owed and not begun does not count as running, and must be taken up again.
    running: (taskId) => (phase === 'stopping' ? 1 : executor.running(taskId)),
    addresses(state, job) {
      if (job.kind !== 'execute') return []
      const work = workOf(state, job, 'execute')
      if (!work || !plugins.exact(work.plugin)?.plugin.callback) return []
      const address = { task: state.id, node: job.nodeId, attempt: job.attempt, item: job.item ?? null }
      return [{ ...address, hash: hashOfToken(callbackToken(keys, address)) }]
    },
    committed(task, step) {
      try {
        afterCommit(task, step)
      } catch (error) {
        log.error(
          { task: task.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
          'what follows a commit failed',
        )
      }
    },
    gone: (task) => tasks.gone(task),
  }

  function afterCommit(task: LiveTask, { entries, jobs, messages, left, nextDueAt }: Committed): void {
    if (nextDueAt !== null) timers.note(nextDueAt)
    for (const message of messages) relay.push(message)
    if (left) lookAfter(left)
    for (const job of jobs) startJob(task.state, job)
    if (entries.length > 0) {
      options.onChange?.(task.state)
      listeners.changed(task)
    }
    if (task.mayHaveCallbacks) handleCallbacks(task)
  }
  function startJob(state: TaskState, job: Job): void {
    const work = workOf(state, job, job.kind)
    if (!work) return
    if (phase !== 'stopping') executor.start(work)
    else if (job.kind === 'execute') noteUnbegun([executionKey(work)])
  }

  /** At once: whoever shuts us down may lose patience before the last body has ended. */
  function noteUnbegun(keys: readonly string[]): void {
    for (const key of keys) unbegun.add(key)
    noted.push(
      store
        .noteUnbegun(keys)
        .catch((error: unknown) =>
          log.error({ executions: keys, error: String(error) }, 'steps not begun were not noted'),
        ),
    )
  }

  /** A task was read from the file: what had been running when the last process ended is taken up again (FLOW §2, Crash). */
  function recover(task: LiveTask): void {
    if (phase === 'stopping') return
    if (restored.isUnsure) restored.first(task)
    for (const job of jobsAtRecovery(task.state)) {
      const work = workOf(task.state, job, job.kind)
      if (!work || executor.has(executionKey(work))) continue
      if (job.kind !== 'execute' || unbegun.delete(executionKey(work))) executor.start(work)
      else if (!isBeingCancelled(task.state, job)) takeUp(work)
    }
    if (task.mayHaveCallbacks) handleCallbacks(task)
  }
  function takeUp(work: Work): void {
    const plugin = plugins.exact(work.plugin)
    if (plugin?.plugin.resume && !work.task.rehearsal && !restored.isUnsure) executor.start({ ...work, body: 'resume' })
    else if (plugin?.info.repeatable?.(work.inputs) || (plugin && work.task.rehearsal)) executor.start(work)
    else if (restored.isUnsure) executor.lose(work, restored.why)
    else executor.lose(work, 'Baton was restarted while this ran. Nobody can tell whether it ended')
  }

  /** One callback at a time per attempt; those of an attempt that is over are kept as late. */
  function handleCallbacks(task: LiveTask): void {
    if (!task.isSettled) return // looked at again once that is on disk
    const waiting = store.unhandled(task.id)
    const late: number[] = []
    const seen = new Set<string>()
    for (const callback of waiting) {
      const { node, attempt, item } = callback
      const job: Job = { kind: 'poll', nodeId: node, attempt, ...(item !== null && { item }) }
      const work = workOf(task.state, job, 'callback')
      if (!work) {
        late.push(callback.id)
        continue
      }
      const key = executionKey(work)
      if (seen.has(key) || executor.has(key) || !waitsForCallback(task.state, job)) continue
      seen.add(key)
      executor.start({ ...work, callback: { id: callback.id, payload: JSON.parse(callback.payload) as Value } })
    }
    task.mayHaveCallbacks = waiting.length > late.length
    if (waiting.length === 0) void task.post({ kind: 'wake' }).catch(() => {}) // nothing keeps it in memory
    if (late.length > 0)
      task
        .post({ kind: 'late_callbacks', ids: late })
        .catch((error: unknown) =>
          log.error({ task: task.id, error: String(error) }, 'late callbacks could not be marked'),
        )
  }

  const archived = (id: string): readonly Recorded[] | null =>
    archive.find({ id }) === null ? null : archive.entries(id).map(recordedOf)
  const retention = new Retention({ ...kept, log, isLive: (id) => tasks.inMemory(id) !== undefined })
  let sweeping: Promise<Swept> | null = null
  const tidy = (): Promise<Swept> => (sweeping ??= retention.sweep().finally(() => (sweeping = null)))
  const sweep = (): void => {
    void launcher.sweep()
    tidy().catch((error: unknown) => log.error({ error: String(error) }, 'what ended long ago could not be put away'))
  }
  const restored = new Restored({ db, store, tasks: () => tasks, catchUp: () => relay.start(), log })
  const tasks = new Tasks({ store, host, flows, archived, recover })
  const lookAfter = (left: Routed): void => {
    if (phase === 'stopping') return // it is in the file, and found at the next start
    if (left.letters.length > 0) letters.push(left.letters)
    if (left.launches) void launcher.launchChildren()
  }
  const port = portTo(catalogue, options.onMessage, lookAfter)
  const relay = new Relay({
    store,
    port: options.carry?.(port) ?? port,
    log,
    ...(options.resendMs && { retryMs: options.resendMs }),
  })
  const hand: LetterPort['hand'] = async (taskId, letter) => {
    await tasks.post(taskId, { kind: 'command', command: { kind: 'letter', ...letter }, viewer: null })
  }
  const letters = new Letters({
    box: catalogue.letters,
    port: options.carryLetters?.({ hand }) ?? { hand },
    isAwaited: (taskId) => catalogue.pending().some((pending) => pending.taskId === taskId),
    ...(options.resendMs && { retryMs: options.resendMs }),
    log,
  })
  const childServices: ChildServices = {
    currentVersion: options.currentVersion ?? (async () => null),
    loadFlow: (project, ref) => flows.load(project, ref),
    directory,
    keys,
  }
  const timers = new Timers({
    store,
    now,
    log,
    areRungOutside: options.timersOutside === true,
    async fire(taskId, timerId) {
      const task = await tasks.get(taskId)
      const timer = task?.state.timers.get(timerId)
      if (task && timer?.kind === 'timeout' && timer.nodeId !== null && timer.attempt !== null) {
        const key = executionKey({
          task: { id: taskId } as Work['task'],
          nodeId: timer.nodeId,
          attempt: timer.attempt,
          item: timer.item ?? null,
        })
        if (executor.isUnsure(key)) return false
      }
      await report(taskId, { kind: 'timer', timerId })
      return true
    },
  })

  async function create(
    facts: LaunchFacts,
    ref: { name: string; version: number },
    secrets: { readonly [variable: string]: string },
  ): Promise<TaskView> {
    const flow = flows.known(facts.project, ref) ?? (await flows.load(facts.project, ref))
    const moment = env()
    const { state, events } = decideLaunch(flow, await withContinued(flow, facts), moment)
    const entry = record({ version: 0 } as TaskState, events, facts.by, moment.now)! // a launch is an event
    const creating = tasks.create(flow, state, entry, secrets)
    catalogue.creating?.(facts.id) // on its way already, so it shares the commit of a reservation that still waits for one
    return creating
  }
  /** What the task before gave is looked up when this one creates itself: that one has ended, so it is the same whenever that is. */
  async function withContinued(
    flow: Flow,
    facts: LaunchFacts & { readonly continueFrom?: string },
  ): Promise<LaunchFacts> {
    if (facts.continueFrom === undefined) return facts
    const before =
      (await tasks.view(facts.continueFrom))?.state ?? (await options.otherTask?.(facts.continueFrom)) ?? null
    if (!before) throw new EngineError('NOT_FOUND', { message: 'the task to go on from is not there' })
    return { ...facts, continues: continuedFrom(flow, before, facts) }
  }
  const launcher = new Launcher({
    store,
    catalogue,
    keys,
    now,
    newId,
    create,
    look: (taskId) => tasks.view(taskId),
    place(facts, ref) {
      const flow = flows.known(facts.project, ref)
      if (flow) return slotOfLaunch(flow, facts, env())
      return flows.load(facts.project, ref).then((loaded) => slotOfLaunch(loaded, facts, env()))
    },
    prepare: (wanted) => prepareChild(childServices, wanted),
    ...(options.frozen && { frozen: options.frozen }),
    onLetters: (of) => letters.push(of),
    log,
  })

  const checkOpen = (): void => {
    if (phase === 'stopping')
      throw new EngineError('UNAVAILABLE', { message: 'Baton is shutting down, try again in a moment' })
  }

  return {
    plugins,
    async start() {
      phase = 'running'
      await restored.hold()
      for (const key of await store.takeUnbegun()) unbegun.add(key)
      for (const taskId of new Set([...store.awake(), ...store.tasksWithUnhandled()])) {
        tasks
          .post(taskId, { kind: 'wake' })
          .catch((error: unknown) =>
            log.error({ task: taskId, error: String(error) }, 'a task could not be taken up again'),
          )
      }
      timers.start()
      void relay.start().catch((error: unknown) => log.error({ error: String(error) }, 'messages could not be read'))
      if (options.catalogue) return // whoever launches sweeps
      letters.start()
      void launcher.sweep()
      sweeper = setInterval(sweep, SWEEP_MS)
      sweeper.unref()
    },
    async create({ facts, flow, secrets }) {
      checkOpen()
      return (await tasks.view(facts.id)) ?? create(facts, flow, secrets)
    },
    hear: hand,
    due: () => timers.look(),
    async stop(graceMs = GRACE_MS) {
      phase = 'stopping'
      if (sweeper) clearInterval(sweeper)
      letters.stop()
      timers.stop()
      if (unbegun.size > 0) noteUnbegun([...unbegun]) // of the last shutdown, not taken up yet
      await executor.drain(graceMs)
      await logs.flush()
      // Whatever is being committed is on disk then, and has noted what follows from it.
      await store
        .noteUnbegun([])
        .catch((error: unknown) => log.error({ error: String(error) }, 'the last steps could not be recorded'))
      await Promise.all(noted)
      await sweeping?.catch(() => undefined)
      await relay.idle()
      relay.stop()
      await letters.idle()
      await disposeAll(plugins.all)
    },
    async launch(request) {
      checkOpen()
      return launcher.launch(request)
    },
    async command(taskId, command, viewer, secrets = {}) {
      checkOpen()
      const sealed = sealAll(keys, taskId, secrets)
      return (await tasks.post(taskId, { kind: 'command', command, viewer, sealed }))! // a viewer wants the view
    },
    async peopleChanged(taskId, became) {
      checkOpen()
      await report(taskId, { kind: 'people_changed', ...(became && { became }) })
    },
    async notify(taskId, notice) {
      checkOpen()
      await tasks.post(taskId, { kind: 'notice', notice })
    },
    task: (id) => tasks.view(id),
    async ask(id) {
      const view = await tasks.view(id.slice(0, Math.max(0, id.lastIndexOf('-'))))
      return view?.state.asks.has(id) ? { ...view, askId: id } : null
    },
    taskIdOf: (ref) =>
      (ref.number !== undefined ? tasks.idOfNumber(ref.number) : null) ??
      catalogue.taskIdOf(ref) ??
      (ref.number !== undefined ? (archive.find({ number: ref.number })?.id ?? null) : null),
    history: async (taskId, after = 0, limit = 1_000) => store.history(taskId, after, limit),
    attempt: async (taskId, nodeId, attempt) => attemptOf(store, taskId, nodeId, attempt),
    async logLines(taskId, nodeId, attempt, request) {
      return logs.read(taskId, nodeId, attempt, request)
    },
    onTask: (taskId, listener) => listeners.onTask(taskId, listener),
    onLog: (taskId, nodeId, attempt, listener) => listeners.onLog(taskId, nodeId, attempt, listener),
    progressOf: (taskId, nodeId) => listeners.progressOf(taskId, nodeId),
    callbackUrl: (address) => `${baseUrl}/callback/${callbackToken(keys, address)}`,
    async callback(token, payload, idempotencyKey) {
      const address = isOurs(keys, token) ? store.addressOf(hashOfToken(token)) : null
      if (!address) return false
      if (depthOf(payload) > MAX_DEPTH)
        throw new EngineError('INVALID_INPUT', { message: `the call's body ${TOO_DEEP}` })
      await store.receive(address, idempotencyKey ?? randomUUID(), JSON.stringify(payload), now())
      const task = phase === 'running' ? await tasks.get(address.task) : null
      if (task) {
        task.mayHaveCallbacks = true
        handleCallbacks(task)
      }
      return true
    },
    options: (request) => optionSources.page(request),
    refusedOptions: (flow, values, keys) => optionSources.refused(flow, values, keys),
    queueOf: (taskId) => ({ position: catalogue.slots.position(taskId), heldBy: catalogue.slots.holders(taskId) }),
    launchOutlook(flow, facts) {
      const place = slotOfLaunch(flow, { ...facts, id: '', number: 0 }, env())
      return place && catalogue.slots.outlook({ ...place, project: facts.project })
    },
    stats: () => ({ inMemory: tasks.size, running: executor.size }),
    verifyHistory(taskId) {
      const fault = verifyTask(kept, taskId)
      return fault ? { seq: fault.event ?? 0, problem: fault.problem } : store.verifyHistory(taskId)
    },
    tidy,
    exportHistory: (scope = {}) => exportLines(kept, scope),
    verifyKey: publicKeyOf(keys.exports),
    signedHead(taskId) {
      const kept = archive.find({ id: taskId })
      const head = kept ? headOf(archive.entries(taskId)) : store.load(taskId)?.head
      return head ? { ...head, signature: signText(keys.exports, headText(taskId, head.version, head.hash)) } : null
    },
    taskAt: (taskId, version) => tasks.viewAt(taskId, version),
    archivedAt: (taskId) => archive.find({ id: taskId })?.archivedAt ?? null,
  }

  /** What a job has to know; null when its attempt is over. */
  function workOf(state: TaskState, job: Job, body: Work['body']): Work | null {
    const run = state.nodes.get(job.nodeId)
    if (!run || run.plugin === null) return null
    const item = job.item === undefined ? null : state.items.get(itemKey(job.nodeId, job.item))
    const at = item === null ? run : item
    // A cancel may name an attempt that is over already: it was parked outside.
    if (!at || at.attempt !== job.attempt || (body !== 'cancel' && at.state !== 'running' && at.state !== 'waiting'))
      return null
    return {
      body,
      task: {
        id: state.id,
        number: state.number,
        title: state.title,
        project: state.project,
        flow: state.flow.name,
        startedBy: state.startedBy.name,
        starter: state.startedBy,
        rehearsal: state.rehearsal,
      },
      nodeId: job.nodeId,
      attempt: job.attempt,
      nodeAttempt: run.attempt,
      item: job.item ?? null,
      plugin: run.plugin,
      inputs: at.inputs ?? {},
      state: at.pluginState,
      callback: null,
    }
  }
}

/** A plugin that throws at its end, or never comes to one, holds up nobody. */
async function disposeAll(plugins: PluginRegistry['all']): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  await Promise.race([
    Promise.allSettled(plugins.map(async (plugin) => plugin.dispose?.())),
    new Promise((resolve) => (timer = setTimeout(resolve, DISPOSE_MS))),
  ])
  clearTimeout(timer)
}
function waitsForCallback(state: TaskState, job: Job): boolean {
  const at = job.item === undefined ? state.nodes.get(job.nodeId) : state.items.get(itemKey(job.nodeId, job.item))
  return at?.attempt === job.attempt && at.state === 'waiting' && at.waitsFor === 'callback'
}
function isBeingCancelled(state: TaskState, job: Job): boolean {
  if (job.item !== undefined) return state.items.get(itemKey(job.nodeId, job.item))?.cancelling !== null
  return state.nodes.get(job.nodeId)?.cancelling === true
}
