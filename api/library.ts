import {
  catalogue,
  compileFlow,
  decodeDocument,
  EngineError,
  freezeOf,
  frozenAt,
  type AppDocument,
  type AppSpec,
  type CompiledFlow,
  type Database,
  type FlowDocument,
  type Freeze,
  type FreezeTarget,
  type Frozen,
  type HostSpec,
  type PluginCatalogue,
} from '../engine/index.ts'
import { notFound } from './error.ts'

/** A light app as its document says. */
export interface AppView {
  readonly project: string
  readonly name: string
  readonly title: string
  readonly spec: AppSpec
  readonly document: AppDocument
}
export interface HostView {
  readonly project: string
  readonly name: string
  readonly spec: HostSpec
}
export interface FreezeView extends Freeze {
  readonly project: string
}
/** Present documents, decoded and compiled once each. `refresh` after documents changed. */
export interface Library {
  readonly apps: () => readonly AppView[]
  /** By name or alias. */
  readonly app: (project: string, name: string) => AppView | undefined
  readonly freezes: () => readonly FreezeView[]
  /** The freeze that holds for something at an instant; null: none. */
  readonly frozen: (what: FreezeTarget, at: number) => Frozen | null
  readonly hosts: () => readonly HostView[]
  readonly host: (project: string, name: string) => HostView | undefined
  /** A published version; `current` is the newest made current. @throws NOT_FOUND */
  readonly flow: (project: string, name: string, version: number | 'current') => CompiledFlow
  /** The version an app runs. @throws NOT_FOUND when its flow was never published. */
  readonly flowOfApp: (app: AppView) => CompiledFlow
  /** The draft as it stands, published or not. */
  readonly draft: (project: string, name: string) => CompiledFlow | undefined
  /** Whether the flow's author said whom alerts go to; else they go to starter and operators. */
  readonly namesAttention: (project: string, flow: string) => boolean
  readonly refresh: () => void
}
/** Compiled versions kept; each is a few hundred objects. */
const KEPT = 500

/** Of several with one alias the first is meant. */
function byNames(apps: readonly AppView[]): ReadonlyMap<string, AppView> {
  const found = new Map<string, AppView>()
  const put = (key: string, app: AppView): void => void (found.has(key) || found.set(key, app))
  for (const app of apps) {
    put(`${app.project}/name/${app.name}`, app)
    for (const alias of app.spec.aliases ?? []) put(`${app.project}/alias/${alias.toLowerCase()}`, app)
  }
  return found
}
export function createLibrary(db: Database, plugins: PluginCatalogue): Library {
  const compiled = new Map<string, CompiledFlow>()
  let known = load(db)
  const compile = (key: string, document: unknown, version: number, digest: string): CompiledFlow => {
    const kept = compiled.get(key)
    if (kept) return kept
    const flow = compileFlow(decoded(document), plugins, version, digest)
    if (compiled.size >= KEPT) compiled.delete(compiled.keys().next().value!)
    compiled.set(key, flow)
    return flow
  }
  const flow: Library['flow'] = (project, name, version) => {
    const row = db.read((tx) => catalogue.flowVersionOf(tx, project, name, version))
    if (!row) throw notFound('published flow', version === 'current' ? name : `${name} version ${version}`)
    return compile(`${project}/${name}/${row.version}`, row.document, row.version, row.digest)
  }
  const named = new WeakMap<readonly AppView[], ReadonlyMap<string, AppView>>()
  const app: Library['app'] = (project, name) => {
    const byName = named.get(known.apps) ?? byNames(known.apps)
    named.set(known.apps, byName)
    return byName.get(`${project}/name/${name}`) ?? byName.get(`${project}/alias/${name.toLowerCase()}`)
  }
  return {
    apps: () => known.apps,
    app,
    freezes: () => known.freezes,
    frozen: ({ project, app, flow }, at) => {
      if (known.freezes.length === 0) return null
      const here = known.freezes.filter((freeze) => freeze.project === project)
      const starts = (one: AppView): boolean => one.project === project && one.spec.flow === flow
      const appsOfFlow = app === null ? known.apps.filter(starts).map(({ name }) => name) : []
      return frozenAt(here, { app, appsOfFlow }, at)
    },
    hosts: () => known.hosts,
    host: (project, name) => known.hosts.find((one) => one.project === project && one.name === name),
    flow,
    flowOfApp: ({ project, spec }) => flow(project, spec.flow, spec.version ?? 'current'),
    draft: (project, name) => {
      const row = db.read((tx) => catalogue.documentOf(tx, project, 'Flow', name))
      return row && compile(`${project}/${name}/draft ${row.generation}`, row.document, 0, '')
    },
    namesAttention: (project, name) => known.attention.has(`${project}/${name}`),
    refresh: () => {
      known = load(db)
    },
  }
}

function load(db: Database): {
  apps: AppView[]
  hosts: HostView[]
  freezes: FreezeView[]
  attention: ReadonlySet<string>
} {
  const rows = db.read(catalogue.allDocuments)
  const apps: AppView[] = []
  const hosts: HostView[] = []
  const freezes: FreezeView[] = []
  const attention = new Set<string>()
  for (const row of rows) {
    const notify = catalogue.specOf(row)['notify'] as { attention?: unknown } | undefined
    if (row.kind === 'Flow' && notify?.attention !== undefined) attention.add(`${row.project}/${row.name}`)
    if (row.kind !== 'App' && row.kind !== 'Host' && row.kind !== 'Freeze') continue
    const { document } = decodeDocument(row.document)
    if (document?.kind === 'App')
      apps.push({ project: row.project, name: row.name, title: document.metadata.title, spec: document.spec, document })
    if (document?.kind === 'Freeze')
      freezes.push({ project: row.project, ...freezeOf(document.metadata, document.spec) })
    if (document?.kind === 'Host') hosts.push({ project: row.project, name: row.name, spec: document.spec })
  }
  apps.sort((a, b) => a.title.localeCompare(b.title))
  return { apps, hosts, freezes, attention }
}
function decoded(value: unknown): FlowDocument {
  const { document, errors } = decodeDocument(value)
  if (document?.kind === 'Flow') return document
  throw new EngineError('INVALID_INPUT', { message: errors[0]?.message ?? 'expected a Flow' })
}
