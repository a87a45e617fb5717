/** What people do with asks beside answering one: take, give back, remind, say, attach; and answering several, each on its own. */
import { EngineError, type AttachedFile } from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { badInput, toPublicError } from '../../error.ts'
import { builder } from '../../graphql/builder.ts'
import { decide, onAsk } from '../task/ask-commands.ts'
import { DecideInput } from '../task/inputs.ts'
import { askOf, type AskShape } from '../task/load.ts'
import { Ask } from './ask.ts'

builder.mutationFields((t) => ({
  claimAsk: t.field({
    type: Ask,
    description: 'Takes it. Of two who press at once one has it; the other is told who.',
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) => onAsk(context, 'claimAsk', id, () => ({ kind: 'claim_ask', askId: id })),
  }),
  releaseAsk: t.field({
    type: Ask,
    description: 'Gives it back, or takes it from who has it: then with a reason, and the right `reassign-ask`.',
    args: { id: t.arg.id({ required: true }), reason: t.arg.string() },
    resolve: (_, { id, reason }, context) =>
      onAsk(context, 'releaseAsk', id, () => ({ kind: 'release_ask', askId: id, ...(reason && { reason }) })),
  }),
  remindAsk: t.field({
    type: Ask,
    description: 'Tells those again who have not answered. Not more often than every five minutes.',
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) => onAsk(context, 'remindAsk', id, () => ({ kind: 'remind_ask', askId: id })),
  }),
  commentAsk: t.field({
    type: Ask,
    args: {
      id: t.arg.id({ required: true }),
      comment: t.arg.string({ required: true, description: 'May be empty where files say it.' }),
      files: t.arg.idList({ description: 'Uploaded for its task (`upload(task:)`), up to ten.' }),
    },
    resolve: async (_, { id, comment, files }, context) => {
      const attached = files && files.length > 0 ? await filesOf(context, id, files) : null
      return onAsk(context, 'commentAsk', id, () => ({
        kind: 'comment_ask',
        askId: id,
        comment,
        ...(attached && { files: attached }),
      }))
    },
  }),
}))

/** Files that were uploaded for the task of an ask: another’s are as unknown as those that never were. */
async function filesOf(context: Context, askId: string, ids: readonly (string | number)[]): Promise<AttachedFile[]> {
  const { state } = await askOf(context, askId)
  return Promise.all(
    ids.slice(0, 11).map(async (id) => {
      const facts = await context.files?.facts(String(id))
      if (!facts || facts.task !== state.id)
        throw badInput('files', 'UNKNOWN', `There is no file ${String(id)} of this task. Upload it with \`task\``)
      const { file, name, bytes, sha256 } = facts
      return { file, name, bytes, sha256 }
    }),
  )
}

interface DecidedShape {
  readonly askId: string
  readonly ask: AskShape | null
  readonly refusal: { readonly code: string; readonly message: string } | null
}
const Decided = builder.objectRef<DecidedShape>('Decided').implement({
  description: 'What came of one of several answers.',
  fields: (t) => ({
    askId: t.exposeID('askId'),
    ask: t.field({
      type: Ask,
      nullable: true,
      description: 'As it is now; null where it was refused.',
      resolve: ({ ask }) => ask,
    }),
    code: t.string({ nullable: true, resolve: ({ refusal }) => refusal?.code ?? null }),
    message: t.string({ nullable: true, resolve: ({ refusal }) => refusal?.message ?? null }),
  }),
})
/** More than a person reads before they press. */
const MOST_AT_ONCE = 50
builder.mutationField('decideAll', (t) =>
  t.field({
    type: [Decided],
    description:
      'Answers several asks, each by the digest of what was seen, each recorded and refused on its own: one that has changed meanwhile holds up none of the others.',
    args: { inputs: t.arg({ type: [DecideInput], required: true }) },
    resolve: async (_, { inputs }, context) => {
      if (inputs.length > MOST_AT_ONCE)
        throw badInput('inputs', 'TOO_MANY', `At most ${MOST_AT_ONCE} at once. These are ${inputs.length}`)
      const answers: DecidedShape[] = []
      for (const input of inputs) answers.push(await one(context, input))
      return answers
    },
  }),
)
async function one(context: Context, input: typeof DecideInput.$inferInput): Promise<DecidedShape> {
  const { askId } = input
  try {
    return { askId, ask: await decide(context, input), refusal: null }
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    const { message } = toPublicError(error, context.who, context.now()) as Error
    return { askId, ask: null, refusal: { code: error.code, message } }
  }
}
