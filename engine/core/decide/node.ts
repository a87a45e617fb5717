import type { PeopleCommand } from '../command.ts'
import { EngineError } from '../error.ts'
import type { ActivityNode, Branch, FlowNode } from '../flow.ts'
import { outputsNeeded } from '../impact.ts'
import { closeAsk } from '../nodes/ask-end.ts'
import { cancelItems, itemOf } from '../nodes/each.ts'
import { failVisit, giveUp, retryVisit } from '../nodes/failure.ts'
import { fork, sendDown } from '../nodes/gateway.ts'
import { leave } from '../nodes/leave.ts'
import { savedOf } from '../nodes/save.ts'
import { FORCED } from '../nodes/settle.ts'
import { endChild, liveChildOf } from '../nodes/subflow.ts'
import { MAX_VISITS } from '../nodes/visit.ts'
import { cancelAttempt } from '../nodes/wind-down.ts'
import { canonical } from '../asks/digest.ts'
import { approvalsBefore } from '../asks/granted.ts'
import type { ChildEnding, ItemRun, NodeRun } from '../state.ts'
import { marksIn, secretsIn } from '../template.ts'
import { depthOf, MAX_DEPTH, TOO_DEEP, type Value, type Values } from '../value.ts'
import { editVariables } from './edit.ts'
import { throughFreeze } from './freeze.ts'
import { invalid, notAllowed, staleNode } from './stale.ts'
import { clearNodeTimers, emit, runOf, setTimer, type Turn } from './turn.ts'

type NodeCommand = Extract<PeopleCommand, { nodeId: string }>
type Of<K extends NodeCommand['kind']> = Extract<NodeCommand, { kind: K }>

/** The visit a press was aimed at. Another attempt, or one somebody else has dealt with, is STALE. */
function aim(turn: Turn, { nodeId, attempt }: NodeCommand): { node: FlowNode; run: NodeRun } {
  const node = turn.flow.node(nodeId)
  if (node === undefined) throw new EngineError('NOT_FOUND', { message: `${turn.flow.title} has no node ${nodeId}` })
  const run = turn.state.nodes.get(nodeId)
  if (run === undefined)
    return attempt === 0
      ? notAllowed(`${node.title} has not been reached yet`, 'NOT_VISITED')
      : invalid('attempt', 'unknown', `${node.title} has had no attempt yet`)
  if (run.attempt !== attempt) return staleNode(run)
  return { node, run }
}
/** Only a failed visit, put to people, may be retried, skipped, done by hand. */
function aimAtFailure(turn: Turn, command: NodeCommand): { node: FlowNode; run: NodeRun } {
  const { node, run } = aim(turn, command)
  if (run.state === 'failed' && !run.givenUp) return { node, run }
  if (run.state === 'running' || run.state === 'waiting' || run.state === 'ready')
    return notAllowed(`${node.title} is ${run.state}, it has not failed`, 'NOT_FAILED')
  return staleNode(run)
}
const noteOf = (command: NodeCommand): { note?: string } => (command.note === undefined ? {} : { note: command.note })

export function retry(turn: Turn, command: Of<'retry'>): void {
  const { node, run } = aimAtFailure(turn, command)
  if (run.error?.code === MAX_VISITS)
    return notAllowed(`${node.title} has had all its visits: skip it, or give up`, 'MAX_VISITS')
  throughFreeze(turn, 'retry', command.overrideFreeze)
  const { inputs, items, edit } = command
  if (edit !== undefined) editVariables(turn, { kind: 'edit_variables', by: command.by, ...edit })
  if (inputs !== undefined) checkRawInputs(turn, node, run, inputs, command)
  if (items !== undefined) openItems(turn, node, run, items)
  clearNodeTimers(turn, node.id)
  if (run.askId !== null) closeAsk(turn, run.askId, 'voided')
  retryVisit(turn, node, {
    auto: false,
    notBefore: null,
    ...(inputs !== undefined && { inputs }),
    ...(items !== undefined && { items }),
    ...noteOf(command),
  })
}

/** Raw inputs replace the whole set, for one attempt. Behind a granted approval they change what was approved, which is said. */
function checkRawInputs(turn: Turn, node: FlowNode, run: NodeRun, inputs: Values, command: NodeCommand): void {
  if (node.kind !== 'activity' || run.each !== null || node.each !== null)
    return notAllowed(`${node.title} has no inputs that could be given by hand`, 'NO_INPUTS')
  const plugin = turn.env.plugins.find(node.use)
  for (const name of Object.keys(inputs))
    if (plugin?.inputs?.includes(name) === false)
      return invalid(`inputs.${name}`, 'unknown', `${node.use} has no input “${name}”`)
  for (const name of plugin?.required ?? [])
    if (inputs[name] === undefined) return invalid(`inputs.${name}`, 'required', `${node.use} needs “${name}”`)
  for (const name of Object.keys(inputs)) checkRawInput(name, inputs[name]!, run.inputs?.[name] ?? null)
  const overridden = approvalsBefore(turn.flow, turn.state, node.id)
  if (overridden.length === 0) return
  const reason = reasonOf(command)
  for (const ask of overridden) emit(turn, { kind: 'approval_overridden', v: 1, ask: ask.id, what: 'inputs', reason })
}
/**
 * A reference typed by hand would open a secret that nobody checked this flow for. Those that stood in this input already
 * may come back as they are, so that a person can change what is beside them.
 */
function checkRawInput(name: string, input: Value, before: Value): void {
  if (depthOf(input) > MAX_DEPTH) return invalid(`inputs.${name}`, 'type', TOO_DEEP)
  const known = new Set(marksIn(before).map(canonical))
  if (marksIn(input).some((mark) => !known.has(canonical(mark))))
    return invalid(`inputs.${name}`, 'type', 'may not refer to a secret that was not in it before')
  if (overSecret(input, before))
    return invalid(`inputs.${name}`, 'secret', 'has text where a secret stands: it would stay readable in the history')
}
/** Is there text where a secret stood? */
function overSecret(input: Value, before: Value): boolean {
  if (typeof before !== 'object' || before === null || secretsIn(before).length === 0) return false
  if (marksIn(before)[0] === before) return typeof input !== 'object'
  return (
    typeof input === 'object' &&
    input !== null &&
    Object.entries(before).some(
      ([key, value]) => Object.hasOwn(input, key) && overSecret((input as Values)[key]!, value as Value),
    )
  )
}
function reasonOf(command: NodeCommand): string {
  const reason = command.note?.trim() ?? ''
  return reason === '' ? invalid('note', 'required', 'this goes past an approval: say why') : reason
}
/** Past an approval only with a reason; its approvers are told. */
function passApproval(
  turn: Turn,
  node: FlowNode,
  run: NodeRun,
  what: 'skipped' | 'byhand' | 'failed',
  command: NodeCommand,
): void {
  if (run.askId === null) return
  if (node.kind === 'ask' && node.ask === 'approval') {
    const reason = reasonOf(command)
    closeAsk(turn, run.askId, 'overridden')
    emit(turn, { kind: 'approval_overridden', v: 1, ask: run.askId, what, reason })
  } else closeAsk(turn, run.askId, 'overridden')
}

export function skip(turn: Turn, command: Of<'skip'>): void {
  const { node, run } = aim(turn, command)
  const { items } = command
  if (endsChildFirst(turn, node, run, { mode: 'cancel', then: 'skipped', ...noteOf(command) })) return
  if (run.state !== 'ready') aimAtFailure(turn, command)
  if (node.kind === 'gateway') return notAllowed(`${node.title} cannot be skipped: choose a branch`, 'CHOOSE_BRANCH')
  if (items !== undefined) {
    for (const item of openItems(turn, node, run, items))
      emit(turn, { kind: 'item_skipped', v: 1, node: node.id, item: item.index, attempt: item.attempt })
    if (!isSettled(runOf(turn, node.id))) return
  }
  passApproval(turn, node, run, 'skipped', command)
  clearNodeTimers(turn, node.id)
  emit(turn, {
    kind: 'node_skipped',
    v: 1,
    node: node.id,
    attempt: run.attempt,
    why: 'person',
    ...(items !== undefined && { keeps: true as const }),
    ...noteOf(command),
  })
  leave(turn, node, run.token)
}

/** A live child is stopped before its node goes on without it (FLOW §2, Subflows). */
function endsChildFirst(turn: Turn, node: FlowNode, run: NodeRun, ending: Omit<ChildEnding, 'by'>): boolean {
  const child = liveChildOf(turn.state, run)
  if (child === null) return false
  if (child.ending?.then === 'revoked') return notAllowed(`${node.title} is being ended already`, 'STOPPING')
  if (child.ending?.then === ending.then) return staleNode(run)
  endChild(turn, child, ending)
  return true
}

export function doByHand(turn: Turn, command: Of<'byhand'>): void {
  const aimed = aim(turn, command)
  const { node, run } = liveChildOf(turn.state, aimed.run) === null ? aimAtFailure(turn, command) : aimed
  if (node.kind === 'gateway')
    return notAllowed(`${node.title} cannot be done by hand: choose a branch`, 'CHOOSE_BRANCH')
  const { items, outputs } = command
  for (const name of Object.keys(outputs))
    if (depthOf(outputs[name]!) > MAX_DEPTH) return invalid(`outputs.${name}`, 'type', TOO_DEEP)
  if (items !== undefined) {
    for (const item of openItems(turn, node, run, items))
      emit(turn, { kind: 'item_done_by_hand', v: 1, node: node.id, item: item.index, attempt: item.attempt, outputs })
    if (!isSettled(runOf(turn, node.id))) return
    return completeByHand(turn, node, countsOf(runOf(turn, node.id)), command)
  }
  const missing = outputsNeeded(turn.flow, node.id).filter(({ name }) => outputs[name] === undefined)
  if (missing.length > 0) {
    const fields = missing.map(({ name, readBy }) => ({
      field: `outputs.${name}`,
      code: 'required',
      message: `${name} is needed by ${readBy.join(', ')}`,
    }))
    throw new EngineError('INVALID_INPUT', { message: fields.map(({ message }) => message).join('; '), fields })
  }
  completeByHand(turn, node, outputs, command)
}
function completeByHand(turn: Turn, node: FlowNode, outputs: Values, command: NodeCommand): void {
  const run = runOf(turn, node.id)
  const saved = savedOf(turn, node, outputsFor(node, outputs))
  if ('cause' in saved) return invalid('outputs', 'type', saved.message)
  if (endsChildFirst(turn, node, run, { mode: 'cancel', then: 'byhand', outputs, ...noteOf(command) })) return
  passApproval(turn, node, run, 'byhand', command)
  clearNodeTimers(turn, node.id)
  emit(turn, {
    kind: 'node_done_by_hand',
    v: 1,
    node: node.id,
    attempt: run.attempt,
    outputs,
    ...(saved.values !== null && { saved: saved.values }),
    ...noteOf(command),
  })
  leave(turn, node, run.token)
}
/** Outputs that nobody reads later need not be given; what they would be saved to is left empty. */
function outputsFor(node: FlowNode, outputs: Values): Values {
  const all: { [name: string]: Values[string] } = { ...outputs }
  for (const name of Object.values(node.save)) all[name] ??= null
  return all
}

/** On a running or waiting attempt: it ends, and a person is asked. On a failed one: give up, the task fails. */
export function fail(turn: Turn, command: Of<'fail'>): void {
  const { node, run } = aim(turn, command)
  if (endsChildFirst(turn, node, run, { mode: 'cancel', then: 'failed', ...noteOf(command) })) return
  switch (run.state) {
    case 'failed':
      if (run.givenUp) return staleNode(run)
      passApproval(turn, node, run, 'failed', command)
      return giveUp(turn, node, command.note)
    case 'running':
      if (run.cancelFor === 'forced') return staleNode(run)
      if (run.cancelFor === 'revoked') return notAllowed(`${node.title} is being ended already`, 'STOPPING')
      return run.each === null ? cancelAttempt(turn, node.id, run, 'forced') : cancelItems(turn, node, run, 'forced')
    case 'waiting':
      if (run.waitsFor === 'callback') return cancelAttempt(turn, node.id, run, 'forced')
      passApproval(turn, node, run, 'failed', command)
      return failVisit(turn, node, FORCED(node.title))
    case 'ready':
      return failVisit(turn, node, FORCED(node.title))
    default:
      return staleNode(run)
  }
}

/** A failed gateway goes where a person says: one branch, or for an inclusive one any of them. Branches are named by their `next`. */
export function chooseBranch(turn: Turn, command: Of<'choose_branch'>): void {
  const { node, run } = aimAtFailure(turn, command)
  if (node.kind !== 'gateway' || (node.gateway !== 'exclusive' && node.gateway !== 'inclusive'))
    return notAllowed(`${node.title} has no branches to choose from`, 'NO_BRANCHES')
  const chosen = [...new Set(command.branches)].map((next): Branch => {
    const branch = node.branches.find((each) => each.next === next)
    return branch ?? invalid('branches', 'unknown', `${node.title} has no branch to ${next}`)
  })
  const [first] = chosen
  if (first === undefined) return invalid('branches', 'required', 'choose a branch')
  if (node.gateway === 'exclusive' && chosen.length > 1)
    return invalid('branches', 'too_many', `${node.title} takes one branch`)
  clearNodeTimers(turn, node.id)
  if (node.gateway === 'exclusive') sendDown(turn, { attempt: run.attempt, token: run.token }, node, first)
  else fork(turn, { attempt: run.attempt, token: run.token }, node, chosen)
}

/** Moves the timer of a `wait`, or ends it now. */
export function reschedule(turn: Turn, command: Of<'reschedule'>): void {
  const { node, run } = aim(turn, command)
  if (node.kind !== 'wait') return notAllowed(`${node.title} does not wait for a time`, 'NO_TIMER')
  if (run.state !== 'waiting') return staleNode(run)
  if (!Number.isFinite(command.at)) return invalid('at', 'type', 'expected an instant')
  const dueAt = Math.max(command.at, turn.now)
  emit(turn, { kind: 'node_rescheduled', v: 1, node: node.id, attempt: run.attempt, to: dueAt, ...noteOf(command) })
  setTimer(turn, { id: `${node.id}/wait`, kind: 'wait', nodeId: node.id, attempt: run.attempt, dueAt })
}

// ---- items of each -------------------------------------------------------------------------------------------------

const isSettled = (run: NodeRun): boolean =>
  run.each !== null && run.each.succeeded + run.each.settled === run.each.count
const countsOf = (run: NodeRun): Values => ({ succeeded: run.each?.succeeded ?? 0, failed: run.each?.failed ?? 0 })

/** The items a press names: each must exist and still be open. */
function openItems(turn: Turn, node: FlowNode, run: NodeRun, items: readonly number[]): readonly ItemRun[] {
  if (run.each === null || run.each.visit !== run.visit || run.state !== 'failed')
    return notAllowed(`${node.title} has no items`, 'NO_ITEMS')
  if (items.length === 0) return invalid('items', 'required', 'name at least one item')
  const { count } = run.each
  return [...new Set(items)].map((index) => {
    if (!Number.isInteger(index) || index < 0 || index >= count)
      return invalid('items', 'unknown', `${node.title} has no item ${index}`)
    const item = itemOf(turn, (node as ActivityNode).id, index)
    if (item.state === 'succeeded' || item.state === 'skipped' || item.state === 'byhand') return staleNode(run)
    return item
  })
}
