import { createHash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import { isAddress } from '../delivery/reach.ts'
import type { Written } from './letter.ts'

/** One mail to one person. */
export interface Mail extends Written {
  readonly to: string
  /** The same key makes the same Message-ID: sent twice, a reader sees one. */
  readonly key: string
  /** Message-ID of the first mail about the same: this one is a reply to it. */
  readonly inReplyTo: string | null
  readonly isUrgent: boolean
}
export interface Transport {
  /** Resolves with the Message-ID once the mail server has taken it. @throws MailError */
  send(mail: Mail): Promise<string>
  close(): void
}
/** `recipient`: this address takes no mail, whatever is done · `content`: this mail is not taken · `server`: nothing goes out now, try later. */
export class MailError extends Error {
  override readonly name = 'MailError'
  readonly fault: 'recipient' | 'content' | 'server'
  constructor(fault: MailError['fault'], message: string) {
    super(message)
    this.fault = fault
  }
}
const TIMEOUT_MS = 15_000
/** A server that answers a little now and then is not waited for longer than this, whatever it says. */
const LONGEST_MS = 25_000

/**
 * Mails through `SMTP_URL`: `smtp://user:password@mail.example:587`, or `smtps://…:465`. `?from=` names the sender, else the user
 * does if it is an address. STARTTLS is used where the server offers it.
 */
export function createMailTransport(smtpUrl: string, longestMs: number = LONGEST_MS): Transport {
  const url = new URL(smtpUrl)
  const user = decodeURIComponent(url.username)
  const from = url.searchParams.get('from') ?? (isAddress(user) ? user : `baton@${url.hostname}`)
  url.searchParams.delete('from')
  const smtp = createTransport({
    url: url.href,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  } as Parameters<typeof createTransport>[0]) // their types know `url` only without the rest
  const host = from.split('@').at(-1) ?? url.hostname
  return {
    async send({ to, subject, text, html, key, inReplyTo, isUrgent }) {
      if (!isAddress(to)) throw new MailError('recipient', `“${to}” is no mail address`)
      const messageId = `<${createHash('sha256').update(`${key} ${to}`).digest('hex').slice(0, 32)}@${host}>`
      const sent = smtp.sendMail({
        from: { name: 'Baton', address: from },
        to: { name: '', address: to },
        subject,
        text,
        html,
        messageId,
        ...(inReplyTo !== null && { inReplyTo, references: inReplyTo }),
        // Nobody's holiday answers to it.
        headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        ...(isUrgent && { priority: 'high' as const }),
      })
      try {
        await within(longestMs, sent)
      } catch (error) {
        throw error instanceof MailError ? error : faultOf(error)
      }
      return messageId
    },
    close: () => smtp.close(),
  }
}
async function within(ms: number, sent: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new MailError('server', `The mail server took longer than ${Math.round(ms / 1000)} s`)), ms) // prettier-ignore
  })
  sent.catch(() => undefined) // too late to matter
  try {
    await Promise.race([sent, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Whose fault it is. What the server says of the sender or of the whole connection is nobody's who reads. */
function faultOf(error: unknown): MailError {
  const { message, responseCode, command } = error as { message?: string; responseCode?: number; command?: string } // as nodemailer throws
  const said = (message ?? String(error)).replace(/\s+/g, ' ').slice(0, 300)
  const isFinal = responseCode !== undefined && responseCode >= 500
  if (isFinal && command === 'RCPT TO') return new MailError('recipient', said)
  if (isFinal && command === 'DATA') return new MailError('content', said)
  return new MailError('server', said)
}
