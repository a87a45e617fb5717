import { catalogue } from '../../../engine/index.ts'
import { mayDo, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, pageOf } from '../../graphql/connection.ts'
import { FlowRef } from '../app/app.ts'
import { checkContext, findingsOf, readDocuments } from '../document/apply.ts'
import { Finding, refreshDocuments } from '../document/document.ts'
import { publish } from './publish.ts'

/** A draft, a version, or the current version with its draft beside it. */
interface FlowShape {
  readonly project: string
  readonly name: string
  readonly draft: catalogue.DocumentRow | undefined
  readonly version: catalogue.FlowVersionRow | undefined
}
const Flow = builder.objectRef<FlowShape>('Flow').implement({
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
    hasDraft: t.boolean({
      resolve: ({ draft, version }) =>
        draft !== undefined && (!version || JSON.stringify(draft.document) !== JSON.stringify(version.document)),
    }),
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
function titleOf({ name, draft, version }: FlowShape): string {
  const metadata = (version ?? draft)?.document['metadata'] as { title?: unknown } | undefined
  return typeof metadata?.title === 'string' ? metadata.title : name
}
const FlowConnection = connectionOf('Flow', Flow)

const shapeOf = (context: Context, project: string, name: string, version?: number | null): FlowShape | null =>
  context.db.read((tx) => {
    const draft = catalogue.documentOf(tx, project, 'Flow', name)
    const row = catalogue.flowVersionOf(tx, project, name, version ?? 'current')
    return (version == null ? (draft ?? row) : row) ? { project, name, draft, version: row } : null
  })
/** Flows hold scripts and hosts: for those who see the project. */
const mayRead = (context: Context, project: string): void => {
  somebody(context)
  if (!rightsIn(context, project).has('author')) mayDo(context, 'view', project)
}

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
    args: { name: t.arg.string({ required: true }), project: t.arg.string(), note: t.arg.string() },
    resolve: (_, { name, project: given, note }, context) =>
      act(context, 'publishFlow', name, async () => {
        const project = given ?? 'default'
        mayDo(context, 'author', project)
        const { row } = await context.db.write((tx) =>
          publish(tx, {
            project,
            name,
            note: note ?? null,
            by: context.who.actor,
            now: context.now(),
            plugins: context.engine.plugins,
          }),
        )
        refreshDocuments(context)
        return shapeOf(context, project, name, row.version)!
      }),
  }),
)
