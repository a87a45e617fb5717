/**
 * What events make of a state (ADR 0001). The only place where a task changes; never refuses, evaluates nothing, reads no flow and no clock.
 * The state is changed in place: scalars are set, entries of tables replaced. `decide` runs the same code on an overlay.
 */
import type {
  AskOpened,
  AskPeopleChanged,
  Event,
  ForkJoined,
  GatewayForked,
  Moment,
  NodeFailed,
  NodeStarted,
  Recorded,
  TaskLaunched,
} from './events.ts'
import { phaseOf, retally, waitingForOf, bucketOf, NO_TALLY } from './phase.ts'
import type { Act, Ask, AttemptRecord, ItemRun, NodeRun, NodeState, TaskState } from './state.ts'
import { assertNever, type Value, type Values } from './value.ts'

const NOTHING: Values = {}
/** Where an item of `each` stands in `TaskState.items`. */
export const itemKey = (node: string, item: number): string => `${node}/${item}`
/** The items of a node's latest visit, in order. */
export function itemsOf(state: Readonly<TaskState>, node: string): readonly ItemRun[] {
  const count = state.nodes.get(node)?.each?.count ?? 0
  const items: ItemRun[] = []
  for (let index = 0; index < count; index += 1) {
    const item = state.items.get(itemKey(node, index))
    if (item !== undefined) items.push(item)
  }
  return items
}
/** Tokens of `finally` nodes live outside the table: `finally:<index>`. */
export const FINALLY = 'finally:'

/** Applies one committed entry. */
export function applyEntry(state: TaskState, entry: Recorded): void {
  for (const event of entry.events) apply(state, event, entry)
}

/** The state before anything but its launch has happened. */
export function newTask(event: TaskLaunched, at: number): TaskState {
  return {
    id: event.id,
    number: event.number,
    project: event.project,
    key: event.key,
    client: event.client,
    title: event.title,
    app: event.app,
    flow: event.flow,
    startedBy: event.startedBy,
    origin: event.origin,
    scheme: event.scheme,
    omit: event.omit,
    rehearsal: event.rehearsal,
    version: 1,
    stage: 'created',
    outcome: null,
    phase: 'created',
    waitingFor: [],
    paused: false,
    revoking: null,
    cancelUnconfirmed: false,
    createdAt: at,
    startedAt: null,
    endedAt: null,
    updatedAt: at,
    variables: event.variables,
    variablesRevision: 1,
    launched: event.launched,
    fixed: event.fixed ?? [],
    hidden: event.hidden ?? [],
    outputs: null,
    nodes: new Map(),
    tokens: new Map(),
    forks: new Map(),
    asks: new Map(),
    items: new Map(),
    timers: new Map(),
    finallyAt: -1,
    finallyRevoked: false,
    counters: { token: 0, fork: 0, ask: 0, started: 0 },
    tally: NO_TALLY,
    progress: { done: 0, total: event.total },
    followers: [],
    lastAct: null,
  }
}

/** Rebuilds a task from its whole history. */
export function replay(history: Iterable<Recorded>): TaskState {
  let state: TaskState | null = null
  for (const entry of history) {
    for (const event of entry.events) {
      if (event.kind === 'task_launched') state = newTask(event, entry.at)
      else if (state !== null) apply(state, event, entry)
    }
  }
  if (state === null) throw new Error('expected a history that begins with task_launched')
  return state
}

export function apply(state: TaskState, event: Event, moment: Moment): void {
  state.version += 1
  state.updatedAt = moment.at
  change(state, event, moment)
  const phase = phaseOf(state)
  if (phase !== state.phase) state.phase = phase
}

function change(state: TaskState, event: Event, moment: Moment): void {
  switch (event.kind) {
    case 'task_launched':
      throw new Error('task_launched makes a task, it does not change one')
    case 'task_started':
      state.stage = 'main'
      state.startedAt = moment.at
      if (isPerson(moment)) state.lastAct = actOf('started', moment)
      state.tokens.set(event.token, { id: event.token, node: event.node, fork: null, branch: 0, held: true })
      state.counters = { ...state.counters, token: state.counters.token + 1 }
      break
    case 'task_paused':
      state.paused = true
      state.lastAct = actOf('paused', moment)
      break
    case 'task_resumed':
      state.paused = false
      state.lastAct = actOf('resumed', moment)
      break
    case 'revoke_requested':
      state.revoking = { mode: event.mode, by: moment.by, reason: event.reason }
      state.paused = false // a stopped task winds down, whoever had paused it
      state.lastAct = actOf('revoked', moment)
      if (state.stage === 'finally') state.finallyRevoked = true
      break
    case 'main_ended':
      state.stage = 'finally'
      state.outcome = event.outcome
      if (state.forks.size > 0) for (const fork of [...state.forks.values()]) state.forks.delete(fork.id)
      break
    case 'task_ended':
      state.stage = 'final'
      state.outcome = event.outcome
      state.outputs = event.outputs
      state.endedAt = moment.at
      state.paused = false
      break
    case 'variables_edited': {
      const after: { [key: string]: Value } = {}
      for (const key of Object.keys(event.changes)) after[key] = event.changes[key]?.after ?? null
      save(state, after)
      state.lastAct = actOf('edited', moment)
      break
    }
    case 'task_followed':
      if (!state.followers.includes(event.person)) state.followers = [...state.followers, event.person]
      break
    case 'attention_reminded':
    case 'attention_escalated':
    case 'ask_reminded':
      break // said, not kept: the notice is the runtime's
    case 'timer_set':
      state.timers.set(event.timer.id, event.timer)
      break
    case 'timers_cleared':
      for (const id of event.ids) state.timers.delete(id)
      break

    case 'token_moved':
      if (event.token.startsWith(FINALLY)) state.finallyAt = finallyIndex(event.token)
      else moveToken(state, event.token, event.node, true)
      break
    case 'token_ended':
      state.tokens.delete(event.token)
      break
    case 'branch_chosen':
      passed(state, event.node, event.attempt, event.token, moment)
      dropped(state, event.node, event.dropped)
      moveToken(state, event.token, event.to, true)
      break
    case 'gateway_forked':
      forked(state, event, moment)
      break
    case 'token_arrived': {
      state.tokens.delete(event.token)
      const fork = state.forks.get(event.fork)
      if (fork !== undefined) state.forks.set(fork.id, { ...fork, arrived: fork.arrived + 1 })
      break
    }
    case 'fork_joined':
      joined(state, event, moment)
      break

    case 'node_entered':
      enter(state, event.node, event.attempt, event.token, 'ready', moment, null)
      break
    case 'node_started':
      started(state, event, moment)
      break
    case 'node_waiting':
      onNode(state, event.node, (run) => ({
        ...run,
        state: 'waiting',
        waitsFor: event.waitsFor,
        pluginState: event.state,
        body: null,
        attempts: nowIn(run, 'waiting'),
      }))
      break
    case 'node_deferred':
      onNode(state, event.node, (run) => ({
        ...run,
        state: 'running',
        waitsFor: null,
        pluginState: event.state,
        body: null,
        attempts: nowIn(run, 'running'),
      }))
      break
    case 'poll_started':
      if (event.item === undefined) onNode(state, event.node, (run) => ({ ...run, body: 'poll' }))
      else onItem(state, event.node, event.item, (item) => ({ ...item, body: 'poll' }))
      break
    case 'node_checkpointed':
      if (event.item === undefined) onNode(state, event.node, (run) => ({ ...run, pluginState: event.state }))
      else onItem(state, event.node, event.item, (item) => ({ ...item, pluginState: event.state }))
      break
    case 'node_succeeded':
      ended(state, event.node, 'succeeded', event.outputs, moment)
      if (event.saved !== undefined) save(state, event.saved)
      break
    case 'node_failed':
      failed(state, event, moment)
      break
    case 'node_retried':
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
      break
    case 'node_ignored':
      settled(state, event.node, 'ignored', null, moment)
      break
    case 'node_skipped':
      settled(state, event.node, 'skipped', event.note ?? null, moment, event.keeps === true)
      break
    case 'node_done_by_hand':
      onNode(state, event.node, (run) => ({ ...run, outputs: event.outputs, finishedOutputs: event.outputs }))
      settled(state, event.node, 'byhand', event.note ?? null, moment)
      if (event.saved !== undefined) save(state, event.saved)
      break
    case 'node_given_up': {
      const run = state.nodes.get(event.node)
      if (run === undefined) break
      put(state, run, {
        ...run,
        givenUp: true,
        note: event.note ?? run.note,
        lastAct: isPerson(moment) ? actOf('given_up', moment) : run.lastAct,
      })
      state.tokens.delete(run.token)
      if (state.stage === 'main') state.outcome = 'failed'
      else if (state.outcome === 'succeeded') state.outcome = 'failed'
      break
    }
    case 'node_cancelling':
      if (event.item !== undefined) {
        onItem(state, event.node, event.item, (item) => ({ ...item, cancelling: event.why }))
        break
      }
      onNode(state, event.node, (run) => ({
        ...run,
        cancelling: true,
        cancelFor: event.why,
        lastAct: event.why === 'forced' ? actOf('failed', moment) : run.lastAct,
      }))
      break
    case 'node_revoked': {
      const run = state.nodes.get(event.node)
      if (run === undefined) break
      const unconfirmed = event.unconfirmed === true
      put(state, run, close(run, 'revoked', moment, { cancelUnconfirmed: unconfirmed }))
      state.tokens.delete(run.token)
      if (unconfirmed) state.cancelUnconfirmed = true
      break
    }
    case 'node_rescheduled':
      onNode(state, event.node, (run) => ({
        ...run,
        note: event.note ?? run.note,
        lastAct: actOf('rescheduled', moment),
      }))
      break

    case 'each_began':
      eachBegan(state, event.node, event.attempt, event.items)
      break
    case 'each_resumed':
      eachResumed(state, event.node, event.items)
      break
    case 'item_started':
      onItem(state, event.node, event.item, (item) => ({
        ...item,
        state: 'running',
        attempt: event.attempt,
        inputs: event.inputs,
        outputs: null,
        error: null,
        pluginState: null,
        waitsFor: null,
        body: 'execute',
        notBefore: null,
        cancelling: null,
        cancelUnconfirmed: false,
        startedAt: moment.at,
        endedAt: null,
      }))
      break
    case 'item_waiting':
      onItem(state, event.node, event.item, (item) => ({
        ...item,
        state: 'waiting',
        waitsFor: event.waitsFor,
        pluginState: event.state,
        body: null,
      }))
      break
    case 'item_deferred':
      onItem(state, event.node, event.item, (item) => ({
        ...item,
        state: 'running',
        waitsFor: null,
        pluginState: event.state,
        body: null,
      }))
      break
    case 'item_succeeded':
      endItem(state, event.node, event.item, 'succeeded', moment, { outputs: event.outputs, pluginState: null })
      break
    case 'item_failed':
      endItem(state, event.node, event.item, 'failed', moment, {
        outputs: event.outputs ?? null,
        error: event.error,
        cancelUnconfirmed: event.unconfirmed === true,
      })
      break
    case 'item_retried':
      onItem(state, event.node, event.item, (item) => ({
        ...item,
        state: 'ready',
        attempt: event.attempt,
        notBefore: event.notBefore,
        retriesUsed: event.auto ? item.retriesUsed + 1 : 0,
        error: null,
        endedAt: null,
        cancelling: null,
        cancelUnconfirmed: false,
      }))
      break
    case 'item_skipped':
      endItem(state, event.node, event.item, 'skipped', moment, {})
      break
    case 'item_done_by_hand':
      endItem(state, event.node, event.item, 'byhand', moment, { outputs: event.outputs })
      break
    case 'item_revoked':
      endItem(state, event.node, event.item, 'revoked', moment, { cancelUnconfirmed: event.unconfirmed === true })
      if (event.unconfirmed === true) state.cancelUnconfirmed = true
      break

    case 'ask_opened':
      askOpened(state, event, moment)
      break
    case 'ask_decided': {
      const { decision, moved } = event
      onAsk(state, event.ask, (ask) => ({
        ...ask,
        decisions: [
          ...(moved === undefined
            ? ask.decisions
            : ask.decisions.map((each) => ({ ...each, as: moved[each.person] ?? each.as }))),
          decision,
        ],
      }))
      break
    }
    case 'ask_commented':
      onAsk(state, event.ask, (ask) => ({
        ...ask,
        comments: [...ask.comments, { by: moment.by, at: moment.at, text: event.comment }],
      }))
      break
    case 'ask_people_changed':
      peopleChanged(state, event)
      break
    case 'ask_closed':
      onAsk(state, event.ask, (ask) => ({
        ...ask,
        state: 'closed',
        end: event.end,
        closedAt: moment.at,
        closedBy: moment.by,
        answers: event.answers ?? ask.answers,
      }))
      break
    case 'approval_overridden':
      onAsk(state, event.ask, (ask) => ({ ...ask, end: 'overridden' }))
      break
    default:
      assertNever(event)
  }
}

// ---- visits --------------------------------------------------------------------------------------------------------

const isPerson = (moment: Moment): boolean => moment.by.person !== null
const actOf = (what: string, moment: Moment): Act => ({ what, by: moment.by, at: moment.at })
const finallyIndex = (token: string): number => Number(token.slice(FINALLY.length))

/** Replaces a visit and keeps the counters the phase is found from. */
function put(state: TaskState, before: NodeRun | undefined, after: NodeRun): void {
  state.nodes.set(after.id, after)
  const from = before === undefined ? null : bucketOf(before, state)
  const to = bucketOf(after, state)
  if (from === to) return
  state.tally = retally(state.tally, from, to)
  state.waitingFor = waitingForOf(state.tally)
}
function onNode(state: TaskState, id: string, replace: (run: NodeRun) => NodeRun): void {
  const run = state.nodes.get(id)
  if (run !== undefined) put(state, run, replace(run))
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
/** The attempts of a visit, the last one changed. */
const lastAttempt = (run: NodeRun, change: Partial<AttemptRecord>): readonly AttemptRecord[] => {
  const last = run.attempts.length - 1
  const record = run.attempts[last]
  if (record === undefined) return run.attempts
  if (last === 0) return [{ ...record, ...change }]
  const attempts = run.attempts.slice()
  attempts[last] = { ...record, ...change }
  return attempts
}
const nowIn = (run: NodeRun, state: NodeState): readonly AttemptRecord[] =>
  run.state === state ? run.attempts : lastAttempt(run, { state })

/** A visit begins, `ready` or (with `start`) under way at once. The counters over all visits go on; all else starts anew. */
function enter(
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

/** A visit is over, or failed: nothing of the attempt runs any more. */
function close(run: NodeRun, as: NodeState, moment: Moment, change: Partial<NodeRun>): NodeRun {
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
function progressed(state: TaskState, run: NodeRun): void {
  if (run.visit === 1)
    state.progress = { done: state.progress.done + 1, total: Math.max(state.progress.total, state.progress.done + 1) }
}
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
  put(state, run, {
    ...close(run, as, moment, { error: run.error }),
    // A skipped visit exports nothing, not even what a failed attempt left (FLOW §2).
    finishedOutputs: as === 'skipped' && !keeps ? null : run.finishedOutputs,
    note: note ?? run.note,
    lastAct: as !== 'ignored' && isPerson(moment) ? actOf(as, moment) : run.lastAct,
  })
  progressed(state, run)
}
function save(state: TaskState, values: Values): void {
  state.variables = { ...state.variables, ...values }
  state.variablesRevision += 1
}

// ---- tokens and gateways -------------------------------------------------------------------------------------------

function moveToken(state: TaskState, id: string, node: string, held: boolean): void {
  const token = state.tokens.get(id)
  if (token === undefined) return
  state.tokens.set(
    id,
    held
      ? { id, node, fork: token.fork, branch: token.branch, held: true }
      : { id, node, fork: token.fork, branch: token.branch },
  )
}
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

// ---- items ---------------------------------------------------------------------------------------------------------

function eachBegan(state: TaskState, node: string, attempt: number, items: readonly Value[]): void {
  const run = state.nodes.get(node)
  if (run === undefined) return
  const before = run.each
  if (before !== null)
    for (let index = items.length; index < before.count; index += 1) state.items.delete(itemKey(node, index))
  items.forEach((item, index) => state.items.set(itemKey(node, index), newItem(node, index, item)))
  const lastAttempt = Math.max(attempt - 1, before?.lastAttempt ?? 0)
  state.nodes.set(node, {
    ...run,
    body: null,
    each: {
      visit: run.visit,
      count: items.length,
      next: 0,
      live: 0,
      succeeded: 0,
      settled: 0,
      failed: 0,
      lastAttempt,
      floor: lastAttempt,
    },
  })
}
/** Open items are as if never started, but for their attempt numbers, which go on. */
function eachResumed(state: TaskState, node: string, items: readonly number[] | null): void {
  const run = state.nodes.get(node)
  if (run === undefined || run.each === null) return
  let failed = run.each.failed
  for (let index = 0; index < run.each.count; index += 1) {
    const item = state.items.get(itemKey(node, index))
    if (item === undefined || (items !== null && !items.includes(index))) continue
    if (item.state !== 'failed' && item.state !== 'revoked') continue
    if (item.state === 'failed') failed -= 1
    state.items.set(itemKey(node, index), { ...newItem(node, index, item.item), attempt: item.attempt })
  }
  state.nodes.set(node, { ...run, body: null, each: { ...run.each, next: 0, failed } })
}
const newItem = (node: string, index: number, item: Value): ItemRun => ({
  node,
  index,
  item,
  state: null,
  attempt: 0,
  inputs: null,
  pluginState: null,
  waitsFor: null,
  body: null,
  notBefore: null,
  retriesUsed: 0,
  cancelling: null,
  cancelUnconfirmed: false,
  outputs: null,
  error: null,
  startedAt: null,
  endedAt: null,
})
type ItemCount = 'live' | 'succeeded' | 'settled' | 'failed'
const countOf = (item: ItemRun): ItemCount | null => {
  switch (item.state) {
    case null:
    case 'revoked':
    case 'ignored':
      return null
    case 'skipped':
    case 'byhand':
      return 'settled'
    case 'succeeded':
    case 'failed':
      return item.state
    default:
      return 'live'
  }
}
function onItem(state: TaskState, node: string, index: number, replace: (item: ItemRun) => ItemRun): void {
  const run = state.nodes.get(node)
  const before = state.items.get(itemKey(node, index))
  if (run === undefined || run.each === null || before === undefined) return
  const after = replace(before)
  state.items.set(itemKey(node, index), after)
  const from = countOf(before)
  const to = countOf(after)
  const each = run.each
  const next = index >= each.next && after.state !== null ? index + 1 : each.next
  if (from === to && next === each.next && after.attempt <= each.lastAttempt) return
  const counts = { live: each.live, succeeded: each.succeeded, settled: each.settled, failed: each.failed }
  if (from !== null) counts[from] -= 1
  if (to !== null) counts[to] += 1
  state.nodes.set(node, {
    ...run,
    each: { ...each, ...counts, next, lastAttempt: Math.max(each.lastAttempt, after.attempt) },
  })
}
function endItem(
  state: TaskState,
  node: string,
  index: number,
  as: NodeState,
  moment: Moment,
  change: Partial<ItemRun>,
): void {
  onItem(state, node, index, (item) => ({
    ...item,
    ...change,
    state: as,
    body: null,
    waitsFor: null,
    notBefore: null,
    cancelling: null,
    endedAt: moment.at,
  }))
}

// ---- asks ----------------------------------------------------------------------------------------------------------

function askOpened(state: TaskState, { ask: facts }: AskOpened, moment: Moment): void {
  const ask: Ask = {
    ...facts,
    state: 'open',
    end: null,
    decisions: [],
    comments: [],
    openedAt: moment.at,
    closedAt: null,
    answers: null,
  }
  state.asks.set(ask.id, ask)
  state.counters = { ...state.counters, ask: state.counters.ask + 1 }
  onNode(state, ask.nodeId, (run) => ({ ...run, askId: ask.id }))
}
function onAsk(state: TaskState, id: string, replace: (ask: Ask) => Ask): void {
  const ask = state.asks.get(id)
  if (ask !== undefined) state.asks.set(id, replace(ask))
}
function peopleChanged(state: TaskState, event: AskPeopleChanged): void {
  onAsk(state, event.ask, (ask) => ({
    ...ask,
    need: event.need,
    attempt: event.attempt ?? ask.attempt,
    names: { ...ask.names, ...Object.fromEntries(event.added.map(({ id, name }) => [id, name])) },
  }))
}
