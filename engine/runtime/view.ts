import type { Flow } from '../core/flow.ts'
import type { TaskState } from '../core/state.ts'
import type { TaskView } from './engine.ts'

/** The state as it is now, safe to keep: its tables are copied, their entries are never changed in place. */
export const viewOf = (state: TaskState, flow: Flow): TaskView => ({
  flow,
  state: {
    ...state,
    nodes: new Map(state.nodes.entries()),
    tokens: new Map(state.tokens.entries()),
    forks: new Map(state.forks.entries()),
    asks: new Map(state.asks.entries()),
    items: new Map(state.items.entries()),
    timers: new Map(state.timers.entries()),
  },
})
