import type { Language } from '../texts.ts'
import { mailWords } from './words.ts'

/** What a mail says, in its reader's language. */
export interface Letter {
  readonly language: Language
  readonly title: string
  readonly lines: readonly string[]
  readonly facts: readonly { readonly title: string; readonly text: string }[]
  /** The one way to it. */
  readonly link: { readonly label: string; readonly url: string }
}
export interface Written {
  readonly subject: string
  readonly text: string
  readonly html: string
}
/** RFC 5322 lets a line be this long; a subject is read on a phone. */
const MAX_SUBJECT = 150

/** The same words twice: as plain text, and as HTML that any mail program shows. Nothing is loaded from anywhere, and nothing in a value is markup. */
export function write({ language, title, lines, facts, link }: Letter): Written {
  const { why } = mailWords(language)
  const colon = language === 'zh' ? '：' : ': '
  const listed = facts.map((fact) => `${fact.title}${colon}${fact.text}`)
  const text = [lines.join('\n'), listed.join('\n'), `${link.label}${colon}${link.url}`, `-- \n${why}`]
    .filter((part) => part !== '')
    .join('\n\n')
  const rows = facts.map((fact) => `<tr><td style="${TERM}">${escaped(fact.title)}</td><td style="${VALUE}">${broken(fact.text)}</td></tr>`) // prettier-ignore
  const html = [
    `<!doctype html><html lang="${language === 'zh' ? 'zh-Hans' : 'en'}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${escaped(title)}</title></head>`,
    `<body style="${BODY}"><h1 style="${TITLE}">${escaped(title)}</h1>`,
    ...lines.map((line) => `<p style="${LINE}">${broken(line)}</p>`),
    rows.length > 0 ? `<table role="presentation" style="${TABLE}">${rows.join('')}</table>` : '',
    `<p style="${LINE}"><a href="${escaped(link.url)}" style="${LINK}">${escaped(link.label)}</a></p>`,
    `<p style="${SMALL}">${escaped(why)}</p></body></html>`,
  ].join('\n')
  return { subject: oneLine(title).slice(0, MAX_SUBJECT), text, html }
}
const BODY = 'margin:0;padding:24px;font:16px/1.5 -apple-system,Segoe UI,Roboto,PingFang SC,Microsoft YaHei,sans-serif'
const TITLE = 'margin:0 0 12px;font-size:20px;line-height:1.3'
const LINE = 'margin:0 0 12px;white-space:pre-line'
const TABLE = 'margin:0 0 16px;border-collapse:collapse'
const TERM = 'padding:2px 16px 2px 0;vertical-align:top;opacity:.7'
const VALUE = 'padding:2px 0;vertical-align:top'
const LINK = 'display:inline-block;padding:12px 20px;border-radius:14px;background:#17181C;color:#FFFFFF;text-decoration:none;font-weight:600' // prettier-ignore
const SMALL = 'margin:24px 0 0;font-size:13px;opacity:.7'

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replace(/[&<>"']/g, (letter) => ESCAPES[letter]!)
/** A mail program makes links of what looks like one; only ours is meant to be pressed. */
const broken = (text: string): string => escaped(text).replace(/(https?):\/\//gi, '$1:&#8203;//')
// A header ends at a line break, whatever put it there.
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
