import { GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql'
import { GraphQLError } from 'graphql'

const refuse = (message: string): never => {
  throw new GraphQLError(message, { extensions: { code: 'INVALID_INPUT' } })
}
const instant = (value: unknown): number => {
  const at = typeof value === 'string' ? Date.parse(value) : NaN
  return Number.isNaN(at) ? refuse('expected an instant as ISO 8601, like 2026-11-21T14:02:00Z') : at
}
/** Instants: ms inside, ISO 8601 UTC outside. */
export const dateTime = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  serialize: (value) => new Date(value as number).toISOString(), // resolvers hand over ms
  parseValue: instant,
  parseLiteral: (node) => (node.kind === Kind.STRING ? instant(node.value) : refuse('expected a text')),
})
/** Any JSON. */
export const json = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
})
/** A file of a multipart request. */
export const file = new GraphQLScalarType<Blob, never>({
  name: 'File',
  serialize: () => refuse('a file goes one way'),
  parseValue: (value) => (value instanceof Blob ? value : refuse('expected a file of a multipart request')),
  parseLiteral: () => refuse('expected a file of a multipart request'),
})
