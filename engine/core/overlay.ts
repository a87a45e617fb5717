import type { Table, TaskState } from './state.ts'

/** A table over another: reads fall through, writes stay here. Costs nothing until something is written. */
class Overlay<V> implements Table<V> {
  readonly #base: Table<V>
  /** Written entries; `undefined` stands for a deleted one. */
  #own: Map<string, V | undefined> | null = null
  #size: number
  constructor(base: Table<V>) {
    this.#base = base
    this.#size = base.size
  }
  get size(): number {
    return this.#size
  }
  get(key: string): V | undefined {
    if (this.#own === null) return this.#base.get(key)
    const own = this.#own.get(key)
    return own !== undefined || this.#own.has(key) ? own : this.#base.get(key)
  }
  has(key: string): boolean {
    return this.get(key) !== undefined
  }
  set(key: string, value: V): void {
    if (!this.has(key)) this.#size += 1
    this.#own ??= new Map()
    this.#own.set(key, value)
  }
  delete(key: string): void {
    if (!this.has(key)) return
    this.#size -= 1
    this.#own ??= new Map()
    this.#own.set(key, undefined)
  }
  *entries(): Iterable<readonly [string, V]> {
    for (const [key, value] of this.#base.entries()) {
      if (this.#own === null || !this.#own.has(key)) yield [key, value]
      else {
        const own = this.#own.get(key)
        if (own !== undefined) yield [key, own]
      }
    }
    if (this.#own === null) return
    for (const [key, value] of this.#own) if (value !== undefined && !this.#base.has(key)) yield [key, value]
  }
  *values(): Iterable<V> {
    for (const [, value] of this.entries()) yield value
  }
}

/**
 * A state to look ahead on: `decide` applies its own events here while the live one stays as it is.
 * The scalars are copied, the tables read through, so its cost does not depend on the size of the task.
 */
export const lookAhead = (state: Readonly<TaskState>): TaskState => ({
  ...state,
  nodes: new Overlay(state.nodes),
  tokens: new Overlay(state.tokens),
  forks: new Overlay(state.forks),
  asks: new Overlay(state.asks),
  items: new Overlay(state.items),
  timers: new Overlay(state.timers),
})
