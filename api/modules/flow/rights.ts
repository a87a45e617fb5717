import type { AvailableAction, Right } from '../../../engine/index.ts'
import { mayDo, owners, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { textsOf } from '../../texts.ts'

/** Flows hold scripts and hosts: for those who see the project. @throws FORBIDDEN */
export const mayRead = (context: Context, project: string): void => {
  somebody(context)
  if (!rightsIn(context, project).has('edit-flow')) mayDo(context, 'view', project)
}
/** Who saves drafts. @throws FORBIDDEN */
export const mayEdit = (context: Context, project: string): void => mayDo(context, 'edit-flow', project)
/** Who publishes, makes current and deletes. @throws FORBIDDEN */
export const mayPublish = (context: Context, project: string): void => mayDo(context, 'author', project)
/** What runs with secrets is answered for by somebody who may use them. @throws FORBIDDEN */
export function mayUseSecrets(context: Context, project: string, document: unknown): void {
  if (NAMES_SECRET.test(JSON.stringify(document ?? null))) mayDo(context, 'use-secret', project)
}
const NAMES_SECRET = /\$\{[^}]*\bsecrets\.[A-Za-z_]\w*\./

/** What the caller may do with a flow, in the order surfaces show it. */
export function flowActions(
  context: Context,
  project: string,
  has: { draft: boolean; versions: number },
): AvailableAction[] {
  const texts = textsOf(context.who.language)
  const rights = rightsIn(context, project)
  const offer = (action: string, right: Right, makesSense: boolean): AvailableAction[] => {
    const allowed = rights.has(right)
    const why = allowed ? null : texts.forbidden(texts.right[right] ?? right, owners(context, project))
    return makesSense ? [{ action, allowed, why }] : []
  }
  return [
    ...offer('publish', 'author', has.draft),
    ...offer('save', 'edit-flow', true),
    ...offer('make_current', 'author', has.versions > 1),
    ...offer('delete', 'author', true),
  ]
}
