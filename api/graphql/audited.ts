import type { GraphQLFieldResolver, GraphQLSchema } from 'graphql'
import { EngineError } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { note, notesOf } from './act.ts'

/**
 * What the bots' own connection does all day to carry cards: nobody's act, so it is not in the audit while it is allowed.
 * `check` answers and changes nothing. Refused, they are there like everything else.
 */
export const CARRYING: ReadonlySet<string> = new Set([
  'nextDeliveries',
  'ackDelivery',
  'setBotState',
  'makeButtons',
  'openCard',
  'seeWorkspace',
  'check',
])
/** A page that asks again each second is refused once a minute, as far as the audit goes. */
const SAID_MS = 60_000
const MOST_SAID = 1_000

/** Marks a resolver whose outcome is written down, whoever wrote it. */
const AUDITED = Symbol('audited')
export const isAudited = (resolve: unknown): boolean => typeof resolve === 'function' && AUDITED in resolve

/**
 * Sees to it that every mutation leaves a row in the audit, allowed or refused: most do so by `act`, with what they know of it;
 * for whatever does not, the row is written here. Questions leave one where a known person lacks the right to ask.
 */
export function withAudit(schema: GraphQLSchema): GraphQLSchema {
  for (const field of Object.values(schema.getMutationType()?.getFields() ?? {}))
    if (field.resolve) field.resolve = mutation(field.name, field.resolve)
  const said = new Map<string, number>()
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {}))
    if (field.resolve) field.resolve = question(field.name, field.resolve, said)
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {}))
    if (field.subscribe) field.subscribe = question(field.name, field.subscribe, said)
  return schema
}
type Resolver = GraphQLFieldResolver<unknown, unknown>

function mutation(what: string, resolve: Resolver): Resolver {
  const audited: Resolver = async (source, args, given, info) => {
    const context = given as Context // every resolver of this schema gets one
    const before = notesOf(context)
    const isKnown = (): boolean => notesOf(context) > before
    try {
      const result: unknown = await resolve(source, args, context, info)
      if (!isKnown() && !CARRYING.has(what)) await note(context, { what, target: targetOf(args), allowed: true })
      return result
    } catch (error) {
      if (!isKnown()) await note(context, { what, target: targetOf(args), allowed: false, detail: reasonOf(error) })
      throw error
    }
  }
  return Object.assign(audited, { [AUDITED]: true })
}
function question(what: string, resolve: Resolver, said: Map<string, number>): Resolver {
  const audited: Resolver = (source, args, given, info) => {
    const context = given as Context
    const tell = (error: unknown): never => {
      const person = context.who.person?.id
      if (person !== undefined && error instanceof EngineError && error.code === 'FORBIDDEN') {
        const key = `${person} ${what} ${targetOf(args) ?? ''}`
        if ((said.get(key) ?? -Infinity) <= context.now() - SAID_MS) {
          if (said.size >= MOST_SAID) said.clear()
          said.set(key, context.now())
          void note(context, { what, target: targetOf(args), allowed: false, detail: reasonOf(error) })
        }
      }
      throw error
    }
    try {
      const result: unknown = resolve(source, args, context, info)
      return result instanceof Promise ? result.catch(tell) : result
    } catch (error) {
      return tell(error)
    }
  }
  return Object.assign(audited, { [AUDITED]: true })
}

/** What it was aimed at, as far as every mutation says it alike. Ids and names alone: what else was given may be a secret. */
function targetOf(args: Readonly<Record<string, unknown>>): string | null {
  const input = args['input']
  const named = { ...(typeof input === 'object' && input), ...args } as Readonly<Record<string, unknown>>
  for (const name of ['id', 'taskId', 'task', 'askId', 'person', 'name', 'app', 'project']) {
    const value = named[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}
const reasonOf = (error: unknown): object =>
  error instanceof EngineError
    ? { code: error.code, ...(error.detail.right !== undefined && { right: error.detail.right }) }
    : { code: 'INTERNAL' }
