import { Api } from 'grammy'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bold, code, line, link, plain, quiet, time, type Card, type PlacedCard } from '../../bot/core/card.ts'
import { askCard } from '../../bot/core/cards/ask.ts'
import { attentionCard } from '../../bot/core/cards/attention.ts'
import { taskCard } from '../../bot/core/cards/task.ts'
import type { AskData, AttentionNode, AttentionTask, TaskData } from '../../bot/core/queries/index.ts'
import { askSample, attentionSample, taskSample, threadSample } from '../../bot/core/test/samples.ts'
import { textsFor } from '../../bot/core/texts.ts'
import { messagesOver, type Messages } from '../../bot/telegram/port.ts'
import { drawCard } from '../../bot/telegram/render.ts'
import { haveEmulators } from '../emulators.ts'
import { inChat, labelsOf, startTelegramEmulator, type TelegramEmulator, type TgPerson } from './telegram-support.ts'

const manner = { language: 'en', timeZone: 'Europe/Berlin' }
const now = Date.parse('2026-11-21T14:10:00Z')
const placed = (card: Card): PlacedCard => ({
  ...card,
  actions: card.actions.map((action, n) => ({ ...action, token: `token-${n}-abcdefghijklmnop` })),
})
/** The five cards out of API data, and a thread's page. */
function cards(language: string): Card[] {
  const view = { texts: textsFor(language), shared: false, now }
  const failed = attentionSample()
  return [
    taskCard(view, taskSample() as unknown as TaskData),
    taskCard(view, taskSample({ phase: 'SUCCEEDED', endedAt: '2026-11-21T14:18:00Z' }) as unknown as TaskData),
    attentionCard(view, failed as unknown as AttentionTask, failed.node as unknown as AttentionNode),
    attentionCard(
      { ...view, shared: true },
      failed as unknown as AttentionTask,
      failed.node as unknown as AttentionNode,
    ),
    askCard(view, askSample() as unknown as AskData),
    threadSample(language, 'a <b> & *c*', { shared: false }),
    threadSample(language, '/srv @web', { shared: true }),
  ]
}

describe.skipIf(!haveEmulators)('cards in Telegram', () => {
  let emulator: TelegramEmulator
  let ann: TgPerson
  let messages: Messages
  beforeAll(async () => {
    emulator = await startTelegramEmulator({ rateLimits: false })
    ann = emulator.addUser()
    ann.start()
    messages = messagesOver(new Api(emulator.token, { apiRoot: emulator.apiRoot }))
  })
  afterAll(() => emulator.stop())
  const post = async (card: Card) => {
    const { message } = await messages.post({ chat: ann.id, thread: null }, drawCard(placed(card), manner))
    const shown = inChat(emulator, ann).find(({ message_id: id }) => id === message)
    if (!shown) throw new Error('not posted')
    return shown
  }

  test.each(['en', 'zh'])('each of the five is taken as it is drawn, in %s', async (language) => {
    for (const card of cards(language)) {
      const shown = await post(card)
      expect(shown.text).toContain(card.title)
      expect(labelsOf(shown)[0]).toBe(card.actions[0]?.label)
    }
    emulator.log.assertClean()
    expect(emulator.log.filter(({ kind, status }) => kind === 'api' && status !== 200)).toEqual([])
  })

  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      '<b>',
      '</pre>',
      '&lt;&amp;',
      '<tg-time unix="1">',
      '/srv/data',
      '@web',
      '[x](y)',
      '*_`~',
      '\u0000\ud83d',
      'x'.repeat(5000),
      '发布'.repeat(900),
      '',
    ),
  )
  const span = fc.oneof(
    nasty.map(plain),
    nasty.map(bold),
    nasty.map(code),
    nasty.map(quiet),
    fc
      .tuple(nasty, fc.constantFrom('https://a.example/?x=1&y="2"', 'http://127.0.0.1:1', 'javascript:alert(1)', ''))
      .map(([text, url]) => link(text, url)),
    fc.integer({ min: 0, max: 2e12 }).map((at) => time(at)),
  )
  const lines = fc.array(fc.array(span, { maxLength: 4 }), { maxLength: 8 })
  const anyCard: fc.Arbitrary<Card> = fc.record({
    kind: fc.constant('message' as const),
    summary: nasty,
    banner: fc.option(nasty),
    mark: fc.constantFrom('running' as const, null),
    title: nasty.map((text) => `T${text}`),
    lines,
    progress: fc.option(fc.record({ done: fc.nat(2000), total: fc.nat(2000), text: nasty })),
    timeline: fc.array(
      fc.record({
        mark: fc.constantFrom('todo' as const, 'failed' as const, null),
        line: fc.array(span, { maxLength: 3 }),
        log: fc.array(nasty, { maxLength: 20 }),
      }),
      { maxLength: 40 },
    ),
    facts: fc.array(fc.record({ title: nasty, text: nasty }), { maxLength: 40 }),
    advice: fc.option(fc.record({ title: nasty, text: nasty })),
    log: fc.array(nasty, { maxLength: 40 }),
    outcome: fc.option(fc.array(span, { maxLength: 3 }).map((spans) => line('Done ', ...spans))),
    notes: lines,
    actions: fc.array(
      fc.record({
        label: nasty,
        style: fc.constantFrom('primary' as const, 'plain' as const, 'danger' as const),
        target: fc.constant({ verb: 'open' }),
        confirm: fc.constant(null),
      }),
      { maxLength: 30 },
    ),
  })
  test('whatever people, scripts and hosts write into a card, Telegram takes it at the first try', async () => {
    await fc.assert(
      fc.asyncProperty(anyCard, async (card) => {
        const since = emulator.log.mark()
        await post(card)
        expect(emulator.log.filter(({ kind, status }) => kind === 'api' && status !== 200, since)).toEqual([])
      }),
      { numRuns: 150 },
    )
    emulator.log.assertClean()
  })
})
