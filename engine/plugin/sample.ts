/** What a plugin might have given: outputs of a rehearsal in which nothing was performed. */
import { z, type Json, type Plugin } from './index.ts'

/** A plausible value for each declared output: the first that its schema takes. Without a schema, or where none fits, nothing. */
export function sampleOutputs(plugin: Plugin): { readonly [output: string]: Json } {
  if (!plugin.outputs) return {}
  try {
    const schema = z.toJSONSchema(plugin.outputs, { io: 'input', unrepresentable: 'any' }) as JsonSchema
    const sample = sampleOf(schema)
    const parsed = plugin.outputs.safeParse(sample)
    return parsed.success && isObject(parsed.data) ? parsed.data : {}
  } catch {
    return {} // a schema that cannot be read as JSON Schema
  }
}

interface JsonSchema {
  readonly type?: string
  readonly const?: Json
  readonly enum?: readonly Json[]
  readonly default?: Json
  readonly examples?: readonly Json[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly minLength?: number
  readonly format?: string
  readonly minItems?: number
  readonly items?: JsonSchema
  readonly properties?: { readonly [name: string]: JsonSchema }
  readonly required?: readonly string[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}
const FORMATS: { readonly [format: string]: string } = {
  uuid: '00000000-0000-4000-8000-000000000000',
  uri: 'https://example.com/',
  email: 'somebody@example.com',
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '00:00:00',
}

function sampleOf(schema: JsonSchema): Json {
  const given = schema.examples?.[0] ?? schema.default ?? schema.const ?? schema.enum?.[0]
  if (given !== undefined) return given
  const [either] = schema.anyOf ?? schema.oneOf ?? []
  if (either !== undefined) return sampleOf(either)
  switch (schema.type) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, sampleOf(schema.properties?.[name] ?? {})]),
      )
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sampleOf(schema.items ?? {}))
    case 'string':
      return FORMATS[schema.format ?? ''] ?? 'x'.repeat(schema.minLength ?? 0)
    case 'integer':
    case 'number':
      return Math.max(0, schema.minimum ?? (schema.exclusiveMinimum === undefined ? 0 : schema.exclusiveMinimum + 1))
    case 'boolean':
      return true
    default:
      return null
  }
}
const isObject = (value: unknown): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
