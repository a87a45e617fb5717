import { isObjectType, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql'
import type { Context } from '../context.ts'
import { toPublicError } from '../error.ts'

/** Turns refusals of every resolver into public errors, in the caller's language. Bugs pass through, for yoga to mask. */
export function withRefusals(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      if (field.resolve) field.resolve = guarded(field.resolve)
      if (field.subscribe) field.subscribe = guarded(field.subscribe)
    }
  }
  return schema
}
type Resolver = GraphQLFieldResolver<unknown, unknown>
const guarded =
  (resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    const translate = (error: unknown): never => {
      const { who, now } = context as Context
      throw toPublicError(error, who, now())
    }
    try {
      const result: unknown = resolve(source, args, context, info)
      return result instanceof Promise ? result.catch(translate) : result
    } catch (error) {
      return translate(error)
    }
  }
