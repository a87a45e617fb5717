import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { openDatabase } from './open.ts'
import { sqlTaskStore } from './sql-task-store.ts'
import { taskStoreContract, type Opened } from './test/contract.ts'

function open(folder: string): Opened {
  const db = openDatabase(join(folder, 'baton.db'))
  return {
    store: sqlTaskStore(db),
    tamper: (text) => db.read((tx) => void tx.run(sql.raw(text))),
    async reopen() {
      await db.close()
      return open(folder)
    },
    async close() {
      await db.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
taskStoreContract('tasks in a libsql file', async () => open(mkdtempSync(join(tmpdir(), 'baton-store-'))))
