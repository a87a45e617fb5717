import { taskTitleOf, type Values } from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { valuesOf } from '../app/app.ts'
import { editOf, editWithSecrets } from './edit.ts'
import type { TaskView } from './load.ts'
import { isHidden } from './mask.ts'
import { onTask, overriding, send } from './send.ts'
import { Task } from './task-ref.ts'

/** Hand-over (FLOW §4): a request is a task from its submission on. Each act names the round it was aimed at. */
interface Edited {
  readonly variables?: unknown
  readonly variablesRevision?: number | null | undefined
}
/** What is put right together with the act, checked as any edit. @throws INVALID_INPUT with every field. */
async function edit(context: Context, view: TaskView, { variables, variablesRevision }: Edited, reason: string | null) {
  if (Object.keys(valuesOf(variables, 'variables')).length === 0) return {}
  const revision = variablesRevision ?? view.state.variablesRevision
  const checked = await editOf(context, view, { revision, variables, reason })
  const { variables: values } = checked
  return {
    edit: {
      revision: checked.revision,
      variables: values,
      ...titled(context, view, values),
      ...(reason && { reason }),
    },
  }
}
/**
 * The launch form came back to whoever asked: a secret may be typed anew, since nothing has read the one before; left out or empty it
 * stays what it is. @throws INVALID_INPUT with every field.
 */
async function resubmitted(context: Context, view: TaskView, edited: Edited, reason: string | null) {
  const { state } = view
  const flow = context.library.flow(state.project, state.flow.name, state.flow.version)
  const isKept = (key: string, value: unknown): boolean =>
    (value === null || value === '' || isHidden(value)) &&
    flow.variables.some((variable) => variable.key === key && variable.secret)
  const given = Object.entries(valuesOf(edited.variables, 'variables'))
  const variables = Object.fromEntries(given.filter(([key, value]) => !isKept(key, value)))
  if (Object.keys(variables).length === 0) return { wish: {}, secrets: {} }
  const revision = edited.variablesRevision ?? state.variablesRevision
  const { wish, secrets } = await editWithSecrets(context, view, { revision, variables, reason })
  const edit = {
    revision,
    variables: wish.variables,
    ...titled(context, view, wish.variables),
    ...(reason && { reason }),
  }
  return { wish: { edit }, secrets }
}

/** A title that was made of the answers is made anew of those that are put right; one that somebody wrote stays. */
function titled(context: Context, { state }: TaskView, values: Values): { readonly title?: string } {
  const app = (state.app && context.library.app(state.project, state.app.name)) ?? null
  const flow = context.library.flow(state.project, state.flow.name, state.flow.version)
  const titleOf = (variables: Values): string => taskTitleOf(flow, app?.document ?? null, variables)
  return state.title === titleOf(state.variables) ? { title: titleOf({ ...state.variables, ...values }) } : {}
}

builder.mutationFields((t) => {
  const on = {
    id: t.arg.id({ required: true }),
    round: t.arg.int({ required: true, description: 'The round that was seen. Another one is STALE.' }),
    clientMutationId: t.arg.string(),
  }
  const put = { variables: t.arg({ type: 'JSON' }), variablesRevision: t.arg.int(), note: t.arg.string() }
  return {
    claimTask: t.field({
      type: Task,
      description:
        'Takes on a task that was handed over; it begins. `variables` are put right in the same step and shown to whoever asked. Of two who claim at once one wins.',
      args: {
        ...on,
        ...put,
        overrideFreeze: t.arg.string({
          description: 'Why it cannot wait until a freeze is over. Needs `override-freeze`.',
        }),
      },
      resolve: (_, { id, round, clientMutationId, note, overrideFreeze, ...edited }, context) =>
        onTask(
          context,
          'claimTask',
          id,
          clientMutationId,
          [round, note, edited, overrideFreeze ?? null],
          async (view) =>
            send(context, view, {
              kind: 'claim_request',
              round,
              ...overriding(overrideFreeze),
              ...(note && { note }),
              ...(view.state.handOver?.round === round && (await edit(context, view, edited, note ?? null))),
            }),
          overrideFreeze == null ? undefined : { overrideFreeze },
        ),
    }),
    rejectTask: t.field({
      type: Task,
      description: 'Gives a request back to whoever asked, who changes it and submits it again.',
      args: { ...on, reason: t.arg.string({ required: true }) },
      resolve: (_, { id, round, clientMutationId, reason }, context) =>
        onTask(context, 'rejectTask', id, clientMutationId, [round, reason], (view) =>
          send(context, view, { kind: 'reject_request', round, reason }),
        ),
    }),
    resubmitTask: t.field({
      type: Task,
      description:
        'Hands a request that was given back over again, changed. A secret may be typed anew, though not in a chat; left out it stays.',
      args: { ...on, ...put },
      resolve: (_, { id, round, clientMutationId, note, ...edited }, context) =>
        onTask(context, 'resubmitTask', id, clientMutationId, [round, note, edited], async (view) => {
          const isSeen = view.state.handOver?.round === round
          const put = isSeen ? await resubmitted(context, view, edited, note ?? null) : { wish: {}, secrets: {} }
          return send(
            context,
            view,
            { kind: 'resubmit_request', round, ...(note && { note }), ...put.wish },
            put.secrets,
          )
        }),
    }),
    transferTask: t.field({
      type: Task,
      description:
        'Passes a request on to others (people, `role:`, `group:`) who may take it; once claimed, to the one person who carries it from now on.',
      args: { ...on, to: t.arg.stringList({ required: true }), reason: t.arg.string({ required: true }) },
      resolve: (_, { id, round, clientMutationId, to, reason }, context) =>
        onTask(context, 'transferTask', id, clientMutationId, [round, to, reason], (view) =>
          send(context, view, { kind: 'transfer_request', round, to, reason }),
        ),
    }),
    withdrawTask: t.field({
      type: Task,
      description: 'Takes a request back, until somebody has claimed it. Then it is stopped like any task.',
      args: { ...on, reason: t.arg.string() },
      resolve: (_, { id, round, clientMutationId, reason }, context) =>
        onTask(context, 'withdrawTask', id, clientMutationId, [round, reason], (view) =>
          send(context, view, { kind: 'withdraw_request', round, ...(reason && { reason }) }),
        ),
    }),
  }
})
