import { mayDo } from '../../auth/allow.ts'
import { builder } from '../../graphql/builder.ts'
import { findTask, markPast, taskOf } from '../task/load.ts'
import { Task } from '../task/task-ref.ts'

const HistoryCheck = builder
  .objectRef<{ seq: number; problem: string } | { seq: null; problem: null }>('HistoryCheck')
  .implement({
    description: 'Whether a stored history is what it was when it was written.',
    fields: (t) => ({
      whole: t.boolean({ resolve: ({ problem }) => problem === null }),
      event: t.int({ nullable: true, description: 'The first event that does not fit.', resolve: ({ seq }) => seq }),
      problem: t.string({ nullable: true, resolve: ({ problem }) => problem }),
    }),
  })

builder.queryFields((t) => ({
  historyCheck: t.field({
    type: HistoryCheck,
    description:
      'Recomputes the chain of a task’s history and compares it with its signed heads. Needs the right `audit`.',
    args: { task: t.arg.id({ required: true }) },
    resolve: async (_, { task }, context) => {
      const { state } = await taskOf(context, String(task))
      mayDo(context, 'audit', state.project)
      return context.engine.verifyHistory(state.id) ?? { seq: null, problem: null }
    },
  }),
  verifyKey: t.string({
    description: 'What exported histories are verified by: an Ed25519 public key. Needs the right `audit`.',
    resolve: (_, __, context) => {
      mayDo(context, 'audit')
      return `ed25519:${context.engine.verifyKey}`
    },
  }),
  taskAt: t.field({
    type: Task,
    nullable: true,
    description:
      'A task as it stood after an event of its history. It can be looked at: nothing can be done to the past.',
    args: { id: t.arg.id({ required: true }), event: t.arg.int({ required: true }) },
    resolve: async (_, { id, event }, context) => {
      const now = await findTask(context, String(id))
      const then = now && (await context.engine.taskAt(now.state.id, event))
      return then && markPast(then)
    },
  }),
}))

const HistoryHead = builder.objectRef<{ version: number; hash: string; signature: string }>('HistoryHead').implement({
  description: 'Where a history stands. Whoever keeps it can show later that the history was rewritten or cut off.',
  fields: (t) => ({
    event: t.int({ description: 'The last event.', resolve: ({ version }) => version }),
    hash: t.exposeString('hash'),
    signature: t.exposeString('signature', {
      description:
        'Ed25519 over `baton.head`, the task’s id, the event’s number and the hash, one a line; see `verifyKey`.',
    }),
  }),
})
builder.objectField(Task, 'historyHead', (t) =>
  t.field({
    type: HistoryHead,
    nullable: true,
    resolve: ({ state }, _, { engine }) => engine.signedHead(state.id),
  }),
)
builder.objectField(Task, 'archivedAt', (t) =>
  t.field({
    type: 'DateTime',
    nullable: true,
    description: 'When it went into the archive: no list shows it any more, its number still finds it.',
    resolve: ({ state }, _, { engine }) => engine.archivedAt(state.id),
  }),
)
