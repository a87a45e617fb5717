import { catalogue } from '../../../engine/index.ts'
import { operatedApps, rightsIn, somebody, standsFor } from '../../auth/allow.ts'
import { endSessionCookie } from '../../auth/cookies.ts'
import type { Context, ServerConfig } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'
import { inboxOf } from '../ask/ask.ts'
import { AlertSettings, settingsOf } from '../alert/settings.ts'
import { missedBy, Unreached } from '../alert/unreached.ts'
import { Person } from '../person/person.ts'

const Server = builder.objectRef<ServerConfig>('Server').implement({
  fields: (t) => ({
    url: t.exposeString('url'),
    version: t.exposeString('version'),
    slack: t.exposeBoolean('slack'),
    telegram: t.exposeBoolean('telegram'),
    mail: t.boolean({ description: 'People can be told by e-mail.', resolve: ({ mail }) => mail ?? false }),
    telegramBot: t.string({ nullable: true, resolve: (_, __, { telegramBot }) => telegramBot() }),
    exampleMode: t.exposeBoolean('exampleMode'),
  }),
})
const Viewer = builder.objectRef<Context>('Viewer').implement({
  fields: (t) => ({
    person: t.field({ type: Person, nullable: true, resolve: ({ who }) => who.person }),
    rights: t.stringList({ resolve: (context) => [...rightsIn(context, 'default')] }),
    isOwner: t.boolean({ resolve: ({ who }) => who.person?.role === 'owner' && who.scopes.length === 0 }),
    needsMe: t.int({
      description: 'Count of asks and failures waiting for the viewer, those they stand in for included.',
      resolve: async (context) => {
        const { who, db } = context
        if (!who.person) return 0
        const needs = db.read((tx) => catalogue.needsOf(tx, who.person!.id))
        const named = new Set(needs.filter(({ kind }) => kind === 'failure').map(({ task }) => task))
        const operates = operatedApps(context)
        const own = new Set(needs.map(({ ref }) => ref))
        const stoodFor =
          standsFor(context).length === 0 ? 0 : (await inboxOf(context)).filter(({ ask }) => !own.has(ask.id)).length
        const wanted = needs.length + stoodFor
        if (operates.length === 0) return wanted
        const failed = db.read((tx) => catalogue.listTasks(tx, { phases: ['attention'], apps: operates }, 1000, null))
        return wanted + failed.filter(({ id }) => !named.has(id)).length
      },
    }),
    alerts: t.field({
      type: AlertSettings,
      nullable: true,
      description: 'How the viewer is told of what needs them.',
      resolve: (context) => context.who.person && settingsOf(context, context.who.person),
    }),
    unreached: t.field({
      type: [Unreached],
      description: 'Where the viewer could not be told, and since when: they are to know on their next visit.',
      resolve: (context) => (context.who.person ? missedBy(context, context.who.person.id) : []),
    }),
    server: t.field({ type: Server, resolve: ({ config }) => config }),
  }),
})

builder.queryField('viewer', (t) =>
  t.field({
    type: Viewer,
    description: 'The person signed in (or acted for), their rights and what the server offers.',
    resolve: (_, __, context) => context,
  }),
)
builder.mutationField('signOut', (t) =>
  t.boolean({
    resolve: async (_, __, context) => {
      somebody(context)
      const { session } = context.who
      if (session) await context.db.write((tx) => catalogue.closeSession(tx, session))
      context.cookies.push(endSessionCookie)
      return true
    },
  }),
)
