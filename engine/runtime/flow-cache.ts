import type { Flow } from '../core/flow.ts'

type Ref = { readonly name: string; readonly version: number }

/** Versions kept compiled. They never change, so only memory ends them. */
const KEPT = 500

/** Published versions, compiled once. */
export class FlowCache {
  readonly #load: (project: string, name: string, version: number) => Promise<Flow>
  readonly #flows = new Map<string, Flow>()
  readonly #loading = new Map<string, Promise<Flow>>()
  constructor(load: (project: string, name: string, version: number) => Promise<Flow>) {
    this.#load = load
  }

  known(project: string, ref: Ref): Flow | undefined {
    return this.#flows.get(keyOf(project, ref))
  }
  load(project: string, ref: Ref): Promise<Flow> {
    const key = keyOf(project, ref)
    const known = this.#flows.get(key)
    if (known) return Promise.resolve(known)
    const loading =
      this.#loading.get(key) ??
      this.#load(project, ref.name, ref.version)
        .then((flow) => {
          if (this.#flows.size >= KEPT) this.#flows.delete(this.#flows.keys().next().value!)
          this.#flows.set(key, flow)
          return flow
        })
        .finally(() => this.#loading.delete(key))
    this.#loading.set(key, loading)
    return loading
  }
}
const keyOf = (project: string, ref: Ref): string => `${project}/${ref.name}@${ref.version}`
