import { randomBytes } from 'node:crypto'
import { EnvelopArmorPlugin } from '@escape.tech/graphql-armor'
import { GraphQLError } from 'graphql'
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga'
import type { Context } from '../context.ts'
import type { Log } from '../log.ts'
import { schema } from './schema.ts'

/** Ours take a third of each; what is beyond is an attack or a mistake. Tried in yoga.test.ts with every query of our own clients. */
const LIMITS = { depth: 12, aliases: 30, tokens: 4000, directives: 20, cost: 40_000 }

/** `/graphql`. Refusals go out as they are; bugs are masked, logged with an id, and people can name that id. */
export function createGraphql(log: Log): YogaServerInstance<{ context: Context }, Context> {
  const armor = EnvelopArmorPlugin({
    maxDepth: { n: LIMITS.depth, ignoreIntrospection: true, propagateOnRejection: true },
    maxAliases: { n: LIMITS.aliases },
    maxTokens: { n: LIMITS.tokens },
    maxDirectives: { n: LIMITS.directives },
    costLimit: { maxCost: LIMITS.cost, objectCost: 2, scalarCost: 1, depthCostFactor: 1.3, ignoreIntrospection: true },
    blockFieldSuggestion: { enabled: false }, // the schema is public
  })
  return createYoga<{ context: Context }, Context>({
    schema,
    // The runtime's own: a stream of yoga's stand-ins, once cancelled, throws where nobody can catch it.
    fetchAPI: {
      Request,
      Response,
      Headers,
      FormData,
      File,
      Blob,
      ReadableStream,
      TransformStream,
      WritableStream,
      TextEncoder,
      TextDecoder,
      URL,
      URLSearchParams,
      fetch,
      crypto,
    },
    graphqlEndpoint: '/graphql',
    context: ({ context }) => context,
    plugins: [armor, ownCodes],
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    multipart: true,
    maxRequestBodySize: 40_000_000, // the app has refused larger ones already
    maskedErrors: {
      maskError: (error) => {
        if (error instanceof GraphQLError && (!error.originalError || error.originalError instanceof GraphQLError)) {
          // Malformed documents and limits come without a code of ours.
          return error.extensions['code'] ? error : recoded(error)
        }
        const id = randomBytes(6).toString('hex')
        log.error({ err: error, bug: id }, 'a bug, masked')
        return new GraphQLError(
          `A fault in Baton, noted as ${id}. Nothing may have been recorded; look before you press again.`,
          {
            extensions: { code: 'INTERNAL', bug: id },
          },
        )
      },
    },
  })
}

/** Codes of GraphQL's own refusals. Ours is one documented list, so they are all INVALID_INPUT. */
const FOREIGN: ReadonlySet<unknown> = new Set([
  'BAD_REQUEST',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_USER_INPUT',
  undefined,
])
const ownCodes: Plugin = {
  onResultProcess({ result, setResult }) {
    if (Array.isArray(result) || Symbol.asyncIterator in result || !('errors' in result) || !result.errors) return
    setResult({
      ...result,
      errors: result.errors.map((error) => (FOREIGN.has(error.extensions?.['code']) ? recoded(error) : error)),
    })
  },
}
const recoded = ({ message, nodes, source, positions, path, extensions }: GraphQLError): GraphQLError =>
  new GraphQLError(message, nodes, source, positions, path, null, { ...extensions, code: 'INVALID_INPUT' })
