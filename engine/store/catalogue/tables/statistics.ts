import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { json } from './columns.ts'

/** Sums over tasks that ended on one day, of a whole flow or of one step. Histograms are by bucket (core/statistics.ts). */
export interface StatisticsSums {
  readonly causes: { readonly [cause: string]: number }
  readonly work: { readonly [bucket: string]: number }
  readonly wait: { readonly [bucket: string]: number }
  /** `retried p1`: what people did by hand, and how often. Absent: nothing. */
  readonly hands?: { readonly [act: string]: number }
}

/** What tasks that ended had to tell, until it is added up: written in the commit that ended them. */
export const statisticsPending = sqliteTable('statistics_pending', {
  n: integer('n').primaryKey({ autoIncrement: true }),
  body: text('body').notNull(),
})

/** Added up by day of their end (UTC, days since 1970); `app` is '' for a raw flow, `node` '' for the task as a whole. */
export const statistics = sqliteTable(
  'statistics',
  {
    project: text('project').notNull(),
    flow: text('flow').notNull(),
    day: integer('day').notNull(),
    app: text('app').notNull(),
    node: text('node').notNull(),
    /** Tasks, or attempts of a step. */
    runs: integer('runs').notNull(),
    succeeded: integer('succeeded').notNull(),
    failed: integer('failed').notNull(),
    revoked: integer('revoked').notNull(),
    retries: integer('retries').notNull(),
    workMs: integer('work_ms').notNull(),
    waitMs: integer('wait_ms').notNull(),
    sums: json<StatisticsSums>('sums').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.project, t.flow, t.day, t.app, t.node] }),
    index('statistics_tasks')
      .on(t.project, t.day)
      .where(sql`${t.node} = ''`),
    index('statistics_retried')
      .on(t.project, t.day)
      .where(sql`${t.node} <> '' and ${t.retries} > 0`),
  ],
)
