import { EngineError, type PeopleCommand } from '../../../engine/index.ts'
import { lacking, owners, somebody, withNames } from '../../auth/allow.ts'
import { proven } from '../../auth/proof.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../error.ts'
import { act, once } from '../../graphql/act.ts'
import { heldAgainstFreezes, reasonOf } from '../freeze/frozen.ts'
import { passesOverApproval } from './around.ts'
import { taskOf, type TaskView, viewerOf } from './load.ts'

/** What mutations say of a command; the server adds who. */
export type Wish = PeopleCommand extends infer C ? (C extends { by: unknown } ? Omit<C, 'by'> : never) : never

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

/** With a reason, a freeze is passed. */
export function overriding(reason: string | null | undefined): { overrideFreeze?: string } {
  const overrideFreeze = reasonOf(reason)
  return overrideFreeze === undefined ? {} : { overrideFreeze }
}
