import { ClientError, type Truth } from '../../api/client/index.ts'
import { line, type Line } from './card.ts'
import type { Acting } from './contract.ts'
import { frozenLines } from './freeze.ts'
import type { Texts } from './texts.ts'

/** Nobody knows whether it was recorded, or it surely was not: the person presses again. */
const AGAIN = ['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED']

/** The same, with a bug noted for whoever runs this: the person only hears that nothing was recorded. */
export function refused({ texts, log, account }: Acting, error: unknown): Line[] {
  const isBug = !(error instanceof ClientError) || error.code === 'INTERNAL'
  if (isBug)
    log?.error(
      {
        account: `${account.platform}:${account.user}`,
        err: error instanceof Error ? (error.stack ?? error.message) : String(error),
      },
      'a chat feature failed',
    )
  return refusalLines(texts, error)
}
/** What a person is told when the server said no. The server's own message names the right and who can give it. */
export function refusalLines(texts: Texts, error: unknown): Line[] {
  if (!(error instanceof ClientError)) return [line(texts.notRecorded)]
  if (AGAIN.includes(error.code)) return [line(texts.notRecorded)]
  if (error.truth) return [line(truthText(texts, error.truth))]
  if (error.code === 'STALE') return [line(error.message || texts.truthUnknown)]
  if (error.code === 'UNAUTHENTICATED') return [line(texts.notMember)]
  if (error.code === 'INTERNAL') return [line(texts.notRecorded)]
  if (error.code === 'FROZEN') return frozenLines(texts, error)
  return [line(error.message)]
}
/** Worth pressing again as it is. */
export const isTransient = (error: unknown): boolean =>
  !(error instanceof ClientError) || AGAIN.includes(error.code) || error.code === 'INTERNAL'
export const isStranger = (error: unknown): boolean => error instanceof ClientError && error.code === 'UNAUTHENTICATED'

/** "Already done: retried by Li Wei at 14:14. Running now as attempt 2. Nothing changed by your press." */
function truthText(texts: Texts, truth: Truth): string {
  const did = texts.did[truth.what] ?? truth.what
  const running = truth.attempt !== undefined && ['running', 'ready', 'waiting'].includes(truth.now)
  const now = running
    ? texts.runningAs(truth.attempt ?? 1)
    : truth.now
      ? texts.nowState(texts.state[truth.now.toUpperCase()] ?? texts.phase[truth.now.toUpperCase()] ?? truth.now)
      : ''
  return texts.truth(truth.by, did, truth.at === null ? null : clockText(truth.at), now).replace(/ {2,}/g, ' ')
}
const clockText = (at: number): string => `${new Date(at).toISOString().slice(11, 16)} UTC`
