import type { Event } from '../core/events.ts'
import type { Values } from '../core/value.ts'
import type { TaskStore } from '../store/task-store.ts'

const PAGE = 500

/** Inputs and outputs of one attempt, from the history. Null: there was no such attempt. */
export function attemptOf(
  store: TaskStore,
  taskId: string,
  nodeId: string,
  attempt: number,
): { inputs: Values | null; outputs: Values | null } | null {
  let found: { inputs: Values | null; outputs: Values | null } | null = null
  for (let after = 0; ;) {
    const page = store.history(taskId, after, PAGE)
    for (const { events } of page) {
      for (const event of events)
        if (
          'node' in event &&
          event.node === nodeId &&
          'attempt' in event &&
          event.attempt === attempt &&
          !('item' in event && event.item !== undefined)
        )
          found = seen(found, event)
    }
    const last = page.at(-1)
    if (!last || page.length < PAGE) return found
    after = last.seq + last.events.length - 1
  }
}

function seen(
  before: { inputs: Values | null; outputs: Values | null } | null,
  event: Event,
): { inputs: Values | null; outputs: Values | null } {
  const known = before ?? { inputs: null, outputs: null }
  switch (event.kind) {
    case 'node_started':
      return { ...known, inputs: event.inputs }
    case 'node_kept':
      return { inputs: event.inputs, outputs: event.outputs }
    case 'node_succeeded':
    case 'node_done_by_hand':
      return { ...known, outputs: event.outputs }
    case 'node_failed':
      return { ...known, outputs: event.outputs ?? null }
    default:
      return known
  }
}
