import { clearNodeTimers, emit, runOf, setTimer, type Turn } from '../decide/turn.ts'
import { addWorking, nextWorking } from '../calendar.ts'
import { parseDuration } from '../duration.ts'
import type { WaitNode } from '../flow.ts'
import { scopeOf } from '../scope.ts'
import type { Value, Values } from '../value.ts'
import { leave } from './leave.ts'
import { evaluateAll, failureOf, NodeProblem } from './template.ts'
import { refuse, type Visit } from './visit.ts'

/** The last instant that can be written (year 275760). */
const LAST_INSTANT = 8.64e15

/** Waits for a duration, until an instant, or for working hours; one that has passed is over at once. */
export function startWait(turn: Turn, visit: Visit, node: WaitNode): void {
  let inputs: Values
  let dueAt: number
  try {
    inputs = evaluateAll(node.with, scopeOf(turn.flow, turn.state, turn.env, undefined, visit))
    dueAt = dueOf(turn, inputs)
    if (Math.abs(dueAt) > LAST_INSTANT) throw new NodeProblem('INPUT', 'it would end after the last day there is')
  } catch (error) {
    return refuse(turn, visit, failureOf(error))
  }
  const { attempt } = visit
  emit(turn, {
    kind: 'node_started',
    v: 1,
    node: node.id,
    attempt,
    ...(visit.entering && { token: visit.token }),
    inputs,
    waitsFor: 'timer',
  })
  // A rehearsal goes on as if the time had come: it shows the way, and would hang for days.
  if (turn.state.rehearsal && dueAt > turn.now) return endWait(turn, node, dueAt)
  if (dueAt <= turn.now) return endWait(turn, node)
  setTimer(turn, { id: `${node.id}/wait`, kind: 'wait', nodeId: node.id, attempt, dueAt })
}

/** `rehearsed`: when it would have ended; nobody waited for it. */
export function endWait(turn: Turn, node: WaitNode, rehearsed?: number): void {
  const run = runOf(turn, node.id)
  clearNodeTimers(turn, node.id)
  emit(turn, {
    kind: 'node_succeeded',
    v: 1,
    node: node.id,
    attempt: run.attempt,
    outputs: { at: new Date(rehearsed ?? turn.now).toISOString() },
    ...(rehearsed !== undefined && { notPerformed: true as const }),
  })
  leave(turn, node, run.token)
}

function dueOf(turn: Turn, inputs: Values): number {
  const { for: length, until, workingHours } = inputs
  const { now } = turn
  if (workingHours !== undefined && workingHours !== null) return workingDue(turn, workingHours, 'workingHours')
  if (until !== undefined && until !== null) return instantOf(until)
  if (length === undefined || length === null)
    throw new NodeProblem('INPUT', 'a wait needs “for”, “until” or “workingHours”')
  const ms = durationOf(length)
  if (ms === null)
    throw new NodeProblem(
      'INPUT',
      `${JSON.stringify(length)} is no duration. Write 90s, 5m or 2h, or a number of seconds`,
    )
  return now + ms
}
/** `office`: when it opens, or now. `{calendar: office, for: 4h}`: after so much of its working time. Held against the calendar as it is now. */
export function workingDue(turn: Turn, value: Value, input: string): number {
  const { calendar: name, for: length } = typeof value === 'string' ? { calendar: value } : (value as Values)
  if (typeof name !== 'string') throw new NodeProblem('INPUT', `${input} needs the name of a calendar`)
  const calendar = turn.env.directory.calendar?.(turn.state.project, name) ?? null
  if (calendar === null) throw new NodeProblem('CALENDAR', `there is no calendar “${name}”`)
  const ms = length === undefined || length === null ? 0 : durationOf(length)
  if (ms === null) throw new NodeProblem('INPUT', `${JSON.stringify(length)} is no duration. Write 90s, 5m or 2h`)
  const dueAt = ms === 0 ? nextWorking(calendar, turn.now) : addWorking(calendar, turn.now, ms)
  if (dueAt === null) throw new NodeProblem('CALENDAR', `the calendar “${name}” does not open that long`)
  return dueAt
}
function instantOf(value: Value): number {
  const at = typeof value === 'number' ? value : typeof value === 'string' ? Date.parse(value) : NaN
  if (!Number.isFinite(at))
    throw new NodeProblem('INPUT', `${JSON.stringify(value)} is no instant. Write it like 2026-11-21T18:00:00Z`)
  return at
}
/** `90s`, or a number of seconds. */
export function durationOf(value: Value): number | null {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0 ? Math.round(value * 1000) : null
  if (typeof value !== 'string') return null
  return /^\d+(\.\d+)?$/.test(value.trim()) ? Math.round(Number(value) * 1000) : parseDuration(value)
}
