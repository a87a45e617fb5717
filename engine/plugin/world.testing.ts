import { createHash, randomBytes } from 'node:crypto'
import { createEvaluator } from '../runtime/evaluate.ts'
import { guardedFetch } from '../runtime/guarded-fetch.ts'
import type { Masker } from '../runtime/mask.ts'
import { stateProblem } from '../runtime/result.ts'
import type { Context, FileRef, HostAccess, Json, Message } from './index.ts'

/** What the far end sees of a call, and what it answers. */
export type FakeFetch = (request: Request) => Response | Promise<Response>

export interface WorldOptions {
  /** Answers the plugin's calls; `'network'` lets them out. Default: each call fails and says that no answer was prepared. */
  readonly fetch?: FakeFetch | 'network'
  /** ms since the epoch. Default: 2026-01-01. It moves only by `clock.advance` and by polls. */
  readonly now?: number
  readonly hosts?: readonly HostAccess[]
  /** Names in `to` of a message that nobody can be reached under. */
  readonly unreachable?: readonly string[]
  /** Values of `{ $secret: 'namespace.key' }` in inputs. */
  readonly secrets?: { readonly [ref: string]: string }
  readonly task?: Partial<Context['task']>
}
/** One thing the plugin did outside itself. */
export interface Deed {
  readonly what: 'fetch' | 'send' | 'checkpoint' | 'keepFile' | 'readFile' | 'host'
  /** `POST https://api.example/jobs`, the file's name, … */
  readonly on: string
  readonly headers?: { readonly [name: string]: string }
}
export interface World {
  /** Everything that was done outside, oldest first. */
  readonly deeds: readonly Deed[]
  readonly sent: readonly Message[]
  readonly checkpoints: readonly Json[]
  readonly progressed: readonly string[]
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly hostKeys: readonly { readonly host: string; readonly fingerprint: string }[]
  readonly clock: { readonly now: () => number; advance(ms: number): void }
  /** The log of the attempt so far, masked as people read it. */
  log(stream?: 'stdout' | 'stderr' | 'info'): string
  /** Where the plugin itself showed a secret in what is kept: Baton masks it, and the plugin will miss it there. */
  readonly leaks: readonly string[]
  /** What a body did after its signal was aborted or its process had died. */
  readonly afterEnd: readonly string[]
}
/** One process' life: it ends by a crash, and with it every context made in it. */
export interface Life {
  dead: boolean
  readonly signal: AbortSignal
  /** Called around each deed; may never resolve, which is what a crash looks like from inside. */
  passes(deed: Deed, when: 'before' | 'after'): Promise<void>
}
export interface ContextParts {
  readonly key: string
  readonly attempt: number
  readonly rehearsal: boolean
  readonly life: Life
  readonly masker: Masker
  /** Filled once they are opened. */
  readonly secrets: { [input: string]: Json }
  readonly onCheckpoint: (state: Json) => void
}

export const CALLBACK = { token: 'testing-token', url: 'https://baton.example/callback/testing-token' } as const

/** A small world in memory. */
export function createWorld(
  options: WorldOptions = {},
): World & { context(parts: ContextParts): Context; newLog(): void } {
  let now = options.now ?? Date.UTC(2026, 0, 1)
  const deeds: Deed[] = []
  const sent: Message[] = []
  const checkpoints: Json[] = []
  const progressed: string[] = []
  const files = new Map<string, Uint8Array>()
  const hostKeys: { host: string; fingerprint: string }[] = []
  const leaks: string[] = []
  const afterEnd: string[] = []
  const lines: { text: string; stream: string; masker: Masker }[] = []
  const evaluate = createEvaluator()

  const context = (parts: ContextParts): Context => {
    const { key, attempt, rehearsal, life, masker, secrets, onCheckpoint } = parts
    const keep = <T>(where: string, value: T): T => {
      const masked = masker.value(value)
      if (JSON.stringify(masked) !== JSON.stringify(value)) leaks.push(where)
      return masked
    }
    /** A deed is done unless the process died before it; who did it hears of it unless the process died after it. */
    const act = async <T>(deed: Deed, work: () => T | Promise<T>): Promise<T> => {
      const name = `${deed.what} ${deed.on}`
      if (life.dead || life.signal.aborted) afterEnd.push(name)
      await life.passes(deed, 'before')
      if (deed.what === 'fetch' || deed.what === 'checkpoint') life.signal.throwIfAborted() // nothing leaves any more
      deeds.push(deed)
      const result = await work()
      await life.passes(deed, 'after')
      return result
    }
    const unlessAborted = <T>(work: Promise<T>): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        const stop = (): void => reject(life.signal.reason as Error)
        if (life.signal.aborted) return stop()
        life.signal.addEventListener('abort', stop, { once: true })
        work.then(resolve, reject)
      })
    return {
      idempotencyKey: key,
      task: {
        id: 'testing',
        number: 1042,
        title: 'A test',
        url: 'https://baton.example/tasks/1042',
        startedBy: 'Li Wei',
        ...options.task,
      },
      nodeId: 'node',
      attempt,
      item: null,
      signal: life.signal,
      secrets,
      log(text, stream = 'info') {
        if (!life.dead) lines.push({ text: stream === 'info' ? `${text.replace(/\n$/, '')}\n` : text, stream, masker })
      },
      restartLog: () => void lines.splice(0),
      progress: (text) => void progressed.push(masker.text(String(text))),
      checkpoint: (state) =>
        act({ what: 'checkpoint', on: JSON.stringify(state)?.slice(0, 80) ?? '' }, () => {
          const problem = stateProblem(state)
          if (problem) throw new Error(problem)
          const kept = keep('a checkpoint', state)
          checkpoints.push(kept)
          onCheckpoint(kept)
        }),
      fetch(url, init = {}) {
        const { timeoutS: _, maxBytes, ...rest } = init
        const request = new Request(url, rest)
        if (rehearsal && !['GET', 'HEAD', 'OPTIONS'].includes(request.method))
          return Promise.reject(new Error(`a rehearsal sends no ${request.method}`))
        const deed: Deed = {
          what: 'fetch',
          on: `${request.method} ${url}`,
          headers: Object.fromEntries(request.headers),
        }
        return act(deed, () => {
          if (options.fetch === 'network') return guardedFetch(life.signal)(url, init)
          if (!options.fetch) throw new Error(`no answer is prepared for ${deed.on}: give { fetch } to testPlugin`)
          return unlessAborted(Promise.resolve(options.fetch(request)).then((response) => capped(response, maxBytes)))
        })
      },
      now: () => now,
      callback: CALLBACK,
      host: (name) =>
        act({ what: 'host', on: name }, () => {
          if (rehearsal) throw new Error('a rehearsal reaches no host')
          const host = options.hosts?.find((one) => one.name === name)
          if (!host) throw Object.assign(new Error(`There is no host ${name}`), { code: 'HOST_UNKNOWN' })
          for (let at: HostAccess | null = host; at; at = at.via) masker.add([at.key])
          return host
        }),
      async hostKeySeen(host, fingerprint) {
        hostKeys.push({ host, fingerprint })
      },
      send: (message) =>
        act({ what: 'send', on: message.to.join(', ') }, () => {
          const unreachable = message.to.filter((to) => options.unreachable?.includes(to))
          if (!rehearsal) sent.push(keep('a message', message))
          return { accepted: message.to.filter((to) => !unreachable.includes(to)), unreachable }
        }),
      keepFile: (name, content, maxBytes = 64 * 1024 * 1024) =>
        act({ what: 'keepFile', on: name }, async () => {
          if (rehearsal) throw new Error('a rehearsal keeps no file')
          const pieces: Uint8Array[] = []
          for await (const piece of content instanceof Uint8Array ? [content] : content) pieces.push(piece)
          const whole = Buffer.concat(pieces)
          if (whole.length > maxBytes)
            throw Object.assign(new Error(`${name} is larger than ${maxBytes} bytes`), { code: 'FILE_TOO_LARGE' })
          return addFile(name, whole)
        }),
      readFile: (ref) =>
        act({ what: 'readFile', on: ref.name }, () => {
          const content = files.get(ref.file)
          if (!content) throw Object.assign(new Error(`The file ${ref.name} is not here`), { code: 'FILE_UNKNOWN' })
          return content
        }),
      evaluate,
    }
  }
  const addFile = (name: string, content: Uint8Array): FileRef => {
    const file = `f_${randomBytes(16).toString('base64url')}`
    files.set(file, content)
    return { file, name, bytes: content.byteLength, sha256: createHash('sha256').update(content).digest('hex') }
  }
  return {
    deeds,
    sent,
    checkpoints,
    progressed,
    files,
    hostKeys,
    leaks,
    afterEnd,
    clock: { now: () => now, advance: (ms) => void (now += ms) },
    log(stream) {
      const chosen = lines.filter((line) => stream === undefined || line.stream === stream)
      const text = chosen.map((line) => line.text).join('')
      return chosen.reduce((masked, { masker }) => masker.text(masked), text)
    },
    newLog: () => void lines.splice(0),
    context,
  }
}

function capped(response: Response, maxBytes = 10 * 1024 * 1024): Response {
  const { body, status, statusText, headers } = response
  if (body === null) return response
  let bytes = 0
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      bytes += chunk.byteLength
      if (bytes > maxBytes) controller.error(new RangeError(`expected an answer of at most ${maxBytes} bytes`))
      else controller.enqueue(chunk)
    },
  })
  return new Response(body.pipeThrough(limit), { status, statusText, headers })
}
