import type { EachRun, NodeRun, Tally, TaskPhase, TaskState, WaitReason } from './state.ts'

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
      return run.each === null ? 'running' : bucketOfItems(run.each)
    case 'waiting':
      return run.waitsFor ?? 'running'
    case 'failed':
      return run.givenUp || state.stage === 'final' ? null : 'failed'
    default:
      return null
  }
}
/** Items that all wait are what their node waits for; as long as one of them runs, or could, the node does. */
function bucketOfItems({ live, waiting = 0, backoff = 0 }: EachRun): keyof Tally {
  if (live === 0 || live > waiting + backoff) return 'running'
  return waiting > 0 ? 'callback' : 'retry'
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
    case 'queued':
      return state.stage
    case 'requested':
      return state.handOver?.stranded === true ? 'attention' : 'requested'
    case 'final':
      return state.outcome ?? 'failed'
    default: {
      const { tally } = state
      if (state.paused) return 'paused'
      // A child in attention puts its parents there; that it is paused, queued or waits is its own.
      if (tally.failed > 0 || (state.children.length > 0 && state.children.some(({ phase }) => phase === 'attention')))
        return 'attention'
      if (tally.running > 0 || tally.ready > 0) return 'running'
      if (state.waitingFor.length > 0) return 'waiting'
      return isHeldBefore(state) ? 'paused' : 'running'
    }
  }
}

/** Every token left stands before a node that somebody has paused. */
function isHeldBefore({ pausedBefore, tokens }: TaskState): boolean {
  if (pausedBefore.length === 0 || tokens.size === 0) return false
  for (const token of tokens.values()) if (token.held === true && !pausedBefore.includes(token.node)) return false
  return true
}
