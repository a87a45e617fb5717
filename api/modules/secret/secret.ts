import { catalogue, seal, type Database } from '../../../engine/index.ts'
import { mayDo, somebody } from '../../auth/allow.ts'
import { badInput } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'

interface SecretShape {
  readonly namespace: string
  readonly key: string
  readonly setAt: number | null
}
const SecretName = builder.objectRef<SecretShape>('SecretName').implement({
  fields: (t) => ({
    namespace: t.exposeString('namespace'),
    key: t.exposeString('key'),
    setAt: t.field({ type: 'DateTime', nullable: true, resolve: ({ setAt }) => setAt }),
    declared: t.boolean({
      description: 'A SecretRef document names it. A value that none names is kept, and no flow can use it.',
      resolve: ({ namespace, key }, _, { db }) => declaredIn(db).has(`${namespace}.${key}`),
    }),
    usedBy: t.stringList({
      resolve: ({ namespace, key }, _, { db }) => {
        const name = `${namespace}.${key}`
        return db
          .read(catalogue.allDocuments)
          .filter(({ kind, source }) => kind !== 'SecretRef' && source.includes(`secrets.${name}`))
          .map(({ kind, name: document }) => `${kind} ${document}`)
      },
    }),
  }),
})
/** What the SecretRef documents name, by `<namespace>.<key>`. */
function declaredIn(db: Database): ReadonlyMap<string, SecretShape> {
  const names = new Map<string, SecretShape>()
  for (const document of db.read((tx) => catalogue.documentsOf(tx, 'SecretRef'))) {
    const keys = catalogue.specOf(document)['keys']
    for (const key of Array.isArray(keys) ? keys.map(String) : [])
      names.set(`${document.name}.${key}`, { namespace: document.name, key, setAt: null })
  }
  return names
}

builder.queryField('secretNames', (t) =>
  t.field({
    type: [SecretName],
    resolve: (_, __, context) => {
      mayDo(context, 'manage-secrets')
      const set = context.db.read(catalogue.listSecrets)
      const names = new Map<string, SecretShape>(set.map((row) => [`${row.namespace}.${row.key}`, row]))
      // Declared and not set yet: somebody has to.
      for (const [name, declared] of declaredIn(context.db)) if (!names.has(name)) names.set(name, declared)
      return [...names.entries()].sort(([a], [b]) => a.localeCompare(b)).map(([, secret]) => secret)
    },
  }),
)
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
builder.mutationField('setSecret', (t) =>
  t.field({
    type: SecretName,
    args: {
      namespace: t.arg.string({ required: true }),
      key: t.arg.string({ required: true }),
      value: t.arg.string({ required: true }),
    },
    resolve: (_, { namespace, key, value }, context) =>
      act(context, 'setSecret', `${namespace}.${key}`, async () => {
        mayDo(context, 'manage-secrets')
        if (!NAME.test(namespace)) throw badInput('namespace', 'MALFORMED', 'Use letters, digits and _')
        if (!NAME.test(key)) throw badInput('key', 'MALFORMED', 'Use letters, digits and _')
        catalogue.checkSecret(value)
        const sealed = seal(context.keys, catalogue.secretAad(namespace, key), value)
        const row = { namespace, key, sealed, setAt: context.now(), setBy: somebody(context).id }
        await context.db.write((tx) => catalogue.putSecret(tx, row))
        return row
      }),
  }),
)
