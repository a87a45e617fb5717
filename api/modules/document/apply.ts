import { stringify } from 'yaml'
import {
  applyDocument,
  catalogue,
  checkDocument,
  decodeDocument,
  documentId,
  editDocument,
  EngineError,
  parseDocuments,
  pathText,
  sameValue,
  type Actor,
  type CheckContext,
  type Conflict,
  type Database,
  type Directory,
  type Document,
  type DocumentChange,
  type Finding,
  type ParsedDocument,
  type PluginCatalogue,
  type Right,
  type Tx,
  type Value,
} from '../../../engine/index.ts'

import { followDocument, isOver } from '../schedule/sync.ts'
import { nameSpaceOf } from '../secret/open.ts'

/** A finding with its place in the text. */
export interface LocatedFinding extends Omit<Finding, 'at'> {
  readonly line: number | null
  readonly column: number | null
}
export interface AppliedDocument {
  readonly kind: string
  readonly name: string
  readonly project: string
  readonly result: 'created' | 'changed' | 'unchanged'
  readonly generation: number
  readonly diff: readonly DocumentChange[]
  /** What others owned and was taken from them by force. */
  readonly taken: readonly Conflict[]
  /** A dry run's: fields that others own. Without force this would be refused. */
  readonly conflicts: readonly Conflict[]
  readonly findings: readonly LocatedFinding[]
}
/** One document of a text that could be read. */
export interface Read {
  readonly parsed: ParsedDocument
  readonly document: Document
}

/** Which right each kind needs: whoever may write flows may not thereby change who approves. */
export const RIGHT_OF: { readonly [kind in Document['kind']]: Right } = {
  Flow: 'edit-flow', // a draft; publishing is another right
  App: 'author',
  Constant: 'author',
  Calendar: 'author',
  Host: 'manage-hosts',
  SecretRef: 'manage-secrets',
  Role: 'manage-people',
  Group: 'manage-people',
  // Each is launched with the rights of whoever wrote it last; who may pass a freeze may say when there is one.
  Schedule: 'operate',
  Freeze: 'override-freeze',
  RightsRole: 'manage-people', // and every right that it gains
}

/** Reads a text of many documents. @throws INVALID_INPUT with every place that is wrong, in one go. */
export function readDocuments(text: string): Read[] {
  const { documents, problems } = parseDocuments(text)
  if (problems.length > 0)
    throw refused(problems.map(({ line, col, message }) => located('SYNTAX', '', message, line, col)))
  const findings: LocatedFinding[] = []
  const read: Read[] = []
  for (const parsed of documents) {
    const { document, errors } = decodeDocument(parsed.value)
    if (document) read.push({ parsed, document })
    for (const error of errors) {
      const { line, col } = parsed.position(error.path, 'key')
      findings.push({ ...located('DOCUMENT', pathText(error.path), error.message, line, col), fix: error.fix })
    }
  }
  if (findings.length > 0) throw refused(findings)
  if (read.length === 0) throw refused([located('EMPTY', '', 'There is no document in this text', 1, 1)])
  return read
}
/** What of two would hold, nobody could say. @throws INVALID_INPUT */
export function refuseTwice(read: readonly Read[]): void {
  const seen = new Set<string>()
  const findings = read.flatMap(({ parsed, document }) => {
    const id = documentId(document)
    if (seen.size < seen.add(id).size) return []
    const { line, col } = parsed.position(['metadata', 'name'], 'value')
    return [
      located(
        'TWICE',
        'metadata.name',
        `${document.kind} ${document.metadata.name} stands twice in this text`,
        line,
        col,
      ),
    ]
  })
  if (findings.length > 0) throw refused(findings)
}
const located = (code: string, path: string, message: string, line: number, column: number): LocatedFinding => ({
  severity: 'error',
  code,
  node: null,
  path,
  message,
  fix: null,
  line,
  column,
})
export function refused(findings: readonly LocatedFinding[]): EngineError {
  const [first] = findings
  const where = first?.line ? `line ${first.line}: ` : ''
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : ''
  return new EngineError('INVALID_INPUT', {
    message: `${where}${first?.message ?? 'this document is refused'}${more}`,
    findings,
    fields: findings.map(({ path, code, message, fix }) => ({
      field: path,
      code,
      message,
      ...(fix !== null && { fix }),
    })),
  })
}

export interface ApplyOptions {
  readonly dryRun: boolean
  readonly force: boolean
  /** Whose fields these become: `cli`, `editor`, a pipeline's name. */
  readonly manager: string
  readonly by: Actor
  readonly now: number
  readonly plugins: PluginCatalogue
  /** Whether the caller may write it as things stand in the transaction. Throws to refuse all. */
  readonly judge?: (tx: Tx, document: Document) => void
  /** Which project of those the caller sees a new one may have been meant to be. */
  readonly meant?: (project: string) => string | null
}
/** Dry runs end their transaction this way. */
class DryRun extends Error {
  readonly result: AppliedDocument[]
  constructor(result: AppliedDocument[]) {
    super('dry run')
    this.result = result
  }
}

/**
 * Saves documents, all or none: flows as drafts, whatever the check says of them; the other kinds, which are in force at once, only if it
 * finds no error. A dry run refuses nothing of this and tells all of it.
 * @throws CONFLICT naming fields and their managers, unless forced; INVALID_INPUT with every finding.
 */
export async function applyDocuments(
  db: Database,
  read: readonly Read[],
  options: ApplyOptions,
): Promise<AppliedDocument[]> {
  try {
    return await db.write((tx) => {
      for (const { document } of read) options.judge?.(tx, document)
      const begun = newProjects(tx, read, options.meant)
      const applied = read.map((one) => applyOne(tx, one, options))
      const taken = applied.filter((one) => one.taken.length > 0)
      if (taken.length > 0 && !options.force && !options.dryRun) throw inConflict(taken)
      // Checked once all are in: one text may bring a flow and its app in any order.
      const check = checkContext(tx, options.plugins)
      for (const one of read) checkNameSpace(tx, one)
      const result = applied.map((entry, index) => ({
        ...told(entry, options),
        findings: [
          ...projectFindings(read[index]!, begun),
          ...findingsOf(read[index]!, check),
          ...dueFindings(tx, read[index]!),
        ],
      }))
      if (options.dryRun) throw new DryRun(result)
      refuseUnsound(result)
      return result
    })
  } catch (error) {
    if (error instanceof DryRun) return error.result
    throw error
  }
}

/** What is taken by force was taken; in a dry run without it, it stands in the way. */
const told = (one: AppliedDocument, { dryRun, force }: ApplyOptions): AppliedDocument =>
  dryRun && !force ? { ...one, taken: [], conflicts: one.taken } : one
/** Projects of a text that nobody has used, each with the one it may have been meant to be: asked before the text brings them. */
function newProjects(tx: Tx, read: readonly Read[], meant: ApplyOptions['meant']): ReadonlyMap<string, string | null> {
  const known = new Set(catalogue.projectsOf(tx))
  const named = new Set(read.map(({ document }) => document.metadata.project))
  return new Map([...named].filter((one) => !known.has(one)).map((one) => [one, meant?.(one) ?? null]))
}
/** Mostly a slip, so it is said. */
function projectFindings({ parsed, document }: Read, begun: ReturnType<typeof newProjects>): readonly LocatedFinding[] {
  const { project } = document.metadata
  const near = begun.get(project)
  if (near === undefined) return []
  const { line, col } = parsed.position(['metadata', 'project'], 'value')
  const message = `New project “${project}”${near === null ? '' : ` (did you mean “${near}”?)`}`
  return [{ ...located('new_project', 'metadata.project', message, line, col), severity: 'warning', fix: near }]
}
/** How a document is brought together with the one that is kept. */
type Merge = typeof applyDocument
function applyOne(
  tx: Tx,
  { parsed, document }: Read,
  { manager, by, now }: ApplyOptions,
  merge: Merge = applyDocument,
): AppliedDocument {
  const { kind, metadata } = document
  const { project, name } = metadata
  const known = catalogue.documentOf(tx, project, kind, name)
  const existing = known ? { value: known.document as Value, owners: known.managers } : null
  const { conflicts: taken } = merge(existing, parsed.value, manager, false)
  const { result, changes } = merge(existing, parsed.value, manager, true)
  const same = known !== undefined && changes.length === 0
  const generation = known ? known.generation + (same ? 0 : 1) : 1
  const isAsWritten = merge !== applyDocument || sameValue(result.value, parsed.value)
  const source = isAsWritten ? parsed.source : stringify(result.value)
  const unchanged = same && JSON.stringify(result.owners) === JSON.stringify(known.managers)
  if (!unchanged) {
    catalogue.putDocument(tx, {
      project,
      kind,
      name,
      document: result.value as Record<string, unknown>, // decoded as a map
      source: same ? known.source : source,
      managers: result.owners,
      generation,
      updatedAt: now,
      updatedBy: by.name,
    })
    if (!same) followDocument(tx, { kind, project, name }, by, now)
  }
  return {
    kind,
    name,
    project,
    result: known ? (same ? 'unchanged' : 'changed') : 'created',
    generation,
    diff: changes,
    taken,
    conflicts: [],
    findings: [],
  }
}
/** Nothing is wrong with it, but it will never be launched: its times have passed, or never come. */
function dueFindings(tx: Tx, { parsed, document }: Read): LocatedFinding[] {
  if (document.kind !== 'Schedule' || !isOver(tx, document.metadata)) return []
  const { line, col } = parsed.position(['spec'], 'key')
  const message = 'It is never due from now on: its times have passed, or do not come on a day its calendar works'
  return [{ ...located('never_due', 'spec', message, line, col), severity: 'warning' }]
}
/**
 * Only a flow is a draft that somebody publishes later; the others are in force as soon as they are saved, so what the check finds wrong
 * with one refuses it. What is as it was stays: the world around it may have moved. @throws INVALID_INPUT
 */
function refuseUnsound(applied: readonly AppliedDocument[]): void {
  const errors = applied.flatMap(({ kind, name, result, findings }) =>
    kind === 'Flow' || result === 'unchanged'
      ? []
      : findings
          .filter(({ severity }) => severity === 'error')
          .map((finding) => (applied.length > 1 ? { ...finding, path: `${kind}/${name} ${finding.path}` } : finding)),
  )
  if (errors.length > 0) throw refused(errors)
}
/** Every field that is somebody else's, of every document. */
function inConflict(applied: readonly AppliedDocument[]): EngineError {
  const conflicts = applied.flatMap(({ kind, name, taken }) =>
    taken.map((conflict) => ({ document: `${kind}/${name}`, ...conflict })),
  )
  const [first] = conflicts
  const [one] = applied
  const more = conflicts.length > 1 ? ` (and ${conflicts.length - 1} more)` : ''
  return new EngineError('CONFLICT', {
    message: `${first!.path} of ${one!.kind} ${one!.name} belongs to ${first!.owners.join(', ')}${more}. Force takes it over.`,
    conflicts,
  })
}

export interface SaveOptions extends ApplyOptions {
  /** The generation it was written on; 0: there was none. */
  readonly basedOn: number
}
/**
 * The whole document as it stands on somebody's screen: what is as it was keeps its owners, what is changed becomes `manager`'s.
 * @throws CONFLICT when it has moved on meanwhile, or when a changed field is another's and not taken by force.
 */
export async function saveWhole(db: Database, read: Read, options: SaveOptions): Promise<AppliedDocument> {
  const { kind, metadata } = read.document
  try {
    return await db.write((tx) => {
      const known = catalogue.documentOf(tx, metadata.project, kind, metadata.name)
      if ((known?.generation ?? 0) !== options.basedOn)
        throw new EngineError('CONFLICT', {
          message: `${kind} ${metadata.name} has changed meanwhile: ${known ? `${known.updatedBy} saved it` : 'it was deleted'}. Look at it again.`,
          reason: 'MOVED_ON',
          generation: known?.generation ?? 0,
        })
      options.judge?.(tx, read.document)
      const begun = newProjects(tx, [read], options.meant)
      const applied = applyOne(tx, read, options, editDocument)
      if (applied.taken.length > 0 && !options.force && !options.dryRun) throw inConflict([applied])
      checkNameSpace(tx, read)
      const findings = [
        ...projectFindings(read, begun),
        ...findingsOf(read, checkContext(tx, options.plugins)),
        ...dueFindings(tx, read),
      ]
      const result = { ...told(applied, options), findings }
      if (options.dryRun) throw new DryRun([result])
      refuseUnsound([result])
      return result
    })
  } catch (error) {
    if (error instanceof DryRun) return error.result[0]!
    throw error
  }
}

/** A name space of secrets is of one project, a role means one thing to whoever has it, and no host takes its key from that of another. @throws CONFLICT, INVALID_INPUT */
function checkNameSpace(tx: Tx, { parsed, document }: Read): void {
  const { kind, metadata } = document
  if (kind === 'RightsRole') {
    const elsewhere = catalogue.projectOfRightsRole(tx, metadata.project, metadata.name)
    if (elsewhere === undefined) return
    throw new EngineError('CONFLICT', {
      message: `The project ${elsewhere} has a role ${metadata.name} already, and those of default are everybody’s: choose another name.`,
    })
  }
  if (kind === 'SecretRef') {
    const elsewhere =
      catalogue.documentsNamed(tx, 'SecretRef', metadata.name).find(({ project }) => project !== metadata.project)
        ?.project ?? catalogue.projectOfSecrets(tx, metadata.name)
    if (elsewhere === undefined || elsewhere === metadata.project) return
    throw new EngineError('CONFLICT', {
      message: `The name space ${metadata.name} belongs to the project ${elsewhere}: choose another name.`,
    })
  }
  if (kind !== 'Host') return
  const namespace = document.spec.key.split('.')[0] ?? ''
  const owner = nameSpaceOf(tx, namespace)?.project ?? catalogue.projectOfSecrets(tx, namespace)
  if (owner === undefined || owner === metadata.project) return
  const message = `The secret ${document.spec.key} belongs to the project ${owner}: nothing of ${metadata.project} may use it.`
  const { line, col } = parsed.position(['spec', 'key'], 'value')
  throw refused([located('SECRET', 'spec.key', message, line, col)])
}

/** What `publish` would say; nothing here stops a draft from being saved. */
export const findingsOf = ({ parsed, document }: Read, check: CheckContext): LocatedFinding[] =>
  checkDocument(document, check).map((finding) => locate(finding, parsed))
/** What documents are checked against, as things stand in this transaction. Whoever only looks brings the directory that is in memory. */
export function checkContext(
  tx: Tx,
  plugins: PluginCatalogue,
  directory: Directory = catalogue.directoryIn(tx),
): Required<CheckContext> {
  return {
    plugins,
    directory,
    flow: (project, name) => flowIn(tx, project, name),
    apps: appsIn(tx),
    app: (project, name) => {
      const row = catalogue.documentOf(tx, project, 'App', name)
      const decoded = row && decodeDocument(row.document).document
      return decoded?.kind === 'App' ? decoded : null
    },
    published: (project, name, version) => {
      const row = catalogue.flowVersionOf(tx, project, name, version)
      const decoded = row && decodeDocument(row.document).document
      return decoded?.kind === 'Flow' ? decoded : null
    },
    secretKeptFor: (project, name) => {
      const [namespace = '', key = ''] = name.split('.')
      const space = nameSpaceOf(tx, namespace)
      return space?.project === project && space.keys.includes(key) ? space.flows : null
    },
    secrets: (project, flow) =>
      catalogue.documentsOf(tx, 'SecretRef').flatMap((row) => {
        if (row.project !== project) return [] // a name space is of one project
        const { document } = decodeDocument(row.document)
        if (document?.kind !== 'SecretRef') return []
        const { keys, flows } = document.spec
        return flows === undefined || flows.includes(flow) ? keys.map((key) => `${row.name}.${key}`) : []
      }),
  }
}
/** What the apps of a project answer to, read once. */
function appsIn(tx: Tx): NonNullable<CheckContext['apps']> {
  let known: { project: string; name: string; aliases: readonly string[] }[] | null = null
  return (project) => {
    known ??= catalogue.documentsOf(tx, 'App').flatMap((row) => {
      const { document } = decodeDocument(row.document)
      return document?.kind === 'App'
        ? [{ project: row.project, name: row.name, aliases: document.spec.aliases ?? [] }]
        : []
    })
    return known.filter((app) => app.project === project)
  }
}
function locate({ at, ...finding }: Finding, parsed: ParsedDocument): LocatedFinding {
  const { line, col } = parsed.position(at, 'key')
  return { ...finding, line, column: col }
}
function flowIn(tx: Tx, project: string, name: string) {
  const row = catalogue.documentOf(tx, project, 'Flow', name)
  const decoded = row && decodeDocument(row.document).document
  return decoded?.kind === 'Flow' ? decoded : null
}
