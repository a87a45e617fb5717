import { catalogue, EngineError, type AvailableAction } from '../../../engine/index.ts'
import { appRights, owners, holders, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { notFound } from '../../error.ts'
import { textsOf } from '../../texts.ts'
import { contextOf } from './start.ts'
import { ownerOf, scheduleIn, type ScheduleView } from './read.ts'

/** What lists ask of each schedule again: looked for once in a request. */
interface Looked {
  readonly owners: Map<string | null, ReturnType<typeof ownerOf>>
  readonly granters: Map<string, readonly string[]>
}
const LOOKED = new WeakMap<Context, Looked>()
function looked<K, T>(context: Context, of: (known: Looked) => Map<K, T>, key: K, look: () => T): T {
  const known: Looked = LOOKED.get(context) ?? { owners: new Map(), granters: new Map() }
  LOOKED.set(context, known)
  const found = of(known)
  if (!found.has(key)) found.set(key, look())
  return found.get(key)! // as just seen to
}
/** The same as `ownerOf`, for whoever only looks. */
export const ownerSeen = (context: Context, { row }: Pick<ScheduleView, 'row'>): ReturnType<typeof ownerOf> =>
  looked(
    context,
    ({ owners: of }) => of,
    row.owner,
    () => ownerOf(context.db, row),
  )
/** Those of a page at once. Whoever has become somebody else is followed when they are asked for. */
export function lookForOwners(context: Context, rows: readonly ScheduleView['row'][]): void {
  const ids = [...new Set(rows.flatMap(({ owner }) => owner ?? []))]
  for (const person of context.db.read((tx) => catalogue.peopleByIds(tx, ids)))
    if (person.mergedInto === null)
      looked(
        context,
        ({ owners: of }) => of,
        person.id,
        () => (person.active ? person : null),
      )
}
const granters = (context: Context, project: string): readonly string[] =>
  looked(
    context,
    ({ granters: of }) => of,
    project,
    () => owners(context, project),
  )
const isOwner = (context: Context, view: ScheduleView): boolean => {
  const owner = ownerSeen(context, view)
  return owner !== null && owner.id === context.who.person?.id
}
/** Its owner, and whoever looks at or operates the project. */
export function maySee(context: Context, view: ScheduleView): boolean {
  const rights = rightsIn(context, view.row.project)
  return rights.has('view') || rights.has('operate') || isOwner(context, view)
}
/** The same of any of them, for lists: whose owner became the caller is looked up once. */
export function seesSchedules(context: Context): (row: ScheduleView['row']) => boolean {
  const { id } = somebody(context)
  const mine = new Set([id, ...context.db.read((tx) => catalogue.formerSelves(tx, id))])
  return ({ project, owner }) => {
    const rights = rightsIn(context, project)
    return rights.has('view') || rights.has('operate') || (owner !== null && mine.has(owner))
  }
}
/** A token that is narrowed needs `operate`, its owner's too. */
export function mayManage(context: Context, view: ScheduleView): boolean {
  if (rightsIn(context, view.row.project).has('operate')) return true
  return isOwner(context, view) && context.who.scopes.length === 0
}
/** @throws NOT_FOUND, also for one that may not be seen. */
export function scheduleNamed(context: Context, name: string, project?: string | null): ScheduleView {
  somebody(context)
  const view = context.db.read((tx) => scheduleIn(tx, { project: project ?? 'default', name }))
  if (!view || !maySee(context, view)) throw notFound('schedule', name)
  return view
}
/** @throws FORBIDDEN unless the caller owns it or operates its project. */
export function holdManaging(context: Context, view: ScheduleView): void {
  if (mayManage(context, view)) return
  const { project } = view.row
  const heldBy = [
    ...new Set([
      ...(ownerOf(context.db, view.row)?.name ? [ownerOf(context.db, view.row)!.name] : []),
      ...holders(context, 'operate', project),
    ]),
  ]
  throw new EngineError('FORBIDDEN', { right: 'operate', grantedBy: owners(context, project), heldBy })
}
/** May this person launch its app now? */
export function mayLaunchIt(context: Context, { row, document }: ScheduleView): boolean {
  const app = context.library.app(row.project, document.spec.app)
  return app !== undefined && appRights(context, app, rightsIn(context, row.project)).launch
}
export function ownerMayLaunch(context: Context, view: ScheduleView): boolean {
  const owner = ownerOf(context.db, view.row)
  return owner !== null && mayLaunchIt(contextOf(context, owner), view)
}

/** What the caller may do with it, and why not: for every surface alike. */
export function actionsOn(context: Context, view: ScheduleView): readonly AvailableAction[] {
  const texts = textsOf(context.who.language)
  const manages = mayManage(context, view)
  const mayLaunch = mayLaunchIt(context, view)
  const whyNot = manages ? null : texts.schedule.mayNot(ownerSeen(context, view)?.name ?? null)
  const offer = (action: string, stands: string | null): AvailableAction =>
    manages && stands === null
      ? { action, allowed: true, why: null }
      : { action, allowed: false, why: manages ? stands : whyNot }
  const noRight = mayLaunch
    ? null
    : texts.forbidden(texts.right['launch'] ?? 'launch', granters(context, view.row.project))
  const { notNow } = texts.schedule
  const isPaused = view.row.pausedAt !== null
  return [
    isPaused ? offer('resume', ownerMayLaunch(context, view) ? null : notNow.ownerMayNot) : offer('pause', null),
    offer('run', noRight),
    ...(isOwner(context, view) ? [] : [offer('take', noRight)]),
  ]
}
