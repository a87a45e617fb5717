import { catalogue, EngineError } from '../../../engine/index.ts'
import { mayDo, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import type { HostView } from '../../library.ts'

interface HostShape extends HostView {
  readonly fingerprint: string | null
  readonly offered: string | null
}
const withKeys = (context: Context, host: HostView): HostShape => {
  const key = context.db.read((tx) => catalogue.hostKeyOf(tx, host.project, host.name))
  return { ...host, fingerprint: key?.fingerprint ?? host.spec.hostKey ?? null, offered: key?.offered ?? null }
}
const Host = builder.objectRef<HostShape>('Host').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    project: t.exposeString('project'),
    address: t.string({ resolve: ({ spec }) => spec.address }),
    port: t.int({ resolve: ({ spec }) => spec.port ?? 22 }),
    user: t.string({ resolve: ({ spec }) => spec.user }),
    labels: t.stringList({ resolve: ({ spec }) => [...(spec.labels ?? [])] }),
    fingerprint: t.exposeString('fingerprint', { nullable: true }),
    offeredFingerprint: t.string({
      nullable: true,
      description: 'Shown by the host, waiting for an operator to confirm it.',
      resolve: ({ offered }) => offered,
    }),
    changed: t.boolean({ resolve: ({ fingerprint, offered }) => fingerprint !== null && offered !== null }),
  }),
})

builder.queryField('hosts', (t) =>
  t.field({
    type: [Host],
    resolve: (_, __, context) => {
      somebody(context)
      mayDo(context, 'view')
      return context.library.hosts().map((host) => withKeys(context, host))
    },
  }),
)
const hostNamed = (context: Context, name: string): HostView => {
  const host = context.library.hosts().find((one) => one.name === name)
  if (!host) throw notFound('host', name)
  return host
}
builder.mutationFields((t) => ({
  scanHost: t.field({
    type: Host,
    description: 'Shows the key a host presents now, so that its fingerprint can be confirmed.',
    args: { name: t.arg.string({ required: true }) },
    resolve: (_, { name }, context) =>
      act(context, 'scanHost', name, async () => {
        mayDo(context, 'manage-hosts')
        const host = hostNamed(context, name)
        if (host.spec.via) {
          const message = `${name} is behind ${host.spec.via}: its key shows at the first step that runs there.`
          throw new EngineError('NOT_ALLOWED', { message })
        }
        let fingerprint: string
        try {
          fingerprint = await context.scanHost(host.spec.address, host.spec.port ?? 22)
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error)
          throw new EngineError('UNAVAILABLE', { message: `${name} did not answer: ${reason}` })
        }
        await context.db.write((tx) => catalogue.offerHostKey(tx, host.project, name, fingerprint, context.now()))
        return withKeys(context, host)
      }),
  }),
  confirmHostKey: t.field({
    type: Host,
    args: { name: t.arg.string({ required: true }), fingerprint: t.arg.string({ required: true }) },
    resolve: (_, { name, fingerprint }, context) =>
      act(
        context,
        'confirmHostKey',
        name,
        async () => {
          mayDo(context, 'manage-hosts')
          const host = hostNamed(context, name)
          if (!/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(fingerprint))
            throw badInput('fingerprint', 'MALFORMED', 'Use the form that ssh-keygen -lf prints: SHA256:…')
          const known = withKeys(context, host)
          const shown = known.offered ?? known.fingerprint
          if (shown !== fingerprint) {
            const message = shown
              ? `${name} shows ${shown}, not this key.`
              : `${name} has shown no key yet. Scan it first.`
            throw new EngineError('STALE', { message })
          }
          await context.db.write((tx) => catalogue.confirmHostKey(tx, host.project, name, fingerprint, context.now()))
          return withKeys(context, host)
        },
        { fingerprint },
      ),
  }),
}))
