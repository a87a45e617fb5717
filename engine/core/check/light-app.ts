import type { CompiledFlow } from '../compile.ts'
import type { AppDocument, AppSpec } from '../document/kinds.ts'
import { isMap } from '../document/shape.ts'
import { nearest } from '../nearest.ts'
import type { Value } from '../value.ts'
import { checkValue } from '../variables/check.ts'
import { meant, type CheckContext, type Report } from './finding.ts'

/** How deep the catalogue’s tree may be. */
const MOST_LEVELS = 6

/** What an App says for itself, whatever flow it starts: where it stands, who claims, where its cards go, what else it is called. */
export function checkStanding({ metadata, spec }: AppDocument, context: CheckContext, report: Report): void {
  const parts = spec.category?.split('/') ?? []
  if (parts.some((part) => part.trim() === ''))
    report.error('category', ['spec', 'category'], 'A category is a path like web/release, without an empty part')
  else if (parts.length > MOST_LEVELS)
    report.error('category', ['spec', 'category'], `A category has up to ${MOST_LEVELS} levels`)
  for (const [index, room] of (spec.rooms ?? []).entries())
    if (!isRoom(room))
      report.error(
        'room',
        ['spec', 'rooms', index],
        `“${room}” is no room: write slack:#release, slack:C0123ABCD or telegram:-100123/7`,
      )
  if (typeof spec.mode === 'object')
    for (const [index, ref] of spec.mode.handOver.entries())
      if (ref === 'starter' || ref === 'everyone')
        report.error(
          'hand_over',
          ['spec', 'mode', 'handOver', 'to', index],
          `Work is handed over to those who do it: name people, role: or group:, not “${ref}”`,
        )
  if (spec.expect !== undefined && spec.expect <= 0)
    report.error('expect', ['spec', 'expect'], 'How long it is expected to take is more than nothing')
  checkNames(metadata.project, metadata.name, spec.aliases ?? [], context, report)
}
const isRoom = (room: string): boolean =>
  /^(?:room:)?(?:#\S+|slack:#?\S+|telegram:(?:-?\d+(?:\/\d+)?|@\w+))$/.test(room) && !/^(?:room:)?slack:@/.test(room)

/** Two apps that answer to one word: which of them a chat opens would be chance. */
function checkNames(
  project: string,
  name: string,
  aliases: readonly string[],
  context: CheckContext,
  report: Report,
): void {
  const others = (context.apps?.(project) ?? []).filter((other) => other.name !== name)
  const seen = new Set<string>()
  for (const [index, alias] of aliases.entries()) {
    const word = alias.toLowerCase()
    const at = ['spec', 'aliases', index]
    if (seen.has(word)) report.warn('alias', at, `“${alias}” stands here twice`)
    seen.add(word)
    const other = others.find(
      (app) => app.name.toLowerCase() === word || app.aliases.some((one) => one.toLowerCase() === word),
    )
    if (other !== undefined) report.error('alias', at, `“${alias}” already opens the app “${other.name}”`)
  }
  const taken = others.find((app) => app.aliases.some((one) => one.toLowerCase() === name.toLowerCase()))
  if (taken !== undefined)
    report.error('alias', ['metadata', 'name'], `“${name}” is an alias of the app “${taken.name}”`)
}

/** Schemes: each once, leaving out what may be left out, with values that the form takes. */
export function checkSchemes(spec: AppSpec, flow: CompiledFlow, context: CheckContext, report: Report): void {
  const seen = new Set<string>()
  for (const [index, scheme] of (spec.schemes ?? []).entries()) {
    const at = ['spec', 'schemes', index]
    if (seen.has(scheme.name)) report.error('scheme', [...at, 'name'], `There are two schemes “${scheme.name}”`)
    seen.add(scheme.name)
    if (scheme.variables === undefined) continue
    if (!isMap(scheme.variables)) report.error('scheme', [...at, 'variables'], 'expected values by variable')
    else
      checkPresets(
        scheme.variables as { readonly [key: string]: Value },
        [...at, 'variables'],
        spec,
        flow,
        context,
        report,
      )
  }
}
function checkPresets(
  values: { readonly [key: string]: Value },
  path: readonly (string | number)[],
  spec: AppSpec,
  flow: CompiledFlow,
  context: CheckContext,
  report: Report,
): void {
  for (const [key, value] of Object.entries(values)) {
    const at = [...path, key]
    const variable = flow.variables.find((found) => found.key === key)
    const rule = spec.form?.[key]
    if (variable === undefined) {
      const near = nearest(
        key,
        flow.variables.map((found) => found.key),
      )
      report.error('unknown_variable', at, `“${flow.title}” has no variable “${key}”${meant(near)}`, near)
    } else if (rule?.fixed !== undefined)
      report.error('scheme', at, `“${variable.title}” is fixed by this app: no scheme sets it`)
    else if (rule?.hide === true || !variable.show || variable.readOnly || variable.computed !== undefined)
      report.error('scheme', at, `“${variable.title}” is not part of the form: no scheme sets it`)
    else if (variable.secret) report.error('secret', at, 'A secret in a document is no secret: leave it to the form')
    else {
      const { error } = checkValue({ ...variable, required: false }, value, { directory: context.directory })
      if (error !== null)
        report[error.code.startsWith('unknown') ? 'warn' : 'error']('scheme', at, error.message, error.fix ?? null)
    }
  }
}
