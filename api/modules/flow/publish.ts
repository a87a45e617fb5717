import { createHash } from 'node:crypto'
import {
  callsOf,
  canonicalText,
  catalogue,
  decodeDocument,
  EngineError,
  isPublishable,
  NOT_PUBLISHED,
  pinCalls,
  type Actor,
  type PluginCatalogue,
  type Tx,
  type Value,
} from '../../../engine/index.ts'
import { notFound } from '../../error.ts'
import { checkContext, findingsOf, readDocuments, refused, type LocatedFinding } from '../document/apply.ts'

export interface Published {
  readonly row: catalogue.FlowVersionRow
  readonly findings: readonly LocatedFinding[]
}
/**
 * Checks the draft and makes it the next, immutable version. One equal to the current version is that version.
 * @throws INVALID_INPUT with the findings.
 */
export function publish(
  tx: Tx,
  {
    project,
    name,
    note,
    by,
    now,
    plugins,
  }: { project: string; name: string; note: string | null; by: Actor; now: number; plugins: PluginCatalogue },
): Published {
  const draft = catalogue.documentOf(tx, project, 'Flow', name)
  if (!draft) throw notFound('flow', name)
  const [read] = readDocuments(draft.source)
  if (!read) throw new EngineError('INVALID_INPUT', { message: `the draft of ${name} is empty` })
  const findings = findingsOf(read, checkContext(tx, plugins))
  if (!isPublishable(findings.map((finding) => ({ ...finding, at: [] }))))
    throw refused(findings.filter(({ severity }) => severity === 'error'))
  const early = findings.filter(({ code }) => code === NOT_PUBLISHED)
  if (early.length > 0) throw refused(early)
  const pinned = withPins(draft.document, (flow) => versionIn(tx, project, flow))
  const row = catalogue.addFlowVersion(tx, {
    project,
    name,
    digest: createHash('sha256').update(canonicalText(pinned)).digest('hex'),
    document: pinned,
    source: draft.source,
    note,
    publishedAt: now,
    publishedBy: by.name,
  })
  return { row, findings }
}
/** A flow's document with the versions of the flows that it starts, where they are fixed. */
function withPins<Document extends object>(source: Document, versionOf: (flow: string) => number | null): Document {
  const { document } = decodeDocument(source)
  // A map goes in, a map comes out.
  return document?.kind === 'Flow' ? (pinCalls(source as Value, document, versionOf) as Document) : source
}
/** A draft as it would be published if the flows it starts were those of this version: what differs then is its author's. */
export function draftBeside(draft: object, version: object): object {
  const { document } = decodeDocument(version)
  const calls = document?.kind === 'Flow' ? callsOf(document) : []
  return withPins(draft, (wanted) => {
    const known = calls.find(({ flow }) => flow === wanted)?.version
    return typeof known === 'number' ? known : null
  })
}
const versionIn = (tx: Tx, project: string, flow: string): number | null =>
  catalogue.flowVersionOf(tx, project, flow, 'current')?.version ?? null
