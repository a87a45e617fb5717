import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { AT_ONCE, type AtOnceLimits } from '../auth/at-once.ts'
import type { CompanyConfig } from '../auth/company.ts'

/** What Baton is started with. Nothing is required (DESIGN, "Configuration"). */
export interface Config {
  readonly port: number
  readonly host: string
  /** Public address, without a slash at the end; null: made of host and port. */
  readonly url: string | null
  readonly data: string
  /** 32 bytes; null: made at the first start and kept in the data folder. */
  readonly key: Uint8Array | null
  readonly plugins: readonly string[]
  /** Flows may run scripts on this very machine, as the user that Baton runs as. */
  readonly localScript: boolean
  /** Link-local and metadata addresses, or names, that steps may call all the same. */
  readonly allowAddresses: readonly string[]
  /** Null: on at a first start without configuration of chat or data. */
  readonly examples: boolean | null
  /** Nothing was said about examples, and chat or data is configured: they stay away, and the first start says how to have them. */
  readonly examplesUnsaid?: boolean
  readonly logLevel: string
  readonly slack: {
    readonly botToken: string
    readonly signingSecret?: string
    readonly appToken?: string
    readonly apiUrl?: string
  } | null
  readonly telegram: { readonly botToken: string; readonly apiRoot?: string; readonly webhookSecret?: string } | null
  /** Hex of the Ed25519 key that signs Mini App data. */
  readonly initDataKey: string | null
  readonly smtpUrl: string | null
  /** Of rooms, and of people who have not said theirs. */
  readonly language: 'en' | 'zh'
  /** What one person may have under way at the same time. */
  readonly atOnce: AtOnceLimits
  /** Sign-in at the company's identity provider. */
  readonly company: CompanyConfig | null
  /** Folder of the built page. */
  readonly web: string
}
/** A wrong value: one clear line, and the start stops. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
type Env = Readonly<Record<string, string | undefined>>

const NAMES = [
  'PORT', 'HOST', 'BATON_URL', 'BATON_DATA', 'BATON_KEY', 'BATON_PLUGINS', 'BATON_LOCAL_SCRIPT', 'BATON_ALLOW_ADDRESSES', 'BATON_EXAMPLES', 'BATON_LANGUAGE', 'BATON_UPLOADS_AT_ONCE', 'BATON_STREAMS_AT_ONCE', 'BATON_STREAMS_PER_SESSION', 'LOG_LEVEL',
  'SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN', 'SLACK_API_URL',
  'TELEGRAM_BOT_TOKEN', 'TELEGRAM_API_ROOT', 'TELEGRAM_WEBHOOK_SECRET', 'TELEGRAM_INITDATA_KEY', 'SMTP_URL',
  'OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_NAME', 'OIDC_ROLE',
] as const // prettier-ignore
type Name = (typeof NAMES)[number]

/** Environment first, then the file of `--config`. @throws ConfigError */
export function readConfig(argv: readonly string[], env: Env): Config {
  const at = argv.findIndex((arg) => arg === '--config' || arg.startsWith('--config='))
  const file = at < 0 ? null : (argv[at]!.split('=')[1] ?? argv[at + 1] ?? null)
  if (at >= 0 && !file) throw new ConfigError('--config needs a file')
  const values = { ...(file ? readFile(file) : {}), ...given(env) }
  return configOf(values)
}
const given = (env: Env): Env =>
  Object.fromEntries(NAMES.filter((name) => env[name]?.trim()).map((name) => [name, env[name]!.trim()]))

/** `NAME=value` lines; `#` begins a comment. */
function readFile(path: string): Env {
  if (!existsSync(path)) throw new ConfigError(`--config: there is no file ${path}`)
  const values: Record<string, string> = {}
  for (const [index, line] of readFileSync(path, 'utf8').split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, name, value] = /^\s*(?:export\s+)?([A-Z_]+)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined || value === undefined)
      throw new ConfigError(`${path}, line ${index + 1}: expected NAME=value`)
    if (!(NAMES as readonly string[]).includes(name))
      throw new ConfigError(`${path}, line ${index + 1}: ${name} is not a setting of Baton`)
    values[name] = value.replace(/^(["'])(.*)\1$/, '$2')
  }
  return given(values)
}

function configOf(values: Env): Config {
  const value = (name: Name): string | undefined => values[name]
  const wrong = (name: Name, expected: string): never => {
    throw new ConfigError(`${name}: expected ${expected}`)
  }
  const address = (name: Name): string | null => {
    const text = value(name)
    if (text === undefined) return null
    if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
      return wrong(name, `an address like https://baton.example, but got ${text}`)
    return text.replace(/\/+$/, '')
  }
  const port = Number(value('PORT') ?? 8787)
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    wrong('PORT', `a number from 0 to 65535, but got ${value('PORT')}`)
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
  const logLevel = value('LOG_LEVEL') ?? 'info'
  if (!levels.includes(logLevel)) wrong('LOG_LEVEL', `one of ${levels.join(', ')}, but got ${logLevel}`)
  const examples = value('BATON_EXAMPLES')
  if (examples !== undefined && examples !== 'on' && examples !== 'off')
    wrong('BATON_EXAMPLES', `on or off, but got ${examples}`)
  const local = value('BATON_LOCAL_SCRIPT')
  if (local !== undefined && local !== 'on' && local !== 'off')
    wrong('BATON_LOCAL_SCRIPT', `on or off, but got ${local}`)
  const smtp = value('SMTP_URL')
  if (smtp !== undefined && !/^smtps?:\/\//.test(smtp))
    wrong('SMTP_URL', 'an address like smtp://user:password@mail.example:587')
  const language = value('BATON_LANGUAGE') ?? 'en'
  if (language !== 'en' && language !== 'zh') return wrong('BATON_LANGUAGE', `en or zh, but got ${language}`)
  const count = (name: Name, otherwise: number): number => {
    const most = Number(value(name) ?? otherwise)
    return Number.isInteger(most) && most > 0 ? most : wrong(name, `a number from 1, but got ${value(name)}`)
  }
  const chatOrData = ['SLACK_BOT_TOKEN', 'TELEGRAM_BOT_TOKEN', 'BATON_DATA'].some((name) => values[name] !== undefined)
  return {
    port,
    host: value('HOST') ?? '127.0.0.1',
    url: address('BATON_URL'),
    data: resolve(value('BATON_DATA') ?? 'data'),
    key: keyOf(value('BATON_KEY')),
    plugins: listOf(value('BATON_PLUGINS')).map(atHome),
    localScript: local === 'on',
    allowAddresses: listOf(value('BATON_ALLOW_ADDRESSES')).map((one) => one.toLowerCase()),
    examples: examples === undefined ? (chatOrData ? false : null) : examples === 'on',
    examplesUnsaid: examples === undefined && chatOrData,
    logLevel,
    slack: slackOf(value, address),
    telegram: telegramOf(value, address),
    initDataKey: initDataKeyOf(value('TELEGRAM_INITDATA_KEY')),
    smtpUrl: smtp ?? null,
    language,
    atOnce: {
      uploads: count('BATON_UPLOADS_AT_ONCE', AT_ONCE.uploads),
      streams: count('BATON_STREAMS_AT_ONCE', AT_ONCE.streams),
      streamsEach: count('BATON_STREAMS_PER_SESSION', AT_ONCE.streamsEach),
    },
    company: companyOf(value, address),
    web: resolve(import.meta.dirname, '../../dist/web'),
  }
}
/** Names separated by commas. */
const listOf = (text = ''): string[] =>
  text
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
/** `~/plugins`: a shell expands only the first of several, and a file of settings none. */
const atHome = (path: string): string => path.replace(/^~(?=$|[/\\])/, () => homedir())
type Values = (name: Name) => string | undefined
function slackOf(value: Values, address: (name: Name) => string | null): Config['slack'] {
  const [botToken, signingSecret, appToken] = [
    value('SLACK_BOT_TOKEN'),
    value('SLACK_SIGNING_SECRET'),
    value('SLACK_APP_TOKEN'),
  ]
  if (botToken === undefined) {
    if (signingSecret ?? appToken)
      throw new ConfigError('SLACK_BOT_TOKEN: is missing beside the other settings of Slack')
    return null
  }
  if (!botToken.startsWith('xoxb-'))
    throw new ConfigError('SLACK_BOT_TOKEN: expected a bot token, which begins with xoxb-')
  if (appToken !== undefined && !appToken.startsWith('xapp-'))
    throw new ConfigError('SLACK_APP_TOKEN: expected an app-level token, which begins with xapp-')
  if (signingSecret === undefined && appToken === undefined)
    throw new ConfigError(
      'SLACK_BOT_TOKEN: needs SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP) beside it',
    )
  const apiUrl = address('SLACK_API_URL')
  return {
    botToken,
    ...(signingSecret && { signingSecret }),
    ...(appToken && { appToken }),
    ...(apiUrl && { apiUrl: `${apiUrl}/` }),
  }
}
function telegramOf(value: Values, address: (name: Name) => string | null): Config['telegram'] {
  const botToken = value('TELEGRAM_BOT_TOKEN')
  const webhookSecret = value('TELEGRAM_WEBHOOK_SECRET')
  if (botToken === undefined) {
    if (webhookSecret) throw new ConfigError('TELEGRAM_BOT_TOKEN: is missing beside TELEGRAM_WEBHOOK_SECRET')
    return null
  }
  if (!/^\d+:[\w-]+$/.test(botToken))
    throw new ConfigError('TELEGRAM_BOT_TOKEN: expected the token that BotFather gave, like 123456:ABC-DEF')
  if (webhookSecret !== undefined && !/^[\w-]{1,256}$/.test(webhookSecret))
    throw new ConfigError('TELEGRAM_WEBHOOK_SECRET: expected up to 256 letters, digits, _ and -')
  const apiRoot = address('TELEGRAM_API_ROOT')
  return { botToken, ...(apiRoot && { apiRoot }), ...(webhookSecret && { webhookSecret }) }
}
function companyOf(value: Values, address: (name: Name) => string | null): CompanyConfig | null {
  const [clientId, clientSecret, role] = [value('OIDC_CLIENT_ID'), value('OIDC_CLIENT_SECRET'), value('OIDC_ROLE')]
  // As it is written: a slash at the end is part of the name.
  const issuer = address('OIDC_ISSUER') === null ? undefined : value('OIDC_ISSUER')
  if (issuer === undefined) {
    if (clientId ?? clientSecret ?? role)
      throw new ConfigError('OIDC_ISSUER: is missing beside the other settings of it')
    return null
  }
  const { protocol, hostname } = new URL(issuer)
  if (protocol !== 'https:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname))
    throw new ConfigError('OIDC_ISSUER: expected an https address; plain http is for a provider on this machine')
  if (clientId === undefined) throw new ConfigError('OIDC_CLIENT_ID: is missing beside OIDC_ISSUER')
  // Whether a company has a role of that name is seen once its data is open.
  if (role === 'owner') throw new ConfigError('OIDC_ROLE: expected a role that may be everybody’s, but got owner')
  const name = value('OIDC_NAME') ?? hostname
  return { issuer, clientId, clientSecret: clientSecret ?? null, name, role: role ?? null }
}
function initDataKeyOf(text: string | undefined): string | null {
  if (text === undefined) return null
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new ConfigError('TELEGRAM_INITDATA_KEY: expected 64 hex digits')
  return text
}
/** 32 bytes as hex or base64. */
export function keyOf(text: string | undefined): Uint8Array | null {
  if (text === undefined) return null
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
  if (bytes.length !== 32)
    throw new ConfigError('BATON_KEY: expected 32 bytes as hex or base64, as `openssl rand -base64 32` prints them')
  return new Uint8Array(bytes)
}
