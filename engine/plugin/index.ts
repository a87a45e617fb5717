/**
 * The plugin contract: the only door plugins use (FLOW §5, ADR 0005).
 * A plugin takes network, clock and secrets from its context and ends in `done`, `fail`, `pollAfter` or `awaitCallback`.
 */
import { z } from 'zod'

export { z }
export { isSigned, signedHeaders, type SignedHeaders } from './signature.ts'
/** JSON, as inputs, outputs and plugin state are kept. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** The version of this contract. It grows only by what older plugins need not know of; a plugin that needs a newer one says so by `contract`. */
export const CONTRACT = 1

interface Marks {
  readonly secret?: boolean
  readonly literal?: boolean
  readonly encoded?: boolean
}
/**
 * One for the whole process, however many copies of this file are loaded: a plugin that brings its own copy of Baton
 * (installed beside it for its tests) must not lose the mark that keeps a secret out of the history.
 */
const SHARED = Symbol.for('baton/plugin/marks')
const shared = globalThis as { [SHARED]?: z.core.$ZodRegistry<Marks> }
const marks = (shared[SHARED] ??= z.registry<Marks>())
const mark = <T extends z.ZodType>(schema: T, as: Marks): T => {
  marks.add(schema, { ...marks.get(schema), ...as })
  return schema
}
/** Marks an input as secret: only there may `${secrets.…}` stand; its value is masked in logs and outputs and never recorded. */
export const secret = <T extends z.ZodType>(schema: T): T => mark(schema, { secret: true })
/** Marks an input as literal: `${…}` in it belongs to the script, not to Baton. */
export const literal = <T extends z.ZodType>(schema: T): T => mark(schema, { literal: true })
/** Marks an input whose interpolated values are percent-encoded, each as one segment or query value. */
export const encoded = <T extends z.ZodType>(schema: T): T => mark(schema, { encoded: true })
/** What an author marked on an input: read by the publish check and the core. */
export const marksOf = (schema: z.ZodType): Marks => marks.get(schema) ?? {}

export type Result<Outputs = Json> =
  | { readonly kind: 'done'; readonly outputs: Outputs; readonly notPerformed?: true }
  | {
      readonly kind: 'fail'
      readonly code: string
      readonly message: string
      readonly cause?: 'error' | 'timeout' | 'lost'
      readonly outputs?: Partial<Outputs>
    }
  | { readonly kind: 'poll'; readonly afterS: number; readonly state: Json }
  | { readonly kind: 'callback'; readonly state: Json; readonly pollAfterS?: number }
/** The node succeeded with these outputs. */
export const done = <O>(outputs: O): Result<O> => ({ kind: 'done', outputs })
/** How `rehearse` ends when nothing was done: with what might have come out, else with samples made from the schema of the outputs. Shown as not performed. */
export const notPerformed = <O = never>(outputs?: O): Result<O> => ({
  kind: 'done',
  outputs: outputs ?? ({} as O), // samples take its place
  notPerformed: true,
})
/** The node failed. `message` is read by people on a phone: subject first, cause next. `cause: 'lost'` when nobody can tell whether it ran. */
export const fail = (failure: {
  code?: string
  message: string
  cause?: 'error' | 'timeout' | 'lost'
  outputs?: object
}): Result<never> => ({
  kind: 'fail',
  code: failure.code ?? 'ERROR',
  message: failure.message,
  ...(failure.cause && { cause: failure.cause }),
  ...(failure.outputs && { outputs: failure.outputs as Partial<never> }), // checked against the schema by the runtime
})
/** Call `poll` with `state` after `afterS` seconds. `state` ≤ 64 KiB. */
export const pollAfter = (afterS: number, state: Json): Result<never> => ({ kind: 'poll', afterS, state })
/**
 * Wait for `ctx.callback.url` to be called. `state` ≤ 64 KiB.
 * With `pollAfterS`, `poll` is called with `state` if no call came for that long: to look for oneself, or to give up.
 */
export const awaitCallback = (state: Json, options: { readonly pollAfterS?: number } = {}): Result<never> => ({
  kind: 'callback',
  state,
  ...(options.pollAfterS !== undefined && { pollAfterS: options.pollAfterS }),
})

/** A file kept by Baton, as variables, inputs and outputs hold it. */
export interface FileRef {
  /** Opaque and unguessable: who has it may read the file. */
  readonly file: string
  /** As people named it; no path. */
  readonly name: string
  readonly bytes: number
  readonly sha256: string
}
/** The schema of any JSON. As `z.json()`, typed as the context hands it over. */
export const json = (): z.ZodType<Json> => z.json() as z.ZodType<Json>
/** The schema of an input or output that is a file. */
export const fileRef = () =>
  z.object({
    file: z.string().regex(/^f_[A-Za-z0-9_-]{22}$/, 'Give a file that Baton keeps'),
    name: z.string().max(255),
    bytes: z.int().min(0),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  })

/** A machine as an `ssh.*` plugin needs it; resolved from the Host document. */
export interface HostAccess {
  readonly name: string
  readonly address: string
  readonly port: number
  readonly user: string
  /** PEM private key. Masked wherever it would show. */
  readonly key: string
  /** Confirmed fingerprint, `SHA256:…` as `ssh-keygen -lf` prints it; null: no operator has confirmed one, so refuse. */
  readonly hostKey: string | null
  readonly via: HostAccess | null
}

/** A message for people: to `starter`, `role:x`, a person, `room:#x`, `slack:C…`, `telegram:-100…/7`. */
export interface Message {
  readonly to: readonly string[]
  readonly title: string
  readonly text: string
  readonly level: 'info' | 'warning' | 'error'
}

export interface Context {
  /** `task/node/attempt[/item]`. The same key means the same execution: a second run with it must not act twice. */
  readonly idempotencyKey: string
  readonly task: {
    readonly id: string
    readonly number: number
    readonly title: string
    readonly url: string
    readonly startedBy: string
  }
  readonly nodeId: string
  readonly attempt: number
  readonly item: number | null
  /** Aborted when the attempt is revoked or times out. On `signal.reason === 'detach'` the engine is shutting down: leave the remote work running and return nothing (throw the reason). */
  readonly signal: AbortSignal
  /** The inputs marked secret, by name, opened: here they are in `poll`, `callback` and `cancel` too, since a state that held them would be masked. */
  readonly secrets: { readonly [input: string]: Json }
  /** One line or chunk of output, shown live. Secrets are masked across chunk borders by the runtime. */
  log(text: string, stream?: 'stdout' | 'stderr' | 'info'): void
  /** Forgets what this attempt has logged so far: a `resume` that reads all output again calls it, so that no line stands there twice. */
  restartLog?(): void
  /** A short line under the node ("3 of 40 files"). Never in the history. */
  progress(text: string): void
  /** Records `state` durably before going on; `resume` and `cancel` receive the last one. */
  checkpoint(state: Json): Promise<void>
  /** Like `fetch`; refuses link-local and metadata addresses, carries `signal`, caps the answer. */
  fetch(url: string, init?: RequestInit & { timeoutS?: number; maxBytes?: number }): Promise<Response>
  /** ms since the epoch, UTC. */
  now(): number
  readonly callback: { readonly url: string; readonly token: string }
  /** @throws with code HOST_UNKNOWN. */
  host(name: string): Promise<HostAccess>
  /** Tells the owner that a host showed this key, so that it can be confirmed (or that a pinned one changed). */
  hostKeySeen(name: string, fingerprint: string): Promise<void>
  /** Hands a message to the chat outbox, once per idempotency key. Returns who it goes to and who could not be reached. */
  send(message: Message): Promise<{ readonly accepted: readonly string[]; readonly unreachable: readonly string[] }>
  /** Keeps `content` as a file, capped at `maxBytes` (default and most: 64 MiB). @throws with code FILE_TOO_LARGE. */
  keepFile(name: string, content: Uint8Array | AsyncIterable<Uint8Array>, maxBytes?: number): Promise<FileRef>
  /** The content of a kept file, checked against its `sha256`. @throws with code FILE_UNKNOWN. */
  readFile(ref: FileRef): Promise<Uint8Array>
  /** Evaluates an expression over given names (`http.request`'s `success`). @throws with the reason. */
  evaluate(expression: string, names: { readonly [name: string]: Json }): Json
}

/** What a plugin sees when it is asked for options: there is no task yet. */
export type OptionsContext = Pick<Context, 'fetch' | 'signal' | 'now' | 'evaluate'>

export interface PluginDefinition<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  /** `ssh.script`. Lower case, dots. */
  readonly code: string
  /** Semver. A released version is never edited: add the next. */
  readonly version: string
  /** The contract it was written against, `CONTRACT` of that day. Default 1. A plugin that needs a newer one than is here is left out. */
  readonly contract?: number
  readonly title: string
  readonly icon?: string
  readonly inputs: I
  /** Absent: outputs are dynamic, checked at use. */
  readonly outputs?: O
  /** Outputs are also written to the variables of the same names (`set`). */
  readonly saves?: boolean
  /** Safe to run twice with the same key? Then a crash repeats it instead of asking a person. */
  repeat?(inputs: z.output<I>): boolean
  execute(ctx: Context, inputs: z.output<I>): Promise<Result<z.output<O>>>
  poll?(ctx: Context, state: Json): Promise<Result<z.output<O>>>
  callback?(ctx: Context, payload: Json, state: Json): Promise<Result<z.output<O>>>
  /** Ends the execution outside. True: its end is confirmed. A throw counts as false. `state` is the last checkpoint, poll or callback state. */
  cancel?(ctx: Context, state: Json | null): Promise<boolean>
  /** After a crash: attach to what `execute` began and report its end. Present = resumable. */
  resume?(ctx: Context, state: Json | null, inputs: z.output<I>): Promise<Result<z.output<O>>>
  rehearse?(ctx: Context, inputs: z.output<I>): Promise<Result<z.output<O>>>
  /**
   * Options for a form field (`optionsFrom: {plugin, with}`): scalars, or `{value, title}`. Must change nothing anywhere; has 2 seconds.
   * `inputs` is the field's `with`, unchecked; names that the plugin marks secret hold their plain text. `search` is what a person typed, or ''.
   */
  options?(ctx: OptionsContext, inputs: { readonly [name: string]: Json }, search: string): Promise<readonly Json[]>
  /** The result is committed: remove what was kept for it outside. */
  settled?(ctx: Context, inputs: z.output<I>): Promise<void>
  /** The process ends: close connections. */
  dispose?(): Promise<void>
}
/** Any plugin, its types erased. */
export type Plugin = PluginDefinition
/** Checks a definition as far as types cannot and returns it. @throws when code or version are malformed. */
export function definePlugin<I extends z.ZodType, O extends z.ZodType>(definition: PluginDefinition<I, O>): Plugin {
  const problem = nameProblem(definition)
  if (problem !== null) throw new Error(problem)
  return definition as unknown as Plugin // the runtime hands execute only what its own `inputs` schema has parsed
}

/** What is wrong with a code or version; null: nothing. */
export function nameProblem({ code, version }: { readonly code?: unknown; readonly version?: unknown }): string | null {
  if (typeof code !== 'string' || !/^[a-z][a-z0-9]*(\.[a-z][a-z0-9_]*)*$/.test(code))
    return `expected a plugin code like ssh.script, but got ${JSON.stringify(code)}`
  if (typeof version !== 'string' || !/^(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/.test(version))
    return `expected a version like 1.2.0 for ${code}, but got ${JSON.stringify(version)}`
  return null
}
