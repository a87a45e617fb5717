import { describe, expect, test } from 'vitest'
import { blockKit, haveEmulators } from '../../test/emulators.ts'
import {
  BLANK,
  bold,
  line,
  person,
  plain,
  time,
  type Card,
  type Field,
  type Form,
  type PlacedCard,
} from '../core/card.ts'
import { askCard } from '../core/cards/ask.ts'
import { attentionCard } from '../core/cards/attention.ts'
import { taskCard } from '../core/cards/task.ts'
import type { AskData, AttentionNode, AttentionTask, TaskData } from '../core/queries/index.ts'
import { askSample, attentionSample, taskSample, threadSample } from '../core/test/samples.ts'
import { textsFor } from '../core/texts.ts'
import { answersOf } from './answers.ts'
import { renderCard } from './render-card.ts'
import { formView, linkView, loadingView, menuView, reviewView, toldView } from './render-form.ts'

const NOW = Date.parse('2026-11-21T14:10:00Z')
const place = (card: Card): PlacedCard => ({
  ...card,
  actions: card.actions.map((action, n) => ({ ...action, token: `token-${n}-abcdefghijklmnop` })),
})
const long = 'wörd '.repeat(4000)
const cards = (language: string, much = ''): Card[] => {
  const view = { texts: textsFor(language), shared: false, now: NOW }
  const lines = Array.from({ length: 20 }, (_, n) => ({
    at: '2026-11-21T14:11:03Z',
    text: `line ${n} ${much}`,
    stream: 'STDOUT',
  }))
  const failed = attentionSample(
    {
      headline: `Deploy failed ${much}`,
      causeText: `Disk full ${much}`,
      advice: `Clear it ${much}`,
      log: { total: 20, lines },
    },
    {
      title: `Release ${much}`,
      cardFacts: Array.from({ length: 40 }, (_, n) => ({
        key: `f${n}`,
        title: `Fact ${n} ${much}`,
        text: `value ${much}`,
      })),
    },
  )
  const task = taskSample({
    title: `Release ${much}`,
    steps: taskSample().steps.map((step) => ({ ...step, title: `${step.title} ${much}`, text: much })),
  })
  return [
    taskCard(view, task as unknown as TaskData),
    taskCard(
      view,
      taskSample({
        phase: 'SUCCEEDED',
        endedAt: '2026-11-21T14:18:00Z',
        title: `x ${much}`,
        results: [
          { title: 'a', text: much },
          { title: 'b', text: '2' },
        ],
      }) as unknown as TaskData,
    ),
    attentionCard(view, failed as unknown as AttentionTask, failed.node as unknown as AttentionNode),
    attentionCard(
      { ...view, shared: true },
      failed as unknown as AttentionTask,
      failed.node as unknown as AttentionNode,
    ),
    askCard(
      view,
      askSample({
        title: `Release? ${much}`,
        text: `Really? ${much}`,
        facts: Array.from({ length: 40 }, (_, n) => ({ key: `f${n}`, title: `F ${n}`, text: `v ${much}` })),
      }) as unknown as AskData,
    ),
    threadSample(language, much, { shared: false }),
    threadSample(language, much, { shared: true }),
  ]
}

test('what a step printed stands beneath the line that tells of it, in a block of its own', () => {
  const { blocks } = renderCard(place(threadSample('en', '*x*', { shared: false })))
  const [body] = blocks
  expect(body?.type === 'rich_text' && body.elements.slice(0, 2).map(({ type }) => type)).toEqual([
    'rich_text_section',
    'rich_text_preformatted',
  ])
  expect(JSON.stringify(body)).toContain('printed 0 *x*')
})
describe.skipIf(!haveEmulators)('inside Slack limits', () => {
  test.each([
    { much: 'a little' },
    { much: long },
    { much: '<@U1> *bold* `code` & <!channel> :boom: "quotes" \u202e' },
  ])('every card, also with absurd texts', async ({ much }) => {
    const { message } = await blockKit()
    for (const language of ['en', 'zh']) {
      for (const card of cards(language, much)) {
        const { text, blocks } = renderCard(place(card))
        expect(message(blocks)).toEqual([])
        expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(13_200)
        expect(text.length).toBeGreaterThan(0)
        expect(text.length).toBeLessThanOrEqual(4000)
      }
    }
  })
  test.each([{ much: 'short' }, { much: long }])('every view, with every kind of field', async ({ much }) => {
    const { view } = await blockKit()
    const texts = textsFor('en')
    const card = place({ ...(cards('en', much)[0] as Card) })
    for (const modal of [
      loadingView(texts),
      toldView(texts, [line(much)]),
      menuView(texts, card),
      linkView(texts, [line(much)], much, 'https://baton.example/x'),
      formView(texts, formOf(much), '{}'),
      reviewView(
        { title: much, facts: [{ title: much, text: much }], notes: [line(much)], submit: 'Launch', back: 'Back' },
        '{}',
      ),
    ]) {
      expect(view(modal, 'modal')).toEqual([])
    }
  })
})

const fieldOf = (extra: Partial<Field>): Field => ({
  key: 'k',
  label: 'Label',
  help: null,
  widget: 'line',
  required: true,
  value: null,
  valueText: '',
  options: [],
  dependsOn: [],
  redraws: false,
  min: null,
  max: null,
  minLength: null,
  maxLength: null,
  rows: null,
  error: null,
  fix: null,
  ...extra,
})
const options = ['staging', 'production'].map((value) => ({ id: `=${value}`, title: value, value }))
function formOf(much: string): Form {
  const fields = [
    fieldOf({ key: 'line', value: much, error: 'not a version', fix: 'v2.14.0', maxLength: 10_000 }),
    fieldOf({ key: 'lines', widget: 'lines', value: much, help: much, label: much }),
    fieldOf({ key: 'int', widget: 'integer', value: 3, min: 1, max: 9 }),
    fieldOf({ key: 'num', widget: 'number', value: 'nonsense' }),
    fieldOf({ key: 'bool', widget: 'yesno', value: true }),
    fieldOf({ key: 'env', widget: 'choice', value: 'staging', options, redraws: true }),
    fieldOf({
      key: 'gone',
      widget: 'choice',
      value: 'vanished',
      options: options.map((one) => ({ ...one, title: much })),
    }),
    fieldOf({ key: 'hosts', widget: 'choices', value: ['staging', 'x'], options, dependsOn: ['env'] }),
    fieldOf({ key: 'find', widget: 'search', value: { deep: much }, options: [] }),
    fieldOf({ key: 'finds', widget: 'searches', value: ['a', 'a', 'b'] }),
    fieldOf({ key: 'date', widget: 'date', value: '2026-11-21' }),
    fieldOf({ key: 'time', widget: 'time', value: '14:02' }),
    fieldOf({ key: 'when', widget: 'datetime', value: '2026-11-21T14:02:00Z' }),
    fieldOf({ key: 'list', widget: 'list', value: ['a', 'b'] }),
    fieldOf({ key: 'fixed', widget: 'shown', valueText: much }),
  ]
  return {
    title: `Release the whole web shop ${much}`,
    intro: [line(much)],
    fields,
    submit: 'Review',
    cancel: 'Cancel',
    review: true,
    danger: false,
    notes: [line(bold('REHEARSAL')), line(much)],
    onPhone: ['Token'],
  }
}

describe('what people typed stays what they typed', () => {
  const card = (text: string): PlacedCard => ({
    ...(cards('en')[0] as Card),
    title: text,
    lines: [line(text)],
    facts: [{ title: 'Fact', text }],
    notes: [line(text, ' ', time(NOW))],
    summary: text,
    actions: [],
  })
  test.each([
    '<!channel> everybody',
    '*not bold* _nor this_',
    '`code` ~gone~',
    '> quoted',
    ':boom: <https://evil.example|innocent>',
  ])('%s', (typed) => {
    const { text, blocks } = renderCard(card(typed))
    expect(text).not.toMatch(/<[!@#h]/)
    for (const block of blocks) {
      const markup = [...JSON.stringify(block).matchAll(/\{"type":"mrkdwn","text":"((?:[^"\\]|\\.)*)"/g)].map(
        ([, found]) => found ?? '',
      )
      for (const found of markup) expect(found).not.toMatch(/<[!@#h](?!.*\^)|\*not bold|`code|:boom:/)
    }
    expect(JSON.stringify(blocks)).toContain(JSON.stringify(typed).slice(1, -1))
  })
  test('a time is drawn in the reader’s own zone', () =>
    expect(JSON.stringify(renderCard(card('x')).blocks)).toContain(`<!date^${NOW / 1000}^{time}|2026-11-21 14:10 UTC>`))
  test('a link is one only to http', () =>
    expect(
      JSON.stringify(
        renderCard({ ...card('x'), lines: [[{ kind: 'link', text: 'click', url: 'javascript:alert(1)' }, plain(' ')]] })
          .blocks,
      ),
    ).not.toContain('javascript'))
})

test('what comes back from a form is read by each field’s widget', () => {
  const state = {
    line: { line: { type: 'plain_text_input', value: ' v1 ' } },
    int: { int: { type: 'number_input', value: '3' } },
    bool: { bool: { type: 'radio_buttons', selected_option: { value: 'false' } } },
    env: { env: { type: 'static_select', selected_option: { value: '=production' } } },
    'hosts:AbCd_-12': {
      hosts: { type: 'multi_static_select', selected_options: [{ value: '=web-1' }, { value: '~{"a":1}' }] },
    },
    when: { when: { type: 'datetimepicker', selected_date_time: 1_795_000_000 } },
    list: { list: { type: 'plain_text_input', value: 'a\n\n b ' } },
    empty: { empty: { type: 'plain_text_input', value: null } },
    unknown: { unknown: { type: 'plain_text_input', value: 'smuggled' } },
  }
  const asked = [
    ['line', 'line'],
    ['int', 'integer'],
    ['bool', 'yesno'],
    ['env', 'choice'],
    ['hosts', 'choices'],
    ['when', 'datetime'],
    ['list', 'list'],
    ['empty', 'line'],
  ] as const
  expect(
    answersOf(
      state,
      asked.map(([key, widget]) => ({ key, widget })),
    ),
  ).toEqual({
    line: 'v1',
    int: 3,
    bool: false,
    env: 'production',
    hosts: ['web-1', { a: 1 }],
    when: new Date(1_795_000_000_000).toISOString(),
    list: ['a', 'b'],
    empty: null,
  })
})

describe('calling people', () => {
  const called = (name: string, user: string, said = 'Asked: ') =>
    JSON.stringify(
      renderCard({
        ...BLANK,
        actions: [],
        title: 'x',
        notes: [[plain(said), { ...person({ id: 'p', name }), user } as never]],
      }).blocks,
    )
  test('by the account that the server named, in small type', () => {
    expect(called('Li Wei', 'U0LI')).toContain('Asked: <@U0LI>')
  })
  test('also beside what small type cannot show', () => {
    expect(called('Li Wei', 'U0LI', 'Asked *now*: ')).toContain('{"type":"user","user_id":"U0LI"}')
  })
  test.each(['<!channel>', '<@U0MALLORY>', 'Li|x>', '<!subteam^S1>', '<#C1>'])(
    'never by what is typed: %s',
    (typed) => {
      const shown = JSON.stringify(
        renderCard({
          ...BLANK,
          actions: [],
          title: typed,
          summary: typed,
          facts: [{ title: typed, text: typed }],
          lines: [line(typed)],
          notes: [[plain(typed), person({ id: 'p', name: typed })]],
        }),
      )
      expect(shown).not.toMatch(/"type":"(user|usergroup|broadcast|channel)"/)
      const marked = [...shown.matchAll(/"type":"mrkdwn","text":"([^"]*)"/g)].map(([, text]) => text).join(' ')
      expect(marked).not.toMatch(/<[@!#]/)
      expect((JSON.parse(shown) as { text: string }).text).not.toMatch(/<[@!#]/)
      expect(called('Li', typed)).not.toMatch(/<[@!#]|user_id/)
    },
  )
})
