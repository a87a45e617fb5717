import type { Actor } from '../core/state.ts'
import type { Command } from '../core/command.ts'
import type { Notice } from '../store/message.ts'
import type { Address } from '../store/task-store.ts'
import type { Context, HostAccess, Json, Message } from '../plugin/index.ts'
import { contentOf, FileError, type FileStore } from '../store/files.ts'
import type { AttemptLog } from './attempt-log.ts'
import { executionKey, type Work } from './executor.ts'
import { guardedFetch, guardOf, type GuardedFetch } from './guarded-fetch.ts'
import type { Masker } from './mask.ts'
import { stateProblem } from './result.ts'

/** What contexts are made from. */
export interface ContextServices {
  readonly baseUrl: string
  readonly allowAddresses: readonly string[]
  readonly fetch?: typeof fetch | undefined
  readonly now: () => number
  readonly log: {
    info(o: object, m?: string): void
    warn(o: object, m?: string): void
    error(o: object, m?: string): void
  }
  readonly acquireLog: (taskId: string, nodeId: string, attempt: number) => AttemptLog
  readonly clearLog: (taskId: string, nodeId: string, attempt: number, item: number | null) => void
  readonly releaseLog: (taskId: string, nodeId: string, attempt: number) => void
  readonly progress: (taskId: string, nodeId: string, text: string | null) => void
  readonly report: (taskId: string, command: Command) => Promise<unknown>
  readonly notify: (taskId: string, notice: Notice) => Promise<unknown>
  readonly token: (address: Address) => string
  readonly loadHost: (project: string, name: string) => Promise<HostAccess>
  readonly hostKeySeen: (project: string, name: string, fingerprint: string) => Promise<void>
  readonly reachable: (
    project: string,
    message: Message,
    starter: Actor,
  ) => Promise<{ accepted: readonly string[]; unreachable: readonly string[] }>
  readonly evaluate: (expression: string, names: { readonly [name: string]: Json }) => Json
  /** Null: nothing here keeps files. */
  readonly files: FileStore | null
}

/** What a body sees of the world. `end` closes it: the body has returned. */
export function createContext(
  services: ContextServices,
  work: Work,
  signal: AbortSignal,
  masker: Masker,
  onSure: () => void,
): { readonly ctx: Context; end(): void } {
  const { task, nodeId, attempt, nodeAttempt, item } = work
  let log: AttemptLog | null = null
  const output = (): AttemptLog => (log ??= services.acquireLog(task.id, nodeId, nodeAttempt))
  let call: GuardedFetch | null = null
  let sends = 0
  let hasProgress = false
  let isOver = false
  const ctx: Context = {
    idempotencyKey: executionKey(work),
    task: {
      id: task.id,
      number: task.number,
      title: task.title,
      startedBy: task.startedBy,
      url: `${services.baseUrl}/tasks/${task.number}`,
    },
    nodeId,
    attempt,
    item,
    signal,
    secrets: {}, // filled once they are opened
    log(text, stream = 'info') {
      if (isOver) return
      onSure()
      output().add(String(text), stream, item, masker)
    },
    restartLog() {
      onSure()
      output() // open before it is cleared, or its positions would go on from lines that are about to be gone
      services.clearLog(task.id, nodeId, nodeAttempt, item)
    },
    progress(text) {
      if (isOver) return
      hasProgress = true
      services.progress(task.id, nodeId, masker.text(String(text)))
    },
    async checkpoint(state) {
      onSure()
      const problem = stateProblem(state)
      if (problem) throw new Error(problem)
      signal.throwIfAborted()
      await services.report(task.id, {
        kind: 'checkpoint',
        nodeId,
        attempt,
        ...(item !== null && { item }),
        state: masker.value(state),
      })
      // Told to end meanwhile: whoever cancels did not know of this state, so nothing may be begun with it.
      signal.throwIfAborted()
    },
    fetch: (url, init) => (call ??= fetchFor(work, guardedFetch(signal, guardOf(services))))(url, init),
    now: services.now,
    get callback() {
      const token = services.token({ task: task.id, node: nodeId, attempt, item })
      return { token, url: `${services.baseUrl}/callback/${token}` }
    },
    async host(name) {
      if (task.rehearsal) throw new Error('a rehearsal reaches no host')
      const access = await hostOf(services, task.project, name)
      for (let at: HostAccess | null = access; at; at = at.via) masker.add([at.key])
      return access
    },
    hostKeySeen: (name, fingerprint) => services.hostKeySeen(task.project, name, fingerprint),
    async send(message) {
      const id = `${executionKey(work)}/${sends++}`
      if (task.rehearsal) return { accepted: message.to, unreachable: [] } // nothing leaves
      const reached = await services.reachable(task.project, message, task.starter)
      const masked = { ...message, title: masker.text(message.title), text: masker.text(message.text) }
      if (reached.accepted.length > 0) await services.notify(task.id, { kind: 'message', id, message: masked })
      return reached
    },
    async keepFile(name, content, maxBytes) {
      const kept = { name, project: task.project, task: task.id, person: null, at: services.now() }
      return filesOf(services).keep({ ...kept, ...(maxBytes !== undefined && { maxBytes }) }, content)
    },
    readFile: (ref) => contentOf(filesOf(services), ref, task.project),
    evaluate: services.evaluate,
  }
  return {
    ctx,
    end() {
      isOver = true
      if (hasProgress) services.progress(task.id, nodeId, null)
      if (!log) return
      log.finish(item, masker)
      services.releaseLog(task.id, nodeId, nodeAttempt)
    },
  }
}

/** A rehearsal reads at most: whatever a plugin does in it, nothing is written anywhere. */
const fetchFor = ({ task }: Work, call: GuardedFetch): GuardedFetch =>
  !task.rehearsal
    ? call
    : async (url, init) => {
        const method = (init?.method ?? 'GET').toUpperCase()
        if (method === 'GET' || method === 'HEAD') return call(url, init)
        throw new Error(`a rehearsal sends no ${method}`)
      }

async function hostOf(services: ContextServices, project: string, name: string): Promise<HostAccess> {
  try {
    return await services.loadHost(project, name)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'NOT_FOUND')
      throw Object.assign(new Error(`There is no host ${name}`), { code: 'HOST_UNKNOWN' })
    throw error
  }
}
function filesOf({ files }: ContextServices): FileStore {
  if (!files) throw new FileError('FILES_OFF', 'This Baton keeps no files')
  return files
}
