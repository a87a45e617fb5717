import {
  askActions as engineAskActions,
  availableActions,
  nodeActions as engineNodeActions,
  type AvailableAction,
} from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { inWordsOf } from '../../why.ts'
import { isPast, viewerOf, type AskShape, type NodeShape, type TaskView } from './load.ts'

/** What the caller may do, and why not: computed here for every surface alike. */
export const taskActions = (context: Context, { state, flow }: TaskView): readonly AvailableAction[] =>
  isPast(state) ? [] : availableActions(flow, state, viewerOf(context, state)).map(inWordsOf(context.who.language))
export const nodeActions = (context: Context, { state, flow, id }: NodeShape): readonly AvailableAction[] =>
  isPast(state) ? [] : engineNodeActions(flow, state, id, viewerOf(context, state)).map(inWordsOf(context.who.language))
export const askActions = (context: Context, { state, ask }: AskShape): readonly AvailableAction[] =>
  isPast(state) ? [] : engineAskActions(state, ask, viewerOf(context, state)).map(inWordsOf(context.who.language))
