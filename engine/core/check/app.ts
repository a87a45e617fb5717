import { compileFlow, type CompiledFlow } from '../compile.ts'
import type { AppDocument, Document, FlowDocument, HandOverWatch, RoleSpec } from '../document/kinds.ts'
import type { Path } from '../document/shape.ts'
import { nearest } from '../nearest.ts'
import { calendarProblems } from '../calendar.ts'
import { rotaProblems } from '../rota.ts'
import { checkValue } from '../variables/check.ts'
import { checkText } from './expressions.ts'
import { meant, type CheckContext, type Report } from './finding.ts'
import { checkSchemes, checkStanding } from './light-app.ts'
import { checkRefs } from './people.ts'
import { checkFreeze, checkSchedule } from './timing.ts'

/** An App against the flow it starts. */
export function checkApp(app: AppDocument, context: CheckContext, report: Report): void {
  const { spec } = app
  for (const key of ['launch', 'see', 'operators'] as const)
    checkRefs([...(spec[key] ?? [])], ['spec', key], [], context, report)
  if (typeof spec.mode === 'object')
    checkRefs([...spec.mode.handOver], ['spec', 'mode', 'handOver', 'to'], [], context, report)
  if (typeof spec.mode === 'object') checkWatch(spec.mode.watch ?? {}, context, report)
  if (spec.launch === undefined)
    report.info('nobody_launches', ['spec'], 'No “launch” names who may start this app: only operators and authors can')
  checkStanding(app, context, report)
  const draft = context.flow?.(app.metadata.project, spec.flow)
  const document = runBy(app, draft, context, report)
  if (document === null)
    return report.error(
      'unknown_flow',
      ['spec', 'flow'],
      `There is no flow “${spec.flow}” in project “${app.metadata.project}”`,
    )
  if (document === undefined) return
  const flow = compileFlow(document, context.plugins, 0, '')
  checkForm(app, flow, context, report)
  checkSchemes(spec, flow, context, report)
  for (const [index, scheme] of (spec.schemes ?? []).entries())
    for (const [at, id] of (scheme.omit ?? []).entries()) {
      const node = flow.node(id)
      const path = ['spec', 'schemes', index, 'omit', at]
      const near = nearest(
        id,
        flow.nodes.map((found) => found.id),
      )
      if (node === undefined)
        report.error('unknown_node', path, `“${flow.title}” has no step “${id}”${meant(near)}`, near)
      else if (!node.optional)
        report.error('not_optional', path, `“${node.title}” cannot be left out: its author did not mark it optional`)
    }
  if (spec.taskTitle !== undefined) checkText(spec.taskTitle, ['spec', 'taskTitle'], flow, context, report)
}

/** Whoever a request is escalated to is there, and there is a time for it. */
function checkWatch(watch: HandOverWatch, context: CheckContext, report: Report): void {
  const at = ['spec', 'mode', 'handOver']
  const { remindEveryMs, escalateTo, afterMs } = watch
  checkRefs([...(escalateTo ?? [])], [...at, 'escalateTo'], [], context, report)
  if (remindEveryMs !== undefined && remindEveryMs < 60_000)
    report.error('hand_over', [...at, 'remindEvery'], 'A reminder comes once a minute at most')
  if (afterMs !== undefined && escalateTo === undefined)
    report.error('hand_over', [...at, 'after'], '“after” says when it is put to “escalateTo” too, which is missing')
  if (escalateTo !== undefined && afterMs === undefined)
    report.warn('hand_over', [...at, 'escalateTo'], 'Without “after” these are asked only once nobody else is there')
}

/** What the app starts: a version it names, else the draft, which is what `current` will be. */
function runBy(
  { metadata, spec }: AppDocument,
  draft: FlowDocument | null | undefined,
  context: CheckContext,
  report: Report,
): FlowDocument | null | undefined {
  if (typeof spec.version !== 'number' || draft === null || context.published === undefined) return draft
  const version = context.published(metadata.project, spec.flow, spec.version)
  if (version !== null) return version
  report.error('unknown_version', ['spec', 'version'], `“${spec.flow}” has no published version ${spec.version}`)
  return undefined
}

function checkForm(app: AppDocument, flow: CompiledFlow, context: CheckContext, report: Report): void {
  for (const [key, rule] of Object.entries(app.spec.form ?? {})) {
    const at = ['spec', 'form', key]
    const variable = flow.variables.find((found) => found.key === key)
    if (variable === undefined) {
      const near = nearest(
        key,
        flow.variables.map((found) => found.key),
      )
      report.error('unknown_variable', at, `“${flow.title}” has no variable “${key}”${meant(near)}`, near)
      continue
    }
    const preset = rule.fixed ?? rule.default
    if (rule.fixed !== undefined && rule.default !== undefined)
      report.error('form', at, 'A field is fixed or has a default, not both')
    if (preset !== undefined && variable.secret)
      report.error(
        'secret',
        at,
        'A secret in a document is no secret: leave it to the form, or use a SecretRef in the flow',
      )
    else if (preset !== undefined) {
      const { error } = checkValue({ ...variable, required: false }, preset, { directory: context.directory })
      if (error !== null)
        report[error.code.startsWith('unknown') ? 'warn' : 'error'](
          'default',
          [...at, rule.fixed === undefined ? 'default' : 'fixed'],
          error.message,
          error.fix ?? null,
        )
    }
    if (
      rule.hide === true &&
      preset === undefined &&
      variable.required &&
      variable.show &&
      variable.default === undefined
    )
      report.error(
        'form',
        [...at, 'hide'],
        `“${variable.title}” is required: hidden, it needs a “default” or “fixed” here`,
      )
  }
}

/** Shifts that can be told, of people who are there. */
function checkRota({ rota, members = [] }: RoleSpec, nobody: (member: string, at: Path) => void, report: Report): void {
  if (rota === undefined) return
  for (const { at, message } of rotaProblems(rota, members)) report.error('rota', ['spec', 'rota', ...at], message)
  for (const [index, entry] of (rota.order ?? []).entries())
    for (const [place, member] of entry.entries()) nobody(member, ['spec', 'rota', 'order', index, place])
  for (const [index, { who }] of (rota.overrides ?? []).entries())
    for (const [place, member] of who.entries()) nobody(member, ['spec', 'rota', 'overrides', index, 'who', place])
}

/** The small kinds. */
export function checkOther(
  document: Exclude<Document, { kind: 'Flow' | 'App' }>,
  context: CheckContext,
  report: Report,
): void {
  switch (document.kind) {
    case 'Host': {
      const { via } = document.spec
      if (via === document.metadata.name)
        report.error('via', ['spec', 'via'], 'A host cannot be reached through itself')
      else if (via !== undefined && context.directory.hosts(via).length === 0)
        report.warn('unknown_host', ['spec', 'via'], `There is no host “${via}” yet to go through`)
      return
    }
    case 'Calendar':
      for (const { at, message } of calendarProblems(document.spec)) report.error('calendar', ['spec', ...at], message)
      return
    case 'Schedule':
      return checkSchedule(document, context, report)
    case 'Freeze':
      return checkFreeze(document, context, report)
    case 'Role':
    case 'Group': {
      const { knows } = context.directory
      const nobody = (member: string, at: Path): void => {
        if (knows === undefined || (!/^(role|group):/.test(member) && knows(member))) return
        report.error(
          'unknown_person',
          at,
          `There is nobody called “${member}”. Name people as they are listed, or by e-mail`,
        )
      }
      for (const [index, member] of (document.spec.members ?? []).entries()) nobody(member, ['spec', 'members', index])
      if (document.kind === 'Role' && document.spec.rota !== undefined) checkRota(document.spec, nobody, report)
      return
    }
    default:
      return
  }
}
