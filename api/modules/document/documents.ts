import { catalogue, KINDS } from '../../../engine/index.ts'
import { mayDo, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { conditionInChinese } from '../../chinese/conditions.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, open, pageSize, seal } from '../../graphql/connection.ts'
import { words } from '../../graphql/enums.ts'
import { projectMeant } from '../project/project.ts'
import { readDocuments, RIGHT_OF, saveWhole } from './apply.ts'
import { mayWriteRole } from '../role/give.ts'
import { AppliedDocument, changed, Finding, mayWrite, whatCame } from './document.ts'
import { onePage, statusOf, type Condition } from './status.ts'

const ConditionStatus = words('ConditionStatus', ['true', 'false', 'unknown'])
const ConditionType = builder.objectRef<Condition>('Condition').implement({
  description: 'Something that holds of a document now, or not.',
  fields: (t) => ({
    type: t.exposeString('type', {
      description:
        '`Valid`; of a flow `Published`, an app `FlowPublished`, a host `KeySet KeyConfirmed Ready`, a SecretRef `ValuesSet`, a role or group `HasMembers`, a RightsRole `HasHolders`.',
    }),
    status: t.field({ type: ConditionStatus, resolve: ({ status }) => status }),
    reason: t.exposeString('reason'),
    message: t.string({
      resolve: ({ message }, _, { who }) => (who.language === 'zh' ? conditionInChinese(message) : message),
    }),
  }),
})
const DocumentStatus = builder.objectRef<catalogue.DocumentRow>('DocumentStatus').implement({
  description: 'What the server says of a document; nobody writes it.',
  fields: (t) => ({
    generation: t.exposeInt('generation', { description: 'Grows with each change of the document.' }),
    observedGeneration: t.exposeInt('generation', { description: 'The one that `conditions` are about.' }),
    conditions: t.field({
      type: [ConditionType],
      resolve: (row, _, context) => [...statusOf(context, row).conditions],
    }),
    findings: t.field({ type: [Finding], resolve: (row, _, context) => [...statusOf(context, row).findings] }),
  }),
})
interface Managed {
  readonly manager: string
  readonly fields: readonly string[]
}
const FieldManager = builder.objectRef<Managed>('FieldManager').implement({
  description: 'Who looks after which fields: another one who changes them is told, and may take them over.',
  fields: (t) => ({
    manager: t.exposeString('manager'),
    fields: t.stringList({ resolve: ({ fields }) => [...fields] }),
  }),
})
const StoredDocument = builder.objectRef<catalogue.DocumentRow>('Document').implement({
  description: 'A document as it stands.',
  fields: (t) => ({
    kind: t.exposeString('kind'),
    project: t.exposeString('project'),
    name: t.exposeString('name'),
    title: t.string({ resolve: (row) => catalogue.titleOf(row, row.name) }),
    source: t.exposeString('source', { description: 'As it was written, comments and order kept.' }),
    updatedAt: t.field({ type: 'DateTime', resolve: ({ updatedAt }) => updatedAt }),
    updatedBy: t.exposeString('updatedBy'),
    managers: t.field({
      type: [FieldManager],
      resolve: ({ managers }) => {
        const found = new Map<string, string[]>()
        for (const [path, names] of Object.entries(managers))
          for (const name of names) found.set(name, [...(found.get(name) ?? []), path])
        return [...found]
          .map(([manager, fields]) => ({ manager, fields }))
          .sort((a, b) => a.manager.localeCompare(b.manager))
      },
    }),
    status: t.field({ type: DocumentStatus, resolve: (row) => row }),
  }),
})
const DocumentConnection = connectionOf('Document', StoredDocument)

/** @throws INVALID_INPUT */
function kindOf(kind: string): keyof typeof RIGHT_OF {
  if (Object.hasOwn(RIGHT_OF, kind)) return kind as keyof typeof RIGHT_OF // just looked up
  throw badInput('kind', 'UNKNOWN', `Kinds are ${KINDS.join(', ')}`)
}
/** @throws INVALID_INPUT */
function placeOf(cursor: string): { kind: string; name: string } {
  try {
    const [kind, name] = JSON.parse(open(cursor)) as unknown[]
    if (typeof kind === 'string' && typeof name === 'string') return { kind, name }
  } catch {
    // told below
  }
  throw badInput('after', 'MALFORMED', 'Use a cursor that this list gave')
}
const maySee = (context: Context, project: string): void => mayDo(context, 'view', project)

builder.queryFields((t) => ({
  documents: t.field({
    type: DocumentConnection,
    description: 'Documents of a project by kind and name.',
    args: {
      kind: t.arg.string(),
      project: t.arg.string(),
      search: t.arg.string(),
      first: t.arg.int(),
      after: t.arg.string(),
    },
    resolve: (_, { kind: given, project: inProject, search, first, after }, context) => {
      const project = inProject ?? 'default'
      maySee(context, project)
      const wanted = search?.trim()
      const filter = { project, ...(given && { kind: kindOf(given) }), ...(wanted && { search: wanted.slice(0, 100) }) }
      const size = pageSize(first)
      const rows = context.db.read((tx) => catalogue.documentsIn(tx, filter, size + 1, after ? placeOf(after) : null))
      onePage(rows)
      return {
        nodes: rows.slice(0, size),
        cursorOf: (row) => seal(JSON.stringify([row.kind, row.name])),
        hasNextPage: rows.length > size,
        // Counted when somebody asks.
        get totalCount() {
          return context.db.read((tx) => catalogue.countDocuments(tx, filter))
        },
      }
    },
  }),
  document: t.field({
    type: StoredDocument,
    nullable: true,
    args: { kind: t.arg.string({ required: true }), name: t.arg.string({ required: true }), project: t.arg.string() },
    resolve: (_, { kind, name, project: inProject }, context) => {
      const project = inProject ?? 'default'
      maySee(context, project)
      return context.db.read((tx) => catalogue.documentOf(tx, project, kindOf(kind), name)) ?? null
    },
  }),
}))

builder.mutationField('saveDocument', (t) =>
  t.field({
    type: AppliedDocument,
    description:
      'Saves one document as it stands on a screen. Only what was changed becomes the caller’s; a field that another manager looks after is CONFLICT with `extensions.conflicts`, unless `force` takes it. One that has moved on is CONFLICT too.',
    args: {
      document: t.arg.string({ required: true }),
      basedOn: t.arg.int({ required: true, description: '`status.generation` it was written on; 0 for a new one.' }),
      force: t.arg.boolean(),
      dryRun: t.arg.boolean(),
    },
    resolve: (_, { document: text, basedOn, force, dryRun }, context) => {
      somebody(context)
      const [read, more] = readDocuments(text)
      if (!read || more) throw badInput('document', 'MALFORMED', 'Save one document at a time')
      const { kind, metadata } = read.document
      return act(
        context,
        'saveDocument',
        `${kind}/${metadata.name}`,
        async () => {
          mayWrite(context, read.document)
          const saved = await saveWhole(context.db, read, {
            basedOn,
            dryRun: dryRun ?? false,
            force: force ?? false,
            manager: context.who.actor.surface,
            by: context.who.actor,
            now: context.now(),
            plugins: context.engine.plugins,
            judge: (tx, document) => mayWriteRole(context, tx, document),
            meant: (project) => projectMeant(context, project),
          })
          if (!dryRun) changed(context, [saved])
          return saved
        },
        (saved) => ({ dryRun: dryRun ?? false, force: force ?? false, ...whatCame([saved]) }),
      )
    },
  }),
)
