import type { ForkJoined, GatewayForked, Moment } from '../events.ts'
import type { TaskState } from '../state.ts'
import type { Values } from '../value.ts'
import { actOf, type Appliers } from './applier.ts'
import { close, enter, FINALLY, finallyIndex, moveToken, put } from './visit.ts'

/** Tokens and gateways. */
export const tokenAppliers = {
  token_moved(state, event) {
    if (event.token.startsWith(FINALLY)) state.finallyAt = finallyIndex(event.token)
    else moveToken(state, event.token, event.node, true)
  },
  token_ended(state, event) {
    state.tokens.delete(event.token)
  },
  branch_chosen(state, event, moment) {
    passed(state, event.node, event.attempt, event.token, moment)
    dropped(state, event.node, event.dropped)
    moveToken(state, event.token, event.to, true)
  },
  pause_before_set(state, event, moment) {
    state.pausedBefore = [...state.pausedBefore, event.node]
    state.lastAct = actOf('pause_before', moment)
  },
  pause_before_lifted(state, event, moment) {
    state.pausedBefore = state.pausedBefore.filter((node) => node !== event.node)
    state.lastAct = actOf('unpause', moment)
  },
  gateway_forked: forked,
  token_arrived(state, event) {
    state.tokens.delete(event.token)
    const fork = state.forks.get(event.fork)
    if (fork !== undefined) state.forks.set(fork.id, { ...fork, arrived: fork.arrived + 1 })
  },
  fork_joined: joined,
} satisfies Partial<Appliers>

const NOTHING: Values = {}
/** A gateway let its token through. It is visited by that, unless it had failed and a person chose. */
function passed(state: TaskState, node: string, attempt: number, token: string, moment: Moment): void {
  const before = state.nodes.get(node)
  const run =
    before === undefined || before.attempt !== attempt
      ? enter(state, node, attempt, token, 'running', moment, null)
      : before
  put(state, run, {
    ...close(run, 'succeeded', moment, {
      error: null,
      finishedOutputs: NOTHING,
      startedAt: run.startedAt ?? moment.at,
    }),
    lastAct: run.state === 'failed' ? actOf('branch_chosen', moment) : run.lastAct,
  })
}
function dropped(state: TaskState, node: string, steps: number | undefined): void {
  if (steps === undefined || state.nodes.get(node)?.visit !== 1) return
  state.progress = { done: state.progress.done, total: Math.max(state.progress.done, state.progress.total - steps) }
}
function forked(state: TaskState, event: GatewayForked, moment: Moment): void {
  const parent = state.tokens.get(event.token)
  passed(state, event.node, event.attempt, event.token, moment)
  dropped(state, event.node, event.dropped)
  state.tokens.delete(event.token)
  const { fork, converge, branches } = event
  state.forks.set(fork, {
    id: fork,
    gateway: event.node,
    converge,
    sent: branches.length,
    arrived: 0,
    parent: { fork: parent?.fork ?? null, branch: parent?.branch ?? 0 },
  })
  for (const { token, node, branch } of branches) state.tokens.set(token, { id: token, node, fork, branch, held: true })
  state.counters = { ...state.counters, token: state.counters.token + branches.length, fork: state.counters.fork + 1 }
}
function joined(state: TaskState, event: ForkJoined, moment: Moment): void {
  const fork = state.forks.get(event.fork)
  if (fork === undefined) return
  passed(state, event.node, event.attempt, event.token, moment)
  state.forks.delete(fork.id)
  state.tokens.set(event.token, {
    id: event.token,
    node: event.node,
    fork: fork.parent.fork,
    branch: fork.parent.branch,
  })
}
