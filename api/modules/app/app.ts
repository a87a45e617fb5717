import {
  catalogue,
  formOf,
  previewOf,
  checkAnswers,
  type AvailableAction as ActionShape,
  type Values,
} from '../../../engine/index.ts'
import { appRights, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput, forbidden, notFound } from '../../error.ts'
import { builder } from '../../graphql/builder.ts'
import { connectionOf, pageOf } from '../../graphql/connection.ts'
import type { AppView } from '../../library.ts'
import { textsOf } from '../../texts.ts'
import { branchesOf, matches, type Branch } from './tree.ts'
import { Form, labelsOf, Option, optionsOf } from '../form/field.ts'
import { Frozen } from '../freeze/freeze.ts'
import { frozenView } from '../freeze/frozen.ts'

export const AvailableAction = builder.objectRef<ActionShape>('AvailableAction').implement({
  description: '`why` is for people, when not allowed.',
  fields: (t) => ({
    action: t.exposeString('action'),
    allowed: t.exposeBoolean('allowed'),
    why: t.exposeString('why', { nullable: true }),
  }),
})
export const FlowRef = builder.objectRef<{ name: string; version: number; title: string }>('FlowRef').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    version: t.exposeInt('version'),
    title: t.exposeString('title'),
  }),
})
const Scheme = builder.objectRef<{ name: string; title: string; omit: readonly string[] }>('Scheme').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    title: t.exposeString('title'),
    omit: t.stringList({ resolve: ({ omit }) => [...omit] }),
  }),
})

const Limits = builder
  .objectRef<{ readonly perPerson?: number | undefined; readonly perHour?: number | undefined }>('AppLimits')
  .implement({
    fields: (t) => ({
      perPerson: t.int({
        nullable: true,
        description: 'So many of one person may be under way at once.',
        resolve: ({ perPerson }) => perPerson ?? null,
      }),
      perHour: t.int({
        nullable: true,
        description: 'So many are launched in an hour, by all together.',
        resolve: ({ perHour }) => perHour ?? null,
      }),
    }),
  })

/** JSON an argument brought, as the values of a form. @throws INVALID_INPUT */
export function valuesOf(given: unknown, field: string): Values {
  if (given === null || given === undefined) return {}
  if (typeof given === 'object' && !Array.isArray(given)) return given as Values // JSON by its scalar
  throw badInput(field, 'MALFORMED', `expected ${field} as an object of values`)
}
export const formContext = (context: Context) => ({
  directory: context.directory,
  starter: context.who.actor,
  ...(context.who.timeZone && { timeZone: context.who.timeZone }),
})
/** @throws INVALID_INPUT for one that the app does not have. */
export function schemeOf(app: AppView | null, name: string | null | undefined) {
  if (name == null) return null
  const scheme = app?.spec.schemes?.find((one) => one.name === name)
  if (!scheme) throw badInput('scheme', 'UNKNOWN', `There is no scheme “${name}”`)
  return scheme
}
/** The form of an app for these answers: fields that the steps still reachable use are marked. */
function formFor(context: Context, app: AppView, answers: Values, omit: readonly string[] = []) {
  const flow = context.library.flowOfApp(app)
  const { values } = checkAnswers(flow, app.document, answers, formContext(context))
  const { reachable } = previewOf(flow, app.document, values, { directory: context.directory, omit })
  return formOf(flow, app.document, answers, formContext(context), reachable)
}

export const App = builder.objectRef<AppView>('App').implement({
  fields: (t) => ({
    id: t.id({ resolve: ({ project, name }) => `app:${project}/${name}` }),
    name: t.exposeString('name'),
    project: t.exposeString('project'),
    title: t.exposeString('title'),
    icon: t.string({ nullable: true, resolve: ({ spec }) => spec.icon ?? null }),
    category: t.string({ nullable: true, resolve: ({ spec }) => spec.category ?? null }),
    help: t.string({ nullable: true, resolve: ({ spec }) => spec.help ?? null }),
    aliases: t.stringList({ resolve: ({ spec }) => [...(spec.aliases ?? [])] }),
    confirm: t.string({ nullable: true, resolve: ({ spec }) => spec.confirm ?? null }),
    expectS: t.int({
      nullable: true,
      resolve: ({ spec }) => (spec.expect === undefined ? null : Math.round(spec.expect / 1000)),
    }),
    flow: t.field({
      type: FlowRef,
      nullable: true,
      resolve: ({ project, spec }, _, { db, library }) => {
        const version = db.read((tx) => catalogue.flowVersionOf(tx, project, spec.flow, spec.version ?? 'current'))
        return version
          ? {
              name: spec.flow,
              version: version.version,
              title: library.flow(project, spec.flow, version.version).title,
            }
          : null
      },
    }),
    schemes: t.field({
      type: [Scheme],
      resolve: ({ spec }) =>
        (spec.schemes ?? []).map(({ name, title, omit }) => ({ name, title: title ?? name, omit: omit ?? [] })),
    }),
    favourite: t.boolean({
      resolve: ({ project, name }, _, context) => favouritesIn(context).has(`${project}/${name}`),
    }),
    form: t.field({
      type: Form,
      description:
        'Fields in order for these answers: visible, fixed, reachable and current options all computed by the server.',
      args: {
        answers: t.arg({ type: 'JSON' }),
        scheme: t.arg.string({ description: 'Filled in with what this scheme says; its left-out steps do not count.' }),
      },
      resolve: (app, { answers, scheme }, context) => {
        const chosen = schemeOf(app, scheme)
        const given = { ...valuesOf(chosen?.variables, 'scheme'), ...valuesOf(answers, 'answers') }
        return { fields: formFor(context, app, given, chosen?.omit) }
      },
    }),
    availableActions: t.field({ type: [AvailableAction], resolve: (app, _, context) => actionsOnApp(context, app) }),
    frozen: t.field({
      type: Frozen,
      nullable: true,
      description: 'The freeze that holds for it now; null: none.',
      resolve: ({ project, name, spec }, _, context) => frozenView(context, { project, app: name, flow: spec.flow }),
    }),
    rooms: t.stringList({ resolve: ({ spec }) => [...(spec.rooms ?? [])] }),
    mode: t.string({ resolve: ({ spec }) => (typeof spec.mode === 'object' ? 'handOver' : 'direct') }),
    handOver: t.string({
      nullable: true,
      description: 'Who has to claim a request before it begins, in words; null: it begins at once.',
      resolve: (app, _, { directory }) => claimedBy(app, directory),
    }),
    limits: t.field({ type: Limits, resolve: ({ spec }) => spec.limits ?? {} }),
  }),
})
/** Looked for once per request, however many apps are shown. */
const favourites = new WeakMap<Context, ReadonlySet<string>>()
function favouritesIn(context: Context): ReadonlySet<string> {
  const { person } = context.who
  const known =
    favourites.get(context) ?? (person ? context.db.read((tx) => catalogue.favouritesOf(tx, person.id)) : new Set())
  favourites.set(context, known)
  return known
}
/** Who claims what is asked of this app, as people are called. */
export const claimedBy = (
  { project, spec }: Pick<AppView, 'project' | 'spec'>,
  directory: Context['directory'],
): string | null =>
  typeof spec.mode === 'object'
    ? spec.mode.handOver.map((ref) => directory.within(project).title(ref)).join(', ')
    : null
const AppConnection = connectionOf('App', App)
const AppBranch = builder.objectRef<Branch<AppView>>('AppBranch').implement({
  fields: (t) => ({
    path: t.string({ description: '`web/release`; empty: apps without a category.', resolve: ({ path }) => path }),
    title: t.string({ description: 'The last part of the path.', resolve: ({ title }) => title }),
    depth: t.exposeInt('depth'),
    count: t.int({ description: 'Apps here and below.', resolve: ({ count }) => count }),
    apps: t.field({ type: [App], description: 'Those of this very branch.', resolve: ({ apps }) => [...apps] }),
  }),
})

function actionsOnApp(context: Context, app: AppView): ActionShape[] {
  const { launch } = appRights(context, app, rightsIn(context, app.project))
  const texts = textsOf(context.who.language)
  const published = launch && isPublished(context, app)
  const names = (): string[] => (app.spec.launch ?? []).map((ref) => context.directory.within(app.project).title(ref))
  const why = launch ? (published ? null : texts.refusal['NOT_ALLOWED']!) : texts.mayNotPress(names())
  return [{ action: 'launch', allowed: published, why }]
}
/** Many apps start one flow: it is looked for once in a list of them. */
const PUBLISHED = new WeakMap<Context, Map<string, boolean>>()
function isPublished(context: Context, { project, spec }: AppView): boolean {
  const known = PUBLISHED.get(context) ?? new Map<string, boolean>()
  // For this turn alone: what is published next is there next.
  if (!PUBLISHED.has(context)) queueMicrotask(() => PUBLISHED.delete(context))
  PUBLISHED.set(context, known)
  const version = spec.version ?? 'current'
  const key = JSON.stringify([project, spec.flow, version])
  const found =
    known.get(key) ?? context.db.read((tx) => catalogue.flowVersionOf(tx, project, spec.flow, version)) !== undefined
  known.set(key, found)
  return found
}
/** Apps the caller may see, in order of title. */
export const visibleApps = (context: Context): readonly AppView[] =>
  context.library.apps().filter((app) => isVisible(context, app))
export const isVisible = (context: Context, app: AppView): boolean =>
  appRights(context, app, rightsIn(context, app.project)).see
/** @throws NOT_FOUND, also for one that may not be seen. */
export function appNamed(context: Context, name: string, project?: string | null): AppView {
  const app = context.library.app(project ?? 'default', name)
  if (!app || !isVisible(context, app)) throw notFound('app', name)
  return app
}

builder.queryFields((t) => ({
  apps: t.field({
    type: AppConnection,
    args: {
      first: t.arg.int(),
      after: t.arg.string(),
      search: t.arg.string(),
      category: t.arg.string(),
      favourite: t.arg.boolean(),
      recent: t.arg.boolean({ description: 'Those the caller launched lately, the latest first.' }),
    },
    resolve: (_, { first, after, search, category, favourite, recent }, context) => {
      somebody(context)
      const found = (recent ? recentApps(context) : visibleApps(context)).filter(
        (app) =>
          matches(app, search ?? '') &&
          (!category || app.spec.category === category || app.spec.category?.startsWith(`${category}/`) === true) &&
          (!favourite || favouritesIn(context).has(`${app.project}/${app.name}`)),
      )
      return pageOf(found, ({ project, name }) => `${project}/${name}`, first, after)
    },
  }),
  app: t.field({
    type: App,
    nullable: true,
    description: 'By name or alias.',
    args: { name: t.arg.string({ required: true }), project: t.arg.string() },
    resolve: (_, { name, project }, context) => {
      const app = context.library.app(project ?? 'default', name)
      return app && isVisible(context, app) ? app : null
    },
  }),
}))
builder.queryField('appTree', (t) =>
  t.field({
    type: [AppBranch],
    description: 'The catalogue as a tree: its branches from the top, each before those below it.',
    args: { search: t.arg.string() },
    resolve: (_, { search }, context) => {
      somebody(context)
      return branchesOf(visibleApps(context).filter((app) => matches(app, search ?? '')))
    },
  }),
)
/** How many of the latest tasks are looked through for what somebody launched lately. */
const LOOKED_THROUGH = 100
function recentApps(context: Context): readonly AppView[] {
  const filter = { startedBy: somebody(context).id, roots: true }
  const rows = context.db.read((tx) => catalogue.listTasks(tx, filter, LOOKED_THROUGH, null))
  const named = new Set(rows.map(({ project, app }) => `${project}/${app}`))
  const seen = new Map(visibleApps(context).map((app) => [`${app.project}/${app.name}`, app]))
  return [...named].flatMap((name) => seen.get(name) ?? [])
}

const OptionPage = builder
  .objectRef<{ options: { value: never; title: string }[]; asOf: number | null; stale: boolean; waitsFor: string[] }>(
    'OptionPage',
  )
  .implement({
    fields: (t) => ({
      options: t.field({ type: [Option], resolve: ({ options }) => options }),
      asOf: t.field({ type: 'DateTime', nullable: true, resolve: ({ asOf }) => asOf }),
      stale: t.boolean({
        description: 'The source did not answer in time: this is what it said at `asOf`.',
        resolve: ({ stale }) => stale,
      }),
      waitsFor: t.stringList({
        description: 'Fields that have to be answered before there is anything to choose.',
        resolve: ({ waitsFor }) => waitsFor,
      }),
    }),
  })
const MAX_OPTIONS = 100
builder.queryField('formOptions', (t) =>
  t.field({
    type: OptionPage,
    args: {
      app: t.arg.string({ required: true }),
      field: t.arg.string({ required: true }),
      answers: t.arg({ type: 'JSON' }),
      search: t.arg.string(),
      project: t.arg.string(),
    },
    resolve: async (_, { app: name, field: key, answers, search, project }, context) => {
      const app = appNamed(context, name, project)
      const given = valuesOf(answers, 'answers')
      const field = formFor(context, app, given).find((one) => one.key === key)
      if (!field) throw notFound('field', key)
      if (field.dynamic) return optionsElsewhere(context, app, key, given, search ?? '')
      const words = search?.trim().toLowerCase() ?? ''
      // A label is offered once it is typed.
      const labels =
        field.type === 'hosts' && words.startsWith('@')
          ? labelsOf({ directory: context.directory.within(app.project) })
          : []
      const options = [...labels, ...(optionsOf(field, context, Infinity) ?? [])].filter(({ title }) =>
        title.toLowerCase().includes(words),
      )
      return { options: options.slice(0, MAX_OPTIONS) as never, asOf: null, stale: false, waitsFor: [] } // JSON values
    },
  }),
)
/** What the source of a field offers. Who may not launch asks nothing of other people's services. */
async function optionsElsewhere(context: Context, app: AppView, field: string, given: Values, search: string) {
  const { launch } = appRights(context, app, rightsIn(context, app.project))
  if (!launch)
    throw forbidden(
      'launch',
      (app.spec.launch ?? []).map((ref) => context.directory.within(app.project).title(ref)),
    )
  const flow = context.library.flowOfApp(app)
  const { values } = checkAnswers(flow, app.document, given, formContext(context))
  const page = await context.engine.options({ flow, field, answers: values, search: search.slice(0, 200) })
  return {
    ...page,
    options: page.options.slice(0, MAX_OPTIONS) as never, // JSON values
    waitsFor: page.waitsFor.map((key) => flow.variables.find((variable) => variable.key === key)?.title ?? key),
  }
}
builder.mutationField('setFavourite', (t) =>
  t.field({
    type: App,
    args: {
      app: t.arg.string({ required: true }),
      project: t.arg.string(),
      favourite: t.arg.boolean({ required: true }),
    },
    resolve: async (_, { app: name, project, favourite }, context) => {
      const person = somebody(context)
      const app = appNamed(context, name, project)
      await context.db.write((tx) => catalogue.setFavourite(tx, person.id, app.project, app.name, favourite))
      favourites.delete(context)
      return app
    },
  }),
)
