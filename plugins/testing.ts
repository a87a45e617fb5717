/** A context for plugin tests: real fetch, recorded logs, everything else small and by hand. */
import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context, HostAccess, Json, Message } from '../engine/plugin/index.ts'

export interface TestContext extends Context {
  readonly lines: { readonly text: string; readonly stream: string }[]
  readonly progressed: string[]
  readonly checkpoints: Json[]
  readonly sent: Message[]
  readonly keysSeen: { readonly host: string; readonly fingerprint: string }[]
  /** All of one stream, joined. */
  logged(stream?: 'stdout' | 'stderr' | 'info'): string
  /** Aborts `signal`: a revoke, or `'detach'` for a shutdown. */
  abort(reason?: unknown): void
}
export interface TestContextOptions {
  readonly key?: string
  readonly hosts?: readonly HostAccess[]
  readonly unreachable?: readonly string[]
  readonly evaluate?: Context['evaluate']
  readonly onCheckpoint?: (state: Json) => void
  readonly onLog?: (text: string, stream: string) => void
}

/** A fresh context; give `key` to speak of the same execution again, as after a restart. */
export function testContext(options: TestContextOptions = {}): TestContext {
  const { key = `t${Math.random().toString(36).slice(2)}/node/1`, hosts = [], unreachable = [] } = options
  const stop = new AbortController()
  const lines: { text: string; stream: string }[] = []
  const progressed: string[] = []
  const checkpoints: Json[] = []
  const files = new Map<string, Uint8Array>()
  const sent: Message[] = []
  const keysSeen: { host: string; fingerprint: string }[] = []
  return {
    idempotencyKey: key,
    task: {
      id: 'task',
      number: 1042,
      title: 'Release the web shop',
      url: 'http://127.0.0.1:8787/tasks/1042',
      startedBy: 'Li Wei',
    },
    nodeId: 'node',
    attempt: 1,
    item: null,
    signal: stop.signal,
    secrets: {},
    lines,
    progressed,
    checkpoints,
    sent,
    keysSeen,
    logged: (stream) =>
      lines
        .filter((line) => stream === undefined || line.stream === stream)
        .map((line) => line.text)
        .join(''),
    abort: (reason = new Error('revoked')) => stop.abort(reason),
    log(text, stream = 'stdout') {
      lines.push({ text, stream })
      options.onLog?.(text, stream)
    },
    restartLog: () => void lines.splice(0),
    progress: (text) => void progressed.push(text),
    async checkpoint(state) {
      checkpoints.push(state)
      options.onCheckpoint?.(state)
    },
    fetch(url, { timeoutS = 30, maxBytes: _, ...init } = {}) {
      return fetch(url, { ...init, signal: AbortSignal.any([stop.signal, AbortSignal.timeout(timeoutS * 1000)]) })
    },
    now: () => Date.now(),
    callback: { url: 'http://127.0.0.1:8787/callback/token', token: 'token' },
    async host(name) {
      const host = hosts.find((one) => one.name === name)
      if (!host) throw Object.assign(new Error(`no host ${name}`), { code: 'HOST_UNKNOWN' })
      return host
    },
    async hostKeySeen(host, fingerprint) {
      keysSeen.push({ host, fingerprint })
    },
    async send(message) {
      sent.push(message)
      return {
        accepted: message.to.filter((to) => !unreachable.includes(to)),
        unreachable: message.to.filter((to) => unreachable.includes(to)),
      }
    },
    async keepFile(name, content, maxBytes = Infinity) {
      const all: Uint8Array[] = []
      for await (const piece of content instanceof Uint8Array ? [content] : content) all.push(piece)
      const whole = Buffer.concat(all)
      if (whole.length > maxBytes) throw Object.assign(new Error(`${name} is too large`), { code: 'FILE_TOO_LARGE' })
      const sha256 = createHash('sha256').update(whole).digest('hex')
      const ref = { file: `f_${sha256.slice(0, 22)}`, name, bytes: whole.length, sha256 }
      files.set(ref.file, whole)
      return ref
    },
    async readFile(ref) {
      const content = files.get(ref.file)
      if (!content) throw Object.assign(new Error(`The file ${ref.name} is not here`), { code: 'FILE_UNKNOWN' })
      return content
    },
    evaluate: options.evaluate ?? (() => true),
  }
}

/** Waits until something is so. Tests wait for conditions, never for time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 15_000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`)
    await sleep(20)
  }
}
