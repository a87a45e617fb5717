import { catalogue, type Tx } from '../../../engine/index.ts'

/** A place in a document, or in a published version of a flow, that names another document. */
export interface Reference {
  readonly kind: string
  readonly project: string
  readonly name: string
  /** Null: the document as it stands, the draft of a flow. */
  readonly version: number | null
  readonly path: string
  /** It would break something that can still be launched, or runs: a document, the current version, one an app is pinned to. */
  readonly holds: boolean
}
export interface Named {
  readonly kind: string
  readonly project: string
  readonly name: string
}
interface Leaf {
  /** From the top of the document; indexes of lists are left out. */
  readonly keys: readonly string[]
  readonly path: string
  readonly value: string
}
type Finder = (leaf: Leaf, inKind: string) => boolean

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const last = ({ keys }: Leaf): string => keys.at(-1) ?? ''
/** Where a host's name may stand as a value: inputs and options of steps, defaults and fixed values of forms. */
const HOST_KEYS: ReadonlySet<string> = new Set(['host', 'hosts', 'default', 'fixed', 'in'])

/** Which leaves name a document of a kind. What is only known when a task runs (`\${host}`) names nothing here. */
const FINDERS: Readonly<Record<string, (name: string) => Finder>> = {
  Flow: (name) => (leaf, kind) =>
    leaf.value === name &&
    last(leaf) === 'flow' &&
    (kind === 'App' ? leaf.keys.length === 2 : leaf.keys.at(-2) === 'with'),
  App: (name) => (leaf, kind) =>
    leaf.value === name && (kind === 'Freeze' ? /^(apps|except)$/.test(last(leaf)) : last(leaf) === 'app'),
  Host: (name) => (leaf, kind) =>
    leaf.value === name && (kind === 'Host' ? last(leaf) === 'via' : HOST_KEYS.has(last(leaf))),
  // `allow` of a step may name a business role without its prefix.
  Role: (name) => (leaf, kind) =>
    naming('role', name)(leaf, kind) || (leaf.value === name && leaf.keys.includes('allow')),
  Group: (name) => naming('group', name),
  SecretRef: (name) => {
    const inside = new RegExp(`\\bsecrets\\.${escaped(name)}\\.`)
    return (leaf, kind) =>
      inside.test(leaf.value) || (kind === 'Host' && last(leaf) === 'key' && leaf.value.startsWith(`${name}.`))
  },
  Constant: (name) => {
    const inside = new RegExp(`\\$\\{[^}]*\\bproject\\.${escaped(name)}\\b`)
    return (leaf) => inside.test(leaf.value)
  },
  Calendar: (name) => (leaf) => leaf.value === name && /^(calendar|workingHours)$/.test(last(leaf)),
  // Nothing names these: they name others.
  Schedule: () => () => false,
  Freeze: () => () => false,
  RightsRole: () => () => false,
}
/** `role:qa` stands alone or among other words, as in the text of a `who`. */
const naming = (prefix: string, name: string): Finder => {
  const whole = new RegExp(`(?:^|[^\\w-])${prefix}:${escaped(name)}(?![\\w-])`)
  return (leaf) => whole.test(leaf.value)
}
/** Kinds whose documents others can refer to. */
export const REFERRED = Object.keys(FINDERS)

/** Every place that names a document, in documents as they stand and in every published version of a flow. */
export function referencesTo(tx: Tx, { kind, project, name }: Named): readonly Reference[] {
  const finds = FINDERS[kind]?.(name)
  if (!finds) return []
  const documents = catalogue.allDocuments(tx)
  const pinned = pinnedVersions(documents)
  const found: Reference[] = []
  // A role or group of `default` serves every project that has none of that name.
  const own = new Set(documents.filter((row) => row.kind === kind && row.name === name).map((row) => row.project))
  const isMeantFrom = (from: string): boolean =>
    from === project || (project === 'default' && (kind === 'Role' || kind === 'Group') && !own.has(from))
  for (const row of documents) {
    if (!isMeantFrom(row.project) || (row.kind === kind && row.name === name)) continue
    for (const path of placesIn(row.document, row.kind, finds))
      found.push({ kind: row.kind, project: row.project, name: row.name, version: null, path, holds: true })
  }
  for (const row of catalogue.allFlowVersions(tx)) {
    if (!isMeantFrom(row.project) || (kind === 'Flow' && row.name === name)) continue
    const holds = row.current || pinned.has(`${row.project}/${row.name}@${row.version}`)
    for (const path of placesIn(row.document, 'Flow', finds))
      found.push({ kind: 'Flow', project: row.project, name: row.name, version: row.version, path, holds })
  }
  return found
}
/** Versions that an app names by number. */
function pinnedVersions(documents: readonly catalogue.DocumentRow[]): ReadonlySet<string> {
  return new Set(
    documents
      .filter(({ kind }) => kind === 'App')
      .map((row) => ({ project: row.project, spec: catalogue.specOf(row) }))
      .filter(({ spec }) => typeof spec['version'] === 'number')
      .map(({ project, spec }) => `${project}/${String(spec['flow'])}@${String(spec['version'])}`),
  )
}

const placesIn = (document: unknown, kind: string, finds: Finder): readonly string[] => {
  const places: string[] = []
  const visit = (value: unknown, keys: readonly string[], path: string): void => {
    if (typeof value === 'string') {
      if (finds({ keys, path, value }, kind)) places.push(path)
    } else if (Array.isArray(value)) value.forEach((entry, at) => visit(entry, keys, `${path}[${at}]`))
    else if (typeof value === 'object' && value !== null)
      for (const [key, entry] of Object.entries(value))
        visit(entry, [...keys, key], path === '' ? key : `${path}.${key}`)
  }
  visit(document, [], '')
  return places
}
