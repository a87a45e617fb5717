import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { connect, type Connection } from '../connection.ts'
import { lockEngine } from '../lock.ts'
import { migrate } from '../migrate.ts'
import { lastNumber } from '../numbers.ts'
import { BackupError, factsOf, fingerprintOf, makePrivate, syncFile, type BackupFacts } from './backup.ts'

export interface RestoreOptions {
  readonly from: string
  /** The data folder. No server may be running on it. */
  readonly folder: string
  readonly database: string
  readonly files: string
  readonly keyFile: string
  /** The key that a start here would use; null: there is none yet. */
  readonly key: Uint8Array | null
  /** Nothing has run since the backup was made (a stopped server that moves): tasks go on as after a plain restart. */
  readonly goOn: boolean
  readonly now: number
}
export interface Restored extends BackupFacts {
  /** Where what had been there lies now; null: the folder was new. */
  readonly aside: string | null
  readonly keyFits: boolean
}
/** How far numbers of tasks are moved on when nobody can say which were given since the backup. */
const NUMBERS_LEFT_OUT = 1_000

/**
 * Puts a backup in the place of what is there, which is kept aside. Nothing is touched before the backup has been found whole.
 * Tasks that had not ended will be paused at the next start: what they did since the backup is not known here.
 * @throws BackupError; LockedError naming the server that is running.
 */
export function restore(options: RestoreOptions): Restored {
  const { from, folder, database, now } = options
  const facts = factsOf(from)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const before = process.umask(0o077)
  const lock = lockEngine(database)
  const part = join(folder, 'restore.part')
  try {
    rmSync(part, { force: true })
    copyFileSync(from, part)
    makePrivate(part)
    checkCopy(part)
    layFiles(part, options.files)
    const aside = setAside()
    if (!options.goOn) markRestored(part, facts.at, aside === null ? null : numbersGiven(join(aside, 'baton.db')))
    syncFile(part)
    // A write-ahead log beside another database would be taken for its own; what it held lies in the old one by now.
    for (const name of ['-wal', '-shm']) rmSync(`${database}${name}`, { force: true })
    renameSync(part, database)
    if (facts.key && !options.key)
      writeFileSync(options.keyFile, `${Buffer.from(facts.key).toString('base64')}\n`, { mode: 0o600 })
    syncFile(folder)
    const key = options.key ?? facts.key
    const { fingerprint, key: _, ...told } = facts
    return { ...told, aside, keyFits: fingerprint === null || (key !== null && fingerprintOf(key) === fingerprint) }
  } finally {
    for (const name of ['', '-wal', '-shm', '-journal']) rmSync(`${part}${name}`, { force: true })
    lock.release()
    process.umask(before)
  }

  /** Nothing is touched unless it is whole. */
  function checkCopy(path: string): void {
    inCopy(path, (copy) => {
      const [verdict] = copy.prepare('PRAGMA integrity_check').get() ?? ['no answer']
      if (verdict !== 'ok') throw new BackupError(`${from} is damaged: ${String(verdict)}`)
      migrate(copy)
    })
  }

  function markRestored(path: string, madeAt: number, numbers: number | null): void {
    inCopy(path, (copy) => {
      const set = copy.prepare(
        'INSERT INTO counters (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)',
      )
      const given = numbers ?? lastNumber(copy) + NUMBERS_LEFT_OUT
      copy.exec('BEGIN')
      set.run(['restored_from', madeAt])
      set.run(['task_number', given])
      // Launches that were being made at that moment were made since, or refused: nobody waits for them any more. But for a child: its parent does.
      copy.exec(
        "DELETE FROM launch_keys WHERE request IS NOT NULL AND client NOT LIKE 'task/%'; DELETE FROM unbegun; COMMIT",
      )
    })
  }
  function inCopy(path: string, work: (copy: Connection) => void): void {
    const copy = connect(path)
    try {
      copy.exec('PRAGMA journal_mode = DELETE') // one file, no companions
      work(copy)
    } catch (error) {
      if (error instanceof BackupError) throw error
      throw new BackupError(`${from} cannot be restored: ${(error as Error).message}`, { cause: error })
    } finally {
      copy.close()
    }
  }

  /** Under a second name, so that a stop at any moment leaves the old data or the new in place, never none. */
  function setAside(): string | null {
    if (!existsSync(database)) return null
    const aside = join(folder, `before-restore-${new Date(now).toISOString().replace(/[:.]/g, '-')}`)
    mkdirSync(aside, { mode: 0o700 })
    for (const name of ['', '-wal'])
      if (existsSync(`${database}${name}`)) linkSync(`${database}${name}`, join(aside, `baton.db${name}`))
    if (existsSync(options.keyFile)) copyFileSync(options.keyFile, join(aside, 'key'))
    syncFile(aside)
    return aside
  }
}
/** The last number that the old data had given out; null when it cannot be read. Its write-ahead log goes into the file on the way. */
function numbersGiven(database: string): number | null {
  try {
    const old = connect(database)
    try {
      old.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      return lastNumber(old)
    } finally {
      old.close()
    }
  } catch {
    return null // damaged: it lies aside as it is
  }
}

/** Beside what is there: a kept file never changes, so one that is there already is the same. */
function layFiles(path: string, folder: string): void {
  const copy = connect(path)
  try {
    copy.exec('PRAGMA journal_mode = DELETE')
    const read = copy.prepare('SELECT bytes FROM backup_files WHERE path = ?')
    for (const [name] of copy.prepare('SELECT path FROM backup_files').all()) {
      const place = join(folder, normalize(String(name)))
      if (!place.startsWith(join(folder, '/')))
        throw new BackupError(`the backup holds a file outside its folder: ${String(name)}`)
      if (existsSync(place)) continue
      mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
      writeFileSync(`${place}.part`, read.get([name!])![0] as Uint8Array, { mode: 0o600 })
      renameSync(`${place}.part`, place)
    }
    copy.exec('DROP TABLE backup; DROP TABLE backup_files')
  } finally {
    copy.close()
  }
}
