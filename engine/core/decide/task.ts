import type { PeopleCommand } from '../command.ts'
import { slotOf } from '../concurrency.ts'
import { EngineError } from '../error.ts'
import type { Frozen } from '../freeze.ts'
import { endTask } from '../nodes/end.ts'
import { nextFinally } from '../nodes/leave.ts'
import { pump } from '../nodes/each.ts'
import { tellChildren } from '../nodes/subflow.ts'
import { windDown, windDownVisit } from '../nodes/wind-down.ts'
import { scopeOf } from '../scope.ts'
import type { Value, Values } from '../value.ts'
import { freezeOn, frozenError, throughFreeze } from './freeze.ts'
import { invalid, notAllowed, staleTask } from './stale.ts'
import { HELD, clearTimers, emit, isOpen, isWindingDown, nodeOf, send, setTimer, type Turn } from './turn.ts'

type Of<K extends PeopleCommand['kind']> = Extract<PeopleCommand, { kind: K }>

export function startTask(turn: Turn, { overrideFreeze }: Of<'start'>): void {
  if (turn.state.stage !== 'created') return staleTask(turn.state, 'started')
  throughFreeze(turn, 'start', overrideFreeze)
  begin(turn)
}
/** Work begins, or the task queues for its place (`concurrency`). @throws INVALID_INPUT when the key cannot be told. */
export function begin(turn: Turn): void {
  const { flow, state } = turn
  if (state.timers.has('task/start_at')) emit(turn, { kind: 'timers_cleared', v: 1, ids: ['task/start_at'] })
  if (flow.concurrency === null) return depart(turn)
  const wanted = slotWanted(flow, state, turn.env)
  if (wanted === null) return depart(turn)
  emit(turn, { kind: 'slot_requested', v: 1, ...wanted })
}
export function slotWanted(...of: Parameters<typeof slotOf>): ReturnType<typeof slotOf> {
  try {
    return slotOf(...of)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new EngineError('INVALID_INPUT', { message: `The limit on how many run at once: ${message}` })
  }
}
/** At its planned instant. Nobody is there to be refused: what stands against it is recorded. */
export function beginAsPlanned(turn: Turn): void {
  const frozen = freezeOn(turn, turn.now)
  if (frozen !== null) return afterFreeze(turn, frozen)
  try {
    begin(turn)
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    emit(turn, { kind: 'slot_refused', v: 1, code: error.code, message: error.message })
  }
}
/**
 * Its turn has come. What began before a freeze goes on, but this has not begun: it waits for the freeze's end like what was planned,
 * and gives the place to those behind it, whom the freeze may not mean. A child is part of what runs. `place` is its number in the line,
 * at which it comes back.
 */
export function takePlace(turn: Turn, place: number | undefined): void {
  const { state } = turn
  const frozen = state.parent === null ? freezeOn(turn, turn.now) : null
  if (frozen === null || frozen.name === state.passedFreeze) {
    emit(turn, { kind: 'slot_granted', v: 1 })
    return depart(turn)
  }
  const { name, title, until } = frozen
  emit(turn, { kind: 'slot_returned', v: 1, freeze: name, title, until, ...(place !== undefined && { place }) })
  if (until !== null) afterFreeze(turn, frozen)
}
/** A freeze that nobody knew of when it was planned: it starts when that ends, or when somebody says so. */
function afterFreeze(turn: Turn, frozen: Frozen): void {
  const { until } = frozen
  if (until === null)
    return emit(turn, { kind: 'slot_refused', v: 1, code: 'FROZEN', message: frozenError(frozen).message })
  emit(turn, { kind: 'task_planned', v: 1, startAt: until })
  setTimer(turn, { id: 'task/start_at', kind: 'start_at', dueAt: until })
}
/** The first token sets out. */
export function depart(turn: Turn): void {
  const { flow, state } = turn
  const saved = resolvedAtStart(turn)
  emit(turn, { kind: 'task_started', v: 1, token: 't1', node: flow.start, ...(saved !== null && { saved }) })
  if (state.expectMs !== null) setTimer(turn, { id: 'task/expect', kind: 'expect', dueAt: turn.now + state.expectMs })
  send(turn, 't1', flow.start)
}

/** Computed variables with `resolve: start` that the form could not know: now or never. One without a value yet stays missing. */
function resolvedAtStart({ flow, state, env }: Turn): Values | null {
  const values: { [key: string]: Value } = {}
  let some = false
  for (const { key, computed, resolve } of flow.variables) {
    if (computed === undefined || resolve !== 'start' || Object.hasOwn(state.variables, key)) continue
    try {
      values[key] = computed.evaluate(scopeOf(flow, state, env))
      some = true
    } catch {
      // whoever reads it is told why
    }
  }
  return some ? values : null
}

/** Moves the planned start. */
export function plan(turn: Turn, { at }: Of<'plan'>): void {
  const { state } = turn
  if (state.stage !== 'created') return staleTask(state, 'started')
  if (at !== null && !(Number.isFinite(at) && at > turn.now)) return invalid('at', 'past', 'choose an instant to come')
  const frozen = at === null ? null : freezeOn(turn, at)
  if (frozen !== null) throw frozenError(frozen)
  emit(turn, { kind: 'task_planned', v: 1, startAt: at })
  if (at !== null) setTimer(turn, { id: 'task/start_at', kind: 'start_at', dueAt: at })
  else clearTimers(turn, ['task/start_at'])
}

const LONGEST_NOTE = 2_000
export function setNote(turn: Turn, { text }: Of<'set_note'>): void {
  const note = text.trim()
  if (note.length > LONGEST_NOTE) return invalid('note', 'too_long', `a note has up to ${LONGEST_NOTE} characters`)
  if (note !== (turn.state.note ?? '')) emit(turn, { kind: 'note_set', v: 1, text: note === '' ? null : note })
}

/** Running attempts go on, asks may be answered; no visit is entered, no retry starts, no deadline acts (FLOW §2). */
export function pause(turn: Turn): void {
  const { state } = turn
  if (state.paused) return staleTask(state, 'paused')
  if (state.stage !== 'main' && state.stage !== 'finally')
    return notAllowed(`task ${state.number} has not started`, 'NOT_STARTED')
  if (isWindingDown(state)) return notAllowed(`task ${state.number} is being stopped`, 'STOPPING')
  pauseNow(turn)
}
/** Children pause with it. */
export function pauseNow(turn: Turn): void {
  emit(turn, { kind: 'task_paused', v: 1 })
  tellChildren(turn, { what: 'pause', by: turn.by })
}

export function resume(turn: Turn): void {
  const { state } = turn
  if (!state.paused) return staleTask(state, 'resumed')
  if (state.heldByParent && state.parent !== null)
    return notAllowed(`task ${state.number} is paused with #${state.parent.number}: resume that one`, 'PARENT_PAUSED')
  resumeNow(turn)
}
export function resumeNow(turn: Turn): void {
  const { state, flow } = turn
  emit(turn, { kind: 'task_resumed', v: 1 })
  tellChildren(turn, { what: 'resume', by: turn.by })
  for (const timer of [...state.timers.values()])
    if (timer.dueAt === HELD) setTimer(turn, { ...timer, dueAt: turn.now })
  if (state.stage === 'finally') {
    const id = flow.finally[state.finallyAt]
    if (id !== undefined && !state.nodes.has(id)) return nextFinally(turn, state.finallyAt)
    return resumeItems(turn, id)
  }
  for (const token of [...state.tokens.values()]) {
    if (token.held === true && state.pausedBefore.includes(token.node)) continue
    if (token.held === true) send(turn, token.id, token.node)
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
  if (!revokeNow(turn, mode, reason ?? null)) staleTask(turn.state, 'revoked')
}
/** False: it is being stopped in that way already. */
export function revokeNow(turn: Turn, mode: 'cancel' | 'stop', reason: string | null): boolean {
  const { state } = turn
  const isStronger = state.revoking?.mode === 'stop' && mode === 'cancel'
  const isSecond = state.stage === 'finally' && !state.finallyRevoked
  if (state.revoking !== null && !isStronger && !isSecond) return false
  emit(turn, { kind: 'revoke_requested', v: 1, mode, reason })
  if (state.stage === 'requested') {
    clearTimers(turn, ['task/remind', 'task/escalate'])
    emit(turn, { kind: 'request_withdrawn', v: 1, reason })
  }
  windDownStage(turn, mode)
  return true
}
function windDownStage(turn: Turn, mode: 'cancel' | 'stop'): void {
  const { state } = turn
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

/** By oneself it is a mark; brought by somebody who may, or by work they share or carry, it is a reason to see it. */
export function follow(turn: Turn, { person, by }: Of<'follow'>): void {
  if (by.person !== person) return bring(turn, person)
  if (!turn.state.followers.includes(person)) emit(turn, { kind: 'task_followed', v: 1, person, own: true })
}
export function bring(turn: Turn, person: string): void {
  const { followers, lookers = [] } = turn.state
  if (!followers.includes(person) || lookers.includes(person)) emit(turn, { kind: 'task_followed', v: 1, person })
}
