import { catalogue, type Tx } from '../../engine/index.ts'
import type { ServerConfig } from '../context.ts'
import { undelivered } from '../delivery/ack.ts'

/** So long what is owed by mail waits where no mail server is configured: as long as a start with the right settings takes. */
export const UNSENT_MS = 10 * 60_000
const AT_ONCE = 500

/**
 * Mails that were owed when `SMTP_URL` was taken out: nobody would ever send them. They go by another way, and stand on the list of
 * what could not be delivered. Resolves with how many.
 */
export function endUnsent(tx: Tx, config: ServerConfig, now: number): number {
  if (config.mail) return 0
  const rows = catalogue.waitingSince(tx, 'email', now - UNSENT_MS, AT_ONCE)
  for (const row of rows) undelivered(tx, row, 'NO_MAIL_SERVER', { config }, now)
  return rows.length
}
