import type { Actor } from '../core/state.ts'
import type { Command } from '../core/command.ts'
import type { Notice } from '../store/message.ts'
import type { Address } from '../store/task-store.ts'
import type { Context, HostAccess, Json, Message } from '../plugin/index.ts'
import { contentOf, FileError, type FileStore } from '../store/files.ts'
import type { AttemptLog } from './attempt-log.ts'
import type { EngineOptions, SecretUser } from './engine.ts'
import { executionKey, type Work } from './work.ts'
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
  readonly loadHost: EngineOptions['loadHost']
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

/** What of its execution a context has to do with. */
export interface Attempt {
  readonly signal: AbortSignal
  /** The body has told how things stand. */
  sure(): void
}

/**
 * What a body sees of the world. Most bodies use little of it, and there is one for each that runs: so nothing is made before it is
 * asked for, and each function can be taken out and handed on by itself.
 */
export class BodyContext implements Context {
  readonly #services: ContextServices
  readonly #work: Work
  readonly #execution: Attempt
  readonly #masker: Masker
  #log: AttemptLog | null = null
  #call: GuardedFetch | null = null
  #sends = 0
  #hasProgress = false
  #isOver = false
  #secrets: { [input: string]: Json } | null = null // filled once they are opened
  constructor(services: ContextServices, work: Work, execution: Attempt, masker: Masker) {
    this.#services = services
    this.#work = work
    this.#execution = execution
    this.#masker = masker
  }

  /** The body has returned: nothing it says from now on is heard. */
  static end(context: BodyContext): void {
    context.#isOver = true
    const { task, nodeId, nodeAttempt, item } = context.#work
    if (context.#hasProgress) context.#services.progress(task.id, nodeId, null)
    if (!context.#log) return
    context.#log.finish(item, context.#masker)
    context.#services.releaseLog(task.id, nodeId, nodeAttempt)
  }

  get secrets(): { [input: string]: Json } {
    return (this.#secrets ??= {})
  }
  get idempotencyKey(): string {
    return executionKey(this.#work)
  }
  get task(): Context['task'] {
    const { id, number, title, startedBy } = this.#work.task
    return { id, number, title, startedBy, url: `${this.#services.baseUrl}/tasks/${number}` }
  }
  get nodeId(): string {
    return this.#work.nodeId
  }
  get attempt(): number {
    return this.#work.attempt
  }
  get item(): number | null {
    return this.#work.item
  }
  get signal(): AbortSignal {
    return this.#execution.signal
  }
  get log(): Context['log'] {
    return (text, stream = 'info') => {
      if (this.#isOver) return
      this.#execution.sure()
      this.#output().add(String(text), stream, this.#work.item, this.#masker)
    }
  }
  get restartLog(): () => void {
    return () => {
      const { task, nodeId, nodeAttempt, item } = this.#work
      this.#execution.sure()
      this.#output() // open before it is cleared, or its positions would go on from lines that are about to be gone
      this.#services.clearLog(task.id, nodeId, nodeAttempt, item)
    }
  }
  get progress(): Context['progress'] {
    return (text) => {
      if (this.#isOver) return
      this.#hasProgress = true
      this.#services.progress(this.#work.task.id, this.#work.nodeId, this.#masker.text(String(text)))
    }
  }
  get checkpoint(): Context['checkpoint'] {
    return async (state) => {
      const { task, nodeId, attempt, item } = this.#work
      this.#execution.sure()
      const problem = stateProblem(state)
      if (problem) throw new Error(problem)
      this.signal.throwIfAborted()
      await this.#services.report(task.id, {
        kind: 'checkpoint',
        nodeId,
        attempt,
        ...(item !== null && { item }),
        state: this.#masker.value(state),
      })
      // Told to end meanwhile: whoever cancels did not know of this state, so nothing may be begun with it.
      this.signal.throwIfAborted()
    }
  }
  get fetch(): Context['fetch'] {
    return (url, init) =>
      (this.#call ??= fetchFor(this.#work, guardedFetch(this.signal, guardOf(this.#services))))(url, init)
  }
  get now(): () => number {
    return this.#services.now
  }
  get callback(): Context['callback'] {
    const { task, nodeId, attempt, item } = this.#work
    const token = this.#services.token({ task: task.id, node: nodeId, attempt, item })
    return { token, url: `${this.#services.baseUrl}/callback/${token}` }
  }
  get host(): Context['host'] {
    return async (name) => {
      const { task } = this.#work
      if (task.rehearsal) throw new Error('a rehearsal reaches no host')
      const access = await hostOf(this.#services, task, name)
      for (let at: HostAccess | null = access; at; at = at.via) this.#masker.add([at.key])
      return access
    }
  }
  get hostKeySeen(): Context['hostKeySeen'] {
    return (name, fingerprint) => this.#services.hostKeySeen(this.#work.task.project, name, fingerprint)
  }
  get send(): Context['send'] {
    return async (message) => {
      const { task } = this.#work
      const id = `${executionKey(this.#work)}/${this.#sends++}`
      if (task.rehearsal) return { accepted: message.to, unreachable: [] } // nothing leaves
      const reached = await this.#services.reachable(task.project, message, task.starter)
      const masked = {
        ...message,
        title: this.#masker.text(message.title),
        text: this.#masker.text(message.text),
      }
      if (reached.accepted.length > 0) await this.#services.notify(task.id, { kind: 'message', id, message: masked })
      return reached
    }
  }
  get keepFile(): Context['keepFile'] {
    return async (name, content, maxBytes) => {
      const { task } = this.#work
      if (task.rehearsal) throw new Error('a rehearsal keeps no file')
      const kept = { name, project: task.project, task: task.id, person: null, at: this.#services.now() }
      return filesOf(this.#services).keep({ ...kept, ...(maxBytes !== undefined && { maxBytes }) }, content)
    }
  }
  get readFile(): Context['readFile'] {
    return (ref) => contentOf(filesOf(this.#services), ref, this.#work.task.project)
  }
  get evaluate(): Context['evaluate'] {
    return this.#services.evaluate
  }

  #output(): AttemptLog {
    const { task, nodeId, nodeAttempt } = this.#work
    return (this.#log ??= this.#services.acquireLog(task.id, nodeId, nodeAttempt))
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

/** For whom a task's secrets are opened. */
export const userOf = ({ id, number, flow }: Work['task']): SecretUser => ({ flow, task: { id, number } })

async function hostOf(services: ContextServices, task: Work['task'], name: string): Promise<HostAccess> {
  try {
    return await services.loadHost(task.project, name, userOf(task))
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
