import { compileFlow } from '../compile.ts'
import type { FreezeDocument, ScheduleDocument } from '../document/kinds.ts'
import { nearest } from '../nearest.ts'
import { checkValue } from '../variables/check.ts'
import { meant, type CheckContext, type Report } from './finding.ts'

/** A Schedule against the app it launches. */
export function checkSchedule({ metadata, spec }: ScheduleDocument, context: CheckContext, report: Report): void {
  const { project } = metadata
  if (spec.calendar !== undefined && context.directory.calendar?.(project, spec.calendar) === null)
    report.error(
      'unknown_calendar',
      ['spec', 'calendar'],
      `There is no calendar “${spec.calendar}”. Apply a Calendar document of that name`,
    )
  const app = context.app?.(project, spec.app)
  if (app === null)
    return report.error('unknown_app', ['spec', 'app'], `There is no app “${spec.app}” in project “${project}”`)
  if (app?.spec.stepUp !== undefined)
    report.error(
      'step_up',
      ['spec', 'app'],
      `“${app.metadata.title}” asks whoever launches it for a passkey, so it is never launched by itself`,
    )
  const document = app && context.flow?.(project, app.spec.flow)
  if (!app || !document) return
  const flow = compileFlow(document, context.plugins, 0, '')
  for (const [key, value] of Object.entries(spec.variables ?? {})) {
    const at = ['spec', 'variables', key]
    const variable = flow.variables.find((found) => found.key === key)
    const near = nearest(
      key,
      flow.variables.map((found) => found.key),
    )
    if (variable === undefined)
      report.error('unknown_variable', at, `“${app.metadata.title}” has no variable “${key}”${meant(near)}`, near)
    else if (variable.secret)
      report.error('secret', at, 'A secret in a document is no secret: use a SecretRef in the flow')
    else if (app.spec.form?.[key]?.fixed !== undefined)
      report.error('fixed', at, `“${app.metadata.title}” fixes “${variable.title}”: leave it out here`)
    else {
      const { error } = checkValue({ ...variable, required: false }, value, { directory: context.directory })
      if (error !== null) report.warn('value', at, error.message, error.fix ?? null)
    }
  }
}

/** Names of apps that are none freeze nothing. */
export function checkFreeze({ metadata, spec }: FreezeDocument, context: CheckContext, report: Report): void {
  for (const key of ['apps', 'except'] as const)
    for (const [index, name] of (spec[key] ?? []).entries())
      if (context.app?.(metadata.project, name) === null)
        report.warn(
          'unknown_app',
          ['spec', key, index],
          `There is no app “${name}” in project “${metadata.project}”: nothing is ${key === 'apps' ? 'frozen' : 'excepted'} by it`,
        )
}
