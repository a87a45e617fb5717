import { lexicographicSortSchema, printSchema } from 'graphql'
import { schema } from './schema.ts'

/** The schema as committed: in order of names, so that a reviewer sees changes and nothing else. */
export const printedSchema = (): string => `${printSchema(lexicographicSortSchema(schema))}\n`
