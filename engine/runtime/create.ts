import { randomUUID } from 'node:crypto'
import { slotOfLaunch } from '../core/decide/launch.ts'
import { EngineError } from '../core/error.ts'
import { depthOf, MAX_DEPTH, TOO_DEEP } from '../core/value.ts'
import { exportLines, headOf, headText, publicKeyOf, signText, verifyTask, type Swept } from '../store/history/index.ts'
import { callbackToken, hashOfToken, isOurs } from './callback-token.ts'
import type { EngineOptions, TaskEngine } from './engine.ts'
import { attemptOf } from './history.ts'
import { sealAll } from './launcher.ts'
import { disposeAll } from './plugin-registry.ts'
import { wire, type Parts } from './wiring.ts'

const GRACE_MS = 25_000
const SWEEP_MS = 60_000

/**
 * The engine on one database: tasks in memory while something moves them, everything they do committed before it shows.
 * Main path: `launch` or `command` → `LiveTask` (decide, commit) → `Executor` (bodies) → a report to the same task.
 */
export function createEngine(options: EngineOptions): TaskEngine {
  const parts = wire(options)
  return {
    plugins: parts.plugins,
    ...life(parts),
    ...acts(parts),
    ...callbacks(parts),
    ...looks(parts),
    ...records(parts),
  }
}

/** Start, stop, and what is put in order meanwhile. */
function life(parts: Parts): Pick<TaskEngine, 'start' | 'stop' | 'tidy' | 'due'> {
  const { options, log, store, tasks, timers, relay, letters, launcher, dispatch } = parts
  let sweeper: ReturnType<typeof setInterval> | null = null
  let sweeping: Promise<Swept> | null = null
  const tidy = (): Promise<Swept> => (sweeping ??= parts.retention.sweep().finally(() => (sweeping = null)))
  const sweep = (): void => {
    void launcher.sweep()
    tidy().catch((error: unknown) => log.error({ error: String(error) }, 'what ended long ago could not be put away'))
  }
  return {
    async start() {
      parts.life.phase = 'running'
      await parts.restored.hold()
      await dispatch.open()
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
    async stop(graceMs = GRACE_MS) {
      parts.life.phase = 'stopping'
      if (sweeper) clearInterval(sweeper)
      letters.stop()
      timers.stop()
      dispatch.stop()
      await parts.executor.drain(graceMs)
      await parts.logs.flush()
      // Whatever is being committed is on disk then, and has noted what follows from it.
      await dispatch.noted()
      await sweeping?.catch(() => undefined)
      await relay.idle()
      relay.stop()
      await letters.idle()
      await disposeAll(parts.plugins.all)
    },
    tidy,
    due: () => timers.look(),
  }
}

/** What moves tasks. */
function acts({
  life,
  keys,
  admission,
  tasks,
  launcher,
  create,
  report,
  hand,
}: Parts): Pick<TaskEngine, 'launch' | 'create' | 'command' | 'peopleChanged' | 'notify' | 'hear'> {
  const checkOpen = (): void => {
    if (life.phase === 'stopping')
      throw new EngineError('UNAVAILABLE', { message: 'Baton is shutting down, try again in a moment' })
  }
  return {
    launch: (request) =>
      admission.enter(async () => {
        checkOpen()
        return launcher.launch(request)
      }),
    async create({ facts, flow, secrets }) {
      checkOpen()
      return (await tasks.view(facts.id)) ?? create(facts, flow, secrets)
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
    hear: hand,
  }
}

/** Calls from outside that a body waits for. */
function callbacks({
  options,
  life,
  keys,
  now,
  store,
  tasks,
  dispatch,
}: Parts): Pick<TaskEngine, 'callbackUrl' | 'callback'> {
  return {
    callbackUrl: (address) => `${options.baseUrl}/callback/${callbackToken(keys, address)}`,
    async callback(token, payload, idempotencyKey) {
      const address = isOurs(keys, token) ? store.addressOf(hashOfToken(token)) : null
      if (!address) return false
      if (depthOf(payload) > MAX_DEPTH)
        throw new EngineError('INVALID_INPUT', { message: `the call's body ${TOO_DEEP}` })
      await store.receive(address, idempotencyKey ?? randomUUID(), JSON.stringify(payload), now())
      const task = life.phase === 'running' ? await tasks.get(address.task) : null
      if (task) {
        task.mayHaveCallbacks = true
        dispatch.callbacks(task)
      }
      return true
    },
  }
}

type Looks =
  | 'task'
  | 'ask'
  | 'taskIdOf'
  | 'attempt'
  | 'logLines'
  | 'onTask'
  | 'onLog'
  | 'progressOf'
  | 'options'
  | 'refusedOptions'
  | 'queueOf'
  | 'launchOutlook'
  | 'stats'
/** What people see of tasks as they stand, and of launches before they are made. */
function looks(parts: Parts): Pick<TaskEngine, Looks> {
  const { tasks, catalogue, archive, store, logs, listeners, optionSources } = parts
  return {
    task: (id) => tasks.view(id),
    async ask(id) {
      const view = await tasks.view(id.slice(0, Math.max(0, id.lastIndexOf('-'))))
      return view?.state.asks.has(id) ? { ...view, askId: id } : null
    },
    taskIdOf: (ref) =>
      (ref.number !== undefined ? tasks.idOfNumber(ref.number) : null) ??
      catalogue.taskIdOf(ref) ??
      (ref.number !== undefined ? (archive.find({ number: ref.number })?.id ?? null) : null),
    attempt: async (taskId, nodeId, attempt) => attemptOf(store, taskId, nodeId, attempt),
    logLines: async (taskId, nodeId, attempt, request) => logs.read(taskId, nodeId, attempt, request),
    onTask: (taskId, listener) => listeners.onTask(taskId, listener),
    onLog: (taskId, nodeId, attempt, listener) => listeners.onLog(taskId, nodeId, attempt, listener),
    progressOf: (taskId, nodeId) => listeners.progressOf(taskId, nodeId),
    options: (request) => optionSources.page(request),
    refusedOptions: (flow, values, keys) => optionSources.refused(flow, values, keys),
    queueOf: (taskId) => ({ position: catalogue.slots.position(taskId), heldBy: catalogue.slots.holders(taskId) }),
    launchOutlook(flow, facts) {
      const place = slotOfLaunch(flow, { ...facts, id: '', number: 0 }, parts.env())
      return place && catalogue.slots.outlook({ ...place, project: facts.project })
    },
    stats: () => ({ inMemory: tasks.size, running: parts.executor.size }),
  }
}

type Records = 'history' | 'taskAt' | 'archivedAt' | 'verifyHistory' | 'exportHistory' | 'verifyKey' | 'signedHead'
/** What was, and the proof of it. */
function records({ tasks, store, archive, keys, history }: Parts): Pick<TaskEngine, Records> {
  return {
    history: async (taskId, after = 0, limit = 1_000) => store.history(taskId, after, limit),
    taskAt: (taskId, version) => tasks.viewAt(taskId, version),
    archivedAt: (taskId) => archive.find({ id: taskId })?.archivedAt ?? null,
    verifyHistory(taskId) {
      const fault = verifyTask(history, taskId)
      return fault ? { seq: fault.event ?? 0, problem: fault.problem } : store.verifyHistory(taskId)
    },
    exportHistory: (scope = {}) => exportLines(history, scope),
    verifyKey: publicKeyOf(keys.exports),
    signedHead(taskId) {
      const kept = archive.find({ id: taskId })
      const head = kept ? headOf(archive.entries(taskId)) : store.load(taskId)?.head
      return head ? { ...head, signature: signText(keys.exports, headText(taskId, head.version, head.hash)) } : null
    },
  }
}
