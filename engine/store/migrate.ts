import type { Connection } from './connection.ts'
import { MIGRATIONS } from './migrations/index.ts'

/**
 * Brings the database to the newest schema, all steps in one transaction. Nothing happens when it is there already.
 * `transaction` runs work as one; a Durable Object has its own way.
 */
export function migrate(
  connection: Pick<Connection, 'exec' | 'prepare'>,
  transaction: (work: () => void) => void = (work) => immediately(connection, work),
): void {
  connection.exec('CREATE TABLE IF NOT EXISTS migrations (tag TEXT PRIMARY KEY, applied_at INTEGER NOT NULL)')
  transaction(() => {
    const applied = new Set(
      connection
        .prepare('SELECT tag FROM migrations')
        .all()
        .map(([tag]) => tag),
    )
    const unknown = [...applied].find((tag) => !MIGRATIONS.some((migration) => migration.tag === tag))
    if (unknown !== undefined)
      throw new Error(
        `expected a file of this version or an older one, but it was opened by a newer Baton (${String(unknown)})`,
      )
    for (const migration of MIGRATIONS.filter(({ tag }) => !applied.has(tag))) {
      for (const statement of migration.sql) connection.exec(statement)
      connection.prepare('INSERT INTO migrations (tag, applied_at) VALUES (?, ?)').run([migration.tag, Date.now()])
    }
  })
}

function immediately(connection: Pick<Connection, 'exec'>, work: () => void): void {
  connection.exec('BEGIN IMMEDIATE') // before looking, so that two processes do not both migrate
  try {
    work()
    connection.exec('COMMIT')
  } catch (error) {
    connection.exec('ROLLBACK')
    throw error
  }
}
