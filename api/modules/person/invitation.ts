import { catalogue, nearest, type Tx } from '../../../engine/index.ts'
import { carriedBy, titleOfPlace, type Place } from '../../auth/invitation.ts'
import { mayDo, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { mustBeThere } from '../project/project.ts'
import { mayGive, roleToGive } from '../role/give.ts'

type Code = catalogue.Code

const PlaceType = builder.objectRef<Place>('InvitedPlace').implement({
  description: 'A business role or group that an invitation puts somebody into.',
  fields: (t) => ({
    kind: t.string({ description: '`role` or `group`', resolve: ({ kind }) => (kind === 'Role' ? 'role' : 'group') }),
    project: t.exposeString('project'),
    name: t.exposeString('name'),
    title: t.string({ resolve: (place, _, { db }) => db.read((tx) => titleOfPlace(tx, place)) }),
  }),
})
interface InvitationShape {
  readonly row: Code
  readonly code: string | null
}
const Invitation = builder.objectRef<InvitationShape>('Invitation').implement({
  fields: (t) => ({
    id: t.id({ resolve: ({ row }) => row.id }),
    code: t.exposeString('code', { nullable: true }),
    link: t.string({
      nullable: true,
      description: 'Only in the answer that made it.',
      resolve: ({ code }, _, { config }) => (code === null ? null : `${config.url}/join#code=${code}`),
    }),
    role: t.string({ resolve: ({ row }) => row.role ?? 'starter' }),
    project: t.string({
      nullable: true,
      description: 'The role holds there alone. Null: wherever nothing else is said.',
      resolve: ({ row }) => carriedBy(row).project ?? null,
    }),
    places: t.field({
      type: [PlaceType],
      description: 'Business roles and groups that whoever joins with it will stand in.',
      resolve: ({ row }) => [...(carriedBy(row).places ?? [])],
    }),
    leftOut: t.field({
      type: [PlaceType],
      description: 'Once it was used: of `places`, what was no longer for whoever made it to give.',
      resolve: ({ row }) => [...(carriedBy(row).leftOut ?? [])],
    }),
    createdBy: t.string({ resolve: ({ row }) => row.createdBy }),
    createdAt: t.field({ type: 'DateTime', resolve: ({ row }) => row.createdAt }),
    expiresAt: t.field({ type: 'DateTime', resolve: ({ row }) => row.expiresAt }),
    usedBy: t.string({
      nullable: true,
      resolve: ({ row }, _, { db }) =>
        row.usedBy === null ? null : (db.read((tx) => catalogue.personById(tx, row.usedBy!))?.name ?? row.usedBy),
    }),
  }),
})

builder.queryField('invitations', (t) =>
  t.field({
    type: [Invitation],
    args: { project: t.arg.string({ description: 'Those for this project alone.' }) },
    resolve: (_, { project }, context) => {
      mayDo(context, 'manage-people', project ?? 'default')
      return context.db
        .read(catalogue.invitations)
        .filter((row) => project == null || carriedBy(row).project === project)
        .map((row) => ({ row, code: null }))
    },
  }),
)

/** More than anybody stands in. */
const MOST_PLACES = 20
const KINDS = { role: 'Role', group: 'Group' } as const
/** `qa`, `role:qa`, `group:web`, as a project sees them: its own, else the one all share. @throws INVALID_INPUT */
function placeNamed(context: Context, ref: string, project: string): Place {
  const here = [...context.directory.roles(project), ...context.directory.groups(project)]
  const refOf = ({ kind, name }: catalogue.BusinessRole): string => `${kind}:${name}`
  const wanted = /^(role|group):/.test(ref) ? ref : `role:${ref}`
  const found = here.find((one) => refOf(one) === wanted) ?? here.find(({ name }) => name === ref)
  if (found) return { kind: KINDS[found.kind], project: found.project, name: found.name }
  const near = nearest(wanted, here.map(refOf))
  const hint = near === null ? '' : ` Did you mean ${near}?`
  throw badInput('places', 'UNKNOWN', `There is no ${wanted} in ${project}.${hint}`, near ?? undefined)
}
/** @throws FORBIDDEN where somebody else says who stands in it */
function mayGivePlaces(context: Context, tx: Tx, places: readonly Place[]): void {
  for (const home of new Set(places.map(({ project }) => project))) mayGive(context, tx, [], home)
}

builder.mutationFields((t) => ({
  invite: t.field({
    type: Invitation,
    description:
      'Single use, 7 days. Carries a role, everywhere or in one project, and business roles and groups. Whoever comes in has what its maker may still give then: without the role it opens nothing, a business role is left out and told.',
    args: {
      role: t.arg.string({ required: true }),
      project: t.arg.string({ description: 'The role holds there alone; elsewhere they have none.' }),
      places: t.arg.stringList({ description: '`role:qa`, `group:web`, as the project (else `default`) sees them.' }),
      newProject: t.arg.boolean({ description: 'The project is not there yet, and is meant.' }),
    },
    resolve: (_, { role, project, places: refs, newProject }, context) =>
      act(
        context,
        'invite',
        null,
        () => {
          const home = project ?? 'default'
          mayDo(context, 'manage-people', home)
          const by = somebody(context)
          if (project != null) mustBeThere(context, project, newProject)
          if ((refs?.length ?? 0) > MOST_PLACES)
            throw badInput('places', 'TOO_MANY', `Up to ${MOST_PLACES} roles and groups. This has ${refs!.length}`)
          const named = (refs ?? []).map((ref) => placeNamed(context, ref.trim(), home))
          const places = [...new Map(named.map((place) => [JSON.stringify(place), place])).values()]
          return context.db.write((tx) => {
            roleToGive(context, tx, role, home)
            mayGivePlaces(context, tx, places)
            const answers = {
              inviter: by.id,
              ...(project != null && { project }),
              ...(places.length > 0 && { places }),
            }
            return catalogue.makeCode(tx, 'invite', { role, createdBy: by.name, answers }, context.now())
          })
        },
        { role, ...(project != null && { project }), ...(refs != null && refs.length > 0 && { places: refs }) },
      ),
  }),
  revokeInvitation: t.field({
    type: Invitation,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) =>
      act(context, 'revokeInvitation', id, async () => {
        const known = context.db.read((tx) => catalogue.codeById(tx, id))
        const project = known?.kind === 'invite' ? (carriedBy(known).project ?? 'default') : 'default'
        mayDo(context, 'manage-people', project)
        if (known?.kind !== 'invite') throw notFound('invitation', id)
        if (known.usedAt === null) {
          const by = somebody(context).name
          await context.db.write((tx) => catalogue.spendCode(tx, id, `revoked by ${by}`, context.now()))
        }
        return { row: context.db.read((tx) => catalogue.codeById(tx, id))!, code: null }
      }),
  }),
}))
