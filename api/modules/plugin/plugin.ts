import { z } from 'zod'
import type { Plugin } from '../../../engine/index.ts'
import { rightsIn, somebody } from '../../auth/allow.ts'
import type { PluginProblem } from '../../context.ts'
import { builder } from '../../graphql/builder.ts'

/** A plugin that can be used, or what was configured and cannot. */
type Shown =
  { readonly plugin: Plugin; readonly source: string | null } | { readonly plugin: null; readonly left: PluginProblem }

const PluginType = builder.objectRef<Shown>('PluginType').implement({
  description: 'What a step can do. Releases of one code stand side by side.',
  fields: (t) => ({
    code: t.string({
      description: 'As flows name it: `ssh.script`. The name of its package or folder when that could not be read.',
      resolve: (one) => (one.plugin ? one.plugin.code : (one.left.code ?? one.left.source)),
    }),
    version: t.string({
      description: 'Exact version, `1.2.0`; empty when it could not be read.',
      resolve: (one) => (one.plugin ? one.plugin.version : (one.left.version ?? '')),
    }),
    title: t.string({ resolve: (one) => (one.plugin ? one.plugin.title : (one.left.code ?? one.left.source)) }),
    icon: t.string({ nullable: true, resolve: ({ plugin }) => plugin?.icon ?? null }),
    inputs: t.field({
      type: 'JSON',
      description: 'JSON Schema of what stands in `with`.',
      resolve: ({ plugin }) => (plugin ? schemaOf(plugin.inputs) : {}),
    }),
    outputs: t.field({
      type: 'JSON',
      nullable: true,
      description: 'JSON Schema of what it gives; null: not declared.',
      resolve: ({ plugin }) => (plugin?.outputs ? schemaOf(plugin.outputs) : null),
    }),
    source: t.string({
      nullable: true,
      description: 'The configured package or folder it came from; null: it ships with Baton. For authors and owners.',
      resolve: (one) => (one.plugin ? one.source : one.left.source),
    }),
    problem: t.string({
      nullable: true,
      description: 'Why it was left out; null: it can be used. Those left out are shown to authors and owners alone.',
      resolve: (one) => (one.plugin ? null : one.left.problem),
    }),
  }),
})
const schemaOf = (schema: z.ZodType): unknown => z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })

builder.queryField('plugins', (t) =>
  t.field({
    type: [PluginType],
    resolve: (_, __, context) => {
      somebody(context)
      const isAuthor = rightsIn(context, 'default').has('author')
      const usable = context.plugins.map((plugin): Shown => ({
        plugin,
        source: isAuthor ? (context.pluginSources.get(plugin) ?? null) : null,
      }))
      return isAuthor ? [...usable, ...context.pluginProblems.map((left): Shown => ({ plugin: null, left }))] : usable
    },
  }),
)
