/**
 * What a task has to say to others and hears from them (docs/adr/0012). Requests leave in its outbox message, letters come numbered from the catalogue:
 * parent, child and slot are never touched directly.
 */
import type { Event } from './events.ts'
import type { Actor, NodeError, Outcome, SetBy, TaskPhase, TaskState } from './state.ts'
import type { Value, Values } from './value.ts'

/** Where a child belongs: the visit it was launched for, and every task above it, the oldest first. */
export interface ParentRef {
  readonly task: string
  readonly number: number
  readonly node: string
  readonly attempt: number
  readonly ancestors: readonly string[]
  /** Whose hand was in what it is launched with, by its variables. */
  readonly setBy?: SetBy
}

/** A place among those who may run at once. */
export interface SlotWanted {
  /** One name per project, whatever flow takes it. */
  readonly key: string
  readonly limit: number
  readonly whenBusy: 'queue' | 'reject' | 'join'
  /** Over flow and variables: equal ones may join. Empty: equal to none. */
  readonly digest: string
  /** Tasks whose slots this one may share. */
  readonly ancestors: readonly string[]
  /** Its number in this line before a freeze sent it away: it comes back to where it stood. */
  readonly place?: number
}

/** A child as its parent wants it. Version and variables are judged where it is launched. */
export interface ChildWanted {
  readonly child: string
  readonly parent: ParentRef
  readonly project: string
  readonly flow: string
  readonly version: number | 'latest'
  readonly variables: Values
  readonly app: { readonly name: string; readonly title: string } | null
  readonly rehearsal: boolean
  readonly by: Actor
  /** Sealed texts of the parent's secret variables that are handed on, by their name there. */
  readonly secrets?: { readonly [variable: string]: string }
}

/** What one task tells another to do, as the person who pressed it. */
export type Told =
  | { readonly what: 'pause' | 'resume'; readonly by: Actor }
  | { readonly what: 'revoke'; readonly mode: 'cancel' | 'stop'; readonly reason: string | null; readonly by: Actor }

/** How a child is. With an `outcome` it is final. */
export interface ChildNews {
  readonly child: string
  readonly node: string
  readonly attempt: number
  readonly number: number
  readonly phase: TaskPhase
  readonly outcome?: Outcome
  readonly outputs?: Values
  /** What it failed of. */
  readonly error?: NodeError
  /** Something of it may still run. */
  readonly unconfirmed?: true
}

/** From a task, in its outbox message: applied by the catalogue once and in order. */
export type TaskRequest =
  | ({ readonly kind: 'slot_wanted' } & SlotWanted)
  | { readonly kind: 'slot_released' }
  | ({ readonly kind: 'child_wanted' } & ChildWanted)
  | { readonly kind: 'child_told'; readonly child: string; readonly told: Told }
  | { readonly kind: 'parent_told'; readonly parent: string; readonly news: ChildNews }

/** From the catalogue to a task: applied once and in order, by their sequence. */
export type CatalogueLetter =
  /** `place`: its number in the line. */
  | { readonly kind: 'slot_granted'; readonly place?: number }
  /** Its place in the line is another one. Nothing of the task changes; whoever looks is told. */
  | { readonly kind: 'queue_moved' }
  | { readonly kind: 'slot_refused'; readonly code: 'BUSY'; readonly message: string }
  | { readonly kind: 'told'; readonly told: Told }
  | { readonly kind: 'child'; readonly news: ChildNews }
  | {
      readonly kind: 'child_refused'
      readonly child: string
      readonly node: string
      readonly attempt: number
      readonly code: string
      readonly message: string
    }
  | { readonly kind: 'follow'; readonly person: string; readonly by: Actor }

const NONE: readonly TaskRequest[] = []
/** What these events ask of others; `state` is as they leave it, `before` the phase before them (null: the task begins). Free for a task with neither slot, parent nor child. */
export function requestsOf(
  events: readonly Event[],
  before: TaskPhase | null,
  state: Readonly<TaskState>,
): readonly TaskRequest[] {
  const alone = state.parent === null && state.slot === null && state.children.length === 0
  if (alone && !events.some(({ kind }) => kind === 'slot_returned')) return NONE
  const requests: TaskRequest[] = []
  for (const event of events) {
    switch (event.kind) {
      case 'slot_requested':
        // Granted in the same entry: the launch had taken it before.
        if (state.slot?.state === 'wanted') requests.push({ kind: 'slot_wanted', ...slotOf(state, event) })
        break
      case 'child_requested':
        requests.push(wantedOf(state, event))
        break
      case 'child_told':
        requests.push({ kind: 'child_told', child: event.child, told: event.told })
        break
      case 'slot_returned':
        requests.push({ kind: 'slot_released' })
        break
      case 'task_ended':
        if (state.slot !== null) requests.push({ kind: 'slot_released' })
        break
      default:
    }
  }
  if (state.parent !== null && state.phase !== before)
    requests.push({ kind: 'parent_told', parent: state.parent.task, news: newsOf(state, state.parent) })
  return requests
}

type Of<K extends Event['kind']> = Extract<Event, { kind: K }>
const slotOf = (state: Readonly<TaskState>, { key, limit, whenBusy, digest }: Of<'slot_requested'>): SlotWanted => ({
  key,
  limit,
  whenBusy,
  digest,
  ancestors: state.parent?.ancestors ?? [],
  ...(state.keptPlace?.key === key && { place: state.keptPlace.place }),
})
const wantedOf = (state: Readonly<TaskState>, event: Of<'child_requested'>): TaskRequest => ({
  kind: 'child_wanted',
  child: event.child,
  parent: {
    task: state.id,
    number: state.number,
    node: event.node,
    attempt: event.attempt,
    ancestors: [...(state.parent?.ancestors ?? []), state.id],
    ...(event.setBy !== undefined && { setBy: event.setBy }),
  },
  project: state.project,
  flow: event.flow,
  version: event.version,
  variables: event.variables,
  app: state.app,
  rehearsal: state.rehearsal,
  by: state.startedBy,
})
function newsOf(state: Readonly<TaskState>, { node, attempt }: ParentRef): ChildNews {
  const news = { child: state.id, node, attempt, number: state.number, phase: state.phase }
  if (state.stage !== 'final') return news
  const error = state.outcome === 'failed' ? failureOf(state) : null
  return {
    ...news,
    outcome: state.outcome ?? 'failed',
    outputs: state.outputs ?? {},
    ...(error !== null && { error }),
    ...(state.cancelUnconfirmed && { unconfirmed: true as const }),
  }
}
/** The failure that ended it. */
function failureOf(state: Readonly<TaskState>): NodeError | null {
  for (const run of state.nodes.values()) if (run.givenUp && run.error !== null) return run.error
  return null
}

/** References to the task's own secrets in these values, by variable. */
export function ownSecretsIn(value: Value, found: Set<string> = new Set()): Set<string> {
  if (typeof value !== 'object' || value === null) return found
  const { $secret: ref } = value as { readonly $secret?: Value }
  if (typeof ref === 'string') {
    if (ref.startsWith('task:')) found.add(ref.slice('task:'.length))
    return found
  }
  for (const inner of Object.values(value)) ownSecretsIn(inner as Value, found)
  return found
}
