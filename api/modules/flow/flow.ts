import { catalogue, EngineError, sameValue, type Value } from '../../../engine/index.ts'
import { rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, pageOf } from '../../graphql/connection.ts'
import { AvailableAction, FlowRef } from '../app/app.ts'
import { checkContext, findingsOf, readDocuments } from '../document/apply.ts'
import { textsOf, whenText } from '../../texts.ts'
import { Finding, refreshDocuments } from '../document/document.ts'
import { draftBeside, publish } from './publish.ts'
import { flowActions, mayPublish, mayRead, mayUseSecrets } from './rights.ts'

/** A draft, a version, or the current version with its draft beside it. */
export interface FlowShape {
  readonly project: string
  readonly name: string
  readonly draft: catalogue.DocumentRow | undefined
  readonly version: catalogue.FlowVersionRow | undefined
}
const FlowDraft = builder.objectRef<catalogue.DocumentRow>('FlowDraft').implement({
  description: 'What was saved last, published or not.',
  fields: (t) => ({
    revision: t.int({
      description: 'Grows with each save. `saveFlow` and `publishFlow` carry the one that was seen.',
      resolve: ({ generation }) => generation,
    }),
    source: t.exposeString('source'),
    updatedAt: t.field({ type: 'DateTime', resolve: ({ updatedAt }) => updatedAt }),
    updatedBy: t.exposeString('updatedBy'),
  }),
})
export const Flow = builder.objectRef<FlowShape>('Flow')
Flow.implement({
  fields: (t) => ({
    id: t.id({ resolve: ({ project, name, version }) => `flow:${project}/${name}@${version?.version ?? 'draft'}` }),
    name: t.exposeString('name'),
    project: t.exposeString('project'),
    title: t.string({ resolve: (flow) => titleOf(flow) }),
    version: t.int({
      nullable: true,
      description: 'Null while never published.',
      resolve: ({ version }) => version?.version ?? null,
    }),
    digest: t.string({ nullable: true, resolve: ({ version }) => version?.digest ?? null }),
    current: t.boolean({ resolve: ({ version }) => version?.current ?? false }),
    publishedAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ version }) => version?.publishedAt ?? null }),
    publishedBy: t.string({ nullable: true, resolve: ({ version }) => version?.publishedBy ?? null }),
    note: t.string({ nullable: true, resolve: ({ version }) => version?.note ?? null }),
    hasDraft: t.boolean({ description: 'The draft is not what this version says.', resolve: (flow) => isAhead(flow) }),
    source: t.string({ resolve: ({ draft, version }) => version?.source ?? draft?.source ?? '' }),
    findings: t.field({
      type: [Finding],
      resolve: ({ draft, version }, _, { db, engine }) => {
        const source = draft?.source ?? version?.source
        if (source === undefined) return []
        return db.read((tx) => {
          const check = checkContext(tx, engine.plugins)
          return readDocuments(source).flatMap((read) => findingsOf(read, check))
        })
      },
    }),
    draft: t.field({ type: FlowDraft, nullable: true, resolve: ({ draft }) => draft ?? null }),
    published: t.field({
      type: [Flow],
      description: 'Every published version, newest first.',
      resolve: ({ project, name }, _, { db }): FlowShape[] =>
        db
          .read((tx) => catalogue.flowVersionsOf(tx, project, name))
          .map((version) => ({ project, name, draft: undefined, version })),
    }),
    availableActions: t.field({
      type: [AvailableAction],
      resolve: (flow, _, context) =>
        flowActions(context, flow.project, {
          draft: isAhead(flow),
          versions: context.db.read((tx) => catalogue.flowVersionsOf(tx, flow.project, flow.name)).length,
        }),
    }),
    versions: t.field({
      type: [FlowRef],
      resolve: ({ project, name }, _, { db }) =>
        db
          .read((tx) => catalogue.flowVersionsOf(tx, project, name))
          .map((row) => ({
            name,
            version: row.version,
            title: titleOf({ project, name, draft: undefined, version: row }),
          })),
    }),
  }),
})
const isAhead = ({ draft, version }: FlowShape): boolean =>
  draft !== undefined &&
  (!version || !sameValue(draftBeside(draft.document, version.document) as Value, version.document as Value))
function titleOf({ name, draft, version }: FlowShape): string {
  const metadata = (version ?? draft)?.document['metadata'] as { title?: unknown } | undefined
  return typeof metadata?.title === 'string' ? metadata.title : name
}
const FlowConnection = connectionOf('Flow', Flow)

export const shapeOf = (context: Context, project: string, name: string, version?: number | null): FlowShape | null =>
  context.db.read((tx) => {
    const draft = catalogue.documentOf(tx, project, 'Flow', name)
    const row = catalogue.flowVersionOf(tx, project, name, version ?? 'current')
    return (version == null ? (draft ?? row) : row) ? { project, name, draft, version: row } : null
  })

builder.queryFields((t) => ({
  flows: t.field({
    type: FlowConnection,
    args: { first: t.arg.int(), after: t.arg.string(), search: t.arg.string() },
    resolve: (_, { first, after, search }, context) => {
      somebody(context)
      const words = search?.trim().toLowerCase() ?? ''
      const flows = context.db
        .read((tx) => catalogue.documentsOf(tx, 'Flow'))
        .filter(({ project }) => rightsIn(context, project).has('view') || rightsIn(context, project).has('author'))
        .map(({ project, name }) => shapeOf(context, project, name)!)
        .filter((flow) => `${flow.name}\n${titleOf(flow)}`.toLowerCase().includes(words))
      return pageOf(flows, ({ project, name }) => `${project}/${name}`, first, after)
    },
  }),
  flow: t.field({
    type: Flow,
    nullable: true,
    args: { name: t.arg.string({ required: true }), project: t.arg.string(), version: t.arg.int() },
    resolve: (_, { name, project, version }, context) => {
      mayRead(context, project ?? 'default')
      return shapeOf(context, project ?? 'default', name, version)
    },
  }),
}))
builder.mutationField('publishFlow', (t) =>
  t.field({
    type: Flow,
    args: {
      name: t.arg.string({ required: true }),
      project: t.arg.string(),
      note: t.arg.string(),
      revision: t.arg.int({
        description: 'Of the draft that was read: another one is STALE and nothing is published.',
      }),
    },
    resolve: (_, { name, project: given, note, revision }, context) =>
      act(context, 'publishFlow', name, async () => {
        const project = given ?? 'default'
        mayPublish(context, project)
        const { row } = await context.db.write((tx) => {
          const draft = catalogue.documentOf(tx, project, 'Flow', name)
          mayUseSecrets(context, project, draft?.document)
          if (revision != null && draft && draft.generation !== revision) {
            const at = whenText(draft.updatedAt, context.who.language, context.who.timeZone, context.now())
            const message = textsOf(context.who.language).draftMoved(name, draft.updatedBy, at)
            throw new EngineError('STALE', { message, revision: draft.generation, savedBy: draft.updatedBy })
          }
          return publish(tx, {
            project,
            name,
            note: note ?? null,
            by: context.who.actor,
            now: context.now(),
            plugins: context.engine.plugins,
          })
        })
        refreshDocuments(context)
        return shapeOf(context, project, name, row.version)!
      }),
  }),
)
