import { catalogue, EngineError } from '../../../engine/index.ts'
import { mayDo, somebody, wholly } from '../../auth/allow.ts'
import { sure } from '../../auth/proof.ts'
import { SCOPES } from '../../auth/rights.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { mayMakeTokenFor } from '../role/give.ts'

export const ApiToken = builder.objectRef<catalogue.Token>('ApiToken').implement({
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

/** People make their own tokens; those of a service account are made by who manages people. */
function whose(context: Context, id: string | null): catalogue.Person {
  const me = somebody(context)
  if (id === null || id === me.id) {
    if (me.kind === 'service') throw new EngineError('FORBIDDEN', { reason: 'SERVICE_ACCOUNT' })
    return me
  }
  mayDo(context, 'manage-people')
  const person = context.db.read((tx) => catalogue.personById(tx, id))
  if (!person) throw notFound('person', id)
  if (person.kind !== 'service') throw new EngineError('NOT_ALLOWED', { reason: 'NOT_SERVICE' })
  return person
}

/** What was made to end makes nothing that lasts longer. */
const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other)

builder.queryField('tokens', (t) =>
  t.field({
    type: [ApiToken],
    description: "The viewer's, or somebody else's (`manage-people`).",
    args: { person: t.arg.id() },
    resolve: (_, { person }, context) => {
      const me = somebody(context)
      if (person != null && person !== me.id) mayDo(context, 'manage-people')
      return context.db.read((tx) => catalogue.tokensOf(tx, person ?? me.id))
    },
  }),
)
builder.mutationFields((t) => ({
  createToken: t.field({
    type: CreatedToken,
    description:
      'The token is in the answer once and never again. One made with a token that ends, or where somebody signed in with one, ends no later.',
    args: {
      name: t.arg.string({ required: true }),
      scopes: t.arg.stringList(),
      expiresAt: t.arg({ type: 'DateTime' }),
      person: t.arg.id({ description: 'A service account (`manage-people`). Absent: the viewer.' }),
    },
    resolve: (_, { name, scopes, expiresAt, person: of }, context) =>
      act(
        context,
        'createToken',
        name,
        () => {
          const person = whose(context, of ?? null)
          sure(context)
          if (expiresAt != null && expiresAt <= context.now())
            throw badInput('expiresAt', 'PAST', 'Choose an instant to come')
          const unknown = scopes?.find((scope) => !SCOPES.includes(scope))
          if (unknown !== undefined)
            throw badInput('scopes', 'UNKNOWN', `“${unknown}” is no scope. Scopes are ${SCOPES.join(', ')}`)
          // A narrowed token makes no wider one.
          const mine = context.who.scopes
          const granted = mine.length === 0 ? (scopes ?? []) : (scopes ?? mine).filter((scope) => mine.includes(scope))
          if (mine.length > 0 && granted.length === 0)
            throw badInput('scopes', 'TOO_WIDE', `This token has only ${mine.join(', ')}`)
          const token = {
            person: person.id,
            name: name.trim().slice(0, 80),
            scopes: granted,
            expiresAt: earlier(expiresAt ?? null, context.who.endsAt ?? null),
          }
          const me = somebody(context)
          if (person.id === me.id) return context.db.write((tx) => catalogue.makeToken(tx, token, context.now()))
          return context.db.write((tx) => {
            mayMakeTokenFor(context, tx, person, granted)
            // One that nobody looks after is looked after by whoever hands out what it does.
            if (person.keeper === null && me.kind === 'person') catalogue.setKeeper(tx, person.id, me.id)
            return catalogue.makeToken(tx, { ...token, madeBy: me.id }, context.now())
          })
        },
        { scopes: scopes ?? [], expiresAt: expiresAt ?? null, person: of ?? null },
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
        else if (context.who.client !== `token:${id}`) wholly(context)
        await context.db.write((tx) => catalogue.revokeToken(tx, id, context.now()))
        if (token.person !== null) context.access.changed([token.person])
        return context.db.read((tx) => catalogue.tokenById(tx, id))!
      }),
  }),
}))
