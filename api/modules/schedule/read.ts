import {
  catalogue,
  decodeDocument,
  nextDue,
  timingOf,
  type CalendarDocument,
  type Database,
  type ScheduleDocument,
  type Timing,
  type Tx,
} from '../../../engine/index.ts'

type Row = catalogue.ScheduleRow
export type Named = Pick<Row, 'project' | 'name'>
export const nameOf = ({ project, name }: Named): string => `${project}/${name}`
/** A schedule: what is written of it, and what has become of it. */
export interface ScheduleView {
  readonly row: Row
  readonly document: ScheduleDocument
  readonly timing: Timing
}

/** Null: there is none of that name, or it cannot be understood any more. */
export function scheduleIn(tx: Tx, named: Named): ScheduleView | null {
  const row = catalogue.scheduleOf(tx, named)
  const document = row && decoded(catalogue.documentOf(tx, row.project, 'Schedule', row.name))
  return row && document?.kind === 'Schedule' ? viewOf(row, document, timingIn(tx, document)) : null
}
/** All of them, or these, with two looks into the catalogue however many there are. */
export function schedulesIn(tx: Tx, rows?: readonly Row[]): readonly ScheduleView[] {
  const documents = rows
    ? catalogue.documentsCalled(tx, 'Schedule', rows.map(nameOf))
    : catalogue.documentsOf(tx, 'Schedule')
  const stored = new Map(documents.map((row) => [nameOf(row), row]))
  const calendars = new Map(catalogue.documentsOf(tx, 'Calendar').map((row) => [nameOf(row), decoded(row)]))
  return (rows ?? catalogue.schedulesAll(tx)).flatMap((row) => {
    const document = decoded(stored.get(nameOf(row)))
    if (document?.kind !== 'Schedule') return []
    const { project } = row
    const timing = timingWith(document, (name) => calendars.get(nameOf({ project, name })))
    return viewOf(row, document, timing) ?? []
  })
}
const decoded = (row: catalogue.DocumentRow | undefined) => (row ? decodeDocument(row.document).document : null)
const viewOf = (row: Row, document: ScheduleDocument, timing: Timing | null): ScheduleView | null =>
  timing && { row, document, timing }

/** Null: its times cannot be understood, or its calendar has gone. */
export const timingIn = (tx: Tx, document: ScheduleDocument): Timing | null =>
  timingWith(document, (name) => decoded(catalogue.documentOf(tx, document.metadata.project, 'Calendar', name)))
function timingWith(
  { spec }: ScheduleDocument,
  calendarNamed: (name: string) => ReturnType<typeof decoded> | undefined,
): Timing | null {
  const found = spec.calendar === undefined ? undefined : calendarNamed(spec.calendar)
  if (spec.calendar !== undefined && found?.kind !== 'Calendar') return null
  try {
    return timingOf(spec, (found as CalendarDocument | undefined)?.spec ?? null) // of that kind, as just seen
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
