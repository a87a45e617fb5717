import {
  checkAnswers,
  EngineError,
  previewOf,
  sign,
  taskTitleOf,
  type CompiledFlow,
  type FieldError,
  type LaunchRequest,
  type SlotOutlook,
  type Values,
} from '../../../engine/index.ts'
import { appRights, mayDo, owners, rightsIn, somebody } from '../../auth/allow.ts'
import { proven } from '../../auth/proof.ts'
import type { Context } from '../../context.ts'
import { badInput, forbidden } from '../../error.ts'
import type { AppView } from '../../library.ts'
import { LONGEST_ID } from '../../graphql/act.ts'
import { textsOf } from '../../texts.ts'
import { appNamed, formContext, schemeOf, valuesOf } from '../app/app.ts'
import { asKept } from '../file/facts.ts'
import { heldAgainstFreezes, reasonOf } from '../freeze/frozen.ts'
import { withinLimits } from './limits.ts'
import { taskOf, type TaskView } from './load.ts'

/** As the schema's LaunchInput brings it. */
export interface LaunchInputShape {
  readonly app?: string | null | undefined
  readonly flow?: string | null | undefined
  readonly project?: string | null | undefined
  readonly version?: number | null | undefined
  readonly variables?: unknown
  readonly key?: string | null | undefined
  readonly title?: string | null | undefined
  readonly scheme?: string | null | undefined
  readonly omit?: readonly string[] | null | undefined
  readonly startNow?: boolean | null | undefined
  readonly startAt?: number | null | undefined
  readonly rehearsal?: boolean | null | undefined
  readonly continueFrom?: string | null | undefined
  readonly origin?: string | null | undefined
  readonly asText?: boolean | null | undefined
  readonly overrideFreeze?: string | null | undefined
}
/** What an input comes to: app and flow found, answers checked, nothing done. */
export interface Prepared {
  readonly project: string
  readonly app: AppView | null
  readonly flow: CompiledFlow
  readonly answers: Values
  readonly checked: ReturnType<typeof checkAnswers>
  readonly errors: readonly FieldError[]
  readonly omit: readonly string[]
  readonly title: string
  /** What the title is made of; null: somebody wrote it, or it reads nothing. */
  readonly titleFrom: string | null
  /** As the input says: when it would start, and whether it would do anything. */
  readonly startAt: number | null
  readonly rehearsal: boolean
}

/** A launch that goes on from an ended task: its flow, version and answers, where the input does not say otherwise. @throws NOT_FOUND */
export async function continuing(context: Context, input: LaunchInputShape): Promise<LaunchInputShape> {
  if (input.continueFrom == null) return input
  const { state } = await taskOf(context, input.continueFrom)
  // Secrets are typed anew; what no form asks follows from the rest, as it did then.
  const unasked = new Set(
    context.library
      .flow(state.project, state.flow.name, state.flow.version)
      .variables.filter(({ secret, computed, readOnly, show }) => secret || computed !== undefined || readOnly || !show)
      .map(({ key }) => key),
  )
  const before = Object.fromEntries(
    state.launched.flatMap((key) =>
      unasked.has(key) || state.fixed.includes(key) || state.hidden.includes(key)
        ? []
        : [[key, state.variables[key] ?? null]],
    ),
  )
  const named = input.app != null || input.flow != null
  return {
    ...input,
    continueFrom: state.id,
    project: state.project,
    // A child says whose app it belongs to, but that app starts another flow.
    ...(!named && (state.app && !state.parent ? { app: state.app.name } : { flow: state.flow.name })),
    version: state.flow.version,
    scheme: input.scheme ?? state.scheme,
    variables: { ...before, ...valuesOf(input.variables, 'variables') },
  }
}

export function prepare(context: Context, input: LaunchInputShape): Prepared {
  somebody(context)
  const project = input.project ?? 'default'
  if ((input.app == null) === (input.flow == null)) throw badInput('app', 'REQUIRED', 'Name an app, or a flow')
  const app = input.app == null ? null : appNamed(context, input.app, project)
  // A flow without an app shows its steps and hosts: not to everybody who may launch some app.
  if (!app && !rightsIn(context, project).has('view')) mayLaunch(context, project, null)
  const flow = app
    ? input.continueFrom == null
      ? context.library.flowOfApp(app)
      : context.library.flow(project, app.spec.flow, input.version ?? 'current')
    : context.library.flow(project, input.flow!, input.version ?? 'current')
  if (app && input.version != null && input.version !== flow.version)
    throw badInput('version', 'FIXED', `${app.title} runs version ${flow.version}`)
  const scheme = schemeOf(app, input.scheme)
  const answers = { ...valuesOf(scheme?.variables, 'scheme'), ...valuesOf(input.variables, 'variables') }
  const checked = checkAnswers(flow, app?.document ?? null, answers, formContext(context))
  const secretInChat = secretErrors(context, flow, input)
  return {
    project,
    app,
    flow,
    answers,
    checked,
    errors: [
      ...secretInChat,
      ...checked.errors.filter(({ field }) => !secretInChat.some((error) => error.field === field)),
    ],
    omit: omitted(app, flow, [...(scheme?.omit ?? []), ...(input.omit ?? [])]),
    ...titled(input.title, flow, app, checked.values),
    startAt: input.startAt ?? null,
    rehearsal: input.rehearsal ?? false,
  }
}
/** A title that was made of the answers is made anew as they change; one that somebody wrote stays. */
function titled(
  given: string | null | undefined,
  flow: CompiledFlow,
  app: AppView | null,
  values: Values,
): { readonly title: string; readonly titleFrom: string | null } {
  const written = given?.trim().slice(0, 200)
  if (written) return { title: written, titleFrom: null }
  const template = app?.spec.taskTitle
  return {
    title: taskTitleOf(flow, app?.document ?? null, values),
    titleFrom: template?.includes('${') === true ? template : null,
  }
}
/** Steps left out must be optional, and for an app named by one of its schemes. */
function omitted(app: AppView | null, flow: CompiledFlow, omit: readonly string[]): readonly string[] {
  const allowed = app && new Set((app.spec.schemes ?? []).flatMap((scheme) => scheme.omit ?? []))
  for (const id of omit) {
    const node = flow.node(id)
    if (!node) throw badInput('omit', 'UNKNOWN', `There is no step “${id}”`)
    if (!node.optional || allowed?.has(id) === false)
      throw badInput('omit', 'NOT_OPTIONAL', `${node.title} cannot be left out`)
  }
  return [...new Set(omit)]
}
/** Secrets are never accepted in chat: they would stay in its history. */
function secretErrors(context: Context, flow: CompiledFlow, input: LaunchInputShape): FieldError[] {
  const inChat = input.asText === true || ['slack', 'telegram'].includes(context.who.actor.surface)
  if (!inChat) return []
  const given = valuesOf(input.variables, 'variables')
  const message = textsOf(context.who.language).notInChat['secret']!
  return flow.variables
    .filter(({ key, secret }) => secret && given[key] != null && given[key] !== '')
    .map(({ key }) => ({ field: key, code: 'SECRET_IN_CHAT', message }))
}

/** @throws FORBIDDEN, INVALID_INPUT with every field, BUSY, RATE_LIMITED, CONFLICT for a known key with another input. */
export async function launch(context: Context, asked: LaunchInputShape): Promise<TaskView> {
  const input = await continuing(context, asked)
  const { project, app, flow, checked, errors, omit, title, titleFrom } = prepare(context, input)
  mayLaunch(context, project, app)
  if (input.rehearsal !== true) proven(context, { project, app, flow: flow.name })
  const overrideFreeze = reasonOf(input.overrideFreeze)
  if (overrideFreeze !== undefined) mayDo(context, 'override-freeze', project)
  if ((input.key?.length ?? 0) > LONGEST_ID)
    throw badInput('key', 'TOO_LONG', `expected up to ${LONGEST_ID} characters, but got ${input.key?.length}`)
  if (input.origin != null && !context.who.service)
    throw badInput('origin', 'NOT_YOURS', 'Only the chats say where a launch came from')
  if (errors.length > 0) throw new EngineError('INVALID_INPUT', { message: errors[0]!.message, fields: errors })
  const kept = await asKept(context, flow.variables, checked.values)
  if (kept.errors.length > 0)
    throw new EngineError('INVALID_INPUT', { message: kept.errors[0]!.message, fields: kept.errors })
  const gone = await context.engine.refusedOptions(flow, checked.values)
  if (gone.length > 0) throw new EngineError('INVALID_INPUT', { message: gone[0]!.message, fields: gone })
  // Asking elsewhere took a while: whoever was suspended meanwhile, or lost the right, launches nothing.
  const now = { ...context, who: context.recheck() }
  if (!now.who.person) throw new EngineError('UNAUTHENTICATED', { grantedBy: owners(context) })
  mayLaunch(now, project, app)
  const startAt = input.startAt ?? null
  const request: LaunchRequest = {
    project,
    key: input.key ?? null,
    client: context.who.client,
    rawInput: rawInput(context, input, checked.secrets),
    flow: { name: flow.name, version: flow.version },
    app: app && { name: app.name, title: app.title },
    title,
    ...(titleFrom !== null && { titleFrom }),
    variables: kept.values,
    secrets: checked.secrets,
    launched: checked.launched,
    fixed: Object.entries(app?.spec.form ?? {}).flatMap(([key, rule]) => (rule.fixed === undefined ? [] : [key])),
    hidden: Object.entries(app?.spec.form ?? {}).flatMap(([key, rule]) => (rule.hide === true ? [key] : [])),
    omit,
    scheme: input.scheme ?? null,
    origin: input.origin ?? null,
    rehearsal: input.rehearsal ?? false,
    startNow: input.startNow ?? startAt === null,
    startAt,
    expectMs: app?.spec.expect ?? null,
    ...(app &&
      typeof app.spec.mode === 'object' && {
        handOver: { to: app.spec.mode.handOver, ...(app.spec.mode.watch && { watch: app.spec.mode.watch }) },
      }),
    ...(input.continueFrom != null && { continueFrom: input.continueFrom }),
    ...(overrideFreeze !== undefined && { overrideFreeze }),
    by: context.who.actor,
  }
  const launched = (): Promise<TaskView> => heldAgainstFreezes(context, project, () => context.engine.launch(request))
  return app && !isRepeat(context, request) ? withinLimits(context, app, request.key, launched) : launched()
}

/** What a launch would meet under its flow's key now. Null: no limit, or its key cannot be told yet. */
export function outlookOf(
  context: Context,
  { project, app, flow, checked, omit, title }: Prepared,
): SlotOutlook | null {
  // What waits for somebody to take it on holds no place.
  if (flow.concurrency === null || typeof app?.spec.mode === 'object') return null
  const { values: variables, launched } = checked
  const facts = { project, title, variables, launched, omit, app: app && { name: app.name, title: app.title } }
  const plain = { key: null, client: null, scheme: null, origin: null, rehearsal: false, startNow: true, startAt: null }
  try {
    return context.engine.launchOutlook(flow, { ...facts, ...plain, by: context.who.actor })
  } catch (error) {
    if (error instanceof EngineError && error.code === 'INVALID_INPUT') return null
    throw error
  }
}

function mayLaunch(context: Context, project: string, app: AppView | null): void {
  const rights = rightsIn(context, project)
  if (appRights(context, app, rights).launch) return
  const named = app?.spec.launch?.map((ref) => context.directory.within(project).title(ref)) ?? []
  throw forbidden('launch', named.length > 0 ? named : owners(context))
}
const isRepeat = (context: Context, { key, project, client }: LaunchRequest): boolean =>
  key !== null && context.engine.taskIdOf({ key, project, client }) !== null
/** The same for the same wish, whatever order its keys came in. Secrets stand in it by HMAC: it is hashed and kept. */
function rawInput(context: Context, input: LaunchInputShape, secrets: { readonly [key: string]: string }): string {
  const { app, flow, project, version, title, scheme, omit, startNow, startAt, rehearsal, continueFrom } = input
  const variables = Object.fromEntries(
    Object.entries(valuesOf(input.variables, 'variables')).map(([key, value]) => {
      const secret = secrets[key]
      return [key, secret === undefined ? value : sign(context.keys.digest, secret)]
    }),
  )
  return canonical({
    app,
    flow,
    project,
    version,
    title,
    scheme,
    omit,
    startNow,
    startAt,
    rehearsal,
    continueFrom,
    variables,
  })
}
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null)
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
      .join(',')}}`
  }
  return JSON.stringify(value ?? null)
}

export const previewFor = (context: Context, { flow, app, checked, omit }: Prepared) =>
  previewOf(flow, app?.document ?? null, checked.values, {
    directory: context.directory,
    omit,
    starter: context.who.actor,
  })
