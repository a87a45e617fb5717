/** Writes `api/schema.graphql` from the code, so that a reviewer sees every change of the contract. */
import { writeFileSync } from 'node:fs'
import { printedSchema } from '../api/graphql/print.ts'

writeFileSync(new URL('../api/schema.graphql', import.meta.url), printedSchema())
