import type { ASTNode } from '@marcbachmann/cel-js'
import type { Scope, Variable } from '../flow.ts'
import { isSecretRef, type Value } from '../value.ts'
import { createCel, LINEAR_MATCHES, type Cel } from './cel.ts'
import { fromCel, toCel } from './convert.ts'
import { CEL_WORDS } from './names.ts'

/** One reading of a name: `deploy.outputs.exitCode` is `['deploy', 'outputs', 'exitCode']`. */
export interface Read {
  readonly path: readonly string[]
  /** Inside `has()` or behind `.?`: it may be missing. */
  readonly guarded: boolean
}
/** What stands between `${` and `}`, compiled. Pure; holds nothing of a run. */
export interface Expression {
  readonly source: string
  readonly reads: readonly Read[]
  /** Why it cannot be evaluated: syntax or types. */
  readonly problem: string | null
  /** Its value when it reads nothing and is a plain literal. */
  readonly constant: Value | undefined
  /** @throws ExpressionError */
  readonly evaluate: (scope: Scope) => Value
}
/** An expression that has no value here and now. The message names it: people read it on the failed step. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError'
  readonly expression: string
  constructor(expression: string, reason: string) {
    super(`\${${expression}}: ${reason}`)
    this.expression = expression
  }
}

/** Compiles expressions of one flow version, each text once. */
export interface Language {
  readonly expression: (source: string) => Expression
  readonly isSecret: (name: string) => boolean
}
/** `variables` give the types; names that are not among them are dynamic. */
export function createLanguage(variables: readonly Variable[]): Language {
  const integers = new Set(variables.filter((variable) => variable.type === 'integer').map((variable) => variable.key))
  const secrets = new Set(variables.filter((variable) => variable.secret).map((variable) => variable.key))
  const types = variables.flatMap((variable) => {
    const type = celType(variable)
    return type === null || CEL_WORDS.includes(variable.key) ? [] : [[variable.key, type] as const]
  })
  let cel: Cel | null = null // made when the first expression needs it: many flows hold nothing but names
  const known = new Map<string, Expression>()
  return {
    isSecret: (name) => secrets.has(name),
    expression: (source) => {
      let found = known.get(source)
      if (found === undefined)
        known.set(source, (found = compileName(source) ?? compileCel(source, (cel ??= createCel(types)), integers)))
      return found
    },
  }
}

/** Only what can never be null may carry a type, else `x == null` would not pass. */
function celType(variable: Variable): string | null {
  if (!variable.required || !variable.show || variable.showIf || variable.secret) return null
  switch (variable.type) {
    case 'text':
    case 'textarea':
    case 'date':
    case 'time':
    case 'datetime':
    case 'duration':
    case 'person':
    case 'host':
      return 'string'
    case 'integer':
      return 'int'
    case 'number':
      return 'double'
    case 'boolean':
      return 'bool'
    case 'hosts':
    case 'people':
      return 'list<string>'
    default:
      return null
  }
}

const NAME = /^\s*([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)\s*$/
/** A bare name or path is looked up, not evaluated: most inputs are nothing else. */
function compileName(source: string): Expression | null {
  const match = NAME.exec(source)
  const root = match?.[1]
  if (root === undefined || CEL_WORDS.includes(root)) return null
  const fields = match?.[2] ? match[2].slice(1).split('.') : []
  const path = [root, ...fields]
  const name = path.join('.')
  const evaluate = (scope: Scope): Value => {
    let value = scope(root)
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i] as string // i < length
      if (value === undefined) break
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new ExpressionError(name, `${path.slice(0, i + 1).join('.')} is ${kindOf(value)} and has no “${field}”`)
      value = Object.hasOwn(value, field) ? (value as { readonly [key: string]: Value })[field] : undefined // own, so never a method
    }
    if (value === undefined) throw new ExpressionError(name, missing(path))
    return value
  }
  return { source, reads: [{ path, guarded: false }], problem: null, constant: undefined, evaluate }
}

function missing(path: readonly string[]): string {
  if (path[1] === 'outputs' && path[2] !== undefined) return `step “${path[0]}” has given no “${path[2]}”`
  return `${path.join('.')} has no value yet`
}

const kindOf = (value: Value): string =>
  value === null
    ? 'empty'
    : Array.isArray(value)
      ? 'a list'
      : typeof value === 'string'
        ? 'a text'
        : `a ${typeof value}`

type Parsed = ReturnType<Cel['environment']['parse']>
function compileCel(source: string, cel: Cel, integers: ReadonlySet<string>): Expression {
  let parsed: Parsed
  const reads: Read[] = []
  try {
    parsed = cel.environment.parse(source)
    collect(parsed.ast, new Set(), false, reads)
  } catch (error) {
    return broken(source, reads, explain(error))
  }
  const checked = parsed.check()
  if (!checked.valid) return broken(source, reads, explain(checked.error))
  const roots = [...new Set(reads.map((read) => read.path[0] as string))] // a path has at least its root
  const evaluate = (scope: Scope): Value => {
    const context: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    for (const root of roots) {
      const value = scope(root)
      if (isSecretRef(value)) throw new ExpressionError(source, `${root} is secret and can only be handed on as it is`)
      if (value !== undefined) context[root] = toCel(value, integers.has(root))
    }
    try {
      return fromCel(cel.within(() => parsed(context) as unknown))
    } catch (error) {
      throw new ExpressionError(source, explain(error))
    }
  }
  const { ast } = parsed
  const constant = ast.op === 'value' ? fromCel(ast.args) : undefined
  return { source, reads, problem: null, constant, evaluate }
}

const broken = (source: string, reads: readonly Read[], problem: string): Expression => ({
  source,
  reads,
  problem,
  constant: undefined,
  evaluate: () => {
    throw new ExpressionError(source, problem)
  },
})

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const summary = 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message
  const text = summary.replaceAll(LINEAR_MATCHES, 'matches')
  const unknown = /^Unknown variable: (.*)$/.exec(text)
  if (unknown) return `${unknown[1]} has no value yet`
  if (text === 'Unexpected token: DOT') return 'unexpected “.”. For something that may be missing write a.?b.orValue(…)'
  return text.charAt(0).toLowerCase() + text.slice(1)
}

/** Macros that bind a name of their own. */
const BINDERS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter'])

/** Walks an expression: notes what it reads, and points `matches` at the linear-time engine. */
function collect(node: ASTNode, bound: ReadonlySet<string>, guarded: boolean, reads: Read[]): void {
  const walk = (child: ASTNode, also?: ReadonlySet<string>): void => collect(child, also ?? bound, guarded, reads)
  switch (node.op) {
    case 'value':
      return
    case 'id':
      if (!bound.has(node.args) && !CEL_WORDS.includes(node.args)) reads.push({ path: [node.args], guarded })
      return
    case '.':
    case '.?':
    case '[]':
    case '[?]': {
      const path = pathOf(node)
      if (path !== null) {
        const root = path.names[0] as string // a path has at least its root
        if (!bound.has(root) && !CEL_WORDS.includes(root))
          reads.push({ path: path.names, guarded: guarded || path.optional })
        return
      }
      const optional = node.op === '.?' || node.op === '[?]'
      collect(node.args[0], bound, guarded || optional, reads)
      if (node.op === '[]' || node.op === '[?]') walk(node.args[1])
      return
    }
    case 'call': {
      const [name, args] = node.args
      for (const argument of args) collect(argument, bound, guarded || name === 'has', reads)
      return
    }
    case 'rcall': {
      const [name, receiver, args] = node.args
      if (name === 'matches' && args.length === 1) node.args[0] = LINEAR_MATCHES
      walk(receiver)
      const first = args[0]
      const binds =
        first?.op === 'id' &&
        (BINDERS.has(name) || (name === 'bind' && receiver.op === 'id' && receiver.args === 'cel'))
      if (!binds) for (const argument of args) walk(argument)
      else for (const argument of args.slice(1)) walk(argument, new Set([...bound, first.args]))
      return
    }
    case 'list':
      for (const entry of node.args) walk(entry)
      return
    case 'map':
      for (const pair of node.args) pair.forEach((part) => walk(part))
      return
    case '!_':
    case '-_':
      walk(node.args)
      return
    default:
      for (const operand of node.args) walk(operand)
  }
}

/** `a.b["c"]` as a path of names; null when something computed is in it. */
function pathOf(node: ASTNode): { names: readonly string[]; optional: boolean } | null {
  if (node.op === 'id') return { names: [node.args], optional: false }
  if (node.op === '.' || node.op === '.?') {
    const left = pathOf(node.args[0])
    const field: unknown = node.args[1]
    const name = typeof field === 'string' ? field : fieldName(field)
    return left && name !== null ? { names: [...left.names, name], optional: left.optional || node.op === '.?' } : null
  }
  if (node.op === '[]' || node.op === '[?]') {
    const left = pathOf(node.args[0])
    const key = node.args[1]
    if (!left || key.op !== 'value' || typeof key.args !== 'string') return null
    return { names: [...left.names, key.args], optional: left.optional || node.op === '[?]' }
  }
  return null
}

const fieldName = (field: unknown): string | null =>
  typeof field === 'object' && field !== null && 'args' in field && typeof field.args === 'string' ? field.args : null
