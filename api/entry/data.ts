import { randomBytes } from 'node:crypto'
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, keyOf, type Config } from './config.ts'

/** What lies in the data folder. */
export interface DataFolder {
  readonly database: string
  /** Keys and homes of the example hosts; there means example mode. */
  readonly examples: string
  /** What steps and people gave to keep. */
  readonly files: string
  /** What remote plugins last said of themselves. */
  readonly remotes: string
  /** No start on this folder has come through yet: one that failed half-way (a port in use) is begun anew. */
  readonly isFirstStart: boolean
  /** A start came through. */
  noteStarted(): void
}
/** Makes the folder, for this user alone. @throws ConfigError when it cannot be written. */
export function openData(path: string): DataFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700)
    accessSync(path, constants.W_OK)
  } catch (error) {
    throw new ConfigError(`BATON_DATA: ${path} cannot be used (${(error as Error).message})`)
  }
  const database = databaseIn(path)
  const started = join(path, 'started')
  return {
    database,
    examples: join(path, 'examples'),
    files: join(path, 'files'),
    remotes: join(path, 'remote-plugins.json'),
    isFirstStart: !existsSync(started),
    noteStarted: () => writeFileSync(started, '', { mode: 0o600 }),
  }
}
export const databaseIn = (path: string): string => join(path, 'baton.db')

/** The key that a start on this folder would use; null: there is none yet, or it is the server's alone. Makes nothing. */
export function keyAt(path: string, env: Readonly<Record<string, string | undefined>>): Uint8Array | null {
  const file = join(path, 'key')
  return keyOf(env['BATON_KEY'] || (existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined))
}

/** The key that seals secrets: configured, else kept in the folder, else made. Without it the secrets in the database are lost. */
export function openKey(path: string, configured: Config['key']): Uint8Array {
  if (configured) return configured
  const file = join(path, 'key')
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' })
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
  return keyOf(readFileSync(file, 'utf8').trim())!
}
