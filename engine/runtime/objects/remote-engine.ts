import { thaw } from '../../core/snapshot.ts'
import type { TaskState } from '../../core/state.ts'
import { keysOf } from '../../store/seal.ts'
import { isOurs, taskOfToken } from '../callback-token.ts'
import type { Engine, EngineOptions, LogLine, TaskView } from '../engine.ts'
import { FlowCache } from '../flow-cache.ts'
import type { CatalogueStub } from './catalogue-object.ts'
import type { TaskStub } from './task-object.ts'
import { reached, valueOf } from './wire.ts'

export interface RemoteEngineOptions extends Pick<EngineOptions, 'key' | 'loadFlow'> {
  readonly catalogue: () => CatalogueStub
  readonly task: (id: string) => TaskStub
  /** After a watched object went away, and between two looks at a log. */
  readonly retryMs?: number
}
/** What of `Engine` has an answer in another object at once there comes as a promise here. */
type Answers = 'taskIdOf' | 'progressOf' | 'verifyHistory'
export type RemoteEngine = Pick<
  Engine,
  'launch' | 'command' | 'task' | 'ask' | 'history' | 'attempt' | 'logLines' | 'onTask' | 'onLog' | 'callback'
> & {
  readonly [name in Answers]: (...args: Parameters<Engine[name]>) => Promise<ReturnType<Engine[name]>>
}

const RETRY_MS = 1_000

/** The engine as its callers on Workers see it: each call goes to the object that knows. */
export function remoteEngine({
  catalogue,
  task,
  loadFlow,
  key,
  retryMs = RETRY_MS,
}: RemoteEngineOptions): RemoteEngine {
  const flows = new FlowCache(loadFlow)
  const keys = keysOf(key)
  const viewOf = async (frozen: string): Promise<TaskView> => {
    const state = thaw(frozen) as TaskState // frozen by this very version
    return { state, flow: flows.known(state.project, state.flow) ?? (await flows.load(state.project, state.flow)) }
  }
  const look = async (id: string): Promise<TaskView | null> => {
    const frozen = await reached(task(id).look())
    return frozen === null ? null : viewOf(frozen)
  }
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, retryMs))
  /** Repeats `look` until told to stop. An object that went away is asked again: it comes back from its storage. */
  const follow = (look: () => Promise<void>): (() => void) => {
    let isOver = false
    void (async () => {
      while (!isOver) await look().catch(pause)
    })()
    return () => void (isOver = true)
  }
  return {
    launch: async (request) => viewOf(await valueOf(catalogue().launch(request))),
    command: async (id, command, viewer, secrets = {}) =>
      viewOf(await valueOf(task(id).command(command, viewer, secrets))),
    task: look,
    async ask(id) {
      const view = await look(id.slice(0, Math.max(0, id.lastIndexOf('-'))))
      return view?.state.asks.has(id) ? { ...view, askId: id } : null
    },
    history: (id, after = 0, limit = 1_000) => reached(task(id).history(after, limit)),
    attempt: (id, nodeId, attempt) => reached(task(id).attempt(nodeId, attempt)),
    logLines: (id, nodeId, attempt, options = {}) => reached(task(id).logLines(nodeId, attempt, options)),
    progressOf: (id, nodeId) => reached(task(id).progress(nodeId)),
    verifyHistory: (id) => reached(task(id).verify()),
    taskIdOf: (ref) => reached(catalogue().taskIdOf(ref)),
    async callback(token, payload, idempotencyKey) {
      // A forged one wakes nobody.
      return isOurs(keys, token) && valueOf(task(taskOfToken(token)).callback(token, payload, idempotencyKey))
    },
    onTask(id, listener) {
      let seen = 0
      let isOver = false
      const stop = follow(async () => {
        const frozen = await task(id).next(seen)
        if (frozen === null) return pause() // it is not there yet, or nothing has happened for long
        if (isOver) return
        const view = await viewOf(frozen)
        seen = view.state.version
        listener(view)
      })
      return () => {
        isOver = true
        stop()
      }
    },
    onLog(id, nodeId, attempt, listener) {
      let after = -1
      return follow(async () => {
        const { lines } = await task(id).logLines(nodeId, attempt, { after })
        for (const line of lines as LogLine[]) listener(line)
        after = lines.at(-1)?.n ?? after
        await pause()
      })
    },
  }
}
