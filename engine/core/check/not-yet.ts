import { builtinOf, type FlowSpec } from '../document/flow.ts'
import type { Report } from './finding.ts'

/**
 * What documents may say and the engine does not keep yet. Told at publish, so that nobody finds out from a launch or a failed step.
 * Each goes when its part arrives: `decide/launch.ts` (concurrency), `nodes/visit.ts` (subflow).
 */
export function checkNotYet(spec: FlowSpec, report: Report): void {
  const not = 'this version of Baton cannot do it yet'
  if (spec.concurrency !== undefined)
    report.error('not_yet', ['spec', 'concurrency'], `A limit on how many run at once: ${not}`)
  for (const node of spec.nodes) {
    if (!('use' in node)) continue
    const at = ['spec', 'nodes', node.id]
    if (builtinOf(node.use) === 'flow') report.error('not_yet', [...at, 'use'], `Starting another flow: ${not}`)
  }
}
