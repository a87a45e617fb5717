import { catalogue, nearest, type Tx } from '../../../engine/index.ts'
import { rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../error.ts'
import { builder } from '../../graphql/builder.ts'
import { pieceOf, says } from '../../graphql/piece.ts'
import { visibleApps } from '../app/app.ts'

/**
 * Projects the caller knows of: where their role lets them do more than launch, or where there is an app they may see. `default` is
 * everybody's. A project is there as soon as a document or somebody's role speaks of it.
 */
export function projectsSeen(context: Context): readonly string[] {
  const withApps = new Set(visibleApps(context).map(({ project }) => project))
  return context.db
    .read(catalogue.projectsOf)
    .filter(
      (project) =>
        project === 'default' ||
        withApps.has(project) ||
        [...rightsIn(context, project)].some((right) => right !== 'launch'),
    )
}
/** What somebody most likely meant by a project that is not there; null: it is there, or none is near. */
export const projectMeant = (context: Context, project: string): string | null =>
  nearest(project, projectsSeen(context))

/**
 * A project that nobody has used is mostly a slip of the hand, and a role in it would be of no use: whoever means it says so.
 * @throws INVALID_INPUT
 */
export function mustBeThere(context: Context, project: string, begins: boolean | null | undefined): void {
  const isThere = (tx: Tx): boolean => catalogue.projectsOf(tx).includes(project) || catalogue.hadFlows(tx, project)
  if (context.db.read(isThere)) return
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(project))
    throw badInput('project', 'MALFORMED', `“${project}” is no name for a project`)
  if (begins === true) return
  const near = projectMeant(context, project)
  const hint = near === null ? '' : ` Did you mean “${near}”?`
  throw badInput('project', 'UNKNOWN', `There is no project “${project}” yet.${hint}`, near ?? undefined)
}

interface ProjectShape {
  readonly name: string
  readonly apps: number
}
const Project = builder.objectRef<ProjectShape>('Project').implement({
  description:
    'Holds flows, apps, hosts, secrets; people have a role in it. It is there once a document or a role names it.',
  fields: (t) => ({
    name: t.exposeString('name'),
    appCount: t.int({ description: 'Of those the viewer may see.', resolve: ({ apps }) => apps }),
    role: t.string({
      description: "The viewer's: the one given there, else their own.",
      resolve: ({ name }, _, context) => context.db.read((tx) => catalogue.roleIn(tx, somebody(context), name)),
    }),
    rights: t.stringList({ resolve: ({ name }, _, context) => [...rightsIn(context, name)] }),
  }),
})
builder.queryField('projects', (t) =>
  t.field({
    type: [Project],
    description:
      'Those in which the viewer may do more than launch, or sees an app; `default` first. `after` is the name of the last one shown.',
    args: {
      first: t.arg.int({ description: 'Up to 100; 50 unless said.' }),
      after: t.arg.string(),
      search: t.arg.string({ description: 'Part of its name.' }),
    },
    resolve: (_, { search, ...piece }, context) => {
      somebody(context)
      const count = new Map<string, number>()
      for (const { project } of visibleApps(context)) count.set(project, (count.get(project) ?? 0) + 1)
      const all = projectsSeen(context).map((name) => ({ name, apps: count.get(name) ?? 0 }))
      return [
        ...pieceOf(
          all.filter(({ name }) => says([name], search)),
          ({ name }) => name,
          piece,
        ),
      ]
    },
  }),
)
