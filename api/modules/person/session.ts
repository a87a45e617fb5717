import { catalogue } from '../../../engine/index.ts'
import { mayDo, somebody, wholly } from '../../auth/allow.ts'
import { endSessionCookie } from '../../auth/cookies.ts'
import { notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'

const Session = builder.objectRef<catalogue.Session>('Session').implement({
  description: 'A browser in which somebody is signed in.',
  fields: (t) => ({
    id: t.id({ resolve: (session) => catalogue.sessionId(session) }),
    browser: t.exposeString('browser', { nullable: true, description: 'What it calls itself: `Chrome · Android`.' }),
    how: t.exposeString('how', { nullable: true, description: '`link token telegram passkey company`.' }),
    createdAt: t.field({ type: 'DateTime', resolve: ({ createdAt }) => createdAt }),
    lastSeenAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ lastSeenAt }) => lastSeenAt }),
    expiresAt: t.field({ type: 'DateTime', resolve: ({ expiresAt }) => expiresAt }),
    current: t.boolean({
      description: 'The one that asks.',
      resolve: ({ hash }, _, { who }) => who.session !== null && catalogue.hashOf(who.session) === hash,
    }),
  }),
})

builder.queryField('sessions', (t) =>
  t.field({
    type: [Session],
    description: 'Where the viewer is signed in, or somebody else (`manage-people`).',
    args: { person: t.arg.id() },
    resolve: (_, { person }, context) => {
      const me = somebody(context)
      const whose = person ?? me.id
      if (whose !== me.id) mayDo(context, 'manage-people')
      return context.db.read((tx) => catalogue.sessionsOf(tx, whose, context.now()))
    },
  }),
)
builder.mutationFields((t) => ({
  endSession: t.field({
    type: Session,
    args: { id: t.arg.id({ required: true }) },
    resolve: (_, { id }, context) =>
      act(
        context,
        'endSession',
        id,
        async () => {
          const me = somebody(context)
          const session = context.db.read((tx) => catalogue.sessionById(tx, id))
          if (!session) throw notFound('session', id)
          if (session.person !== me.id) mayDo(context, 'manage-people')
          else wholly(context)
          await context.db.write((tx) => catalogue.endSession(tx, session.hash))
          const { session: own } = context.who
          if (own !== null && catalogue.hashOf(own) === session.hash) context.cookies.push(endSessionCookie)
          context.access.changed([session.person])
          return session
        },
        ({ person }) => ({ person }),
      ),
  }),
  endSessions: t.int({
    description:
      'Signs out everywhere but here; of somebody else, everywhere (`manage-people`). Answers how many ended.',
    args: { person: t.arg.id() },
    resolve: (_, { person }, context) =>
      act(context, 'endSessions', person ?? null, async () => {
        const me = somebody(context)
        const whose = person ?? me.id
        if (whose !== me.id) mayDo(context, 'manage-people')
        else wholly(context)
        const but = whose === me.id ? context.who.session : null
        const ended = await context.db.write((tx) => catalogue.endSessions(tx, whose, but))
        context.access.changed([whose])
        return ended
      }),
  }),
}))
