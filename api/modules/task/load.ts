import { catalogue, type Ask, type TaskState, type TaskView, type Viewer } from '../../../engine/index.ts'
import { forgetJudged, standsAmong, viewerFor } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { notFound } from '../../error.ts'

export type { TaskView }
/** An ask with the task it belongs to. */
export interface AskShape extends TaskView {
  readonly ask: Ask
}
/** A node of a task's version, visited or not. */
export interface NodeShape extends TaskView {
  readonly id: string
}

/** What came of a launch, as the audit keeps it. */
export const launched = ({ state }: TaskView): object => ({ task: state.id, number: state.number })

const PAST = new WeakSet<object>()
/** As a task once stood: what is drawn from it offers nothing to do. */
export function markPast(view: TaskView): TaskView {
  PAST.add(view.state)
  return view
}
export const isPast = (state: Readonly<TaskState>): boolean => PAST.has(state)

/** Ids and numbers are accepted alike, `#1042` included. */
export async function findTask(context: Context, ref: string): Promise<TaskView | null> {
  const number = /^#?(\d{1,15})$/.exec(ref.trim())?.[1]
  const id = number === undefined ? ref : context.engine.taskIdOf({ number: Number(number) })
  const view = id === null ? null : await context.engine.task(id)
  return view && maySee(context, view.state) ? view : null
}
/** @throws NOT_FOUND, also for one that may not be seen. */
export async function taskOf(context: Context, ref: string): Promise<TaskView> {
  const view = await findTask(context, ref)
  if (!view) throw notFound('task', ref)
  return view
}
/** Those of these that are there and may be seen. */
export async function seenTasks(context: Context, ids: readonly string[]): Promise<TaskView[]> {
  const views = await Promise.all(ids.map((id) => context.engine.task(id)))
  return views.filter((view) => view !== null).filter(({ state }) => maySee(context, state))
}
export async function findAsk(context: Context, id: string): Promise<AskShape | null> {
  const found = await context.engine.ask(id)
  const ask = found?.state.asks.get(found.askId)
  return found && ask && maySee(context, found.state) ? { state: found.state, flow: found.flow, ask } : null
}
export async function askOf(context: Context, id: string): Promise<AskShape> {
  const found = await findAsk(context, id)
  if (!found) throw notFound('ask', id)
  return found
}
/** What was found out for a request, per state of a task: a thousand steps ask the same. A mutation forgets it (`act`). */
interface Known {
  readonly viewers: WeakMap<object, Viewer>
  readonly seen: WeakMap<object, boolean>
  selves?: readonly string[]
}
const KNOWN = new WeakMap<Context, Known>()
function knownOf(context: Context): Known {
  const known = KNOWN.get(context) ?? { viewers: new WeakMap(), seen: new WeakMap() }
  KNOWN.set(context, known)
  return known
}
/** Rights may have changed: they are read anew. */
export function forgetRights(context: Context): void {
  KNOWN.delete(context)
  forgetJudged(context)
}
export function viewerOf(context: Context, state: Readonly<TaskState>): Viewer {
  const { viewers } = knownOf(context)
  const viewer =
    viewers.get(state) ?? handed(context, state, viewerFor(context, state.project, state.app?.name ?? null))
  viewers.set(state, viewer)
  return viewer
}

/** Of a task that was handed over: whether the caller may take it, and whoever has taken it operates it. */
function handed(context: Context, { handOver, project }: Readonly<TaskState>, viewer: Viewer): Viewer {
  if (handOver === null) return viewer
  const holds = handOver.holder !== null && standsAmong(context, [handOver.holder.id], project)
  const app = holds ? { ...viewer.app, see: true, operate: true } : viewer.app
  return { ...viewer, app, executes: standsAmong(context, handOver.to, project) }
}

/** Whoever started it, follows it, is asked by it, or may see its app or project. */
export function maySee(context: Context, state: Readonly<TaskState>): boolean {
  const { seen } = knownOf(context)
  const may = seen.get(state) ?? isSeen(context, state)
  seen.set(state, may)
  return may
}
function isSeen(context: Context, state: Readonly<TaskState>): boolean {
  const viewer = viewerOf(context, state)
  if (
    viewer.executes === true ||
    viewer.rights.has('view') ||
    (state.app !== null && (viewer.app.see || viewer.app.operate))
  )
    return true
  const person = context.who.person?.id
  if (!person) return false
  return (
    state.startedBy.person === person ||
    selvesOf(context, person).some((id) => state.startedBy.person === id || isBrought(state, id)) ||
    [...state.asks.values()].some((ask) => concerns(viewer, ask, person)) ||
    isAlerted(context, state, person)
  )
}
/** Follows it by what they share or carry; whoever only wanted to follow needs something else that lets them see it. */
const isBrought = ({ followers, lookers }: Readonly<TaskState>, id: string): boolean =>
  followers.includes(id) && lookers?.includes(id) !== true
/**
 * Something waits for them: a step that failed, or a request that nobody can take. Judged by who stands where now, on duty or not: the list of
 * what waits for whom is as old as the last step of the task.
 */
function isAlerted({ library, directory }: Context, state: Readonly<TaskState>, person: string): boolean {
  const { tally, stage, handOver } = state
  const isRequested = stage === 'requested' && handOver !== null
  if (stage === 'final' || (tally.failed === 0 && !isRequested)) return false
  const here = directory.within(state.project)
  const stands = (ref: string): boolean =>
    (ref !== 'starter' && // they see it anyway
      here.stands?.(ref, person) === true) ||
    here.people(ref, state.startedBy).some(({ id }) => id === person)
  if (isRequested && handOver.to.some(stands)) return true
  if (tally.failed === 0 && handOver?.stranded !== true) return false
  const { name, version } = state.flow
  return library.flow(state.project, name, version).notify.attention.some(stands)
}
/** The caller and whoever became them: what those started and follow is theirs. */
export function selvesOf(context: Context, person: string): readonly string[] {
  const known = knownOf(context)
  known.selves ??= context.db.read((tx) => catalogue.selvesOf(tx, person))
  return known.selves
}
/** They are asked, have answered, or stand in for somebody who is asked. */
const concerns = ({ standsFor = [] }: Viewer, ask: Ask, person: string): boolean =>
  isAsked(ask, person) || (ask.state === 'open' && standsFor.some(({ id }) => isAsked(ask, id)))
export const isAsked = (ask: Ask, person: string): boolean =>
  ask.need.places.some(({ people }) => people.includes(person)) ||
  ask.decisions.some((decision) => decision.person === person)
/** May see what rooms may not: values, logs, asks. */
export const maySeeValues = (context: Context, state: Readonly<TaskState>): boolean =>
  // The bots as nobody draw cards for rooms: title, phase, people, cause and onCard values only.
  context.who.person !== null && maySee(context, state)
