import { drain } from '../nodes/visit.ts'
import type { Command } from '../command.ts'
import type { DecideEnv } from '../env.ts'
import { EngineError, type Truth } from '../error.ts'
import type { Event, Recorded } from '../events.ts'
import type { Flow } from '../flow.ts'
import { SYSTEM, type Actor, type TaskState } from '../state.ts'
import { assertNever } from '../value.ts'
import { decideAsk } from './ask.ts'
import { claimAsk, commentAsk, giveBackAsk, remindAsk } from './ask-beside.ts'
import { asItStands, lookAgain } from './ask-directory.ts'
import { assignAsk, transferAsk } from './ask-people.ts'
import { pauseBefore, unpause } from './hold.ts'
import { chooseBranch, doByHand, fail, reschedule, retry, skip } from './node.ts'
import { cancelled, checkpoint, result } from './report.ts'
import { editVariables, putAgainWhereChanged } from './edit.ts'
import { claim, lookForClaimers, reject, resubmit, transfer, withdraw } from './hand-over.ts'
import { hear } from './letter.ts'
import { truthOfAsk } from './stale.ts'
import { follow, pause, plan, resume, revoke, setNote, startTask } from './task.ts'
import { fire } from './timer.ts'
import { newTurn, type Turn } from './turn.ts'

/**
 * What a command means for a task. Pure: nothing changes until the events are applied. Throws `EngineError` to refuse.
 * An empty list is an answer too: a late report, a timer that is not wanted any more.
 * Rights are judged before (`rights.ts`); here only what the task, its flow and the moment allow.
 */
export function decide(flow: Flow, state: Readonly<TaskState>, command: Command, env: DecideEnv): Event[] {
  return decideAhead(flow, state, command, env).events
}

/** As `decide`, with the state as the events leave it: an overlay, which `settle` makes the task's own. */
export function decideAhead(
  flow: Flow,
  state: Readonly<TaskState>,
  command: Command,
  env: DecideEnv,
): { readonly events: Event[]; readonly state: TaskState } {
  const turn = newTurn(flow, state, env, actorOf(command))
  if (state.stage === 'final' && command.kind !== 'follow' && command.kind !== 'set_note') {
    if (!('by' in command)) return turn
    throw new EngineError('FINAL', { message: `task ${state.number} has ended`, truth: endOf(state, command) })
  }
  perform(turn, command)
  drain(turn)
  if (turn.state.asks.size > 0 && (turn.state.variables !== state.variables || hasAnswered(turn))) {
    putAgainWhereChanged(turn)
    drain(turn) // one that cannot be put again has failed
  }
  return turn
}

/** Who ended it, where somebody did: whoever acted on it last has not made it succeed. An ask in it has a truth of its own. */
function endOf(state: Readonly<TaskState>, command: Command): Truth {
  const ask = 'askId' in command ? state.asks.get(command.askId) : undefined
  if (ask?.end != null) return { ...truthOfAsk(ask), now: state.phase }
  // Who pressed on a step is told who was first there.
  const done = 'nodeId' in command ? state.nodes.get(command.nodeId)?.lastAct : undefined
  if (done) return { what: done.what, by: done.by.name, at: done.at, now: state.phase }
  // Who would take on what was handed over, who has.
  const asked = 'round' in command ? state.handOver : null
  if (asked?.holder != null)
    return { what: asked.lastAct.what, by: asked.lastAct.by.name, at: asked.lastAct.at, now: state.phase }
  const { lastAct, phase, endedAt } = state
  const isByThem = lastAct !== null && ENDS.has(lastAct.what)
  return { what: phase, by: isByThem ? lastAct.by.name : null, at: endedAt, now: phase }
}
const ENDS: ReadonlySet<string> = new Set(['revoked', 'withdrawn'])

const hasAnswered = (turn: Turn): boolean => turn.events.some(({ kind }) => kind === 'ask_closed')

/** Who an entry is by: the presser (of a child: of its parent), else Baton. */
export function actorOf(command: Command): Actor {
  if ('by' in command) return command.by
  if (command.kind !== 'letter') return SYSTEM
  if (command.letter.kind === 'told') return command.letter.told.by
  return command.letter.kind === 'follow' ? command.letter.by : SYSTEM
}

/** The entry to commit for what was decided; null when nothing was. `applyEntry` makes the live state follow. */
export const record = (state: Readonly<TaskState>, events: readonly Event[], by: Actor, at: number): Recorded | null =>
  events.length === 0 ? null : { seq: state.version + 1, at, by, events }

function perform(turn: Turn, command: Command): void {
  switch (command.kind) {
    case 'start':
      return startTask(turn, command)
    case 'plan':
      return plan(turn, command)
    case 'claim_request':
      return claim(turn, command)
    case 'reject_request':
      return reject(turn, command)
    case 'resubmit_request':
      return resubmit(turn, command)
    case 'transfer_request':
      return transfer(turn, command)
    case 'withdraw_request':
      return withdraw(turn, command)
    case 'set_note':
      return setNote(turn, command)
    case 'pause':
      return pause(turn)
    case 'resume':
      return resume(turn)
    case 'revoke':
      return revoke(turn, command)
    case 'edit_variables':
      return editVariables(turn, command)
    case 'follow':
      return follow(turn, command)
    case 'retry':
      return retry(turn, command)
    case 'skip':
      return skip(turn, command)
    case 'byhand':
      return doByHand(turn, command)
    case 'fail':
      return fail(turn, command)
    case 'pause_before':
      return pauseBefore(turn, command)
    case 'unpause':
      return unpause(turn, command)
    case 'choose_branch':
      return chooseBranch(turn, command)
    case 'reschedule':
      return reschedule(turn, command)
    case 'decide':
      asItStands(turn, command.askId)
      return decideAsk(turn, command)
    case 'transfer_ask':
      asItStands(turn, command.askId)
      return transferAsk(turn, command)
    case 'assign_ask':
      return assignAsk(turn, command)
    case 'comment_ask':
      return commentAsk(turn, command)
    case 'claim_ask':
      asItStands(turn, command.askId)
      return claimAsk(turn, command)
    case 'release_ask':
      return giveBackAsk(turn, command)
    case 'remind_ask':
      return remindAsk(turn, command)
    case 'people_changed':
      lookForClaimers(turn)
      return lookAgain(turn, command)
    case 'result':
      return result(turn, command)
    case 'timer':
      return fire(turn, command.timerId)
    case 'cancelled':
      return cancelled(turn, command)
    case 'checkpoint':
      return checkpoint(turn, command)
    case 'letter':
      return hear(turn, command)
    case 'progress':
      return // shown live, never in the history
    default:
      assertNever(command)
  }
}
