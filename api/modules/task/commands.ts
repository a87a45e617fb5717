import {
  checkEdit,
  depthOf,
  EngineError,
  MAX_DEPTH,
  sealAnswers,
  type PeopleCommand,
  type Values,
  type Variable,
} from '../../../engine/index.ts'
import { lacking, mayDecide, owners, somebody, withNames } from '../../auth/allow.ts'
import { proven } from '../../auth/proof.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act, once } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { textsOf } from '../../texts.ts'
import { RevokeMode } from '../../graphql/enums.ts'
import { formContext, valuesOf } from '../app/app.ts'
import { Ask } from '../ask/ask.ts'
import { asKept } from '../file/facts.ts'
import { heldAgainstFreezes, reasonOf } from '../freeze/frozen.ts'
import { passesOverApproval } from './around.ts'
import { DecideInput, LaunchInput, NodeInput } from './inputs.ts'
import { launch } from './launch.ts'
import { askOf, launched, taskOf, viewerOf, type AskShape, type TaskView } from './load.ts'
import { unmasked } from './mask.ts'
import { Task } from './task-ref.ts'

/** What mutations say of a command; the server adds who. */
type Wish = PeopleCommand extends infer C ? (C extends { by: unknown } ? Omit<C, 'by'> : never) : never

export async function send(
  context: Context,
  view: TaskView,
  wish: Wish,
  secrets: { readonly [key: string]: string } = {},
): Promise<TaskView> {
  const { state } = view
  within(wish as Readonly<Record<string, unknown>>) // every command is plain data
  // Looking things up elsewhere may have taken a while, and so may those before it of several: who it is now counts.
  const now = present(context)
  if (STEPPED_UP.has(wish.kind) && !state.rehearsal) {
    const app = (state.app && context.library.app(state.project, state.app.name)) ?? null
    proven(now, { project: state.project, app, flow: state.flow.name })
  }
  await mayPassOver(now, view, wish)
  const command = { ...wish, by: now.who.actor } as PeopleCommand
  return heldAgainstFreezes(context, state.project, () =>
    context.engine.command(state.id, command, viewerOf(now, state), secrets),
  ).catch((error: unknown) => {
    throw withNames(context, state, error)
  })
}
/** Nor is an approval passed over with the step that it stands in, a task of its own. @throws FORBIDDEN */
async function mayPassOver(context: Context, view: TaskView, wish: Wish): Promise<void> {
  if (wish.kind !== 'skip' && wish.kind !== 'byhand') return
  if (await passesOverApproval(context, view, wish.nodeId))
    throw lacking(context, 'override-approval', view.state.project)
}
/** The same request as whoever it is by now. @throws UNAUTHENTICATED when they were suspended, signed out, or their token ended meanwhile. */
function present(context: Context): Context {
  const who = context.recheck()
  if (!who.person) throw new EngineError('UNAUTHENTICATED', { grantedBy: owners(context) })
  return { ...context, who }
}
/** What lets work begin or changes what it does, what stands for an answer, and what hands either to others: an app may ask for a passkey before it. */
const STEPPED_UP: ReadonlySet<Wish['kind']> = new Set([
  'start',
  'plan',
  'claim_request',
  'resubmit_request',
  'transfer_request',
  'retry',
  'edit_variables',
  'choose_branch',
  'skip',
  'byhand',
  'decide',
  'transfer_ask',
  'assign_ask',
])
/** What people say goes into the history, every card and every chat: it has an end. */
const LONGEST_WORDS = 4_000
function within(wish: Readonly<Record<string, unknown>>): void {
  for (const field of ['note', 'reason', 'comment'])
    if (typeof wish[field] === 'string' && wish[field].length > LONGEST_WORDS)
      throw badInput(field, 'TOO_LONG', `Say it in ${LONGEST_WORDS} characters. This has ${wish[field].length}`)
}

/** One act on a task: visible, audited, once per `clientMutationId`. */
export function onTask(
  context: Context,
  what: string,
  id: string,
  mutationId: string | null | undefined,
  input: unknown,
  work: (view: TaskView) => Promise<TaskView>,
  detail?: object,
): Promise<TaskView> {
  const acting = (): Promise<TaskView> => {
    somebody(context)
    return once<TaskView>(context, {
      id: mutationId,
      input: [what, id, input],
      work: async () => work(await taskOf(context, id)),
      idOf: ({ state }) => state.id,
      again: (known) => taskOf(context, known),
    })
  }
  return act(context, what, id, acting, detail)
}

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

/** The changed values, checked as at launch. @throws INVALID_INPUT with every field. */
export async function editOf(
  context: Context,
  view: TaskView,
  given: Edited,
): Promise<Extract<Wish, { kind: 'edit_variables' }>> {
  return (await editWithSecrets(context, view, given, false)).wish
}
interface Edited {
  readonly revision: number
  readonly variables: unknown
  readonly reason?: string | null | undefined
}
/** With what was typed into secret fields, in plain, where nothing has read the one before: the engine seals it. @throws INVALID_INPUT */
export async function editWithSecrets(
  context: Context,
  view: TaskView,
  given: Edited,
  mayHoldSecrets = true,
): Promise<{ wish: Extract<Wish, { kind: 'edit_variables' }>; secrets: { readonly [key: string]: string } }> {
  const { state } = view
  const viewer = viewerOf(context, state)
  const app = state.app && (context.library.app(state.project, state.app.name) ?? null)
  const flow = context.library.flow(state.project, state.flow.name, state.flow.version)
  const checked = checkEdit(flow, app?.document ?? null, state.variables, valuesOf(given.variables, 'variables'), {
    ...formContext(context),
    operator: viewer.rights.has('operate') || viewer.app.operate,
  })
  const secrets = Object.keys(checked.secrets).flatMap((field) => {
    if (mayHoldSecrets && !isInChat(context)) return []
    if (mayHoldSecrets)
      return [{ field, code: 'SECRET_IN_CHAT', message: textsOf(context.who.language).notInChat['secret']! }]
    return [{ field, code: 'SECRET', message: 'A secret of a running task cannot be changed. Launch it anew.' }]
  })
  const kept = await asKept(context, flow.variables, checked.values)
  const found = [...checked.errors, ...secrets, ...kept.errors]
  const errors =
    found.length > 0
      ? found
      : await context.engine.refusedOptions(
          flow,
          { ...state.variables, ...checked.values },
          Object.keys(checked.values),
        )
  if (errors.length > 0) throw new EngineError('INVALID_INPUT', { message: errors[0]!.message, fields: errors })
  const wish = {
    kind: 'edit_variables' as const,
    revision: given.revision,
    variables: kept.values,
    ...(given.reason && { reason: given.reason }),
  }
  return { wish, secrets: checked.secrets }
}
/** What is typed there stays in its history. */
const isInChat = ({ who }: Context): boolean => ['slack', 'telegram'].includes(who.actor.surface)

/** With a reason, a freeze is passed. */
export function overriding(reason: string | null | undefined): { overrideFreeze?: string } {
  const overrideFreeze = reasonOf(reason)
  return overrideFreeze === undefined ? {} : { overrideFreeze }
}

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

interface Wanted {
  readonly wish: Wish
  readonly secrets: { readonly [key: string]: string }
}
export function decide(context: Context, input: typeof DecideInput.$inferInput): Promise<AskShape> {
  const { askId, digest, verdict, comment, fields, clientMutationId } = input
  const given = fields == null ? null : valuesOf(fields, 'fields')
  const wish = { kind: 'decide' as const, askId, digest, verdict, ...(comment && { comment }) }
  /** What is typed into a secret field is sealed before anything is written. */
  const answers = async ({ ask }: AskShape): Promise<Wanted> => {
    if (given === null) return { wish, secrets: {} }
    const { fields: sealed, secrets, errors } = sealAnswers(ask, given)
    const kept = await asKept(context, ask.fields as readonly unknown[] as readonly Variable[], sealed) // frozen from checked declarations
    const found = [...errors, ...kept.errors]
    if (found.length > 0) throw new EngineError('INVALID_INPUT', { message: found[0]!.message, fields: found })
    return { wish: { ...wish, fields: kept.values }, secrets }
  }
  const mutation = { id: clientMutationId, input: [wish, given] }
  return actOnAsk(context, 'decide', askId, answers, mutation, { verdict })
}
const ANSWERS: ReadonlySet<string> = new Set(['decide', 'claimAsk', 'transferAsk'])
/** A tool's account answers for nobody, whatever role it stands in; what it asked for itself it may put right. @throws FORBIDDEN */
function asPerson(context: Context, what: string, { ask }: AskShape): void {
  if (ANSWERS.has(what) && somebody(context).kind === 'service' && ask.correction !== true)
    throw new EngineError('FORBIDDEN', { reason: 'TOOL_ANSWERS' })
}
/** One act on an ask. */
export const onAsk = (context: Context, what: string, id: string, wish: (shape: AskShape) => Wish): Promise<AskShape> =>
  actOnAsk(context, what, id, (shape) => ({ wish: wish(shape), secrets: {} }))
function actOnAsk(
  context: Context,
  what: string,
  id: string,
  wanted: (shape: AskShape) => Wanted | Promise<Wanted>,
  mutation?: { id: string | null | undefined; input: unknown },
  detail?: object,
): Promise<AskShape> {
  const acting = (): Promise<AskShape> => {
    mayDecide(context)
    return once<AskShape>(context, {
      id: mutation?.id,
      input: [what, id, mutation?.input],
      work: async () => {
        const shape = await askOf(context, id)
        asPerson(context, what, shape)
        const { wish, secrets } = await wanted(shape)
        const after = await send(context, shape, wish, secrets)
        return { ...after, ask: after.state.asks.get(id) ?? shape.ask }
      },
      idOf: ({ ask }) => ask.id,
      again: (known) => askOf(context, known),
    })
  }
  return act(context, what, id, acting, detail)
}
builder.mutationFields((t) => ({
  decide: t.field({
    type: Ask,
    args: { input: t.arg({ type: DecideInput, required: true }) },
    resolve: (_, { input }, context) => decide(context, input),
  }),
  transferAsk: t.field({
    type: Ask,
    args: {
      id: t.arg.id({ required: true }),
      to: t.arg.string({ required: true }),
      reason: t.arg.string({ required: true }),
    },
    resolve: (_, { id, to, reason }, context) =>
      onAsk(context, 'transferAsk', id, () => ({ kind: 'transfer_ask', askId: id, to, reason })),
  }),
  assignAsk: t.field({
    type: Ask,
    args: {
      id: t.arg.id({ required: true }),
      to: t.arg.stringList({ required: true }),
      reason: t.arg.string({ required: true }),
    },
    resolve: (_, { id, to, reason }, context) =>
      onAsk(context, 'assignAsk', id, () => ({ kind: 'assign_ask', askId: id, to, reason })),
  }),
}))
