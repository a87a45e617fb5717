import { createHash, timingSafeEqual } from 'node:crypto'
import { GrammyError, type Bot } from 'grammy'
import type { Update } from 'grammy/types'
import type { Log } from '../core/contract.ts'
import { limits } from './limits.ts'

/** Nothing else is asked for: the less Telegram sends, the less can be lost or leaked. */
export const allowedUpdates = ['message', 'callback_query', 'my_chat_member'] as const

/** Asks Telegram for updates; needs no public address. Goes on through outages until `stop`. */
export function startPolling(bot: Bot, log: Log): { stop(): Promise<void> } {
  const ended = new AbortController()
  const running = (async () => {
    while (!ended.signal.aborted) {
      try {
        await bot.start({
          allowed_updates: allowedUpdates,
          onStart: (me) => log.info({ bot: me.username }, 'Telegram: polling'),
        })
      } catch (error) {
        if (ended.signal.aborted) return
        log.error(
          { error: sayError(error) },
          isConflict(error)
            ? 'Telegram: another process polls with this token, or a webhook is set'
            : 'Telegram: polling stopped, trying again',
        )
        await pause(5000, ended.signal)
      }
    }
  })()
  return {
    async stop() {
      ended.abort()
      await Promise.race([bot.stop().catch(() => undefined), pause(3000)])
      await Promise.race([running, pause(3000)])
    },
  }
}
const isConflict = (error: unknown): boolean => error instanceof GrammyError && error.error_code === 409
/** Never the error as it is: an HTTP error's address carries the token. */
export const sayError = (error: unknown): string =>
  error instanceof GrammyError ? error.description : error instanceof Error ? error.name : 'unknown'
export const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    timer.unref()
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })

/**
 * Telegram's requests to `/telegram/webhook`. Answered at once and worked on afterwards: a slow answer is taken for a failure and
 * the update comes again, dozens of times.
 */
export function webhookFetch(bot: Bot, secret: string, log: Log): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'POST') return new Response(null, { status: 405, headers: { allow: 'POST' } })
    if (!sameSecret(request.headers.get('x-telegram-bot-api-secret-token') ?? '', secret)) {
      log.warn({}, 'Telegram: a request without the right secret was refused')
      return new Response(null, { status: 401 })
    }
    if (!bot.isInited()) return new Response(null, { status: 503, headers: { 'retry-after': '2' } })
    const text = await textOf(request, limits.webhookBody)
    if (text === null) return new Response(null, { status: 413 })
    const update = updateOf(text)
    if (!update) return new Response(null, { status: 400 })
    void bot
      .handleUpdate(update)
      .catch((error: unknown) => log.error({ error: sayError(error) }, 'Telegram: update failed'))
    return new Response(null, { status: 200 })
  }
}
/** Over digests, so that neither content nor length shows in the time it takes. */
function sameSecret(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(secret))
}
async function textOf(request: Request, maxBytes: number): Promise<string | null> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return null
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of request.body ?? []) {
    size += part.byteLength
    if (size > maxBytes) return null
    parts.push(part)
  }
  return new TextDecoder().decode(Buffer.concat(parts))
}
function updateOf(text: string): Update | null {
  try {
    const update = JSON.parse(text) as Partial<Update> | null
    return update && Number.isSafeInteger(update.update_id) ? (update as Update) : null // the secret vouches for the rest
  } catch {
    return null
  }
}
