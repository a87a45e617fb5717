import type { FragmentOf, ResultOf, VariablesOf, initGraphQLTada } from 'gql.tada'
import type { introspection } from './generated/graphql-env.d.ts'

type Setup = { introspection: introspection; scalars: { DateTime: string; JSON: unknown; File: Blob }; disableMasking: true }

/**
 * Types a query by the schema and hands it on as the text it is: nothing is parsed at run time,
 * which keeps a parser out of the phone's first load. Fragments are given as the second argument.
 */
export const graphql = ((source: string, fragments: readonly string[] = []) =>
  [...new Set([source, ...fragments])].join('\n')) as unknown as ReturnType<typeof initGraphQLTada<Setup>> // typed by the compiler's view of the text

export type { FragmentOf, ResultOf, VariablesOf }
