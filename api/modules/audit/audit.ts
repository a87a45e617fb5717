import { catalogue, type Surface } from '../../../engine/index.ts'
import { mayDo } from '../../auth/allow.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, open, pageSize, seal } from '../../graphql/connection.ts'
import { Actor } from '../person/actor.ts'

const AuditEntry = builder.objectRef<catalogue.AuditRow>('AuditEntry').implement({
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => String(id) }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    by: t.field({
      type: Actor,
      resolve: ({ person, name, surface }) => ({ person, name, surface: surface as Surface }), // written from an Actor
    }),
    what: t.exposeString('what'),
    target: t.exposeString('target', { nullable: true }),
    allowed: t.exposeBoolean('allowed'),
    detail: t.field({ type: 'JSON', nullable: true, resolve: ({ detail }) => detail }),
  }),
})
const AuditConnection = connectionOf('Audit', AuditEntry, { counted: false })

builder.queryField('audit', (t) =>
  t.field({
    type: AuditConnection,
    args: { first: t.arg.int(), after: t.arg.string() },
    resolve: (_, { first, after }, context) => {
      mayDo(context, 'audit')
      const size = pageSize(first)
      const rows = context.db.read((tx) => catalogue.listAudit(tx, size + 1, after ? Number(open(after)) : null))
      const nodes = rows.slice(0, size)
      return { nodes, cursorOf: ({ id }) => seal(String(id)), hasNextPage: rows.length > size, totalCount: 0 }
    },
  }),
)
