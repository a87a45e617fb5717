import { isIdentifier } from '../expression/names.ts'
import { nearest } from '../nearest.ts'
import { isBuiltIn, RIGHTS } from '../rights-roles.ts'
import type { Value } from '../value.ts'
import { WEEKDAYS } from '../weekdays.ts'
import { flowSpec, type FlowSpec } from './flow.ts'
import {
  anything,
  bool,
  count,
  duration,
  isMap,
  label,
  list,
  mapOf,
  object,
  oneOf,
  oneOrMore,
  optional,
  required,
  text,
} from './shape.ts'
import type { DocumentError, Path, Report, Shape } from './shape.ts'
import { freezeSpec, scheduleSpec, type FreezeSpec, type ScheduleSpec } from './timing.ts'

const API_VERSION = 'baton/v1'
export const KINDS = [
  'Flow',
  'App',
  'Host',
  'SecretRef',
  'Role',
  'Group',
  'Constant',
  'Calendar',
  'Schedule',
  'Freeze',
  'RightsRole',
] as const
export type Kind = (typeof KINDS)[number]

const fieldRule = object({
  default: optional(anything),
  fixed: optional(anything),
  hide: optional(bool),
  title: optional(label),
  help: optional(label),
})
const version: Shape<'current' | number> = (value, path, report) =>
  value === 'current'
    ? value
    : typeof value === 'number'
      ? count(1, 1_000_000)(value, path, report)
      : report.add(path, 'expected “current” or a version number')
/** Told again every `remindEvery`, and put to `escalateTo` too, `after` that long, until somebody claims it. */
const handOver = object({
  to: required(oneOrMore(text)),
  remindEvery: optional(duration),
  escalateTo: optional(oneOrMore(text)),
  after: optional(duration),
})
/** How an app sees to it that somebody claims; durations in ms. */
export interface HandOverWatch {
  readonly remindEveryMs?: number
  readonly escalateTo?: readonly string[]
  readonly afterMs?: number
}
type Mode = 'direct' | { readonly handOver: readonly string[]; readonly watch?: HandOverWatch }
const mode: Shape<Mode> = (value, path, report) => {
  if (value === 'direct') return value
  const read = object({ handOver: required(handOver) })(value, path, report)
  if (read === undefined) return undefined
  const { to, remindEvery, escalateTo, after } = read.handOver
  const watch = {
    ...(remindEvery !== undefined && { remindEveryMs: remindEvery }),
    ...(escalateTo !== undefined && { escalateTo }),
    ...(after !== undefined && { afterMs: after }),
  }
  return { handOver: to, ...(Object.keys(watch).length > 0 && { watch }) }
}
const form: Shape<{ readonly [key: string]: NonNullable<ReturnType<typeof fieldRule>> }> = (value, path, report) => {
  const read = mapOf(() => fieldRule)(value, path, report)
  return read && Object.fromEntries(read)
}
const appSpec = object({
  flow: required(text),
  version: optional(version),
  icon: optional(text),
  category: optional(label),
  help: optional(label),
  aliases: optional(oneOrMore(label)),
  form: optional(form),
  schemes: optional(
    list(
      object({
        name: required(label),
        title: optional(label),
        omit: optional(list(text)),
        variables: optional(anything),
      }),
    ),
  ),
  mode: optional(mode),
  launch: optional(oneOrMore(text)),
  see: optional(oneOrMore(text)),
  operators: optional(oneOrMore(text)),
  rooms: optional(oneOrMore(text)),
  taskTitle: optional(label),
  confirm: optional(label),
  /** Whoever launches or answers shows their passkey first. */
  stepUp: optional(oneOf('passkey')),
  expect: optional(duration),
  limits: optional(object({ perPerson: optional(count(1, 1_000_000)), perHour: optional(count(1, 1_000_000)) })),
})
export type AppSpec = NonNullable<ReturnType<typeof appSpec>>

/** A secret is named, never written: `ssh.deploy`, or `${secrets.ssh.deploy}`. */
const secretName: Shape<string> = (value, path, report) => {
  const name =
    typeof value === 'string'
      ? /^(?:\$\{\s*secrets\.)?([A-Za-z_]\w*\.[A-Za-z_]\w*)(?:\s*\})?$/.exec(value)?.[1]
      : undefined
  return (
    name ??
    report.add(
      path,
      'expected the name of a secret like ${secrets.ssh.deploy}; the secret itself is set apart from documents',
    )
  )
}
const fingerprint: Shape<string> = (value, path, report) =>
  typeof value === 'string' && /^SHA256:[A-Za-z0-9+/]{43}=?$/.test(value)
    ? value
    : report.add(path, 'expected a fingerprint as “ssh-keygen -lf” prints it: SHA256:…')
const hostSpec = object({
  address: required(text),
  port: optional(count(1, 65_535)),
  user: required(text),
  key: required(secretName),
  via: optional(text),
  labels: optional(oneOrMore(text)),
  hostKey: optional(fingerprint),
})
export type HostSpec = NonNullable<ReturnType<typeof hostSpec>>

const secretRefSpec = object({ keys: required(list(text)), help: optional(label), flows: optional(list(text)) })
/** A name space of secrets (the document's name): which keys it has and which flows may use it. Values are set elsewhere. */
export type SecretRefSpec = NonNullable<ReturnType<typeof secretRefSpec>>
/** Shifts, `rota.ts` says what they mean. One name may stand without its list. */
const rota = object({
  zone: required(text),
  from: required(text),
  handover: optional(oneOrMore(text)),
  shift: optional(oneOf('day', 'week')),
  every: optional(count(1, 52)),
  order: optional(list(oneOrMore(text))),
  overrides: optional(list(object({ from: required(text), to: required(text), who: required(oneOrMore(text)) }))),
})
/** `bindTo`: what the value behind `@` means, for people (`product`); a role of one value is a document of its own, `qa@shop`. */
const roleSpec = object({ members: optional(list(text)), bindTo: optional(label), rota: optional(rota) })
export type RoleSpec = NonNullable<ReturnType<typeof roleSpec>>
const groupSpec = object({ members: optional(list(text)) })
export type GroupSpec = NonNullable<ReturnType<typeof groupSpec>>
/** What somebody may do who has it, and what it is called in each language; the title of the document stands in where one is missing. */
const rightsRoleSpec = object({
  rights: required(list(oneOf(...RIGHTS))),
  titles: optional(object({ en: optional(label), zh: optional(label) })),
  help: optional(label),
})
export type RightsRoleSpec = NonNullable<ReturnType<typeof rightsRoleSpec>>
const calendarSpec = object({
  zone: required(text),
  workdays: optional(list(oneOf(...WEEKDAYS))),
  hours: optional(oneOrMore(text)),
  holidays: optional(list(text)),
  extra: optional(list(text)),
})
/** Working hours: `hours` of each of `workdays` (Monday to Friday, 09:00-18:00) in `zone`, but for `holidays`; `extra` days are worked all the same. */
export type CalendarSpec = NonNullable<ReturnType<typeof calendarSpec>>
const constantSpec = object({ value: required(anything), help: optional(label) })
export type ConstantSpec = NonNullable<ReturnType<typeof constantSpec>>

export interface Metadata {
  readonly name: string
  readonly project: string
  readonly title: string
  readonly labels: { readonly [key: string]: string }
}
interface Of<K extends Kind, S> {
  readonly kind: K
  readonly metadata: Metadata
  readonly spec: S
}
export type FlowDocument = Of<'Flow', FlowSpec>
export type AppDocument = Of<'App', AppSpec>
export type HostDocument = Of<'Host', HostSpec>
export type SecretRefDocument = Of<'SecretRef', SecretRefSpec>
export type RoleDocument = Of<'Role', RoleSpec>
export type GroupDocument = Of<'Group', GroupSpec>
export type ConstantDocument = Of<'Constant', ConstantSpec>
export type CalendarDocument = Of<'Calendar', CalendarSpec>
export type ScheduleDocument = Of<'Schedule', ScheduleSpec>
export type FreezeDocument = Of<'Freeze', FreezeSpec>
export type RightsRoleDocument = Of<'RightsRole', RightsRoleSpec>
/** One decoded document; `kind` says which. */
export type Document =
  | FlowDocument
  | AppDocument
  | HostDocument
  | SecretRefDocument
  | RoleDocument
  | GroupDocument
  | ConstantDocument
  | CalendarDocument
  | ScheduleDocument
  | FreezeDocument
  | RightsRoleDocument

const SPECS: { readonly [K in Kind]: Shape<unknown> } = {
  Flow: flowSpec,
  App: appSpec,
  Host: hostSpec,
  SecretRef: secretRefSpec,
  Role: roleSpec,
  Group: groupSpec,
  Constant: constantSpec,
  Calendar: calendarSpec,
  Schedule: scheduleSpec,
  Freeze: freezeSpec,
  RightsRole: rightsRoleSpec,
}
/** Names that expressions spell (`project.KEY`, `secrets.namespace.key`) are identifiers; the others are like host names. */
const SPELLED: ReadonlySet<Kind> = new Set(['Constant', 'SecretRef'])

const labels: Shape<{ readonly [key: string]: string }> = (value, path, report) => {
  const read = mapOf(() => label)(value, path, report)
  return read && Object.fromEntries(read)
}
const metadataShape = object({
  name: required(label),
  project: optional(text),
  title: optional(label),
  labels: optional(labels),
})

function metadata(kind: Kind, value: unknown, report: Report): Metadata | undefined {
  const path = ['metadata']
  const read = metadataShape(value, path, report)
  if (read === undefined) return undefined
  const ok = SPELLED.has(kind) ? isIdentifier(read.name) : kind === 'Role' ? isRoleName(read.name) : isName(read.name)
  if (!ok) {
    const rule = SPELLED.has(kind) ? 'letters, digits and _' : 'lower-case letters, digits and -, up to 63 characters'
    return report.add(
      [...path, 'name'],
      `“${read.name}” is no name for a ${kind}: use ${rule}`,
      suggestName(kind, read.name),
    )
  }
  if (kind === 'RightsRole' && isBuiltIn(read.name))
    return report.add([...path, 'name'], `The role “${read.name}” is always there: choose another name`)
  if (read.project !== undefined && !isName(read.project))
    return report.add([...path, 'project'], `“${read.project}” is no name for a project`)
  return {
    name: read.name,
    project: read.project ?? 'default',
    title: read.title ?? read.name,
    labels: read.labels ?? {},
  }
}

/** `qa`, or `qa@shop` for whoever has the part for one value. */
const isRoleName = (name: string): boolean => {
  const [role = '', ...value] = name.split('@')
  return isName(role) && (value.length === 0 || (name.length <= 128 && /^[\w.-]+$/.test(value.join('@'))))
}
const isName = (name: string): boolean => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)
function suggestName(kind: Kind, name: string): string | null {
  const fix = SPELLED.has(kind)
    ? name.replace(/[^A-Za-z0-9_]+/g, '_')
    : name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 63)
  return (SPELLED.has(kind) ? isIdentifier(fix) : isName(fix)) ? fix : null
}

export type Decoded =
  | { readonly document: Document; readonly errors: readonly [] }
  | { readonly document: null; readonly errors: readonly DocumentError[] }
/** Reads one document from plain JSON. Unknown keys and wrong types refuse it; everything else is for `check`. */
export function decodeDocument(value: unknown): Decoded {
  const errors: DocumentError[] = []
  const report: Report = {
    add: (path: Path, message: string, fix: string | null = null) =>
      void errors.push({ path, message, fix }) as undefined,
  }
  const document = decode(value, report)
  if (document !== undefined && errors.length === 0) return { document, errors: [] }
  return {
    document: null,
    errors: errors.length > 0 ? errors : [{ path: [], message: 'this is no document', fix: null }],
  }
}

const TOP = ['apiVersion', 'kind', 'metadata', 'spec', 'status']
function decode(value: unknown, report: Report): Document | undefined {
  if (!isMap(value)) return report.add([], 'expected a document: apiVersion, kind, metadata, spec')
  for (const key of Object.keys(value)) {
    if (TOP.includes(key)) continue
    const near = nearest(key, TOP)
    report.add([key], `unknown key “${key}”${near === null ? '' : `, did you mean “${near}”?`}`, near)
  }
  if (value['apiVersion'] !== API_VERSION)
    report.add(['apiVersion'], `expected apiVersion: ${API_VERSION}`, API_VERSION)
  if (value['kind'] === undefined) return report.add([], `“kind” is missing: one of ${KINDS.join(', ')}`)
  const kind = oneOf(...KINDS)(value['kind'], ['kind'], report)
  if (kind === undefined) return undefined
  if (value['metadata'] === undefined) report.add([], '“metadata” is missing')
  if (value['spec'] === undefined) report.add([], '“spec” is missing')
  const meta = value['metadata'] === undefined ? undefined : metadata(kind, value['metadata'], report)
  const spec = value['spec'] === undefined ? undefined : SPECS[kind](value['spec'], ['spec'], report)
  return meta && spec !== undefined ? ({ kind, metadata: meta, spec } as Document) : undefined // SPECS pairs each kind with its shape
}

/** `Flow/default/release-web`: names one document in an installation. */
export const documentId = (document: Pick<Document, 'kind' | 'metadata'>): string =>
  `${document.kind}/${document.metadata.project}/${document.metadata.name}`

/** The document's text for digests: the same for the same meaning, whatever its author's spacing or comments. Order is kept, it has meaning. */
export const canonicalText = (value: unknown): string =>
  JSON.stringify(
    isMap(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'status')) : (value as Value),
  )
