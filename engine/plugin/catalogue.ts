import type { PluginInfo } from '../core/env.ts'
import type { Value, Values } from '../core/value.ts'
import { marksOf, z, type Plugin } from './index.ts'

/** What the core must know of a plugin, read from its definition. */
export function pluginInfo(plugin: Plugin): PluginInfo {
  const inputs = shapeOf(plugin.inputs)
  const marked = (mark: 'literal' | 'encoded' | 'secret') =>
    Object.keys(inputs ?? {}).filter((name) => hasMark(inputs![name]!, mark))
  const names = (schema: z.ZodType): string[] | null => (isOpen(schema) ? null : Object.keys(shapeOf(schema) ?? {}))
  return {
    code: plugin.code,
    version: plugin.version,
    title: plugin.title,
    icon: plugin.icon ?? null,
    literal: marked('literal'),
    encoded: marked('encoded'),
    secret: marked('secret'),
    inputs: names(plugin.inputs),
    required: Object.entries(inputs ?? {}).flatMap(([name, schema]) =>
      schema.safeParse(undefined).success ? [] : [name],
    ),
    outputs: plugin.outputs ? names(plugin.outputs) : null,
    saves: plugin.saves ?? false,
    ...(plugin.options && { offers: true }),
    repeatable: (values) => isRepeatable(plugin, values),
    checkInput: (name, value) => (inputs?.[name] ? problemOf(inputs[name], value) : null),
  }
}

/** May `plugin` run twice with the same key, given these inputs? References to secrets count as any text. */
export function isRepeatable(plugin: Plugin, inputs: Values): boolean {
  if (!plugin.repeat) return false
  try {
    const parsed = plugin.inputs.safeParse(withoutReferences(inputs))
    return parsed.success && plugin.repeat(parsed.data) === true
  } catch {
    return false // in doubt, no: an operations tool never guesses
  }
}
function withoutReferences(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutReferences)
  const entries = Object.entries(value)
  if (entries.length === 1 && (entries[0]![0] === '$secret' || entries[0]![0] === '$template')) return '•••'
  if (entries.length === 1 && entries[0]![0] === '$quoted') return entries[0]![1] as Value
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutReferences(inner as Value)]))
}

type Fields = { readonly [name: string]: z.ZodType }
/** Declared names; null: it is no object. An open object has them too, and what is marked in it counts. */
function shapeOf(schema: z.ZodType): Fields | null {
  const plain = unwrapped(schema)
  return plain instanceof z.ZodObject ? (plain.shape as Fields) : null
}
/** Whether names that are not declared go too. */
function isOpen(schema: z.ZodType): boolean {
  const plain = unwrapped(schema)
  if (!(plain instanceof z.ZodObject)) return true
  const { catchall } = plain.def
  return catchall !== undefined && !(catchall instanceof z.ZodNever)
}
/** The schema under `.optional()`, `.default()`, `.transform()` and the like. */
function unwrapped(schema: z.ZodType): z.ZodType {
  const def = schema.def as { innerType?: z.ZodType; in?: z.ZodType }
  const inner = def.innerType ?? (schema instanceof z.ZodPipe ? def.in : undefined)
  return inner ? unwrapped(inner) : schema
}
function hasMark(schema: z.ZodType, mark: 'literal' | 'encoded' | 'secret'): boolean {
  for (let at: z.ZodType | undefined = schema; at; at = innerOf(at)) if (marksOf(at)[mark]) return true
  return false
}
function innerOf(schema: z.ZodType): z.ZodType | undefined {
  const def = schema.def as { innerType?: z.ZodType; in?: z.ZodType }
  return def.innerType ?? (schema instanceof z.ZodPipe ? def.in : undefined)
}
function problemOf(schema: z.ZodType, value: Value): string | null {
  const parsed = schema.safeParse(value)
  if (parsed.success) return null
  const issue = parsed.error.issues[0]
  const at = issue?.path.length ? `${issue.path.join('.')}: ` : ''
  return `${at}${issue?.message ?? 'not valid'}`
}
