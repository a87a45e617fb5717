import type { FragmentOf, ResultOf, VariablesOf, initGraphQLTada } from 'gql.tada'
import type { introspection } from './generated/graphql-env.d.ts'

type Setup = {
  introspection: introspection
  scalars: { DateTime: string; JSON: unknown; File: Blob }
  disableMasking: true
}

/** A comment between the parts of a document, so that a fragment which two others bring along is told from the rest and sent once. */
const SEAM = '\n#\n'

/**
 * Types a query by the schema and hands it on as the text it is: nothing is parsed at run time,
 * which keeps a parser out of the phone's first load. Fragments are given as the second argument.
 */
export const graphql = ((source: string, fragments: readonly string[] = []) =>
  [...new Set([source, ...fragments].flatMap((text) => text.split(SEAM)))].join(SEAM)) as unknown as ReturnType<
  typeof initGraphQLTada<Setup>
> // typed by the compiler's view of the text

export type { FragmentOf, ResultOf, VariablesOf }
