import { and, asc, desc, eq, getTableColumns, inArray, isNotNull, isNull, lt, lte, min, or, sql } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { taskIndex } from '../schema.ts'
import { documents } from './tables/documents.ts'
import { scheduleRuns, schedules } from './tables/schedules.ts'

export type ScheduleRow = typeof schedules.$inferSelect
export type ScheduleRun = typeof scheduleRuns.$inferSelect
type Named = Pick<ScheduleRow, 'project' | 'name'>

/** Far enough never to come: what waits for something else than time. */
export const WAITS_FOR_OTHERS = 8_640_000_000_000_000
/** Runs that are kept of each schedule. */
const RUNS_KEPT = 500
const FINAL = ['succeeded', 'failed', 'revoked']

const isOf = ({ project, name }: Named) => and(eq(schedules.project, project), eq(schedules.name, name))
const runIsOf = ({ project, name }: Named) => and(eq(scheduleRuns.project, project), eq(scheduleRuns.name, name))

export const scheduleOf = (tx: Tx, named: Named): ScheduleRow | undefined =>
  tx.select().from(schedules).where(isOf(named)).get()
export const schedulesAll = (tx: Tx): ScheduleRow[] => tx.select().from(schedules).all()
/** What lists of them are ordered and searched by: nothing is decoded for it. */
export const scheduleHeads = (tx: Tx): (ScheduleRow & { readonly title: string; readonly app: string })[] =>
  tx
    .select({
      ...getTableColumns(schedules),
      title: sql<string>`coalesce(json_extract(${documents.document}, '$.metadata.title'), ${schedules.name})`,
      app: sql<string>`coalesce(json_extract(${documents.document}, '$.spec.app'), '')`,
    })
    .from(schedules)
    .innerJoin(
      documents,
      and(eq(documents.project, schedules.project), eq(documents.kind, 'Schedule'), eq(documents.name, schedules.name)),
    )
    .all()
export function putSchedule(tx: Tx, row: ScheduleRow): void {
  const { project: _project, name: _name, ...change } = row
  tx.insert(schedules)
    .values(row)
    .onConflictDoUpdate({ target: [schedules.project, schedules.name], set: change })
    .run()
}
export const changeSchedule = (tx: Tx, named: Named, change: Partial<Omit<ScheduleRow, keyof Named>>): void =>
  void tx.update(schedules).set(change).where(isOf(named)).run()
/** What it has launched stays known by its keys: one of the same name does not launch the same again. */
export function dropSchedule(tx: Tx, named: Named): void {
  tx.delete(schedules).where(isOf(named)).run()
  tx.delete(scheduleRuns)
    .where(and(runIsOf(named), eq(scheduleRuns.state, 'waiting')))
    .run()
}

/** Schedules that are due, those due longest first. */
export const dueSchedules = (tx: Tx, now: number, limit: number): ScheduleRow[] =>
  tx
    .select()
    .from(schedules)
    .where(and(lte(schedules.dueAt, now), isNull(schedules.pausedAt)))
    .orderBy(asc(schedules.dueAt))
    .limit(limit)
    .all()
/** Runs that can be looked at now, in the order they were due. */
export const waitingRuns = (tx: Tx, now: number, limit: number): ScheduleRun[] =>
  tx
    .select()
    .from(scheduleRuns)
    .where(and(eq(scheduleRuns.state, 'waiting'), lte(scheduleRuns.notBefore, now)))
    .orderBy(asc(scheduleRuns.dueAt), asc(scheduleRuns.id))
    .limit(limit)
    .all()
/** The next instant at which something has to be looked at; null: nothing. */
export function nextScheduleAt(tx: Tx): number | null {
  const due = tx
    .select({ at: min(schedules.dueAt) })
    .from(schedules)
    .where(and(isNotNull(schedules.dueAt), isNull(schedules.pausedAt)))
    .get()?.at
  const waiting = tx
    .select({ at: min(scheduleRuns.notBefore) })
    .from(scheduleRuns)
    .where(and(eq(scheduleRuns.state, 'waiting'), lt(scheduleRuns.notBefore, WAITS_FOR_OTHERS)))
    .get()?.at
  const next = Math.min(due ?? Infinity, waiting ?? Infinity)
  return next === Infinity ? null : next
}

/** Adds a run. False: there is one of this key already. */
export function addRun(tx: Tx, run: Omit<ScheduleRun, 'id'>): boolean {
  const added = tx.insert(scheduleRuns).values(run).onConflictDoNothing().returning({ id: scheduleRuns.id }).get()
  if (added === undefined) return false
  // Of what waits or runs nothing is forgotten.
  const old = tx
    .select({ id: scheduleRuns.id })
    .from(scheduleRuns)
    .where(runIsOf(run))
    .orderBy(desc(scheduleRuns.id))
    .limit(1)
    .offset(RUNS_KEPT)
    .get()
  const isOver = or(inArray(scheduleRuns.state, ['skipped', 'missed', 'failed']), isNotNull(scheduleRuns.endedAt))
  if (old)
    tx.delete(scheduleRuns)
      .where(and(runIsOf(run), lte(scheduleRuns.id, old.id), isOver))
      .run()
  return true
}

export const runById = (tx: Tx, id: number): ScheduleRun | undefined =>
  tx.select().from(scheduleRuns).where(eq(scheduleRuns.id, id)).get()
export const runByKey = (tx: Tx, named: Named, key: string): ScheduleRun | undefined =>
  tx
    .select()
    .from(scheduleRuns)
    .where(and(runIsOf(named), eq(scheduleRuns.key, key)))
    .get()
/** Newest first, before the given id. */
export const runsOf = (tx: Tx, named: Named, limit: number, before: number | null = null): ScheduleRun[] =>
  tx
    .select()
    .from(scheduleRuns)
    .where(and(runIsOf(named), before === null ? undefined : lt(scheduleRuns.id, before)))
    .orderBy(desc(scheduleRuns.id))
    .limit(limit)
    .all()
export const waitingOf = (tx: Tx, named: Named): ScheduleRun[] =>
  tx
    .select()
    .from(scheduleRuns)
    .where(and(runIsOf(named), eq(scheduleRuns.state, 'waiting')))
    .orderBy(asc(scheduleRuns.dueAt), asc(scheduleRuns.id))
    .all()
/** Its tasks that have not ended. */
export const liveRunsOf = (tx: Tx, named: Named): ScheduleRun[] =>
  tx
    .select()
    .from(scheduleRuns)
    .where(and(runIsOf(named), eq(scheduleRuns.state, 'launched'), isNull(scheduleRuns.endedAt)))
    .all()

/** Its task was launched by a schedule, and is not known to have ended. */
export const isLiveRun = (tx: Tx, taskId: string): boolean =>
  tx
    .select({ id: scheduleRuns.id })
    .from(scheduleRuns)
    .where(and(eq(scheduleRuns.taskId, taskId), isNull(scheduleRuns.endedAt)))
    .get() !== undefined

/**
 * What became of a run. Only of one that still waits: two looks at the same one cannot both settle it. A task that was made stays known,
 * though: somebody may have paused the schedule in between.
 */
export function settleRun(
  tx: Tx,
  id: number,
  change: Partial<Pick<ScheduleRun, 'state' | 'why' | 'message' | 'notBefore' | 'tries' | 'taskId' | 'at'>>,
): boolean {
  const { taskId } = change
  // Its task may have ended before this was known.
  const ended =
    taskId == null
      ? undefined
      : tx
          .select({ at: taskIndex.endedAt })
          .from(taskIndex)
          .where(and(eq(taskIndex.id, taskId), inArray(taskIndex.phase, FINAL)))
          .get()
  const settled = tx
    .update(scheduleRuns)
    .set({ ...change, ...(ended && { endedAt: ended.at ?? change.at ?? 0 }) })
    .where(
      and(eq(scheduleRuns.id, id), inArray(scheduleRuns.state, taskId == null ? ['waiting'] : ['waiting', 'skipped'])),
    )
    .returning({ id: scheduleRuns.id })
    .get()
  return settled !== undefined
}
/** A task has ended: a run that waited for it can be looked at. True: there is one. */
export function endRun(tx: Tx, taskId: string, at: number): boolean {
  const ended = tx
    .update(scheduleRuns)
    .set({ endedAt: at })
    .where(and(eq(scheduleRuns.taskId, taskId), isNull(scheduleRuns.endedAt)))
    .returning()
    .get()
  return ended !== undefined && releaseRun(tx, ended, at)
}
/** The oldest that waits for those before it, where none of them is left. */
export function releaseRun(tx: Tx, named: Named, at: number): boolean {
  if (liveRunsOf(tx, named).length > 0) return false
  const next = waitingOf(tx, named).find(({ why }) => why === 'overlap')
  if (next === undefined) return false
  tx.update(scheduleRuns).set({ notBefore: at }).where(eq(scheduleRuns.id, next.id)).run()
  return true
}
