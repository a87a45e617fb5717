import { and, desc, eq, gt, inArray, isNull, like, or, sql, type SQL } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { needs, taskIndex } from '../schema.ts'
import { selvesOf } from './merges.ts'

export type TaskRow = typeof taskIndex.$inferSelect
export interface TaskFilter {
  readonly phases?: readonly string[] | null
  readonly waitingFor?: readonly string[] | null
  readonly project?: string | null
  /** Of this name, in whatever project. */
  readonly app?: string | null
  /** Of these apps (`project/name`). */
  readonly apps?: readonly string[]
  /** A person is whoever became them, too: what those started and follow is theirs. */
  readonly startedBy?: string | readonly string[] | null
  readonly needsPerson?: string | null
  /** With `needsPerson`: failures of these apps (`project/name`), which they operate, wait for them too. */
  readonly operates?: readonly string[]
  /** With `needsPerson`: tasks with an ask they may answer in the place of another. */
  readonly standsInAt?: readonly string[]
  readonly followedBy?: string | readonly string[] | null
  readonly updatedAfter?: number | null
  readonly createdAfter?: number | null
  /** Only tasks that were launched by somebody, not those their steps launched. */
  readonly roots?: boolean
  readonly search?: string | null
  /** Only tasks somebody may see. Null: all. */
  readonly seenBy?: SeenBy | null
}
/** What somebody may see of all tasks: whole projects, some apps of others, and what they started, follow or are needed by. */
export interface SeenBy {
  readonly person: string | null
  /** Found out here: the person and whoever became them. */
  readonly selves?: readonly string[]
  /** `project/name`, of projects that are not seen as a whole. */
  readonly apps: readonly string[]
  /** Projects that are seen as a whole: these, or all but these. */
  readonly projects: readonly string[]
  readonly allBut?: boolean
}
/**
 * So many of the newest are looked through before what somebody may see, or looks for, is gathered: most see much, and the others little;
 * a word stands in many titles, or in few.
 */
const NEWEST = 2_000

/** Newest change first. `before` is the place in the list that the last page ended at. */
export function listTasks(
  tx: Tx,
  wanted: TaskFilter,
  limit: number,
  before: { updatedAt: number; id: string } | null,
): TaskRow[] {
  const filter = withSelves(tx, wanted)
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
  const seen = seenOf(filter)
  const inOrder = [desc(taskIndex.updatedAt), desc(taskIndex.id)] as const
  const among = (where: SQL | undefined): TaskRow[] =>
    tx
      .select()
      .from(taskIndex)
      .where(and(conditions(filter), after, where))
      .orderBy(...inOrder)
      .limit(limit)
      .all()
  const seesMost = seen === null || seen.allBut === true
  const isSought = Boolean(filter.search?.trim()) && !isOfFew(filter)
  if (seesMost && !isSought) return among(seen === null ? undefined : isSeen(seen))
  const newest = sql`${taskIndex.id} IN (SELECT id FROM task_index ${
    before === null ? sql`` : sql`WHERE (updated_at, id) < (${before.updatedAt}, ${before.id})`
  } ORDER BY updated_at DESC, id DESC LIMIT ${NEWEST})`
  const page = among(and(newest, seen === null ? undefined : isSeen(seen)))
  if (page.length === limit) return page
  // `+`: gathered first and then put in order, instead of looking at every task there is in that order.
  return tx
    .select()
    .from(taskIndex)
    .where(and(conditions(filter), after, seen === null ? undefined : seesMost ? isSeen(seen) : isGathered(seen)))
    .orderBy(sql`+${taskIndex.updatedAt} DESC`, sql`+${taskIndex.id} DESC`)
    .limit(limit)
    .all()
}
export function countTasks(tx: Tx, wanted: TaskFilter): number {
  const filter = withSelves(tx, wanted)
  const count = (where?: SQL): number =>
    tx
      .select({ count: sql<number>`count(*)` })
      .from(taskIndex)
      .where(and(conditions(filter), where))
      .get()?.count ?? 0
  const seen = seenOf(filter)
  if (seen === null) return count()
  // Parts that share nothing, each by an index of its own.
  const shared = [ofProjects(seen), ...(seen.apps.length > 0 ? [ofApps(seen.apps)] : [])]
  // A task without an app is of none of them: that is unknown to SQL, and must be no.
  const own =
    seen.person === null
      ? 0
      : count(and(isOwn(seen.person, seen.selves), ...shared.map((part) => sql`NOT coalesce(${part}, 0)`)))
  return shared.reduce((sum, part) => sum + count(part), own)
}
export const taskRow = (tx: Tx, id: string): TaskRow | undefined =>
  tx.select().from(taskIndex).where(eq(taskIndex.id, id)).get()
export const tasksByPhase = (tx: Tx): { phase: string; count: number }[] =>
  tx
    .select({ phase: taskIndex.phase, count: sql<number>`count(*)` })
    .from(taskIndex)
    .groupBy(taskIndex.phase)
    .all()

/** Whoever became a person is that person. Without a merge, which is the rule, it stays one id. */
function withSelves(tx: Tx, filter: TaskFilter): TaskFilter {
  const { startedBy, followedBy, seenBy } = filter
  const known = new Map<string, readonly string[]>()
  const selves = (person: string): readonly string[] => {
    const found = known.get(person) ?? selvesOf(tx, person)
    known.set(person, found)
    return found
  }
  return {
    ...filter,
    ...(typeof startedBy === 'string' && { startedBy: selves(startedBy) }),
    ...(typeof followedBy === 'string' && { followedBy: selves(followedBy) }),
    ...(seenBy && seenBy.person !== null && { seenBy: { ...seenBy, selves: selves(seenBy.person) } }),
  }
}
const isOneOf = (people: string | readonly string[] | null | undefined, person: string): boolean =>
  typeof people === 'string' ? people === person : (people?.includes(person) ?? false)

/** What somebody started, follows or is needed by they may see: then nothing more is asked. */
function seenOf({ seenBy = null, startedBy, needsPerson, followedBy }: TaskFilter): SeenBy | null {
  const person = seenBy?.person ?? null
  return person !== null && [startedBy, needsPerson, followedBy].some((of) => isOneOf(of, person)) ? null : seenBy
}
const pairs = (apps: readonly string[]): string =>
  JSON.stringify(apps.map((key) => [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)]))
const ofApps = (apps: readonly string[]): SQL =>
  sql`(${taskIndex.project}, ${taskIndex.app}) IN (SELECT value ->> 0, value ->> 1 FROM json_each(${pairs(apps)}))`
const ofProjects = ({ projects, allBut }: SeenBy): SQL => {
  const named = sql`(SELECT value FROM json_each(${JSON.stringify(projects)}))`
  return allBut === true ? sql`${taskIndex.project} NOT IN ${named}` : sql`${taskIndex.project} IN ${named}`
}
const needed = (person: string): SQL => sql`SELECT task FROM needs WHERE person = ${person}`
const isAmong = (column: SQL, people: string | readonly string[]): SQL => {
  const [only, ...others] = typeof people === 'string' ? [people] : people
  return others.length === 0 ? sql`${column} = ${only}` : sql`${column} IN ${[only, ...others]}`
}
const followed = (people: string | readonly string[]): SQL =>
  sql`SELECT task FROM followers WHERE ${isAmong(sql`person`, people)}`
const started = (people: string | readonly string[]): SQL =>
  sql`SELECT id FROM task_index WHERE ${isAmong(sql`started_by`, people)}`
const isOwn = (person: string, selves: readonly string[] = [person]): SQL =>
  sql`${taskIndex.id} IN (${started(selves)} UNION ${needed(person)} UNION ${followed(selves)})`
const isSeen = (seen: SeenBy): SQL | undefined =>
  or(
    ofProjects(seen),
    seen.apps.length > 0 ? ofApps(seen.apps) : undefined,
    seen.person === null ? undefined : isOwn(seen.person, seen.selves),
  )
/** The same, each part by its index. */
function isGathered(seen: SeenBy): SQL {
  const { person, selves = person === null ? [] : [person] } = seen
  const parts = [
    sql`SELECT id FROM task_index WHERE ${ofProjects(seen)}`,
    ...(seen.apps.length > 0 ? [sql`SELECT id FROM task_index WHERE ${ofApps(seen.apps)}`] : []),
    ...(person === null ? [] : [started(selves), needed(person), followed(selves)]),
  ]
  return sql`${taskIndex.id} IN (${sql.join(parts, sql` UNION `)})`
}

/** Of one person, or of an hour, there are few: no other index is to be tried. */
const isOfFew = ({ startedBy, needsPerson, followedBy, createdAfter }: TaskFilter): boolean =>
  Boolean(startedBy ?? needsPerson ?? followedBy ?? createdAfter)
function conditions(filter: TaskFilter): SQL | undefined {
  const words = filter.search?.replace(/[%_]/g, '').trim()
  const number = words && /^#?\d+$/.test(words) ? Number(words.replace('#', '')) : null
  const { needsPerson, operates } = filter
  const isFew = isOfFew(filter)
  const column = (one: typeof taskIndex.phase | typeof taskIndex.project): SQL => (isFew ? sql`+${one}` : sql`${one}`)
  return and(
    filter.phases?.length ? inArray(column(taskIndex.phase), [...filter.phases]) : undefined,
    filter.waitingFor?.length
      ? or(...filter.waitingFor.map((reason) => like(taskIndex.waitingFor, `%"${reason}"%`)))
      : undefined,
    filter.app ? ofName(filter, isFew) : undefined,
    filter.apps ? ofApps(filter.apps) : undefined,
    filter.startedBy ? isAmong(sql`${taskIndex.startedBy}`, filter.startedBy) : undefined,
    needsPerson
      ? sql`${taskIndex.id} IN (${needed(needsPerson)}${
          operates?.length
            ? sql` UNION SELECT id FROM task_index WHERE phase = 'attention' AND ${ofApps(operates)}`
            : sql``
        }${
          filter.standsInAt?.length
            ? sql` UNION SELECT value FROM json_each(${JSON.stringify(filter.standsInAt)})`
            : sql``
        })`
      : undefined,
    filter.followedBy ? sql`${taskIndex.id} IN (${followed(filter.followedBy)})` : undefined,
    filter.updatedAfter != null ? gt(taskIndex.updatedAt, filter.updatedAfter) : undefined,
    // What was created since has changed since: that there is an index on.
    filter.createdAfter != null
      ? and(gt(taskIndex.createdAt, filter.createdAfter), gt(taskIndex.updatedAt, filter.createdAfter))
      : undefined,
    filter.project ? eq(column(taskIndex.project), filter.project) : undefined,
    filter.roots === true ? isNull(taskIndex.parent) : undefined,
    number !== null ? eq(taskIndex.number, number) : words ? like(taskIndex.title, `%${words}%`) : undefined,
  )
}
/** Tasks of an app: in a project, or in every one. A project that has a task has a version of a flow, which stays. */
function ofName({ app, project }: TaskFilter, isFew: boolean): SQL {
  if (isFew) return sql`+${taskIndex.app} = ${app}`
  if (project) return sql`${taskIndex.app} = ${app}`
  return sql`(${taskIndex.project}, ${taskIndex.app}) IN (SELECT DISTINCT project, ${app} FROM flow_versions)`
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
  for (const { id } of tx
    .select({ id: taskIndex.id })
    .from(taskIndex)
    .where(inArray(taskIndex.phase, ['attention', 'requested']))
    .all())
    found.add(id)
  return [...found]
}
export const needsOfTask = (tx: Tx, task: string): (typeof needs.$inferSelect)[] =>
  tx.select().from(needs).where(eq(needs.task, task)).all()
