import type { PluginInfo } from '../env.ts'
import { builtinOf, type NodeSpec } from '../document/flow.ts'
import type { FlowDocument } from '../document/kinds.ts'
import { isMap, type Path } from '../document/shape.ts'
import { nearest } from '../nearest.ts'
import { hasExpression } from '../template.ts'
import type { Value } from '../value.ts'
import { BUILTINS, outputsOfAsk } from './builtins.ts'
import { checkFields } from './fields.ts'
import { meant, type CheckContext, type Report } from './finding.ts'
import { checkRefs } from './people.ts'

type Working = Extract<NodeSpec, { use: string }>
export const isWorking = (node: NodeSpec): node is Working => 'use' in node

/** Names of what a step gives; null: it shows only when it has run. */
export function outputNames(node: NodeSpec, context: CheckContext): readonly string[] | null {
  if (!isWorking(node)) return []
  if (node.kind === 'activity' && node.each !== undefined) return ['items', 'succeeded', 'failed']
  const use = builtinOf(node.use)
  if (use === null) return context.plugins.find(node.use)?.outputs ?? null
  const builtin = BUILTINS[use]
  if (builtin === undefined) return null
  return node.kind === 'ask' ? outputsOfAsk(node, builtin) : builtin.outputs
}

/** What each step uses, what goes into it, and who may press what on it. */
export function checkSteps({ spec, metadata }: FlowDocument, context: CheckContext, report: Report): void {
  for (const node of spec.nodes) {
    if (!isWorking(node)) continue
    const path: Path = ['spec', 'nodes', node.id]
    const builtin = builtinOf(node.use)
    if (builtin !== null)
      checkBuiltin(node, builtin, path, report, (name) => context.directory.calendar?.(metadata.project, name) !== null)
    else checkPlugin(node, path, context, report)
    checkPeople(node, path, context, report)
    if (node.kind !== 'activity' && 'each' in node && node.each !== undefined)
      report.error(
        'each',
        [...path, 'each'],
        `“${builtin ?? node.use}” runs once and takes no “each”. Only steps of plugins run over a list`,
      )
  }
  checkFields(spec, context, report)
}

function checkPlugin(node: Working, path: Path, context: CheckContext, report: Report): void {
  const plugin = context.plugins.find(node.use)
  if (plugin === undefined) return report.error('unknown_plugin', [...path, 'use'], ...unknownPlugin(node.use, context))
  const given = node.with ?? {}
  for (const [name, value] of Object.entries(given)) {
    const at = [...path, 'with', name]
    if (plugin.inputs !== null && !plugin.inputs.includes(name)) {
      const near = nearest(name, plugin.inputs)
      report.error(
        'unknown_input',
        at,
        `${plugin.code} takes no “${name}”${meant(near)}${near === null ? `. It takes ${plugin.inputs.join(', ')}` : ''}`,
        near,
      )
    } else if (plugin.literal.includes(name) || !hasExpression(value)) {
      const problem = plugin.checkInput(name, value)
      if (problem !== null) report.error('input', at, `${plugin.code} does not take this: ${problem}`)
    }
  }
  checkRequired(plugin, given, path, report)
  if (given['scriptFrom'] !== undefined)
    report.warn(
      'script_from',
      [...path, 'with', 'scriptFrom'],
      'Whoever sets this value decides what runs on the host. Use “script” with “args” where you can',
    )
}

function checkRequired(plugin: PluginInfo, given: object, path: Path, report: Report): void {
  for (const name of plugin.required)
    if (!Object.hasOwn(given, name)) report.error('input_missing', [...path, 'with'], `${plugin.code} needs “${name}”`)
  const either = ONE_OF[plugin.code]
  if (either !== undefined && either.filter((name) => Object.hasOwn(given, name)).length !== 1)
    report.error(
      'input_missing',
      [...path, 'with'],
      `${plugin.code} needs one of ${either.map((name) => `“${name}”`).join(' and ')}`,
    )
}
/** Rules between inputs are refinements of a schema and cannot be read from it: those of the plugins that ship with Baton. */
const ONE_OF: { readonly [code: string]: readonly string[] } = {
  'ssh.script': ['script', 'scriptFrom'],
  'local.script': ['script', 'scriptFrom'],
}

function unknownPlugin(use: string, context: CheckContext): [message: string, fix: string | null] {
  const [code = use, version] = use.split('@')
  const known = context.plugins.find(code)
  if (known !== undefined && version !== undefined) {
    const fix = `${code}@${known.version.split('.')[0]}`
    return [`There is no version “${version}” of ${code}. The newest is ${known.version}: write ${fix}`, fix]
  }
  const near = nearest(code, [...context.plugins.codes(), ...Object.keys(BUILTINS)])
  const major = near === null ? undefined : context.plugins.find(near)?.version.split('.')[0]
  const fix = near === null ? null : major === undefined ? near : `${near}@${major}`
  return [
    `There is no plugin “${code}”${meant(fix)}${fix === null ? `. Installed: ${context.plugins.codes().join(', ') || 'none'}` : ''}`,
    fix,
  ]
}

function checkBuiltin(
  node: Working,
  use: string,
  path: Path,
  report: Report,
  knowsCalendar: (name: string) => boolean,
): void {
  const builtin = BUILTINS[use]
  if (builtin === undefined) return
  const given = node.with ?? {}
  for (const [name, value] of Object.entries(given)) {
    const at = [...path, 'with', name]
    const shape = builtin.inputs[name]
    if (shape === undefined) {
      const near = nearest(name, Object.keys(builtin.inputs))
      report.error('unknown_input', at, `“${use}” takes no “${name}”${meant(near)}`, near)
    } else if (name === 'onReject' && hasExpression(value))
      // `goto` is an edge: one that shows only at run time could lead anywhere, past whatever was proved.
      report.error(
        'input',
        at,
        '“onReject” decides where the flow goes, so it is no expression: write fail, continue, starter or “goto <step>”',
      )
    else if (!hasExpression(value))
      shape(value, at, {
        add: (where, message, fix) => void report.error('input', where, message, fix ?? null) as undefined,
      })
  }
  for (const names of builtin.required)
    if (!names.some((name) => Object.hasOwn(given, name)))
      report.error(
        'input_missing',
        [...path, 'with'],
        `“${use}” needs ${names.map((name) => `“${name}”`).join(' or ')}`,
      )
  if (use === 'wait' && Object.keys(given).length > 1)
    report.error('input', [...path, 'with'], '“wait” takes one of “for”, “until” and “workingHours”')
  for (const [at, name] of calendarsIn(given, path))
    if (!knowsCalendar(name))
      report.error('unknown_calendar', at, `There is no calendar “${name}”. Apply a Calendar document of that name`)
  if (use === 'approval' && node.optional === true)
    report.error(
      'optional_approval',
      [...path, 'optional'],
      'An approval cannot be left out at launch. Put it behind a gateway with a condition instead',
    )
  if (use === 'form' && given['onDeadline'] === 'reject')
    report.error('input', [...path, 'with', 'onDeadline'], 'A form cannot be rejected: use escalate or fail')
}

/** Calendars that a step names outright. */
function calendarsIn(given: { readonly [input: string]: Value }, path: Path): readonly (readonly [Path, string])[] {
  return ['workingHours', 'deadline'].flatMap((input): (readonly [Path, string])[] => {
    const value = given[input]
    const name = isMap(value) ? value['calendar'] : input === 'workingHours' ? value : undefined
    return typeof name === 'string' && !hasExpression(name) ? [[[...path, 'with', input], name]] : []
  })
}

const PRESSERS: ReadonlySet<string> = new Set(['starter', 'operator', 'author', 'owner', 'everyone'])
function checkPeople(node: Working, path: Path, context: CheckContext, report: Report): void {
  for (const [action, roles] of Object.entries(node.allow ?? {}))
    for (const [index, role] of (roles ?? []).entries())
      if (!PRESSERS.has(role) && !/^(role|group):/.test(role)) {
        const near = nearest(role, PRESSERS)
        report.error(
          'unknown_role',
          [...path, 'allow', action, index],
          `“${role}” is no role here${meant(near) || '.'} Use starter, operator, or role:… of a business role`,
          near,
        )
      } else if (/^(role|group):/.test(role)) checkRefs(role, [...path, 'allow', action, index], [], context, report)
  const open = node.allow?.retry ?? ['starter', 'operator']
  if (
    node.kind === 'activity' &&
    open.includes('starter') &&
    node.onFail?.advice === undefined &&
    (node.onFail?.then ?? 'ask') === 'ask'
  )
    report.warn(
      'no_advice',
      path,
      `Whoever started the task may retry “${node.title ?? node.id}” but is told nothing. Add onFail: {advice: …}, or allow: {retry: [operator]}`,
    )
}
