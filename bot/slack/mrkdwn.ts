import type { KnownBlock, MrkdwnElement, PlainTextElement, RichTextBlock, RichTextElement } from '@slack/types'
import type { Line, Span } from '../core/card.ts'
import { cut } from '../core/cards/words.ts'

/** The three characters that begin an entity. What else could become markup is looked for by `isPlain`. */
export const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** mrkdwn knows no escape for `*`, `_`, `~`, backticks and `:emoji:`; a text with any of them is sent as plain text instead of being altered. */
export const isPlain = (text: string): boolean => !/[*~`]|(^|\W)_|_(\W|$)|:[\w+-]+:|^\s*(>|&gt;|•)/m.test(text)

export const plainText = (text: string, max: number): PlainTextElement => ({
  type: 'plain_text',
  text: cut(text || ' ', max),
  emoji: false,
})

const pad = (n: number): string => String(n).padStart(2, '0')
/** For readers whose client cannot draw a date. */
const fallbackOf = (at: number): string => {
  const date = new Date(at)
  return `${date.getUTCFullYear()}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())} ${pad(date.getUTCHours())}:${pad(date.getUTCMinutes())} UTC`
}
const formatOf = (show: 'clock' | 'date'): string => (show === 'clock' ? '{time}' : '{date_short_pretty} {time}')

/** A line without any markup, for fallbacks and small type that holds something typed. */
export const plainOf = (line: Line): string =>
  line
    .map((span) =>
      span.kind === 'time' ? fallbackOf(span.at).slice(11, 16) : span.kind === 'person' ? span.name : span.text,
    )
    .join('')

/** Small type: mrkdwn where nothing in it could turn into markup, else plain text. */
export function smallText(line: Line, max: number): MrkdwnElement | PlainTextElement {
  const typed = line
    .map((span) => (span.kind === 'time' || calls(span) ? '' : span.kind === 'person' ? span.name : span.text))
    .join('')
  if (!isPlain(typed)) return plainText(plainOf(line), max)
  const text = line.map(mrkdwnOf).join('')
  return text.length > max ? plainText(plainOf(line), max) : { type: 'mrkdwn', text: text || ' ', verbatim: true }
}
function mrkdwnOf(span: Span): string {
  switch (span.kind) {
    case 'time':
      return `<!date^${Math.floor(span.at / 1000)}^${formatOf(span.show)}|${fallbackOf(span.at)}>`
    case 'person':
      return isAccount(span.user) ? `<@${span.user}>` : escape(span.name)
    case 'link':
      return isLink(span.url)
        ? `<${span.url.replaceAll('|', '%7C').replaceAll('>', '%3E')}|${escape(span.text)}>`
        : escape(span.text)
    case 'text':
      return span.style === 'bold' && span.text.trim() !== '' ? `*${escape(span.text)}*` : escape(span.text)
  }
}
/** An account of Slack's, as it names them: nothing else ever stands in a mention. */
const isAccount = (user: string | undefined): user is string => user !== undefined && /^[UW][A-Z0-9]{2,}$/.test(user)
export const calls = (span: Span): boolean => span.kind === 'person' && isAccount(span.user)
const isLink = (url: string): boolean => /^https?:\/\/[^\s<>]+$/.test(url)

type Leaf = Extract<RichTextElement, { type: 'text' | 'link' | 'date' | 'user' }>
/** Lines as rich text: every piece is literal, so nothing needs escaping. Null when there is nothing to say. */
export function richText(
  lines: readonly Line[],
  kind: 'rich_text_section' | 'rich_text_quote' = 'rich_text_section',
): RichTextBlock | null {
  const said = lines.filter((line) =>
    line.some((span) => span.kind === 'time' || calls(span) || (span.kind === 'person' ? span.name : span.text) !== ''),
  )
  const leaves = said.flatMap((line, at): Leaf[] => [...(at > 0 ? [leaf('\n')] : []), ...line.flatMap(leavesOf)])
  return leaves.length === 0 ? null : { type: 'rich_text', elements: [{ type: kind, elements: joined(leaves) }] }
}
/** Plain texts side by side are one: Slack counts every brace of a message. */
function joined(leaves: readonly Leaf[]): Leaf[] {
  const kept: Leaf[] = []
  for (const one of leaves) {
    const last = kept.at(-1)
    if (one.type === 'text' && last?.type === 'text' && !one.style && !last.style)
      kept[kept.length - 1] = leaf(last.text + one.text)
    else kept.push(one)
  }
  return kept
}
const leaf = (text: string): Leaf => ({ type: 'text', text })
function leavesOf(span: Span): Leaf[] {
  switch (span.kind) {
    case 'time':
      return [
        {
          type: 'date',
          timestamp: Math.floor(span.at / 1000),
          format: formatOf(span.show),
          fallback: fallbackOf(span.at),
        },
      ]
    case 'person':
      if (isAccount(span.user)) return [{ type: 'user', user_id: span.user }]
      return span.name === '' ? [] : [{ type: 'text', text: span.name }]
    case 'link':
      return isLink(span.url) ? [{ type: 'link', url: span.url, text: span.text }] : [leaf(span.text)]
    case 'text': {
      if (span.text === '') return []
      const style = span.style === 'bold' ? { bold: true } : span.style === 'code' ? { code: true } : null
      return [{ type: 'text', text: span.text, ...(style && { style }) }]
    }
  }
}
/** Lines, some with what was printed beneath them. */
export function printed(
  lines: readonly { readonly line: Line; readonly log: readonly string[] }[],
  maxLog: number,
): RichTextBlock | null {
  const elements: RichTextBlock['elements'] = []
  let said: Line[] = []
  const flush = (): void => {
    elements.push(...(richText(said)?.elements ?? []))
    said = []
  }
  for (const { line, log } of lines) {
    said.push(line)
    const block = preformatted(log, maxLog)
    if (!block) continue
    flush()
    elements.push(...block.elements)
  }
  flush()
  return elements.length === 0 ? null : { type: 'rich_text', elements }
}
/** What a step printed: the last lines that fit. */
export function preformatted(lines: readonly string[], max: number): RichTextBlock | null {
  const kept: string[] = []
  let left = max
  for (const text of lines.toReversed()) {
    const shown = cut(text, 400)
    if (shown.length + 1 > left) break
    kept.unshift(shown)
    left -= shown.length + 1
  }
  const text = kept.join('\n')
  return text.trim() === ''
    ? null
    : { type: 'rich_text', elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text }] }] }
}
export type Blocks = KnownBlock[]
