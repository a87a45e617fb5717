import type { NodeRun, Tally, TaskPhase, TaskState, WaitReason } from './state.ts'

export const NO_TALLY: Tally = {
  ready: 0,
  running: 0,
  failed: 0,
  approval: 0,
  form: 0,
  confirm: 0,
  claim: 0,
  correction: 0,
  callback: 0,
  timer: 0,
  child: 0,
  retry: 0,
}
/** In the order of FLOW §2. */
const REASONS: readonly WaitReason[] = [
  'approval',
  'form',
  'confirm',
  'claim',
  'correction',
  'callback',
  'timer',
  'child',
  'retry',
]

/** Which counter a visit stands in; null once it is over. */
export function bucketOf(run: NodeRun, state: TaskState): keyof Tally | null {
  switch (run.state) {
    case 'ready':
      return run.notBefore === null ? 'ready' : 'retry'
    case 'running':
      return 'running'
    case 'waiting':
      return run.waitsFor ?? 'running'
    case 'failed':
      return run.givenUp || state.stage === 'final' ? null : 'failed'
    default:
      return null
  }
}
export function retally(tally: Tally, from: keyof Tally | null, to: keyof Tally | null): Tally {
  const next: { -readonly [bucket in keyof Tally]: number } = { ...tally }
  if (from !== null) next[from] -= 1
  if (to !== null) next[to] += 1
  return next
}

const NOTHING: readonly WaitReason[] = []
/** Filled whenever any node waits, whatever the phase. */
export function waitingForOf(tally: Tally): readonly WaitReason[] {
  let some: WaitReason[] | null = null
  for (const reason of REASONS) if (tally[reason] > 0) (some ??= []).push(reason)
  return some ?? NOTHING
}

/** What people filter on. When several hold: final, paused, attention, running, waiting (FLOW §2). */
export function phaseOf(state: TaskState): TaskPhase {
  switch (state.stage) {
    case 'created':
    case 'requested':
    case 'queued':
      return state.stage
    case 'final':
      return state.outcome ?? 'failed'
    default: {
      const { tally } = state
      if (state.paused) return 'paused'
      if (tally.failed > 0) return 'attention'
      if (tally.running > 0 || tally.ready > 0) return 'running'
      return state.waitingFor.length > 0 ? 'waiting' : 'running'
    }
  }
}
