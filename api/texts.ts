import type { Cause, EngineError, NodeError, Truth } from '../engine/index.ts'
import { reasonText } from './auth/words.ts'
import { failureInChinese } from './chinese/failures.ts'
import { fieldInChinese } from './chinese/fields.ts'
import { refusalInChinese } from './chinese/refusals.ts'
import { english } from './texts-en.ts'
import { chinese } from './texts-zh.ts'
import { whyText } from './why.ts'

export type Language = 'en' | 'zh'
/** What the server words for people. Surfaces have their own; these come with data: causes, history, truths, refusals. */
export type Texts = typeof english
const TEXTS: { readonly [language in Language]: Texts } = { en: english, zh: chinese }

/** The person's choice, else what the browser or chat says, else English. */
export function languageOf(preferred: string | null, accepted: string | null): Language {
  if (preferred) return preferred.startsWith('zh') ? 'zh' : 'en'
  const first = (accepted ?? '').split(',').find((part) => /^\s*(zh|en)\b/i.test(part))
  return first?.trim().toLowerCase().startsWith('zh') ? 'zh' : 'en'
}
export const textsOf = (language: Language): Texts => TEXTS[language]

function format(at: number, zone: string | null, options: Intl.DateTimeFormatOptions, locale = 'en-GB'): string {
  try {
    return new Intl.DateTimeFormat(locale, { ...options, ...(zone && { timeZone: zone }) }).format(at)
  } catch {
    return new Intl.DateTimeFormat(locale, options).format(at) // a zone this machine does not know
  }
}

/** `24 Dec 08:00`, in the reader's language and zone; without the day when it is today, with the year when it is another. */
export function whenText(at: number, language: Language, zone: string | null, now = Date.now()): string {
  const shown = (time: number, options: Intl.DateTimeFormatOptions): string => format(time, zone, options)
  const hour = shown(at, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const day = { year: 'numeric', month: 'short', day: 'numeric' } as const
  if (shown(at, day) === shown(now, day)) return hour
  const isThisYear = shown(at, { year: 'numeric' }) === shown(now, { year: 'numeric' })
  const parts = { ...(!isThisYear && { year: 'numeric' as const }), month: 'short' as const, day: 'numeric' as const }
  return `${format(at, zone, parts, language === 'zh' ? 'zh-CN' : 'en-GB')} ${hour}`
}

/** "Retried by Li at 14:02, running now". */
export function truthText(truth: Truth, language: Language, zone: string | null, now?: number): string {
  const texts = textsOf(language)
  return texts.truth({
    what: texts.did[truth.what] ?? texts.did['moved_on']!,
    by: truth.by,
    at: truth.at === null ? null : whenText(truth.at, language, zone, now),
    now: texts.stateNow[truth.now] ?? truth.now,
  })
}
export function refusalText(error: EngineError, language: Language, zone: string | null = null, now?: number): string {
  const texts = textsOf(language)
  const { truth, right, grantedBy, heldBy, message } = error.detail
  const { reason } = error.detail
  if (reason === 'CODE_UNKNOWN') return texts.codeUnknown
  const known = reasonText(reason, language, grantedBy ?? [])
  if (known !== null) return known
  if (truth) return truthText(truth, language, zone, now)
  if (error.code === 'FORBIDDEN' && right !== undefined && message === undefined) {
    return texts.forbidden(texts.right[right] ?? right, grantedBy ?? [], heldBy)
  }
  if (error.code === 'FROZEN') {
    const { title, until } = error.detail
    const utc = zone === null ? ' UTC' : '' // whoever has not said where they are must not guess
    const end = typeof until === 'string' ? `${whenText(Date.parse(until), language, zone, now)}${utc}` : null
    if (typeof title === 'string') return texts.frozen(title, end)
  }
  const { why } = error.detail
  if (typeof why === 'string' && error.code === 'FORBIDDEN') {
    const said = texts.onlyThey(whyText(why, language))
    const unsaid = (heldBy ?? []).filter((name) => !said.includes(name))
    const ways = [
      ...(unsaid.length > 0 ? [texts.mayInstead(unsaid)] : []),
      ...(right === 'answer' && grantedBy && grantedBy.length > 0 ? [texts.mayGive(grantedBy)] : []),
    ]
    return ways.length === 0 ? said : `${said}${texts.stop}${ways.join(language === 'zh' ? '' : ' ')}`
  }
  const told = texts.refusal[error.code] ?? error.code
  if (message === undefined || language === 'en') return message ?? told
  const { fields, findings } = error.detail
  return fields && fields.length > 0 && findings === undefined // of documents: the first one stands for all
    ? fields.map((field) => fieldText(field.message, language)).join(texts.semicolon)
    : (refusalInChinese(message) ?? message)
}
/** What is wrong with a field. The engine words it; its codes alone would not say what to write instead. */
export const fieldText = (message: string, language: Language): string =>
  language === 'zh' ? fieldInChinese(message) : message
/** What a failed step says of itself. Words of plugins and machines stay as they are. */
export const failureText = ({ message, code }: Pick<NodeError, 'message' | 'code'>, language: Language): string => {
  const said = message.trim() === '' ? code : message
  return language === 'zh' ? failureInChinese(said) : said
}
/** What failed, in one line: "Deploy failed on web-2". */
export const headline = (title: string, error: NodeError, hosts: readonly string[], language: Language): string =>
  textsOf(language).headline(title, error.cause, hosts)
/** Why, in one line: the plugin's own words, or the cause in ours. */
export function causeText(error: NodeError, hosts: readonly string[], language: Language): string {
  // The headline has named the host already.
  const host = hosts.find((name) => error.message.startsWith(`${name}: `))
  const own = failureText(
    { ...error, message: error.message.slice(host === undefined ? 0 : host.length + 2) },
    language,
  ).trim()
  const texts = textsOf(language)
  if (error.cause === 'lost') return texts.cause.lost
  return own !== '' && own !== error.code ? own : (texts.cause[error.cause as Cause] ?? error.code)
}
