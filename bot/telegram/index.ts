import { Api, Bot, GrammyError, HttpError } from 'grammy'
import type { UserFromGetMe } from 'grammy/types'
import type { Client } from '../../api/client/index.ts'
import type { Log } from '../core/contract.ts'
import { startDelivery } from '../core/deliver.ts'
import { checkForm, drawForm, phoneLink, searchOptions, submitForm } from '../core/form.ts'
import { askKeeper } from './asks.ts'
import { calmly } from './calm.ts'
import { tellCommands } from './commands.ts'
import { dialogues } from './dialogue/run.ts'
import { handleUpdate, laneOf, type HandleDeps } from './handle.ts'
import { lanesWith, seenOnce } from './lanes.ts'
import { messagesOver, telegramPort } from './port.ts'
import { lineHtml } from './render.ts'
import { openPage } from './reply.ts'
import { shelfOf } from './shelf.ts'
import { telegramTexts } from './texts.ts'
import { allowedUpdates, pause, sayError, startPolling, webhookFetch } from './transport.ts'

export interface TelegramConfig {
  readonly botToken: string
  /** A Bot API server of one's own, in closed networks. Default https://api.telegram.org. */
  readonly apiRoot?: string
  /** With an https `baseUrl`: Telegram calls us. Without: we ask Telegram. */
  readonly webhookSecret?: string
  /** Of cards in groups; default English. */
  readonly roomLanguage?: string
  readonly baseUrl: string
}
export interface TelegramOptions {
  /** The bots' service connection. */
  readonly client: Client
  readonly config: TelegramConfig
  readonly log: Log
  readonly now?: () => number
  /** See `DeliverOptions`; tests shorten it. */
  readonly waitS?: number
}
export interface TelegramBot {
  /** For `/telegram/webhook`; absent when polling. */
  readonly fetch?: (request: Request) => Promise<Response>
  /** Without @; null until Telegram has answered. */
  readonly username: string | null
  stop(): Promise<void>
}
export const webhookPath = '/telegram/webhook'
const PATIENCE_MS = 5000

/**
 * Starts the bot and its deliveries. A token that Telegram refuses stops the start; a Telegram that cannot be reached does not: the bot
 * comes up when it can be.
 * @throws Error with one clear line
 */
export async function startTelegram({
  client,
  config,
  log,
  now = Date.now,
  waitS,
}: TelegramOptions): Promise<TelegramBot> {
  const apiRoot = config.apiRoot ?? 'https://api.telegram.org'
  const bot = new Bot(config.botToken, { client: { apiRoot } })
  const patient = new Api(config.botToken, { apiRoot, timeoutSeconds: 30 })
  patient.config.use(calmly())
  const stopping = new AbortController()
  const shelf = shelfOf(client)
  const cards = messagesOver(new Api(config.botToken, { apiRoot, timeoutSeconds: 30 })) // the deliveries' own schedule does the waiting
  const messages = messagesOver(patient)
  const port = telegramPort(cards, askKeeper(shelf))
  const lanes = lanesWith((error) => log.error({ error: String(error) }, 'Telegram: update failed'))
  const isNew = seenOnce()

  const answering = (me: UserFromGetMe): HandleDeps => ({
    service: client,
    api: patient,
    me,
    log,
    messages,
    shelf,
    port,
    dialogues: dialogues({
      messages,
      shelf,
      now,
      work: { draw: drawForm, check: checkForm, submit: submitForm, search: searchOptions, phoneLink },
      openPage: (place, lines, label, url, language) =>
        openPage(
          messages,
          place,
          lines.map((line) => lineHtml(line, { language, timeZone: null })).join('\n'),
          label,
          url,
          telegramTexts(language).linkAddress,
        ),
    }),
  })
  // Returns at once: polling confirms a batch only when each update in it was taken, and one slow person must not hold up the others.
  bot.use((context) => {
    if (isNew(context.update.update_id))
      lanes.run(laneOf(context.update), () => handleUpdate(answering(context.me), context.update))
  })
  bot.catch(({ error }) => log.error({ error: String(error) }, 'Telegram: update failed'))

  const webhook = config.webhookSecret !== undefined && config.baseUrl.startsWith('https:')
  let polling: { stop(): Promise<void> } | undefined
  const begin = async (): Promise<void> => {
    await bot.init(stopping.signal as never) // grammY's own AbortSignal type, the same thing; tries on through outages
    await tellCommands(patient).catch((error: unknown) =>
      log.warn({ error: sayError(error) }, 'Telegram: commands not set'),
    )
    if (stopping.signal.aborted) return
    if (!webhook) return void (polling = startPolling(bot, log))
    const address = new URL(webhookPath, config.baseUrl).href
    await untilReached(
      () => patient.setWebhook(address, { secret_token: config.webhookSecret ?? '', allowed_updates: allowedUpdates }),
      stopping.signal,
    )
    log.info({ bot: bot.botInfo.username }, 'Telegram: webhook set')
  }
  const refused = await firstTry(begin(), stopping.signal, log)
  if (refused) throw refused
  const { roomLanguage } = config
  const delivery = startDelivery({
    client,
    port,
    log,
    now,
    ...(roomLanguage !== undefined && { roomLanguage }),
    ...(waitS !== undefined && { waitS }),
  })
  return {
    get username() {
      return bot.isInited() ? bot.botInfo.username : null
    },
    ...(webhook && { fetch: webhookFetch(bot, config.webhookSecret ?? '', log) }),
    async stop() {
      stopping.abort()
      await polling?.stop()
      await Promise.race([lanes.idle(), pause(PATIENCE_MS)])
      await delivery.stop()
    },
  }
}

async function untilReached(call: () => Promise<unknown>, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted) {
    try {
      return void (await call())
    } catch (error) {
      if (!(error instanceof HttpError) && !(error instanceof GrammyError && error.error_code >= 500)) throw error
      await pause(PATIENCE_MS, stopped)
    }
  }
}

/** Waits a little for Telegram. What it refuses for good is an error; what only takes long goes on by itself. */
async function firstTry(beginning: Promise<void>, stopped: AbortSignal, log: Log): Promise<Error | null> {
  const outcome = await Promise.race([
    beginning.then(
      () => null,
      (error: unknown) => ({ error }),
    ),
    pause(PATIENCE_MS, stopped).then(() => 'late' as const),
  ])
  if (outcome === null) return null
  if (outcome === 'late') {
    log.warn({}, 'Telegram cannot be reached yet; trying on')
    beginning.catch(
      (error: unknown) => stopped.aborted || log.error({ error: sayError(error) }, 'Telegram: not started'),
    )
    return null
  }
  const { error } = outcome
  if (error instanceof GrammyError && (error.error_code === 401 || error.error_code === 404))
    return new Error('Telegram does not know this token; get it from @BotFather')
  if (error instanceof GrammyError && error.method === 'setWebhook')
    return new Error(`Telegram does not take the webhook at BATON_URL: ${error.description}`)
  return new Error(`Telegram did not start: ${sayError(error)}`)
}
