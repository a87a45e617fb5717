import { variableOf } from '../compile.ts'
import { variableShape, type FlowSpec, type NodeSpec } from '../document/flow.ts'
import { isMap } from '../document/shape.ts'
import { isIdentifier } from '../expression/names.ts'
import { hasExpression } from '../template.ts'
import { BUILTINS } from './builtins.ts'
import type { CheckContext, Report } from './finding.ts'
import { checkDeclaration, checkDefault, NO_CHAT } from './variables.ts'

/** The fields that asks put to people: declared like variables, and read later as outputs of their step. */
export function checkFields(spec: FlowSpec, context: CheckContext, report: Report): void {
  for (const node of spec.nodes) if (node.kind === 'ask') checkFieldsOf(node, context, report)
}

function checkFieldsOf(node: Extract<NodeSpec, { kind: 'ask' }>, context: CheckContext, report: Report): void {
  const declared = node.with?.['fields']
  if (!isMap(declared)) return
  const own = BUILTINS[node.use.replace(/@.*$/, '')]?.outputs ?? []
  for (const [key, value] of Object.entries(declared)) {
    const at = ['spec', 'nodes', node.id, 'with', 'fields', key]
    if (!isIdentifier(key))
      report.error(
        'name',
        at,
        `A field “${key}” could not be read later: use letters, digits and _, not beginning with a digit`,
      )
    else if (own.includes(key))
      report.error(
        'name_clash',
        at,
        `“${node.id}.outputs.${key}” is given by the step itself: call this field something else`,
      )
    const read = variableShape(value, at, { add: () => undefined }) // what it cannot read is told by the step's inputs
    if (read === undefined) continue
    const field = variableOf({ key, ...read })
    checkDeclaration(field, at, report)
    // What is filled in for people may come from what is known by then: it is evaluated when the ask opens.
    if (!hasExpression(read.default ?? null)) checkDefault(field, at, context, report)
    if (field.secret) report.info('no_chat', at, `“${field.title}” is secret: chats open the form on the phone for it`)
    else if (NO_CHAT.has(field.type))
      report.info('no_chat', at, `No chat can show a ${field.type}: the form opens on the phone`)
  }
}
