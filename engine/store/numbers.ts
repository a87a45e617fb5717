import type { Database } from './database.ts'

/**
 * The highest number given to a task. What is listed or archived bears its own. The outbox or their first entries have those of tasks
 * that the catalogue has not heard of: a task is awake until it is listed or in the outbox. The counter has all others: of launches
 * without a key, and of those whose task was not in the same commit for certain. So most launches write no page for it.
 */
export const lastNumber = (db: Pick<Database, 'prepare'>): number =>
  Math.max(
    0,
    ...db
      .prepare(HIGHEST)
      .all()
      .map(([number]) => Number(number ?? 0)),
  )

// CROSS JOIN keeps the order: left to itself SQLite reads every history to find those of tasks that are awake.
const HIGHEST = `SELECT value FROM counters WHERE name = 'task_number'
  UNION ALL SELECT max(number) FROM task_index
  UNION ALL SELECT max(number) FROM archive
  UNION ALL SELECT max(body ->> '$.row.number') FROM outbox
  UNION ALL SELECT max(CASE WHEN json_valid(events) THEN events ->> '$[0].number' END) FROM awake CROSS JOIN journal USING (task) WHERE seq = 1`
