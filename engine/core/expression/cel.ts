import { Environment } from '@marcbachmann/cel-js'
import { patternCache } from './regex.ts'

/** Steps one evaluation may take: a few tens of milliseconds on a slow machine. A step is one node of the expression evaluated once. */
const MAX_STEPS = 200_000
const MAX_TEXT = 1_048_576
const MAX_LIST = 100_000

/** An evaluation took too long or grew too large. Thrown through CEL, which may wrap it. */
class TooMuch extends Error {}

interface Node {
  evaluate(evaluator: Evaluator, node: Node, context: unknown): unknown
}
/** The part of the library's evaluator that is relied on: every sub-expression goes through `run`. */
interface Evaluator {
  run(node: Node, context: unknown): unknown
}
export interface Cel {
  readonly environment: Environment
  /** Runs one evaluation within the budget. @throws the library's error, or `TooMuch`. */
  readonly within: <T>(evaluate: () => T) => T
}

type Two = (a: number | bigint, b: number | bigint) => number
const NUMBERS: readonly (readonly [string, Two])[] = [
  ['+', (a, b) => Number(a) + Number(b)],
  ['-', (a, b) => Number(a) - Number(b)],
  ['*', (a, b) => Number(a) * Number(b)],
  ['/', (a, b) => Number(a) / Number(b)],
  ['%', (a, b) => Number(a) % Number(b)],
]

/** CEL wants `1 + 1.0` converted by hand; people do not, and JSON has but one kind of number. */
function mixNumbers(environment: Environment): void {
  for (const [operator, compute] of NUMBERS) {
    environment.registerOperator(`int ${operator} double: double`, compute)
    environment.registerOperator(`double ${operator} int: double`, compute)
  }
  environment.registerOperator('double % double: double', (a: number, b: number) => a % b)
  environment.registerOperator('int == double', (a: bigint, b: number) => Number(a) === b)
  // A typed variable is never null, but asking is no mistake.
  for (const type of ['string', 'int', 'double', 'bool', 'list', 'map'])
    environment.registerOperator(`${type} == null`, () => false)
}

function addFunctions(environment: Environment): void {
  const pattern = patternCache()
  const matches = (text: string, source: string): boolean => {
    const compiled = pattern(source)
    if (typeof compiled === 'string') throw new Error(`“${source}” is no pattern: ${compiled}`)
    return compiled.test(text)
  }
  const plain = { async: false } as object
  environment.registerFunction(`string.${LINEAR_MATCHES}(string): bool`, matches, plain)
  environment.registerFunction('matches(string, string): bool', matches, plain)
  environment.registerFunction('string.replace(string, string): string', replace, plain)
  environment.registerFunction(
    'string.lines(): list<string>',
    (text: string) => text.split(/\r?\n/).filter((line) => line !== ''),
    plain,
  )
  environment.registerFunction(
    'string.urlEncode(): string',
    (text: string) => encodeURIComponent(text.toWellFormed()),
    plain,
  )
  environment.registerFunction('string.parseJson(): dyn', parseJson, plain)
}

function replace(text: string, find: string, by: string): string {
  // Counted first: a thousand `a` by a million `b` must not be built to be refused.
  const grown = find === '' ? text.length + 1 : Math.floor(text.length / find.length)
  if (grown * by.length > MAX_TEXT) throw new TooMuch(`the text would have more than ${MAX_TEXT} characters`)
  return text.replaceAll(find, () => by)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value))
  } catch {
    throw new Error(`expected JSON, but got “${text.length > 40 ? `${text.slice(0, 40)}…` : text}”`)
  }
}

/** `matches` of the library is JavaScript's and can hang; it cannot be replaced, so calls are renamed to this (see `expression.ts`). */
export const LINEAR_MATCHES = 'matchesLinear'

/** A fresh environment with our functions and budget, to which `types` adds declared variables. Costs some tens of microseconds. */
export function createCel(types: Iterable<readonly [name: string, type: string]>): Cel {
  const environment = baseEnvironment().clone()
  for (const [name, type] of types) environment.registerVariable(name, type)
  let steps = 0
  const evaluator = evaluatorOf(environment)
  evaluator.run = function (node, context) {
    const result = node.evaluate(this, node, context)
    steps += 1 + sizeOf(result)
    if (steps > MAX_STEPS) throw new TooMuch('it takes too long')
    return result
  }
  return {
    environment,
    within: (evaluate) => {
      steps = 0
      const result = evaluate()
      // A quantifier swallows errors of single items; this one it may not.
      if (steps > MAX_STEPS) throw new TooMuch('it takes too long')
      return result
    },
  }
}

/** Steps that a large intermediate value is worth: building and scanning it takes time that the number of nodes does not show. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') {
    if (value.length > MAX_TEXT) throw new TooMuch(`a text may have up to ${MAX_TEXT} characters`)
    return value.length >> 8
  }
  if (!Array.isArray(value)) return 0
  if (value.length > MAX_LIST) throw new TooMuch(`a list may have up to ${MAX_LIST} entries`)
  return value.length >> 4
}

let base: Environment | null = null // Made on first use and never changed again: building it takes a millisecond, a copy microseconds.
function baseEnvironment(): Environment {
  if (base !== null) return base
  base = new Environment({
    unlistedVariablesAreDyn: true, // unknown names are found by the check, which can say what was meant
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: { maxAstNodes: 2000, maxDepth: 60 },
  })
  mixNumbers(base)
  addFunctions(base)
  base.registerFunction('evaluator_(): dyn', function (this: Evaluator) {
    hooks.capture(this)
    return null
  } as () => unknown)
  return base
}

const hooks = { capture: (_evaluator: Evaluator): void => {} }
/** The library offers no budget, but hands its evaluator to functions as `this`. A test fails should that ever change (ADR 0006). */
function evaluatorOf(environment: Environment): Evaluator {
  const seen: Evaluator[] = []
  hooks.capture = (evaluator) => seen.push(evaluator)
  environment.evaluate('evaluator_()')
  hooks.capture = () => {}
  const [evaluator] = seen
  if (evaluator === undefined)
    throw new Error('expected the expression library to hand over its evaluator, but it did not')
  return evaluator
}
