import type { PeopleCommand } from '../command.ts'
import { EngineError, type FieldError } from '../error.ts'
import type { Flow, Variable } from '../flow.ts'
import { askAgain } from '../nodes/ask.ts'
import { closeAsk } from '../nodes/ask-end.ts'
import { problemOf } from '../nodes/check.ts'
import type { Ask, TaskState } from '../state.ts'
import { isSecretRef, type Value, type Values } from '../value.ts'
import { canonical } from '../asks/digest.ts'
import { invalid, staleTask } from './stale.ts'
import { emit, nodeOf, type Turn } from './turn.ts'

type Edit = Extract<PeopleCommand, { kind: 'edit_variables' }>

/** Changes variables of a live task. Open asks that bound one are put again; granted ones no longer stand (`rights.ts` asks for more then). */
export function editVariables(turn: Turn, { revision, variables, reason }: Edit): void {
  const { state, flow } = turn
  if (revision !== state.variablesRevision) return staleTask(state, 'edited')
  const fields = Object.keys(variables).flatMap((key) => problemsOf(flow, state, key, variables[key] ?? null))
  if (fields.length > 0)
    throw new EngineError('INVALID_INPUT', {
      message: fields.map(({ field, message }) => `${field}: ${message}`).join('; '),
      fields,
    })
  const changed = changedKeys(state, variables)
  if (changed.length === 0) return
  const granted = grantedBinding(state, changed)
  if (granted.length > 0 && (reason ?? '').trim() === '')
    return invalid('reason', 'REQUIRED', 'an approval was given for the value before: say why it changes')
  const changes: { [key: string]: { before: Value; after: Value } } = {}
  for (const key of changed) changes[key] = { before: state.variables[key] ?? null, after: variables[key] ?? null }
  emit(turn, { kind: 'variables_edited', v: 1, changes, reason: reason ?? null })
  for (const ask of granted)
    emit(turn, { kind: 'approval_overridden', v: 1, ask: ask.id, what: 'variables', reason: reason ?? '' })
  for (const ask of openBinding(state, changed)) putAgain(turn, ask)
}

/** Voids what was answered and asks anew: the old cards show other facts. */
function putAgain(turn: Turn, ask: Ask): void {
  const node = nodeOf(turn, ask.nodeId)
  closeAsk(turn, ask.id, 'voided')
  const run = turn.state.nodes.get(ask.nodeId)
  if (node.kind === 'ask' && run?.state === 'waiting') askAgain(turn, node)
}

/** Variables that come out different. A secret given anew always counts: its reference stays, its value is not seen here. */
export const changedKeys = (state: TaskState, variables: Values): readonly string[] =>
  Object.keys(variables).filter((key) => {
    const after = variables[key] ?? null
    return isSecretRef(after) || canonical(state.variables[key] ?? null) !== canonical(after)
  })
const binds = (ask: Ask, keys: readonly string[]): boolean => ask.bind.some((key) => keys.includes(key))
/** Approvals that were granted for values that are about to change. */
export const grantedBinding = (state: TaskState, keys: readonly string[]): readonly Ask[] =>
  [...state.asks.values()].filter((ask) => ask.kind === 'approval' && ask.end === 'granted' && binds(ask, keys))
const openBinding = (state: TaskState, keys: readonly string[]): readonly Ask[] =>
  [...state.asks.values()].filter((ask) => ask.state === 'open' && ask.correction !== true && binds(ask, keys))

function problemsOf(flow: Flow, state: TaskState, key: string, value: Value): readonly FieldError[] {
  const variable = flow.variables.find((each) => each.key === key)
  const problem = (code: string, message: string): readonly FieldError[] => [{ field: key, code, message }]
  if (variable === undefined) return problem('UNKNOWN', 'there is no such variable')
  if (state.fixed.includes(key)) return problem('FIXED', 'the app fixes this value')
  if (variable.computed !== undefined) return problem('COMPUTED', 'this value is computed')
  return misfit(flow, variable, value, problem)
}
function misfit(
  flow: Flow,
  variable: Variable,
  value: Value,
  problem: (code: string, message: string) => readonly FieldError[],
): readonly FieldError[] {
  if (value === null)
    return variable.required && variable.show && variable.showIf === undefined
      ? problem('REQUIRED', 'this cannot be empty')
      : []
  if (variable.secret) return isSecretRef(value) ? [] : problem('SECRET', 'a secret reaches the core sealed')
  const what = problemOf(flow, variable.key, value)
  return what === null ? [] : problem('TYPE', what)
}
