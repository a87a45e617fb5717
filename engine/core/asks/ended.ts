import type { Ask } from '../state.ts'

/**
 * Who ended an ask, for people who come too late: the one who answered last only where the answer ended it; else who edited,
 * revoked or went past it. Null when nobody did (a deadline). While it is open: who answered last.
 */
export function endedBy(ask: Ask): string | null {
  const last = ask.decisions.at(-1)?.name ?? null
  const { closedBy } = ask
  if (closedBy === undefined) return last
  if (closedBy.surface === 'system') return null
  // Too few were left when somebody handed it on: it is the rejection that counted.
  if (ask.end === 'rejected')
    return ask.decisions.findLast(({ verdict }) => verdict === 'reject')?.name ?? closedBy.name
  return closedBy.name
}
