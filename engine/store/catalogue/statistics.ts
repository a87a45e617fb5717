import { and, asc, between, eq, inArray, lte, ne, sql, type SQL } from 'drizzle-orm'
import { histogramOf, plus, type Counts, type TaskFacts } from '../../core/statistics.ts'
import type { Database, Tx } from '../database.ts'
import { archive, taskIndex } from '../schema.ts'
import { statistics, statisticsPending, type StatisticsSums } from './tables/statistics.ts'

export type StatisticsRow = typeof statistics.$inferSelect
type Sums = Pick<StatisticsRow, 'runs' | 'succeeded' | 'failed' | 'revoked' | 'retries' | 'workMs' | 'waitMs' | 'sums'>

const DAY_MS = 24 * 3_600_000
export const dayOf = (at: number): number => Math.floor(at / DAY_MS)
export const startOfDay = (day: number): number => day * DAY_MS

/** This many at once: a transaction nobody notices. */
const FOLDED = 500

/** Adds up what ended tasks tell. */
export interface Statistics {
  /** Inside the transaction that ends the task: one row, added up later. */
  readonly note: (facts: TaskFacts) => void
  /** Adds up whatever waits; resolves when nothing does. */
  readonly fold: () => Promise<void>
  /** Everything anew from `each`, which gives what the ended tasks with these ids tell. Resolves with how many were counted. */
  readonly rebuild: (each: (id: string) => Promise<TaskFacts | null>) => Promise<number>
  readonly isRebuilding: () => boolean
  /** Sums of whole tasks of these flows, by app; of their steps, by step. What days that are over came to is added up once. */
  readonly tasks: (filter: StatisticsFilter, flows: readonly string[]) => NamedSums[]
  readonly nodes: (filter: StatisticsFilter, flows: readonly string[]) => NamedSums[]
  /** Apps and flows with the most runs, and steps that were retried most; most first. */
  readonly busiest: (filter: StatisticsFilter, limit: number) => { flow: string; app: string }[]
  readonly mostRetried: (filter: StatisticsFilter, limit: number) => { flow: string; node: string; retries: number }[]
}
export function createStatistics(db: Database): Statistics {
  const insert = db.prepare('INSERT INTO statistics_pending (body) VALUES (?)')
  let waiting = 0
  let folding: Promise<void> | null = null
  let rebuilding = false
  const over = createDaysOver(db)
  const foldOnce = (): Promise<number> =>
    db.write((tx) => {
      const rows = tx.select().from(statisticsPending).orderBy(asc(statisticsPending.n)).limit(FOLDED).all()
      if (rows.length === 0) return 0
      const added = rowsOf(rows.map(({ body }) => JSON.parse(body) as TaskFacts)) // written by `note` alone
      addAll(tx, added)
      over.added(added)
      tx.delete(statisticsPending)
        .where(lte(statisticsPending.n, rows.at(-1)!.n))
        .run()
      return rows.length
    })
  const foldAll = async (): Promise<void> => {
    if (rebuilding) return
    waiting = 0
    // Mostly there is nothing: a question does not wait for a commit then.
    if (!db.read((tx) => tx.select({ n: statisticsPending.n }).from(statisticsPending).limit(1).get())) return
    while ((await foldOnce()) === FOLDED) if (rebuilding) return
    over.settled()
  }
  const fold = (): Promise<void> => (folding ??= foldAll().finally(() => (folding = null)))
  return {
    note(facts) {
      insert.run([JSON.stringify(facts)])
      // After the transaction, and only now and then: sums of one day are few, whatever ended on it.
      if (++waiting >= FOLDED) {
        waiting = 0
        setTimeout(() => void fold().catch(() => undefined), 0).unref?.()
      }
    },
    fold,
    tasks: (filter, flows) => over.summed('app', filter, flows),
    nodes: (filter, flows) => over.summed('node', filter, flows),
    busiest: (filter, limit) => over.most('runs', filter, limit).map(({ flow, name }) => ({ flow, app: name })),
    mostRetried: (filter, limit) =>
      over.most('retries', filter, limit).map(({ flow, name, total }) => ({ flow, node: name, retries: total })),
    isRebuilding: () => rebuilding,
    async rebuild(each) {
      await fold()
      rebuilding = true
      try {
        const ids = db.read(endedTasks)
        const known = new Map<string, StatisticsRow>()
        let counted = 0
        for (const id of ids) {
          const facts = await each(id)
          if (facts === null) continue
          counted++
          for (const row of rowsOf([facts])) addTo(known, row)
        }
        const done = new Set(ids)
        await db.write((tx) => {
          over.forget()
          tx.delete(statistics).run()
          addAll(tx, [...known.values()])
          // What ended meanwhile still waits to be added; what was counted above does not.
          const twice = tx
            .select()
            .from(statisticsPending)
            .all()
            .filter(({ body }) => done.has((JSON.parse(body) as TaskFacts).task))
          for (const { n } of twice) tx.delete(statisticsPending).where(eq(statisticsPending.n, n)).run()
        })
        over.forget()
        return counted
      } finally {
        rebuilding = false
      }
    },
  }
}
const FINAL = ['succeeded', 'failed', 'revoked']
const endedTasks = (tx: Tx): string[] =>
  [
    ...tx.select({ id: taskIndex.id }).from(taskIndex).where(inArray(taskIndex.phase, FINAL)).all(),
    ...tx.select({ id: archive.id }).from(archive).all(),
  ].map(({ id }) => id)

/** Rows of tasks and of their steps, those of one name and day joined; and of whole projects, under no name. */
export function rowsOf(all: readonly TaskFacts[]): readonly StatisticsRow[] {
  const rows = new Map<string, StatisticsRow>()
  for (const facts of all) {
    const { project, flow, outcome, workMs, waitMs, causes } = facts
    const at = { project, flow, day: dayOf(facts.at), app: facts.app ?? '' }
    const is = (wanted: string): number => (outcome === wanted ? 1 : 0)
    const waits = waitMs > 0 ? [waitMs] : []
    const whole = {
      node: '',
      runs: 1,
      succeeded: is('succeeded'),
      failed: is('failed'),
      revoked: is('revoked'),
      retries: facts.nodes.reduce((sum, { retries }) => sum + retries, 0),
      workMs,
      waitMs,
      sums: {
        causes,
        work: histogramOf(outcome === 'revoked' ? [] : [workMs]),
        wait: histogramOf(waits),
        ...handed(facts.nodes.map((node) => node.hands)),
      },
    }
    addTo(rows, { ...at, ...whole })
    addTo(rows, { ...at, ...whole, flow: '', app: '' })
    for (const { node, runs, succeeded, failed, revoked, retries, work, wait, causes: own, hands } of facts.nodes)
      addTo(rows, {
        ...at,
        node,
        runs,
        succeeded,
        failed,
        revoked,
        retries,
        workMs: work.reduce((sum, ms) => sum + ms, 0),
        waitMs: wait.reduce((sum, ms) => sum + ms, 0),
        sums: { causes: own, work: histogramOf(work), wait: histogramOf(wait), ...handed([hands]) },
      })
  }
  return [...rows.values()]
}
function addTo(rows: Map<string, StatisticsRow>, row: StatisticsRow): void {
  const key = JSON.stringify([row.project, row.flow, row.day, row.app, row.node])
  const known = rows.get(key)
  rows.set(key, known ? { ...known, ...sumOf(known, row) } : row)
}
export const sumOf = (one: Sums, other: Sums): Sums => ({
  runs: one.runs + other.runs,
  succeeded: one.succeeded + other.succeeded,
  failed: one.failed + other.failed,
  revoked: one.revoked + other.revoked,
  retries: one.retries + other.retries,
  workMs: one.workMs + other.workMs,
  waitMs: one.waitMs + other.waitMs,
  sums: joined(one.sums, other.sums),
})
const joined = (one: StatisticsSums, other: StatisticsSums): StatisticsSums => ({
  causes: plus(one.causes, other.causes),
  work: plus(one.work, other.work),
  wait: plus(one.wait, other.wait),
  ...handed([one.hands, other.hands]),
})
/** What people did, where they did anything. */
const handed = (all: readonly (Counts | undefined)[]): { readonly hands?: Counts } => {
  const sum = all.reduce<Counts>((known, more) => (more ? plus(known, more) : known), NO_HANDS)
  return sum === NO_HANDS ? {} : { hands: sum }
}
const NO_HANDS: Counts = {}
function addAll(tx: Tx, rows: readonly StatisticsRow[]): void {
  for (const row of rows) {
    const { project, flow, day, app, node } = row
    const here = and(
      eq(statistics.project, project),
      eq(statistics.flow, flow),
      eq(statistics.day, day),
      eq(statistics.app, app),
      eq(statistics.node, node),
    )
    const known = tx.select().from(statistics).where(here).get()
    if (known) tx.update(statistics).set(sumOf(known, row)).where(here).run()
    else tx.insert(statistics).values(row).run()
  }
}

export interface StatisticsFilter {
  readonly project: string
  readonly fromDay: number
  readonly toDay: number
  readonly flow?: string
  /** '' is the raw flow. */
  readonly app?: string
}
const within = ({ project, fromDay, toDay, flow, app }: StatisticsFilter, more: SQL): SQL | undefined =>
  and(
    eq(statistics.project, project),
    between(statistics.day, fromDay, toDay),
    more,
    flow === undefined ? undefined : eq(statistics.flow, flow),
    app === undefined ? undefined : eq(statistics.app, app),
  )
/** A literal, so that the index of tasks is seen to fit. */
const OF_TASKS = sql`${statistics.node} = ''`
/** A number of each app or step, without its histograms. */
interface Counted {
  readonly flow: string
  readonly name: string
  readonly total: number
}
/** Runs of apps, or retries of steps; as the indexes of them say it, so that they are seen to fit. */
const counted = (of: 'runs' | 'retries', filter: StatisticsFilter): SQL | undefined =>
  of === 'runs'
    ? and(within(filter, OF_TASKS), ne(statistics.flow, ''))
    : within(filter, sql`${statistics.node} <> '' and ${statistics.retries} > 0`)
function totals(tx: Tx, of: 'runs' | 'retries', where: SQL | undefined): Counted[] {
  const name = of === 'runs' ? statistics.app : statistics.node
  return tx
    .select({ flow: statistics.flow, name, total: sql<number>`sum(${statistics[of]})` })
    .from(statistics)
    .where(where)
    .groupBy(statistics.flow, name)
    .all()
}
/** Sums of rows under each name: numbers are added up by SQLite, histograms here, without a row's being made of each. */
function summed(tx: Tx, where: SQL | undefined, name: typeof statistics.app | typeof statistics.node): NamedSums[] {
  const rows = tx
    .select({
      flow: statistics.flow,
      name,
      runs: sql<number>`sum(${statistics.runs})`,
      succeeded: sql<number>`sum(${statistics.succeeded})`,
      failed: sql<number>`sum(${statistics.failed})`,
      revoked: sql<number>`sum(${statistics.revoked})`,
      retries: sql<number>`sum(${statistics.retries})`,
      workMs: sql<number>`sum(${statistics.workMs})`,
      waitMs: sql<number>`sum(${statistics.waitMs})`,
      all: sql<string>`'[' || group_concat(${statistics.sums}) || ']'`,
    })
    .from(statistics)
    .where(where)
    .groupBy(statistics.flow, name)
    .all()
  return rows.map(({ all, ...row }) => ({ ...row, sums: allJoined(JSON.parse(all) as StatisticsSums[]) })) // as they were stored
}
function allJoined(all: readonly StatisticsSums[]): StatisticsSums {
  const sum = { causes: {}, work: {}, wait: {}, hands: {} }
  for (const one of all) {
    addCounts(sum.causes, one.causes)
    addCounts(sum.work, one.work)
    addCounts(sum.wait, one.wait)
    if (one.hands) addCounts(sum.hands, one.hands)
  }
  return sum
}
function addCounts(sum: Record<string, number>, more: Counts): void {
  for (const name in more) sum[name] = (sum[name] ?? 0) + more[name]!
}
export interface NamedSums extends Sums {
  readonly flow: string
  /** Of the app, or of the step. */
  readonly name: string
}
/** Whole tasks of these flows, or their steps. */
const rowsFor = (by: 'app' | 'node', filter: StatisticsFilter, flows: readonly string[]): SQL | undefined =>
  and(within(filter, by === 'app' ? OF_TASKS : ne(statistics.node, '')), inArray(statistics.flow, [...flows]))

/** As many questions as a few people ask of a day. */
const KEPT = 200
/**
 * Sums up to yesterday, as they were added up last. They are right until something is added to such a day or all is counted anew,
 * which is heard of here; and until days are dropped, which shows in how many rows there are.
 */
function createDaysOver(db: Database) {
  const known = new Map<string, { readonly rows: number; readonly sums: readonly unknown[] }>()
  let last = -Infinity
  let isTouched = false
  const forget = (): void => known.clear()
  const before = <T>(
    tx: Tx,
    key: unknown,
    { toDay }: StatisticsFilter,
    where: SQL | undefined,
    sum: () => T[],
  ): readonly T[] => {
    const rows =
      tx
        .select({ rows: sql<number>`count(*)` })
        .from(statistics)
        .where(where)
        .get()?.rows ?? 0
    const name = JSON.stringify(key)
    const kept = known.get(name)
    const sums = kept?.rows === rows ? (kept.sums as readonly T[]) : sum() // the key says of which kind they are
    known.delete(name)
    if (known.size >= KEPT) known.delete(known.keys().next().value!)
    known.set(name, { rows, sums })
    last = Math.max(last, toDay)
    return sums
  }
  const parts = (filter: StatisticsFilter) =>
    [
      { ...filter, toDay: filter.toDay - 1 },
      { ...filter, fromDay: filter.toDay },
    ] as const
  return {
    forget,
    /** Inside the transaction. What is summed up before it is on disk is forgotten once it is. */
    added(rows: readonly StatisticsRow[]): void {
      if (!rows.some(({ day }) => day <= last)) return
      isTouched = true
      forget()
    },
    settled(): void {
      if (isTouched) forget()
      isTouched = false
    },
    summed(by: 'app' | 'node', filter: StatisticsFilter, names: readonly string[]): NamedSums[] {
      const flows = [...new Set(names)].sort()
      if (flows.length === 0) return []
      const column = statistics[by]
      // Of one app there is little, and counting its rows would take as long as adding them up.
      if (filter.app !== undefined) return db.read((tx) => summed(tx, rowsFor(by, filter, flows), column))
      const [closed, today] = parts(filter)
      return db.read((tx) => {
        const where = rowsFor(by, closed, flows)
        return together(
          before(tx, [by, closed, flows], closed, where, () => summed(tx, where, column)),
          summed(tx, rowsFor(by, today, flows), column),
          sumOf,
        )
      })
    },
    /** Those with the most of it, most first. */
    most(of: 'runs' | 'retries', filter: StatisticsFilter, limit: number): Counted[] {
      const [closed, today] = parts(filter)
      const all = db.read((tx) => {
        if (filter.app !== undefined) return totals(tx, of, counted(of, filter))
        const where = counted(of, closed)
        return together(
          before(tx, [of, closed], closed, where, () => totals(tx, of, where)),
          totals(tx, of, counted(of, today)),
          (one, other) => ({ total: one.total + other.total }),
        )
      })
      const byName = (a: Counted, b: Counted): number =>
        a.flow === b.flow ? (a.name < b.name ? -1 : 1) : a.flow < b.flow ? -1 : 1
      return all.sort((a, b) => b.total - a.total || byName(a, b)).slice(0, limit)
    },
  }
}
function together<T extends Pick<Counted, 'flow' | 'name'>>(
  one: readonly T[],
  other: readonly T[],
  sum: (one: T, other: T) => Partial<T>,
): T[] {
  const all = new Map<string, T>()
  for (const sums of [...one, ...other]) {
    const key = JSON.stringify([sums.flow, sums.name])
    const known = all.get(key)
    all.set(key, known ? { ...known, ...sum(known, sums) } : sums)
  }
  return [...all.values()]
}
/** Rows of all tasks together, one for each day: what a project came to is not added up from a thousand apps. */
export const projectStatistics = (tx: Tx, { project, fromDay, toDay }: StatisticsFilter): StatisticsRow[] =>
  tx
    .select()
    .from(statistics)
    .where(within({ project, fromDay, toDay, flow: '' }, OF_TASKS))
    .all()
