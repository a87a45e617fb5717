import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import { hold } from '../auth/policy.ts'
import type { Context } from '../context.ts'

type Resolver = GraphQLFieldResolver<unknown, unknown>

/** Holds every question, act and stream against the one table of who may (`auth/policy.ts`) before its resolver runs. */
export function withPolicy(schema: GraphQLSchema): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType()])
    for (const field of Object.values(type?.getFields() ?? {}))
      if (field.resolve) field.resolve = held(`${type!.name}.${field.name}`, field.resolve)
  const streams = schema.getSubscriptionType()
  for (const field of Object.values(streams?.getFields() ?? {}))
    if (field.subscribe) field.subscribe = held(`${streams!.name}.${field.name}`, field.subscribe)
  return schema
}
const held =
  (name: string, resolve: Resolver): Resolver =>
  (source, args, context, info) => {
    hold(context as Context, name, args as Readonly<Record<string, unknown>>) // every resolver of this schema gets one
    return resolve(source, args, context, info) as unknown
  }
