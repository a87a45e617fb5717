/**
 * What a history is made of (ADR 0001). Kinds and fields are public and for ever: a kind is never renamed, a field never changes its meaning;
 * what must differ becomes `v: 2` beside it. Events record what was decided (tokens moved, branches taken, values saved, attempts numbered,
 * lists and people frozen), never why, so that `apply` needs no flow, no expression and no clock.
 *
 * Fields: `node` a node id · `attempt` its attempt number · `token`, `fork`, `ask` ids inside the task · `item` an index of `each` from 0.
 * Secrets appear as `{ $secret }` alone.
 */
import type { AskEvent } from './events/ask.ts'
import type { FamilyEvent } from './events/family.ts'
import type { ItemEvent } from './events/item.ts'
import type { NodeEvent } from './events/node.ts'
import type { RequestEvent } from './events/request.ts'
import type { TaskEvent } from './events/task.ts'
import type { TokenEvent } from './events/token.ts'
import type { Actor } from './state.ts'

export type * from './events/ask.ts'
export type * from './events/family.ts'
export type * from './events/item.ts'
export type * from './events/node.ts'
export type * from './events/request.ts'
export type * from './events/task.ts'
export type * from './events/token.ts'

/**
 * One entry of a history: what one command came to, committed as a whole. Events are numbered one by one within their task:
 * `seq` is the number of the first, the next entry begins at `seq + events.length`, and a state's `version` is the number of the last event applied.
 */
export interface Recorded {
  readonly seq: number
  /** ms since the epoch, UTC. What `apply` takes for "now". */
  readonly at: number
  readonly by: Actor
  readonly events: readonly Event[]
}
/** When and by whom: what `apply` knows of an entry besides the event itself. */
export type Moment = Pick<Recorded, 'at' | 'by'>

export type Event = TaskEvent | RequestEvent | TokenEvent | NodeEvent | ItemEvent | FamilyEvent | AskEvent
export type EventKind = Event['kind']
