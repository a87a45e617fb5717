import type { CompiledFlow } from '../compile.ts'
import { sideBySide, type Blocks } from '../document/blocks.ts'
import type { Path } from '../document/shape.ts'
import { compilePattern } from '../expression/regex.ts'
import { BATON_WORDS, isIdentifier, isReserved } from '../expression/names.ts'
import type { Variable } from '../flow.ts'
import { behind } from '../graph.ts'
import { nearest } from '../nearest.ts'
import { hasExpression } from '../template.ts'
import { checkValue } from '../variables/check.ts'
import { meant, type CheckContext, type Report } from './finding.ts'
import { isWorking, outputNames } from './steps.ts'
import { writersOf, writtenBy } from './unset.ts'

/** Variables, steps and the words of the expression language share one name space. */
export function checkNames(flow: CompiledFlow, report: Report): void {
  const variables = new Set(flow.variables.map((variable) => variable.key))
  const reserved = (key: string, at: Path): void => {
    if (!isReserved(key)) return
    const whose = BATON_WORDS.includes(key)
      ? 'means something else in expressions'
      : 'is a word of the expression language'
    report.error('reserved_name', at, `“${key}” cannot be a name: it ${whose}`, `${key}_`)
  }
  for (const key of variables) reserved(key, ['spec', 'variables', key])
  for (const node of flow.document.spec.nodes) {
    const at = ['spec', 'nodes', node.id]
    reserved(node.id, at)
    if (variables.has(node.id))
      report.error(
        'name_clash',
        at,
        `“${node.id}” is also a variable. ${'${' + node.id + '}'} could mean either: rename one`,
      )
    if (node.kind !== 'activity' || node.each === undefined) continue
    const as = node.each.as
    if (!isIdentifier(as)) report.error('name', [...at, 'each', 'as'], `“${as}” is no name: use letters, digits and _`)
    else if (isReserved(as)) reserved(as, [...at, 'each', 'as'])
    else if (variables.has(as) || flow.node(as) !== undefined)
      report.error(
        'name_clash',
        [...at, 'each', 'as'],
        `“${as}” is also a ${variables.has(as) ? 'variable' : 'step'}: call the item something else`,
      )
  }
}

/** Types that forms in chats have no control for. */
export const NO_CHAT: ReadonlySet<Variable['type']> = new Set(['table', 'json', 'file'])

export function checkVariables(flow: CompiledFlow, context: CheckContext, report: Report): void {
  for (const variable of flow.variables) {
    const at = ['spec', 'variables', variable.key]
    checkDeclaration(variable, at, report)
    checkDefault(variable, at, context, report)
    checkOptionSource(flow, variable, at, context, report)
    if (variable.show && variable.secret)
      report.info('no_chat', at, `“${variable.title}” is secret: chats open the form on the phone for it`)
    else if (variable.show && NO_CHAT.has(variable.type))
      report.info('no_chat', at, `No chat can show a ${variable.type}: the form opens on the phone`)
  }
}

/** Options from elsewhere: one source, of known parents, and never in a ring: a child is asked for after its parents. */
function checkOptionSource(
  flow: CompiledFlow,
  variable: Variable,
  path: Path,
  context: CheckContext,
  report: Report,
): void {
  const source = variable.optionsFrom
  if (source === undefined) return
  const at = [...path, 'optionsFrom']
  if ((source.http === null) === (source.plugin === null))
    report.error('options', at, 'Options come from “http” or from a “plugin”: write one of them')
  if (variable.options !== undefined) report.error('options', at, 'A variable has “options” or “optionsFrom”, not both')
  if (source.plugin !== null) {
    const plugin = context.plugins.find(source.plugin.use)
    if (plugin === undefined)
      report.error('unknown_plugin', [...at, 'plugin'], `There is no plugin “${source.plugin.use}”`)
    else if (plugin.offers !== true)
      report.error('options', [...at, 'plugin'], `${plugin.title} offers nothing to choose from`)
  }
  const keys = flow.variables.map(({ key }) => key)
  for (const parent of source.dependsOn) {
    if (keys.includes(parent)) continue
    const near = nearest(parent, keys)
    report.error('unknown_variable', [...at, 'dependsOn'], `There is no variable “${parent}”${meant(near)}`, near)
  }
  const ring = ringThrough(flow, variable.key)
  if (ring !== null)
    report.error(
      'options_ring',
      [...at, 'dependsOn'],
      `Its options wait for themselves: ${ring.join(' → ')}. Take one of these out`,
    )
}
/** The way from a variable's options back to it, over `dependsOn`; null when there is none. */
function ringThrough(flow: CompiledFlow, key: string): readonly string[] | null {
  const parents = new Map(flow.variables.map((variable) => [variable.key, variable.optionsFrom?.dependsOn ?? []]))
  const ways: (readonly string[])[] = [[key]]
  const seen = new Set<string>()
  for (let way = ways.shift(); way !== undefined; way = ways.shift())
    for (const parent of parents.get(way.at(-1) ?? '') ?? []) {
      if (parent === key) return [...way, key]
      if (seen.has(parent)) continue
      seen.add(parent)
      ways.push([...way, parent])
    }
  return null
}

export function checkDeclaration(variable: Variable, at: Path, report: Report): void {
  const { type, min, max, minLength, maxLength, pattern, options } = variable
  if (pattern !== undefined) {
    const compiled = compilePattern(pattern)
    if (typeof compiled === 'string')
      report.error('pattern', [...at, 'pattern'], `This pattern cannot be used: ${compiled}`)
  }
  if (min !== undefined && max !== undefined && min > max)
    report.error('limits', [...at, 'min'], `“min” ${min} is above “max” ${max}: no value fits`)
  if (minLength !== undefined && maxLength !== undefined && minLength > maxLength)
    report.error(
      'limits',
      [...at, 'minLength'],
      `“minLength” ${minLength} is above “maxLength” ${maxLength}: no value fits`,
    )
  if (type === 'select' || type === 'radio' || type === 'multiselect') {
    if (options === undefined && variable.optionsFrom === undefined)
      report.error('options', at, `A ${type} needs “options” or “optionsFrom”`)
    if (options?.length === 0) report.error('options', [...at, 'options'], 'There is nothing to choose from')
    options?.forEach((option, index) => {
      if (options.findIndex((other) => other.value === option.value) !== index)
        report.error('options', [...at, 'options', index], `“${String(option.value)}” stands here twice`)
    })
  } else if (options !== undefined)
    report.warn('options', [...at, 'options'], `A ${type} shows no options. Make it a select`)
  if (variable.secret && variable.onCard) report.error('secret', [...at, 'onCard'], 'A secret cannot stand on a card')
  if (variable.secret && variable.default !== undefined)
    report.error(
      'secret',
      [...at, 'default'],
      'A secret in a document is no secret: leave its default out, or use a SecretRef',
    )
  if (variable.required && !variable.show && variable.default === undefined && variable.computed === undefined)
    report.info('required_hidden', at, '“required” has no effect on a variable that no form shows')
}

export function checkDefault(variable: Variable, at: Path, context: CheckContext, report: Report): void {
  if (variable.default === undefined || variable.secret) return
  if (hasExpression(variable.default))
    return report.error(
      'default',
      [...at, 'default'],
      'A default is a plain value. For one that follows from others use “computed”',
    )
  const { error } = checkValue({ ...variable, required: false }, variable.default, { directory: context.directory })
  if (error === null) return
  // Hosts and people come and go; the rest of a default is in the author's hand.
  const theirs = error.code === 'unknown_host' || error.code === 'unknown_person'
  if (error.code !== 'pattern' || !/cannot be checked/.test(error.message))
    report[theirs ? 'warn' : 'error']('default', [...at, 'default'], error.message, error.fix ?? null)
}

/** What steps write: declared, given by the step, and never by two branches at once. */
export function checkSaves(flow: CompiledFlow, blocks: Blocks, context: CheckContext, report: Report): void {
  const variables = new Map(flow.variables.map((variable) => [variable.key, variable]))
  for (const node of flow.document.spec.nodes) {
    if (!isWorking(node)) continue
    const at = ['spec', 'nodes', node.id]
    const given = outputNames(node, context)
    for (const [key, output] of Object.entries(node.save ?? {})) {
      // `values.build` reaches into the output `values`.
      if (given === null || given.includes(output) || given.includes(output.split('.')[0] ?? '')) continue
      const near = nearest(output, given)
      report.error(
        'unknown_output',
        [...at, 'save', key],
        `“${node.id}” gives no “${output}”${near === null ? `. It gives ${given.join(', ') || 'nothing'}` : meant(near)}`,
        near,
      )
    }
    for (const key of writtenBy(node, context)) {
      const where = [...at, node.save !== undefined && Object.hasOwn(node.save, key) ? 'save' : 'with', key]
      const variable = variables.get(key)
      if (variable === undefined) {
        const near = nearest(key, variables.keys())
        report.error(
          'unknown_variable',
          where,
          `There is no variable “${key}” to save into${meant(near) || '.'} Declare it, with show: false if no form asks for it`,
          near,
        )
      } else if (variable.computed !== undefined)
        report.error(
          'computed',
          where,
          `“${key}” follows from other values and cannot be written. Save into another variable`,
        )
      else if (variable.secret)
        report.error(
          'secret',
          where,
          `“${key}” is secret: what a step gives is recorded, so it cannot be saved there. Save into one that is not secret`,
        )
    }
  }
  for (const [key, writers] of writersOf(flow, context)) {
    const pair = sideBySide(writers, blocks)
    if (pair !== null)
      report.error(
        'parallel_save',
        ['spec', 'nodes', pair[1], 'save', key],
        `“${pair[0]}” and “${pair[1]}” run side by side and both save “${key}”: which one wins would be chance. Use two variables`,
      )
  }
}

/** `bind` names variables that an approval holds its answers to: nothing may write them once it is given, unless it is asked for again. */
export function checkBind(flow: CompiledFlow, blocks: Blocks, context: CheckContext, report: Report): void {
  const writers = writersOf(flow, context)
  for (const node of flow.nodes) {
    if (node.kind !== 'ask') continue
    for (const [index, key] of (node.bind ?? []).entries()) {
      const late = (writers.get(key) ?? []).find((writer) => writesAfter(flow, blocks, node.id, writer))
      if (late !== undefined)
        report.error(
          'bound_written',
          ['spec', 'nodes', node.id, 'bind', index],
          `“${late}” writes “${key}” when this may have been approved already. Write it before, or into another variable`,
        )
      if (!flow.variables.some((variable) => variable.key === key)) {
        const near = nearest(
          key,
          flow.variables.map((variable) => variable.key),
        )
        report.error(
          'unknown_variable',
          ['spec', 'nodes', node.id, 'bind', index],
          `There is no variable “${key}” to bind to${meant(near)}`,
          near,
        )
      }
    }
  }
}
/** Beside the ask, or behind it with no way back to it. `finally` does nothing that was approved. */
function writesAfter(flow: CompiledFlow, blocks: Blocks, ask: string, writer: string): boolean {
  if (writer === ask || flow.node(writer)?.inFinally === true) return false
  if (sideBySide([ask, writer], blocks) !== null) return true
  return behind(flow, ask).has(writer) && !behind(flow, writer).has(ask)
}
