import type { Moment, NodeStarted } from '../events.ts'
import { bucketOf, retally, waitingForOf } from '../phase.ts'
import { canonical } from '../asks/digest.ts'
import { withHand } from '../asks/own-work.ts'
import type { Actor, AttemptRecord, NodeRun, NodeState, TaskState } from '../state.ts'
import { isSecretRef, type Values } from '../value.ts'

/** Tokens of `finally` nodes live outside the table: `finally:<index>`. */
export const FINALLY = 'finally:'
export const finallyIndex = (token: string): number => Number(token.slice(FINALLY.length))

/** Replaces a visit and keeps the counters the phase is found from. */
export function put(state: TaskState, before: NodeRun | undefined, after: NodeRun): void {
  state.nodes.set(after.id, after)
  const from = before === undefined ? null : bucketOf(before, state)
  const to = bucketOf(after, state)
  if (from === to) return
  state.tally = retally(state.tally, from, to)
  state.waitingFor = waitingForOf(state.tally)
}
export function onNode(state: TaskState, id: string, replace: (run: NodeRun) => NodeRun): void {
  const run = state.nodes.get(id)
  if (run !== undefined) put(state, run, replace(run))
}

/** The attempts of a visit, the last one changed. */
export const lastAttempt = (run: NodeRun, change: Partial<AttemptRecord>): readonly AttemptRecord[] => {
  const last = run.attempts.length - 1
  const record = run.attempts[last]
  if (record === undefined) return run.attempts
  if (last === 0) return [{ ...record, ...change }]
  const attempts = run.attempts.slice()
  attempts[last] = { ...record, ...change }
  return attempts
}
export const nowIn = (run: NodeRun, state: NodeState): readonly AttemptRecord[] =>
  run.state === state ? run.attempts : lastAttempt(run, { state })

/** A visit begins, `ready` or (with `start`) under way at once. The counters over all visits go on; all else starts anew. */
export function enter(
  state: TaskState,
  id: string,
  attempt: number,
  token: string,
  as: 'ready' | 'running' | 'waiting',
  moment: Moment,
  start: NodeStarted | null,
): NodeRun {
  const before = state.nodes.get(id)
  const visit = (before?.visit ?? 0) + 1
  const startedAt = as === 'ready' ? null : moment.at
  const begun: AttemptRecord = {
    attempt,
    visit,
    state: as,
    startedAt,
    endedAt: null,
    by: moment.by,
    error: null,
    note: null,
  }
  const run: NodeRun = {
    id,
    attempt,
    visit,
    state: as,
    token,
    enteredAt: moment.at,
    startedAt,
    endedAt: null,
    notBefore: null,
    retriesUsed: 0,
    plugin: start?.plugin ?? null,
    inputs: start === null ? null : start.inputs,
    rawInputs: start?.raw === true,
    outputs: null,
    finishedOutputs: before === undefined ? null : before.finishedOutputs,
    error: null,
    pluginState: null,
    waitsFor: start?.waitsFor ?? null,
    cancelling: false,
    cancelUnconfirmed: false,
    note: null,
    endedBy: null,
    askId: null,
    each: before === undefined ? null : before.each,
    body: start?.plugin === undefined ? null : 'execute',
    cancelFor: null,
    givenUp: false,
    lastAct: null,
    attempts: before === undefined ? [begun] : [...before.attempts, begun],
  }
  put(state, before, run)
  if (token.startsWith(FINALLY)) state.finallyAt = finallyIndex(token)
  else moveToken(state, token, id, false)
  return run
}

/** A visit is over, or failed: nothing of the attempt runs any more. */
export function close(run: NodeRun, as: NodeState, moment: Moment, change: Partial<NodeRun>): NodeRun {
  return {
    ...run,
    state: as,
    endedAt: moment.at,
    endedBy: moment.by,
    waitsFor: null,
    notBefore: null,
    body: null,
    cancelling: false,
    cancelFor: null,
    ...change,
    attempts: lastAttempt(run, { state: as, endedAt: moment.at, error: change.error ?? run.error }),
  }
}
export function progressed(state: TaskState, run: NodeRun): void {
  if (run.visit === 1)
    state.progress = { done: state.progress.done + 1, total: Math.max(state.progress.total, state.progress.done + 1) }
}
/** A person's hand is in those of these values that are new. Before `save`. */
export function setByHand(state: TaskState, values: Values, hand: Actor | null): void {
  if (hand === null || hand.person === null) return
  const { variables } = state
  const changed = Object.keys(values).filter((key) => {
    const value = values[key] ?? null
    return isSecretRef(value) || canonical(value) !== canonical(variables[key] ?? null) // what is behind a secret is not seen here
  })
  const setBy = withHand(state.setBy, changed, hand)
  if (setBy !== undefined) state.setBy = setBy
}
export function save(state: TaskState, values: Values): void {
  state.variables = { ...state.variables, ...values }
  state.variablesRevision += 1
}
export function moveToken(state: TaskState, id: string, node: string, held: boolean): void {
  const token = state.tokens.get(id)
  if (token === undefined) return
  state.tokens.set(
    id,
    held
      ? { id, node, fork: token.fork, branch: token.branch, held: true }
      : { id, node, fork: token.fork, branch: token.branch },
  )
}
