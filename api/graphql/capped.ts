import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import { takeStream } from '../auth/at-once.ts'
import type { Context } from '../context.ts'

type Subscribe = GraphQLFieldResolver<unknown, Context>

/** Every stream takes room of its reader, and gives it back when it ends, in whatever way. */
export function withCaps(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {}))
    if (field.subscribe) field.subscribe = capped(field.subscribe as Subscribe) as typeof field.subscribe
  return schema
}
const capped =
  (subscribe: Subscribe): Subscribe =>
  async (source, args, context, info) => {
    const free = takeStream(context)
    // A reader who is gone before the first word is told of here alone.
    context.signal?.addEventListener('abort', free, { once: true })
    const over = (): void => {
      context.signal?.removeEventListener('abort', free)
      free()
    }
    try {
      if (context.signal?.aborted) free()
      return counted((await subscribe(source, args, context, info)) as AsyncIterable<unknown>, over) // a subscription gives nothing else
    } catch (error) {
      over()
      throw error
    }
  }
/** A generator that was never begun runs no `finally`: its end is looked for from outside. */
function counted(stream: AsyncIterable<unknown>, over: () => void): AsyncIterableIterator<unknown> {
  const inner = stream[Symbol.asyncIterator]()
  const step = async (work: () => Promise<IteratorResult<unknown>>): Promise<IteratorResult<unknown>> => {
    try {
      const result = await work()
      if (result.done === true) over()
      return result
    } catch (error) {
      over()
      throw error
    }
  }
  return {
    next: () => step(() => inner.next()),
    return: (value?: unknown) => step(async () => (await inner.return?.(value)) ?? { done: true, value }),
    throw: (error?: unknown) => step(async () => (await inner.throw?.(error)) ?? { done: true, value: undefined }),
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
