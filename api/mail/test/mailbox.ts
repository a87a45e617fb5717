import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { SMTPServer } from 'smtp-server'

export interface Received {
  readonly to: string
  readonly headers: Readonly<Record<string, string>>
  readonly subject: string
  readonly text: string
  readonly html: string
}
export interface Mailbox {
  readonly url: string
  readonly got: Received[]
  /** What the server answers to a recipient, or to the mail itself; null: it takes it. */
  refuseRecipient: (address: string) => Error | null
  refuseMail: () => Error | null
  refuseSender: () => Error | null
  close(): Promise<void>
}
/** How SMTP says no. */
export const no = (code: number, message: string): Error => Object.assign(new Error(message), { responseCode: code })

/** A real, small mail server that keeps what it gets. */
export async function startMailbox(port = 0): Promise<Mailbox> {
  const got: Received[] = []
  const box = {
    got,
    refuseRecipient: (_: string): Error | null => null,
    refuseMail: (): Error | null => null,
    refuseSender: (): Error | null => null,
  }
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onMailFrom: (_address, _session, answer) => answer(box.refuseSender()),
    onRcptTo: ({ address }, _session, answer) => answer(box.refuseRecipient(address)),
    onData(stream, session, answer) {
      const bytes: Buffer[] = []
      stream.on('data', (piece: Buffer) => bytes.push(piece))
      stream.on('end', () => {
        const refused = box.refuseMail()
        if (!refused) got.push(read(session.envelope.rcptTo.map(({ address }) => address).join(), Buffer.concat(bytes).toString('utf8'))) // prettier-ignore
        answer(refused)
      })
    },
  })
  server.on('error', () => undefined)
  const listening = server.listen(port, '127.0.0.1') as unknown as Server // net's, by its documentation
  await once(listening, 'listening')
  return Object.assign(box, {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}?from=baton@acme.example`,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  })
}

function read(to: string, raw: string): Received {
  const { headers, body } = split(raw)
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1] ?? ''
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => split(part.replace(/^\r\n/, '')))
  const part = (type: string): string => {
    const found = parts.find((one) => one.headers['content-type']?.startsWith(type))
    return found ? decoded(found.body, found.headers['content-transfer-encoding'] ?? '') : ''
  }
  return { to, headers, subject: words(headers['subject'] ?? ''), text: part('text/plain'), html: part('text/html') }
}
function split(raw: string): { headers: Record<string, string>; body: string } {
  const end = raw.indexOf('\r\n\r\n')
  const lines = raw
    .slice(0, end)
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = lines.map((line) => /^([^:]+):\s*(.*)$/.exec(line)).filter((found) => found !== null)
  return {
    headers: Object.fromEntries(headers.map(([, name = '', value = '']) => [name.toLowerCase(), value])),
    body: raw.slice(end + 4),
  }
}
function decoded(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return body
  return quoted(body.replace(/=\r\n/g, ''))
}
const quoted = (text: string): string =>
  Buffer.from(
    text.replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')
const words = (text: string): string =>
  text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, how: string, said: string) =>
      how.toLowerCase() === 'b' ? Buffer.from(said, 'base64').toString('utf8') : quoted(said.replace(/_/g, ' ')),
    )
