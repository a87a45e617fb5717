import { checkEdit, EngineError } from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { textsOf } from '../../texts.ts'
import { formContext, valuesOf } from '../app/app.ts'
import { asKept } from '../file/facts.ts'
import { type TaskView, viewerOf } from './load.ts'
import type { Wish } from './send.ts'

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
