import type { Event, EventKind, Moment } from '../events.ts'
import type { Act, TaskState } from '../state.ts'

/** What each kind of event changes. The files of this folder hold one part of this table each; `apply.ts` joins them. */
export type Appliers = {
  readonly [kind in EventKind]: (
    state: TaskState,
    event: Extract<Event, { readonly kind: kind }>,
    moment: Moment,
  ) => void
}

export const isPerson = (moment: Moment): boolean => moment.by.person !== null
export const actOf = (what: string, moment: Moment): Act => ({ what, by: moment.by, at: moment.at })
