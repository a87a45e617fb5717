import { EngineError, sealAnswers, type Variable } from '../../../engine/index.ts'
import { mayDecide, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { act, once } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { valuesOf } from '../app/app.ts'
import { Ask } from '../ask/ask.ts'
import { asKept } from '../file/facts.ts'
import { DecideInput } from './inputs.ts'
import { askOf, type AskShape } from './load.ts'
import { send, type Wish } from './send.ts'

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
