import { App, LogLevel, SocketModeReceiver, type Logger } from '@slack/bolt'
import { WebAPIPlatformError, WebClient, type WebClientOptions } from '@slack/web-api'
import type { Client } from '../../api/client/index.ts'
import type { Destination, Log, Port } from '../core/contract.ts'
import { startDelivery } from '../core/deliver.ts'
import { seeWorkspaceMutation } from '../core/queries/index.ts'
import { register } from './handlers.ts'
import { createHomes } from './home.ts'
import { createPort } from './port.ts'
import { createReceiver } from './receiver.ts'
import { createWho } from './who.ts'

export interface SlackConfig {
  readonly botToken: string
  /** HTTP mode. */
  readonly signingSecret?: string
  /** Set: Socket Mode, no public address needed. */
  readonly appToken?: string
  /** Another address of the Web API, for tests and closed networks. */
  readonly apiUrl?: string
  /** Language of cards in shared rooms; default English. */
  readonly roomLanguage?: string
}
export interface SlackOptions {
  /** The bots' service connection. */
  readonly client: Client
  readonly config: SlackConfig
  readonly log: Log
  /** Bound `fetch` where the runtime needs one of its own (workerd). */
  readonly fetch?: typeof globalThis.fetch
  readonly waitUntil?: (work: Promise<unknown>) => void
}
export interface Slack {
  /** HTTP mode: what is mounted at `/slack/events`. */
  readonly fetch?: (request: Request) => Promise<Response>
  stop(): Promise<void>
}

interface Team {
  readonly teamId: string
  readonly botId: string
  readonly botUserId: string
}
/** A token that Slack refuses is a wrong setting; anything else is an outage and is waited for. */
const WRONG_TOKEN = [
  'invalid_auth',
  'not_authed',
  'account_inactive',
  'token_revoked',
  'token_expired',
  'not_allowed_token_type',
  'no_permission',
  'missing_scope',
]

/**
 * Slack, from the first connection to the last card. Resolves when Slack has answered, or is known to be away for now: then it is tried on and on.
 * @throws Error with one clear line when Slack refuses a token.
 */
export async function startSlack({
  client,
  config,
  log,
  fetch = globalThis.fetch,
  waitUntil,
}: SlackOptions): Promise<Slack> {
  if (!config.appToken && !config.signingSecret)
    throw new Error('SLACK_SIGNING_SECRET is needed for HTTP, or SLACK_APP_TOKEN for Socket Mode')
  const logger = quietLogger(log)
  // One try, and no waiting inside: when to come back is decided by the schedule, for all cards together.
  const clientOptions: WebClientOptions = {
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 10_000,
    logger,
    ...(config.apiUrl && { slackApiUrl: config.apiUrl }),
  }
  const web = new WebClient(config.botToken, clientOptions)
  const stopping = new AbortController()
  const team = signIn(web, client, log, stopping.signal)
  team.catch(() => undefined) // told below, and to whoever asks

  const receiver = config.appToken
    ? new SocketModeReceiver({
        appToken: config.appToken,
        logger,
        installerOptions: { clientOptions: config.apiUrl ? { slackApiUrl: config.apiUrl } : {} },
      })
    : createReceiver({ signingSecret: config.signingSecret ?? '', log, ...(waitUntil && { waitUntil }) })
  const app = new App({
    receiver,
    logger,
    clientOptions,
    authorize: async () => ({ botToken: config.botToken, ...(await team) }),
    convoStore: false,
  })
  app.error(async (error) => log.error({ err: String(error) }, 'a Slack handler failed'))

  const work = new Set<Promise<void>>()
  const later = (what: string, doIt: () => Promise<void>): void => {
    const running: Promise<void> = doIt()
      .catch((error: unknown) => log.error({ what, err: String(error) }, 'work for Slack failed'))
      .finally(() => work.delete(running))
    work.add(running)
    waitUntil?.(running)
  }
  const who = createWho({ web, service: client, log, team: async () => (await team).teamId })
  const homes = createHomes({ web, who, log })
  const port = createPort(web, log)
  register(app, {
    web,
    port,
    homes,
    log,
    fetch,
    later,
    roomLanguage: config.roomLanguage ?? 'en',
    who,
  })

  const refused = await Promise.race([
    team.then(
      () => null,
      (error: unknown) => error,
    ),
    after(5000, null),
  ])
  if (refused) throw refused
  if (receiver instanceof SocketModeReceiver) await connect(receiver, log)
  const delivery = startDelivery({
    client,
    port: { ...port, ...telling(port, ({ place, shared }) => (shared ? undefined : homes.concerns(place))) },
    log,
    ...(config.roomLanguage && { roomLanguage: config.roomLanguage }),
  })

  return {
    ...('fetch' in receiver && { fetch: (request: Request) => receiver.fetch(request) }),
    async stop() {
      stopping.abort()
      homes.stop()
      await receiver.stop().catch(() => undefined)
      await delivery.stop()
      await Promise.allSettled(work)
    },
  }
}

/** The same calls, told of once they have been made. */
const telling = (port: Port, called: (to: Destination) => void): Pick<Port, 'post' | 'edit'> => ({
  async post(to, ...rest) {
    const id = await port.post(to, ...rest)
    called(to)
    return id
  },
  async edit(to, ...rest) {
    await port.edit(to, ...rest)
    called(to)
  },
})
/** Who the bot is, and in which workspace; the server learns of the workspace, so that an owner can trust it. */
async function signIn(web: WebClient, client: Client, log: Log, signal: AbortSignal): Promise<Team> {
  for (let tries = 0; ; tries++) {
    try {
      const { team_id = '', team = '', bot_id = '', user_id = '' } = await web.auth.test()
      await client
        .query(seeWorkspaceMutation, { platform: 'SLACK', id: team_id, name: team })
        .catch((error: unknown) => log.warn({ err: String(error) }, 'the workspace could not be told to the server'))
      log.info({ team: team_id, name: team }, 'Slack is connected')
      return { teamId: team_id, botId: bot_id, botUserId: user_id }
    } catch (error) {
      const code = error instanceof WebAPIPlatformError ? error.data.error : ''
      if (WRONG_TOKEN.includes(code)) throw new Error(`SLACK_BOT_TOKEN is refused by Slack: ${code}`, { cause: error })
      if (signal.aborted) throw error
      log.warn({ err: String(error) }, 'Slack does not answer; trying again')
      await after(Math.min(30_000, 1000 * 2 ** tries), undefined)
    }
  }
}
/** The first connection is waited for; later ones the client makes itself, and a failure of these must not end the process. */
async function connect(receiver: SocketModeReceiver, log: Log): Promise<void> {
  const { client } = receiver
  const start = client.start.bind(client)
  client.start = async () => {
    try {
      return await start()
    } catch (error) {
      log.error({ err: String(error) }, 'Slack does not take the socket; restart Baton once the app token is right')
      return { ok: false }
    }
  }
  const failed = await Promise.race([
    start().then(
      () => null,
      (error: unknown) => error,
    ),
    after(10_000, null),
  ])
  if (failed)
    throw new Error(
      `SLACK_APP_TOKEN: Slack opens no socket: ${failed instanceof Error ? failed.message : String(failed)}`,
      { cause: failed },
    )
}
const after = <T>(ms: number, value: T): Promise<T> => new Promise((resolve) => setTimeout(resolve, ms, value).unref())

/** Bolt's own talk: warnings and errors only, since the rest holds payloads. */
function quietLogger(log: Log): Logger {
  const said = (parts: unknown[]): string =>
    parts
      .map((part) => (part instanceof Error ? part.message : typeof part === 'string' ? part : ''))
      .join(' ')
      .slice(0, 500)
  return {
    debug: () => undefined,
    info: () => undefined,
    setLevel: () => undefined,
    setName: () => undefined,
    getLevel: () => LogLevel.WARN,
    warn: (...parts) => log.warn({ from: 'bolt' }, said(parts)),
    error: (...parts) => log.error({ from: 'bolt' }, said(parts)),
  }
}
