import { catalogue, EngineError, type Right, type Viewer } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import { forbidden } from '../error.ts'
import type { AppView } from '../library.ts'
import { rightsOf } from './rights.ts'

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
export const owners = (context: Context): readonly string[] =>
  context.db.read(catalogue.ownersOf).map((person) => person.name)

/** Rights of the caller in a project: of the role there, narrowed by the token's scopes. The bots as nobody may look, since they draw cards for rooms. */
export function rightsIn(context: Context, project: string): ReadonlySet<Right> {
  const { person, scopes, service } = context.who
  if (!person) return service && !context.who.account ? new Set<Right>(['view']) : new Set()
  return rightsOf(
    context.db.read((tx) => catalogue.roleIn(tx, person, project)),
    scopes,
  )
}
/** @throws UNAUTHENTICATED, or FORBIDDEN naming the right and who can grant it. */
export function mayDo(context: Context, right: Right, project = 'default'): void {
  if (rightsIn(context, project).has(right)) return
  if (!context.who.service || context.who.account) somebody(context)
  throw forbidden(right, owners(context))
}
/** A token narrowed by scopes must name the right to answer asks. @throws FORBIDDEN */
export function mayDecide(context: Context): void {
  somebody(context)
  const { scopes } = context.who
  if (scopes.length > 0 && !scopes.includes('decide')) throw forbidden('decide', owners(context))
}

/** What an app allows a person, beside the rights of their role. */
export function appRights(context: Context, app: AppView | null, rights: ReadonlySet<Right>): Viewer['app'] {
  if (!app) return { launch: rights.has('operate') || rights.has('author'), see: rights.has('view'), operate: false }
  const { spec } = app
  const named = (refs: readonly string[] | undefined): boolean => refs !== undefined && isNamed(context, refs)
  const scoped = (right: Right): boolean => context.who.scopes.length === 0 || context.who.scopes.includes(right)
  const operate = named(spec.operators) && scoped('operate')
  // An app that names nobody is for everyone whose role may launch; operators could start its flow anyway.
  const launch =
    (spec.launch === undefined ? rights.has('launch') : named(spec.launch) && scoped('launch')) || rights.has('operate')
  const see = rights.has('view') || named(spec.see) || launch || operate
  return { launch, see, operate }
}
function isNamed(context: Context, refs: readonly string[]): boolean {
  const { person, actor } = context.who
  if (!person) return false
  return refs.some(
    (ref) => ref === 'everyone' || context.directory.people(ref, actor).some(({ id }) => id === person.id),
  )
}
/** Whether the caller is among these people, with a token that lets them act for it. */
export const standsAmong = (context: Context, refs: readonly string[]): boolean =>
  isNamed(context, refs) && (context.who.scopes.length === 0 || context.who.scopes.includes('operate'))
/** Apps whose failures wait for the caller: those that name them as operator, where the flow's author named nobody for alerts. */
export const operatedApps = (context: Context): readonly string[] =>
  context.library
    .apps()
    .filter(({ spec }) => spec.operators !== undefined && isNamed(context, spec.operators))
    .filter((app) => !context.library.namesAttention(app.project, app.spec.flow))
    .map(({ name }) => name)
/** The caller as the engine's rights see them. */
export function viewerFor(context: Context, project: string, app: string | null): Viewer {
  const rights = rightsIn(context, project)
  const view = app === null ? null : (context.library.app(project, app) ?? null)
  const roles = context.who.person ? context.directory.rolesOf(context.who.person.id) : []
  // `allow` of a node may name a business role with or without its prefix.
  const named = roles.flatMap((role) => [role, `role:${role}`])
  return { actor: context.who.actor, rights, app: appRights(context, view, rights), roles: named }
}
