import { EngineError } from '../../engine/index.ts'
import type { Context } from '../context.ts'
import type { AppView } from '../library.ts'
import { PROOF_MS } from './passkey.ts'

/** Whether this person showed a passkey in this session, a moment ago. */
export const isProven = ({ who, now }: Context): boolean => who.provedAt !== null && who.provedAt > now() - PROOF_MS

/**
 * Some apps ask for a passkey before each launch and each answer (`stepUp: passkey`): a stolen cookie, token or chat account does not do.
 * @throws FORBIDDEN with `reason: PROOF_NEEDED`; the page shows the passkey and sends the same again.
 */
export function proven(context: Context, app: AppView | null | undefined): void {
  if (app?.spec.stepUp !== 'passkey' || isProven(context)) return
  throw new EngineError('FORBIDDEN', { reason: 'PROOF_NEEDED' })
}
