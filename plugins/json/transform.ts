import { definePlugin, done, fail, json, literal, z } from '../../engine/plugin/index.ts'
import type { Context, Json, Plugin, Result } from '../../engine/plugin/index.ts'

const inputs = z.object({
  input: json().describe('Any value: the expression reads it as input.'),
  expression: literal(z.string().min(1).max(10_000)).describe(
    'An expression over input, for example input.items.filter(i, i.ok).map(i, i.name).',
  ),
})
const outputs = z.object({ value: json() })

/** `json.transform@1`: a value made of another by an expression. Codes: `EXPRESSION_FAILED`. */
export function jsonTransform(): Plugin {
  const transform = (ctx: Context, { input, expression }: z.output<typeof inputs>): Result<{ value: Json }> => {
    // With or without ${…} around it: both are written, and neither is anything a starter typed.
    const text = /^\s*\$\{([\s\S]*)\}\s*$/.exec(expression)?.[1] ?? expression
    try {
      return done({ value: ctx.evaluate(text, { input }) })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      return fail({ code: 'EXPRESSION_FAILED', message: `The expression cannot be evaluated: ${reason}` })
    }
  }
  return definePlugin({
    code: 'json.transform',
    version: '1.0.0',
    title: 'Transform a value',
    icon: 'braces',
    inputs,
    outputs,
    repeat: () => true,
    execute: (ctx, given) => Promise.resolve(transform(ctx, given)),
    rehearse: (ctx, given) => Promise.resolve(transform(ctx, given)),
  })
}
