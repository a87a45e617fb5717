import { and, desc, eq, exists, gt, inArray, isNull, like, or, sql, type SQL } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { followers, needs, taskIndex } from '../schema.ts'

export type TaskRow = typeof taskIndex.$inferSelect
export interface TaskFilter {
  readonly phases?: readonly string[] | null
  readonly waitingFor?: readonly string[] | null
  readonly project?: string | null
  readonly app?: string | null
  readonly apps?: readonly string[]
  readonly startedBy?: string | null
  readonly needsPerson?: string | null
  /** With `needsPerson`: failures of these apps, which they operate, wait for them too. */
  readonly operates?: readonly string[]
  readonly followedBy?: string | null
  readonly updatedAfter?: number | null
  readonly createdAfter?: number | null
  /** Only tasks that were launched by somebody, not those their steps launched. */
  readonly roots?: boolean
  readonly search?: string | null
  /** Only tasks somebody may see: of these apps (`project/name`), or started, needed or followed by them. Null: all. */
  readonly seenBy?: { readonly person: string | null; readonly apps: readonly string[] } | null
}

/** Newest change first. `before` is the place in the list that the last page ended at. */
export function listTasks(
  tx: Tx,
  filter: TaskFilter,
  limit: number,
  before: { updatedAt: number; id: string } | null,
): TaskRow[] {
  if (filter.phases && filter.phases.length > 1) {
    // Each phase is in order in its index; several at once would be sorted as a whole.
    return filter.phases
      .flatMap((phase) => listTasks(tx, { ...filter, phases: [phase] }, limit, before))
      .sort((a, b) => b.updatedAt - a.updatedAt || (a.id < b.id ? 1 : -1))
      .slice(0, limit)
  }
  // As one comparison, so that a page far down begins where it begins in the index.
  const after = before
    ? sql`(${taskIndex.updatedAt}, ${taskIndex.id}) < (${before.updatedAt}, ${before.id})`
    : undefined
  return tx
    .select()
    .from(taskIndex)
    .where(and(conditions(tx, filter), after))
    .orderBy(desc(taskIndex.updatedAt), desc(taskIndex.id))
    .limit(limit)
    .all()
}
export const countTasks = (tx: Tx, filter: TaskFilter): number =>
  tx
    .select({ count: sql<number>`count(*)` })
    .from(taskIndex)
    .where(conditions(tx, filter))
    .get()?.count ?? 0
export const taskRow = (tx: Tx, id: string): TaskRow | undefined =>
  tx.select().from(taskIndex).where(eq(taskIndex.id, id)).get()
export const tasksByPhase = (tx: Tx): { phase: string; count: number }[] =>
  tx
    .select({ phase: taskIndex.phase, count: sql<number>`count(*)` })
    .from(taskIndex)
    .groupBy(taskIndex.phase)
    .all()

function conditions(tx: Tx, filter: TaskFilter): SQL | undefined {
  const needed = (person: string) =>
    exists(
      tx
        .select({ one: sql`1` })
        .from(needs)
        .where(and(eq(needs.task, taskIndex.id), eq(needs.person, person))),
    )
  const followed = (person: string) =>
    exists(
      tx
        .select({ one: sql`1` })
        .from(followers)
        .where(and(eq(followers.task, taskIndex.id), eq(followers.person, person))),
    )
  const words = filter.search?.replace(/[%_]/g, '').trim()
  const number = words && /^#?\d+$/.test(words) ? Number(words.replace('#', '')) : null
  const seen = filter.seenBy
  return and(
    filter.phases?.length ? inArray(taskIndex.phase, [...filter.phases]) : undefined,
    filter.waitingFor?.length
      ? or(...filter.waitingFor.map((reason) => like(taskIndex.waitingFor, `%"${reason}"%`)))
      : undefined,
    filter.app ? eq(taskIndex.app, filter.app) : undefined,
    filter.apps ? inArray(taskIndex.app, [...filter.apps]) : undefined,
    filter.startedBy ? eq(taskIndex.startedBy, filter.startedBy) : undefined,
    filter.needsPerson
      ? or(
          needed(filter.needsPerson),
          filter.operates?.length
            ? and(eq(taskIndex.phase, 'attention'), inArray(taskIndex.app, [...filter.operates]))
            : undefined,
        )
      : undefined,
    filter.followedBy ? followed(filter.followedBy) : undefined,
    filter.updatedAfter != null ? gt(taskIndex.updatedAt, filter.updatedAfter) : undefined,
    // What was created since has changed since: that there is an index on.
    filter.createdAfter != null
      ? and(gt(taskIndex.createdAt, filter.createdAfter), gt(taskIndex.updatedAt, filter.createdAfter))
      : undefined,
    filter.project ? eq(taskIndex.project, filter.project) : undefined,
    filter.roots === true ? isNull(taskIndex.parent) : undefined,
    number !== null ? eq(taskIndex.number, number) : words ? like(taskIndex.title, `%${words}%`) : undefined,
    seen
      ? or(
          seen.apps.length
            ? inArray(sql<string>`${taskIndex.project} || '/' || ${taskIndex.app}`, [...seen.apps])
            : undefined,
          seen.person ? eq(taskIndex.startedBy, seen.person) : undefined,
          seen.person ? needed(seen.person) : undefined,
          seen.person ? followed(seen.person) : undefined,
          sql`0`,
        )
      : undefined,
  )
}

/** What waits for somebody: asks and failures, with their tasks. */
export const needsOf = (tx: Tx, person: string): (typeof needs.$inferSelect)[] =>
  tx.select().from(needs).where(eq(needs.person, person)).all()
/** Tasks with an ask that waits for one of these people, and those that wait for a person to mend them: too few may be left to answer. */
export function tasksThatAsk(tx: Tx, people: readonly string[]): readonly string[] {
  const found = new Set<string>()
  for (let at = 0; at < people.length; at += 500)
    for (const { task } of tx
      .selectDistinct({ task: needs.task })
      .from(needs)
      .where(and(inArray(needs.person, people.slice(at, at + 500)), eq(needs.kind, 'ask')))
      .all())
      found.add(task)
  for (const { id } of tx.select({ id: taskIndex.id }).from(taskIndex).where(eq(taskIndex.phase, 'attention')).all())
    found.add(id)
  return [...found]
}
export const needsOfTask = (tx: Tx, task: string): (typeof needs.$inferSelect)[] =>
  tx.select().from(needs).where(eq(needs.task, task)).all()
