import type { Turn } from '../decide/turn.ts'
import type { FlowNode } from '../flow.ts'
import { itemOutputs } from '../scope.ts'
import type { NodeError } from '../state.ts'
import type { Value, Values } from '../value.ts'
import { sampleOf } from '../variables/sample.ts'
import { fitFor, variableNamed } from './check.ts'

export interface Saved {
  /** Null: nothing to save. */
  readonly values: Values | null
}
const NOTHING: Saved = { values: null }

/** Variables a node writes from its outputs. An output that is not there, or does not fit its variable, is `output_invalid`. */
export function savedOf(turn: Turn, node: FlowNode, given: Values): Saved | NodeError {
  const outputs = withItems(turn, node, given)
  let values: { [key: string]: Value } | null = null
  for (const key in node.save) {
    const name = node.save[key] ?? ''
    const value = outputAt(outputs, name)
    if (value === undefined) return invalid(`${node.title} gave no output “${name}”, which ${key} is saved from`)
    const fit = fitFor(turn.flow, key, value)
    if ('problem' in fit) return invalid(`The output “${name}” does not fit ${key}: ${fit.problem}`)
    ;(values ??= {})[key] = fit.value
  }
  if (node.kind === 'activity' && turn.env.plugins.find(node.use)?.saves === true) {
    for (const key of Object.keys(outputs)) {
      const fit = fitFor(turn.flow, key, outputs[key] ?? null)
      if ('problem' in fit) return invalid(`The value for ${key} does not fit: ${fit.problem}`)
      ;(values ??= {})[key] = fit.value
    }
  }
  return values === null ? NOTHING : { values }
}
/** What each item gave stands with the items; it is looked up only where `save` names it. */
function withItems(turn: Turn, node: FlowNode, outputs: Values): Values {
  if (node.kind !== 'activity' || node.each === null || (outputs['items'] ?? null) !== null) return outputs
  const isNamed = Object.values(node.save).some((name) => name === 'items' || name.startsWith('items.'))
  return isNamed ? { ...outputs, items: itemOutputs(turn.state, node.id) } : outputs
}
/** `stdout`, or a path into an output: `values.build`. A name with a dot of its own goes before the path. */
function outputAt(outputs: Values, name: string): Value | undefined {
  if (Object.hasOwn(outputs, name)) return outputs[name]
  let value: Value | undefined = outputs
  for (const step of name.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step))
      return undefined
    value = (value as Values)[step]
  }
  return value
}
const invalid = (message: string): NodeError => ({ cause: 'output_invalid', code: 'OUTPUT_INVALID', message })

/** In a rehearsal: what fits is saved; a variable that a sample does not fit, or was not given, gets a sample of its own, so that the steps behind can be tried. */
export function rehearsedOf(turn: Turn, node: FlowNode, outputs: Values): Saved {
  const values: { [key: string]: Value } = { ...savedAsIs(turn, node, outputs) }
  for (const key in node.save) {
    const variable = variableNamed(turn.flow, key)
    if (variable !== undefined && !variable.secret && values[key] === undefined) values[key] = sampleOf(variable)
  }
  return Object.keys(values).length === 0 ? NOTHING : { values }
}
function savedAsIs(turn: Turn, node: FlowNode, outputs: Values): Values | null {
  const saved = savedOf(turn, node, outputs)
  return 'cause' in saved ? salvageOf(turn, node, outputs) : saved.values
}
/** After a failure: what there is and fits (FLOW §2). */
export function salvageOf(turn: Turn, node: FlowNode, given: Values): Values | null {
  const outputs = withItems(turn, node, given)
  let values: { [key: string]: Value } | null = null
  for (const key in node.save) {
    const name = node.save[key] ?? ''
    const value = outputAt(outputs, name)
    const fit = value === undefined ? { problem: 'missing' } : fitFor(turn.flow, key, value)
    if ('value' in fit) (values ??= {})[key] = fit.value
  }
  return values
}
