import { randomUUID } from 'node:crypto'
import { catalogue, EngineError } from '../../../engine/index.ts'
import { somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act, LONGEST_ID } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, open, pageSize, seal } from '../../graphql/connection.ts'
import { words } from '../../graphql/enums.ts'
import { pieceOf, says } from '../../graphql/piece.ts'
import { refusalText, textsOf } from '../../texts.ts'
import { AvailableAction } from '../app/app.ts'
import { Frozen } from '../freeze/freeze.ts'
import { frozenView } from '../freeze/frozen.ts'
import { personOf } from '../person/load.ts'
import { Person } from '../person/person.ts'
import { launch } from '../task/launch.ts'
import { findTask } from '../task/load.ts'
import { Task } from '../task/task-ref.ts'
import { duesAfter } from './dues.ts'
import { duesOf, missedText, ScheduleDue } from './preview.ts'
import { dueAfter, nameOf, scheduleIn, schedulesIn, type ScheduleView } from './read.ts'
import {
  actionsOn,
  holdManaging,
  lookForOwners,
  mayManage,
  maySee,
  ownerMayLaunch,
  mayLaunchIt,
  ownerSeen,
  scheduleNamed,
  seesSchedules,
} from './rights.ts'
import { NOT_PAUSED } from './sync.ts'

type Run = catalogue.ScheduleRun

const ScheduleState = words('ScheduleState', ['active', 'paused', 'ended'])
const Overlap = words('ScheduleOverlap', ['skip', 'queue', 'allow'])
const Missed = words('ScheduleMissed', ['run_once', 'skip'])
const RunState = words('ScheduleRunState', ['waiting', 'launched', 'skipped', 'missed', 'failed'])

const ScheduleRun = builder.objectRef<Run>('ScheduleRun').implement({
  description: 'One due time, or one launch by hand, and what became of it.',
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => String(id) }),
    dueAt: t.field({ type: 'DateTime', resolve: ({ dueAt }) => dueAt }),
    at: t.field({ type: 'DateTime', description: 'When that was settled last.', resolve: ({ at }) => at }),
    state: t.field({ type: RunState, resolve: ({ state }) => state as typeof RunState.$inferType }), // one of these words
    why: t.exposeString('why', {
      nullable: true,
      description: '`due overlap freeze merged paused full late`, or the code of the refusal.',
    }),
    text: t.string({ description: 'In the reader’s language.', resolve: (run, _, context) => textOf(context, run) }),
    count: t.exposeInt('count', { description: 'How many due times this stands for, up to a thousand.' }),
    by: t.field({
      type: Person,
      nullable: true,
      description: 'Who launched it by hand; null: it was due.',
      resolve: ({ by }, _, context) => personOf(context, by),
    }),
    notBefore: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Of one that waits for the end of a freeze: when that is, as far as it is known.',
      resolve: ({ state, notBefore }) =>
        state !== 'waiting' || notBefore === null || notBefore >= catalogue.WAITS_FOR_OTHERS ? null : notBefore,
    }),
    task: t.field({
      type: Task,
      nullable: true,
      description: 'Null too for whoever may not see it.',
      resolve: ({ taskId }, _, context) => (taskId === null ? null : findTask(context, taskId)),
    }),
  }),
})
function textOf({ who, db }: Context, { state, why, message, count, by }: Run): string {
  const texts = textsOf(who.language).schedule
  const person = by === null ? undefined : db.read((tx) => catalogue.personById(tx, by))
  switch (state) {
    case 'launched':
      return person ? texts.byHand(person.name) : texts.launched
    case 'missed':
      return texts.missed(count)
    case 'skipped':
      return texts.skipped[why ?? ''] ?? ''
    case 'failed':
      return refusalText(
        new EngineError((why ?? 'UNAVAILABLE') as EngineError['code'], { ...(message !== null && { message }) }), // as it was refused with
        who.language,
        who.timeZone,
      )
    default:
      return texts.waiting[why ?? ''] ?? ''
  }
}
const ScheduleRunConnection = connectionOf('ScheduleRun', ScheduleRun, { counted: false })

const MOST_DUES = 20
const Schedule = builder.objectRef<ScheduleView>('Schedule').implement({
  description: 'When an app is launched by itself.',
  fields: (t) => ({
    id: t.id({ resolve: ({ row }) => `schedule:${row.project}/${row.name}` }),
    name: t.string({ resolve: ({ row }) => row.name }),
    project: t.string({ resolve: ({ row }) => row.project }),
    title: t.string({ resolve: ({ document }) => document.metadata.title }),
    app: t.string({ description: 'Name of the app.', resolve: ({ document }) => document.spec.app }),
    appTitle: t.string({
      resolve: ({ row, document }, _, { library }) =>
        library.app(row.project, document.spec.app)?.title ?? document.spec.app,
    }),
    variables: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What the form is filled in with; null for whoever does not manage it.',
      resolve: (view, _, context) => (mayManage(context, view) ? (view.document.spec.variables ?? {}) : null),
    }),
    cron: t.string({ nullable: true, resolve: ({ document }) => document.spec.cron ?? null }),
    at: t.stringList({ resolve: ({ document }) => [...(document.spec.at ?? [])] }),
    timeZone: t.string({ resolve: ({ timing }) => timing.zone }),
    overlap: t.field({ type: Overlap, resolve: ({ document }) => document.spec.overlap ?? 'skip' }),
    missed: t.field({
      type: Missed,
      description: 'Of what became due while Baton was not running, or during a freeze.',
      resolve: ({ document }) => (document.spec.missed === 'skip' ? 'skip' : 'run_once'),
    }),
    calendar: t.string({ nullable: true, resolve: ({ document }) => document.spec.calendar ?? null }),
    until: t.string({ nullable: true, resolve: ({ document }) => document.spec.until ?? null }),
    owner: t.field({
      type: Person,
      nullable: true,
      description: 'With whose rights it is launched: who wrote it last, or took it over.',
      resolve: (view, _, context) => ownerSeen(context, view),
    }),
    state: t.field({ type: ScheduleState, resolve: ({ row }) => stateOf(row) }),
    pausedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ row }) => row.pausedAt }),
    pausedText: t.string({
      nullable: true,
      description: 'By whom or why it is paused, in the reader’s language.',
      resolve: ({ row }, _, { who }) => {
        if (row.pausedAt === null) return null
        const texts = textsOf(who.language)
        if (row.pausedBy === null) return texts.schedule.paused[row.pausedWhy ?? ''] ?? ''
        return `${texts.schedule.pausedBy(row.pausedBy)}${row.pausedReason ? `${texts.colon}${row.pausedReason}` : ''}`
      },
    }),
    nextDue: t.field({
      type: ['DateTime'],
      description: 'When it is due next; empty while it is paused.',
      args: { first: t.arg.int() },
      resolve: (view, { first }, { db, now }) => {
        if (first != null && (first < 1 || first > MOST_DUES))
          throw badInput('first', 'OUT_OF_RANGE', `Ask for 1 to ${MOST_DUES}`)
        return view.row.pausedAt === null ? [...duesAfter(db, view, now(), first ?? 3)] : []
      },
    }),
    dues: t.field({
      type: [ScheduleDue],
      description: 'When it is due next, as clocks in its zone show it; empty while it is paused.',
      args: { first: t.arg.int({ description: 'Up to 20; 5 unless said.' }) },
      resolve: ({ row, timing, document }, { first }, { now }) =>
        row.pausedAt === null ? duesOf(timing, { project: row.project, app: document.spec.app }, first, now()) : [],
    }),
    missedText: t.string({
      description: 'What becomes of what is missed, in the reader’s language.',
      resolve: ({ document }, _, context) => missedText(context, document.spec.missed),
    }),
    frozen: t.field({
      type: Frozen,
      nullable: true,
      description: 'The freeze that would hold when it is due next; null: none.',
      resolve: ({ row, document, timing }, _, context) => {
        const known = row.dueAt !== null && row.dueAt > context.now() ? row.dueAt : dueAfter(timing, context.now())
        const due = row.pausedAt === null ? known : null
        const flow = context.library.app(row.project, document.spec.app)?.spec.flow ?? ''
        return due === null ? null : frozenView(context, { project: row.project, app: document.spec.app, flow }, due)
      },
    }),
    runs: t.field({
      type: ScheduleRunConnection,
      description: 'What became of its due times, newest first; the last 500 are kept.',
      args: { first: t.arg.int(), after: t.arg.string() },
      resolve: ({ row }, { first, after }, { db }) => {
        const size = pageSize(first)
        const before = after ? Number(open(after)) : null
        if (before !== null && !Number.isSafeInteger(before))
          throw badInput('after', 'MALFORMED', 'This is no cursor of this list')
        const rows = db.read((tx) => catalogue.runsOf(tx, row, size + 1, before))
        const nodes = rows.slice(0, size)
        return { nodes, cursorOf: ({ id }) => seal(String(id)), hasNextPage: rows.length > size, totalCount: 0 }
      },
    }),
    availableActions: t.field({
      type: [AvailableAction],
      description: '`pause resume run take`',
      resolve: (view, _, context) => [...actionsOn(context, view)],
    }),
  }),
})
const stateOf = ({ pausedAt, dueAt }: catalogue.ScheduleRow): 'active' | 'paused' | 'ended' =>
  pausedAt !== null ? 'paused' : dueAt === null ? 'ended' : 'active'

builder.queryFields((t) => ({
  schedules: t.field({
    type: [Schedule],
    description: 'Those that are due next first. `after` is `project/name` of the last one shown.',
    args: {
      project: t.arg.string(),
      first: t.arg.int({ description: 'Up to 100; 50 unless said.' }),
      after: t.arg.string(),
      search: t.arg.string({ description: 'Part of its name, its title or its app.' }),
    },
    resolve: (_, { project, search, ...piece }, context) => {
      const sees = seesSchedules(context)
      const due = (row: catalogue.ScheduleRow): number => (row.pausedAt === null ? (row.dueAt ?? Infinity) : Infinity)
      const heads = context.db
        .read(catalogue.scheduleHeads)
        .filter((row) => (project == null || row.project === project) && sees(row))
        .filter(({ name, title, app }) => says([name, title, app], search))
        .sort((a, b) => due(a) - due(b) || a.title.localeCompare(b.title) || (nameOf(a) < nameOf(b) ? -1 : 1))
      const shown = pieceOf(heads, nameOf, piece)
      lookForOwners(context, shown)
      return [...context.db.read((tx) => schedulesIn(tx, shown))]
    },
  }),
  schedule: t.field({
    type: Schedule,
    nullable: true,
    args: { name: t.arg.string({ required: true }), project: t.arg.string() },
    resolve: (_, { name, project }, context) => {
      somebody(context)
      const view = context.db.read((tx) => scheduleIn(tx, { project: project ?? 'default', name }))
      return view && maySee(context, view) ? view : null
    },
  }),
}))

const LONGEST_REASON = 4_000
/** One act on a schedule: visible, allowed, audited. Answers with how it stands then. */
function onSchedule(
  context: Context,
  what: string,
  { name, project }: { readonly name: string; readonly project?: string | null | undefined },
  work: (view: ScheduleView) => Promise<void>,
  detail?: object,
): Promise<ScheduleView> {
  return act(
    context,
    what,
    `${project ?? 'default'}/${name}`,
    async () => {
      const view = scheduleNamed(context, name, project)
      holdManaging(context, view)
      await work(view)
      context.scheduler.wake()
      const after = context.db.read((tx) => scheduleIn(tx, view.row))
      if (!after) throw notFound('schedule', name) // taken out meanwhile
      return after
    },
    detail,
  )
}

builder.mutationFields((t) => {
  const on = { name: t.arg.string({ required: true }), project: t.arg.string() }
  return {
    pauseSchedule: t.field({
      type: Schedule,
      description: 'Nothing is launched by it until `resumeSchedule`; what waits is left out. Its tasks go on.',
      args: { ...on, reason: t.arg.string() },
      resolve: (_, { reason, ...named }, context) => {
        const said = reason?.trim() || null
        if ((said?.length ?? 0) > LONGEST_REASON)
          throw badInput('reason', 'TOO_LONG', `Say it in ${LONGEST_REASON} characters`)
        return onSchedule(
          context,
          'pauseSchedule',
          named,
          ({ row }) =>
            context.db.write((tx) => {
              const at = context.now()
              const pausedBy = context.who.actor.name
              const paused = { pausedAt: at, pausedBy, pausedWhy: 'person', pausedReason: said, dueAt: null }
              catalogue.changeSchedule(tx, row, paused)
              for (const run of catalogue.waitingOf(tx, row))
                catalogue.settleRun(tx, run.id, { state: 'skipped', why: 'paused', at })
            }),
          said === null ? undefined : { reason: said },
        )
      },
    }),
    resumeSchedule: t.field({
      type: Schedule,
      description: 'It goes on with its next due time; those that passed meanwhile are not caught up.',
      args: on,
      resolve: (_, named, context) =>
        onSchedule(context, 'resumeSchedule', named, async (view) => {
          if (view.row.pausedAt === null) return
          if (!ownerMayLaunch(context, view))
            throw new EngineError('NOT_ALLOWED', { message: textsOf(context.who.language).schedule.notNow.ownerMayNot })
          const dueAt = dueAfter(view.timing, context.now())
          await context.db.write((tx) => catalogue.changeSchedule(tx, view.row, { ...NOT_PAUSED, dueAt }))
        }),
    }),
    takeSchedule: t.field({
      type: Schedule,
      description:
        'Makes the caller its owner: from now on it is launched with their rights, so they must be able to launch its app.',
      args: on,
      resolve: (_, named, context) =>
        onSchedule(context, 'takeSchedule', named, async (view) => {
          const person = somebody(context)
          holdLaunching(context, view)
          const goesOn = view.row.pausedWhy === 'no_owner' || view.row.pausedWhy === 'no_right'
          const dueAt = dueAfter(view.timing, context.now())
          await context.db.write((tx) =>
            catalogue.changeSchedule(tx, view.row, { owner: person.id, ...(goesOn && { ...NOT_PAUSED, dueAt }) }),
          )
        }),
    }),
    runSchedule: t.field({
      type: ScheduleRun,
      description:
        'Launches it once now, in the caller’s name, whatever its calendar says and whether it is paused or not.',
      args: { ...on, overrideFreeze: t.arg.string(), clientMutationId: t.arg.string() },
      resolve: (_, { name, project, overrideFreeze, clientMutationId }, context) =>
        act(
          context,
          'runSchedule',
          `${project ?? 'default'}/${name}`,
          async () => {
            const view = scheduleNamed(context, name, project)
            holdManaging(context, view)
            if ((clientMutationId?.length ?? 0) > LONGEST_ID / 2)
              throw badInput('clientMutationId', 'TOO_LONG', `Use up to ${LONGEST_ID / 2} characters`)
            return runNow(context, view, clientMutationId ?? randomUUID(), overrideFreeze ?? null)
          },
          overrideFreeze == null ? undefined : { overrideFreeze },
        ),
    }),
  }
})
/** @throws FORBIDDEN */
function holdLaunching(context: Context, view: ScheduleView): void {
  if (mayLaunchIt(context, view)) return
  const named = context.library.app(view.row.project, view.document.spec.app)?.spec.launch ?? []
  const here = context.directory.within(view.row.project)
  throw new EngineError('FORBIDDEN', { right: 'launch', grantedBy: named.map((ref) => here.title(ref)) })
}
async function runNow(context: Context, view: ScheduleView, id: string, overrideFreeze: string | null): Promise<Run> {
  const { row, document } = view
  const { app, variables = {} } = document.spec
  const key = `schedule/${row.name}/by-hand/${id}`
  const { state } = await launch(context, { app, project: row.project, variables, key, overrideFreeze })
  const at = context.now()
  context.scheduler.launched(state.id)
  return context.db.write((tx) => {
    const run = { project: row.project, name: row.name, key, dueAt: at, by: somebody(context).id, notBefore: null, at }
    const rest = { state: 'waiting', why: null, message: null, tries: 0, count: 1, taskId: null, endedAt: null }
    catalogue.addRun(tx, { ...run, ...rest })
    const known = catalogue.runByKey(tx, row, key)!
    catalogue.settleRun(tx, known.id, { state: 'launched', taskId: state.id, at })
    return catalogue.runById(tx, known.id)!
  })
}
