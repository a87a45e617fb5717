import type { PeopleCommand, RequestEdit } from '../command.ts'
import type { PersonRef } from '../env.ts'
import type { HandOver, TaskState } from '../state.ts'
import { editVariables } from './edit.ts'
import { throughFreeze } from './freeze.ts'
import { invalid, notAllowed, stale } from './stale.ts'
import { begin, bring, revokeNow } from './task.ts'
import { clearTimers, emit, setTimer, type Turn } from './turn.ts'

type Of<K extends PeopleCommand['kind']> = Extract<PeopleCommand, { kind: K }>

/** A launch that hands work over: nothing begins, it waits for somebody to take it. */
export function request(
  turn: Turn,
  { to, watch }: Pick<HandOver, 'to' | 'watch'>,
  { startNow, startAt }: Pick<HandOver, 'startNow' | 'startAt'>,
): void {
  const told = toldOf(turn, to)
  const title = titleOf(turn, to)
  emit(turn, { kind: 'task_requested', v: 1, to, title, startNow, startAt, told, ...(watch && { watch }) })
  watchOver(turn)
}

/** Timers of a request that nobody has claimed. No step is called `task`: the word is reserved. */
export const REMIND_REQUEST = 'task/remind'
export const ESCALATE_REQUEST = 'task/escalate'
const WATCH = [REMIND_REQUEST, ESCALATE_REQUEST]

/** Until somebody claims it, it is told again, and others are asked too, as its app says. */
function watchOver(turn: Turn): void {
  const asked = openNow(turn)
  if (asked === null) return
  const { remindEveryMs, afterMs } = asked.watch ?? {}
  if (remindEveryMs !== undefined)
    setTimer(turn, { id: REMIND_REQUEST, kind: 'remind', dueAt: turn.now + remindEveryMs })
  if (afterMs !== undefined && othersOf(asked).length > 0)
    setTimer(turn, { id: ESCALATE_REQUEST, kind: 'escalate', dueAt: turn.now + afterMs })
  if (asked.told.length === 0) strand(turn, asked)
}
const openNow = ({ state: { handOver, stage } }: Turn): HandOver | null =>
  handOver?.state === 'open' && stage === 'requested' ? handOver : null
/** Whom it is put to beside those it was handed to. */
const othersOf = ({ to, watch }: HandOver): readonly string[] =>
  (watch?.escalateTo ?? []).filter((ref) => !to.includes(ref))

/** Nobody is there to claim it: others do not wait their time then, and where there are none somebody has to pass it on. */
function strand(turn: Turn, asked: HandOver): void {
  if (othersOf(asked).length > 0) escalateRequest(turn)
  if (turn.state.handOver?.told.length === 0 && turn.state.handOver.stranded === undefined)
    emit(turn, { kind: 'request_stranded', v: 1 })
}
export function remindOfRequest(turn: Turn): void {
  const every = openNow(turn)?.watch?.remindEveryMs
  if (every === undefined) return
  emit(turn, { kind: 'request_reminded', v: 1 })
  setTimer(turn, { id: REMIND_REQUEST, kind: 'remind', dueAt: turn.now + every })
}
export function escalateRequest(turn: Turn): void {
  const asked = openNow(turn)
  const refs = asked === null ? [] : othersOf(asked)
  if (asked === null || refs.length === 0) return
  clearTimers(turn, [ESCALATE_REQUEST])
  const to = [...asked.to, ...refs]
  emit(turn, { kind: 'request_escalated', v: 1, refs, to, title: titleOf(turn, to), told: toldOf(turn, to) })
}

/** Of two who claim at once one wins; the other is told who (FLOW §2: exactly one wins). */
export function claim(turn: Turn, { by, round, edit, note, overrideFreeze }: Of<'claim_request'>): void {
  const { startNow, startAt } = openRequest(turn, round)
  if (startAt === null ? startNow : startAt <= turn.now) throughFreeze(turn, 'claim', overrideFreeze)
  clearTimers(turn, WATCH)
  const before = turn.state.variables
  if (edit !== undefined) editVariables(turn, { kind: 'edit_variables', by, ...edit })
  const corrections = changedFrom(before, turn.state.variables)
  emit(turn, {
    kind: 'request_claimed',
    v: 1,
    holder: { id: by.person ?? by.name, name: by.name },
    ...(Object.keys(corrections).length > 0 && { corrections }),
    ...(said(note) !== null && { note: said(note)! }),
    ...retitled(turn, edit),
  })
  keepInSight(turn, by.person)
  if (startAt !== null && startAt > turn.now)
    return setTimer(turn, { id: 'task/start_at', kind: 'start_at', dueAt: startAt })
  if (startNow || startAt !== null) begin(turn)
}

export function reject(turn: Turn, { round, reason }: Of<'reject_request'>): void {
  openRequest(turn, round)
  clearTimers(turn, WATCH)
  emit(turn, { kind: 'request_rejected', v: 1, reason: needed(reason, 'say what has to change') })
}

export function resubmit(turn: Turn, { by, round, edit, note }: Of<'resubmit_request'>): void {
  const asked = requestOf(turn, round)
  if (asked.state !== 'rejected') return staleRequest(turn.state, asked)
  if (edit !== undefined) editVariables(turn, { kind: 'edit_variables', by, ...edit })
  const told = toldOf(turn, asked.to)
  emit(turn, {
    kind: 'request_resubmitted',
    v: 1,
    told,
    ...(said(note) !== null && { note: said(note)! }),
    ...retitled(turn, edit),
  })
  watchOver(turn)
}

const retitled = ({ state }: Turn, edit: RequestEdit | undefined): { readonly title?: string } =>
  edit?.title === undefined || edit.title === state.title ? {} : { title: edit.title }

export function transfer(turn: Turn, { round, to, reason }: Of<'transfer_request'>): void {
  const asked = requestOf(turn, round)
  const why = needed(reason, 'say why it is passed on')
  const people = peopleOf(turn, to)
  const next = { kind: 'request_transferred' as const, v: 1 as const, to, title: titleOf(turn, to), reason: why }
  if (asked.state === 'open') {
    clearTimers(turn, WATCH)
    emit(turn, { ...next, told: people.map(({ id }) => id) })
    return watchOver(turn)
  }
  if (asked.state !== 'claimed') return staleRequest(turn.state, asked)
  const [holder] = people
  if (holder === undefined || people.length > 1)
    return invalid('to', 'one_person', 'it has been claimed: name the one person who carries it from now on')
  if (holder.id === asked.holder?.id) return invalid('to', 'same', `${holder.name} carries it already`)
  emit(turn, { ...next, holder })
  keepInSight(turn, holder.id)
}
/** Whoever carries it follows it: it stays in their lists whatever the app shows to whom. */
function keepInSight(turn: Turn, person: string | null): void {
  if (person !== null && person !== turn.state.startedBy.person) bring(turn, person)
}

/** Until somebody has claimed it. After that it is stopped like any task. */
export function withdraw(turn: Turn, { round, reason }: Of<'withdraw_request'>): void {
  const asked = requestOf(turn, round)
  if (asked.state !== 'open' && asked.state !== 'rejected') return staleRequest(turn.state, asked)
  revokeNow(turn, 'cancel', said(reason))
}

/** Roles and groups change while a request waits: who joined is told, who is gone is asked no more. */
export function lookForClaimers(turn: Turn): void {
  const asked = turn.state.handOver
  if (asked?.state !== 'open' || turn.state.stage !== 'requested') return
  const now = toldOf(turn, asked.to)
  const added = now.filter((id) => !asked.told.includes(id))
  if (added.length > 0 || asked.told.some((id) => !now.includes(id)))
    emit(turn, { kind: 'request_people_changed', v: 1, told: now, added })
  const after = openNow(turn)
  if (after?.told.length === 0) strand(turn, after)
}

// ---- what stands against an act ------------------------------------------------------------------------------------

function requestOf({ state }: Turn, round: number): HandOver {
  const asked = state.handOver
  if (asked === null) return notAllowed(`task ${state.number} was not handed over to anybody`, 'NOT_HANDED_OVER')
  // What somebody claims or passes on is what they saw; once it runs only who carries it matters.
  if (asked.round !== round) return staleRequest(state, asked)
  return asked
}
function openRequest(turn: Turn, round: number): HandOver {
  const asked = requestOf(turn, round)
  if (asked.state !== 'open') return staleRequest(turn.state, asked)
  return asked
}
function staleRequest(state: Readonly<TaskState>, { lastAct, state: now }: HandOver): never {
  return stale(
    { what: lastAct.what, by: lastAct.by.name, at: lastAct.at, now: now === 'claimed' ? state.phase : now },
    `the request of task ${state.number} is ${now}`,
  )
}

function peopleOf({ env, state }: Turn, to: readonly string[]): readonly PersonRef[] {
  if (to.length === 0) return invalid('to', 'required', 'say who is to take it')
  const found = to.map((ref) => {
    const people = env.directory.people(ref, state.startedBy)
    return people.length > 0 ? people : invalid('to', 'nobody', `there is nobody behind ${env.directory.title(ref)}`)
  })
  return [...new Map(found.flat().map((person) => [person.id, person])).values()]
}
const toldOf = ({ env, state }: Turn, to: readonly string[]): readonly string[] => [
  ...new Set(to.flatMap((ref) => env.directory.people(ref, state.startedBy).map(({ id }) => id))),
]
const titleOf = ({ env }: Turn, to: readonly string[]): string => to.map((ref) => env.directory.title(ref)).join(', ')
const said = (text: string | undefined): string | null => text?.trim() || null
const needed = (text: string, hint: string): string => said(text) ?? invalid('reason', 'required', hint)
function changedFrom(before: TaskState['variables'], after: TaskState['variables']): HandOver['corrections'] {
  if (before === after) return {}
  return Object.fromEntries(
    Object.keys(after)
      .filter((key) => before[key] !== after[key])
      .map((key) => [key, { before: before[key] ?? null, after: after[key] ?? null }]),
  )
}
