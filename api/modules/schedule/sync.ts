import { catalogue, decodeDocument, EngineError, timingOf, type Actor, type Tx } from '../../../engine/index.ts'
import { dueAfter, schedulesIn, timingIn, type Named } from './read.ts'

interface Changed extends Named {
  readonly kind: string
}
/**
 * What follows from a document that was created or changed, in the same transaction: a schedule belongs to whoever wrote it last, and is
 * launched with their rights; a calendar moves the schedules that keep to it; whoever waits for the end of a freeze looks again.
 * @throws INVALID_INPUT when a schedule's times make no sense, as it stands now.
 */
export function followDocument(tx: Tx, { kind, project, name }: Changed, by: Actor, now: number): void {
  if (kind === 'Freeze') releaseFrozen(tx, project, now)
  if (kind === 'Calendar') followCalendar(tx, project, name, now)
  if (kind === 'Schedule') followSchedule(tx, { project, name }, by, now)
}
/** It is not due again, and nobody has paused it. */
export function isOver(tx: Tx, { project, name }: Named): boolean {
  const row = catalogue.scheduleOf(tx, { project, name })
  return row !== undefined && row.dueAt === null && row.pausedAt === null
}
/** What follows from a document that was taken out. */
export function followRemoval(tx: Tx, { kind, project, name }: Changed, now: number): void {
  if (kind === 'Freeze') releaseFrozen(tx, project, now)
  if (kind === 'Schedule') catalogue.dropSchedule(tx, { project, name })
}

type Paused = Pick<catalogue.ScheduleRow, 'pausedAt' | 'pausedBy' | 'pausedWhy' | 'pausedReason'>
export const NOT_PAUSED: Paused = { pausedAt: null, pausedBy: null, pausedWhy: null, pausedReason: null }

function followSchedule(tx: Tx, { project, name }: Named, by: Actor, now: number): void {
  // As it is kept: several managers may have written parts of it.
  const stored = catalogue.documentOf(tx, project, 'Schedule', name)
  const { document, errors } = decodeDocument(stored?.document)
  if (document?.kind !== 'Schedule') throw senseless(errors[0]?.message ?? 'expected a Schedule')
  try {
    timingOf(document.spec, null)
  } catch (error) {
    throw senseless(error instanceof Error ? error.message : String(error))
  }
  const known = catalogue.scheduleOf(tx, { project, name })
  const owner = by.person ?? known?.owner ?? null
  const dueAt = dueAfter(timingIn(tx, document), now)
  catalogue.putSchedule(tx, { ...pausedNow(known, owner, now), project, name, owner, dueAt })
}
const senseless = (message: string): EngineError =>
  new EngineError('INVALID_INPUT', { message, fields: [{ field: 'spec', code: 'DOCUMENT', message }] })
/** What a person has paused stays so; what Baton has paused goes on with its new owner. */
function pausedNow(known: Paused | undefined, owner: string | null, now: number): Paused {
  if (known?.pausedWhy === 'person') return known
  return owner === null ? { ...NOT_PAUSED, pausedAt: now, pausedWhy: 'no_owner' } : NOT_PAUSED
}

function followCalendar(tx: Tx, project: string, calendar: string, now: number): void {
  for (const { row, document, timing } of schedulesIn(tx))
    if (row.project === project && document.spec.calendar === calendar)
      catalogue.changeSchedule(tx, row, { dueAt: dueAfter(timing, now) })
}
function releaseFrozen(tx: Tx, project: string, now: number): void {
  for (const row of catalogue.schedulesAll(tx))
    if (row.project === project)
      for (const run of catalogue.waitingOf(tx, row))
        if (run.why === 'freeze') catalogue.settleRun(tx, run.id, { notBefore: now })
}
