import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { connect, type Connection } from '../connection.ts'
import { keysOf, sign } from '../seal.ts'

/** What a backup says of itself. */
export interface BackupFacts {
  readonly at: number
  readonly version: string
  readonly tasks: number
  readonly entries: number
  readonly files: number
  readonly bytes: number
  /** Whether the key that opens its secrets lies in it. */
  readonly hasKey: boolean
}
export interface BackupOptions {
  /** The database that is backed up; a server may be running on it. */
  readonly database: string
  /** The folder of kept files; it need not exist. */
  readonly files: string
  /** The file to make. It must not exist. */
  readonly to: string
  readonly key: Uint8Array | null
  readonly withKey: boolean
  readonly version: string
  readonly now: number
}
/** Something the operator can mend: one clear line. */
export class BackupError extends Error {
  override readonly name = 'BackupError'
}

/**
 * One consistent file, made while the server goes on: SQLite copies a snapshot and nobody waits for it. Files are copied after
 * it, so each one that the database speaks of is there (they never change).
 * @throws BackupError
 */
export function backUp(options: BackupOptions): BackupFacts {
  const { database, files, key, now } = options
  const to = resolve(options.to)
  if (!existsSync(database)) throw new BackupError(`there is no Baton in ${dirname(database)}`)
  if (existsSync(to)) throw new BackupError(`${to} exists already: a backup never overwrites`)
  if (!existsSync(dirname(to))) throw new BackupError(`${dirname(to)} does not exist`)
  if (options.withKey && !key)
    throw new BackupError('--with-key: there is no key here (is BATON_KEY set for the server alone?)')
  const part = `${to}.part`
  rmSync(part, { force: true })
  const before = process.umask(0o077)
  try {
    closeSync(openSync(part, 'wx', 0o600)) // VACUUM takes an empty file, and keeps its mode
    const source = connect(database)
    try {
      source.exec(`VACUUM INTO '${part.replaceAll("'", "''")}'`)
    } finally {
      source.close()
    }
    const copy = connect(part)
    let count: number
    try {
      copy.exec('PRAGMA journal_mode = DELETE') // one file, no companions
      copy.exec('CREATE TABLE backup (at INTEGER, version TEXT, files INTEGER, fingerprint TEXT, key TEXT)')
      copy.exec('CREATE TABLE backup_files (path TEXT PRIMARY KEY, bytes BLOB NOT NULL)')
      count = takeFiles(copy, files)
      copy
        .prepare('INSERT INTO backup VALUES (?, ?, ?, ?, ?)')
        .run([
          now,
          options.version,
          count,
          key && fingerprintOf(key),
          options.withKey ? Buffer.from(key!).toString('base64') : null,
        ])
    } finally {
      copy.close()
    }
    const facts = factsOf(part)
    syncFile(part)
    renameSync(part, to)
    syncFile(dirname(to))
    return facts
  } catch (error) {
    rmSync(part, { force: true })
    throw outageOf(error, to)
  } finally {
    process.umask(before)
  }
}

function takeFiles(copy: Connection, folder: string): number {
  if (!existsSync(folder)) return 0
  const keep = copy.prepare('INSERT INTO backup_files VALUES (?, ?)')
  let count = 0
  copy.exec('BEGIN')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name)
    if (!statSync(path, { throwIfNoEntry: false })?.isFile()) continue
    keep.run([relative(folder, path), readFileSync(path)])
    count++
  }
  copy.exec('COMMIT')
  return count
}

/** What lies in a backup. @throws BackupError when it is none. */
export function factsOf(
  file: string,
): BackupFacts & { readonly fingerprint: string | null; readonly key: Uint8Array | null } {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new BackupError(`${file} does not exist`)
  const bytes = statSync(file).size
  let copy: Connection | null = null
  try {
    copy = connect(file)
    copy.exec('PRAGMA journal_mode = DELETE')
    const row = copy.prepare('SELECT at, version, files, fingerprint, key FROM backup').get()!
    const [at, version, files, fingerprint, key] = row
    const count = (table: string): number => copy!.prepare(`SELECT count(*) FROM ${table}`).get()![0] as number
    return {
      at: at as number,
      version: version as string,
      tasks: count('journal WHERE seq = 1') + count('archive'),
      entries: count('journal'),
      files: files as number,
      bytes,
      hasKey: key !== null,
      fingerprint: fingerprint as string | null,
      key: key === null ? null : new Uint8Array(Buffer.from(key as string, 'base64')),
    }
  } catch (cause) {
    throw new BackupError(`${file} is no backup that \`baton backup\` made, or it is damaged`, { cause })
  } finally {
    copy?.close()
  }
}
/** Tells keys apart without telling them. */
export const fingerprintOf = (key: Uint8Array): string => sign(keysOf(key).digest, 'fingerprint').slice(0, 16)

/** On disk, folder entries too. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
export const makePrivate = (path: string): void => chmodSync(path, 0o600)

function outageOf(error: unknown, to: string): unknown {
  const code = String((error as { code?: unknown } | null)?.code ?? '')
  const message = error instanceof Error ? error.message : String(error)
  if (/ENOSPC|SQLITE_FULL|disk is full/i.test(`${code} ${message}`))
    return new BackupError(`there is no room for the backup in ${dirname(to)}; nothing was left behind`, {
      cause: error,
    })
  if (/EACCES|EROFS|EPERM|SQLITE_(READONLY|CANTOPEN)/.test(code))
    return new BackupError(`${to} cannot be written (${message})`, { cause: error })
  return error
}
