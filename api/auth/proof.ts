import { EngineError } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import type { AppView } from '../library.ts'
import { PROOF_MS } from './passkey.ts'

/** Whether this person showed a passkey in this session, a moment ago. */
export const isProven = ({ who, now }: Context): boolean => who.provedAt !== null && who.provedAt > now() - PROOF_MS

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
