import { EngineError, type Frozen } from '../../../engine/index.ts'
import { holders, owners, rightsIn } from '../../auth/allow.ts'
import type { Context } from '../../context.ts'
import { badInput } from '../../error.ts'
import { textsOf, whenText } from '../../texts.ts'

/** A freeze as somebody sees it who wants to launch. */
export interface FrozenView extends Frozen {
  readonly mayOverride: boolean
  readonly project: string
}
/** What holds for an app, or for a flow without one, at an instant. Null: nothing. */
export function frozenView(
  context: Context,
  what: { readonly project: string; readonly app: string | null; readonly flow: string },
  at = context.now(),
): FrozenView | null {
  const frozen = context.library.frozen(what, at)
  const { project } = what
  return frozen && { ...frozen, project, mayOverride: rightsIn(context, project).has('override-freeze') }
}
/** "Frozen until 24 Dec 08:00: Year's end", in the reader's language and zone. */
export function frozenText({ who, now }: Context, { title, until }: Frozen): string {
  const texts = textsOf(who.language)
  return texts.frozen(title, until === null ? null : whenText(until, who.language, who.timeZone, now()))
}

const LONGEST_REASON = 4_000
/** The reason somebody passes a freeze with; undefined: they do not. @throws INVALID_INPUT where it says nothing. */
export function reasonOf(overrideFreeze: string | null | undefined): string | undefined {
  if (overrideFreeze == null) return undefined
  const reason = overrideFreeze.trim()
  if (reason === '') throw badInput('overrideFreeze', 'REQUIRED', 'Say why it cannot wait until the freeze is over')
  if (reason.length > LONGEST_REASON)
    throw badInput('overrideFreeze', 'TOO_LONG', `Say it in ${LONGEST_REASON} characters. This has ${reason.length}`)
  return reason
}

/** A refusal by a freeze, in the reader's words, with who can pass it and whether the reader can: then a surface asks them why. */
export async function heldAgainstFreezes<T>(context: Context, project: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== 'FROZEN') throw error
    throw new EngineError('FROZEN', {
      ...error.detail,
      grantedBy: owners(context, project),
      heldBy: holders(context, 'override-freeze', project),
      mayOverride: rightsIn(context, project).has('override-freeze'),
    })
  }
}
