import {
  catalogue,
  decodeDocument,
  shownDues,
  timingOf,
  type ScheduleDocument,
  type ShownDue,
  type Timing,
} from '../../../engine/index.ts'
import { mayDo } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { builder } from '../../graphql/builder.ts'
import { textsOf } from '../../texts.ts'
import { Frozen } from '../freeze/freeze.ts'
import { frozenView } from '../freeze/frozen.ts'
import { timingIn } from './read.ts'

interface DueShape extends ShownDue {
  readonly zone: string
  readonly project: string
  readonly app: string
}
export const ScheduleDue = builder.objectRef<DueShape>('ScheduleDue').implement({
  description: 'A time at which a schedule will be due.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    local: t.string({
      description: 'What clocks in its zone show then: `2027-03-28 03:00 (UTC+02:00)`.',
      resolve: ({ wall, offsetMin }) => `${wall.replace('T', ' ')} (${offsetText(offsetMin)})`,
    }),
    note: t.string({
      nullable: true,
      description: 'What a change of clocks does to it, in the reader’s language; null: nothing.',
      resolve: ({ clocks }, _, { who }) =>
        clocks === null ? null : (textsOf(who.language).schedule.clocks[clocks] ?? null),
    }),
    frozen: t.field({
      type: Frozen,
      nullable: true,
      description: 'The freeze that holds then, as far as one is declared; null: none.',
      resolve: ({ project, app, at }, _, context) =>
        frozenView(context, { project, app, flow: context.library.app(project, app)?.spec.flow ?? '' }, at),
    }),
  }),
})
const offsetText = (minutes: number): string => {
  const two = (number: number): string => String(number).padStart(2, '0')
  const size = Math.abs(minutes)
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`
}

const MOST_DUES = 20
const USUAL_DUES = 5
/** The next due times of a schedule. @throws INVALID_INPUT */
export function duesOf(
  timing: Timing,
  { project, app }: { readonly project: string; readonly app: string },
  first: number | null | undefined,
  now: number,
): DueShape[] {
  const count = first ?? USUAL_DUES
  if (!(count >= 1 && count <= MOST_DUES)) throw badInput('first', 'OUT_OF_RANGE', `Ask for 1 to ${MOST_DUES}`)
  return shownDues(timing, now, count).map((due) => ({ ...due, zone: timing.zone, project, app }))
}
/** In the reader's language. */
export const missedText = ({ who }: Context, missed: string | undefined): string =>
  textsOf(who.language).schedule.whatIsMissed[missed === 'skip' ? 'skip' : 'runOnce'] ?? ''

interface PreviewShape {
  readonly document: ScheduleDocument
  readonly timing: Timing
  readonly first: number | null | undefined
}
const SchedulePreview = builder.objectRef<PreviewShape>('SchedulePreview').implement({
  description: 'When a schedule would be due, before there is one.',
  fields: (t) => ({
    timeZone: t.string({ resolve: ({ timing }) => timing.zone }),
    dues: t.field({
      type: [ScheduleDue],
      description: 'Empty: never.',
      resolve: ({ document, timing, first }, _, { now }) =>
        duesOf(timing, { project: document.metadata.project, app: document.spec.app }, first, now()),
    }),
    missedText: t.string({
      description: 'What becomes of what is missed, in the reader’s language.',
      resolve: ({ document }, _, context) => missedText(context, document.spec.missed),
    }),
  }),
})

builder.queryField('schedulePreview', (t) =>
  t.field({
    type: SchedulePreview,
    description:
      'When a schedule with this `spec` would be due: in its zone, through changes of clocks, by its calendar. Needs the right `operate`; changes nothing.',
    args: {
      project: t.arg.string(),
      app: t.arg.string({ description: 'Whose freezes count; any, unless said.' }),
      cron: t.arg.string(),
      at: t.arg.stringList(),
      timeZone: t.arg.string(),
      calendar: t.arg.string(),
      until: t.arg.string(),
      missed: t.arg.string({ description: '`runOnce` or `skip`.' }),
      first: t.arg.int({ description: 'Up to 20; 5 unless said.' }),
    },
    resolve: (_, { project, first, ...written }, context) => {
      const where = project ?? 'default'
      mayDo(context, 'operate', where)
      const document = documentOf(where, written)
      return { document, timing: timingFor(context, document), first }
    },
  }),
)
/** @throws INVALID_INPUT saying what cannot be read. */
function documentOf(project: string, written: Readonly<Record<string, unknown>>): ScheduleDocument {
  const said = Object.entries(written).filter(([, value]) => value != null)
  const spec = { app: 'any', ...Object.fromEntries(said) }
  const { document, errors } = decodeDocument({
    apiVersion: 'baton/v1',
    kind: 'Schedule',
    metadata: { name: 'preview', project },
    spec,
  })
  const [problem] = errors
  if (document?.kind === 'Schedule' && !problem) return document
  throw badInput(String(problem?.path.at(-1) ?? 'cron'), 'MALFORMED', problem?.message ?? 'expected a Schedule')
}
function timingFor(context: Context, document: ScheduleDocument): Timing {
  const { calendar } = document.spec
  const timing = context.db.read((tx) => timingIn(tx, document))
  if (timing) return timing
  const { project } = document.metadata
  if (calendar !== undefined && !context.db.read((tx) => catalogue.documentOf(tx, project, 'Calendar', calendar)))
    throw notFound('calendar', calendar)
  try {
    return timingOf(document.spec, null)
  } catch (error) {
    throw badInput('cron', 'MALFORMED', error instanceof Error ? error.message : String(error))
  }
}
