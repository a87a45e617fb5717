import { createLanguage, type Language } from '../core/expression/expression.ts'
import type { Value } from '../core/value.ts'
import type { Json } from '../plugin/index.ts'

/** A language keeps every text it has compiled; texts come from flows, so a new one after this many. */
const KEPT = 1_000

/** `ctx.evaluate`: an expression over given names, each text compiled once. */
export function createEvaluator(): (expression: string, names: { readonly [name: string]: Json }) => Json {
  let language: Language = createLanguage([])
  let count = 0
  const seen = new Set<string>()
  return (expression, names) => {
    if (!seen.has(expression) && ++count > KEPT) {
      language = createLanguage([])
      seen.clear()
      count = 1
    }
    seen.add(expression)
    return language
      .expression(expression)
      .evaluate((name) => (Object.hasOwn(names, name) ? (names[name] as Value) : undefined))
  }
}
