import type { TaskLaunched } from '../events.ts'
import { NO_TALLY } from '../phase.ts'
import type { TaskState } from '../state.ts'
import type { Value } from '../value.ts'
import { actOf, isPerson, type Appliers } from './applier.ts'
import { save, setByHand } from './visit.ts'

const NO_CHILDREN: TaskState['children'] = []

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
    pausedBefore: [],
    note: null,
    expectMs: event.expectMs ?? null,
    ...(event.titleFrom !== undefined && { titleFrom: event.titleFrom }),
    late: false,
    continues: event.continues ?? null,
    lastAct: null,
    heard: 0,
    parent: event.parent ?? null,
    heldByParent: false,
    pausedWithParent: false,
    slot: null,
    handOver: null,
    children: NO_CHILDREN,
    ...(event.parent?.setBy !== undefined && { setBy: event.parent.setBy }),
  }
}

const nothing = (): void => {} // said, not kept: the notice is the runtime's

/** The task as a whole, and its timers. */
export const taskAppliers = {
  task_launched() {
    throw new Error('task_launched makes a task, it does not change one')
  },
  task_started(state, event, moment) {
    state.stage = 'main'
    state.startedAt = moment.at
    if (isPerson(moment)) state.lastAct = actOf('started', moment)
    state.tokens.set(event.token, { id: event.token, node: event.node, fork: null, branch: 0, held: true })
    state.counters = { ...state.counters, token: state.counters.token + 1 }
    if (event.saved !== undefined) save(state, event.saved)
  },
  task_planned(state, _, moment) {
    state.lastAct = actOf('planned', moment)
  },
  task_titled(state, { title }) {
    state.title = title
  },
  note_set(state, event) {
    state.note = event.text
  },
  task_late(state) {
    state.late = true
  },
  task_paused(state, _, moment) {
    state.paused = true
    state.lastAct = actOf('paused', moment)
  },
  task_resumed(state, _, moment) {
    state.paused = false
    state.pausedWithParent = false
    state.lastAct = actOf('resumed', moment)
  },
  revoke_requested(state, event, moment) {
    state.revoking = { mode: event.mode, by: moment.by, reason: event.reason }
    state.paused = false // a stopped task winds down, whoever had paused it
    state.pausedWithParent = false
    state.lastAct = actOf('revoked', moment)
    if (state.stage === 'finally') state.finallyRevoked = true
  },
  main_ended(state, event) {
    if (state.stage === 'requested') state.waitingFor = []
    state.stage = 'finally'
    state.outcome = event.outcome
    if (state.forks.size > 0) for (const fork of [...state.forks.values()]) state.forks.delete(fork.id)
  },
  task_ended(state, event, moment) {
    state.stage = 'final'
    state.outcome = event.outcome
    state.outputs = event.outputs
    state.endedAt = moment.at
    state.paused = false
  },
  variables_edited(state, event, moment) {
    const after: { [key: string]: Value } = {}
    for (const key of Object.keys(event.changes)) after[key] = event.changes[key]?.after ?? null
    setByHand(state, after, moment.by)
    save(state, after)
    state.lastAct = actOf('edited', moment)
    if (state.handOver !== null && state.stage === 'requested')
      state.handOver = { ...state.handOver, round: state.handOver.round + 1, lastAct: state.lastAct }
  },
  task_followed(state, { person, own }) {
    if (!state.followers.includes(person)) {
      state.followers = [...state.followers, person]
      if (own === true) state.lookers = [...(state.lookers ?? []), person]
    } else if (own !== true && state.lookers !== undefined)
      state.lookers = state.lookers.filter((one) => one !== person)
  },
  attention_reminded: nothing,
  attention_escalated: nothing,
  freeze_passed(state, { freeze }) {
    state.passedFreeze = freeze
  },
  timer_set(state, event) {
    state.timers.set(event.timer.id, event.timer)
  },
  timers_cleared(state, event) {
    for (const id of event.ids) state.timers.delete(id)
  },
} satisfies Partial<Appliers>
