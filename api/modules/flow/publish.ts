import { createHash } from 'node:crypto'
import {
  canonicalText,
  catalogue,
  EngineError,
  isPublishable,
  type Actor,
  type PluginCatalogue,
  type Tx,
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
  const row = catalogue.addFlowVersion(tx, {
    project,
    name,
    digest: createHash('sha256').update(canonicalText(draft.document)).digest('hex'),
    document: draft.document,
    source: draft.source,
    note,
    publishedAt: now,
    publishedBy: by.name,
  })
  return { row, findings }
}
