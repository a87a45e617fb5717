import { builder } from '../../graphql/builder.ts'
import { Verdict } from '../../graphql/enums.ts'

export const LaunchInput = builder.inputType('LaunchInput', {
  fields: (t) => ({
    app: t.string(),
    flow: t.string(),
    project: t.string(),
    version: t.int(),
    variables: t.field({ type: 'JSON' }),
    key: t.string({
      description: 'Minted at each opening of a form: the same key and the same input are the same task.',
    }),
    title: t.string(),
    scheme: t.string(),
    omit: t.stringList(),
    startNow: t.boolean(),
    startAt: t.field({ type: 'DateTime' }),
    rehearsal: t.boolean(),
    continueFrom: t.id(),
    origin: t.string({
      description: 'Where the launch came from, for the task card: `slack:C0OPS`, `telegram:-100123/7`.',
    }),
    overrideFreeze: t.string({
      description: 'Why it cannot wait until a freeze is over. Needs `override-freeze`; announced and audited.',
    }),
    asText: t.boolean({ description: "Values arrive as text (`key=value`): read by each variable's type." }),
    clientMutationId: t.string(),
  }),
})
export const NodeInput = builder.inputType('NodeInput', {
  fields: (t) => ({
    taskId: t.id({ required: true }),
    nodeId: t.id({ required: true }),
    attempt: t.int({
      required: true,
      description: 'The attempt that was seen. Another one is STALE and changes nothing.',
    }),
    items: t.intList(),
    inputs: t.field({ type: 'JSON' }),
    outputs: t.field({ type: 'JSON' }),
    branches: t.stringList(),
    at: t.field({ type: 'DateTime' }),
    note: t.string(),
    variables: t.field({
      type: 'JSON',
      description: 'Retry only: variables changed together with it (edit and retry), at the revision that was seen.',
    }),
    variablesRevision: t.int(),
    overrideFreeze: t.string({
      description: 'Retry only: why it cannot wait until a freeze is over. Needs `override-freeze`.',
    }),
    clientMutationId: t.string(),
  }),
})
export const DecideInput = builder.inputType('DecideInput', {
  fields: (t) => ({
    askId: t.id({ required: true }),
    digest: t.string({ required: true, description: 'What was seen. Another one is STALE and changes nothing.' }),
    verdict: t.field({ type: Verdict, required: true }),
    comment: t.string(),
    fields: t.field({ type: 'JSON' }),
    clientMutationId: t.string(),
  }),
})
