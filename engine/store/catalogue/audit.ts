import { hash } from 'node:crypto'
import { and, asc, desc, eq, gt, gte, inArray, lt, sql, type SQL } from 'drizzle-orm'
import type { Actor } from '../../core/state.ts'
import type { Tx } from '../database.ts'
import { sign } from '../seal.ts'
import { audit, mutationAnswers } from './tables/audit.ts'

export type AuditRow = typeof audit.$inferSelect

/** Adds one line. `detail` must be masked already: the audit is exported. `key` signs it: `Keys.audit`, null where it is not at hand. */
export function addAudit(
  tx: Tx,
  entry: { at: number; by: Actor; what: string; target?: string | null; allowed: boolean; detail?: unknown },
  key: Uint8Array | null = null,
): void {
  const { at, by, what, allowed } = entry
  const before = hashBefore(tx)
  const row = tx
    .insert(audit)
    .values({
      at,
      person: by.person,
      name: by.name,
      token: by.token ?? null,
      surface: by.surface,
      what,
      target: entry.target ?? null,
      allowed,
      detail: entry.detail ?? null,
    })
    .returning()
    .get()
  link(tx, row, before, key)
}

/** What is hashed of a row: its stored values, in the order of the table. */
export const auditCells = (row: AuditRow): readonly unknown[] => [
  row.id,
  row.at,
  row.person,
  row.name,
  row.token,
  row.surface,
  row.what,
  row.target,
  row.allowed,
  row.detail,
]
export const hashOfAudit = (before: string, cells: readonly unknown[]): string =>
  hash('sha256', `${before}\n${JSON.stringify(cells)}`, 'hex')
export const macOfAudit = (key: Uint8Array, rowHash: string): string => sign(key, `audit\n${rowHash}`)

/** Returns the hash of the row. */
function link(tx: Tx, row: AuditRow, before: string, key: Uint8Array | null): string {
  const own = hashOfAudit(before, auditCells(row))
  tx.update(audit)
    .set({ hash: own, mac: key && macOfAudit(key, own) })
    .where(eq(audit.id, row.id))
    .run()
  return own
}
/** Rows of a version before the chain join it with the first one that is added now. */
function hashBefore(tx: Tx): string {
  const last = tx.select({ hash: audit.hash }).from(audit).orderBy(desc(audit.id)).limit(1).get()
  if (!last) return ''
  if (last.hash !== null) return last.hash
  return tx
    .select()
    .from(audit)
    .orderBy(asc(audit.id))
    .all()
    .reduce((before, row) => row.hash ?? link(tx, row, before, null), '')
}

/** What of the audit is wanted; all that is given holds. */
export interface AuditFilter {
  /** A person's id. */
  readonly person?: string
  /** Name of the mutation, or of the door: `launch`, `signIn`. */
  readonly what?: readonly string[]
  /** Any of them: a task is written down as it was named. */
  readonly target?: readonly string[]
  /** Acts on a task, its steps and asks, and its launch. */
  readonly task?: AuditTask
  /** Acts on an app and on its tasks. */
  readonly app?: { readonly project: string; readonly name: string }
  readonly from?: number
  readonly to?: number
  readonly allowed?: boolean
}
export interface AuditTask {
  readonly id: string
  readonly number: number
  readonly createdAt: number
}
/** Newest first, before the given id. */
export const listAudit = (tx: Tx, limit: number, before: number | null, filter: AuditFilter = {}): AuditRow[] =>
  tx
    .select()
    .from(audit)
    .where(and(before === null ? undefined : lt(audit.id, before), ...wanted(tx, filter)))
    .orderBy(desc(audit.id))
    .limit(limit)
    .all()
function wanted(tx: Tx, filter: AuditFilter): (SQL | undefined)[] {
  const { person, what, target, task, app, from, to, allowed } = filter
  return [
    person === undefined ? undefined : eq(audit.person, person),
    what === undefined ? undefined : inArray(audit.what, [...what]),
    target === undefined ? undefined : inArray(audit.target, [...target]),
    task === undefined ? undefined : sql`${audit.id} IN (${ofTask(task)})`,
    app === undefined ? undefined : ofApp(tx, app),
    // A literal, so that the index of refusals is seen to fit.
    allowed === undefined ? undefined : allowed ? sql`${audit.allowed} = 1` : sql`${audit.allowed} = 0`,
    // Rows are added in the order of their time: a time is a place in the table, found by its index.
    from === undefined ? undefined : gte(audit.id, idAt(tx, from)),
    to === undefined ? undefined : lt(audit.id, idAt(tx, to)),
  ]
}
/** An act names its task by id or number, and its ask by `<task>-<n>`; a launch names the app, and in its detail what came of it. */
const ofTask = ({ id, number, createdAt }: AuditTask): SQL => sql`
  SELECT id FROM audit WHERE target IN (${id}, ${String(number)}, ${`#${number}`})
  UNION SELECT id FROM audit WHERE target > ${`${id}-`} AND target < ${`${id}.`}
  UNION SELECT id FROM audit WHERE what = 'launch' AND detail ->> 'task' = ${id}
    AND at BETWEEN ${createdAt - LAUNCH_MS} AND ${createdAt + LAUNCH_MS}`
/** A launch is written down when its task is on disk. */
const LAUNCH_MS = 60_000
/** Up to so many tasks of an app, what was done to them is gathered by its index; where there are more, the newest rows soon have some. */
const GATHERED = 2_000
function ofApp(tx: Tx, { project, name }: { readonly project: string; readonly name: string }): SQL {
  const tasks = tx.all(
    sql`SELECT 1 FROM task_index WHERE project = ${project} AND app = ${name} LIMIT ${GATHERED + 1}`,
  ).length
  const own = sql`${audit.target} IN (${name}, ${`App/${name}`})`
  if (tasks <= GATHERED)
    return sql`(${own} OR ${audit.id} IN (SELECT a.id FROM task_index t JOIN audit a
      ON a.target IN (t.id, '' || t.number, '#' || t.number) OR (a.target > t.id || '-' AND a.target < t.id || '.')
      WHERE t.project = ${project} AND t.app = ${name}))`
  return sql`(${own} OR EXISTS (SELECT 1 FROM task_index t
    WHERE t.id = substr(${audit.target}, 1, instr(${audit.target} || '-', '-') - 1) AND t.project = ${project} AND t.app = ${name}))`
}
const idAt = (tx: Tx, at: number): number =>
  tx.select({ id: audit.id }).from(audit).where(gte(audit.at, at)).orderBy(asc(audit.at), asc(audit.id)).limit(1).get()
    ?.id ?? Number.MAX_SAFE_INTEGER
/** Oldest first, for export. */
export const auditAfter = (tx: Tx, id: number, limit: number): AuditRow[] =>
  tx.select().from(audit).where(gt(audit.id, id)).orderBy(asc(audit.id)).limit(limit).all()

const KEPT_MS = 7 * 24 * 3_600_000
export type MutationAnswer = typeof mutationAnswers.$inferSelect
export const answerOf = (tx: Tx, client: string, mutationId: string): MutationAnswer | undefined =>
  tx
    .select()
    .from(mutationAnswers)
    .where(and(eq(mutationAnswers.client, client), eq(mutationAnswers.mutationId, mutationId)))
    .get()
export function keepAnswer(tx: Tx, row: MutationAnswer): void {
  tx.delete(mutationAnswers)
    .where(lt(mutationAnswers.at, row.at - KEPT_MS))
    .run()
  tx.insert(mutationAnswers).values(row).onConflictDoNothing().run()
}
