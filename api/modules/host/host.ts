import { catalogue, EngineError } from '../../../engine/index.ts'
import { mayDo, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, notFound } from '../../error.ts'
import { act } from '../../graphql/act.ts'
import { builder } from '../../graphql/builder.ts'
import { words } from '../../graphql/enums.ts'
import { pieceOf, says } from '../../graphql/piece.ts'
import type { HostView } from '../../library.ts'
import { findingWords, type FindingWords } from './words.ts'

interface HostShape extends HostView {
  readonly fingerprint: string | null
  readonly offered: string | null
}
const withKeys = (context: Context, host: HostView): HostShape =>
  shapeOf(
    host,
    context.db.read((tx) => catalogue.hostKeyOf(tx, host.project, host.name)),
  )
const shapeOf = (host: HostView, key: catalogue.HostKey | undefined): HostShape => {
  return { ...host, fingerprint: key?.fingerprint ?? host.spec.hostKey ?? null, offered: key?.offered ?? null }
}

const HostProbeState = words('HostProbeState', ['probing', 'ready', 'lacking', 'unreachable'])
type ProbeState = (typeof HostProbeState)['$inferType']
interface FindingShape extends FindingWords {
  readonly code: string
  readonly needed: boolean
}
interface ProbeShape {
  readonly state: ProbeState
  readonly at: number
  readonly system: string | null
  readonly missing: readonly FindingShape[]
}
const HostFinding = builder.objectRef<FindingShape>('HostFinding').implement({
  description: 'Something a host lacks, in the reader’s language.',
  fields: (t) => ({
    code: t.exposeString('code'),
    needed: t.exposeBoolean('needed', { description: 'No script can run there without it; else only worth knowing.' }),
    what: t.exposeString('what'),
    why: t.exposeString('why'),
    wayOut: t.exposeString('wayOut'),
  }),
})
const HostProbe = builder.objectRef<ProbeShape>('HostProbe').implement({
  description: 'What the last look at a host found: can scripts run there?',
  fields: (t) => ({
    state: t.field({ type: HostProbeState, resolve: ({ state }) => state }),
    at: t.field({ type: 'DateTime', resolve: ({ at }) => at }),
    ok: t.boolean({ resolve: ({ state }) => state === 'ready' }),
    system: t.exposeString('system', { nullable: true, description: '`Linux 6.1.0 x86_64`' }),
    missing: t.field({ type: [HostFinding], resolve: ({ missing }) => [...missing] }),
  }),
})
function probeOf({ db, prober, who }: Context, { project, name }: HostView): ProbeShape | null {
  const since = prober.since(project, name)
  const row = db.read((tx) => catalogue.hostProbeOf(tx, project, name))
  if (since !== null) return { state: 'probing', at: since, system: row?.system ?? null, missing: [] }
  if (!row) return null
  const found = row.trouble ? [{ code: row.trouble.code, fatal: true, arg: row.trouble.message }] : row.findings
  return {
    state: row.trouble ? 'unreachable' : found.some(({ fatal }) => fatal) ? 'lacking' : 'ready',
    at: row.at,
    system: row.system,
    missing: found.map(({ code, fatal, arg }) => ({
      code,
      needed: fatal,
      ...findingWords(code, name, arg, who.language),
    })),
  }
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
    probe: t.field({
      type: HostProbe,
      nullable: true,
      description: 'Null: nobody has looked yet. Looked at once its key is confirmed, and by `probeHost`.',
      resolve: (host, _, context) => probeOf(context, host),
    }),
  }),
})

const nameOf = ({ project, name }: HostView): string => `${project}/${name}`
builder.queryField('hosts', (t) =>
  t.field({
    type: [Host],
    description:
      'By name: those of one project, or of every project in which the viewer has the right `view`. `after` is `project/name` of the last one shown.',
    args: {
      project: t.arg.string(),
      first: t.arg.int({ description: 'Up to 100; 50 unless said.' }),
      after: t.arg.string(),
      search: t.arg.string({ description: 'Part of its name, address or labels.' }),
    },
    resolve: (_, { project, search, ...piece }, context) => {
      somebody(context)
      mayDo(context, 'view', project ?? 'default')
      const shown = context.library
        .hosts()
        .filter((host) => (project ? host.project === project : rightsIn(context, host.project).has('view')))
        .filter(({ name, spec }) =>
          says([name, spec.address, ...(spec.labels ?? []).map((label) => `@${label}`)], search),
        )
      const keys = context.db.read(catalogue.hostKeysBy)
      return pieceOf(shown, nameOf, piece).map((host) => shapeOf(host, keys.get(nameOf(host))))
    },
  }),
)
/** Looks at hosts that were added or changed, where the key is known already; else once it is confirmed. */
export function probeChanged(
  context: Context,
  documents: readonly {
    readonly kind: string
    readonly project: string
    readonly name: string
    readonly result: string
  }[],
): void {
  for (const { kind, project, name, result } of documents) {
    const host = kind === 'Host' && result !== 'unchanged' ? context.library.host(project, name) : undefined
    if (host && withKeys(context, host).fingerprint !== null) void context.prober.probe(project, name)
  }
}
/** The host of a project, once the caller may manage hosts there. */
const hostNamed = (context: Context, name: string, project: string | null | undefined): HostView => {
  mayDo(context, 'manage-hosts', project ?? 'default')
  const host = context.library.host(project ?? 'default', name)
  if (!host) throw notFound('host', name)
  return host
}
builder.mutationFields((t) => ({
  scanHost: t.field({
    type: Host,
    description: 'Shows the key a host presents now, so that its fingerprint can be confirmed.',
    args: { name: t.arg.string({ required: true }), project: t.arg.string() },
    resolve: (_, { name, project }, context) =>
      act(context, 'scanHost', name, async () => {
        const host = hostNamed(context, name, project)
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
        const scanned = withKeys(context, host)
        if (scanned.fingerprint === fingerprint) void context.prober.probe(host.project, name)
        return scanned
      }),
  }),
  confirmHostKey: t.field({
    type: Host,
    args: {
      name: t.arg.string({ required: true }),
      fingerprint: t.arg.string({ required: true }),
      project: t.arg.string(),
    },
    resolve: (_, { name, fingerprint, project }, context) =>
      act(
        context,
        'confirmHostKey',
        name,
        async () => {
          const host = hostNamed(context, name, project)
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
          void context.prober.probe(host.project, name) // the answer does not wait for it: `probe` says PROBING
          return withKeys(context, host)
        },
        { fingerprint },
      ),
  }),
  probeHost: t.field({
    type: Host,
    description:
      'Looks whether scripts can run on a host and says what is missing. Answers when it has looked, or joins the look under way.',
    args: { name: t.arg.string({ required: true }), project: t.arg.string() },
    resolve: (_, { name, project }, context) =>
      act(context, 'probeHost', name, async () => {
        const host = hostNamed(context, name, project)
        await context.prober.probe(host.project, name)
        return withKeys(context, host)
      }),
  }),
}))
