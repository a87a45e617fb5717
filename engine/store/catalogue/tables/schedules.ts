import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/** What becomes of a Schedule document: whose rights it launches with, and when it is due next. */
export const schedules = sqliteTable(
  'schedules',
  {
    project: text('project').notNull(),
    name: text('name').notNull(),
    /** Who wrote it last, or took it over: it is launched with their rights. Null: nobody is, so it is paused. */
    owner: text('owner'),
    /** Null: never again. */
    dueAt: integer('due_at'),
    pausedAt: integer('paused_at'),
    /** Name of who paused it; null: Baton did. */
    pausedBy: text('paused_by'),
    /** `person`, or why Baton did: `no_owner no_right`. */
    pausedWhy: text('paused_why'),
    pausedReason: text('paused_reason'),
  },
  (t) => [primaryKey({ columns: [t.project, t.name] }), index('schedules_due').on(t.dueAt)],
)

/** One due time of a schedule, or one launch of it by hand, and what became of it. */
export const scheduleRuns = sqliteTable(
  'schedule_runs',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    project: text('project').notNull(),
    name: text('name').notNull(),
    /** Of the launch: the same is launched once, whatever happens in between. */
    key: text('key').notNull(),
    dueAt: integer('due_at').notNull(),
    /** Person who launched it by hand; null: it was due. */
    by: text('by'),
    /** `waiting launched skipped missed failed`. */
    state: text('state').notNull(),
    /** Why it waits, was left out, or failed: `due overlap freeze merged paused full late`, or the code of a refusal. */
    why: text('why'),
    message: text('message'),
    /** Of one that waits: when it is looked at again. */
    notBefore: integer('not_before'),
    tries: integer('tries').notNull(),
    /** How many due times this one stands for. */
    count: integer('count').notNull(),
    taskId: text('task_id'),
    /** When its task ended. */
    endedAt: integer('ended_at'),
    at: integer('at').notNull(),
  },
  (t) => [
    uniqueIndex('schedule_runs_key').on(t.project, t.name, t.key),
    index('schedule_runs_due').on(t.state, t.notBefore),
    index('schedule_runs_of').on(t.project, t.name, t.dueAt),
    index('schedule_runs_task').on(t.taskId),
  ],
)
