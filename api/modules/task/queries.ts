import { catalogue, formOf, type FieldError as FieldErrorShape, type FlowPreview } from '../../../engine/index.ts'
import { appRights, operatedApps, rightsIn, somebody, standsFor } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../error.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, open, pageSize, seal, type Page } from '../../graphql/connection.ts'
import { TaskPhase, WaitReason } from '../../graphql/enums.ts'
import { claimedBy, formContext } from '../app/app.ts'
import { inboxOf, somebodyOrService } from '../ask/ask.ts'
import { Actor } from '../person/actor.ts'
import { FieldError, FormField } from '../form/field.ts'
import { Frozen } from '../freeze/freeze.ts'
import { frozenText, frozenView } from '../freeze/frozen.ts'
import { CLIENT as SCHEDULES } from '../schedule/read.ts'
import { continuing, prepare, previewFor, outlookOf, type Prepared } from './launch.ts'
import { LaunchInput } from './inputs.ts'
import { findTask, maySee, seenTasks, type TaskView } from './load.ts'
import { kindOf } from './step.ts'
import { asksText } from './asks-words.ts'
import { Task } from './task-ref.ts'

const TaskConnection = connectionOf('Task', Task)
/** Which tasks a list may hold for the caller: whole projects, apps of others, and their own. Null: all. */
export function seenBy(context: Context): catalogue.SeenBy | null {
  const { person } = context.who
  const sees = (project: string): boolean => rightsIn(context, project).has('view')
  // Where nothing else was said, their own role counts.
  const given = person === null ? [] : context.db.read((tx) => catalogue.grantsOf(tx, person.id))
  const allBut = sees(ELSEWHERE)
  const projects = given.map(({ project }) => project).filter((project) => sees(project) !== allBut)
  if (allBut && projects.length === 0) return null
  const apps = context.library
    .apps()
    .filter((app) => !sees(app.project) && appRights(context, app, rightsIn(context, app.project)).see)
    .map(({ project, name }) => `${project}/${name}`)
  return { person: person?.id ?? null, apps, projects, allBut }
}
/** No project is called so: what is true of it is true of all that nothing was said of. */
const ELSEWHERE = ''
async function pageOfTasks(
  context: Context,
  filter: catalogue.TaskFilter,
  first?: number | null,
  after?: string | null,
): Promise<Page<TaskView>> {
  const size = pageSize(first)
  const rows = context.db.read((tx) => catalogue.listTasks(tx, filter, size + 1, after ? placeOf(after) : null))
  const shown = rows.slice(0, size)
  const views = await Promise.all(shown.map(({ id }) => context.engine.task(id)))
  const cursors = new Map(shown.map(({ id, updatedAt }) => [id, seal(`${updatedAt} ${id}`)]))
  return {
    // The list narrows, this decides: a right in one project says nothing of another.
    nodes: views.filter((view) => view !== null && maySee(context, view.state)) as TaskView[],
    cursorOf: ({ state }) => cursors.get(state.id) ?? '',
    hasNextPage: rows.length > size,
    // Counted when somebody asks: it looks at every task there is.
    get totalCount() {
      return context.db.read((tx) => catalogue.countTasks(tx, filter))
    },
  }
}
function placeOf(cursor: string): { updatedAt: number; id: string } {
  const [updatedAt, id] = open(cursor).split(' ')
  if (!id || !Number.isFinite(Number(updatedAt))) throw badInput('after', 'MALFORMED', 'This is no cursor of this list')
  return { updatedAt: Number(updatedAt), id }
}

interface PreviewShape {
  readonly prepared: Prepared
  readonly preview: FlowPreview
}
interface PreviewNodeShape {
  readonly id: string
  readonly title: string
  readonly stage: string | null
  readonly kind: string
  readonly text: string | null
  readonly certain: boolean
}
const PreviewNode = builder.objectRef<PreviewNodeShape>('PreviewNode').implement({
  fields: (t) => ({
    id: t.exposeString('id'),
    title: t.exposeString('title'),
    kind: t.exposeString('kind'),
    stage: t.exposeString('stage', { nullable: true }),
    text: t.exposeString('text', { nullable: true }),
    usualS: t.int({ nullable: true, resolve: () => null }),
    certain: t.exposeBoolean('certain'),
  }),
})
const PreviewApproval = builder.objectRef<FlowPreview['approvals'][number]>('PreviewApproval').implement({
  fields: (t) => ({
    nodeId: t.exposeString('nodeId'),
    title: t.exposeString('title'),
    text: t.string({
      description: 'How many of whom.',
      resolve: ({ asks }, _, { who }) => asksText(asks, who.language),
    }),
    people: t.field({
      type: [Actor],
      description: 'By name. Empty: nobody, or it can be told only when it is reached.',
      resolve: ({ people }) => people.map(({ id, name }) => ({ person: id, name, surface: 'system' as const })),
    }),
    certain: t.exposeBoolean('certain'),
  }),
})
const Preview = builder.objectRef<PreviewShape>('Preview').implement({
  fields: (t) => ({
    title: t.string({ resolve: ({ prepared }) => prepared.title }),
    errors: t.field({ type: [FieldError], resolve: ({ prepared }): FieldErrorShape[] => [...prepared.errors] }),
    fields: t.field({
      type: [FormField],
      resolve: ({ prepared: { flow, app, answers }, preview }, _, context) => [
        ...formOf(flow, app?.document ?? null, answers, formContext(context), preview.reachable),
      ],
    }),
    nodes: t.field({
      type: [PreviewNode],
      resolve: ({ prepared: { flow }, preview }, _, { who }) =>
        preview.nodes.map((node) => ({
          ...node,
          kind: kindOf(flow.node(node.id)!), // a preview walks this flow
          text: node.asks && asksText(node.asks, who.language),
        })),
    }),
    hosts: t.stringList({ resolve: ({ preview }) => [...preview.hosts] }),
    approvers: t.stringList({
      resolve: ({ preview }, _, { who }) => preview.approvals.map(({ asks }) => asksText(asks, who.language)),
    }),
    confirm: t.string({ nullable: true, resolve: ({ prepared: { app } }) => app?.spec.confirm ?? null }),
    expectS: t.int({
      nullable: true,
      resolve: ({ prepared: { app, flow } }) => {
        const expect = app?.spec.expect ?? flow.expectMs
        return expect === null ? null : Math.round(expect / 1000)
      },
    }),
    queuePosition: t.int({
      nullable: true,
      description: 'The place in the queue a launch would have now; null: it starts at once.',
      resolve: ({ prepared }, _, context) => outlookOf(context, prepared)?.position ?? null,
    }),
    freeze: t.string({
      nullable: true,
      description: 'In words: until when it cannot be launched. Null: it can.',
      resolve: ({ prepared }, _, context) => {
        const frozen = frozenFor(context, prepared)
        return frozen && frozenText(context, frozen)
      },
    }),
    frozen: t.field({
      type: Frozen,
      nullable: true,
      description: 'The freeze that would hold when it starts; null: none.',
      resolve: ({ prepared }, _, context) => frozenFor(context, prepared),
    }),
    joins: t.field({
      type: Task,
      nullable: true,
      description: 'The running task that a launch with these values would become part of (`whenBusy: join`).',
      resolve: async ({ prepared }, _, context) => {
        const joins = outlookOf(context, prepared)?.joins
        return joins == null ? null : ((await seenTasks(context, [joins]))[0] ?? null)
      },
    }),
    busy: t.boolean({
      description: 'A launch would be refused now: as many as may run at once are running.',
      resolve: ({ prepared }, _, context) => outlookOf(context, prepared)?.kind === 'busy',
    }),
    heldBy: t.field({
      type: [Task],
      description: 'Tasks that hold the place it needs, as far as they may be seen.',
      resolve: ({ prepared }, _, context) => seenTasks(context, outlookOf(context, prepared)?.holders ?? []),
    }),
    handOver: t.string({
      nullable: true,
      description: 'Who has to claim it before it begins, in words; null: it begins at once.',
      resolve: ({ prepared: { app } }, _, { directory }) => app && claimedBy(app, directory),
    }),
    approvals: t.field({
      type: [PreviewApproval],
      description: 'Approvals that are met, or may be, and who would be asked as things stand.',
      resolve: ({ preview }) => [...preview.approvals],
    }),
    alreadyRunning: t.field({
      type: [Task],
      resolve: async ({ prepared: { app } }, _, context) => {
        if (!app) return []
        const filter = {
          project: app.project,
          app: app.name,
          roots: true,
          phases: ['requested', 'queued', 'running', 'waiting', 'attention', 'paused'],
          seenBy: seenBy(context),
        }
        const rows = context.db.read((tx) => catalogue.listTasks(tx, filter, 5, null))
        return seenTasks(
          context,
          rows.map(({ id }) => id),
        )
      },
    }),
  }),
})

/** Of the instant it would start at. A rehearsal is never frozen; what is handed over may be asked for, and is held against freezes when it is claimed. */
const frozenFor = (context: Context, { project, app, flow, startAt, rehearsal }: Prepared) =>
  rehearsal || typeof app?.spec.mode === 'object'
    ? null
    : frozenView(context, { project, app: app?.name ?? null, flow: flow.name }, Math.max(startAt ?? 0, context.now()))

/** Tasks with an ask that the caller may answer in the place of somebody they stand in for. */
const standsInAt = async (context: Context): Promise<readonly string[]> =>
  standsFor(context).length === 0 ? [] : [...new Set((await inboxOf(context)).map(({ state }) => state.id))]

builder.queryFields((t) => ({
  tasks: t.field({
    type: TaskConnection,
    args: {
      first: t.arg.int(),
      after: t.arg.string(),
      phase: t.arg({ type: [TaskPhase] }),
      waitingFor: t.arg({ type: [WaitReason] }),
      app: t.arg.string(),
      mine: t.arg.boolean(),
      needsMe: t.arg.boolean(),
      following: t.arg.boolean(),
      updatedAfter: t.arg({ type: 'DateTime' }),
      search: t.arg.string(),
    },
    resolve: async (_, args, context) => {
      const person = somebody(context)
      if (args.search) void context.titles.catchUp()
      const filter: catalogue.TaskFilter = {
        phases: args.phase ?? null,
        waitingFor: args.waitingFor ?? null,
        app: args.app ?? null,
        startedBy: args.mine ? person.id : null,
        needsPerson: args.needsMe ? person.id : null,
        ...(args.needsMe && { operates: operatedApps(context), standsInAt: await standsInAt(context) }),
        followedBy: args.following ? person.id : null,
        updatedAfter: args.updatedAfter ?? null,
        search: args.search ?? null,
        seenBy: seenBy(context),
      }
      return pageOfTasks(context, filter, args.first, args.after)
    },
  }),
  task: t.field({
    type: Task,
    nullable: true,
    description: 'By opaque id or number as id, by number, or by the key of its launch (per project and client).',
    args: { id: t.arg.id(), number: t.arg.int(), key: t.arg.string(), project: t.arg.string() },
    resolve: (_, { id, number, key, project }, context) => {
      somebodyOrService(context)
      if (id != null) return findTask(context, id)
      if (number != null) return findTask(context, String(number))
      if (key == null) throw badInput('id', 'REQUIRED', 'Name a task by id, number or key')
      const keyed = { key, project: project ?? 'default' }
      const found =
        context.engine.taskIdOf({ ...keyed, client: context.who.client }) ??
        context.engine.taskIdOf({ ...keyed, client: SCHEDULES })
      return found === null ? null : findTask(context, found)
    },
  }),
  preview: t.field({
    type: Preview,
    description: 'What a launch would do and what is wrong with it. Changes nothing.',
    args: { input: t.arg({ type: LaunchInput, required: true }) },
    resolve: async (_, { input }, context) => {
      const prepared = prepare(context, await continuing(context, input))
      return { prepared, preview: previewFor(context, prepared) }
    },
  }),
}))
