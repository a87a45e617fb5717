import { handIn } from '../asks/own-work.ts'
import type { Moment, NodeFailed, NodeKept, NodeStarted } from '../events.ts'
import type { AttemptRecord, NodeState, TaskState } from '../state.ts'
import type { Values } from '../value.ts'
import { actOf, isPerson, type Appliers } from './applier.ts'
import { keptItems, onItem } from './items.ts'
import { close, enter, lastAttempt, nowIn, onNode, progressed, put, save, setByHand } from './visit.ts'

/** Visits of nodes. */
export const nodeAppliers = {
  node_entered(state, event, moment) {
    enter(state, event.node, event.attempt, event.token, 'ready', moment, null)
  },
  node_started(state, event, moment) {
    started(state, event, moment)
  },
  node_waiting(state, event) {
    onNode(state, event.node, (run) => ({
      ...run,
      state: 'waiting',
      waitsFor: event.waitsFor,
      pluginState: event.state,
      body: null,
      attempts: nowIn(run, 'waiting'),
    }))
  },
  node_deferred(state, event) {
    onNode(state, event.node, (run) => ({
      ...run,
      state: 'running',
      waitsFor: null,
      pluginState: event.state,
      body: null,
      attempts: nowIn(run, 'running'),
    }))
  },
  poll_started(state, event) {
    if (event.item === undefined) onNode(state, event.node, (run) => ({ ...run, body: 'poll' }))
    else onItem(state, event.node, event.item, (item) => ({ ...item, body: 'poll' }))
  },
  node_checkpointed(state, event) {
    if (event.item === undefined) onNode(state, event.node, (run) => ({ ...run, pluginState: event.state }))
    else onItem(state, event.node, event.item, (item) => ({ ...item, pluginState: event.state }))
  },
  node_succeeded(state, event, moment) {
    ended(state, event.node, 'succeeded', event.outputs, moment)
    if (event.notPerformed === true) onNode(state, event.node, (run) => ({ ...run, notPerformed: true }))
    if (event.saved !== undefined) saveOf(state, event.node, event.saved)
  },
  node_kept(state, event, moment) {
    kept(state, event, moment)
  },
  node_failed(state, event, moment) {
    failed(state, event, moment)
  },
  node_retried(state, event, moment) {
    onNode(state, event.node, (run) => ({
      ...run,
      attempt: event.attempt,
      state: 'ready',
      notBefore: event.notBefore,
      retriesUsed: event.auto ? run.retriesUsed + 1 : 0,
      inputs: event.inputs ?? null,
      rawInputs: event.inputs !== undefined,
      outputs: null,
      error: null,
      startedAt: null,
      endedAt: null,
      endedBy: null,
      pluginState: null,
      waitsFor: null,
      body: null,
      cancelling: false,
      cancelFor: null,
      cancelUnconfirmed: false,
      note: event.note ?? null,
      lastAct: event.auto ? run.lastAct : actOf('retried', moment),
      attempts: [...run.attempts, newAttempt(event.attempt, run.visit, moment, event.note ?? null)],
    }))
  },
  node_ignored(state, event, moment) {
    settled(state, event.node, 'ignored', null, moment)
  },
  node_skipped(state, event, moment) {
    settled(state, event.node, 'skipped', event.note ?? null, moment, event.keeps === true)
  },
  node_done_by_hand(state, event, moment) {
    onNode(state, event.node, (run) => ({ ...run, outputs: event.outputs, finishedOutputs: event.outputs }))
    settled(state, event.node, 'byhand', event.note ?? null, moment)
    if (event.saved !== undefined) saveOf(state, event.node, event.saved)
  },
  node_given_up(state, event, moment) {
    const run = state.nodes.get(event.node)
    if (run === undefined) return
    put(state, run, {
      ...run,
      givenUp: true,
      note: event.note ?? run.note,
      lastAct: isPerson(moment) ? actOf('given_up', moment) : run.lastAct,
    })
    state.tokens.delete(run.token)
    if (state.stage === 'main') state.outcome = 'failed'
    else if (state.outcome === 'succeeded') state.outcome = 'failed'
  },
  node_cancelling(state, event, moment) {
    if (event.item !== undefined) {
      onItem(state, event.node, event.item, (item) => ({ ...item, cancelling: event.why }))
      return
    }
    onNode(state, event.node, (run) => ({
      ...run,
      cancelling: true,
      cancelFor: event.why,
      lastAct: event.why === 'forced' ? actOf('failed', moment) : run.lastAct,
    }))
  },
  node_revoked(state, event, moment) {
    const run = state.nodes.get(event.node)
    if (run === undefined) return
    const unconfirmed = event.unconfirmed === true
    put(state, run, close(run, 'revoked', moment, { cancelUnconfirmed: unconfirmed }))
    state.tokens.delete(run.token)
    if (unconfirmed) state.cancelUnconfirmed = true
  },
  node_rescheduled(state, event, moment) {
    onNode(state, event.node, (run) => ({
      ...run,
      note: event.note ?? run.note,
      lastAct: actOf('rescheduled', moment),
    }))
  },
} satisfies Partial<Appliers>

/** What a visit ended with, kept with whose hand was in it. */
function saveOf(state: TaskState, id: string, values: Values): void {
  const run = state.nodes.get(id)
  if (run !== undefined && (run.askId !== null || run.rawInputs || run.state === 'byhand'))
    setByHand(state, values, handIn(state, run))
  save(state, values)
}

function started(state: TaskState, event: NodeStarted, moment: Moment): void {
  const as = event.waitsFor === undefined ? 'running' : 'waiting'
  state.counters = { ...state.counters, started: state.counters.started + 1 }
  if (event.token !== undefined) return void enter(state, event.node, event.attempt, event.token, as, moment, event)
  onNode(state, event.node, (run) => ({
    ...run,
    state: as,
    startedAt: moment.at,
    notBefore: null,
    plugin: event.plugin ?? null,
    inputs: event.inputs,
    rawInputs: event.raw === true,
    waitsFor: event.waitsFor ?? null,
    body: event.plugin === undefined ? null : 'execute',
    attempts: lastAttempt(run, { state: as, startedAt: moment.at }),
  }))
}
const newAttempt = (attempt: number, visit: number, moment: Moment, note: string | null): AttemptRecord => ({
  attempt,
  visit,
  state: 'ready',
  startedAt: null,
  endedAt: null,
  by: moment.by,
  error: null,
  note,
})
function ended(state: TaskState, id: string, as: NodeState, outputs: Values, moment: Moment): void {
  const run = state.nodes.get(id)
  if (run === undefined) return
  put(state, run, close(run, as, moment, { outputs, finishedOutputs: outputs, error: null, pluginState: null }))
  progressed(state, run)
}
function failed(state: TaskState, event: NodeFailed, moment: Moment): void {
  const run = state.nodes.get(event.node)
  if (run === undefined) return
  const outputs = event.outputs ?? null
  put(
    state,
    run,
    close(run, 'failed', moment, {
      outputs,
      finishedOutputs: outputs ?? run.finishedOutputs,
      error: event.error,
      cancelUnconfirmed: event.unconfirmed === true,
    }),
  )
  if (event.saved !== undefined) save(state, event.saved)
}
/** Passed over or done by a person: the token goes on. */
function settled(
  state: TaskState,
  id: string,
  as: 'ignored' | 'skipped' | 'byhand',
  note: string | null,
  moment: Moment,
  keeps = false,
): void {
  const run = state.nodes.get(id)
  if (run === undefined) return
  const closed = close(run, as, moment, { error: run.error })
  put(state, run, {
    ...closed,
    attempts: closed.attempts.map((record, index) =>
      index < closed.attempts.length - 1
        ? record
        : {
            ...record,
            ...(run.state === 'failed' && run.endedAt !== null && { failedAt: run.endedAt }),
            ...(as !== 'ignored' && isPerson(moment) && { settledBy: moment.by }),
          },
    ),
    // A skipped visit exports nothing, not even what a failed attempt left (FLOW §2).
    finishedOutputs: as === 'skipped' && !keeps ? null : run.finishedOutputs,
    note: note ?? run.note,
    lastAct: as !== 'ignored' && isPerson(moment) ? actOf(as, moment) : run.lastAct,
  })
  progressed(state, run)
}

/** Visited and done in one: nothing ran. */
function kept(state: TaskState, event: NodeKept, moment: Moment): void {
  const run = enter(state, event.node, event.attempt, event.token, 'running', moment, null)
  const { items, outputs, inputs } = event
  put(state, run, {
    ...close(run, 'succeeded', moment, { inputs, outputs, finishedOutputs: outputs }),
    ...(items !== undefined && { each: keptItems(state, event.node, run.visit, items) }),
    keptFrom: event.from.number,
  })
  progressed(state, run)
  if (event.saved !== undefined) save(state, event.saved)
}
