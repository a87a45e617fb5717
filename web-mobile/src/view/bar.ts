import type { Action, Failure, TaskView } from '../api/fragments.ts'
import { chipsOf, failedOf } from './chips.ts'
import { isRequest } from './request.ts'
import { isFinal } from './states.ts'

/** What a press does: at once, by a sheet that asks more, or by going somewhere. */
export type How =
  | { readonly kind: 'act' }
  | { readonly kind: 'sheet'; readonly sheet: string }
  | { readonly kind: 'go'; readonly to: string }
export interface BarAction {
  /** The server's name of the action. */
  readonly action: string
  readonly nodeId: string | null
  readonly how: How
  readonly danger: boolean
}
export interface Bar {
  readonly filled: BarAction | null
  readonly others: readonly BarAction[]
  /** Left over when there is nothing to press: what to say. */
  readonly idle: 'nothing' | 'others' | 'paused' | 'queued' | null
}

/** Which sheet asks more before the action goes out; an action not listed goes at once. */
const SHEETS: Readonly<Record<string, string>> = {
  revoke: 'stop',
  edit_retry: 'edit',
  byhand: 'byhand',
  skip: 'skip',
  fail: 'fail',
  assign: 'assign',
  edit_variables: 'answers',
  choose_branch: 'branch',
  plan: 'plan',
  correct_request: 'correct',
  reject_request: 'reject',
  resubmit_request: 'resubmit',
  transfer_request: 'transfer',
  withdraw_request: 'withdraw',
}
export const may = (actions: readonly Action[], name: string): boolean =>
  actions.some(({ action, allowed }) => allowed && action === name)
const allowedOf = (actions: readonly Action[]): string[] =>
  actions.filter(({ allowed }) => allowed).map(({ action }) => action)

/** The filled button by cause: what is right to press first. Nothing is right to press blindly after a lost attempt. */
function leadOf(failure: Failure): string | null {
  switch (failure.error?.cause) {
    case 'REJECTED':
      return 'edit_retry'
    case 'NOBODY_CAN_ANSWER':
      return 'assign'
    case 'LOST':
      return null
    default:
      return 'retry'
  }
}

const act = (action: string, nodeId: string | null, sheet: string | undefined = SHEETS[action]): BarAction => ({
  action,
  nodeId,
  how: sheet ? { kind: 'sheet', sheet } : { kind: 'act' },
  danger: action === 'revoke' || action === 'fail' || action === 'withdraw_request',
})

/** What this person may do now, as the server says, in its order; Stop last. */
export function barOf(task: TaskView, failure: Failure | null): Bar {
  const ofTask = allowedOf(task.availableActions)
  const stop = ofTask.includes('revoke') ? [act('revoke', null)] : []
  if (isFinal(task.phase))
    return {
      filled: null,
      others: ofTask.filter((name) => name === 'run_again').map((name) => act(name, null)),
      idle: null,
    }
  if (failure) {
    const isLost = failure.error?.cause === 'LOST'
    const ofAsk = task.asks
      .filter(({ nodeId }) => nodeId === failure.id)
      .flatMap(({ availableActions }) => allowedOf(availableActions))
    const known = [...new Set([...allowedOf(failure.availableActions), ...ofAsk])].filter((name) =>
      ['retry', 'edit_retry', 'byhand', 'skip', 'assign', 'choose_branch'].includes(name),
    )
    const lead = known.includes('choose_branch') ? 'choose_branch' : leadOf(failure)
    const filled = lead !== null && known.includes(lead) ? act(lead, failure.id) : null
    const rest = known
      .filter((name) => name !== filled?.action)
      .map((name) => act(name, failure.id, isLost && name === 'retry' ? 'lost' : SHEETS[name]))
    const check: BarAction[] = isLost
      ? [
          {
            action: 'check',
            nodeId: failure.id,
            how: { kind: 'go', to: `/tasks/${task.number}/steps/${failure.id}` },
            danger: false,
          },
        ]
      : []
    const others = [...check, ...rest, ...stop]
    return { filled, others, idle: known.length === 0 ? 'others' : null }
  }
  if (isRequest(task)) return requestBar(ofTask)
  const ask = task.asks.find(
    ({ state, availableActions }) =>
      state === 'OPEN' &&
      ['approve', 'submit', 'confirm', 'reject', 'claim'].some((name) => may(availableActions, name)),
  )
  const pause = ofTask.filter((name) => name === 'pause').map((name) => act(name, null))
  if (ask) {
    return {
      filled: { action: 'decide', nodeId: ask.nodeId, how: { kind: 'go', to: `/asks/${ask.id}` }, danger: false },
      others: [...pause, ...stop],
      idle: null,
    }
  }
  const lead = ofTask.find((name) => name === 'resume' || name === 'start')
  // Nothing moves because somebody holds a step back: letting it begin is what there is to do.
  const held =
    lead || task.phase !== 'PAUSED' ? undefined : task.nodes.find((node) => may(node.availableActions, 'unpause'))
  const plan = ofTask.filter((name) => name === 'plan').map((name) => act(name, null))
  // What failed is a task of its own: there is nothing to decide here, and all the more there.
  const child = lead ? undefined : task.children.find(({ phase }) => phase === 'ATTENTION')
  if (child)
    return {
      filled: {
        action: 'see_child',
        nodeId: child.parentNode,
        how: { kind: 'go', to: `/tasks/${child.number}` },
        danger: false,
      },
      others: [...pause, ...stop],
      idle: null,
    }
  if (held) return { filled: act('unpause', held.id), others: [...pause, ...stop], idle: null }
  return {
    filled: lead ? act(lead, null) : null,
    others: [...plan, ...pause, ...stop],
    idle: lead
      ? null
      : task.phase === 'PAUSED'
        ? 'paused'
        : task.phase === 'QUEUED'
          ? 'queued'
          : task.asks.some(({ state }) => state === 'OPEN')
            ? 'others'
            : 'nothing',
  }
}

/** Work handed over: whoever may take it does, whoever has to change it does that. */
function requestBar(allowed: readonly string[]): Bar {
  const lead = allowed.find((name) => name === 'claim_request' || name === 'resubmit_request')
  const others = allowed.filter((name) => name.endsWith('_request') && name !== lead)
  const names = [...(lead === 'claim_request' ? ['correct_request'] : []), ...others]
  return {
    filled: lead ? act(lead, null) : null,
    others: names.map((name) => act(name, null)),
    idle: lead ? null : 'others',
  }
}

/** The one host a retry is about, so that the button can name it. */
export function retryHostOf(failure: Parameters<typeof chipsOf>[0]): string | null {
  const chips = chipsOf(failure)
  const failed = failedOf(chips)
  const only = failed.length === 1 ? failed[0] : chips.length === 1 ? chips[0] : undefined
  return only?.name ?? null
}

/** Whether two bars show the same buttons, so that nothing moves under a thumb. */
export const sameBar = (a: Bar, b: Bar): boolean => {
  const shape = (bar: Bar): string =>
    JSON.stringify([bar.filled?.action, bar.others.map(({ action }) => action), bar.idle === null])
  return shape(a) === shape(b)
}
