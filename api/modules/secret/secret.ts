import { catalogue, EngineError, seal, type Tx } from '../../../engine/index.ts'
import { mayDo, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { pieceOf, says } from '../../graphql/piece.ts'
import { nameOfPerson } from '../person/load.ts'
import { declaredBy, nameSpaceOf, type NameSpace } from './open.ts'
import { secretUsers, usersOf, type SecretUsers } from './users.ts'

interface SecretShape {
  readonly namespace: string
  readonly key: string
  readonly project: string
  readonly setAt: number | null
  readonly setBy: string | null
  readonly lastUse: catalogue.SecretUse | null
  readonly declared: boolean
  readonly flows: readonly string[] | null
}
const SecretUse = builder.objectRef<catalogue.SecretUse>('SecretUse').implement({
  description: 'Who was given a secret last.',
  fields: (t) => ({
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    task: t.exposeInt('number', {
      nullable: true,
      description: 'Null: no task, but the options of a form or a look at a host.',
    }),
    flow: t.exposeString('flow', { nullable: true }),
    host: t.exposeString('host', { nullable: true, description: 'It was the key that this host was reached with.' }),
  }),
})
const SecretName = builder.objectRef<SecretShape>('SecretName').implement({
  description: 'A secret by its name. Its value is shown to nobody.',
  fields: (t) => ({
    namespace: t.exposeString('namespace'),
    key: t.exposeString('key'),
    project: t.exposeString('project', { description: 'Whose it is: nothing of another project may use it.' }),
    setAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When its value was set last; null: never.',
      resolve: ({ setAt }) => setAt,
    }),
    setBy: t.string({
      nullable: true,
      resolve: ({ setBy }, _, context) => (setBy === null ? null : nameOfPerson(context, setBy)),
    }),
    lastUse: t.field({ type: SecretUse, nullable: true, resolve: ({ lastUse }) => lastUse }),
    declared: t.exposeBoolean('declared', {
      description: 'A SecretRef document names it. A value that none names is kept, and no flow can use it.',
    }),
    flows: t.stringList({
      nullable: true,
      description: 'The flows that its SecretRef keeps it for; null: every flow of the project.',
      resolve: ({ flows }) => flows && [...flows],
    }),
    usedBy: t.stringList({
      description: 'What names it now: `Flow release-web`, `Host web-1`.',
      resolve: ({ project, namespace, key }, _, context) => [
        ...usersOf(usersIn(context), project, `${namespace}.${key}`),
      ],
    }),
  }),
})
/** Looked for once per request, however many secrets are shown. */
const found = new WeakMap<Context, SecretUsers>()
function usersIn(context: Context): SecretUsers {
  const known = found.get(context) ?? context.db.read(secretUsers)
  found.set(context, known)
  return known
}

const shapeOf = (row: catalogue.SecretRow, space: NameSpace | undefined): SecretShape => ({
  ...row,
  project: space?.project ?? row.project,
  declared: space?.keys.includes(row.key) === true,
  flows: space?.flows ?? null,
})
/** Set or declared: what is declared and not set yet, somebody has to set. */
function secretsIn(tx: Tx): SecretShape[] {
  const spaces = new Map(catalogue.documentsOf(tx, 'SecretRef').map((row) => [row.name, declaredBy(row)]))
  const names = new Map<string, SecretShape>()
  for (const row of catalogue.listSecrets(tx))
    names.set(`${row.namespace}.${row.key}`, shapeOf(row, spaces.get(row.namespace)))
  for (const [namespace, { project, keys, flows }] of spaces)
    for (const key of keys)
      if (!names.has(`${namespace}.${key}`)) {
        const unset = { setAt: null, setBy: null, lastUse: null }
        names.set(`${namespace}.${key}`, { namespace, key, project, flows, declared: true, ...unset })
      }
  return [...names.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, secret]) => secret)
}

const nameOfSecret = ({ namespace, key }: SecretShape): string => `${namespace}.${key}`
builder.queryField('secretNames', (t) =>
  t.field({
    type: [SecretName],
    description:
      'By name: those of one project, or of every project in which the viewer has the right `manage-secrets`. `after` is `namespace.key` of the last one shown.',
    args: {
      project: t.arg.string(),
      first: t.arg.int({ description: 'Up to 100; 50 unless said.' }),
      after: t.arg.string(),
      search: t.arg.string({ description: 'Part of `namespace.key`.' }),
    },
    resolve: (_, { project, search, ...piece }, context) => {
      if (project) mayDo(context, 'manage-secrets', project)
      const all = context.db.read(secretsIn)
      const mine = all.filter((secret) => rightsIn(context, secret.project).has('manage-secrets'))
      if (mine.length === 0) mayDo(context, 'manage-secrets')
      const shown = mine.filter((one) => (!project || one.project === project) && says([nameOfSecret(one)], search))
      return [...pieceOf(shown, nameOfSecret, piece)]
    },
  }),
)

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
/** Bytes of a value: keys and certificates fit, what does not is no secret but a file. */
const MAX_VALUE = 64 * 1024

/** Whose the name space is (of its SecretRef, of the values in it, or of whoever asks), once the caller may. @throws INVALID_INPUT when another was meant. */
function projectOf(context: Context, namespace: string, given: string | null | undefined): string {
  const owner = context.db.read(
    (tx) => nameSpaceOf(tx, namespace)?.project ?? catalogue.projectOfSecrets(tx, namespace),
  )
  const project = owner ?? given ?? 'default'
  mayDo(context, 'manage-secrets', project)
  if (given && given !== project)
    throw badInput('namespace', 'OTHER_PROJECT', `The name space ${namespace} belongs to the project ${project}`)
  return project
}
const nameOf = (t: Parameters<Parameters<typeof builder.mutationField>[1]>[0]) => ({
  namespace: t.arg.string({ required: true }),
  key: t.arg.string({ required: true }),
  project: t.arg.string(),
})

builder.mutationFields((t) => ({
  setSecret: t.field({
    type: SecretName,
    description:
      'Sets or rotates a value; it is sealed at once and shown to nobody again. Without `project`, that of the name space.',
    args: { ...nameOf(t), value: t.arg.string({ required: true }) },
    resolve: (_, { namespace, key, value, project: given }, context) =>
      act(context, 'setSecret', `${namespace}.${key}`.slice(0, 200), async () => {
        const project = projectOf(context, namespace, given)
        if (!NAME.test(namespace)) throw badInput('namespace', 'MALFORMED', 'Use letters, digits and _')
        if (!NAME.test(key)) throw badInput('key', 'MALFORMED', 'Use letters, digits and _')
        catalogue.checkSecret(value)
        if (Buffer.byteLength(value) > MAX_VALUE) throw badInput('value', 'TOO_LONG', 'Use up to 64 KiB')
        const sealed = seal(context.keys, catalogue.secretAad(namespace, key), value)
        const row = { namespace, key, sealed, setAt: context.now(), setBy: somebody(context).id, project }
        await context.db.write((tx) => catalogue.putSecret(tx, row))
        return context.db.read((tx) =>
          shapeOf({ lastUse: null, ...row, ...catalogue.secretOf(tx, namespace, key) }, nameSpaceOf(tx, namespace)),
        )
      }),
  }),
  deleteSecret: t.boolean({
    description: 'Takes a value out. One that something still names is CONFLICT, with `extensions.usedBy`.',
    args: nameOf(t),
    resolve: (_, { namespace, key, project: given }, context) =>
      act(context, 'deleteSecret', `${namespace}.${key}`.slice(0, 200), async () => {
        const project = projectOf(context, namespace, given)
        const usedBy = usersOf(context.db.read(secretUsers), project, `${namespace}.${key}`)
        if (usedBy.length > 0)
          throw new EngineError('CONFLICT', {
            message: `${namespace}.${key} is in use by ${usedBy.join(', ')}.`,
            usedBy,
          })
        if (!(await context.db.write((tx) => catalogue.dropSecret(tx, namespace, key))))
          throw notFound('secret', `${namespace}.${key}`)
        return true
      }),
  }),
}))
