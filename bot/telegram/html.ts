/**
 * Telegram's HTML: four characters to escape, lengths in UTF-16 units of what is left after parsing.
 * Nothing a person or a script wrote becomes markup, a link to a stranger or a command.
 */
const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Control characters and halves of surrogate pairs make Telegram refuse the whole message. */
export const clean = (text: string): string =>
  text.toWellFormed().replace(/[\p{Cc}\u2028\u2029]/gu, (one) => (one === '\n' || one === '\t' ? one : ''))

export const escape = (text: string): string =>
  clean(text).replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character)

/** Telegram finds commands and mentions by itself: `/srv` would become a command to tap, `@web` a link to a stranger. */
const FOUND_BY_ITSELF = /(^|[\s([{«“「（：，、;,:])([/@][A-Za-z0-9_]{1,64}(?:[/@.\-\w]*\w)?)/g
export const prose = (text: string): string => {
  let html = ''
  let from = 0
  for (const hit of clean(text).matchAll(FOUND_BY_ITSELF)) {
    const [all, before = '', token = ''] = hit
    html += escape(clean(text).slice(from, hit.index)) + escape(before) + tag('code', escape(token))
    from = hit.index + all.length
  }
  return html + escape(clean(text).slice(from))
}

/** Telegram refuses nothing for an empty tag, but an app may draw it. */
export const tag = (name: 'b' | 'i' | 'code' | 'pre' | 'blockquote', inner: string): string =>
  inner === '' ? '' : `<${name}>${inner}</${name}>`
export const anchor = (text: string, url: string): string => `<a href="${escape(url)}">${escape(text)}</a>`
/** Drawn in the reader's own zone; apps that do not know it show `fallback`. */
export const clock = (atMs: number, format: 't' | 'Dt', fallback: string): string =>
  `<tg-time unix="${Math.floor(atMs / 1000)}" format="${format}">${escape(fallback)}</tg-time>`

/** The text without markup, as Telegram counts it. */
export const visible = (html: string): string =>
  html
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
export const lengthOf = (html: string): number => visible(html).length
export const entitiesOf = (html: string): number => html.match(/<[a-z]/g)?.length ?? 0

/** At most `max` UTF-16 units, whole characters, "…" where something was left out. */
export function clip(text: string, max: number): string {
  if (text.length <= max) return text
  let kept = ''
  for (const { segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(
    text.slice(0, max + 16),
  )) {
    if (kept.length + segment.length > max - 1) break
    kept += segment
  }
  return kept.trimEnd() + '…'
}

/** Lines of one message; when they are too many, those in the middle go first. */
export function fit(head: readonly string[], middle: readonly string[], tail: readonly string[], max: number): string {
  for (let left = middle.length; ; left -= 1) {
    const kept = left === middle.length ? middle : [...middle.slice(0, left), '…']
    const html = [...head, ...kept, ...tail].join('\n')
    if (lengthOf(html) <= max || left <= 0) return html
  }
}

/** Pieces of at most `max` units, cut at line ends where there are any. For plain text, before it is escaped. */
export function split(text: string, max: number): readonly string[] {
  const pieces: string[] = []
  let rest = clean(text)
  while (rest.length > max) {
    const atLine = rest.lastIndexOf('\n', max)
    let cut = atLine > max / 2 ? atLine : max
    if (cut === max && /[\ud800-\udbff]/.test(rest.charAt(cut - 1))) cut -= 1 // never through a surrogate pair
    pieces.push(rest.slice(0, cut))
    rest = rest.slice(cut).replace(/^\n/, '')
  }
  return rest === '' && pieces.length > 0 ? pieces : [...pieces, rest]
}
