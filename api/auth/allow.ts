import { catalogue, EngineError, type Right, type TaskState, type StoodFor, type Viewer } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { forbidden } from '../error.ts'
import type { AppView } from '../library.ts'
import { narrowed } from './rights.ts'

type Person = catalogue.Person

/** @throws UNAUTHENTICATED when nobody is there. */
export function somebody(context: Context): Person {
  if (context.who.person) return context.who.person
  throw new EngineError('UNAUTHENTICATED', { grantedBy: owners(context) })
}
/** @throws FORBIDDEN unless this is the bots' own connection. */
export function theService(context: Context): void {
  if (!context.who.service)
    throw new EngineError('FORBIDDEN', { right: 'service', message: 'Only the bots’ service token may do this.' })
}
/** Who can give rights in a project, by name: few enough to be read. */
export const owners = (context: Context, project = 'default'): readonly string[] =>
  named(context, project, 'manage-people')
/** Who has a right in a project by their role, by name. */
export const holders = (context: Context, right: Right, project = 'default'): readonly string[] =>
  named(context, project, right)
/** Who can give a right: nobody gives one that they do not have. */
const givers = (context: Context, right: Right, project: string): readonly string[] =>
  named(context, project, 'manage-people', right)
const named = (context: Context, project: string, ...rights: readonly Right[]): readonly string[] =>
  context.db
    .read((tx) => catalogue.peopleWithRole(tx, project, catalogue.rolesWith(tx, project, ...rights), MOST_NAMED))
    .map(({ name }) => name)
const MOST_NAMED = 5
/** Words by which the engine names those who may, and the right that makes one of them. */
const WORDS: Readonly<Record<string, Right>> = {
  owner: 'manage-people',
  operator: 'operate',
  author: 'author',
  viewer: 'view',
}
/** The engine knows roles by their word: whoever is refused reads names, of those who may and of those who can give the right. */
export function withNames(context: Context, state: Readonly<TaskState>, error: unknown): unknown {
  const { project, app, startedBy, asks, handOver } = state
  if (!(error instanceof EngineError) || error.code !== 'FORBIDDEN') return error
  const { grantedBy = [], right } = error.detail
  // Whoever is asked has it; it is given by those who may give the ask to others.
  if (right === 'answer') {
    const isApproval = [...asks.values()].some((ask) => ask.state === 'open' && ask.kind === 'approval')
    const givers = holders(context, isApproval ? 'override-approval' : 'reassign-ask', project)
    return new EngineError('FORBIDDEN', { ...error.detail, heldBy: grantedBy, grantedBy: givers })
  }
  if (right === 'claim' && handOver !== null) {
    const here = context.directory.within(project)
    const names = handOver.to.flatMap((ref) => here.people(ref, startedBy).map(({ name }) => name))
    const heldBy = [...new Set(names)].slice(0, MOST_NAMED)
    return new EngineError('FORBIDDEN', { ...error.detail, heldBy, grantedBy: owners(context, project) })
  }
  const isWord = (word: string): boolean => Object.hasOwn(WORDS, word) || /^(role|group):/.test(word)
  if (!grantedBy.some(isWord)) return error
  const here = context.directory.within(project)
  const operators = (app && context.library.app(project, app.name)?.spec.operators) ?? []
  const people = (ref: string): readonly string[] => here.people(ref, startedBy).map(({ name }) => name)
  const heldBy = grantedBy.flatMap((word) => {
    const right = WORDS[word]
    if (right === undefined) return isWord(word) ? people(word) : [word]
    return [...(word === 'operator' ? operators.flatMap(people) : []), ...holders(context, right, project)]
  })
  const few = [...new Set(heldBy)].slice(0, MOST_NAMED)
  return new EngineError('FORBIDDEN', { ...error.detail, heldBy: few, grantedBy: owners(context, project) })
}

/** What was judged for a request already: a list of a thousand apps asks the same of each. A mutation forgets it (`act`). */
interface Judged {
  readonly rights: Map<string, ReadonlySet<Right>>
  readonly named: Map<string, boolean>
  readonly apps: Map<AppView, Viewer['app']>
}
const JUDGED = new WeakMap<Context, Judged>()
function judgedOf(context: Context): Judged {
  const judged = JUDGED.get(context) ?? { rights: new Map(), named: new Map(), apps: new Map() }
  JUDGED.set(context, judged)
  return judged
}
export const forgetJudged = (context: Context): void => void JUDGED.delete(context)

/** Rights of the caller in a project: of the role there, narrowed by the token's scopes. The bots as nobody may look, since they draw cards for rooms. */
export function rightsIn(context: Context, project: string): ReadonlySet<Right> {
  const { person, scopes, service } = context.who
  if (!person) return service && !context.who.account ? BOTS : NONE
  const { rights } = judgedOf(context)
  const known = rights.get(project)
  if (known) return known
  const found = narrowed(
    context.db.read((tx) => catalogue.rightsOfPerson(tx, person, project)),
    scopes,
  )
  rights.set(project, found)
  return found
}
const BOTS: ReadonlySet<Right> = new Set<Right>(['view'])
const NONE: ReadonlySet<Right> = new Set()
/** @throws UNAUTHENTICATED, or FORBIDDEN naming the right, who can grant it and who has it. */
export function mayDo(context: Context, right: Right, project = 'default'): void {
  if (rightsIn(context, project).has(right)) return
  if (!context.who.service || context.who.account) somebody(context)
  throw lacking(context, right, project)
}
export const lacking = (context: Context, right: Right, project: string): EngineError =>
  forbidden(right, givers(context, right, project), holders(context, right, project))
/** A token narrowed by scopes must name the right to answer asks. @throws FORBIDDEN */
export function mayDecide(context: Context): void {
  somebody(context)
  if (!answersAsks(context)) throw forbidden('decide', owners(context))
}
export const answersAsks = ({ who: { scopes } }: Context): boolean => scopes.length === 0 || scopes.includes('decide')

/** Somebody’s accounts, tokens and sessions are changed by them, or by who manages people: not by a token made for something else. @throws FORBIDDEN */
export function wholly(context: Context): void {
  const { scopes } = context.who
  if (scopes.length > 0 && !scopes.includes('manage-people')) throw lacking(context, 'manage-people', 'default')
}

/** What an app allows a person, beside the rights of their role. */
export function appRights(context: Context, app: AppView | null, rights: ReadonlySet<Right>): Viewer['app'] {
  if (!app) return { launch: rights.has('operate') || rights.has('author'), see: rights.has('view'), operate: false }
  const { apps } = judgedOf(context)
  const known = apps.get(app)
  if (known) return known
  const { spec, project } = app
  const named = (refs: readonly string[] | undefined): boolean => refs !== undefined && isNamed(context, project, refs)
  const scoped = (right: Right): boolean => context.who.scopes.length === 0 || context.who.scopes.includes(right)
  const operate = named(spec.operators) && scoped('operate')
  // An app that names nobody is for everyone whose role may launch; operators could start its flow anyway.
  const launch =
    (spec.launch === undefined ? rights.has('launch') : named(spec.launch) && scoped('launch')) || rights.has('operate')
  const see = rights.has('view') || named(spec.see) || launch || operate
  const found = { launch, see, operate }
  apps.set(app, found)
  return found
}
/** Do refs of a project's document name the caller? */
function isNamed(context: Context, project: string, refs: readonly string[]): boolean {
  const { person } = context.who
  if (!person) return false
  const { named } = judgedOf(context)
  const here = context.directory.within(project)
  return refs.some((ref) => {
    const key = `${project} ${ref}`
    const known = named.get(key) ?? here.has(ref, person.id)
    named.set(key, known)
    return known
  })
}
/** Whether the caller is among these people, with a token that lets them act for it: who may take on what was handed to them. */
export const standsAmong = (context: Context, refs: readonly string[], project: string): boolean =>
  isNamed(context, project, refs) && (context.who.scopes.length === 0 || context.who.scopes.includes('operate'))
/** Apps (`project/name`) whose failures wait for the caller: those that name them as operator, where the flow's author named nobody for alerts. */
export const operatedApps = (context: Context): readonly string[] =>
  context.library
    .apps()
    .filter(({ project, spec }) => spec.operators !== undefined && isNamed(context, project, spec.operators))
    .filter((app) => !context.library.namesAttention(app.project, app.spec.flow))
    .map(({ project, name }) => `${project}/${name}`)
/** Whom the caller stands in for now, by standing delegation. */
export const standsFor = (context: Context): readonly StoodFor[] =>
  context.who.person ? (context.directory.standsFor?.(context.who.person.id, context.now()) ?? []) : []
/** The caller as the engine's rights see them. */
export function viewerFor(context: Context, project: string, app: string | null): Viewer {
  const rights = rightsIn(context, project)
  const view = app === null ? null : (context.library.app(project, app) ?? null)
  const roles = context.who.person ? context.directory.rolesOf(context.who.person.id, project) : []
  // `allow` of a node may name a business role with or without its prefix.
  const named = roles.flatMap((role) => (role.startsWith('group:') ? [role] : [role, `role:${role}`]))
  return {
    actor: context.who.actor,
    rights,
    app: appRights(context, view, rights),
    roles: named,
    standsFor: standsFor(context),
  }
}
