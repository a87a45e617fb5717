import { itemKey } from '../core/apply.ts'
import type { Job } from '../core/command.ts'
import type { Actor, TaskState } from '../core/state.ts'
import type { Value, Values } from '../core/value.ts'

/** One body to run, with all it has to know of its task: an execution does not look at the state. */
export interface Work {
  readonly body: 'execute' | 'resume' | 'poll' | 'callback' | 'cancel'
  readonly task: {
    readonly id: string
    readonly number: number
    readonly title: string
    readonly project: string
    readonly flow: string
    readonly startedBy: string
    readonly starter: Actor
    readonly rehearsal: boolean
  }
  readonly nodeId: string
  /** The job's: an item's own where there is one. */
  readonly attempt: number
  /** The node's, under which its log is kept. */
  readonly nodeAttempt: number
  readonly item: number | null
  /** `code@1.2.0` */
  readonly plugin: string
  readonly inputs: Values
  readonly state: Value | null
  readonly callback: { readonly id: number; readonly payload: Value } | null
}

/** `task/node/attempt[/item]`: the same key means the same execution. */
export const executionKey = (work: Pick<Work, 'nodeId' | 'attempt' | 'item'> & { task: { id: string } }): string =>
  work.item === null
    ? `${work.task.id}/${work.nodeId}/${work.attempt}`
    : `${work.task.id}/${work.nodeId}/${work.attempt}/${work.item}`

/** What a job has to know; null when its attempt is over. */
export function workOf(state: TaskState, job: Job, body: Work['body']): Work | null {
  const run = state.nodes.get(job.nodeId)
  if (!run || run.plugin === null) return null
  const item = job.item === undefined ? null : state.items.get(itemKey(job.nodeId, job.item))
  const at = item === null ? run : item
  // A cancel may name an attempt that is over already: it was parked outside.
  if (!at || at.attempt !== job.attempt || (body !== 'cancel' && at.state !== 'running' && at.state !== 'waiting'))
    return null
  return {
    body,
    task: {
      id: state.id,
      number: state.number,
      title: state.title,
      project: state.project,
      flow: state.flow.name,
      startedBy: state.startedBy.name,
      starter: state.startedBy,
      rehearsal: state.rehearsal,
    },
    nodeId: job.nodeId,
    attempt: job.attempt,
    nodeAttempt: run.attempt,
    item: job.item ?? null,
    plugin: run.plugin,
    inputs: at.inputs ?? {},
    state: at.pluginState,
    callback: null,
  }
}

export function waitsForCallback(state: TaskState, job: Job): boolean {
  const at = job.item === undefined ? state.nodes.get(job.nodeId) : state.items.get(itemKey(job.nodeId, job.item))
  return at?.attempt === job.attempt && at.state === 'waiting' && at.waitsFor === 'callback'
}
export function isBeingCancelled(state: TaskState, job: Job): boolean {
  if (job.item !== undefined) return state.items.get(itemKey(job.nodeId, job.item))?.cancelling !== null
  return state.nodes.get(job.nodeId)?.cancelling === true
}
