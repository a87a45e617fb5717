import { createHash } from 'node:crypto'
import {
  canonicalText,
  catalogue,
  decodeDocument,
  EngineError,
  isPublishable,
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
  const { document } = decodeDocument(draft.document)
  // A map goes in, a map comes out.
  const pinned =
    document?.kind === 'Flow'
      ? (pinCalls(draft.document as Value, document, (flow) => versionIn(tx, project, flow)) as typeof draft.document)
      : draft.document
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
const versionIn = (tx: Tx, project: string, flow: string): number | null =>
  catalogue.flowVersionOf(tx, project, flow, 'current')?.version ?? null
