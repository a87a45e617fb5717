import SchemaBuilder from '@pothos/core'
import type { Context } from '../context.ts'
import { dateTime, file, json } from './scalars.ts'

// A type, not an interface: the builder wants an index signature.
type Scalars = {
  DateTime: { Input: number; Output: number }
  JSON: { Input: unknown; Output: unknown }
  File: { Input: Blob; Output: Blob }
  ID: { Input: string; Output: string | number }
}
interface Settings {
  Context: Context
  Scalars: Scalars
  DefaultFieldNullability: false
}
export type Types = PothosSchemaTypes.ExtendDefaultTypes<Settings>
/** The schema is built code first; `schema.graphql` is printed from it and committed. */
export const builder = new SchemaBuilder<Settings>({
  defaultFieldNullability: false,
})
builder.addScalarType('DateTime', dateTime)
builder.addScalarType('JSON', json)
builder.addScalarType('File', file)
builder.queryType({})
builder.mutationType({})
builder.subscriptionType({})
