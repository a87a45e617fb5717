import type { Table, TaskState } from './state.ts'

/** A table over another: reads fall through, writes stay here. Costs nothing until something is written. */
class Overlay<V> implements Table<V> {
  readonly #base: Table<V>
  /** Written entries; `undefined` stands for a deleted one. */
  #own: Map<string, V | undefined> | null = null
  /** Taken out and put in again. */
  #moved: Set<string> | null = null
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
    this.#own ??= new Map()
    if (!this.has(key)) {
      this.#size += 1
      // Put in again after it was taken out, it stands last, as it would in a map.
      if (this.#own.delete(key)) (this.#moved ??= new Set()).add(key)
    }
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
  /** The table below, with what was written here. */
  settle(): Table<V> {
    if (this.#own !== null) {
      for (const [key, value] of this.#own) {
        if (value === undefined || this.#moved?.has(key) === true) this.#base.delete(key)
        if (value !== undefined) this.#base.set(key, value)
      }
      this.#own = null
      this.#moved = null
    }
    return this.#base
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

/**
 * What was looked ahead on has happened: the tables take over what was written, and `ahead` is the task's state from now on.
 * The same as applying the events to the state it was made from, without doing it a second time.
 */
export function settle(ahead: TaskState): TaskState {
  ahead.nodes = settled(ahead.nodes)
  ahead.tokens = settled(ahead.tokens)
  ahead.forks = settled(ahead.forks)
  ahead.asks = settled(ahead.asks)
  ahead.items = settled(ahead.items)
  ahead.timers = settled(ahead.timers)
  return ahead
}
const settled = <V>(table: Table<V>): Table<V> => (table instanceof Overlay ? (table as Overlay<V>).settle() : table)
