/**
 * What events make of a state (ADR 0001). The only place where a task changes; never refuses, evaluates nothing, reads no flow and no clock.
 * The state is changed in place: scalars are set, entries of tables replaced. `decide` runs the same code on an overlay.
 */
import type { Appliers } from './apply/applier.ts'
import { askAppliers } from './apply/asks.ts'
import { handOverAppliers } from './apply/hand-over.ts'
import { familyAppliers } from './apply/family.ts'
import { itemAppliers } from './apply/items.ts'
import { nodeAppliers } from './apply/nodes.ts'
import { newTask, taskAppliers } from './apply/task.ts'
import { tokenAppliers } from './apply/tokens.ts'
import type { Event, Moment, Recorded } from './events.ts'
import { phaseOf } from './phase.ts'
import type { TaskState } from './state.ts'

export { itemKey, itemsOf } from './apply/items.ts'
export { newTask } from './apply/task.ts'
export { FINALLY } from './apply/visit.ts'

const APPLIERS: Appliers = {
  ...taskAppliers,
  ...tokenAppliers,
  ...nodeAppliers,
  ...itemAppliers,
  ...askAppliers,
  ...familyAppliers,
  ...handOverAppliers,
}

/** Applies one committed entry. */
export function applyEntry(state: TaskState, entry: Recorded): void {
  for (const event of entry.events) apply(state, event, entry)
}

/** Rebuilds a task from its whole history. */
export function replay(history: Iterable<Recorded>): TaskState {
  let state: TaskState | null = null
  for (const entry of history) {
    for (const event of entry.events) {
      if (event.kind === 'task_launched') state = newTask(event, entry.at)
      else if (state !== null) apply(state, event, entry)
    }
  }
  if (state === null) throw new Error('expected a history that begins with task_launched')
  return state
}

export function apply(state: TaskState, event: Event, moment: Moment): void {
  state.version += 1
  state.updatedAt = moment.at
  // The table has each kind's own applier under its name; the compiler cannot follow one name through both.
  const change = APPLIERS[event.kind] as ((state: TaskState, event: Event, moment: Moment) => void) | undefined
  if (change === undefined) throw new Error(`expected an event this version knows, but got ${event.kind}`)
  change(state, event, moment)
  const phase = phaseOf(state)
  if (phase !== state.phase) state.phase = phase
}
