import {
  consequencesOfRevoke,
  staleAfterEdit,
  type NodeRun,
  type Recorded,
  type Variable,
} from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { NodeState, Outcome, TaskPhase, WaitReason } from '../../graphql/enums.ts'
import { App, AvailableAction, FlowRef, isVisible, valuesOf } from '../app/app.ts'
import { Ask, Fact } from '../ask/ask.ts'
import { fieldOf, FormField, type FieldShape } from '../form/field.ts'
import { Node } from '../node/node.ts'
import { Frozen } from '../freeze/freeze.ts'
import { frozenView } from '../freeze/frozen.ts'
import { Actor } from '../person/actor.ts'
import { CLIENT as SCHEDULES } from '../schedule/read.ts'
import { taskActions } from './actions.ts'
import { spendNodes } from './budget.ts'
import { endsOf, historyOf, type HistoryReader } from './history.ts'
import { HandOver } from './hand-over-ref.ts'
import { itemsOfNode } from './items.ts'
import { findTask, maySeeValues, seenTasks, type TaskView } from './load.ts'
import { masked } from './mask.ts'
import { resultsOf } from './results.ts'
import { stepsOf, type StepShape } from './step.ts'
import { Task } from './task-ref.ts'

const Progress = builder.objectRef<{ done: number; total: number }>('Progress').implement({
  fields: (t) => ({ done: t.exposeInt('done'), total: t.exposeInt('total') }),
})
const Step = builder.objectRef<StepShape>('Step').implement({
  fields: (t) => ({
    nodeId: t.exposeString('nodeId'),
    title: t.exposeString('title'),
    stage: t.exposeString('stage', { nullable: true }),
    kind: t.exposeString('kind'),
    state: t.field({ type: NodeState, nullable: true, resolve: ({ state }) => state }),
    attempt: t.exposeInt('attempt'),
    visit: t.exposeInt('visit'),
    text: t.string({ nullable: true, resolve: ({ text }) => text || null }),
    startedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ startedAt }) => startedAt }),
    endedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ endedAt }) => endedAt }),
    people: t.field({ type: [Actor], resolve: ({ people }) => [...people] }),
    branch: t.exposeInt('branch', { nullable: true }),
    inFinally: t.exposeBoolean('inFinally'),
  }),
})
interface Consequences {
  readonly kills: readonly string[]
  readonly leaves: readonly string[]
  readonly thenRuns: readonly string[]
}
const StopConsequences = builder.objectRef<Consequences>('StopConsequences').implement({
  fields: (t) => ({
    kills: t.stringList({ resolve: ({ kills }) => [...kills] }),
    leaves: t.stringList({ resolve: ({ leaves }) => [...leaves] }),
    thenRuns: t.stringList({ resolve: ({ thenRuns }) => [...thenRuns] }),
  }),
})
interface EditShape {
  readonly usedBy: readonly string[]
  readonly heldBy: readonly string[]
  readonly voidsAsks: readonly string[]
}
const EditConsequences = builder.objectRef<EditShape>('EditConsequences').implement({
  fields: (t) => ({
    usedBy: t.stringList({ resolve: ({ usedBy }) => [...usedBy] }),
    heldBy: t.stringList({ resolve: ({ heldBy }) => [...heldBy] }),
    voidsAsks: t.stringList({ resolve: ({ voidsAsks }) => [...voidsAsks] }),
  }),
})
interface EndShape {
  readonly nodeId: string
  readonly attempt: number
  readonly failed: boolean
  readonly state: TaskView['state']
}
const AttemptEnd = builder.objectRef<EndShape>('AttemptEnd').implement({
  fields: (t) => ({
    nodeId: t.exposeString('nodeId'),
    attempt: t.exposeInt('attempt'),
    failed: t.exposeBoolean('failed'),
    logged: t.int({
      description: 'Lines of its log; 0 for whoever may not see them.',
      resolve: async ({ state, nodeId, attempt }, _, context) =>
        maySeeValues(context, state)
          ? (await context.engine.logLines(state.id, nodeId, attempt, { last: 1, limit: 1 })).total
          : 0,
    }),
  }),
})
interface EntryShape extends TaskView {
  readonly entry: Recorded & { readonly hash: string }
}
const HistoryEntry = builder.objectRef<EntryShape>('HistoryEntry').implement({
  fields: (t) => ({
    seq: t.int({ resolve: ({ entry }) => entry.seq }),
    at: t.field({ type: 'DateTime', resolve: ({ entry }) => entry.at }),
    by: t.field({ type: Actor, resolve: ({ entry }) => entry.by }),
    kinds: t.stringList({ resolve: ({ entry }) => entry.events.map(({ kind }) => kind) }),
    text: t.string({
      description: 'What was done. A person’s act stands alone here.',
      resolve: ({ entry, flow, state }, _, context) => historyOf(entry, flow, state, readerOf(context, state)).text,
    }),
    follows: t.stringList({
      description: 'What followed of itself from a person’s act: `Unpack started`.',
      resolve: ({ entry, flow, state }, _, context) => [
        ...historyOf(entry, flow, state, readerOf(context, state)).follows,
      ],
    }),
    data: t.field({
      type: 'JSON',
      description: 'The events; none for whoever may not see values.',
      resolve: ({ entry, state }, _, context) => (maySeeValues(context, state) ? masked(entry.events as never) : []), // events are JSON
    }),
    ended: t.field({
      type: [AttemptEnd],
      description: 'Attempts of steps that ended here: whose log may be of interest.',
      resolve: ({ entry, flow, state }) => endsOf(entry.events, flow).map((end) => ({ ...end, state })),
    }),
    hash: t.string({ resolve: ({ entry }) => entry.hash }),
  }),
})
interface EventPageShape {
  readonly entries: readonly EntryShape[]
  readonly nextAfter: number | null
}
const EventPage = builder.objectRef<EventPageShape>('EventPage').implement({
  fields: (t) => ({
    entries: t.field({ type: [HistoryEntry], resolve: ({ entries }) => [...entries] }),
    nextAfter: t.exposeInt('nextAfter', { nullable: true }),
  }),
})
const MAX_EVENTS = 500
const readerOf = (context: Context, state: TaskView['state']): HistoryReader => ({
  ...context.who,
  inRoom: !maySeeValues(context, state),
})

builder.objectType(Task, {
  fields: (t) => ({
    id: t.id({ resolve: ({ state }) => state.id }),
    number: t.int({ resolve: ({ state }) => state.number }),
    key: t.string({
      nullable: true,
      description: 'Of its launch, for whoever launched it; a schedule’s (`schedule/<name>/<due time>`) for everybody.',
      resolve: ({ state }, _, { who }) => ([who.client, SCHEDULES].includes(state.client ?? '') ? state.key : null),
    }),
    title: t.string({ resolve: ({ state }) => state.title }),
    version: t.int({
      description: 'Version of its history: grows with every change.',
      resolve: ({ state }) => state.version,
    }),
    phase: t.field({ type: TaskPhase, resolve: ({ state }) => state.phase }),
    outcome: t.field({
      type: Outcome,
      nullable: true,
      resolve: ({ state }) => (state.stage === 'final' ? state.outcome : null),
    }),
    waitingFor: t.field({ type: [WaitReason], resolve: ({ state }) => [...state.waitingFor] }),
    app: t.field({
      type: App,
      nullable: true,
      resolve: ({ state }, _, context) => {
        const app = state.app && context.library.app(state.project, state.app.name)
        return app && isVisible(context, app) ? app : null
      },
    }),
    appTitle: t.string({ nullable: true, resolve: ({ state }) => state.app?.title ?? null }),
    flow: t.field({
      type: FlowRef,
      resolve: ({ state, flow }) => ({ name: state.flow.name, version: state.flow.version, title: flow.title }),
    }),
    project: t.string({ resolve: ({ state }) => state.project }),
    origin: t.string({ nullable: true, resolve: ({ state }) => state.origin }),
    startedBy: t.field({ type: Actor, resolve: ({ state }) => state.startedBy }),
    createdAt: t.field({ type: 'DateTime', resolve: ({ state }) => state.createdAt }),
    startedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ state }) => state.startedAt }),
    endedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ state }) => state.endedAt }),
    updatedAt: t.field({ type: 'DateTime', resolve: ({ state }) => state.updatedAt }),
    steps: t.field({
      type: [Step],
      description: "Steps on this task's way, in order, folded to what people follow: gateways left out.",
      resolve: ({ flow, state }, _, { who }) => stepsOf(flow, state, who.language, who.timeZone),
    }),
    variables: t.field({
      type: 'JSON',
      resolve: ({ state, flow }, _, context) => {
        const keys = maySeeValues(context, state) ? null : new Set(onCard(flow.variables).map(({ key }) => key))
        return Object.fromEntries(
          Object.entries(state.variables)
            .filter(([key]) => keys === null || keys.has(key))
            .map(([key, value]) => [key, masked(value)]),
        )
      },
    }),
    variableFields: t.field({
      type: [FormField],
      description: 'Titles, types and visibility of the variables, for receipts and edits.',
      resolve: (view, _, context) => variableFields(view, context),
    }),
    cardFacts: t.field({
      type: [Fact],
      description: 'Those marked onCard, as rooms may see them.',
      resolve: ({ state, flow }) =>
        onCard(flow.variables)
          .filter(({ key }) => state.variables[key] != null)
          .map((variable) => ({ ...factOf(variable), value: state.variables[variable.key] ?? null })),
    }),
    variablesRevision: t.int({ resolve: ({ state }) => state.variablesRevision }),
    outputs: t.field({
      type: 'JSON',
      nullable: true,
      resolve: ({ state }, _, context) =>
        state.outputs && maySeeValues(context, state) ? masked(state.outputs) : null,
    }),
    results: t.field({
      type: [Fact],
      description:
        'The outputs as people read them: under the titles of the variables and answers they are, options by theirs. Empty ones are left out.',
      resolve: (view, _, context) => (maySeeValues(context, view.state) ? resultsOf(view) : []),
    }),
    progress: t.field({ type: Progress, resolve: ({ state }) => state.progress }),
    queuePosition: t.int({
      nullable: true,
      description: 'Its place among those who wait to run, from 1; null: it does not wait.',
      resolve: ({ state }, _, context) => (state.phase === 'queued' ? context.engine.queueOf(state.id).position : null),
    }),
    heldBy: t.field({
      type: [Task],
      description: 'Tasks that run where this one waits to, as far as they may be seen.',
      resolve: ({ state }, _, context) =>
        state.phase === 'queued' ? seenTasks(context, context.engine.queueOf(state.id).heldBy) : [],
    }),
    startAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it starts by itself; null: when somebody says so, or it has started.',
      resolve: ({ state }) => state.timers.get('task/start_at')?.dueAt ?? null,
    }),
    frozen: t.field({
      type: Frozen,
      nullable: true,
      description: 'Why it does not begin now; null: nothing stands against it, or it has begun.',
      resolve: ({ state }, _, context) =>
        ['created', 'requested', 'queued'].includes(state.stage) && !state.rehearsal && state.parent === null
          ? frozenView(context, { project: state.project, app: state.app?.name ?? null, flow: state.flow.name })
          : null,
    }),
    handOver: t.field({
      type: HandOver,
      nullable: true,
      description: 'Work handed over: who is asked to take it, who has. Null: it was launched directly.',
      resolve: (view) => (view.state.handOver === null ? null : { ...view, handOver: view.state.handOver }),
    }),
    note: t.string({ nullable: true, resolve: ({ state }) => state.note }),
    late: t.boolean({
      description: 'It takes, or took, longer than expected.',
      resolve: ({ state }) => state.late,
    }),
    rehearsal: t.boolean({ resolve: ({ state }) => state.rehearsal }),
    cancelUnconfirmed: t.boolean({ resolve: ({ state }) => state.cancelUnconfirmed }),
    mayStillRun: t.stringList({
      description: 'Nodes whose end is not confirmed: may still run.',
      resolve: ({ state, flow }) =>
        [...state.nodes.values()]
          .filter(({ cancelUnconfirmed }) => cancelUnconfirmed)
          .map((run) =>
            [flow.node(run.id)?.title ?? run.id, run.inputs?.['host']]
              .filter((part) => typeof part === 'string')
              .join(': '),
          ),
    }),
    expectS: t.int({
      nullable: true,
      description: 'In seconds; longer is late.',
      resolve: ({ state, flow }, _, { library }) => {
        const expect = (state.app && library.app(state.project, state.app.name)?.spec.expect) ?? flow.expectMs
        return expect === null ? null : Math.round(expect / 1000)
      },
    }),
    nodes: t.field({
      type: [Node],
      resolve: (view, _, context) => {
        spendNodes(context, view.flow.nodes.length)
        return view.flow.nodes.map(({ id }) => ({ ...view, id }))
      },
    }),
    node: t.field({
      type: Node,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (view, { id }) => (view.flow.node(id) ? { ...view, id } : null),
    }),
    failures: t.field({
      type: [Node],
      description: 'Failed nodes that ask for a person, worst first.',
      resolve: (view) => failuresOf(view).map(({ id }) => ({ ...view, id })),
    }),
    children: t.field({
      type: [Task],
      description: 'Tasks that its steps have launched, the oldest first; those of earlier attempts too.',
      resolve: ({ state }, _, context) =>
        seenTasks(
          context,
          state.children.map(({ id }) => id),
        ),
    }),
    parent: t.field({
      type: Task,
      nullable: true,
      resolve: ({ state }, _, context) => (state.parent === null ? null : findTask(context, state.parent.task)),
    }),
    parentNode: t.string({
      nullable: true,
      description: 'The step of the parent that launched it.',
      resolve: ({ state }) => state.parent?.node ?? null,
    }),
    asks: t.field({
      type: [Ask],
      resolve: ({ state, flow }, _, context) =>
        maySeeValues(context, state) || context.who.service
          ? [...state.asks.values()].map((ask) => ({ state, flow, ask }))
          : [],
    }),
    events: t.field({
      type: EventPage,
      description:
        'Entries that only move tokens have no words: they are left out unless `all`, which shows the whole chain. The bots as nobody read what a room may: who did what when, without values and comments.',
      args: { first: t.arg.int(), after: t.arg.int(), all: t.arg.boolean() },
      resolve: async ({ state, flow }, { first, after, all }, context) => {
        if (!maySeeValues(context, state) && !context.who.service) return { entries: [], nextAfter: null }
        const reader = readerOf(context, state)
        const size = Math.min(first ?? 100, MAX_EVENTS)
        const entries = await context.engine.history(state.id, after ?? 0, size + 1)
        const shown = entries.slice(0, size)
        const last = shown.at(-1)
        const more = entries.length > size && last !== undefined
        return {
          entries: shown
            .filter((entry) => all === true || historyOf(entry, flow, state, reader).text !== '')
            .map((entry) => ({ entry, state, flow })),
          nextAfter: more ? last.seq + last.events.length - 1 : null,
        }
      },
    }),
    availableActions: t.field({
      type: [AvailableAction],
      resolve: (view, _, context) => [...taskActions(context, view)],
    }),
    stopConsequences: t.field({
      type: StopConsequences,
      description: 'What Stop would do now: kills, leaves, then runs.',
      resolve: ({ flow, state }) => {
        const { kills, thenRuns } = consequencesOfRevoke(flow, state)
        const named = ({ node, title }: { node: string; title: string }): string => {
          const host = state.nodes.get(node)?.inputs?.['host']
          return typeof host === 'string' ? `${title} (${host})` : title
        }
        return { kills: kills.map(named), leaves: staying({ flow, state }, kills), thenRuns }
      },
    }),
    editConsequences: t.field({
      type: EditConsequences,
      description:
        'What an edit of these variables would touch: finished steps that used the old value, running ones that hold it.',
      args: { variables: t.arg({ type: 'JSON', required: true }) },
      resolve: ({ flow, state }, { variables }) => {
        const { used, holding, asksAgain, overrides } = staleAfterEdit(flow, state, valuesOf(variables, 'variables'))
        return {
          usedBy: used.map(({ title }) => title),
          heldBy: holding.map(({ title }) => title),
          voidsAsks: [...asksAgain, ...overrides],
        }
      },
    }),
    following: t.boolean({
      resolve: ({ state }, _, { who }) => who.person !== null && state.followers.includes(who.person.id),
    }),
    revokedBy: t.field({ type: Actor, nullable: true, resolve: ({ state }) => state.revoking?.by ?? null }),
    revokeReason: t.string({ nullable: true, resolve: ({ state }) => state.revoking?.reason ?? null }),
    url: t.string({ resolve: ({ state }, _, { config }) => `${config.url}/tasks/${state.number}` }),
  }),
})

/** What a stop does not undo: the hosts of steps it ends that are done already. Steps that wait, ask or failed are closed by it and do not stay. */
const staying = ({ state, flow }: TaskView, killed: readonly { readonly node: string }[]): string[] => [
  ...new Set(
    killed
      .flatMap(({ node }) => itemsOfNode({ state, flow, id: node }) ?? [])
      .filter((item) => item.state === 'succeeded')
      .flatMap((item) => (typeof item.inputs?.['host'] === 'string' ? [item.inputs['host']] : [])),
  ),
]
const factOf = (variable: Variable) => ({ key: variable.key, title: variable.title, variable })
const onCard = (variables: readonly Variable[]): readonly Variable[] =>
  variables.filter((variable) => variable.onCard && !variable.secret)
/** A failure nobody can tell the outcome of comes first, then those that have waited longest. */
const failuresOf = ({ state }: TaskView): NodeRun[] =>
  [...state.nodes.values()]
    .filter((run) => run.state === 'failed' && !run.givenUp && state.stage !== 'final')
    .sort((a, b) => rank(a) - rank(b) || (a.endedAt ?? 0) - (b.endedAt ?? 0))
const rank = (run: NodeRun): number => (run.error?.cause === 'lost' ? 0 : 1)

function variableFields({ state, flow }: TaskView, context: Context): FieldShape[] {
  const all = maySeeValues(context, state)
  const app = state.app && context.library.app(state.project, state.app.name)
  return (all ? flow.variables : onCard(flow.variables)).map((variable) => {
    const rule = app?.spec.form?.[variable.key]
    const hidden = !variable.show || rule?.hide === true
    const fixed = state.fixed.includes(variable.key)
    return fieldOf(variable, masked(state.variables[variable.key]), {
      title: rule?.title ?? variable.title,
      project: state.project,
      visible: !hidden,
      fixed,
      readOnly: variable.readOnly || fixed || variable.computed !== undefined,
    })
  })
}
