import { catalogue, EngineError, type PersonRef, type Right } from '../../../engine/index.ts'
import { mayDo, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { pieceOf, says, type Wanted } from '../../graphql/piece.ts'
import { peopleOf } from '../person/load.ts'
import { Person } from '../person/person.ts'
import { mustBeThere, projectsSeen } from '../project/project.ts'
import { mayGive, roleToGive } from './give.ts'

const peopleIn = async (context: Context, refs: readonly PersonRef[]): Promise<catalogue.Person[]> => {
  const ids = refs.map(({ id }) => id)
  const byId = await peopleOf(context, ids)
  return ids.flatMap((id) => byId.get(id) ?? [])
}
const Shift = builder.objectRef<{ from: number; people: readonly PersonRef[] }>('Shift').implement({
  description: 'Who takes over, and when.',
  fields: (t) => ({
    from: t.field({ type: 'DateTime', resolve: ({ from }) => from }),
    people: t.field({ type: [Person], resolve: ({ people }, _, context) => peopleIn(context, people) }),
  }),
})
/** As many as a page of people shows. */
const MOST_ON_DUTY = 200
const BusinessRole = builder.objectRef<catalogue.BusinessRole>('BusinessRole').implement({
  description: 'Whom approvals and alerts name: a business role or a group. It gives no rights by itself.',
  fields: (t) => ({
    kind: t.string({
      description: '`role` or `group`: asked as `role:<name>`, `group:<name>`.',
      resolve: (role) => role.kind,
    }),
    project: t.exposeString('project', {
      description: 'Those of `default` serve every project that has none of that name.',
    }),
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    bindTo: t.exposeString('bindTo', {
      nullable: true,
      description: 'What the value behind `@` means: `role:qa@shop` is the QA of that product.',
    }),
    memberCount: t.int({ resolve: ({ members }) => members.length }),
    members: t.field({
      type: [Person],
      description: 'Everybody who stands in it, on duty or not; suspended people do not.',
      args: { first: t.arg.int() },
      resolve: ({ members }, args, context) => peopleIn(context, members.slice(0, Math.max(0, args.first ?? 1_000))),
    }),
    added: t.field({
      type: [Person],
      description: 'Those who joined beside the document: `removeMember` takes them out again.',
      resolve: ({ added, members }, _, context) =>
        peopleIn(
          context,
          members.filter(({ id }) => added.includes(id)),
        ),
    }),
    onDuty: t.field({
      type: [Person],
      description: 'Who is asked now: everybody where there is no rota.',
      resolve: ({ onDuty }, _, context) => peopleIn(context, onDuty.slice(0, MOST_ON_DUTY)),
    }),
    hasRota: t.boolean({ resolve: ({ rota }) => rota !== null }),
    shifts: t.field({
      type: [Shift],
      description: 'The next shifts of its rota.',
      args: { first: t.arg.int() },
      resolve: (role, args, context) => [...context.directory.shifts(role, Math.min(50, Math.max(0, args.first ?? 5)))],
    }),
  }),
})
interface StandingShape {
  readonly project: string
  readonly role: string
  readonly given: boolean
  readonly rights: readonly Right[]
}
const Standing = builder.objectRef<StandingShape>('Standing').implement({
  description: 'What somebody may do in a project by their role there; apps add to it.',
  fields: (t) => ({
    project: t.exposeString('project'),
    role: t.exposeString('role'),
    given: t.exposeBoolean('given', { description: 'For this project; else it is the one they have everywhere.' }),
    rights: t.stringList({ resolve: ({ rights }) => [...rights] }),
  }),
})

const standingOf = (context: Context, person: catalogue.Person, projects: readonly string[]): StandingShape[] =>
  context.db.read((tx) => {
    const grants = new Map(catalogue.grantsOf(tx, person.id).map(({ project, role }) => [project, role]))
    return projects.map((project) => {
      const role = grants.get(project) ?? person.role
      const rights = catalogue.rightsRoleIn(tx, project, role)?.rights ?? []
      return { project, role, given: grants.has(project), rights }
    })
  })

builder.objectField(Person, 'standing', (t) =>
  t.field({
    type: [Standing],
    description: 'Their role in each project, for themselves and for whoever manages people there.',
    resolve: (person, _, context) => {
      const shown =
        context.who.person?.id === person.id
          ? projectsSeen(context)
          : context.db.read(catalogue.projectsOf).filter((project) => rightsIn(context, project).has('manage-people'))
      return standingOf(context, person, shown)
    },
  }),
)

const pieceArgs = (t: Parameters<Parameters<typeof builder.queryFields>[0]>[0]) => ({
  first: t.arg.int({ description: 'Up to 100; 50 unless said.' }),
  after: t.arg.string(),
  search: t.arg.string({ description: 'Part of its name or title.' }),
})
const pieceOfRoles = (
  all: readonly catalogue.BusinessRole[],
  { search, ...piece }: Wanted & { readonly search?: string | null | undefined },
): catalogue.BusinessRole[] => [
  ...pieceOf(
    all.filter(({ name, title }) => says([name, title], search)),
    ({ project, name }) => `${project}/${name}`,
    piece,
  ),
]
builder.queryFields((t) => ({
  roles: t.field({
    type: [BusinessRole],
    description:
      'Business roles: of every project, or as one project sees them. `after` is `project/name` of the last one shown.',
    args: { project: t.arg.string(), ...pieceArgs(t) },
    resolve: (_, { project, ...wanted }, context) => {
      somebody(context)
      return pieceOfRoles(context.directory.roles(project ?? undefined), wanted)
    },
  }),
  groups: t.field({
    type: [BusinessRole],
    description:
      'Groups: of every project, or as one project sees them. `after` is `project/name` of the last one shown.',
    args: { project: t.arg.string(), ...pieceArgs(t) },
    resolve: (_, { project, ...wanted }, context) => {
      somebody(context)
      return pieceOfRoles(context.directory.groups(project ?? undefined), wanted)
    },
  }),
}))

const KINDS = { role: 'Role', group: 'Group' } as const
interface Membership {
  readonly kind: string
  readonly name: string
  readonly project?: string | null | undefined
  readonly person: string
}
/** The Role or Group and the person. @throws NOT_FOUND, INVALID_INPUT */
function membership(context: Context, { kind, name, project: given, person: ref }: Membership) {
  const project = given ?? 'default'
  const of = KINDS[kind as keyof typeof KINDS] as (typeof KINDS)[keyof typeof KINDS] | undefined
  if (of === undefined) throw badInput('kind', 'UNKNOWN', 'Say role or group')
  const listed = kind === 'role' ? context.directory.roles() : context.directory.groups()
  const found = listed.find((one) => one.project === project && one.name === name)
  if (!found) throw notFound(kind, name)
  const person = context.db.read((tx) => catalogue.personByRef(tx, ref))
  if (!person) throw notFound('person', ref)
  return { of, project, found, person, key: catalogue.memberKey(of, project, name) }
}
const again = (context: Context, { kind, project, name }: catalogue.BusinessRole): catalogue.BusinessRole =>
  (kind === 'role' ? context.directory.roles() : context.directory.groups()).find(
    (one) => one.project === project && one.name === name,
  )!

builder.mutationFields((t) => {
  const member = {
    kind: t.arg.string({ required: true, description: '`role` or `group`' }),
    name: t.arg.string({ required: true }),
    project: t.arg.string(),
    person: t.arg.string({ required: true, description: 'By id, name or e-mail.' }),
  }
  const target = ({ kind, name, project }: Membership): string => `${project ?? 'default'}/${kind}:${name}`
  return {
    addMember: t.field({
      type: BusinessRole,
      description: 'Puts somebody into a business role or group, beside those its document names.',
      args: member,
      resolve: (_, given, context) =>
        act(
          context,
          'addMember',
          target(given),
          async () => {
            mayDo(context, 'manage-people', given.project ?? 'default')
            const { found, person, key } = membership(context, given)
            if (!person.active)
              throw new EngineError('NOT_ALLOWED', { message: `${person.name} is suspended and counts nowhere.` })
            await context.db.write((tx) => catalogue.addMember(tx, key, person.id))
            context.directory.refresh({ members: [key] })
            context.access.changed([person.id])
            return again(context, found)
          },
          { person: given.person },
        ),
    }),
    removeMember: t.field({
      type: BusinessRole,
      description:
        'Takes somebody out who joined beside the document. Whom the document names is CONFLICT: change the document.',
      args: member,
      resolve: (_, given, context) =>
        act(
          context,
          'removeMember',
          target(given),
          async () => {
            mayDo(context, 'manage-people', given.project ?? 'default')
            const { found, person, key } = membership(context, given)
            if (!found.added.includes(person.id)) {
              if (!found.members.some(({ id }) => id === person.id))
                throw new EngineError('NOT_FOUND', { message: `${person.name} does not stand in ${found.title}.` })
              throw new EngineError('CONFLICT', {
                message: `${person.name} is named in the document of ${found.title}. Take the name out there and apply it.`,
              })
            }
            await context.db.write((tx) => catalogue.removeMember(tx, key, person.id))
            context.directory.refresh({ members: [key] })
            context.access.changed([person.id])
            return again(context, found)
          },
          { person: given.person },
        ),
    }),
    setRole: t.field({
      type: Person,
      description:
        'The role of a person: in one project, or in every project that says nothing else. Role null ends what was said of one project.',
      args: {
        person: t.arg.id({ required: true }),
        project: t.arg.string(),
        role: t.arg.string(),
        newProject: t.arg.boolean({ description: 'The project is not there yet, and is meant.' }),
      },
      resolve: (_, { person: id, project, role: given, newProject }, context) =>
        act(
          context,
          'setRole',
          id,
          async () => {
            // Who gives a role everywhere must manage people where everything is managed.
            mayDo(context, 'manage-people', project ?? 'default')
            const role = given ?? null
            if (role === null && !project) throw badInput('role', 'REQUIRED', 'Say which role')
            if (project) mustBeThere(context, project, newProject)
            const person = await context.db.write((tx) => {
              const known = catalogue.personById(tx, id)
              if (!known) throw notFound('person', id)
              // Without one of its own in the project, what they are everywhere holds there again.
              const home = project ?? 'default'
              if (role === 'owner' && known.kind === 'service')
                throw badInput('role', 'TOO_WIDE', 'A service account is no owner')
              if (role !== null) roleToGive(context, tx, role, home)
              else mayGive(context, tx, catalogue.rightsRoleIn(tx, home, known.role)?.rights ?? [], home)
              const before = catalogue.peopleWithRole(tx, 'default', ['owner'], 2)
              if (project && role === null) catalogue.dropGrant(tx, id, project)
              else if (project) catalogue.grant(tx, id, project, role!)
              else catalogue.changePerson(tx, id, { role: role! })
              // Somebody must be able to give rights back.
              if (before.length > 0 && catalogue.peopleWithRole(tx, 'default', ['owner'], 1).length === 0)
                throw new EngineError('NOT_ALLOWED', {
                  message: `${known.name} is the only owner. Make somebody else one first.`,
                })
              return catalogue.personById(tx, id)!
            })
            context.directory.refresh({ people: [id] })
            context.access.changed([id])
            return person
          },
          { role: given ?? null, project: project ?? null },
        ),
    }),
  }
})
