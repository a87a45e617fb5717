import { BLANK, line, plain, time, type Card, type CardFact, type Line } from './card.ts'
import type { Acting, Reply } from './contract.ts'
import { alertTexts } from './alert-texts.ts'
import type { Texts } from './texts.ts'
import { alertsQuery, muteMutation, setAlertsMutation, unmuteMutation, type AlertsData } from './queries/index.ts'

/** `alerts`, `quiet 22:00-07:00`, `mute release 2h`, `unmute #1042`. */
export interface AlertCommand {
  readonly kind: 'alerts' | 'quiet' | 'mute' | 'unmute'
  readonly words: readonly string[]
}
/** Null: it is something else, the name of an app perhaps. */
export function alertCommand(words: readonly string[]): AlertCommand | null {
  const [first = '', ...rest] = words
  const kind = first.toLowerCase()
  if (kind === 'alerts' && rest.length === 0) return { kind, words: rest }
  if (kind === 'quiet' && rest.length <= 3) return { kind, words: rest }
  if ((kind === 'mute' || kind === 'unmute') && rest.length <= 2) return { kind, words: rest }
  return null
}

/** How one is told, shown and changed in chat; what takes more than a word is on the phone page. */
export async function runAlertCommand(acting: Acting, { kind, words }: AlertCommand): Promise<Reply> {
  if (kind === 'quiet' && words.length > 0) return setQuiet(acting, words.join(''))
  if (kind === 'mute') return mute(acting, words)
  if (kind === 'unmute') return unmute(acting, words)
  const { viewer } = await acting.client.query(alertsQuery)
  return { kind: 'card', card: alertsCard(acting, viewer) }
}

function alertsCard({ texts: words }: Acting, { alerts, unreached }: AlertsData): Card {
  const texts = alertTexts(words.language)
  const { comma } = words
  const channels = (alerts?.channels ?? []).filter(({ afterMin, names }) => afterMin !== null && names.length > 0)
  const facts: CardFact[] = alerts
    ? [
        {
          title: texts.channels,
          text:
            channels
              .map(
                ({ channel, afterMin }) =>
                  `${texts.channel[channel]} ${afterMin ? texts.after(afterMin) : texts.atOnce}`,
              )
              .join(comma) || texts.none,
        },
        {
          title: texts.quiet,
          text: alerts.quiet
            ? `${texts.span(alerts.quiet.from, alerts.quiet.to, alerts.timeZone)}${texts.days(alerts.quiet.days)}`
            : texts.none,
        },
        {
          title: texts.passes,
          text: alerts.urgent.map((one) => texts.urgent[one] ?? one).join(comma) || texts.nothing,
        },
        { title: texts.digest, text: alerts.digestMin > 0 ? texts.every(alerts.digestMin) : texts.eachByItself },
        ...(alerts.mutes.length > 0
          ? [{ title: texts.muted, text: alerts.mutes.map(({ title }) => title).join(comma) }]
          : []),
      ]
    : []
  const lines = [
    ...(alerts && alerts.waiting > 0 ? [line(texts.waiting(alerts.waiting))] : []),
    ...missedLines(words, unreached),
  ]
  return { ...BLANK, summary: texts.title, title: texts.title, lines, facts, notes: [line(texts.how)] }
}

/** Where somebody could not be told: they are to know when they come by. */
export function missedLines(
  { language, colon }: Pick<Texts, 'language' | 'colon'>,
  unreached: readonly Pick<AlertsData['unreached'][number], 'platform' | 'name' | 'count'>[],
): Line[] {
  const texts = alertTexts(language)
  const by = (platform: string, name: string): string =>
    platform === 'NONE' ? texts.anything : `${texts.channel[platform] ?? platform}${colon}${name}`
  return unreached.map(({ platform, name, count }) => line('⚠️ ', texts.missed(by(platform, name), count)))
}

async function setQuiet(acting: Acting, typed: string): Promise<Reply> {
  const texts = alertTexts(acting.texts.language)
  if (typed.toLowerCase() === 'off') {
    await acting.client.query(setAlertsMutation, { input: { quiet: null } })
    return tell(texts.quietOff)
  }
  // Phones make a dash of two hyphens, and `7:00` is how people write it.
  const [, from, to] = /^(\d?\d:\d\d)[-–—~]+(\d?\d:\d\d)$/.exec(typed) ?? []
  if (from === undefined || to === undefined) return tell(texts.quietHow, true)
  const quiet = { from: from.padStart(5, '0'), to: to.padStart(5, '0') }
  const { setAlertSettings: set } = await acting.client.query(setAlertsMutation, { input: { quiet } })
  return tell(texts.quietSet(texts.span(quiet.from, quiet.to, set.timeZone)))
}

const UNITS: Readonly<Record<string, number>> = { '': 1, m: 1, h: 60, d: 1440 }
/** An app's name, or a task's number. */
const named = (typed: string): { app?: string; taskId?: string } =>
  /^#?\d+$/.test(typed) ? { taskId: typed } : { app: typed }
async function mute(acting: Acting, [what, long]: readonly string[]): Promise<Reply> {
  const texts = alertTexts(acting.texts.language)
  const [, count, unit = ''] = /^(\d{1,6})([mhd]?)$/.exec(long ?? '') ?? []
  if (what === undefined || (long !== undefined && count === undefined)) return tell(texts.muteHow, true)
  const minutes = count === undefined ? null : Number(count) * (UNITS[unit] ?? 1)
  return { kind: 'tell', lines: [await muteNow(acting, named(what), minutes, what)], alert: false }
}
/** Mutes it and says until when; `title` stands where the server has none. */
export async function muteNow(
  acting: Acting,
  what: { readonly app?: string; readonly project?: string; readonly taskId?: string },
  minutes: number | null,
  title: string,
): Promise<Line> {
  const texts = alertTexts(acting.texts.language)
  const { mute: muted } = await acting.client.query(muteMutation, { ...what, minutes })
  const found = muted.mutes.at(-1)
  const until = found?.until ?? null
  const [before = '', after = ''] = texts
    .mutedNow(found?.title ?? title, until === null ? null : '\u0000')
    .split('\u0000')
  return until === null ? line(before) : [plain(before), time(Date.parse(until), 'date'), plain(after)]
}
async function unmute(acting: Acting, [what]: readonly string[]): Promise<Reply> {
  const texts = alertTexts(acting.texts.language)
  if (what === undefined) return tell(texts.muteHow, true)
  await acting.client.query(unmuteMutation, named(what))
  return tell(texts.unmuted(what))
}
const tell = (text: string, alert = false): Reply => ({ kind: 'tell', lines: [line(text)], alert })
