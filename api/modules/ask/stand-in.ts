import {
  awaited,
  isAnsweredBy,
  standInsFor,
  stoodForIn,
  type Actor,
  type Ask,
  type Directory,
  type TaskState,
} from '../../../engine/index.ts'
import { standsFor } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'

const aroundOf = ({ startedBy, rehearsal }: Readonly<TaskState>) => ({ starter: startedBy.person, rehearsal })
const actorOf = ({ id, name }: { readonly id: string; readonly name: string }): Actor => ({
  person: id,
  name,
  surface: 'system',
})

/** Who may answer in the place of somebody still waited on. */
export const standInsOf = (
  { standIns }: Directory,
  state: Readonly<TaskState>,
  ask: Ask,
  at: number,
): { person: Actor; for: Actor }[] =>
  ask.state === 'closed' || standIns === undefined
    ? []
    : awaited(ask).flatMap((id) =>
        standInsFor(ask, aroundOf(state), standIns(id, at)).map((person) => ({
          person: actorOf(person),
          for: actorOf({ id, name: ask.names[id] ?? id }),
        })),
      )

/** Whose place the caller may take beside their own. */
export function answersFor(context: Context, state: Readonly<TaskState>, ask: Ask): Actor[] {
  const { person } = context.who
  if (!person || ask.state === 'closed') return []
  return stoodForIn(ask, aroundOf(state), person.id, standsFor(context))
    .filter(({ id }) => !isAnsweredBy(ask, id))
    .map(actorOf)
}
/** The caller may answer it, though they are not asked themselves. */
export const standsIn = (context: Context, state: Readonly<TaskState>, ask: Ask): boolean =>
  !!context.who.person && !isAnsweredBy(ask, context.who.person.id) && answersFor(context, state, ask).length > 0
