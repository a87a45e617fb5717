import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { connect, type Connection } from './connection.ts'
import type { Database } from './database.ts'
import { GroupCommit } from './group-commit.ts'
import { lockEngine } from './lock.ts'
import { migrate } from './migrate.ts'
import { walDamage, type WalDamage } from './wal-check.ts'

export interface OpenOptions {
  /** Opened beside a running engine (`baton token new`): takes no engine lock, so it must run no tasks. */
  readonly beside?: boolean
  /** Told when the end of an earlier process's log is damaged, so that what it committed last may be missing. */
  readonly onDamage?: (damage: WalDamage) => void
  /** Told each time something could not be recorded: a full disk, a file that became read-only. */
  readonly onOutage?: (error: unknown) => void
  /** How the file is reached; the benchmark's way writes down what is said to it. */
  readonly connect?: (path: string) => Connection
}

/**
 * Opens (or makes) the file at `path`, brings it to the newest schema and takes the engine's lock on it.
 * @throws LockedError when another engine runs on it.
 */
export function openDatabase(path: string, options: OpenOptions = {}): Database {
  const inFile = path !== ':memory:'
  if (inFile) makePrivate(path)
  const lock = inFile && !options.beside ? lockEngine(path) : null
  try {
    const damage = lock ? walDamage(path) : null
    const connection = (options.connect ?? connect)(path)
    migrate(connection)
    if (damage) options.onDamage?.(damage)
    // The next start of the engine takes nothing up that may have gone on (runtime/restored.ts).
    if (damage?.isCertain) connection.exec(`INSERT OR REPLACE INTO counters VALUES ('damaged_at', ${Date.now()})`)
    const commits = new GroupCommit(connection, options.onOutage)
    return {
      write: (work) => commits.add((isAlone) => work(connection.tx, isAlone)),
      read: (work) => work(connection.tx),
      prepare: (sql) => connection.prepare(sql),
      counts: commits.counts,
      async close() {
        commits.close()
        connection.close()
        lock?.release()
      },
    }
  } catch (error) {
    lock?.release()
    throw error
  }
}

/** The file holds names, logs and sealed secrets: nobody else on the machine reads it. SQLite gives its companions the same mode. */
function makePrivate(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}
