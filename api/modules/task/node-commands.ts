import { depthOf, MAX_DEPTH, type Values } from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { builder } from '../../graphql/builder.ts'
import { valuesOf } from '../app/app.ts'
import { NodeInput } from './inputs.ts'
import type { TaskView } from './load.ts'
import { unmasked } from './mask.ts'
import { Task } from './task-ref.ts'
import { editOf } from './edit.ts'
import { onTask, overriding, send } from './send.ts'

interface OnNode {
  readonly taskId: string
  readonly nodeId: string
  readonly attempt: number
  readonly note?: string | null | undefined
  readonly items?: readonly number[] | null | undefined
  readonly overrideFreeze?: string | null | undefined
  readonly clientMutationId?: string | null | undefined
}
const onNode = (
  context: Context,
  what: string,
  input: OnNode,
  work: (view: TaskView) => Promise<TaskView>,
): Promise<TaskView> => {
  const { clientMutationId, ...rest } = input
  return onTask(
    context,
    what,
    input.taskId,
    clientMutationId,
    rest,
    (view) => {
      if (!view.flow.node(input.nodeId)) throw notFound('step', input.nodeId)
      return work(view)
    },
    {
      nodeId: input.nodeId,
      attempt: input.attempt,
      note: input.note ?? null,
      ...(input.overrideFreeze != null && { overrideFreeze: input.overrideFreeze }),
    },
  )
}
const aimed = ({ nodeId, attempt, note }: OnNode) => ({ nodeId, attempt, ...(note && { note }) })
const some = ({ items }: OnNode) => (items ? { items } : {})

builder.mutationFields((t) => {
  const args = { input: t.arg({ type: NodeInput, required: true }) }
  return {
    retryNode: t.field({
      type: Task,
      args,
      resolve: (_, { input }, context) => onNode(context, 'retryNode', input, (view) => retry(context, view, input)),
    }),
    skipNode: t.field({
      type: Task,
      args,
      resolve: (_, { input }, context) =>
        onNode(context, 'skipNode', input, (view) =>
          send(context, view, { kind: 'skip', ...aimed(input), ...some(input) }),
        ),
    }),
    completeNode: t.field({
      type: Task,
      args,
      resolve: (_, { input }, context) =>
        onNode(context, 'completeNode', input, (view) => {
          const outputs = valuesOf(input.outputs, 'outputs')
          return send(context, view, { kind: 'byhand', outputs, ...aimed(input), ...some(input) })
        }),
    }),
    failNode: t.field({
      type: Task,
      args,
      resolve: (_, { input }, context) =>
        onNode(context, 'failNode', input, (view) => send(context, view, { kind: 'fail', ...aimed(input) })),
    }),
    chooseBranch: t.field({
      type: Task,
      args,
      resolve: (_, { input }, context) =>
        onNode(context, 'chooseBranch', input, (view) =>
          send(context, view, { kind: 'choose_branch', branches: input.branches ?? [], ...aimed(input) }),
        ),
    }),
    pauseBefore: t.field({
      type: Task,
      description: 'The next visit of the node waits for `unpause`. `attempt` is the latest one, 0 before any visit.',
      args,
      resolve: (_, { input }, context) =>
        onNode(context, 'pauseBefore', input, (view) => send(context, view, { kind: 'pause_before', ...aimed(input) })),
    }),
    unpause: t.field({
      type: Task,
      args,
      resolve: (_, { input }, context) =>
        onNode(context, 'unpause', input, (view) => send(context, view, { kind: 'unpause', ...aimed(input) })),
    }),
    rescheduleNode: t.field({
      type: Task,
      args,
      resolve: (_, { input }, context) =>
        onNode(context, 'rescheduleNode', input, (view) => {
          if (input.at == null) throw badInput('at', 'REQUIRED', 'Say when')
          return send(context, view, { kind: 'reschedule', at: input.at, ...aimed(input) })
        }),
    }),
  }
})

interface RetryShape extends OnNode {
  readonly inputs?: unknown
  readonly variables?: unknown
  readonly variablesRevision?: number | null | undefined
}
/** Retry, or edit and retry: one command, refused as a whole when either has moved on. */
async function retry(context: Context, view: TaskView, input: RetryShape): Promise<TaskView> {
  const again = {
    kind: 'retry' as const,
    ...aimed(input),
    ...some(input),
    ...overriding(input.overrideFreeze),
    ...(input.inputs != null && { inputs: rawInputs(view, input) }),
  }
  const changes = valuesOf(input.variables, 'variables')
  if (Object.keys(changes).length === 0) return send(context, view, again)
  // Another attempt is refused with the truth of it, before anybody is told about fields.
  if (view.state.nodes.get(input.nodeId)?.attempt !== input.attempt) return send(context, view, again)
  const revision = input.variablesRevision ?? view.state.variablesRevision
  const { variables } = await editOf(context, view, { revision, variables: changes })
  if (unchanged(view, variables)) return send(context, view, again)
  return send(context, view, { ...again, edit: { revision, variables, ...(input.note && { reason: input.note }) } })
}
/** Secrets are shown as dots; dots that come back are the secrets. */
function rawInputs({ state }: TaskView, { nodeId, inputs }: RetryShape): Values {
  const given = valuesOf(inputs, 'inputs')
  const before = state.nodes.get(nodeId)?.inputs ?? {}
  if (depthOf(given) > MAX_DEPTH) return given // refused where it is decided
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, unmasked(value, before[name])]))
}
const unchanged = ({ state }: TaskView, variables: Values): boolean =>
  Object.entries(variables).every(
    ([key, value]) => JSON.stringify(state.variables[key] ?? null) === JSON.stringify(value),
  )
