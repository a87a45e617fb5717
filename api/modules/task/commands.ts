import { somebody } from '../../auth/allow.ts'
import { act, once } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { RevokeMode } from '../../graphql/enums.ts'
import { LaunchInput } from './inputs.ts'
import { launch } from './launch.ts'
import { launched, taskOf, type TaskView } from './load.ts'
import { Task } from './task-ref.ts'
import { editOf } from './edit.ts'
import { onTask, overriding, send } from './send.ts'

/** What is done to a task as a whole. */
builder.mutationFields((t) => ({
  launch: t.field({
    type: Task,
    args: { input: t.arg({ type: LaunchInput, required: true }) },
    resolve: (_, { input }, context) =>
      act(
        context,
        'launch',
        input.app ?? input.flow ?? null,
        () => {
          somebody(context)
          const { clientMutationId, ...wish } = input
          return once<TaskView>(context, {
            id: clientMutationId,
            input: ['launch', wish],
            work: () => launch(context, wish),
            idOf: ({ state }) => state.id,
            again: (id) => taskOf(context, id),
          })
        },
        {
          ...(input.project != null && { project: input.project }),
          ...(input.overrideFreeze != null && { overrideFreeze: input.overrideFreeze }),
        },
        launched,
      ),
  }),
  startTask: t.field({
    type: Task,
    args: {
      id: t.arg.id({ required: true }),
      overrideFreeze: t.arg.string({
        description: 'Why it cannot wait until a freeze is over. Needs `override-freeze`.',
      }),
      clientMutationId: t.arg.string(),
    },
    resolve: (_, { id, overrideFreeze, clientMutationId }, context) =>
      onTask(
        context,
        'startTask',
        id,
        clientMutationId,
        overrideFreeze ?? null,
        (view) => send(context, view, { kind: 'start', ...overriding(overrideFreeze) }),
        overrideFreeze == null ? undefined : { overrideFreeze },
      ),
  }),
  planTask: t.field({
    type: Task,
    description:
      'Moves the planned start of a task that has not started. Without `at` it starts when somebody says so.',
    args: { id: t.arg.id({ required: true }), at: t.arg({ type: 'DateTime' }), clientMutationId: t.arg.string() },
    resolve: (_, { id, at, clientMutationId }, context) =>
      onTask(context, 'planTask', id, clientMutationId, at, (view) =>
        send(context, view, { kind: 'plan', at: at ?? null }),
      ),
  }),
  setNote: t.field({
    type: Task,
    description: 'A note for everybody who looks at the task; empty takes it away.',
    args: {
      id: t.arg.id({ required: true }),
      note: t.arg.string({ required: true }),
      clientMutationId: t.arg.string(),
    },
    resolve: (_, { id, note, clientMutationId }, context) =>
      onTask(context, 'setNote', id, clientMutationId, note, (view) =>
        send(context, view, { kind: 'set_note', text: note }),
      ),
  }),
  pauseTask: t.field({
    type: Task,
    args: { id: t.arg.id({ required: true }), clientMutationId: t.arg.string() },
    resolve: (_, { id, clientMutationId }, context) =>
      onTask(context, 'pauseTask', id, clientMutationId, null, (view) => send(context, view, { kind: 'pause' })),
  }),
  resumeTask: t.field({
    type: Task,
    args: { id: t.arg.id({ required: true }), clientMutationId: t.arg.string() },
    resolve: (_, { id, clientMutationId }, context) =>
      onTask(context, 'resumeTask', id, clientMutationId, null, (view) => send(context, view, { kind: 'resume' })),
  }),
  revokeTask: t.field({
    type: Task,
    args: {
      id: t.arg.id({ required: true }),
      mode: t.arg({ type: RevokeMode }),
      reason: t.arg.string(),
      clientMutationId: t.arg.string(),
    },
    resolve: (_, { id, mode, reason, clientMutationId }, context) =>
      onTask(context, 'revokeTask', id, clientMutationId, [mode, reason], (view) =>
        send(context, view, { kind: 'revoke', mode: mode ?? 'cancel', ...(reason && { reason }) }),
      ),
  }),
  editVariables: t.field({
    type: Task,
    args: {
      id: t.arg.id({ required: true }),
      revision: t.arg.int({ required: true }),
      variables: t.arg({ type: 'JSON', required: true }),
      reason: t.arg.string(),
      clientMutationId: t.arg.string(),
    },
    resolve: (_, { id, revision, variables, reason, clientMutationId }, context) =>
      onTask(context, 'editVariables', id, clientMutationId, [revision, variables, reason], async (view) =>
        send(context, view, await editOf(context, view, { revision, variables, reason })),
      ),
  }),
  follow: t.field({
    type: Task,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) =>
      onTask(context, 'follow', id, null, null, (view) =>
        send(context, view, { kind: 'follow', person: somebody(context).id }),
      ),
  }),
}))
