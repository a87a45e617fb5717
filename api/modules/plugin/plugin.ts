import { z } from 'zod'
import type { Plugin } from '../../../engine/index.ts'
import { somebody } from '../../auth/allow.ts'
import { builder } from '../../graphql/builder.ts'

const PluginType = builder.objectRef<Plugin>('PluginType').implement({
  fields: (t) => ({
    code: t.exposeString('code'),
    version: t.exposeString('version'),
    title: t.exposeString('title'),
    icon: t.string({ nullable: true, resolve: ({ icon }) => icon ?? null }),
    inputs: t.field({ type: 'JSON', resolve: ({ inputs }) => schemaOf(inputs) }),
    outputs: t.field({ type: 'JSON', nullable: true, resolve: ({ outputs }) => (outputs ? schemaOf(outputs) : null) }),
  }),
})
const schemaOf = (schema: z.ZodType): unknown => z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })

builder.queryField('plugins', (t) =>
  t.field({
    type: [PluginType],
    resolve: (_, __, context) => {
      somebody(context)
      return [...context.plugins]
    },
  }),
)
