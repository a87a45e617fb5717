import { catalogue, lint, parseDocuments, type Document, type DocumentChange } from '../../../engine/index.ts'
import { mayDo, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { ChangeResult, Severity } from '../../graphql/enums.ts'
import {
  applyDocuments,
  checkContext,
  readDocuments,
  refuseTwice,
  RIGHT_OF,
  type AppliedDocument as AppliedShape,
  type LocatedFinding,
} from './apply.ts'
import { badInput } from '../../error.ts'
import { probeChanged } from '../host/host.ts'
import { projectMeant } from '../project/project.ts'
import { mayWriteRole } from '../role/give.ts'

export const Finding = builder.objectRef<LocatedFinding>('Finding').implement({
  fields: (t) => ({
    severity: t.field({ type: Severity, resolve: ({ severity }) => severity }),
    code: t.exposeString('code'),
    node: t.exposeString('node', { nullable: true }),
    path: t.exposeString('path'),
    line: t.exposeInt('line', { nullable: true }),
    column: t.exposeInt('column', { nullable: true }),
    message: t.exposeString('message'),
    fix: t.exposeString('fix', { nullable: true }),
    trail: t.stringList({
      description: 'Of a run that breaks: the steps it comes through, in order. Empty elsewhere.',
      resolve: ({ trail }) => [...(trail ?? [])],
    }),
  }),
})
export const Change = builder.objectRef<DocumentChange>('Change').implement({
  fields: (t) => ({
    path: t.exposeString('path'),
    before: t.field({ type: 'JSON', nullable: true, resolve: ({ before }) => before ?? null }),
    after: t.field({ type: 'JSON', nullable: true, resolve: ({ after }) => after ?? null }),
  }),
})
const Conflict = builder.objectRef<AppliedShape['taken'][number]>('FieldConflict').implement({
  description: 'A field that somebody else looks after.',
  fields: (t) => ({
    path: t.exposeString('path'),
    managers: t.stringList({ resolve: ({ owners }) => [...owners] }),
    theirs: t.field({ type: 'JSON', nullable: true, resolve: ({ theirs }) => theirs ?? null }),
    yours: t.field({ type: 'JSON', nullable: true, resolve: ({ yours }) => yours }),
  }),
})
export const AppliedDocument = builder.objectRef<AppliedShape>('AppliedDocument').implement({
  fields: (t) => ({
    kind: t.exposeString('kind'),
    name: t.exposeString('name'),
    project: t.exposeString('project'),
    result: t.field({ type: ChangeResult, resolve: ({ result }) => result }),
    generation: t.exposeInt('generation'),
    diff: t.field({ type: [Change], resolve: ({ diff }) => [...diff] }),
    taken: t.field({
      type: [Conflict],
      description: 'What was taken from other managers by `force`.',
      resolve: ({ taken }) => [...taken],
    }),
    conflicts: t.field({
      type: [Conflict],
      description: 'Of a dry run: fields that others look after. Saved without `force` it would be CONFLICT.',
      resolve: ({ conflicts }) => [...conflicts],
    }),
    findings: t.field({ type: [Finding], resolve: ({ findings }) => [...findings] }),
  }),
})
const ApplyPayload = builder.objectRef<{ dryRun: boolean; documents: AppliedShape[] }>('ApplyPayload').implement({
  fields: (t) => ({
    dryRun: t.exposeBoolean('dryRun'),
    documents: t.field({ type: [AppliedDocument], resolve: ({ documents }) => documents }),
  }),
})
const CheckPayload = builder.objectRef<{ findings: readonly LocatedFinding[] }>('CheckPayload').implement({
  fields: (t) => ({
    ok: t.boolean({ resolve: ({ findings }) => !findings.some(({ severity }) => severity === 'error') }),
    findings: t.field({ type: [Finding], resolve: ({ findings }) => [...findings] }),
  }),
})
/** After documents changed: who is who, and what apps there are. */
export function refreshDocuments({ directory, library }: Pick<Context, 'directory' | 'library'>): void {
  directory.refresh()
  library.refresh()
}

/** A change of these may take something from somebody: whatever lasts is judged anew. */
export const NAMES_PEOPLE: ReadonlySet<string> = new Set(['Role', 'Group', 'App'])

/** Whose fields these become: a pipeline's name, or the surface. @throws INVALID_INPUT */
function managerOf(given: string | null | undefined, { who }: Context): string {
  const manager = given?.trim() || who.actor.surface
  if (manager.length > 64) throw badInput('manager', 'TOO_LONG', 'Use up to 64 characters')
  return manager
}
/** For the audit: which documents, and which fields were taken from whom by force. */
export const whatCame = (documents: readonly AppliedShape[]): object => {
  const taken = documents.flatMap((one) =>
    one.taken.map(({ path, owners }) => ({ document: `${one.kind}/${one.name}`, path, from: owners })),
  )
  return {
    documents: documents.map(({ kind, name, project, result }) => `${kind}/${project}/${name} ${result}`),
    ...(taken.length > 0 && { taken }),
  }
}
/** @throws FORBIDDEN. A schedule is launched with all rights of whoever writes it: a token that is narrowed needs `launch` too. */
export function mayWrite(context: Context, { kind, metadata }: Document): void {
  mayDo(context, RIGHT_OF[kind], metadata.project)
  if (kind === 'Schedule') mayDo(context, 'launch', metadata.project)
}
/** Whatever holds documents in memory, or acts on them, looks again. */
export function changed(context: Context, documents: readonly AppliedShape[]): void {
  context.directory.refresh({ documents: true })
  context.library.refresh()
  context.scheduler.wake()
  probeChanged(context, documents)
  const moved = documents.filter(({ result }) => result !== 'unchanged')
  if (moved.some(({ kind }) => NAMES_PEOPLE.has(kind))) context.access.changed(null)
  const roles = moved.filter(({ kind }) => kind === 'RightsRole')
  // Whoever has it may do something else from now on: their streams, cards and what they left waiting.
  const holders = context.db.read((tx) => roles.flatMap((role) => catalogue.holdersOfRole(tx, role)))
  if (holders.length > 0) context.access.changed(holders.map(({ id }) => id))
}

/** The projects that the documents of a text say they are of. */
function projectsIn(text: string): ReadonlySet<string> {
  const of = (value: unknown): string => {
    const project = (value as { metadata?: { project?: unknown } } | null)?.metadata?.project // as somebody wrote it
    return typeof project === 'string' ? project : 'default'
  }
  const { documents } = parseDocuments(text)
  return new Set(documents.length === 0 ? ['default'] : documents.map(({ value }) => of(value)))
}
builder.mutationFields((t) => ({
  apply: t.field({
    type: ApplyPayload,
    description:
      'YAML or JSON, many documents, all or none. A flow is saved as a draft, whatever its findings; another kind with an error among them is INVALID_INPUT. Dry run answers with the result, the diff, what stands in the way (`conflicts`, `findings`), and changes nothing.',
    args: {
      documents: t.arg.string({ required: true }),
      dryRun: t.arg.boolean(),
      force: t.arg.boolean(),
      manager: t.arg.string(),
    },
    resolve: (_, { documents: text, dryRun, force, manager }, context) => {
      somebody(context)
      const read = readDocuments(text)
      refuseTwice(read)
      return act(
        context,
        'apply',
        read.map(({ document }) => `${document.kind}/${document.metadata.name}`).join(', '),
        async () => {
          for (const { document } of read) mayWrite(context, document)
          const documents = await applyDocuments(context.db, read, {
            dryRun: dryRun ?? false,
            force: force ?? false,
            manager: managerOf(manager, context),
            by: context.who.actor,
            now: context.now(),
            plugins: context.engine.plugins,
            judge: (tx, document) => mayWriteRole(context, tx, document),
            meant: (project) => projectMeant(context, project),
          })
          if (!dryRun) changed(context, documents)
          return { dryRun: dryRun ?? false, documents }
        },
        ({ documents }) => ({ dryRun: dryRun ?? false, force: force ?? false, ...whatCame(documents) }),
      )
    },
  }),
  check: t.field({
    type: CheckPayload,
    description: 'All findings at once, with line and column.',
    args: { document: t.arg.string({ required: true }) },
    resolve: (_, { document: text }, context) => {
      somebody(context)
      // Findings name what there is nearby: hosts, secrets, roles of the project.
      for (const project of projectsIn(text)) {
        const rights = rightsIn(context, project)
        if (!rights.has('view') && !rights.has('edit-flow')) mayDo(context, 'edit-flow', project)
      }
      const { findings } = context.db.read((tx) => lint(text, checkContext(tx, context.engine.plugins)))
      return { findings: findings.map(({ col, ...finding }): LocatedFinding => ({ ...finding, column: col })) }
    },
  }),
}))
