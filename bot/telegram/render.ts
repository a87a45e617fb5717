import type { InlineKeyboardButton, InlineKeyboardMarkup } from 'grammy/types'
import type { Line, Mark, PlacedAction, PlacedCard, Span } from '../core/card.ts'
import { anchor, clean, clip, clock, entitiesOf, escape, lengthOf, prose, tag } from './html.ts'
import { limits } from './limits.ts'

/** What one message is: drawn from a card, a dialogue or a reply. */
export interface Drawn {
  readonly html: string
  readonly keyboard: InlineKeyboardMarkup | null
}
/** Times are drawn in the reader's zone by Telegram itself; this is for apps that cannot. */
export interface Manner {
  readonly language: string
  readonly timeZone: string | null
}

/** VISUAL §7: always with the word beside it. */
const marks: Record<Mark, string> = {
  running: '🔵',
  waiting: '✋',
  attention: '⚠️',
  paused: '⏸️',
  succeeded: '✅',
  failed: '❌',
  stopped: '⏹️',
  queued: '⏳',
  todo: '⚪',
  skipped: '⏭️',
}

function spanHtml(span: Span, manner: Manner): string {
  switch (span.kind) {
    case 'text': {
      const { text } = span
      return span.style === 'bold'
        ? tag('b', prose(text))
        : span.style === 'code'
          ? tag('code', escape(text))
          : prose(text)
    }
    case 'link':
      return /^https?:\/\//.test(span.url) ? anchor(span.text, span.url) : prose(span.text)
    // Where somebody is called, by Telegram's own id, whatever they are named; else the name stands alone.
    case 'person':
      return span.user !== undefined && /^[1-9]\d{0,18}$/.test(span.user) && span.name !== ''
        ? anchor(span.name, `tg://user?id=${span.user}`)
        : prose(span.name)
    case 'time':
      return clock(span.at, span.show === 'clock' ? 't' : 'Dt', fallbackTime(span.at, span.show, manner))
  }
}
/** Cut where its visible text has `max` characters. */
export function clipLine(line: Line, max: number): Line {
  let left = max
  return line.flatMap((span): Span[] => {
    if (left <= 0) return []
    if (span.kind === 'time') return [span]
    const text = clip(span.kind === 'person' ? span.name : span.text, left)
    left -= text.length
    return [span.kind === 'person' ? { ...span, name: text } : { ...span, text }]
  })
}
/** A line where no markup goes: the answer to a press. */
export const linePlain = (line: Line, manner: Manner): string =>
  line
    .map((span) =>
      span.kind === 'time' ? fallbackTime(span.at, span.show, manner) : span.kind === 'person' ? span.name : span.text,
    )
    .join('')
function fallbackTime(at: number, show: 'clock' | 'date', { language, timeZone }: Manner): string {
  const date = show === 'date' ? ({ month: 'short', day: 'numeric' } as const) : {}
  const zone = timeZone === null ? { timeZone: 'UTC', timeZoneName: 'short' as const } : { timeZone }
  try {
    return new Intl.DateTimeFormat(language, {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      ...date,
      ...zone,
    }).format(at)
  } catch {
    return new Date(at).toISOString().slice(11, 16) + ' UTC' // a zone this machine does not know
  }
}
/** A line that is bold as a whole: bold within bold is one more entity for nothing. */
const boldLine = (line: Line, manner: Manner): string =>
  tag(
    'b',
    lineHtml(
      line.map((span) => (span.kind === 'text' ? { kind: 'text', text: span.text } : span)),
      manner,
    ),
  )
export const lineHtml = (line: Line, manner: Manner): string => line.map((span) => spanHtml(span, manner)).join('')

/** `▰▰▰▱▱▱`, at most ten marks; complete only when all is done. */
export function progressMarks(done: number, total: number): string {
  if (total <= 0) return ''
  const length = Math.min(total, 10)
  const full = done >= total ? length : Math.min(length - 1, Math.floor((done / total) * length))
  return '▰'.repeat(full) + '▱'.repeat(length - full)
}

interface Shares {
  readonly log: number
  readonly timeline: number
  readonly facts: number
  readonly advice: number
  /** Lines of the head and of the notes, each; and characters in one. */
  readonly lines: number
  readonly line: number
}
/** What is given up first when a card is longer than a message: the head of the log, old steps, late facts, the ends of long lines. */
const SHARES: readonly Shares[] = [
  { log: 20, timeline: 24, facts: 24, advice: 900, lines: 12, line: 1000 },
  { log: 12, timeline: 16, facts: 16, advice: 600, lines: 12, line: 600 },
  { log: 6, timeline: 10, facts: 10, advice: 400, lines: 8, line: 300 },
  { log: 3, timeline: 6, facts: 6, advice: 200, lines: 5, line: 150 },
  { log: 0, timeline: 3, facts: 4, advice: 120, lines: 3, line: 100 },
]

/** A card as one message: order of VISUAL §8, within what a message takes. */
export function drawCard(card: PlacedCard, manner: Manner): Drawn {
  const tries = SHARES.map((share) => cardHtml(card, manner, share))
  const html =
    tries.find((one) => lengthOf(one) <= limits.text && entitiesOf(one) <= limits.entities) ??
    escape(clip(card.title, 1000))
  return { html, keyboard: card.actions.length === 0 ? null : { inline_keyboard: rowsOf(card.actions) } }
}

function cardHtml(card: PlacedCard, manner: Manner, share: Shares): string {
  const title = tag('b', prose(clip(card.title, 300)))
  const bar =
    card.progress &&
    [progressMarks(card.progress.done, card.progress.total), prose(card.progress.text)].filter(Boolean).join(' ')
  const short = (line: Line): string => lineHtml(clipLine(line, share.line), manner)
  const timeline = card.timeline
    .slice(-share.timeline)
    .map(
      ({ mark, line, log }) =>
        `${mark ? `${marks[mark]} ` : ''}${lineHtml(clipLine(line, 200), manner)}${beneath(printed(log ?? [], share.log))}`,
    )
  const facts = card.facts
    .slice(0, share.facts)
    .map((fact) => `${tag('b', prose(clip(fact.title, 80)))}  ${prose(clip(fact.text, 300))}`)
  const advice =
    card.advice &&
    tag(
      'blockquote',
      `${tag('b', prose(clip(card.advice.title, 120)))}\n${prose(clip(card.advice.text, share.advice))}`,
    )
  const log = printed(card.log, share.log)
  const more = (shown: number, all: number): string[] => (all > shown ? [`… ${all - shown}`] : [])
  const blocks = [
    [
      ...(card.banner === null ? [] : [tag('b', `▨ ${prose(card.banner)}`)]),
      ...(card.mark === null && title === '' ? [] : [card.mark === null ? title : `${marks[card.mark]} ${title}`]),
      ...card.lines.slice(0, share.lines).map(short),
      ...(card.outcome === null ? [] : [boldLine(clipLine(card.outcome, share.line), manner)]),
      ...(bar ? [bar] : []),
      ...more(share.timeline, card.timeline.length),
      ...timeline,
    ],
    [...facts, ...more(share.facts, card.facts.length)],
    [...(advice ? [advice] : []), ...(log ? [log] : [])],
    card.notes.slice(0, share.lines).map(short),
  ]
  const spaced = facts.length > 0 ? '\n\n' : '\n'
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join('\n'))
    .join(spaced)
}

const beneath = (html: string): string => (html === '' ? '' : `\n${html}`)
/** The last of what was printed; nothing for none. */
const printed = (log: readonly string[], most: number): string =>
  most === 0
    ? ''
    : tag(
        'pre',
        log
          .slice(-most)
          .map((one) => escape(clip(clean(one).replace(/\n/g, ' '), 160)))
          .join('\n'),
      )

/** The one thing to do now stands first and alone where many follow; the rest in pairs, short ones in threes. */
function rowsOf(actions: readonly PlacedAction[]): InlineKeyboardButton[][] {
  // "Stop after current steps" stands in the step that asks once more; here it would only make Stop harder to find.
  const asked = (minor: PlacedAction) =>
    actions.some((other) => !other.minor && other.confirm && other.target.verb === minor.target.verb)
  const offered = actions.filter((action) => !(action.minor && asked(action)))
  const [first, ...rest] = offered.map(buttonOf)
  if (!first) return []
  const leads = offered[0]?.style === 'primary' && rest.length > 1
  const all = leads ? rest : [first, ...rest]
  return [...(leads ? [[first]] : []), ...inRows(all)]
}
export function inRows(buttons: readonly InlineKeyboardButton[]): InlineKeyboardButton[][] {
  const longest = Math.max(0, ...buttons.map((button) => width(button.text)))
  const perRow = longest > 22 ? 1 : buttons.length === limits.buttonsInRow && longest <= 10 ? limits.buttonsInRow : 2
  const rows: InlineKeyboardButton[][] = []
  for (let at = 0; at < buttons.length; at += perRow) rows.push(buttons.slice(at, at + perRow))
  return rows
}
/** Han characters are twice as wide. */
const width = (text: string): number =>
  [...text].reduce((sum, character) => sum + (/[\u2e80-\uffef]/.test(character) ? 2 : 1), 0)

/** On a card nothing is red: what destroys asks once more, and is red there (VISUAL §8). */
const buttonOf = (action: PlacedAction): InlineKeyboardButton => ({
  text: labelOf(action.label),
  callback_data: action.token,
  ...((action.style === 'primary' || action.style === 'success') && { style: action.style }),
})
export const labelOf = (text: string): string => clip(clean(text).trim() || '·', limits.buttonText)
