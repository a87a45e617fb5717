/* What we use of the platform's modules: its own types would replace Node's globals. */
/* eslint-disable @typescript-eslint/consistent-type-imports -- a declared module cannot import from a path */
declare module 'cloudflare:workers' {
  export interface ObjectState {
    readonly storage: import('../../store/durable-object/storage.ts').ObjectStorage
    readonly id: ObjectId
    /** Nothing else reaches the object until `work` has ended. */
    blockConcurrencyWhile<T>(work: () => Promise<T>): Promise<T>
    /** Ends this instance as a crash would. */
    abort(reason?: string): void
  }
  /** Every public method may be called from other objects, by name. */
  export abstract class DurableObject<Env = unknown> {
    constructor(ctx: ObjectState, env: Env)
    protected readonly ctx: ObjectState
    protected readonly env: Env
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
}
