import { catalogue, EngineError } from '../../engine/index.ts'
import type { Context, Deps } from '../context.ts'
import type { AppView } from '../library.ts'
import { PROOF_MS } from './passkey.ts'
import type { Who } from './who.ts'

/** Whether this person showed a passkey in this session, a moment ago. */
const isProven = ({ who, now }: Parts): boolean => who.provedAt !== null && who.provedAt > now() - PROOF_MS
type Parts = Pick<Deps, 'db' | 'now'> & { readonly who: Pick<Who, 'person' | 'session' | 'provedAt'> }

/**
 * Whoever has passkeys shows one before the keys to their account change hands: other accounts, tokens, passkeys, who answers for them, whom they
 * become. Else a cookie that was copied once would make itself a way in that lasts. A token or a chat account is a key of its own, and has none to show.
 * @throws FORBIDDEN with `reason: PROOF_NEEDED`; the page shows the passkey and sends the same again.
 */
export function sure(parts: Parts): void {
  const { person, session } = parts.who
  if (person === null || session === null || isProven(parts)) return
  if (parts.db.read((tx) => catalogue.passkeysOf(tx, person.id)).length > 0)
    throw new EngineError('FORBIDDEN', { reason: 'PROOF_NEEDED' })
}

/** What is launched or acted on, as `stepUp` looks at it. */
interface Target {
  readonly project: string
  /** Null: a flow without an app, or one whose app has gone. */
  readonly app: AppView | null
  readonly flow: string
}
/**
 * Some apps ask for a passkey before each launch and each answer (`stepUp: passkey`): a stolen cookie, token or chat account does not do.
 * Their flow without the app is no way around it, as it is none around a freeze.
 * @throws FORBIDDEN with `reason: PROOF_NEEDED`; the page shows the passkey and sends the same again.
 */
export function proven(context: Context, { project, app, flow }: Target): void {
  const asks = ({ spec }: AppView): boolean => spec.stepUp === 'passkey'
  const starts = (one: AppView): boolean => one.project === project && one.spec.flow === flow
  const isAsked = app ? asks(app) : context.library.apps().some((one) => starts(one) && asks(one))
  if (isAsked && !isProven(context)) throw new EngineError('FORBIDDEN', { reason: 'PROOF_NEEDED' })
}
