import {
  askActions as engineAskActions,
  availableActions,
  nodeActions as engineNodeActions,
  type AvailableAction,
} from '../../../engine/index.ts'
import { answersAsks } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { inWordsOf } from '../../why.ts'
import { passesOverApproval } from './around.ts'
import { isPast, viewerOf, type AskShape, type NodeShape, type TaskView } from './load.ts'

type Actions = readonly AvailableAction[]
const inWords = (context: Context, actions: Actions): Actions => actions.map(inWordsOf(context.who.language))
/** Not these, and why. */
const without = (actions: Actions, why: string, which: (action: string) => boolean): Actions =>
  actions.map((one) => (one.allowed && which(one.action) ? { ...one, allowed: false, why } : one))

/** What the caller may do, and why not: computed here for every surface alike. */
export const taskActions = (context: Context, { state, flow }: TaskView): Actions =>
  isPast(state) ? [] : inWords(context, availableActions(flow, state, viewerOf(context, state)))

/** A step that is a task of its own may hold an approval: to know that, that task is looked at. Of all others it is known at once. */
export function nodeActions(context: Context, { state, flow, id }: NodeShape): Actions | Promise<Actions> {
  if (isPast(state)) return []
  const offered = engineNodeActions(flow, state, id, viewerOf(context, state))
  const mine = answersAsks(context) ? offered : without(offered, NO_ANSWERS, (action) => action === 'assign')
  const passes = mine.some(({ action, allowed }) => allowed && PASSES.has(action))
  if (!passes || flow.node(id)?.kind !== 'subflow') return inWords(context, mine)
  return passesOverApproval(context, { state, flow }, id).then((around) =>
    inWords(context, around ? without(mine, OVERRIDES, (action) => PASSES.has(action)) : mine),
  )
}
const PASSES: ReadonlySet<string> = new Set(['skip', 'byhand'])
const OVERRIDES = 'Needs the right to override approvals'

/** A token that was narrowed answers none, and does nothing else on them, unless it says so. */
export function askActions(context: Context, { state, ask }: AskShape): Actions {
  if (isPast(state)) return []
  const offered = engineAskActions(state, ask, viewerOf(context, state))
  return inWords(context, answersAsks(context) ? offered : without(offered, NO_ANSWERS, () => true))
}
const NO_ANSWERS = 'This token answers no asks'
