import { catalogue, EngineError } from '../../../engine/index.ts'
import { mayDo, owners, somebody, theService } from '../../auth/allow.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { Platform } from '../../graphql/enums.ts'
import { roleToGive } from '../role/give.ts'

type Code = catalogue.Code

const Workspace = builder.objectRef<catalogue.Workspace>('Workspace').implement({
  fields: (t) => ({
    platform: t.field({ type: Platform, resolve: (workspace) => workspace.platform as 'slack' | 'telegram' }),
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    trusted: t.boolean({ resolve: (workspace) => workspace.role !== null }),
    role: t.exposeString('role', { nullable: true }),
    seenAt: t.field({ type: 'DateTime', resolve: (workspace) => workspace.seenAt }),
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
const LinkCode = builder.objectRef<{ code: string; row: Code }>('LinkCode').implement({
  fields: (t) => ({
    code: t.exposeString('code'),
    link: t.string({ resolve: ({ code }, _, { config }) => `${config.url}/link#code=${code}` }),
    expiresAt: t.field({ type: 'DateTime', resolve: ({ row }) => row.expiresAt }),
  }),
})

builder.queryFields((t) => ({
  workspaces: t.field({
    type: [Workspace],
    description: 'Chat workspaces and groups Baton has seen or trusts.',
    resolve: (_, __, context) => {
      // The bots look up the groups through which somebody may join.
      if (!context.who.service || context.who.account) mayDo(context, 'manage-people')
      return context.db.read(catalogue.listWorkspaces)
    },
  }),
  invitations: t.field({
    type: [Invitation],
    resolve: (_, __, context) => {
      mayDo(context, 'manage-people')
      return context.db.read(catalogue.invitations).map((row) => ({ row, code: null }))
    },
  }),
}))

builder.mutationFields((t) => ({
  trust: t.field({
    type: Workspace,
    description:
      'Full members of a trusted Slack workspace or Telegram group may join with one button, with this role (default starter). Role null ends the trust.',
    args: {
      platform: t.arg({ type: Platform, required: true }),
      id: t.arg.id({ required: true }),
      role: t.arg.string(),
    },
    resolve: (_, { platform, id, role }, context) =>
      act(
        context,
        'trust',
        `${platform}:${id}`,
        () => {
          mayDo(context, 'manage-people')
          const given = role === undefined ? 'starter' : role
          if (given === 'owner') throw badInput('role', 'TOO_WIDE', 'Owners are invited one by one')
          return context.db.write((tx) => {
            if (given !== null) roleToGive(context, tx, given, 'default')
            return catalogue.trustWorkspace(tx, platform, id, given, somebody(context).id, context.now())
          })
        },
        { role: role === undefined ? 'starter' : role },
      ),
  }),
  invite: t.field({
    type: Invitation,
    description: 'Single use, 7 days, carries a role.',
    args: { role: t.arg.string({ required: true }) },
    resolve: (_, { role }, context) =>
      act(
        context,
        'invite',
        null,
        () => {
          mayDo(context, 'manage-people')
          const by = somebody(context)
          return context.db.write((tx) => {
            roleToGive(context, tx, role, 'default')
            const of = { role, createdBy: by.name, answers: { inviter: by.id } }
            return catalogue.makeCode(tx, 'invite', of, context.now())
          })
        },
        { role },
      ),
  }),
  revokeInvitation: t.field({
    type: Invitation,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) =>
      act(context, 'revokeInvitation', id, async () => {
        mayDo(context, 'manage-people')
        const known = context.db.read((tx) => catalogue.codeById(tx, id))
        if (known?.kind !== 'invite') throw notFound('invitation', id)
        if (known.usedAt === null) {
          const by = somebody(context).name
          await context.db.write((tx) => catalogue.spendCode(tx, id, `revoked by ${by}`, context.now()))
        }
        return { row: context.db.read((tx) => catalogue.codeById(tx, id))!, code: null }
      }),
  }),
  linkCode: t.field({
    type: LinkCode,
    description:
      'A code that joins another account to the viewer: `/baton link <code>`, `/start <code>`, or the link on a phone. 15 minutes, single use.',
    resolve: (_, __, context) =>
      act(context, 'linkCode', null, () => {
        const person = somebody(context)
        if (context.who.scopes.length > 0)
          throw new EngineError('FORBIDDEN', { right: 'manage-people', grantedBy: owners(context) })
        if (person.kind !== 'person') throw new EngineError('FORBIDDEN', { reason: 'SERVICE_ACCOUNT' })
        return context.db.write((tx) =>
          catalogue.makeCode(tx, 'link', { person: person.id, createdBy: person.name }, context.now()),
        )
      }),
  }),
  seeWorkspace: t.field({
    type: Workspace,
    description: 'Bot service only: a workspace or group the bot is in, so that an owner can trust it.',
    args: {
      platform: t.arg({ type: Platform, required: true }),
      id: t.arg.id({ required: true }),
      name: t.arg.string({ required: true }),
    },
    resolve: (_, { platform, id, name }, context) => {
      theService(context)
      return context.db.write((tx) => catalogue.seeWorkspace(tx, platform, id, name.slice(0, 200), context.now()))
    },
  }),
}))
