import { catalogue, duesBetween, type Tx } from '../../../engine/index.ts'
import { dueAfter, keyOf, scheduleIn } from './read.ts'

/** Launched so much later it was missed: Baton was not running, or its clock jumped. */
const LATE_MS = 60_000

/**
 * Makes runs of what has become due. Of several due times that have passed, the last one stands for all (`runOnce`), or none where they
 * were missed and are to be left out. Repeatable: a run has its due time as its key.
 */
export function takeDue(tx: Tx, row: catalogue.ScheduleRow, now: number): void {
  const view = scheduleIn(tx, row)
  const dues = row.dueAt === null || view === null ? null : duesBetween(view.timing, row.dueAt - 1, now)
  // Its calendar has moved it, or it can no longer be understood.
  if (view === null || dues === null)
    return catalogue.changeSchedule(tx, row, { dueAt: dueAfter(view?.timing ?? null, now) })
  const { first, last, count } = dues
  const runs = view.document.spec.missed !== 'skip' || now - last <= LATE_MS
  const missed = runs ? count - 1 : count
  const at = { project: row.project, name: row.name, at: now, by: null, tries: 0, ...NOTHING }
  if (missed > 0)
    catalogue.addRun(tx, {
      ...at,
      key: `missed/${new Date(first).toISOString()}`,
      dueAt: first,
      state: 'missed',
      why: 'late',
      notBefore: null,
      count: missed,
    })
  if (runs)
    catalogue.addRun(tx, {
      ...at,
      key: keyOf(row.name, last),
      dueAt: last,
      state: 'waiting',
      why: 'due',
      notBefore: last,
      count: 1,
    })
  catalogue.changeSchedule(tx, row, { dueAt: dueAfter(view.timing, last) })
}
const NOTHING = { message: null, taskId: null, endedAt: null }
