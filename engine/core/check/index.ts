import { compileFlow } from '../compile.ts'
import type { Document, FlowDocument } from '../document/kinds.ts'
import { inProject } from '../env.ts'
import { checkApp, checkOther } from './app.ts'
import { checkEarly } from './early.ts'
import { checkExpressions } from './expressions.ts'
import { checkCalls } from './flows.ts'
import { newReport, type CheckContext, type Finding, type Report, type Severity } from './finding.ts'
import { checkFlowPeople } from './people.ts'
import { checkSteps } from './steps.ts'
import { checkStructure } from './structure.ts'
import { checkUnset } from './unset.ts'
import { checkBind, checkNames, checkSaves, checkVariables } from './variables.ts'

export type { CheckContext, Finding, Severity } from './finding.ts'

const ORDER: readonly Severity[] = ['error', 'warning', 'info']
/** The publish check: everything that can be said about a document before it runs, worst first. API, terminal and editor share it. */
export function check(document: Document, around: CheckContext): readonly Finding[] {
  const report = newReport()
  const context = { ...around, directory: inProject(around.directory, document.metadata.project) }
  if (document.kind === 'Flow') checkFlow(document, context, report)
  else if (document.kind === 'App') checkApp(document, context, report)
  else checkOther(document, context, report)
  return report.findings.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity))
}

function checkFlow(document: FlowDocument, context: CheckContext, report: Report): void {
  const flow = compileFlow(document, context.plugins, 0, '')
  checkCalls(document, context, report)
  checkNames(flow, report)
  checkVariables(flow, context, report)
  const { graph, blocks, proof } = checkStructure(document.spec, report)
  checkSteps(document, context, report)
  checkSaves(flow, blocks, context, report)
  checkBind(flow, blocks, context, report)
  checkFlowPeople(flow, context, report)
  checkEarly(flow, report)
  const readings = checkExpressions(flow, context, report)
  // What comes before what is clear once every run is known to keep to its blocks.
  if (proof.verdict === 'sound') checkUnset(flow, graph, blocks, readings, context, report)
}

/** May it be published? */
export const isPublishable = (findings: readonly Finding[]): boolean =>
  !findings.some((finding) => finding.severity === 'error')
