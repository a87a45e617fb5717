import type { PeopleCommand } from '../command.ts'
import { EngineError, type FieldError } from '../error.ts'
import type { Flow } from '../flow.ts'
import { askAgain } from '../nodes/ask.ts'
import { closeAsk } from '../nodes/ask-end.ts'
import { variableNamed } from '../nodes/check.ts'
import { checkValue } from '../variables/check.ts'
import type { Ask, TaskState } from '../state.ts'
import { isSecretRef, isTaskSecret, type Value, type Values } from '../value.ts'
import { canonical } from '../asks/digest.ts'
import { showsOutdated } from '../asks/earlier.ts'
import { invalid, staleTask } from './stale.ts'
import { emit, nodeOf, type Turn } from './turn.ts'

type Edit = Extract<PeopleCommand, { kind: 'edit_variables' }>

/**
 * Steps write variables too: an open ask that shows another value than there is now, or an answer that was given anew, is put again, whoever wrote it.
 * One opened behind the change in the same turn has seen it, and stays.
 */
export function putAgainWhereChanged(turn: Turn): void {
  const { variables } = turn.state
  for (const ask of [...turn.state.asks.values()]) {
    if (ask.state !== 'open' || ask.correction === true) continue
    const shown = ask.facts.filter(({ key }) => ask.bind.includes(key))
    if (showsOutdated(turn.state, ask)) putAgain(turn, ask)
    else if (shown.some(({ key, value }) => canonical(value) !== canonical(variables[key] ?? null))) putAgain(turn, ask)
  }
}

/** Changes variables of a live task. Open asks that bound one are put again; granted ones no longer stand (`rights.ts` asks for more then). */
export function editVariables(turn: Turn, { revision, variables, reason }: Edit): void {
  const { state, flow } = turn
  if (revision !== state.variablesRevision) return staleTask(state, 'edited')
  const after: { [key: string]: Value } = {}
  const fields: FieldError[] = []
  for (const key of Object.keys(variables)) {
    const result = checked(flow, state, key, variables[key] ?? null)
    if ('error' in result) fields.push(result.error)
    else after[key] = result.value
  }
  if (fields.length > 0)
    throw new EngineError('INVALID_INPUT', {
      message: fields.map(({ field, message }) => `${field}: ${message}`).join('; '),
      fields,
    })
  const changed = changedKeys(state, after)
  if (changed.length === 0) return
  const granted = grantedBinding(state, changed)
  if (granted.length > 0 && (reason ?? '').trim() === '')
    return invalid('reason', 'required', 'an approval was given for the value before: say why it changes')
  const changes: { [key: string]: { before: Value; after: Value } } = {}
  for (const key of changed) changes[key] = { before: state.variables[key] ?? null, after: after[key] ?? null }
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

type Checked = { readonly value: Value } | { readonly error: FieldError }
/** The last line of the form's own check (`form.ts`): declared, not fixed, of its type. */
function checked(flow: Flow, state: TaskState, key: string, given: Value): Checked {
  const error = (code: string, message: string): Checked => ({ error: { field: key, code, message } })
  const variable = variableNamed(flow, key)
  if (variable === undefined) return error('unknown_field', `there is no variable ${key}`)
  if (state.fixed.includes(key)) return error('fixed', `${variable.title} is fixed by this app and cannot be changed`)
  if (variable.computed !== undefined)
    return error('fixed', `${variable.title} follows from other values and cannot be set`)
  if (variable.secret && given !== null)
    return isTaskSecret(given, key)
      ? { value: given }
      : error('type', `${variable.title} is secret and must come sealed`)
  const isOptional = !variable.show || variable.showIf !== undefined // a hidden one may be null
  const result = checkValue(isOptional ? { ...variable, required: false } : variable, given)
  return result.error === null ? { value: result.value } : { error: result.error }
}
