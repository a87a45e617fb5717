import { itemKey } from './apply.ts'
import type { Job } from './command.ts'
import type { Event } from './events.ts'
import { withOne } from './list.ts'
import type { TaskState, Timer } from './state.ts'

/**
 * Work the runtime owes once these events are committed; `state` is as they leave it.
 * `cancel` may name an attempt that is over already (it was parked outside): the plugin is told, its answer changes nothing.
 */
export function jobsOf(events: readonly Event[], state: Readonly<TaskState>): Job[] {
  let jobs: Job[] = []
  for (const event of events) {
    const job = jobOf(event, state)
    if (job !== null) jobs = withOne(jobs, job)
  }
  return jobs
}
function jobOf(event: Event, state: Readonly<TaskState>): Job | null {
  switch (event.kind) {
    case 'node_started': {
      const { node: nodeId, attempt } = event
      return event.plugin !== undefined && isBody(state, nodeId, attempt) ? { kind: 'execute', nodeId, attempt } : null
    }
    case 'item_started': {
      const { node: nodeId, item, attempt } = event
      const isWanted = state.items.get(itemKey(nodeId, item))?.attempt === attempt
      return isWanted ? { kind: 'execute', nodeId, attempt, item } : null
    }
    case 'poll_started': {
      const { node: nodeId, item, attempt } = event
      const run = item === undefined ? state.nodes.get(nodeId) : state.items.get(itemKey(nodeId, item))
      if (run?.attempt !== attempt || run.body !== 'poll') return null
      return { kind: 'poll', nodeId, attempt, ...(item !== undefined && { item }) }
    }
    case 'node_cancelling': {
      const { node: nodeId, item, attempt } = event
      if (item !== undefined) return { kind: 'cancel', nodeId, attempt, item }
      return state.nodes.get(nodeId)?.each === null ? { kind: 'cancel', nodeId, attempt } : null
    }
    case 'node_revoked':
      return event.parked === true ? { kind: 'cancel', nodeId: event.node, attempt: event.attempt } : null
    case 'item_revoked': {
      const { node: nodeId, item, attempt } = event
      return event.parked === true ? { kind: 'cancel', nodeId, attempt, item } : null
    }
    default:
      return null
  }
}
/** A body of its own, still wanted: an `each` has items instead, and a sibling may have given up in the same entry. */
function isBody(state: Readonly<TaskState>, node: string, attempt: number): boolean {
  const run = state.nodes.get(node)
  return run !== undefined && run.attempt === attempt && run.state === 'running' && run.each === null
}

/**
 * Work that was owed when the process ended, found from a state alone. Looks at live tokens only: parked tasks have none of it.
 * `execute` means: this body had been started. The runtime repeats it, re-attaches to it, or reports it `lost` (FLOW §2, Crash).
 */
export function jobsAtRecovery(state: Readonly<TaskState>): Job[] {
  const jobs: Job[] = []
  for (const id of liveNodes(state)) {
    const run = state.nodes.get(id)
    if (run === undefined || (run.state !== 'running' && run.state !== 'waiting')) continue
    if (run.each === null) {
      if (run.cancelling) jobs.push({ kind: 'cancel', nodeId: id, attempt: run.attempt })
      if (run.body !== null) jobs.push({ kind: run.body, nodeId: id, attempt: run.attempt })
      continue
    }
    for (let index = 0; index < run.each.count; index += 1) {
      const item = state.items.get(itemKey(id, index))
      if (item === undefined || (item.state !== 'running' && item.state !== 'waiting')) continue
      if (item.cancelling !== null) jobs.push({ kind: 'cancel', nodeId: id, attempt: item.attempt, item: index })
      if (item.body !== null) jobs.push({ kind: item.body, nodeId: id, attempt: item.attempt, item: index })
    }
  }
  return jobs
}
/** Nodes that hold a token, and the `finally` node under way. */
function* liveNodes(state: Readonly<TaskState>): Iterable<string> {
  if (state.stage === 'finally') {
    // A finally node is never in the token table; which one runs is known by its token.
    for (const run of state.nodes.values()) if (run.token === `finally:${state.finallyAt}`) yield run.id
    return
  }
  for (const token of state.tokens.values()) if (token.held !== true) yield token.node
}

/** What these events change in the task's table of timers: to be set (replacing one of the same id), to be removed. */
export function timerChanges(events: readonly Event[]): {
  readonly set: readonly Timer[]
  readonly cleared: readonly string[]
} {
  const changes = new Map<string, Timer | null>()
  for (const event of events) {
    if (event.kind === 'timer_set') changes.set(event.timer.id, event.timer)
    else if (event.kind === 'timers_cleared') for (const id of event.ids) changes.set(id, null)
  }
  const set: Timer[] = []
  const cleared: string[] = []
  for (const [id, timer] of changes) {
    if (timer === null) cleared.push(id)
    else set.push(timer)
  }
  return { set, cleared }
}
