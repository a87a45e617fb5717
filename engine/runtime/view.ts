import type { Flow } from '../core/flow.ts'
import type { Table, TaskState } from '../core/state.ts'
import type { TaskView } from './engine.ts'

/** Most tables of most tasks are empty. Nobody writes to what a view shows, so these are one. */
const EMPTY: Table<never> = Object.defineProperty(new Map<string, never>(), 'set', {
  value: () => {
    throw new Error('expected nobody to write to the table of a view')
  },
})
const copyOf = <V>(table: Table<V>): Table<V> => (table.size === 0 ? EMPTY : new Map(table.entries()))

/** The state as it is now, safe to keep: its tables are copied, their entries are never changed in place. */
export const viewOf = (state: TaskState, flow: Flow): TaskView => ({
  flow,
  state: {
    ...state,
    nodes: copyOf(state.nodes),
    tokens: copyOf(state.tokens),
    forks: copyOf(state.forks),
    asks: copyOf(state.asks),
    items: copyOf(state.items),
    timers: copyOf(state.timers),
  },
})
