import { catalogue, EngineError, type Tx } from '../../../engine/index.ts'
import { mayDo, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { mayGive } from '../role/give.ts'
import { textsOf } from '../../texts.ts'
import { followRemoval } from '../schedule/sync.ts'
import { RIGHT_OF } from './apply.ts'
import { NAMES_PEOPLE, refreshDocuments } from './document.ts'
import { REFERRED, referencesTo, type Named, type Reference } from './references.ts'

interface ReferenceShape extends Reference {
  /** A task that still runs on this version. */
  readonly task: number | null
}
const ReferenceType = builder.objectRef<ReferenceShape>('Reference').implement({
  description: 'Who refers to a document: another document, a published version of a flow, a task that has not ended.',
  fields: (t) => ({
    kind: t.exposeString('kind', {
      description: '`Flow App Host …`, or `Task`; of a RightsRole `Person Invitation Workspace`',
    }),
    project: t.exposeString('project'),
    name: t.exposeString('name', { description: 'Empty, as `project`: of a project that the viewer does not see.' }),
    title: t.string({
      description: 'As people know it; a document without one goes by its name.',
      resolve: ({ kind, project, name, task }, _, { db }) =>
        task === null
          ? catalogue.titleOf(
              db.read((tx) => catalogue.documentOf(tx, project, kind, name)),
              name,
            )
          : name,
    }),
    version: t.exposeInt('version', {
      nullable: true,
      description: 'Null: the document as it stands; a flow’s draft.',
    }),
    task: t.exposeInt('task', { nullable: true }),
    path: t.exposeString('path', { description: 'Where in the document: `spec.nodes.deploy.with.host`' }),
    holds: t.exposeBoolean('holds', {
      description: 'It keeps the document from being deleted: what can be launched or runs would break.',
    }),
  }),
})

/** Which kinds can be named, and which right deletes each. @throws INVALID_INPUT */
function kindOf(kind: string): keyof typeof RIGHT_OF {
  if (REFERRED.includes(kind) && Object.hasOwn(RIGHT_OF, kind)) return kind as keyof typeof RIGHT_OF // just looked up
  throw badInput('kind', 'UNKNOWN', `Kinds are ${REFERRED.join(', ')}`)
}

/** Documents and versions, and the tasks that run on them. */
async function usersOf(context: Context, named: Named): Promise<readonly ReferenceShape[]> {
  const { places, live } = context.db.read((tx) => ({
    places: referencesTo(tx, named),
    live: catalogue.liveTasksOf(tx, named.project),
  }))
  if (named.kind === 'RightsRole') return context.db.read((tx) => holdersAs(tx, named, context))
  const flows = new Set(places.filter(({ version }) => version !== null).map(({ name }) => name))
  const runs: ReferenceShape[] = []
  const held = new Set<string>()
  for (const task of live) {
    const itself =
      (named.kind === 'Flow' && task.flow === named.name) || (named.kind === 'App' && task.app === named.name)
    if (!itself && !flows.has(task.flow)) continue
    const version = (await context.engine.task(task.id))?.flow.version ?? null
    if (version !== null) held.add(`${task.flow}@${version}`)
    if (itself || places.some((place) => place.name === task.flow && place.version === version))
      runs.push({
        kind: 'Task',
        project: named.project,
        name: task.title,
        version,
        task: task.number,
        path: '',
        holds: true,
      })
  }
  return [
    ...places.map((place) => ({
      ...place,
      task: null,
      holds: place.holds || (place.version !== null && held.has(`${place.name}@${place.version}`)),
    })),
    ...runs,
  ]
}

/** Who has a role, and ways in that carry it. */
function holdersAs(tx: Tx, named: Named, { config, now }: Context): readonly ReferenceShape[] {
  const { invitations, workspaces } = catalogue.doorsTo(tx, named, now())
  const isCompanys = named.project === 'default' && config.company?.role === named.name
  const at = { project: named.project, version: null, task: null, path: '', holds: true }
  return [
    ...catalogue.holdersOfRole(tx, named).map(({ name }) => ({ kind: 'Person', name, ...at })),
    ...(invitations > 0 ? [{ kind: 'Invitation', name: `(${invitations})`, ...at }] : []),
    ...workspaces.map((name) => ({ kind: 'Workspace', name, ...at })),
    ...(isCompanys ? [{ kind: 'Setting', name: 'OIDC_ROLE', ...at }] : []),
  ]
}

builder.queryField('references', (t) =>
  t.field({
    type: [ReferenceType],
    description: 'Who refers to a document: what its deletion would break (`holds`), and what only remembers it.',
    args: {
      kind: t.arg.string({ required: true }),
      name: t.arg.string({ required: true }),
      project: t.arg.string(),
    },
    resolve: async (_, { kind, name, project: given }, context) => {
      const project = given ?? 'default'
      somebody(context)
      if (!rightsIn(context, project).has('edit-flow')) mayDo(context, 'view', project)
      return shownTo(context, await usersOf(context, { kind: kindOf(kind), name, project }))
    },
  }),
)
builder.mutationField('deleteDocument', (t) =>
  t.boolean({
    description:
      'Takes a document out. One in use is CONFLICT, with `extensions.usedBy` naming by whom. Versions of a flow stay: histories name them.',
    args: {
      kind: t.arg.string({ required: true }),
      name: t.arg.string({ required: true }),
      project: t.arg.string(),
      force: t.arg.boolean({
        description:
          'Of a RightsRole: takes it from everybody who has it; they have `none` there, and nobody joins with it.',
      }),
    },
    resolve: (_, { kind: given, name, project: inProject, force }, context) =>
      act(
        context,
        'deleteDocument',
        `${given}/${name}`,
        async () => {
          const project = inProject ?? 'default'
          const kind = kindOf(given)
          mayDo(context, kind === 'Flow' ? 'author' : RIGHT_OF[kind], project)
          if (!context.db.read((tx) => catalogue.documentOf(tx, project, kind, name))) throw notFound(kind, name)
          const isTaken = kind === 'RightsRole' && force === true
          const usedBy = (await usersOf(context, { kind, name, project })).filter(({ holds }) => holds)
          if (usedBy.length > 0 && !isTaken) throw inUse(context, kind, name, usedBy)
          const holders = await context.db.write((tx) => {
            if (kind === 'RightsRole') {
              mayGive(context, tx, [], project)
              const had = catalogue.holdersOfRole(tx, { project, name })
              const now = isTaken ? [] : holdersAs(tx, { kind, name, project }, context)
              if (now.length > 0) throw inUse(context, kind, name, now)
              catalogue.takeRoleFromAll(tx, { project, name }, context.now())
              catalogue.dropDocument(tx, project, kind, name)
              return had
            }
            // Judged again where it is decided: somebody may have begun to use it meanwhile.
            const late = referencesTo(tx, { kind, name, project }).filter(({ holds }) => holds)
            if (late.length > 0)
              throw inUse(
                context,
                kind,
                name,
                late.map((place) => ({ ...place, task: null })),
              )
            catalogue.dropDocument(tx, project, kind, name)
            followRemoval(tx, { kind, project, name }, context.now())
            return []
          })
          refreshDocuments(context)
          context.scheduler.wake()
          if (NAMES_PEOPLE.has(kind)) context.access.changed(null)
          if (holders.length > 0) context.access.changed(holders.map(({ id }) => id))
          return true
        },
        ...(force == null ? [] : [{ force }]),
      ),
  }),
)
/** What uses it in projects that the caller does not see is there, and is not told by name. */
const shownTo = (context: Context, places: readonly ReferenceShape[]): ReferenceShape[] =>
  places.map((place) => {
    const rights = rightsIn(context, place.project)
    if (OF_PEOPLE.has(place.kind) || rights.has('view') || rights.has('edit-flow')) return place
    return { ...place, project: '', name: '', version: null, task: null, path: '' }
  })
/** Who has a role is no secret. */
const OF_PEOPLE: ReadonlySet<string> = new Set(['Person', 'Invitation', 'Workspace', 'Setting'])

function inUse(context: Context, kind: string, name: string, users: readonly ReferenceShape[]): EngineError {
  const { who } = context
  const usedBy = shownTo(context, users)
  const places = usedBy.map((user) =>
    user.name === ''
      ? textsOf(who.language).elsewhere(user.kind)
      : user.task === null
        ? `${user.kind} ${user.name}${user.version === null ? '' : `@${user.version}`}`
        : `#${user.task}`,
  )
  return new EngineError('CONFLICT', {
    message: textsOf(who.language).inUse(`${kind} ${name}`, [...new Set(places)]),
    usedBy,
  })
}
