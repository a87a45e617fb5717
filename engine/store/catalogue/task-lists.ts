import { and, desc, eq, gt, inArray, isNull, like, or, sql, type SQL } from 'drizzle-orm'
import type { Tx } from '../database.ts'
import { needs, taskIndex } from '../schema.ts'
import { piecesSought, THROUGH } from '../titles.ts'
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
  const inOrder = [desc(taskIndex.updatedAt), desc(taskIndex.id)] as const
  const seen = seenOf(filter)
  const among = (where: SQL | undefined): TaskRow[] =>
    tx
      .select()
      .from(taskIndex)
      .where(and(conditions(filter), after, where))
      .orderBy(...inOrder)
      .limit(limit)
      .all()
  const seesMost = seen === null || seen.allBut === true
  const searches = sought(filter).words !== null && !isOfFew(filter)
  if (seesMost && !searches) return among(seen === null ? undefined : isSeen(seen))
  if (!isOfFew(filter)) {
    const newest = sql`${taskIndex.id} IN (SELECT id FROM task_index ${
      before === null ? sql`` : sql`WHERE (updated_at, id) < (${before.updatedAt}, ${before.id})`
    } ORDER BY updated_at DESC, id DESC LIMIT ${NEWEST})`
    const page = among(and(newest, seen === null ? undefined : isSeen(seen)))
    if (page.length === limit) return page
  }
  // Gathered first and then put in order, by what the order needs alone, instead of looking at every task there is in that order.
  const later = before ? sql`(+updated_at, +id) < (${before.updatedAt}, ${before.id})` : undefined
  const parts = gathered(tx, filter, seen).map(
    (part) => sql`SELECT id, updated_at FROM task_index WHERE ${and(part, later)}`,
  )
  return tx
    .select()
    .from(taskIndex)
    .where(
      sql`${taskIndex.id} IN (SELECT id FROM (${sql.join(parts, sql` UNION `)}) ORDER BY updated_at DESC, id DESC LIMIT ${limit})`,
    )
    .orderBy(sql`+${taskIndex.updatedAt} DESC`, sql`+${taskIndex.id} DESC`)
    .all()
}
/** What is wanted and seen, in parts that together are all of it: each by the index that leads to the fewest. */
function gathered(tx: Tx, filter: TaskFilter, seen: SeenBy | null): readonly (SQL | undefined)[] {
  const visible = seen === null ? undefined : isSeen(seen)
  const few = fewOf(tx, filter)
  if (few !== null) return [and(few, visible)]
  if (seen === null || seen.allBut === true) return [and(conditions(filter), visible)]
  return partsSeen(seen).map((part) => and(part, conditions(filter, 'seen')))
}
export function countTasks(tx: Tx, wanted: TaskFilter): number {
  const filter = withSelves(tx, wanted)
  const count = (where: SQL | undefined): number =>
    tx
      .select({ count: sql<number>`count(*)` })
      .from(taskIndex)
      .where(where)
      .get()?.count ?? 0
  const seen = seenOf(filter)
  if (seen === null && sought(filter).words === null) return count(conditions(filter))
  const few = fewOf(tx, filter)
  if (few !== null) return count(and(few, seen === null ? undefined : isSeen(seen)))
  if (seen === null) return count(conditions(filter))
  // Parts that share nothing, each by an index of its own.
  const shared = [ofProjects(seen), ...(seen.apps.length > 0 ? [ofApps(seen.apps)] : [])]
  const all = conditions(filter)
  // A task without an app is of none of them: that is unknown to SQL, and must be no.
  const own =
    seen.person === null
      ? 0
      : count(and(all, isOwn(seen.person, seen.selves), ...shared.map((part) => sql`NOT coalesce(${part}, 0)`)))
  return shared.reduce((sum, part) => sum + count(and(all, part)), own)
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
/** The same in parts, each by its index. */
function partsSeen(seen: SeenBy): readonly SQL[] {
  const { person, selves = person === null ? [] : [person] } = seen
  return [
    ofProjects(seen),
    ...(seen.apps.length > 0 ? [ofApps(seen.apps)] : []),
    ...(person === null
      ? []
      : [
          sql`${isAmong(sql`${taskIndex.startedBy}`, selves)}`,
          sql`${taskIndex.id} IN (${needed(person)})`,
          sql`${taskIndex.id} IN (${followed(selves)})`,
        ]),
  ]
}

/** Of one person, of an hour or of a number there are few: no other index is to be tried. */
const isOfFew = (filter: TaskFilter): boolean => {
  const { startedBy, needsPerson, followedBy, createdAfter } = filter
  return Boolean(startedBy ?? needsPerson ?? followedBy ?? createdAfter) || sought(filter).number !== null
}
/** So many are looked at one by one in a few milliseconds; where there are more, those somebody sees or the order lead as well. */
const FEW = 3_000
/** So many pieces of a title are counted that far. */
const COUNTED_FURTHER = 4
/** Those that are wanted, by an index that leads to few. Null: there is none that does. */
function fewOf(tx: Tx, filter: TaskFilter): SQL | undefined | null {
  if (isOfFew(filter)) return conditions(filter)
  const titled = inTitles(tx, filter)
  if (titled !== null) return and(titled, conditions(filter, 'title'))
  const isFew = (where: SQL): boolean => {
    const some = tx.select({ id: taskIndex.id }).from(taskIndex).where(where).limit(FEW).as('some')
    return (
      (tx
        .select({ found: sql<number>`count(*)` })
        .from(some)
        .get()?.found ?? 0) < FEW
    )
  }
  if (filter.app && isFew(ofName(filter, false))) return conditions(filter, 'app')
  const [phase] = filter.phases?.length === 1 ? filter.phases : []
  return phase !== undefined && isFew(eq(taskIndex.phase, phase)) ? conditions(filter, 'phase') : null
}
/** Nobody looks for more; SQLite takes no pattern that is much longer. */
const LONGEST_SOUGHT = 1_000
/** What is typed into a search: a task's number, else part of its title. */
function sought({ search }: TaskFilter): { readonly words: string | null; readonly number: number | null } {
  const words = (search ?? '').replaceAll('\0', '').trim()
  const number = /^#?(\d{1,15})$/.exec(words)?.[1]
  return { words: words === '' ? null : words, number: number === undefined ? null : Number(number) }
}
function isSought(filter: TaskFilter): SQL | undefined {
  const { words, number } = sought(filter)
  if (words === null) return undefined
  if (number !== null) return eq(taskIndex.number, number)
  return words.length > LONGEST_SOUGHT ? sql`0` : isTitled(words)
}
const isTitled = (words: string): SQL =>
  sql`${taskIndex.title} LIKE ${`%${words.replace(/[%_\\]/g, (sign) => `\\${sign}`)}%`} ESCAPE '\\'`
/**
 * Where the words may stand, by a piece of them that few titles have, and all that is not in the index yet. Null: nothing is
 * sought in titles, or each piece stands in many.
 */
function inTitles(tx: Tx, filter: TaskFilter): SQL | null {
  const { words, number } = sought(filter)
  if (words === null || number !== null || words.length > LONGEST_SOUGHT) return null
  const count = (piece: string, most: number): number =>
    tx
      .select({ found: sql<number>`count(*)` })
      .from(sql`(SELECT 1 FROM task_titles WHERE task_titles MATCH ${piece} LIMIT ${most})`)
      .get()?.found ?? 0
  // Counting is what costs: a little of every piece first, more only of those that most likely stand in few.
  const pieces = piecesSought(words)
  const rare =
    pieces.find((piece) => count(piece, FEW / 10) < FEW / 10) ??
    pieces.slice(0, COUNTED_FURTHER).find((piece) => count(piece, FEW) < FEW)
  if (rare === undefined) return null
  const since = sql`coalesce((SELECT value FROM counters WHERE name = ${THROUGH}), -1)`
  return sql`${taskIndex.number} IN (SELECT rowid FROM task_titles WHERE task_titles MATCH ${rare}
    UNION ALL SELECT number FROM task_index WHERE number > ${since} AND ${isTitled(words)})`
}
/** `by`: what leads to few; no other index is to be tried. */
function conditions(filter: TaskFilter, by: 'title' | 'app' | 'phase' | 'seen' | null = null): SQL | undefined {
  const { needsPerson, operates } = filter
  const isFew = by !== null || isOfFew(filter)
  const column = (one: typeof taskIndex.phase | typeof taskIndex.project): SQL => (isFew ? sql`+${one}` : sql`${one}`)
  return and(
    filter.phases?.length
      ? inArray(by === 'phase' ? sql`${taskIndex.phase}` : column(taskIndex.phase), [...filter.phases])
      : undefined,
    filter.waitingFor?.length
      ? or(...filter.waitingFor.map((reason) => like(taskIndex.waitingFor, `%"${reason}"%`)))
      : undefined,
    filter.app ? ofName(filter, isFew && by !== 'app') : undefined,
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
    isSought(filter),
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
