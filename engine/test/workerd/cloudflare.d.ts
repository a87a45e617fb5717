/* What we use of the platform's modules: its own types would replace Node's globals. */
/* eslint-disable @typescript-eslint/consistent-type-imports -- a declared module cannot import from a path */
declare module 'cloudflare:workers' {
  export class DurableObject<Env = unknown> {
    constructor(ctx: ObjectState, env: Env)
    readonly ctx: ObjectState
    readonly env: Env
  }
  export interface ObjectState {
    readonly storage: import('../../store/durable-object/storage.ts').ObjectStorage
    readonly id: ObjectId
    blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>
    abort(reason?: string): void
    waitUntil(work: Promise<unknown>): void
  }
  export interface ObjectId {
    readonly name?: string
    toString(): string
  }
  export interface Namespace<Stub = unknown> {
    idFromName(name: string): ObjectId
    newUniqueId(): ObjectId
    get(id: ObjectId): Stub
  }
  export const env: import('./worker.ts').Env
}
declare module 'cloudflare:test' {
  import type { ObjectState } from 'cloudflare:workers'
  export function runInDurableObject<R, O = unknown>(
    stub: unknown,
    body: (object: O, state: ObjectState) => R | Promise<R>,
  ): Promise<R>
  export function runDurableObjectAlarm(stub: unknown): Promise<boolean>
  export function evictDurableObject(stub: unknown): Promise<void>
  export function abortAllDurableObjects(): Promise<void>
}
