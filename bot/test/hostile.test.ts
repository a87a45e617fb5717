/** Whatever people call things, and whatever scripts print, stands on cards as it was written: it calls nobody, leads nowhere and is no markup. */
import { describe, expect, test } from 'vitest'
import type { Card, PlacedCard } from '../core/card.ts'
import { askCard } from '../core/cards/ask.ts'
import { attentionCard } from '../core/cards/attention.ts'
import { taskCard } from '../core/cards/task.ts'
import type { AskData, AttentionNode, AttentionTask, TaskData } from '../core/queries/index.ts'
import { askSample, attentionSample, taskSample } from '../core/test/samples.ts'
import { textsFor } from '../core/texts.ts'
import { renderCard } from '../slack/render-card.ts'
import { drawCard } from '../telegram/render.ts'

const HOSTILE = [
  '<!channel> <!here> <!subteam^S0EVIL>',
  '<@U0MALLORY> @channel @everyone',
  '<https://evil.example|Approve>',
  '<a href="https://evil.example">Approve</a>',
  '<b onclick="x()">bold</b><script>alert(1)</script>',
  '</blockquote></pre><tg-spoiler>x</tg-spoiler>',
  '[Approve](https://evil.example) ![x](https://evil.example/x.png)',
  '*bold* _it_ ~no~ `code` :tada: > quote',
  '&lt;!channel&gt; &amp;lt;',
  'tg://user?id=42 /stop @BotFather',
  'two\nlines\r\n\u202eright to left\u0000',
]
const WRITTEN: ReadonlySet<string> = new Set(['text', 'title', 'name', 'label', 'summary', 'banner', 'yes', 'no'])
/** The same card with everything that somebody may have written in it replaced. */
function filled(value: unknown, hostile: string, key = ''): unknown {
  if (typeof value === 'string') return WRITTEN.has(key) || key === 'log' || key === 'lines' ? hostile : value
  if (Array.isArray(value)) return value.map((one) => filled(one, hostile, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, hostile, name)]))
}
const view = { texts: textsFor('en'), shared: false, now: Date.parse('2026-11-21T14:10:00Z') }
const failed = attentionSample()
const CARDS: readonly Card[] = [
  taskCard(view, taskSample() as unknown as TaskData),
  attentionCard(view, failed as unknown as AttentionTask, failed.node as unknown as AttentionNode),
  askCard(view, askSample() as unknown as AskData),
]
const cardsOf = (hostile: string): PlacedCard[] =>
  CARDS.map((card) => {
    const made = filled({ ...card, banner: 'x', log: card.log.length > 0 ? card.log : ['x'] }, hostile) as Card // the same shape
    return {
      ...made,
      actions: made.actions.map((action, at) => ({ ...action, token: `token-${at}-abcdefghijklmnop` })),
    }
  })

/** Every object in it. */
function* parts(value: unknown): Iterable<Readonly<Record<string, unknown>>> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield value as Readonly<Record<string, unknown>>
  for (const one of Object.values(value)) yield* parts(one)
}

describe.each(HOSTILE)('%j', (hostile) => {
  test('is no markup in Slack', () => {
    for (const card of cardsOf(hostile)) {
      const { text, blocks } = renderCard(card)
      const marked = [...parts(blocks)].filter(({ type }) => type === 'mrkdwn').map((part) => String(part['text']))
      for (const one of [text, ...marked]) {
        // What begins an entity there is ours: a date, or a link to Baton.
        const entities = [...one.matchAll(/<([^>]*)>?/g)].map(([, inside]) => inside!)
        expect(
          entities.filter((inside) => !/^(!date\^\d+\^|https?:\/\/(127\.0\.0\.1|baton\.example))/.test(inside)),
        ).toEqual([])
      }
      for (const one of marked) expect(one).not.toMatch(/\*bold\*|_it_|~no~|`code`|:tada:/)
      const kinds = [...parts(blocks)].map(({ type }) => type)
      for (const calls of ['user', 'usergroup', 'broadcast', 'channel', 'emoji']) expect(kinds).not.toContain(calls)
      for (const { url } of parts(blocks)) if (url !== undefined) expect(String(url)).not.toContain('evil.example')
    }
  })
  test('is no markup in Telegram', () => {
    for (const card of cardsOf(hostile)) {
      const { html, keyboard } = drawCard(card, { language: 'en', timeZone: 'Europe/Berlin' })
      const tags = [...html.matchAll(/<[^>]*>/g)].map(([tag]) => tag)
      const ours =
        /^<\/?(b|i|code|pre|blockquote|a|tg-time)>$|^<blockquote expandable>$|^<tg-time unix="\d+" format="\w+">$|^<a href="https?:\/\/(127\.0\.0\.1|baton\.example)[^"]*">$/
      expect(tags.filter((tag) => !ours.test(tag))).toEqual([])
      expect(html.replace(/<[^>]*>/g, '')).not.toMatch(/[<>]/)
      expect(JSON.stringify(keyboard)).not.toMatch(/"url":"[^"]*evil/)
      // A command or a name that Telegram would find by itself stands as code, or is a link of ours already.
      const loose = html.replace(/<a [^>]*>[^<]*<\/a>|<code>[^<]*<\/code>|<pre>[\s\S]*?<\/pre>/g, '')
      expect(loose).not.toMatch(/(^|\s)\/stop\b|(^|\s)@BotFather\b/)
    }
  })
})
