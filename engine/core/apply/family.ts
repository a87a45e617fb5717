import type { ChildRun, TaskState } from '../state.ts'
import { actOf, isPerson, type Appliers } from './applier.ts'
import { nowIn, onNode } from './visit.ts'

/** Slots, parents and children (docs/adr/0012). */
export const familyAppliers = {
  letter_heard(state, event) {
    state.heard = event.sequence
  },
  slot_requested(state, event) {
    state.stage = 'queued'
    state.slot = { key: event.key, limit: event.limit, state: 'wanted' }
  },
  slot_granted(state) {
    if (state.slot !== null) state.slot = { ...state.slot, state: 'held' }
    if (state.keptPlace) state.keptPlace = null
  },
  slot_refused(state) {
    state.stage = 'created'
    state.slot = null
  },
  slot_returned(state, { place }) {
    if (place !== undefined && state.slot !== null) state.keptPlace = { key: state.slot.key, place }
    state.stage = 'created'
    state.slot = null
  },
  child_requested(state, { child, node, attempt, flow }) {
    state.children = [...state.children, { id: child, node, attempt, flow, number: null, phase: null, ending: null }]
  },
  child_changed(state, { child, node, attempt, number, phase }) {
    onChild(state, child, (run) => ({ ...run, number, phase }))
    const isRunning = phase === 'running'
    onNode(state, node, (run) =>
      run.attempt !== attempt || (run.state !== 'running' && run.state !== 'waiting')
        ? run
        : {
            ...run,
            state: isRunning ? 'running' : 'waiting',
            waitsFor: isRunning ? null : 'child',
            attempts: nowIn(run, isRunning ? 'running' : 'waiting'),
          },
    )
  },
  child_refused(state, { child }) {
    onChild(state, child, (run) => ({ ...run, phase: 'revoked' }))
  },
  child_told(state, { child, node, ending }, moment) {
    if (ending === undefined) return
    onChild(state, child, (run) => ({ ...run, ending }))
    onNode(state, node, (run) => ({
      ...run,
      cancelling: true,
      cancelFor: ending.then === 'timeout' || ending.then === 'revoked' ? ending.then : 'forced',
      lastAct: ending.then !== 'revoked' && isPerson(moment) ? actOf(ending.then, moment) : run.lastAct,
    }))
  },
  parent_paused(state, event) {
    state.heldByParent = event.paused
    state.pausedWithParent = event.paused && !state.paused
  },
} satisfies Partial<Appliers>

function onChild(state: TaskState, id: string, replace: (run: ChildRun) => ChildRun): void {
  state.children = state.children.map((run) => (run.id === id ? replace(run) : run))
}
