import { gunzipSync, gzipSync } from 'node:zlib'
import type { Recorded } from '../../core/events.ts'
import { SYSTEM, type Actor } from '../../core/state.ts'
import type { StoredEntry } from '../chain.ts'
import type { Database } from '../database.ts'
import type { Head } from '../task-store.ts'

type Stored = StoredEntry & { readonly hash: string }
/** A task that ended long ago. */
export interface Archived {
  readonly id: string
  readonly number: number
  readonly project: string
  readonly version: number
  readonly endedAt: number
  readonly archivedAt: number
  /** What lists showed of it. */
  readonly about: { readonly [name: string]: unknown }
}

/** Where the histories of tasks go that no list shows any more. Their bytes and hashes stay what they were. */
export interface Archive {
  find(ref: { id: string } | { number: number }): Archived | null
  /** Of a project (null: of all), by number, after this one. */
  list(project: string | null, afterNumber: number, limit: number): readonly Archived[]
  /** Entries as they were stored, oldest first. */
  entries(id: string): readonly Stored[]
  /** Call inside `write`. */
  put(task: Archived, body: Uint8Array): void
}

export function sqlArchive(db: Pick<Database, 'prepare'>): Archive {
  const columns = 'id, number, project, version, ended_at, archived_at, row'
  const byId = db.prepare(`SELECT ${columns} FROM archive WHERE id = ?`)
  const byNumber = db.prepare(`SELECT ${columns} FROM archive WHERE number = ?`)
  const listed = db.prepare(
    `SELECT ${columns} FROM archive WHERE number > ? AND (?2 IS NULL OR project = ?2) ORDER BY number LIMIT ?3`,
  )
  const body = db.prepare('SELECT body FROM archive WHERE id = ?')
  const put = db.prepare(
    'INSERT INTO archive (id, number, project, version, ended_at, archived_at, row, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  return {
    find(ref) {
      const row = 'id' in ref ? byId.get([ref.id]) : byNumber.get([ref.number])
      return row ? archivedOf(row) : null
    },
    list: (project, afterNumber, limit) => listed.all([afterNumber, project, limit]).map(archivedOf),
    entries(id) {
      const row = body.get([id])
      return row ? unpack(id, row[0] as Uint8Array) : []
    },
    put: (task, packed) =>
      void put.run([
        task.id,
        task.number,
        task.project,
        task.version,
        task.endedAt,
        task.archivedAt,
        JSON.stringify(task.about),
        packed,
      ]),
  }
}

/** One line per entry; the task stands beside them. */
export const pack = (entries: readonly Stored[]): Uint8Array =>
  gzipSync(entries.map(({ seq, at, actor, events, hash }) => JSON.stringify([seq, at, actor, events, hash])).join('\n'))
function unpack(task: string, body: Uint8Array): Stored[] {
  const text = gunzipSync(body).toString('utf8')
  return text.split('\n').map((line) => {
    const [seq, at, actor, events, hash] = JSON.parse(line) as [number, number, string, string, string] // see pack
    return { task, seq, at, actor, events, hash }
  })
}

/** An entry as the engine reads it. */
export const recordedOf = ({ seq, at, actor, events }: StoredEntry): Recorded => ({
  seq,
  at,
  by: actor === '' ? SYSTEM : (JSON.parse(actor) as Actor), // written by the store
  events: JSON.parse(events) as Recorded['events'],
})
export const headOf = (entries: readonly Stored[]): Head => {
  const last = entries.at(-1)
  return last
    ? { version: last.seq + (JSON.parse(last.events) as unknown[]).length - 1, hash: last.hash }
    : { version: 0, hash: '' }
}

const archivedOf = (row: readonly unknown[]): Archived => ({
  id: row[0] as string,
  number: row[1] as number,
  project: row[2] as string,
  version: row[3] as number,
  endedAt: row[4] as number,
  archivedAt: row[5] as number,
  about: JSON.parse(row[6] as string) as Archived['about'],
})
