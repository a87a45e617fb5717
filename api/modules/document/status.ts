import {
  catalogue,
  decodeDocument,
  type CheckContext,
  type Database,
  type Document,
  type Tx,
} from '../../../engine/index.ts'
import type { Context } from '../../context.ts'
import { nameSpaceOf } from '../secret/open.ts'
import { checkContext, findingsOf, readDocuments, type LocatedFinding, type Read } from './apply.ts'

/** Something that holds of a document or not, as Kubernetes words it. */
export interface Condition {
  readonly type: string
  readonly status: 'true' | 'false' | 'unknown'
  /** One word for machines. */
  readonly reason: string
  readonly message: string
}
export interface Status {
  readonly conditions: readonly Condition[]
  readonly findings: readonly LocatedFinding[]
}

/** What the documents of one page are held against: each flow, app and name space is looked for once for all of them. */
interface Around extends Required<CheckContext> {
  readonly version: (project: string, flow: string, wanted: number | 'current') => number | undefined
}
const PAGES = new WeakMap<catalogue.DocumentRow, { around: Around | null }>()
/** These are shown together, as they stand. */
export function onePage(rows: readonly catalogue.DocumentRow[]): void {
  const page = { around: null }
  for (const row of rows) PAGES.set(row, page)
}
function aroundOf(context: Context): Around {
  const { db, engine, directory, library } = context
  const look = <T>(ask: (around: Required<CheckContext>) => T): T =>
    db.read((tx) => ask(checkContext(tx, engine.plugins, directory)))
  return {
    plugins: engine.plugins,
    directory,
    flow: once((...args) => look(({ flow }) => flow(...args))),
    app: once((...args) => look(({ app }) => app(...args))),
    published: once((...args) => look(({ published }) => published(...args))),
    secrets: once((...args) => look(({ secrets }) => secrets(...args))),
    secretKeptFor: once((...args) => look(({ secretKeptFor }) => secretKeptFor(...args))),
    version: once((...args) => db.read((tx) => catalogue.flowVersionOf(tx, ...args))?.version),
    // Decoded already: a page of documents would read every app once for each of them.
    apps: once((project) =>
      library
        .apps()
        .filter((app) => app.project === project)
        .map(({ name, spec }) => ({ project, name, aliases: spec.aliases ?? [] })),
    ),
  }
}
function once<A extends readonly unknown[], T>(look: (...args: A) => T): (...args: A) => T {
  const known = new Map<string, T>()
  return (...args) => {
    const key = JSON.stringify(args)
    if (!known.has(key)) known.set(key, look(...args))
    return known.get(key)! // as just seen to
  }
}

/** Texts that were read last: a list is looked at again and again, and what a text says stays what it says. Long ones are rare. */
const TEXTS = new WeakMap<Database, Map<string, readonly Read[]>>()
const KEPT = 200
const LONGEST_KEPT = 10_000
function readKept(db: Database, source: string): readonly Read[] {
  if (source.length > LONGEST_KEPT) return readDocuments(source)
  const texts = TEXTS.get(db) ?? new Map<string, readonly Read[]>()
  TEXTS.set(db, texts)
  const read = texts.get(source) ?? readDocuments(source)
  texts.delete(source)
  if (texts.size >= KEPT) texts.delete(texts.keys().next().value!)
  texts.set(source, read)
  return read
}

/** Asked for conditions and findings, it is worked out once. */
const known = new WeakMap<catalogue.DocumentRow, Status>()
/** What the server has to say of a document as it stands now. Written by nobody: it follows from what is there. */
export function statusOf(context: Context, row: catalogue.DocumentRow): Status {
  const status = known.get(row) ?? judged(context, row)
  known.set(row, status)
  return status
}
const judged = (context: Context, row: catalogue.DocumentRow): Status =>
  context.db.read((tx) => {
    const page = PAGES.get(row)
    const check = page?.around ?? aroundOf(context)
    if (page) page.around = check
    const findings = readKept(context.db, row.source).flatMap((read) => findingsOf(read, check))
    const errors = findings.filter(({ severity }) => severity === 'error')
    const valid: Condition =
      errors.length === 0
        ? {
            type: 'Valid',
            status: 'true',
            reason: 'Checked',
            message: 'The check finds nothing that stands in the way.',
          }
        : { type: 'Valid', status: 'false', reason: 'FindingsStand', message: errors[0]!.message }
    const { document } = decodeDocument(row.document)
    return { findings, conditions: [valid, ...(document ? ownOf(tx, document, row, context, check) : [])] }
  })

function ownOf(
  tx: Tx,
  document: Document,
  row: catalogue.DocumentRow,
  context: Context,
  around: Around,
): readonly Condition[] {
  const { project, name } = row
  switch (document.kind) {
    case 'Flow':
      return [published(tx, row)]
    case 'App': {
      const version = around.version(project, document.spec.flow, document.spec.version ?? 'current')
      return [
        condition('FlowPublished', version !== undefined, {
          yes: ['Published', `It starts version ${version ?? ''} of ${document.spec.flow}.`],
          no: ['NotPublished', `${document.spec.flow} has no such version yet: publish it.`],
        }),
      ]
    }
    case 'Host': {
      const [namespace = '', key = ''] = document.spec.key.split('.')
      return [
        condition('KeySet', catalogue.secretOf(tx, namespace, key) !== undefined, {
          yes: ['Set', `It is reached with ${document.spec.key}.`],
          no: ['Missing', `The secret ${document.spec.key} has no value yet.`],
        }),
        ...hostConditions(tx, document.spec.hostKey ?? null, row, context),
      ]
    }
    case 'SecretRef': {
      const set = new Set(
        catalogue
          .listSecrets(tx)
          .filter(({ namespace }) => namespace === name)
          .map(({ key }) => key),
      )
      const missing = (nameSpaceOf(tx, name)?.keys ?? []).filter((key) => !set.has(key))
      return [
        condition('ValuesSet', missing.length === 0, {
          yes: ['Set', 'Every key has a value.'],
          no: ['Missing', `No value yet: ${missing.join(', ')}.`],
        }),
      ]
    }
    case 'Role':
    case 'Group': {
      const here = context.directory.within(document.metadata.project)
      const people = here.people(`${document.kind.toLowerCase()}:${name}`, context.who.actor)
      return [
        condition('HasMembers', people.length > 0, {
          yes: ['Members', `${people.length === 1 ? '1 person stands' : `${people.length} people stand`} in it now.`],
          no: ['Empty', 'Nobody stands in it: what asks it reaches nobody.'],
        }),
      ]
    }
    case 'RightsRole': {
      const { length } = catalogue.holdersOfRole(tx, row)
      return [
        condition('HasHolders', length > 0, {
          yes: ['Held', `${length} ${length === 1 ? 'person has' : 'people have'} it.`],
          no: ['Unused', 'Nobody has it yet.'],
        }),
      ]
    }
    default:
      return []
  }
}
type Words = readonly [reason: string, message: string]
const condition = (type: string, holds: boolean, { yes, no }: { yes: Words; no: Words }): Condition => {
  const [reason, message] = holds ? yes : no
  return { type, status: holds ? 'true' : 'false', reason, message }
}

function published(tx: Tx, row: catalogue.DocumentRow): Condition {
  const current = catalogue.flowVersionOf(tx, row.project, row.name, 'current')
  if (!current)
    return {
      type: 'Published',
      status: 'false',
      reason: 'NeverPublished',
      message: 'No version of it can be launched.',
    }
  return condition('Published', current.source === row.source, {
    yes: ['Current', `Version ${current.version} says the same.`],
    no: ['DraftDiffers', `Version ${current.version} is launched; the draft says something else.`],
  })
}

function hostConditions(
  tx: Tx,
  pinned: string | null,
  { project, name }: catalogue.DocumentRow,
  { prober }: Context,
): readonly Condition[] {
  const key = catalogue.hostKeyOf(tx, project, name)
  const fingerprint = key?.fingerprint ?? pinned
  const confirmed: Condition =
    fingerprint !== null && key?.offered
      ? {
          type: 'KeyConfirmed',
          status: 'false',
          reason: 'KeyChanged',
          message: `It shows ${key.offered}, not its pinned key.`,
        }
      : condition('KeyConfirmed', fingerprint !== null, {
          yes: ['Pinned', `Pinned to ${fingerprint ?? ''}.`],
          no: [
            'NotConfirmed',
            key?.offered ? `It shows ${key.offered}: compare and confirm it.` : 'Nobody has looked at its key yet.',
          ],
        })
  const probe = catalogue.hostProbeOf(tx, project, name)
  const unknown = { type: 'Ready', status: 'unknown' as const }
  if (prober.since(project, name) !== null)
    return [confirmed, { ...unknown, reason: 'Probing', message: 'It is being looked at.' }]
  if (!probe) return [confirmed, { ...unknown, reason: 'NotProbed', message: 'Nobody has looked yet.' }]
  const missing = probe.findings.filter(({ fatal }) => fatal)
  return [
    confirmed,
    condition('Ready', probe.trouble === null && missing.length === 0, {
      yes: ['Probed', 'Scripts can run there.'],
      no: probe.trouble
        ? ['Unreachable', probe.trouble.message]
        : ['Lacking', `Scripts cannot run there: ${missing.map(({ code }) => code).join(', ')}.`],
    }),
  ]
}
