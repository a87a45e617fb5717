/** A Bot API that keeps what it was told, and now and then loses its own answer: what a bot must get through to be sure of anything. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Chat {
  readonly token: string
  readonly apiRoot: string
  /** Messages as they stand now, those told twice included. */
  messages(): readonly { readonly chat: number; readonly text: string }[]
  /** Every text that a chat has ever shown. */
  shown(chat: number): readonly string[]
  close(): Promise<void>
}
const ME = { id: 1, is_bot: true, first_name: 'Baton', username: 'baton_bot', can_join_groups: true }
/** One answer in so many never arrives. */
const LOST_EACH = 40

export async function startChat(): Promise<Chat> {
  const token = '1:crash'
  const standing = new Map<number, { chat: number; text: string }>()
  const all: { chat: number; text: string }[] = []
  let calls = 0
  const answerTo = (method: string, given: Record<string, unknown>): unknown => {
    if (method === 'getMe') return ME
    if (method === 'getUpdates') return []
    if (method !== 'sendMessage' && method !== 'editMessageText') return true
    const id = method === 'sendMessage' ? standing.size + 1 : Number(given['message_id'])
    const message = { chat: Number(given['chat_id']), text: String(given['text']) }
    standing.set(id, message)
    all.push(message)
    return {
      message_id: id,
      date: Math.floor(Date.now() / 1000),
      chat: { id: message.chat, type: 'private', first_name: 'Room' },
      from: ME,
      text: message.text,
    }
  }
  const server = createServer((request, response) => {
    void bodyOf(request).then((given) => {
      const method = request.url?.split('/').at(-1) ?? ''
      const result = answerTo(method, given)
      if (/Message/.test(method) && ++calls % LOST_EACH === 0) return void request.socket.destroy()
      const send = (): void => {
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify({ ok: true, result }))
      }
      if (method === 'getUpdates') setTimeout(send, 2_000).unref()
      else send()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // listening on TCP
  return {
    token,
    apiRoot: `http://127.0.0.1:${port}`,
    messages: () => [...standing.values()],
    shown: (chat) => all.filter((message) => message.chat === chat).map(({ text }) => text),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = ''
  for await (const part of request) text += String(part)
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {} // a process was killed in the middle of it
  }
}
