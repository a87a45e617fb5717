import type { HandOver, TaskState, WaitReason } from '../state.ts'
import type { Moment } from '../events.ts'
import { actOf, type Appliers } from './applier.ts'

const CLAIM: readonly WaitReason[] = ['claim']
const CORRECTION: readonly WaitReason[] = ['correction']
const NOTHING: readonly WaitReason[] = []

/** Hand-over: a request is a task from its submission on (FLOW §4). */
export const handOverAppliers = {
  task_requested(state, { to, title, startNow, startAt, told, watch }, moment) {
    state.stage = 'requested'
    state.waitingFor = CLAIM
    state.handOver = {
      to,
      title,
      state: 'open',
      round: 1,
      told: told ?? [],
      startNow,
      startAt,
      holder: null,
      claimedAt: null,
      corrections: {},
      reason: null,
      ...(watch !== undefined && { watch }),
      lastAct: actOf('requested', moment),
    }
  },
  request_claimed(state, { holder, corrections, note, title }, moment) {
    if (title !== undefined) state.title = title
    state.stage = 'created'
    state.waitingFor = NOTHING
    on(state, 'claimed', moment, {
      state: 'claimed',
      holder,
      claimedAt: moment.at,
      corrections: corrections ?? {},
      reason: note ?? null,
    })
  },
  request_rejected(state, { reason }, moment) {
    state.waitingFor = CORRECTION
    on(state, 'rejected', moment, { state: 'rejected', reason })
  },
  request_resubmitted(state, { note, told, title }, moment) {
    if (title !== undefined) state.title = title
    state.waitingFor = CLAIM
    on(state, 'resubmitted', moment, { state: 'open', reason: note ?? null, told: told ?? [] })
  },
  request_transferred(state, { to, title, holder, reason, told }, moment) {
    on(state, 'transferred', moment, { to, title, reason, told: told ?? [], ...(holder !== undefined && { holder }) })
  },
  request_people_changed(state, { told }) {
    if (state.handOver !== null) state.handOver = { ...found(state.handOver, told), told }
  },
  request_reminded() {},
  // What a claim would take on is the same: whoever is about to press may.
  request_escalated(state, { to, title, told }) {
    if (state.handOver !== null) state.handOver = { ...found(state.handOver, told), to, title, told }
  },
  request_stranded(state) {
    if (state.handOver !== null) state.handOver = { ...state.handOver, stranded: true }
  },
  request_withdrawn(state, { reason }, moment) {
    on(state, 'withdrawn', moment, { state: 'withdrawn', reason })
  },
} satisfies Partial<Appliers>

/** Each act begins another round: whoever looked at the one before sees it first. */
function on(state: TaskState, what: string, moment: Moment, change: Partial<HandOver>): void {
  if (state.handOver === null) return
  state.lastAct = actOf(what, moment)
  state.handOver = {
    ...found(state.handOver, change.told ?? []),
    ...change,
    round: state.handOver.round + 1,
    lastAct: state.lastAct,
  }
}
/** Somebody stands behind it again. */
function found(asked: HandOver, told: readonly string[]): HandOver {
  if (asked.stranded === undefined || told.length === 0) return asked
  const { stranded: _stranded, ...rest } = asked
  return rest
}
