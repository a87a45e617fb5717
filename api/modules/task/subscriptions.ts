import { catalogue, type LogLine as LogLineShape, type TaskState } from '../../../engine/index.ts'
import { somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { notFound } from '../../error.ts'
import { builder } from '../../graphql/builder.ts'
import { live, type Reader } from '../../graphql/live.ts'
import { Ask, inboxOf } from '../ask/ask.ts'
import { standsIn } from '../ask/stand-in.ts'
import { LogLine } from '../node/node.ts'
import { forgetRights, isAsked, maySee, maySeeValues, selvesOf, taskOf, type AskShape, type TaskView } from './load.ts'
import { seenBy } from './queries.ts'
import { Task } from './task-ref.ts'

/**
 * The request as whoever it is now; null: nobody any more. It is the request itself that changes, since every field of what is told is
 * judged by it: who had a right when the stream began may have lost it.
 */
function again(context: Context): Context | null {
  const who = context.recheck()
  if (!who.person && !who.service) return null
  Object.assign(context, { who })
  forgetRights(context)
  return context
}
/** Ends a stream as soon as its reader is nobody any more: suspended, signed out, their token revoked. */
function readerOf(context: Context): Reader {
  const mine = context.who.person?.id
  return {
    subscribe: (changed) =>
      context.access.subscribe((people) => {
        if (people === null || (mine !== undefined && people.has(mine))) changed()
      }),
    isThere: () => again(context) !== null,
  }
}
/** What one thing has to tell, and whether its reader may still be told: rights that end, end the stream. */
const judgedAnew = (context: Context, changed: (id: string) => void): (() => void) =>
  readerOf(context).subscribe(() => changed(''))
const LIST = 20
const LIVE = ['created', 'requested', 'queued', 'running', 'waiting', 'attention', 'paused']

builder.subscriptionFields((t) => ({
  taskChanged: t.field({
    type: Task,
    args: { id: t.arg.id({ required: true }) },
    subscribe: async (_, { id: ref }, context) => {
      if (!context.who.service) somebody(context)
      const { state } = await taskOf(context, ref)
      const read = async (): Promise<TaskView | null> => {
        const now = again(context)
        const view = now && (await context.engine.task(state.id))
        return view && maySee(now, view.state) ? view : null
      }
      const watch = {
        subscribe: (changed: (id: string) => void) => {
          const stops = [context.engine.onTask(state.id, () => changed('')), judgedAnew(context, changed)]
          return () => stops.forEach((stop) => stop())
        },
      }
      let told = -1
      // Never back: an older state is not told after a newer one.
      const newer = async (): Promise<TaskView | undefined | null> => {
        const view = await read()
        if (view === null) return null
        if (view.state.version < told) return undefined
        told = view.state.version
        return view
      }
      return live<TaskView>(
        watch,
        async () => [await newer()].filter((view) => view != null),
        newer,
        context.signal,
        readerOf(context),
      )
    },
    resolve: (view) => view,
  }),
  tasksChanged: t.field({
    type: Task,
    args: { mine: t.arg.boolean() },
    subscribe: (_, { mine }, context) => {
      const person = somebody(context)
      const fits = (state: Readonly<TaskState>): boolean =>
        !mine || (state.startedBy.person !== null && selvesOf(context, person.id).includes(state.startedBy.person))
      const first = async (): Promise<TaskView[]> => {
        const filter = { phases: LIVE, startedBy: mine ? person.id : null, seenBy: seenBy(context) }
        const rows = context.db.read((tx) => catalogue.listTasks(tx, filter, LIST, null))
        return (await Promise.all(rows.map(({ id }) => context.engine.task(id)))).filter((view) => view !== null)
      }
      const read = async (id: string): Promise<TaskView | undefined | null> => {
        const now = again(context)
        if (!now) return null
        const view = await context.engine.task(id)
        return view && fits(view.state) && maySee(now, view.state) ? view : undefined
      }
      return live<TaskView>(context.changes, first, read, context.signal, readerOf(context))
    },
    resolve: (view) => view,
  }),
  inboxChanged: t.field({
    type: Ask,
    subscribe: (_, __, context) => {
      const person = somebody(context)
      /** What was last told of each ask, so that only changes are told. */
      const told = new Map<string, string>()
      const news = (shape: AskShape): boolean => {
        const { id, state, digest, decisions, need, claimedBy, comments } = shape.ask
        const now = JSON.stringify([state, digest, decisions.length, need, claimedBy, comments.length])
        const isNews = told.get(id) !== now
        told.set(id, now)
        return isNews
      }
      const first = async (): Promise<AskShape[]> => (await inboxOf(context)).filter(news)
      /** Asks of changed tasks, one at a time. */
      const queue: AskShape[] = []
      async function* stream(): AsyncGenerator<AskShape> {
        const read = async (id: string): Promise<AskShape[] | undefined | null> => {
          const now = again(context)
          if (!now) return null
          const view = await context.engine.task(id)
          if (!view) return undefined
          const { asks: known } = view.state
          // It was theirs and is not even seen any more: whoever reads begins anew, without it.
          if (!maySee(now, view.state)) return [...told.keys()].some((ask) => known.has(ask)) ? null : undefined
          const asks = [...known.values()].filter(
            (ask) => isAsked(ask, person.id) || told.has(ask.id) || standsIn(context, view.state, ask),
          )
          return asks
            .map((ask) => ({ ...view, ask }))
            .filter((shape) => (shape.ask.state === 'open' || told.has(shape.ask.id)) && news(shape))
        }
        for await (const asks of live<AskShape[]>(
          context.changes,
          async () => [await first()],
          read,
          context.signal,
          readerOf(context),
        )) {
          queue.push(...asks)
          while (queue.length > 0) yield queue.shift()!
        }
      }
      return stream()
    },
    resolve: (shape) => shape,
  }),
  nodeLog: t.field({
    type: LogLine,
    args: {
      taskId: t.arg.id({ required: true }),
      nodeId: t.arg.id({ required: true }),
      attempt: t.arg.int({ required: true }),
      after: t.arg.int(),
    },
    subscribe: async (_, { taskId: ref, nodeId, attempt, after }, context) => {
      somebody(context)
      const { state, flow } = await taskOf(context, ref)
      if (!flow.node(nodeId)) throw notFound('step', nodeId)
      return logOf(context, { taskId: state.id, nodeId, attempt, after: after ?? -1 })
    },
    resolve: (line) => line,
  }),
}))

const CHUNK = 500
/** Lines from `after` on, then each new one, until the attempt has ended and all is told. */
async function* logOf(
  context: Context,
  { taskId, nodeId, attempt, after }: { taskId: string; nodeId: string; attempt: number; after: number },
): AsyncGenerator<LogLineShape> {
  const { engine } = context
  let last = after
  const watch = {
    subscribe: (changed: (id: string) => void) => {
      queueMicrotask(() => changed('')) // an attempt that is over already ends the stream
      const stops = [
        engine.onLog(taskId, nodeId, attempt, () => changed('')),
        engine.onTask(taskId, () => changed('')),
        judgedAnew(context, changed),
      ]
      return () => stops.forEach((stop) => stop())
    },
  }
  const read = async (): Promise<LogLineShape[] | null> => {
    const now = again(context)
    const view = now && (await engine.task(taskId))
    if (!view || !maySeeValues(now, view.state)) return null
    const run = view.state.nodes.get(nodeId)
    const isOver = !run || run.attempt > attempt || !['ready', 'running', 'waiting'].includes(run.state)
    const lines: LogLineShape[] = []
    for (;;) {
      const page = await engine.logLines(taskId, nodeId, attempt, { after: last, limit: CHUNK })
      lines.push(...page.lines)
      last = page.lines.at(-1)?.n ?? last
      if (page.lines.length < CHUNK || lines.length >= 10 * CHUNK) break
    }
    return isOver && lines.length === 0 ? null : lines
  }
  const first = async (): Promise<LogLineShape[][]> => [(await read()) ?? []]
  for await (const lines of live<LogLineShape[]>(watch, first, read, context.signal, readerOf(context))) yield* lines
}
