import {
  catalogue,
  decodeDocument,
  nextDue,
  timingOf,
  type Database,
  type ScheduleDocument,
  type Timing,
  type Tx,
} from '../../../engine/index.ts'

type Row = catalogue.ScheduleRow
export type Named = Pick<Row, 'project' | 'name'>
/** A schedule: what is written of it, and what has become of it. */
export interface ScheduleView {
  readonly row: Row
  readonly document: ScheduleDocument
  readonly timing: Timing
}

/** Null: there is none of that name, or it cannot be understood any more. */
export function scheduleIn(tx: Tx, named: Named): ScheduleView | null {
  const row = catalogue.scheduleOf(tx, named)
  return row ? viewOf(tx, row) : null
}
export const schedulesIn = (tx: Tx): readonly ScheduleView[] =>
  catalogue.schedulesAll(tx).flatMap((row) => viewOf(tx, row) ?? [])

function viewOf(tx: Tx, row: Row): ScheduleView | null {
  const stored = catalogue.documentOf(tx, row.project, 'Schedule', row.name)
  const document = stored && decodeDocument(stored.document).document
  if (document?.kind !== 'Schedule') return null
  const timing = timingIn(tx, document)
  return timing && { row, document, timing }
}
/** Null: its times cannot be understood, or its calendar has gone. */
export function timingIn(tx: Tx, { metadata, spec }: ScheduleDocument): Timing | null {
  const { calendar: name } = spec
  const stored = name === undefined ? undefined : catalogue.documentOf(tx, metadata.project, 'Calendar', name)
  const calendar = stored && decodeDocument(stored.document).document
  if (name !== undefined && calendar?.kind !== 'Calendar') return null
  try {
    return timingOf(spec, calendar?.kind === 'Calendar' ? calendar.spec : null)
  } catch {
    return null
  }
}

/** `schedule/<name>/<due time>`: the same is launched once. */
export const keyOf = (name: string, dueAt: number): string => `schedule/${name}/${new Date(dueAt).toISOString()}`
/** Whose launch keys these are: the schedule's own, whoever owns it. */
export const CLIENT = 'schedules'

/** The person it launches as; whoever they were merged into. Null: nobody, or somebody suspended. */
export function ownerOf(db: Database, { owner }: Pick<Row, 'owner'>): catalogue.Person | null {
  let person = owner === null ? undefined : db.read((tx) => catalogue.personById(tx, owner))
  for (let hops = 0; person?.mergedInto != null && hops < 10; hops += 1) {
    const { mergedInto } = person
    person = db.read((tx) => catalogue.personById(tx, mergedInto))
  }
  return person?.active ? person : null
}

/** When it is due next, seen from now. */
export const dueAfter = (timing: Timing | null, now: number): number | null =>
  timing === null ? null : nextDue(timing, now)
