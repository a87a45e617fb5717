import { createHash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import type { Notice } from './robots.ts'

export interface Mailer {
  /** Resolves when the mail server has taken it. @throws in words. */
  send(mail: Mail): Promise<void>
  close(): void
}
export interface Mail {
  readonly to: string
  readonly notice: Notice
  /** The same key and address make the same Message-ID: sent twice, a reader sees one. */
  readonly key: string
}
const TIMEOUT_MS = 15_000

/** An address of the kind `name@host`, with nothing in it that could end a header. */
export const isMailAddress = (text: string): boolean => /^[^\s@<>()[\],;:"\\]{1,64}@[A-Za-z0-9.-]{1,255}$/.test(text)

/**
 * Mails through `SMTP_URL`: `smtp://user:password@mail.example:587`, or `smtps://…:465`. `?from=` names the sender, else the user
 * does if it is an address. STARTTLS is used where the server offers it.
 */
export function createMailer(smtpUrl: string): Mailer {
  const url = new URL(smtpUrl)
  const user = decodeURIComponent(url.username)
  const from = url.searchParams.get('from') ?? (isMailAddress(user) ? user : `baton@${url.hostname}`)
  url.searchParams.delete('from')
  const transport = createTransport({
    url: url.href,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  } as Parameters<typeof createTransport>[0]) // their types know `url` only without the rest
  const host = from.split('@').at(-1) ?? url.hostname
  return {
    async send({ to, notice, key }) {
      const { title, text, level, task } = notice
      const id = createHash('sha256').update(`${key} ${to}`).digest('hex').slice(0, 32)
      await transport.sendMail({
        from: { name: 'Baton', address: from },
        to: { name: '', address: to },
        subject: title,
        text: [text, `${task.title} #${task.number}\n${task.url}`].filter((part) => part !== '').join('\n\n'),
        messageId: `<${id}@${host}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
        ...(level === 'error' && { priority: 'high' as const }),
      })
    },
    close: () => transport.close(),
  }
}
