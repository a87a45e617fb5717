/* What the tests use of the platform's test module. */
/* eslint-disable @typescript-eslint/consistent-type-imports -- a declared module cannot import from a path */
declare module 'cloudflare:test' {
  import type { Namespace, ObjectId, ObjectState } from 'cloudflare:workers'
  export const env: import('./worker.ts').Env
  /** Runs `body` as if it were a method of the object. */
  export function runInDurableObject<R, O = unknown>(
    stub: unknown,
    body: (object: O, state: ObjectState) => R | Promise<R>,
  ): Promise<R>
  export function listDurableObjectIds<Stub>(namespace: Namespace<Stub>): Promise<ObjectId[]>
  /** Ends every object as a crash would; what is on disk stays. */
  export function abortAllDurableObjects(): Promise<void>
  export function reset(): Promise<void>
}
