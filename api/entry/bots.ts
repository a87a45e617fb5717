import { catalogue, type Database } from '../../engine/index.ts'
import { createClient } from '../client/index.ts'
import type { Log } from '../log.ts'
import { ConfigError, type Config } from './config.ts'
import type { Masking } from './log.ts'

type Door = (request: Request) => Promise<Response>
export interface Bots {
  readonly slack: Door | undefined
  readonly telegram: Door | undefined
  readonly telegramName: string | null
  stop(): Promise<void>
}
export interface BotOptions {
  readonly config: Config
  readonly url: string
  readonly db: Database
  readonly log: Log
  readonly masking: Masking
  /** The app's own: in one process the bots reach it without a network. */
  readonly fetch: Door
}

/** Starts the bots that are configured, each loaded only then. @throws ConfigError when a platform refuses its token. */
export async function startBots({ config, url, db, log, masking, fetch }: BotOptions): Promise<Bots> {
  const token = await serviceToken(db)
  masking.add(token)
  const ended = new AbortController()
  const client = createClient({
    url: `${url}/graphql`,
    token,
    fetch: (request) => fetch(new Request(request, { signal: ended.signal })),
  })
  const stops: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    await Promise.allSettled(stops.map((end) => end()))
    ended.abort() // a bot may still wait for deliveries; it must not ask a database that is closed
  }
  try {
    const slack =
      config.slack &&
      (await startOne('SLACK_BOT_TOKEN', async () =>
        (await import('../../bot/slack/index.ts')).startSlack({
          client,
          config: { ...config.slack!, roomLanguage: config.language },
          log,
        }),
      ))
    if (slack) stops.push(() => slack.stop())
    const telegram =
      config.telegram &&
      (await startOne('TELEGRAM_BOT_TOKEN', async () =>
        (await import('../../bot/telegram/index.ts')).startTelegram({
          client,
          config: { ...config.telegram!, baseUrl: url, roomLanguage: config.language },
          log,
        }),
      ))
    if (telegram) stops.push(() => telegram.stop())
    return {
      slack: slack?.fetch,
      telegram: telegram?.fetch,
      get telegramName() {
        return telegram?.username ?? null // known once Telegram has answered
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
async function startOne<T>(setting: string, start: () => Promise<T>): Promise<T> {
  try {
    return await start()
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // Most name the setting themselves, and sometimes another one than its token.
    throw new ConfigError(/^(SLACK|TELEGRAM)_[A-Z_]+/.test(message) ? message : `${setting}: ${message}`)
  }
}
/** A new one at each start, known to this process alone; those before are void. */
const serviceToken = (db: Database): Promise<string> =>
  db.write((tx) => {
    const now = Date.now()
    catalogue.revokeServiceTokens(tx, now)
    catalogue.freeLeases(tx, now) // whoever leased them can acknowledge nothing any more
    return catalogue.makeToken(tx, { person: null, name: 'bots' }, now).secret
  })
