import type { PeopleCommand } from '../command.ts'
import { endTask } from '../nodes/end.ts'
import { nextFinally } from '../nodes/leave.ts'
import { pump } from '../nodes/each.ts'
import { windDown, windDownVisit } from '../nodes/wind-down.ts'
import { notAllowed, staleTask } from './stale.ts'
import { emit, HELD, isOpen, isWindingDown, nodeOf, setTimer, type Turn } from './turn.ts'

type Of<K extends PeopleCommand['kind']> = Extract<PeopleCommand, { kind: K }>

export function startTask(turn: Turn): void {
  if (turn.state.stage !== 'created') return staleTask(turn.state, 'started')
  begin(turn)
}
/** The first token sets out. */
export function begin(turn: Turn): void {
  const { flow, state } = turn
  if (state.timers.has('task/start_at')) emit(turn, { kind: 'timers_cleared', v: 1, ids: ['task/start_at'] })
  emit(turn, { kind: 'task_started', v: 1, token: 't1', node: flow.start })
  turn.onTheWay.push({ token: 't1', to: flow.start })
}

/** Running attempts go on, asks may be answered; no visit is entered, no retry starts, no deadline acts (FLOW §2). */
export function pause(turn: Turn): void {
  const { state } = turn
  if (state.paused) return staleTask(state, 'paused')
  if (state.stage !== 'main' && state.stage !== 'finally')
    return notAllowed(`task ${state.number} has not started`, 'NOT_STARTED')
  if (isWindingDown(state)) return notAllowed(`task ${state.number} is being stopped`, 'STOPPING')
  emit(turn, { kind: 'task_paused', v: 1 })
}

export function resume(turn: Turn): void {
  const { state, flow } = turn
  if (!state.paused) return staleTask(state, 'resumed')
  emit(turn, { kind: 'task_resumed', v: 1 })
  for (const timer of [...state.timers.values()])
    if (timer.dueAt === HELD) setTimer(turn, { ...timer, dueAt: turn.now })
  if (state.stage === 'finally') {
    const id = flow.finally[state.finallyAt]
    if (id !== undefined && !state.nodes.has(id)) return nextFinally(turn, state.finallyAt)
    return resumeItems(turn, id)
  }
  for (const token of [...state.tokens.values()]) {
    if (token.held === true) turn.onTheWay.push({ token: token.id, to: token.node })
    else resumeItems(turn, token.node)
  }
}
/** Items of an `each` that were held back. */
function resumeItems(turn: Turn, id: string | undefined): void {
  const run = id === undefined ? undefined : turn.state.nodes.get(id)
  const node = id === undefined ? undefined : turn.flow.node(id)
  if (run?.state === 'running' && node?.kind === 'activity' && node.each !== null) pump(turn, node)
}

/** `cancel` aborts what runs; `stop` lets it end. Both run `finally`. During `finally`: what runs there ends, the rest is never visited. */
export function revoke(turn: Turn, { mode, reason }: Of<'revoke'>): void {
  const { state } = turn
  const isStronger = state.revoking?.mode === 'stop' && mode === 'cancel'
  const isSecond = state.stage === 'finally' && !state.finallyRevoked
  if (state.revoking !== null && !isStronger && !isSecond) return staleTask(state, 'revoked')
  emit(turn, { kind: 'revoke_requested', v: 1, mode, reason: reason ?? null })
  switch (state.stage) {
    case 'main':
      return windDown(turn, mode)
    case 'finally': {
      const id = turn.flow.finally[state.finallyAt]
      const run = id === undefined ? undefined : state.nodes.get(id)
      if (id === undefined || run === undefined || !isOpen(run)) return endTask(turn)
      return windDownVisit(turn, nodeOf(turn, id), run, mode)
    }
    default:
      emit(turn, { kind: 'main_ended', v: 1, outcome: 'revoked' })
      return endTask(turn)
  }
}

export function follow(turn: Turn, { person }: Of<'follow'>): void {
  if (!turn.state.followers.includes(person)) emit(turn, { kind: 'task_followed', v: 1, person })
}
