import { createHash } from 'node:crypto'
import { auditAfter, auditCells } from '../catalogue/audit.ts'
import type { StoredEntry } from '../chain.ts'
import type { Database, Row } from '../database.ts'
import type { Keys } from '../seal.ts'
import type { TaskStore } from '../task-store.ts'
import { headOf, type Archive } from './archive.ts'
import type { Heads } from './heads.ts'
import { EXPORT_FORMAT, type Line, type Scope, type TaskLine } from './lines.ts'
import { publicKeyOf, signedText, signText } from './signature.ts'

export interface Exporting {
  readonly db: Database
  readonly store: TaskStore
  readonly heads: Heads
  readonly archive: Archive
  readonly keys: Keys
  readonly now: () => number
}
/** Entries read at once: a history of fewer is read in one piece, whatever happens meanwhile. */
const PAGE = 2_000
const TASKS = 200

/**
 * An exported history, line by line without the line ends. A task is read when its turn comes, so a large export holds up
 * nobody; the last line signs all before it.
 */
export function* exportLines(from: Exporting, scope: Scope): Generator<string, void> {
  const digest = createHash('sha256')
  let count = 0
  for (const line of unsigned(from, scope)) {
    const text = JSON.stringify(line)
    digest.update(`${text}\n`)
    count++
    yield text
  }
  const sha256 = digest.digest('hex')
  const signature = signText(from.keys.exports, signedText(count, sha256))
  yield JSON.stringify({ kind: 'signature', lines: count, sha256, signature } satisfies Line)
}

function* unsigned(from: Exporting, scope: Scope): Generator<Line, void> {
  const publicKey = publicKeyOf(from.keys.exports)
  yield { kind: 'baton.history', format: EXPORT_FORMAT, at: from.now(), scope, publicKey }
  const told = new Set<string>()
  const isAll = scope.task === undefined && scope.project === undefined
  const isAudit = scope.audit === true
  // Counted first: what is signed while this is read may be among the tasks or not.
  const ever = isAll ? countersOf(from.db) : null
  const lastHead = from.heads.last().id
  for (const task of isAudit ? [] : tasksOf(from, scope)) {
    if (told.has(task.id)) continue // went into the archive meanwhile
    told.add(task.id)
    yield* linesOf(from, task, isAll ? lastHead : Infinity)
  }
  if (!ever) return
  let lastRow = 0
  for (;;) {
    const rows = from.db.read((tx) => auditAfter(tx, lastRow, PAGE)).filter(({ id }) => id <= ever.audit)
    if (rows.length === 0) break
    for (const row of rows) yield { kind: 'audit', id: row.id, cells: auditCells(row), hash: row.hash, mac: row.mac }
    lastRow = rows.at(-1)!.id
  }
  yield { kind: 'audit_end', last: ever.audit, heads: isAudit ? 0 : ever.heads }
}

function* linesOf(from: Exporting, task: TaskLine, lastHead: number): Generator<Line, void> {
  yield task
  const { heads, store, archive } = from
  for (const head of heads.of(task.id)) if (head.id <= lastHead) yield { kind: 'head', ...head }
  let reached = { version: 0, hash: '' }
  let entries = 0
  for (;;) {
    const page = task.archived ? archive.entries(task.id) : store.stored(task.id, reached.version, PAGE)
    for (const { task: of, seq, at, actor, events, hash } of page)
      yield { kind: 'entry', task: of, seq, at, actor, events, hash }
    entries += page.length
    if (page.length > 0) reached = endOf(page)
    if (task.archived || page.length < PAGE) break
  }
  yield { kind: 'end', task: task.id, entries, ...reached }
}
/** Bytes that were tampered with may be no list of events any more: they are exported all the same, for `verify` to tell. */
function endOf(page: readonly (StoredEntry & { readonly hash: string })[]): { version: number; hash: string } {
  try {
    return headOf(page)
  } catch {
    const { seq, hash } = page.at(-1)!
    return { version: seq, hash }
  }
}

/** Live ones first, so that one that goes into the archive meanwhile is not missed. */
function* tasksOf({ db, archive }: Exporting, { task, project }: Scope): Generator<TaskLine, void> {
  const columns =
    'id, version, number, project, title, flow, app, phase, outcome, started_by, created_at, ended_at, rehearsal'
  if (task !== undefined) {
    const row = db.prepare(`SELECT ${columns} FROM task_index WHERE id = ?`).get([task])
    const kept = row ? null : archive.find({ id: task })
    if (row) yield lineOf(row)
    else if (kept) yield archivedLine(kept)
    return
  }
  const page = db.prepare(
    `SELECT ${columns} FROM task_index WHERE number > ? AND (?2 IS NULL OR project = ?2) ORDER BY number LIMIT ?3`,
  )
  for (let after = -1; ;) {
    const rows = page.all([after, project ?? null, TASKS])
    for (const row of rows) yield lineOf(row)
    if (rows.length < TASKS) break
    after = rows.at(-1)![2] as number
  }
  for (let after = -1; ;) {
    const kept = archive.list(project ?? null, after, TASKS)
    for (const one of kept) yield archivedLine(one)
    if (kept.length < TASKS) break
    after = kept.at(-1)!.number
  }
}
const archivedLine = ({ id, version, about }: { id: string; version: number; about: TaskLine['about'] }): TaskLine => ({
  kind: 'task',
  id,
  about,
  version,
  archived: true,
})
export function aboutOf(row: Row): TaskLine['about'] {
  const [, , number, project, title, flow, app, phase, outcome, startedBy, createdAt, endedAt, rehearsal] = row
  return {
    number,
    project,
    title,
    flow,
    app,
    phase,
    outcome,
    startedBy,
    createdAt,
    endedAt,
    rehearsal: rehearsal === 1,
  }
}
const lineOf = (row: Row): TaskLine => ({
  kind: 'task',
  id: row[0] as string,
  about: aboutOf(row),
  version: row[1] as number,
  archived: false,
})

/** How many rows there ever were: SQLite counts on when rows at the end are removed. */
export function countersOf(db: Database): { audit: number; heads: number } {
  const rows = db.prepare("SELECT name, seq FROM sqlite_sequence WHERE name IN ('audit', 'heads')").all()
  const of = (name: string): number => (rows.find((row) => row[0] === name)?.[1] as number | undefined) ?? 0
  return { audit: of('audit'), heads: of('heads') }
}
