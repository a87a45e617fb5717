import { catalogue, EngineError } from '../../../engine/index.ts'
import { mayDo, owners, somebody, theService } from '../../auth/allow.ts'
import { sure } from '../../auth/proof.ts'
import { badInput } from '../../error.ts'
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
        sure(context)
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
