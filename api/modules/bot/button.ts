import {
  endedBy,
  type Ask,
  type AvailableAction,
  type catalogue,
  type NodeRun,
  type TaskState,
  type Truth,
} from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { textsOf, truthText } from '../../texts.ts'
import { askActions, nodeActions, taskActions } from '../task/actions.ts'
import { findTask, type TaskView } from '../task/load.ts'

/** A pressed button as it stands now, for whoever pressed it. */
export interface ButtonShape extends Omit<catalogue.Button, 'token' | 'superseded' | 'createdAt'> {
  readonly stale: boolean
  readonly truth: string | null
  readonly allowed: boolean
  readonly why: string | null
}
interface Standing {
  readonly truth: Truth | null
  readonly allowed: boolean
  readonly why: string | null
}
const FREE: Standing = { truth: null, allowed: true, why: null }

const ON_ASK: ReadonlySet<string> = new Set([
  'approve',
  'reject',
  'submit',
  'confirm',
  'transfer',
  'assign',
  'comment',
  'claim',
  'release',
  'remind',
])
const ON_NODE: ReadonlySet<string> = new Set([
  'retry',
  'edit_retry',
  'byhand',
  'skip',
  'fail',
  'choose_branch',
  'reschedule',
  'assign',
])
const ON_TASK: ReadonlySet<string> = new Set(['start', 'pause', 'resume', 'revoke', 'edit_variables'])
/** On work that was handed over; `attempt` is the round that was seen. */
const ON_REQUEST: ReadonlySet<string> = new Set([
  'claim_request',
  'reject_request',
  'resubmit_request',
  'transfer_request',
  'withdraw_request',
])

/** What a button stands for, what is true now, and whether this person may press it. Nothing is done. */
export async function standOf(context: Context, button: catalogue.Button): Promise<ButtonShape> {
  const { token: _token, superseded: _superseded, createdAt: _at, ...target } = button
  const { allowed, truth, why } = await standing(context, button)
  const told = truth && truthText(truth, context.who.language, context.who.timeZone, context.now())
  return { ...target, stale: truth !== null, truth: told, allowed, why }
}

async function standing(context: Context, button: catalogue.Button): Promise<Standing> {
  const verb = button.verb === 'revoke_soft' ? 'revoke' : button.verb
  if (![ON_ASK, ON_NODE, ON_TASK, ON_REQUEST].some((verbs) => verbs.has(verb))) return FREE
  const texts = textsOf(context.who.language)
  const view = button.taskId === null ? null : await findTask(context, button.taskId)
  if (!view) return { truth: null, allowed: false, why: texts.unknown }
  if (button.askId !== null && ON_ASK.has(verb)) return onAsk(context, view, button, verb)
  if (button.nodeId !== null && ON_NODE.has(verb)) return onNode(context, view, button, verb)
  if (ON_REQUEST.has(verb) && button.attempt !== null && view.state.handOver?.round !== button.attempt)
    return { truth: truthOfRequest(view.state), allowed: false, why: null }
  return judged(taskActions(context, view), verb, () =>
    ON_REQUEST.has(verb) ? truthOfRequest(view.state) : truthOfTask(view.state),
  )
}
function truthOfRequest(state: Readonly<TaskState>): Truth {
  const { handOver, phase } = state
  if (handOver === null) return truthOfTask(state)
  const { what, by, at } = handOver.lastAct
  return { what, by: by.name, at, now: handOver.state === 'open' || phase === 'requested' ? '' : phase }
}
/** Offered and allowed; offered to others; or not offered to anybody any more, which is stale. */
function judged(actions: readonly AvailableAction[], verb: string, truth: () => Truth): Standing {
  const action = actions.find((one) => one.action === verb)
  return action
    ? { truth: null, allowed: action.allowed, why: action.why }
    : { truth: truth(), allowed: false, why: null }
}

function onAsk(context: Context, view: TaskView, button: catalogue.Button, verb: string): Standing {
  const ask = view.state.asks.get(button.askId!)
  if (!ask) return { truth: truthOfTask(view.state), allowed: false, why: null }
  if (button.digest !== null && button.digest !== ask.digest)
    return { truth: { ...truthOfAsk(ask), what: 'voided' }, allowed: false, why: null }
  return judged(askActions(context, { ...view, ask }), verb, () =>
    verb === 'claim' && ask.claimedBy ? truthOfClaim(ask.claimedBy) : truthOfAsk(ask, context.who.person?.id),
  )
}
const truthOfClaim = ({ name, at }: NonNullable<Ask['claimedBy']>): Truth => ({
  what: 'claimed',
  by: name,
  at,
  now: 'open',
})
function truthOfAsk(ask: Ask, person?: string): Truth {
  const own = ask.decisions.find((decision) => decision.person === person)
  const last = (ask.state === 'open' ? own : undefined) ?? ask.decisions.at(-1)
  const what = ask.end ?? (last ? DONE[last.verdict]! : 'moved_on')
  return {
    what,
    by: ask.state === 'closed' ? endedBy(ask) : (last?.name ?? null),
    at: ask.closedAt ?? last?.at ?? null,
    now: ask.state === 'open' ? 'open' : '',
  }
}
const DONE: Readonly<Record<string, string>> = {
  approve: 'approved',
  reject: 'rejected',
  submit: 'submitted',
  confirm: 'confirmed',
}

async function onNode(context: Context, view: TaskView, button: catalogue.Button, verb: string): Promise<Standing> {
  const run = view.state.nodes.get(button.nodeId!)
  if (!run) return { truth: truthOfTask(view.state), allowed: false, why: null }
  if (button.attempt !== null && run.attempt !== button.attempt)
    return { truth: truthOfNode(run), allowed: false, why: null }
  return judged(await nodeActions(context, { ...view, id: run.id }), verb, () =>
    view.state.stage === 'final' ? truthOfTask(view.state) : truthOfNode(run),
  )
}
function truthOfNode(run: NodeRun): Truth {
  const act =
    run.lastAct ?? (run.endedBy && run.endedAt !== null ? { what: run.state, by: run.endedBy, at: run.endedAt } : null)
  return {
    what: act?.what ?? run.state,
    by: act?.by.person ? act.by.name : null,
    at: act?.at ?? run.endedAt,
    now: run.state,
    attempt: run.attempt,
  }
}
function truthOfTask(state: Readonly<TaskState>): Truth {
  const { lastAct, phase, endedAt } = state
  return lastAct
    ? { what: lastAct.what, by: lastAct.by.name, at: lastAct.at, now: phase }
    : { what: phase, by: null, at: endedAt, now: phase }
}
