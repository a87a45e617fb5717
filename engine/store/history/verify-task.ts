import type { Exporting } from './export.ts'
import { TaskCheck, type Fault } from './task-check.ts'

const PAGE = 500

/** The history of one task as it lies in the store, against its signed heads and what the catalogue knows of it. Null: whole. */
export function verifyTask(from: Omit<Exporting, 'now'>, taskId: string): Omit<Fault, 'task'> | null {
  const { db, store, heads, archive, keys } = from
  let first: Omit<Fault, 'task'> | null = null
  const check = new TaskCheck(taskId, (fault) => (first ??= fault))
  for (const head of heads.of(taskId)) check.signed(head, keys.audit)
  const kept = archive.find({ id: taskId })
  if (kept) for (const entry of archive.entries(taskId)) check.entry(entry)
  else
    for (let page = store.stored(taskId, 0, PAGE); page.length > 0;) {
      for (const entry of page) check.entry(entry)
      page = page.length < PAGE ? [] : store.stored(taskId, check.reached.version, PAGE)
    }
  const known = kept ? kept.version : db.prepare('SELECT version FROM task_index WHERE id = ?').get([taskId])?.[0]
  check.end((known as number | undefined) ?? 0)
  return first
}
