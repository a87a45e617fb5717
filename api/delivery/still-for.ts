import { catalogue, stoodForIn, type TaskView } from '../../engine/index.ts'
import { inNameOf } from '../auth/in-name-of.ts'
import type { Deps } from '../context.ts'
import { isAsked, maySee } from '../modules/task/load.ts'

/** What a step of a flow sends to whom its author names: they are told whether they may look at the task or not. */
const isWritten = ({ kind, subject }: catalogue.Card): boolean => kind === 'message' && subject.startsWith('message:')

/** Whoever is to be told may still hear of it: roles and rights may have changed since it was written that they are. */
export function isStillFor(deps: Deps, card: catalogue.Card, task: TaskView): boolean {
  if (card.person === null || isWritten(card)) return true
  const person = deps.db.read((tx) => catalogue.personById(tx, card.person!)) // seen above
  if (!person?.active) return false
  if (card.kind === 'ask' && !isAskedOf(deps, task, card.askId ?? '', person.id)) return false
  return maySee(inNameOf(deps, person), task.state)
}
/** They are asked still, or stand in for somebody who is. */
function isAskedOf({ directory, now }: Deps, { state }: TaskView, askId: string, person: string): boolean {
  const ask = state.asks.get(askId)
  if (!ask) return false
  const around = { starter: state.startedBy.person, rehearsal: state.rehearsal }
  return isAsked(ask, person) || stoodForIn(ask, around, person, directory.standsFor?.(person, now()) ?? []).length > 0
}
