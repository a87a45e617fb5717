import { createHmac, timingSafeEqual } from 'node:crypto'
import type { App, Receiver } from '@slack/bolt'
import type { Log } from '../core/contract.ts'

export interface ReceiverOptions {
  readonly signingSecret: string
  readonly log: Log
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  /** Keeps the process alive for work after the answer, where it would be cut off (Workers' `waitUntil`). */
  readonly waitUntil?: (work: Promise<unknown>) => void
}
export interface FetchReceiver extends Receiver {
  /** One request of Slack's, in and answered within 3 s. */
  fetch(request: Request): Promise<Response>
}

const WINDOW_S = 5 * 60
const MOST_BYTES = 1024 * 1024
/** Slack gives up after 3 s: whatever is not acknowledged by then is answered empty and goes on. */
const LATEST_ACK_MS = 2700

/**
 * Bolt behind plain `fetch`, so that it can be mounted in the same hono app (docs/adr/0007-how-bolt-is-mounted.md).
 * The signature is checked over the raw body before anything is parsed; the same signed request is taken once.
 */
export function createReceiver({
  signingSecret,
  log,
  now = Date.now,
  waitUntil = () => undefined,
}: ReceiverOptions): FetchReceiver {
  let app: App | undefined
  const seen = new Map<string, number>()

  /** Remembered for as long as the signature would be accepted. */
  function isReplay(signature: string): boolean {
    const oldest = now() - 2 * WINDOW_S * 1000
    for (const [known, at] of seen) {
      if (at > oldest) break
      seen.delete(known)
    }
    if (seen.has(signature)) return true
    seen.set(signature, now())
    return false
  }

  return {
    init: (bolt) => void (app = bolt),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    async fetch(request) {
      if (request.method !== 'POST') return answer(405)
      if (Number(request.headers.get('content-length') ?? 0) > MOST_BYTES) return answer(413)
      const raw = await request.text()
      if (raw.length > MOST_BYTES) return answer(413)
      // Unsigned by design; nothing else of such a request is looked at (Slack: "SSL certificate verification").
      if (
        isForm(request) &&
        new URLSearchParams(raw).get('ssl_check') === '1' &&
        !request.headers.has('x-slack-signature')
      )
        return answer(200)
      const signature = request.headers.get('x-slack-signature') ?? ''
      if (!isGenuine(signingSecret, raw, request.headers.get('x-slack-request-timestamp') ?? '', signature, now()))
        return answer(401)
      const body = bodyOf(request, raw)
      if (body === null) return answer(400)
      if (body['type'] === 'url_verification') return Response.json({ challenge: body['challenge'] })
      if (isReplay(signature)) return answer(200)
      return dispatch(body, request)
    },
  }

  function dispatch(body: Record<string, unknown>, request: Request): Promise<Response> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        log.error({ type: body['type'] ?? body['command'] }, 'a request of Slack was not acknowledged in time')
        resolve(answer(200))
      }, LATEST_ACK_MS)
      const settle = (response: Response): void => {
        clearTimeout(timer)
        resolve(response)
      }
      const retryNum = Number(request.headers.get('x-slack-retry-num') ?? Number.NaN)
      const work = Promise.resolve(
        app?.processEvent({
          body,
          ...(Number.isNaN(retryNum) ? {} : { retryNum }),
          ack: (said?: unknown) => {
            settle(
              said === undefined || said === ''
                ? answer(200)
                : typeof said === 'string'
                  ? new Response(said)
                  : Response.json(said),
            )
            return Promise.resolve()
          },
        }),
      ).then(
        () => settle(answer(200)),
        (error: unknown) => {
          log.error({ err: String(error) }, 'a request of Slack failed')
          settle(answer(500))
        },
      )
      waitUntil(work)
    })
  }
}

const answer = (status: number): Response => new Response(null, { status })
const isForm = (request: Request): boolean =>
  (request.headers.get('content-type') ?? '').startsWith('application/x-www-form-urlencoded')

/** HMAC-SHA256 over `v0:timestamp:raw body`, not older or newer than five minutes. */
function isGenuine(secret: string, raw: string, timestamp: string, signature: string, nowMs: number): boolean {
  if (!/^\d{1,12}$/.test(timestamp) || Math.abs(nowMs / 1000 - Number(timestamp)) > WINDOW_S) return false
  const ours = Buffer.from(`v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${raw}`).digest('hex')}`)
  const theirs = Buffer.from(signature)
  return ours.length === theirs.length && timingSafeEqual(ours, theirs)
}
function bodyOf(request: Request, raw: string): Record<string, unknown> | null {
  try {
    if (!isForm(request)) return record(JSON.parse(raw))
    const form = new URLSearchParams(raw)
    const payload = form.get('payload')
    return payload === null ? Object.fromEntries(form) : record(JSON.parse(payload))
  } catch {
    return null
  }
}
const record = (value: unknown): Record<string, unknown> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null
