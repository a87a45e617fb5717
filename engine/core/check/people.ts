import type { CompiledFlow } from '../compile.ts'
import type { Path } from '../document/shape.ts'
import type { Value } from '../value.ts'
import { hasExpression } from '../template.ts'
import type { CheckContext, Report } from './finding.ts'

const INPUTS = ['approvers', 'by', 'veto', 'escalateTo', 'to'] as const
const PLAIN: ReadonlySet<string> = new Set(['starter', 'previous', 'everyone', 'operators'])

/** Everybody the flow asks, tells or escalates to exists. */
export function checkFlowPeople(flow: CompiledFlow, context: CheckContext, report: Report): void {
  for (const node of flow.document.spec.nodes) {
    if (!('use' in node)) continue
    const path = ['spec', 'nodes', node.id, 'with']
    for (const input of INPUTS) {
      const value = node.with?.[input]
      if (value !== undefined && (input !== 'to' || node.use.startsWith('notify')))
        checkRefs(
          value,
          [...path, input],
          flow.variables.map((variable) => variable.key),
          context,
          report,
        )
    }
    const need = node.with?.['need']
    if (node.kind === 'ask' && typeof need === 'object' && need !== null && !Array.isArray(need))
      checkPlaces(need as { [key: string]: Value }, node.with?.['approvers'], [...path, 'need'], report)
    else if (node.kind === 'ask' && typeof need === 'number')
      checkNumber(need, node.with?.['approvers'], [...path, 'need'], report)
  }
  const { notify, attention } = flow.document.spec
  const keys = flow.variables.map((variable) => variable.key)
  checkRefs([...(notify?.attention ?? [])], ['spec', 'notify', 'attention'], keys, context, report)
  checkRefs([...(notify?.finished ?? [])], ['spec', 'notify', 'finished'], keys, context, report)
  checkRefs([...(attention?.escalateTo ?? [])], ['spec', 'attention', 'escalateTo'], keys, context, report)
}

/** Places of `need` name approvers, else they could never be filled. */
function checkPlaces(
  need: { readonly [key: string]: Value },
  approvers: Value | undefined,
  at: Path,
  report: Report,
): void {
  if (approvers === undefined || hasExpression(approvers)) return
  const refs = Array.isArray(approvers) ? (approvers as readonly Value[]) : [approvers]
  for (const place of Object.keys(need))
    if (!refs.includes(place))
      report.error(
        'need',
        [...at, place],
        `“${place}” is not among the approvers, so this place could never be filled. Add it there`,
      )
}

/** Where people are named one by one, there are as many as are needed. Roles and groups come and go. */
function checkNumber(need: number, approvers: Value | undefined, at: Path, report: Report): void {
  const refs = Array.isArray(approvers) ? (approvers as readonly Value[]) : [approvers ?? null]
  const known = refs.filter(
    (ref) => typeof ref === 'string' && (ref === 'starter' || !(PLAIN.has(ref) || /[:$]/.test(ref))),
  )
  if (known.length === refs.length && need > refs.length)
    report.error(
      'need',
      at,
      `${need} are needed, but ${refs.length === 1 ? 'one person is' : `${refs.length} people are`} asked. Ask more, or need fewer`,
    )
}

export function checkRefs(
  value: Value,
  at: Path,
  variables: readonly string[],
  context: CheckContext,
  report: Report,
): void {
  const refs = Array.isArray(value) ? (value as readonly Value[]) : [value]
  for (const [index, ref] of refs.entries()) {
    if (typeof ref !== 'string') continue
    // Of `role:qa@${product}` the role is known before the product is.
    const known = /^role:[^@$]+(?=@)/.exec(ref)?.[0] ?? ref
    if (hasExpression(known)) continue
    const problem = refProblem(hasExpression(ref) ? known : ref, variables, context)
    if (problem !== null) report.error('unknown_role', Array.isArray(value) ? [...at, index] : at, problem)
  }
}

function refProblem(ref: string, variables: readonly string[], context: CheckContext): string | null {
  if (PLAIN.has(ref) || /^(room|slack|telegram|mailto|https?):/.test(ref)) return null
  if (ref.startsWith('var:'))
    return variables.includes(ref.slice(4)) ? null : `There is no variable “${ref.slice(4)}” to take people from`
  const { knows } = context.directory
  if (knows === undefined || knows(ref)) return null
  if (ref.startsWith('role:'))
    return `There is no role “${ref.slice(5)}”. Apply a document {kind: Role, metadata: {name: ${ref.slice(5).replace(/@.*/, '')}}}`
  if (ref.startsWith('group:'))
    return `There is no group “${ref.slice(6)}”. Apply a document {kind: Group, metadata: {name: ${ref.slice(6)}}}`
  return `There is nobody called “${ref}”. For a role write role:${ref}`
}
