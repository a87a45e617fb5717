import { EngineError } from '../error.ts'
import type { Scope, Template } from '../flow.ts'
import type { NodeError } from '../state.ts'
import type { Value, Values } from '../value.ts'

/** A part of a node could not be evaluated: data on the node, not a refusal. The message names the expression. */
export class NodeProblem extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
/** What an expression (or a check while starting) threw, as the node shows it. */
export function failureOf(error: unknown): NodeError {
  if (error instanceof EngineError) throw error // a refusal of the command, not a failure of the node
  if (error instanceof NodeProblem) return { cause: 'error', code: error.code, message: error.message }
  return { cause: 'error', code: 'EXPRESSION', message: error instanceof Error ? error.message : String(error) }
}

/** All inputs of a node. @throws what an expression throws. */
export function evaluateAll(templates: { readonly [name: string]: Template }, scope: Scope): Values {
  const values: { [name: string]: Value } = {}
  for (const name in templates) {
    const template = templates[name]
    if (template !== undefined) values[name] = template.evaluate(scope)
  }
  return values
}
