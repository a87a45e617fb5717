import {
  isSecretRef,
  lackedBy,
  outputsNeeded,
  readsOf,
  type Actor as ActorShape,
  type AttemptRecord,
  type FlowNode,
  type LogLine as LogLineShape,
  type NodeError as NodeErrorShape,
  type NodeRun,
  type Variable,
} from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { Cause, LogStream, NodeState } from '../../graphql/enums.ts'
import { causeText, failureText, headline, textsOf, type Language } from '../../texts.ts'
import { AvailableAction } from '../app/app.ts'
import { fieldOf, FormField, type FieldShape } from '../form/field.ts'
import { Actor } from '../person/actor.ts'
import { nodeActions } from '../task/actions.ts'
import { itemsOfNode, type ItemShape } from '../task/items.ts'
import { isPast, maySeeValues, viewerOf, type NodeShape } from '../task/load.ts'
import { masked } from '../task/mask.ts'
import { kindOf } from '../task/step.ts'
import { Ask } from '../ask/ask.ts'

const NodeError = builder.objectRef<NodeErrorShape>('NodeError').implement({
  fields: (t) => ({
    cause: t.field({ type: Cause, resolve: ({ cause }) => cause }),
    code: t.exposeString('code'),
    message: t.string({ resolve: (error, _, { who }) => failureText(error, who.language) }),
  }),
})
const AsksNext = builder.objectRef<{ readonly to: readonly string[]; readonly at: number }>('AsksNext').implement({
  fields: (t) => ({
    to: t.stringList({ description: 'Roles and people, by title.', resolve: ({ to }) => [...to] }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
  }),
})
const Attempt = builder.objectRef<AttemptRecord>('Attempt').implement({
  fields: (t) => ({
    attempt: t.exposeInt('attempt'),
    visit: t.exposeInt('visit'),
    state: t.field({ type: NodeState, resolve: ({ state }) => state }),
    startedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ startedAt }) => startedAt }),
    endedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ endedAt }) => endedAt }),
    by: t.field({ type: Actor, resolve: ({ by }) => by }),
    error: t.field({ type: NodeError, nullable: true, resolve: ({ error }) => error }),
    note: t.exposeString('note', { nullable: true }),
  }),
})
const Item = builder.objectRef<ItemShape>('Item').implement({
  fields: (t) => ({
    index: t.exposeInt('index'),
    item: t.field({ type: 'JSON', nullable: true, resolve: ({ item }) => masked(item) }),
    state: t.field({ type: NodeState, nullable: true, resolve: ({ state }) => state }),
    attempt: t.exposeInt('attempt'),
    outputs: t.field({ type: 'JSON', nullable: true, resolve: ({ outputs }) => outputs && masked(outputs) }),
    notPerformed: t.boolean({
      description: 'A rehearsal did nothing here: the outputs are samples.',
      resolve: ({ notPerformed }) => notPerformed === true,
    }),
    error: t.field({ type: NodeError, nullable: true, resolve: ({ error }) => error }),
  }),
})
export const LogLine = builder.objectRef<LogLineShape>('LogLine').implement({
  fields: (t) => ({
    n: t.exposeInt('n'),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    stream: t.field({ type: LogStream, resolve: ({ stream }) => stream }),
    text: t.exposeString('text'),
    item: t.exposeInt('item', { nullable: true }),
  }),
})
interface LogPageShape {
  readonly lines: readonly LogLineShape[]
  readonly total: number
  readonly dropped: number
}
const LogPage = builder.objectRef<LogPageShape>('LogPage').implement({
  fields: (t) => ({
    lines: t.field({ type: [LogLine], resolve: ({ lines }) => [...lines] }),
    total: t.exposeInt('total'),
    dropped: t.exposeInt('dropped'),
  }),
})

interface BranchShape {
  readonly id: string
  readonly title: string
}
const Branch = builder.objectRef<BranchShape>('Branch').implement({
  fields: (t) => ({
    id: t.exposeID('id', { description: 'The id of its first step, or `end`.' }),
    title: t.exposeString('title'),
  }),
})
const branchesOf = (shape: NodeShape, language: Language): BranchShape[] => {
  const node = nodeOf(shape)
  if (node.kind !== 'gateway') return []
  return node.branches.map(({ next, title }) => ({
    id: next,
    title: title ?? shape.flow.node(next)?.title ?? textsOf(language).endsTask,
  }))
}
const runOf = ({ state, id }: NodeShape): NodeRun | undefined => state.nodes.get(id)
const nodeOf = ({ flow, id }: NodeShape): FlowNode => flow.node(id)! // shapes are made for nodes of the flow alone
const MAX_LINES = 1000

export const Node = builder.objectRef<NodeShape>('Node')
builder.objectType(Node, {
  fields: (t) => ({
    id: t.exposeID('id'),
    taskId: t.id({ resolve: ({ state }) => state.id }),
    title: t.string({ resolve: (node) => nodeOf(node).title }),
    stage: t.string({ nullable: true, resolve: (node) => nodeOf(node).stage }),
    kind: t.string({ resolve: (node) => kindOf(nodeOf(node)) }),
    plugin: t.string({
      nullable: true,
      resolve: (shape) => {
        const node = nodeOf(shape)
        return runOf(shape)?.plugin ?? (node.kind === 'activity' ? node.use : null)
      },
    }),
    state: t.field({
      type: NodeState,
      nullable: true,
      description: 'Null: never visited.',
      resolve: (node) => runOf(node)?.state ?? null,
    }),
    pausedBefore: t.boolean({
      description: 'Somebody holds the next visit back: `unpause` lets it begin.',
      resolve: ({ state, id }) => state.pausedBefore.includes(id),
    }),
    notPerformed: t.boolean({
      description: 'A rehearsal: nothing was done, its outputs are samples.',
      resolve: (node) => runOf(node)?.notPerformed === true,
    }),
    keptFrom: t.int({
      nullable: true,
      description: 'Not done here: what it gave in the task of this number stands.',
      resolve: (node) => runOf(node)?.keptFrom ?? null,
    }),
    branches: t.field({
      type: [Branch],
      description: 'Of a gateway: what `chooseBranch` can name.',
      resolve: (shape, _, { who }) => branchesOf(shape, who.language),
    }),
    manyBranches: t.boolean({
      description: 'Several branches may be chosen.',
      resolve: (shape) => {
        const node = nodeOf(shape)
        return node.kind === 'gateway' && node.gateway === 'inclusive'
      },
    }),
    dueAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When a step that waits for a time goes on by itself.',
      resolve: ({ state, id }) =>
        [...state.timers.values()].find((timer) => timer.kind === 'wait' && timer.nodeId === id)?.dueAt ?? null,
    }),
    attempt: t.int({ resolve: (node) => runOf(node)?.attempt ?? 0 }),
    visit: t.int({ resolve: (node) => runOf(node)?.visit ?? 0 }),
    attempts: t.field({ type: [Attempt], resolve: (node) => [...(runOf(node)?.attempts ?? [])] }),
    inputs: t.field({
      type: 'JSON',
      nullable: true,
      args: { attempt: t.arg.int() },
      resolve: async (node, { attempt }, context) => (await valuesOfAttempt(context, node, attempt))?.inputs ?? null,
    }),
    outputs: t.field({
      type: 'JSON',
      nullable: true,
      args: { attempt: t.arg.int() },
      resolve: async (node, { attempt }, context) => (await valuesOfAttempt(context, node, attempt))?.outputs ?? null,
    }),
    items: t.field({
      type: [Item],
      nullable: true,
      resolve: (node, _, context) => (maySeeValues(context, node.state) ? itemsOfNode(node) : null),
    }),
    error: t.field({ type: NodeError, nullable: true, resolve: (node) => runOf(node)?.error ?? null }),
    headline: t.string({
      nullable: true,
      description:
        'What failed, in one line for people: `Deploy failed on web-2`, and its cause: `Disk full on /srv (exit code 3)`.',
      resolve: (node, _, { who }) => {
        const error = runOf(node)?.error
        return error ? headline(nodeOf(node).title, error, failedHosts(node), who.language) : null
      },
    }),
    causeText: t.string({
      nullable: true,
      resolve: (node, _, { who }) => {
        const error = runOf(node)?.error
        return error ? causeText(error, failedHosts(node), who.language) : null
      },
    }),
    advice: t.string({ nullable: true, resolve: (node) => nodeOf(node).onFail.advice }),
    asked: t.field({
      type: [Actor],
      description: 'People asked when it failed.',
      resolve: (node, _, context) => [...askedOf(node, context)],
    }),
    asksNext: t.field({
      type: AsksNext,
      nullable: true,
      description:
        'Who is asked as well, and from when on, unless somebody decides before. Null: nobody, or they are asked already.',
      resolve: ({ state, flow, id }, _, { directory }) => {
        const timer = [...state.timers.values()].find(({ kind, nodeId }) => kind === 'escalate' && nodeId === id)
        if (runOf({ state, flow, id })?.state !== 'failed' || timer === undefined) return null
        const here = directory.within(state.project)
        return { to: flow.attention.escalateTo.map((ref) => here.title(ref)), at: timer.dueAt }
      },
    }),
    progress: t.string({
      nullable: true,
      resolve: ({ state, id }, _, { engine }) => engine.progressOf(state.id, id),
    }),
    notBefore: t.field({ type: 'DateTime', nullable: true, resolve: (node) => runOf(node)?.notBefore ?? null }),
    startedAt: t.field({ type: 'DateTime', nullable: true, resolve: (node) => runOf(node)?.startedAt ?? null }),
    endedAt: t.field({ type: 'DateTime', nullable: true, resolve: (node) => runOf(node)?.endedAt ?? null }),
    endedBy: t.field({ type: Actor, nullable: true, resolve: (node) => runOf(node)?.endedBy ?? null }),
    note: t.string({ nullable: true, resolve: (node) => runOf(node)?.note ?? null }),
    callbackUrl: t.string({
      nullable: true,
      description:
        'While the step waits for a call (plugin `callback`): the signed address that ends it. Whoever calls it answers for the step, so only those who may operate the task see it.',
      resolve: (node, _, context) => callbackUrlOf(node, context),
    }),
    hosts: t.stringList({ resolve: (node) => hostsOf(node) }),
    ask: t.field({
      type: Ask,
      nullable: true,
      resolve: (node) => {
        const askId = runOf(node)?.askId
        const ask = askId ? node.state.asks.get(askId) : undefined
        return ask ? { state: node.state, flow: node.flow, ask } : null
      },
    }),
    cancelUnconfirmed: t.boolean({ resolve: (node) => runOf(node)?.cancelUnconfirmed ?? false }),
    neededOutputs: t.field({
      type: [FormField],
      description: 'Outputs that later steps read: what `I did it by hand` must give.',
      resolve: (node) => neededFields(node),
    }),
    lackedBy: t.stringList({
      description: "Later steps that will lack this step's outputs when it is skipped.",
      resolve: ({ flow, id }) => lackedBy(flow, id).map(({ title }) => title),
    }),
    editFields: t.field({
      type: [FormField],
      description: 'The variables this step reads: what Edit and retry offers, with their present values.',
      resolve: (node, _, context) => editFields(node, context),
    }),
    log: t.field({
      type: LogPage,
      args: { attempt: t.arg.int(), after: t.arg.int(), last: t.arg.int() },
      resolve: (node, { attempt, after, last }, context) => {
        const wanted = attempt ?? runOf(node)?.attempt ?? 0
        if (wanted === 0 || !maySeeValues(context, node.state)) return { lines: [], total: 0, dropped: 0 }
        return context.engine.logLines(node.state.id, node.id, wanted, {
          ...(after != null && { after }),
          ...(last != null && { last: Math.min(last, MAX_LINES) }),
          limit: MAX_LINES,
        })
      },
    }),
    availableActions: t.field({
      type: [AvailableAction],
      resolve: (node, _, context) => {
        const actions = nodeActions(context, node)
        return actions instanceof Promise ? actions.then((all) => [...all]) : [...actions]
      },
    }),
  }),
})

function callbackUrlOf(node: NodeShape, context: Context): string | null {
  const run = runOf(node)
  const waits = run?.state === 'waiting' && run.waitsFor === 'callback' && run.plugin?.startsWith('callback@') === true
  if (!waits || isPast(node.state)) return null
  const { rights, app } = viewerOf(context, node.state)
  return rights.has('operate') || app.operate
    ? context.engine.callbackUrl({ task: node.state.id, node: node.id, attempt: run.attempt, item: null })
    : null
}
/** Those an alert goes to: whom the author named, else starter and the app's operators. */
export function askedOf({ state, flow }: NodeShape, { directory, library }: Context): readonly ActorShape[] {
  const operators = (state.app && library.app(state.project, state.app.name)?.spec.operators) ?? []
  const refs = library.namesAttention(state.project, flow.name) ? flow.notify.attention : ['starter', ...operators]
  const here = directory.within(state.project)
  const people = refs.flatMap((ref) => here.people(ref, state.startedBy))
  return [...new Map(people.map(({ id, name }) => [id, { person: id, name, surface: 'system' as const }])).values()]
}

/** Of the present attempt from the state, of earlier ones from the history. Secrets as dots. */
async function valuesOfAttempt(context: Context, node: NodeShape, attempt: number | null | undefined) {
  if (!maySeeValues(context, node.state)) return null
  const run = runOf(node)
  if (!run) return null
  const values =
    attempt == null || attempt === run.attempt
      ? { inputs: run.inputs, outputs: run.outputs }
      : await context.engine.attempt(node.state.id, node.id, attempt)
  return values && { inputs: values.inputs && masked(values.inputs), outputs: values.outputs && masked(values.outputs) }
}
const hostOf = (inputs: NodeRun['inputs']): string[] => {
  const host = inputs?.['host']
  return typeof host === 'string' ? [host] : []
}
function hostsOf(node: NodeShape): string[] {
  const items = itemsOfNode(node)
  const hosts = items ? items.flatMap((item) => hostOf(item.inputs)) : hostOf(runOf(node)?.inputs ?? null)
  return [...new Set(hosts)]
}
export function failedHosts(node: NodeShape): string[] {
  const items = itemsOfNode(node)
  if (!items) return hostsOf(node)
  const failed = items.filter(({ state }) => state === 'failed').flatMap((item) => hostOf(item.inputs))
  if (failed.length > 0) return [...new Set(failed)]
  // Tried again meanwhile: the error of the last attempt still begins with its host.
  const message = runOf(node)?.error?.message ?? ''
  const names = items.flatMap(({ item, inputs }) => [...hostOf(inputs), ...(typeof item === 'string' ? [item] : [])])
  return names.filter((name) => message.startsWith(`${name}: `)).slice(0, 1)
}

function neededFields({ flow, id }: NodeShape): FieldShape[] {
  return outputsNeeded(flow, id).map(({ name, variable, readBy }) => {
    const declared = flow.variables.find(({ key }) => key === variable)
    const plain: Variable = {
      key: name,
      type: 'text',
      title: declared?.title ?? name,
      required: true,
      show: true,
      readOnly: false,
      secret: false,
      onCard: false,
    }
    const { project } = flow
    return fieldOf({ ...plain, ...declared, key: name, required: true }, null, { help: readBy.join(', '), project })
  })
}
/** Shown ones for everybody who may edit; an operator also mends what a node wrote. */
function editFields(shape: NodeShape, context: Context): FieldShape[] {
  const { flow, state } = shape
  if (!maySeeValues(context, state)) return []
  const viewer = viewerOf(context, state)
  const operator = viewer.rights.has('operate') || viewer.app.operate
  const reads = readsOf(nodeOf(shape))
  const app = state.app && context.library.app(state.project, state.app.name)
  return flow.variables
    .filter(({ key, computed }) => reads.has(key) && computed === undefined && !state.fixed.includes(key))
    .filter(({ key, show }) => operator || (show && app?.spec.form?.[key]?.hide !== true))
    .map((variable) => {
      const value = state.variables[variable.key]
      const readOnly = variable.readOnly && !operator
      return fieldOf(variable, isSecretRef(value) ? null : value, { readOnly, project: state.project })
    })
}
