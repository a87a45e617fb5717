import type { AvailableAction } from '../../../engine/index.ts'
import { mayDo, owners, rightsIn, somebody } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { textsOf } from '../../texts.ts'

/** Flows hold scripts and hosts: for those who see the project. @throws FORBIDDEN */
export const mayRead = (context: Context, project: string): void => {
  somebody(context)
  if (!rightsIn(context, project).has('author')) mayDo(context, 'view', project)
}
/** Who saves, publishes, makes current and deletes: one right, asked here alone. @throws FORBIDDEN */
export const mayEdit = (context: Context, project: string): void => mayDo(context, 'author', project)

/** What the caller may do with a flow, in the order surfaces show it. */
export function flowActions(
  context: Context,
  project: string,
  has: { draft: boolean; versions: number },
): AvailableAction[] {
  const texts = textsOf(context.who.language)
  const may = rightsIn(context, project).has('author')
  const why = may ? null : texts.forbidden(texts.right['author'] ?? 'author', owners(context))
  const offer = (action: string, makesSense: boolean): AvailableAction[] =>
    makesSense ? [{ action, allowed: may, why }] : []
  return [
    ...offer('publish', has.draft),
    ...offer('save', true),
    ...offer('make_current', has.versions > 1),
    ...offer('delete', true),
  ]
}
