import { awaited } from '../asks/need.ts'
import { peopleOf } from '../asks/spec.ts'
import { answeredBy } from '../asks/stand-in.ts'
import { keptOutOf } from '../nodes/ask.ts'
import { releaseAsk } from '../nodes/ask-claim.ts'
import { rejectAsk, closeAsk } from '../nodes/ask-end.ts'
import { cancelItem, itemDue, itemOf } from '../nodes/each.ts'
import { failVisit, giveUp } from '../nodes/failure.ts'
import { start } from '../nodes/visit.ts'
import { endWait } from '../nodes/wait.ts'
import { cancelAttempt } from '../nodes/wind-down.ts'
import type { Ask, Place, Timer } from '../state.ts'
import { ESCALATE_REQUEST, escalateRequest, REMIND_REQUEST, remindOfRequest } from './hand-over.ts'
import { settleAbort } from './report.ts'
import { beginAsPlanned } from './task.ts'
import { clearTimers, emit, HELD, isLive, nodeOf, setTimer, type Turn } from './turn.ts'

/** In a paused task these wait until it is resumed (FLOW §2); what is running goes on. */
const HELD_IN_PAUSE: ReadonlySet<Timer['kind']> = new Set(['retry', 'deadline', 'remind', 'escalate', 'give_up'])

/** A due timer acts once. One that is not wanted any more, or not due, changes nothing. */
export function fire(turn: Turn, id: string): void {
  const timer = turn.state.timers.get(id)
  if (timer === undefined || timer.dueAt > turn.now) return
  if (turn.state.paused && HELD_IN_PAUSE.has(timer.kind)) return setTimer(turn, { ...timer, dueAt: HELD })
  clearTimers(turn, [id])
  act(turn, timer)
}

function act(turn: Turn, timer: Timer): void {
  switch (timer.kind) {
    case 'start_at':
      return turn.state.stage === 'created' ? beginAsPlanned(turn) : undefined
    case 'expect':
      return emit(turn, { kind: 'task_late', v: 1 })
    case 'deadline':
      return deadline(turn, timer)
    case 'remind':
      if (timer.id === REMIND_REQUEST) return remindOfRequest(turn)
      return timer.askId === null ? remindOfFailure(turn, timer) : remindOfAsk(turn, timer)
    default:
      if (timer.id === ESCALATE_REQUEST) return escalateRequest(turn)
      return timer.item === undefined ? onNode(turn, timer) : onItem(turn, timer)
  }
}

function onNode(turn: Turn, timer: Timer): void {
  const id = timer.nodeId ?? ''
  const run = turn.state.nodes.get(id)
  if (run === undefined || run.attempt !== timer.attempt) return
  const node = nodeOf(turn, id)
  switch (timer.kind) {
    case 'retry':
      if (run.state === 'ready')
        start(
          turn,
          { node, attempt: run.attempt, token: run.token, entering: false },
          run.rawInputs ? (run.inputs ?? {}) : undefined,
        )
      return
    case 'wait':
      if (run.state === 'waiting' && node.kind === 'wait') endWait(turn, node)
      return
    case 'poll':
      // A wait for a callback may have an end too: then its plugin looks for itself.
      if ((run.state === 'running' || run.waitsFor === 'callback') && !run.cancelling)
        emit(turn, { kind: 'poll_started', v: 1, node: id, attempt: run.attempt })
      return
    case 'timeout':
      if (isLive(run)) cancelAttempt(turn, id, run, 'timeout')
      return
    case 'cancel_grace':
      return settleAbort(turn, id, run.attempt, undefined, false)
    case 'escalate':
      if (run.state === 'failed')
        emit(turn, {
          kind: 'attention_escalated',
          v: 1,
          node: id,
          attempt: run.attempt,
          refs: turn.flow.attention.escalateTo,
        })
      return
    case 'give_up':
      if (run.state === 'failed' && !run.givenUp) giveUp(turn, node)
      return
    default:
      return
  }
}

function onItem(turn: Turn, timer: Timer): void {
  const id = timer.nodeId ?? ''
  const node = turn.flow.node(id)
  const run = turn.state.nodes.get(id)
  const index = timer.item ?? 0
  if (node?.kind !== 'activity' || run?.each === null || run === undefined || index >= (run.each?.count ?? 0)) return
  const item = itemOf(turn, id, index)
  if (item.attempt !== timer.attempt) return
  switch (timer.kind) {
    case 'retry':
      if (item.state === 'ready') itemDue(turn, node, item)
      return
    case 'poll':
      if ((item.state === 'running' || item.waitsFor === 'callback') && item.cancelling === null)
        emit(turn, { kind: 'poll_started', v: 1, node: id, item: index, attempt: item.attempt })
      return
    case 'timeout':
      if (item.state === 'running' || item.state === 'waiting') cancelItem(turn, node, item, 'timeout')
      return
    case 'cancel_grace':
      return settleAbort(turn, id, item.attempt, index, false)
    default:
      return
  }
}

function remindOfFailure(turn: Turn, timer: Timer): void {
  const run = turn.state.nodes.get(timer.nodeId ?? '')
  if (run === undefined || run.state !== 'failed' || run.attempt !== timer.attempt) return
  emit(turn, { kind: 'attention_reminded', v: 1, node: run.id, attempt: run.attempt, refs: turn.flow.notify.attention })
  const every = turn.flow.attention.remindEveryMs
  if (every !== null) setTimer(turn, { ...timer, dueAt: turn.now + every })
}

const openAsk = (turn: Turn, timer: Timer): Ask | undefined => {
  const ask = turn.state.asks.get(timer.askId ?? '')
  return ask?.state === 'open' ? ask : undefined
}
function remindOfAsk(turn: Turn, timer: Timer): void {
  const ask = openAsk(turn, timer)
  if (ask === undefined) return
  emit(turn, { kind: 'ask_reminded', v: 1, ask: ask.id, people: awaited(ask) })
  if (ask.remindEveryMs !== null) setTimer(turn, { ...timer, dueAt: turn.now + ask.remindEveryMs })
}

/** Never approves. */
function deadline(turn: Turn, timer: Timer): void {
  const ask = openAsk(turn, timer)
  const run = ask === undefined ? undefined : turn.state.nodes.get(ask.nodeId)
  if (ask === undefined || run?.state !== 'waiting') return
  const why = `Nobody answered ${ask.title} in time`
  switch (ask.onDeadline) {
    case 'reject':
      return rejectAsk(turn, ask, why)
    case 'escalate':
      return escalate(turn, ask)
    default:
      closeAsk(turn, ask.id, 'expired')
      return failVisit(turn, nodeOf(turn, ask.nodeId), { cause: 'timeout', code: 'DEADLINE', message: why })
  }
}

/** Those named may fill any place that is still open. */
function escalate(turn: Turn, ask: Ask): void {
  const { state, env } = turn
  const out = keptOutOf(turn, ask)
  const people = ask.escalateTo
    .flatMap((ref) => peopleOf(env.directory, state, ref))
    .filter(({ id }) => !out.has(id) && answeredBy(ask, id) === undefined)
  if (people.length === 0) return emit(turn, { kind: 'ask_reminded', v: 1, ask: ask.id, people: awaited(ask) })
  releaseAsk(turn, ask, 'escalated')
  const ids = people.map(({ id }) => id)
  const places = ask.need.places.map((place): Place => ({
    ...place,
    people: [...new Set([...place.people, ...ids])],
    ...(place.turns !== undefined && { turns: place.turns.map((group) => [...new Set([...group, ...ids])]) }),
  }))
  emit(turn, {
    kind: 'ask_people_changed',
    v: 1,
    ask: ask.id,
    why: 'escalated',
    need: { places },
    added: people,
    reason: null,
    asked: ask.asked ?? ask.need,
  })
}
