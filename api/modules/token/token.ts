import { catalogue } from '../../../engine/index.ts'
import { mayDo, somebody } from '../../auth/allow.ts'
import { SCOPES } from '../../auth/rights.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'

const ApiToken = builder.objectRef<catalogue.Token>('ApiToken').implement({
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    scopes: t.stringList({ resolve: (token) => token.scopes }),
    createdAt: t.field({ type: 'DateTime', resolve: (token) => token.createdAt }),
    expiresAt: t.field({ type: 'DateTime', nullable: true, resolve: (token) => token.expiresAt }),
    lastUsedAt: t.field({ type: 'DateTime', nullable: true, resolve: (token) => token.lastUsedAt }),
    revoked: t.boolean({ resolve: (token) => token.revokedAt !== null }),
  }),
})
const CreatedToken = builder.objectRef<{ secret: string; row: catalogue.Token }>('CreatedToken').implement({
  fields: (t) => ({
    token: t.exposeString('secret'),
    info: t.field({ type: ApiToken, resolve: ({ row }) => row }),
  }),
})

builder.queryField('tokens', (t) =>
  t.field({
    type: [ApiToken],
    resolve: (_, __, context) => {
      const person = somebody(context)
      return context.db.read((tx) => catalogue.tokensOf(tx, person.id))
    },
  }),
)
builder.mutationFields((t) => ({
  createToken: t.field({
    type: CreatedToken,
    description: 'The token is in the answer once and never again.',
    args: {
      name: t.arg.string({ required: true }),
      scopes: t.arg.stringList(),
      expiresAt: t.arg({ type: 'DateTime' }),
    },
    resolve: (_, { name, scopes, expiresAt }, context) =>
      act(
        context,
        'createToken',
        name,
        () => {
          const person = somebody(context)
          const unknown = scopes?.find((scope) => !SCOPES.includes(scope))
          if (unknown !== undefined)
            throw badInput('scopes', 'UNKNOWN', `“${unknown}” is no scope. Scopes are ${SCOPES.join(', ')}`)
          // A narrowed token makes no wider one.
          const mine = context.who.scopes
          const granted = mine.length === 0 ? (scopes ?? []) : (scopes ?? mine).filter((scope) => mine.includes(scope))
          if (mine.length > 0 && granted.length === 0)
            throw badInput('scopes', 'TOO_WIDE', `This token has only ${mine.join(', ')}`)
          const of = { person: person.id, name, scopes: granted, expiresAt: expiresAt ?? null }
          return context.db.write((tx) => catalogue.makeToken(tx, of, context.now()))
        },
        { scopes: scopes ?? [] },
      ),
  }),
  revokeToken: t.field({
    type: ApiToken,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) =>
      act(context, 'revokeToken', id, async () => {
        const person = somebody(context)
        const token = context.db.read((tx) => catalogue.tokenById(tx, id))
        if (!token) throw notFound('token', id)
        if (token.person !== person.id) mayDo(context, 'manage-people')
        await context.db.write((tx) => catalogue.revokeToken(tx, id, context.now()))
        return context.db.read((tx) => catalogue.tokenById(tx, id))!
      }),
  }),
}))
