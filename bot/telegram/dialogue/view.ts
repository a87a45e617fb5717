import type { InlineKeyboardButton } from 'grammy/types'
import type { Field, Form, FormOption, Line, Review } from '../../core/card.ts'
import type { Texts } from '../../core/texts.ts'
import { clip, escape, fit, prose, tag } from '../html.ts'
import { limits } from '../limits.ts'
import { clipLine, inRows, labelOf, lineHtml, type Drawn, type Manner } from '../render.ts'
import type { TelegramTexts } from '../texts.ts'
import { askable, fieldAt, wantsText, type Act, type Dialogue } from './dialogue.ts'

/** A form's message before its buttons have tokens. */
export interface View {
  readonly html: string
  readonly rows: readonly (readonly FormButton[])[]
  /** What a reply is wanted for, where the bot hears only replies. */
  readonly asks: { readonly text: string; readonly placeholder: string } | null
}
export interface FormButton {
  readonly text: string
  readonly act: Act
  readonly style?: 'primary' | 'success' | 'danger'
}
export interface Words {
  readonly texts: Texts
  readonly own: TelegramTexts
  readonly manner: Manner
  /** In groups people reply; in private they just type. */
  readonly inGroup: boolean
  /** For "today": ms since the epoch. */
  readonly now: number
}
const PAGE = 8

export function viewOf(
  dialogue: Dialogue,
  form: Form,
  options: readonly FormOption[],
  review: Review | null,
  words: Words,
): View {
  switch (dialogue.step.at) {
    case 'field': {
      const field = fieldAt(form, dialogue)
      return field ? question(dialogue, form, field, options, words) : pick(form, words)
    }
    case 'pick':
      return pick(form, words)
    case 'review':
      return review ? checked(dialogue, form, review, words) : overview(dialogue, form, words)
  }
}

function question(dialogue: Dialogue, form: Form, field: Field, options: readonly FormOption[], words: Words): View {
  const { texts, own } = words
  const all = askable(form)
  const n = all.findIndex(({ key }) => key === field.key) + 1
  const problem = dialogue.problems.find((one) => one.field === field.key)
  const text = wantsText(field) && field.widget !== 'searches' && field.widget !== 'search'
  const hint = text
    ? words.inGroup
      ? own.replyWithIt
      : own.typeIt
    : field.widget.startsWith('search')
      ? own.typeToSearch
      : ''
  const optional = field.required ? '' : ` (${texts.optional})`
  const html = fit(
    [
      tag('b', prose(clip(form.title, 300))) + (all.length > 1 ? `  ${escape(own.step(n, all.length))}` : ''),
      ...linesOf(form.intro, words),
    ],
    all
      .filter(({ key }) => key !== field.key && dialogue.settled.includes(key))
      .map((one) => factLine(one.label, shown(one, texts), texts)),
    [
      ...(problem ? [`⚠️ ${prose(clip(problem.message, 500))}`] : []),
      `${tag('b', prose(clip(field.label, 200)))}${escape(optional)}`,
      ...(field.help ? [prose(clip(field.help, 600))] : []),
      ...(dialogue.search !== '' && options.length === 0 ? [prose(own.nothingFound(clip(dialogue.search, 60)))] : []),
      ...(hint ? [tag('i', escape(hint))] : []),
    ],
    limits.text,
  )
  const fix = problem?.fix ?? null
  const rows: FormButton[][] = [
    ...(fix === null ? [] : [[button(texts.form.use(fix), { do: 'choose', value: fix }, 'primary')]]),
    ...widgetRows(dialogue, field, options, words),
    ...leaveRows(dialogue, field, problem !== undefined, options, words),
    [
      ...(canGoBack(dialogue)
        ? [button(`‹ ${texts.form.back}`, dialogue.changing ? { do: 'review' } : { do: 'back' })]
        : []),
      button(texts.form.cancel, { do: 'cancel' }),
    ],
  ]
  return {
    html,
    rows,
    asks: wantsText(field) ? { text: field.label, placeholder: field.label } : null,
  }
}
const canGoBack = (dialogue: Dialogue): boolean => dialogue.changing || dialogue.trail.length > 1
const button = (text: string, act: Act, style?: FormButton['style']): FormButton => ({
  text: labelOf(text),
  act,
  ...(style && { style }),
})
const shown = (field: Field, texts: Texts): string => (field.valueText === '' ? texts.form.empty : field.valueText)
const factLine = (label: string, value: string, texts: Texts): string =>
  `${prose(clip(label, 80))}${escape(texts.colon)}${prose(clip(value, 200))}`

function widgetRows(dialogue: Dialogue, field: Field, options: readonly FormOption[], words: Words): FormButton[][] {
  const { texts, own } = words
  const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
  switch (field.widget) {
    case 'yesno':
      return [[button(texts.yes, { do: 'choose', value: true }), button(texts.no, { do: 'choose', value: false })]]
    case 'choice':
    case 'search':
      return paged(dialogue, options, own, (option) =>
        button(same(option.value, field.value) ? `• ${option.title}` : option.title, {
          do: 'choose',
          value: option.value,
        }),
      )
    case 'choices':
    case 'searches': {
      const ticked = (value: unknown) => dialogue.ticked.some((one) => same(one, value))
      return [
        ...paged(dialogue, options, own, (option) =>
          button(`${ticked(option.value) ? '☑' : '☐'} ${option.title}`, { do: 'toggle', value: option.value }),
        ),
        ...(dialogue.ticked.length > 0
          ? [[button(own.chosen(dialogue.ticked.length), { do: 'done' }, 'primary')]]
          : []),
      ]
    }
    case 'date': {
      const day = (ahead: number) => dayIn(words.manner.timeZone, words.now + ahead * 86_400_000)
      return [
        [
          button(`${own.today} ${day(0)}`, { do: 'choose', value: day(0) }),
          button(`${own.tomorrow} ${day(1)}`, { do: 'choose', value: day(1) }),
        ],
      ]
    }
    default:
      return []
  }
}
/** `2026-11-21` in that zone. */
function dayIn(timeZone: string | null, at: number): string {
  try {
    return new Intl.DateTimeFormat('sv-SE', { timeZone: timeZone ?? 'UTC' }).format(at)
  } catch {
    return new Date(at).toISOString().slice(0, 10)
  }
}
function paged(
  dialogue: Dialogue,
  options: readonly FormOption[],
  own: TelegramTexts,
  draw: (option: FormOption) => FormButton,
): FormButton[][] {
  const from = Math.min(dialogue.page, Math.max(0, Math.ceil(options.length / PAGE) - 1)) * PAGE
  const here = options.slice(from, from + PAGE).map(draw)
  const turn = [
    ...(from > 0 ? [button(own.previousPage, { do: 'page', to: from / PAGE - 1 })] : []),
    ...(from + PAGE < options.length ? [button(own.nextPage, { do: 'page', to: from / PAGE + 1 })] : []),
  ]
  return [...pairs(here), ...(turn.length > 0 ? [turn] : [])]
}
const pairs = (buttons: readonly FormButton[]): FormButton[][] => {
  const shape = inRows(buttons.map(({ text }): InlineKeyboardButton => ({ text, callback_data: '-' })))
  let at = 0
  return shape.map((row) => buttons.slice(at, (at += row.length)))
}
/** Goes on with the value that is there; a list marks it already. */
function leaveRows(
  dialogue: Dialogue,
  field: Field,
  wrong: boolean,
  options: readonly FormOption[],
  { own }: Words,
): FormButton[][] {
  const has = field.value !== null && field.valueText !== ''
  const listed =
    options.some(({ value }) => JSON.stringify(value) === JSON.stringify(field.value)) || field.widget === 'yesno'
  const ticks = field.widget === 'choices' || field.widget === 'searches'
  const empty = dialogue.session.kind === 'press' && field.key === '.note' ? own.noReason : own.leaveEmpty
  return [
    ...(has && !wrong && !listed && !ticks
      ? [[button(own.keep(clip(field.valueText, 24)), { do: 'leave' }, 'primary')]]
      : []),
    ...(field.required ? [] : [[button(empty, has ? { do: 'choose', value: null } : { do: 'leave' })]]),
  ]
}

function pick(form: Form, { texts, own }: Words): View {
  const facts = askable(form).map((field) => factLine(field.label, shown(field, texts), texts))
  const html = fit([tag('b', prose(clip(form.title, 300)))], facts, [prose(own.whichChange)], limits.text)
  const fields = askable(form).map((field) => button(field.label, { do: 'change', key: field.key }))
  return { html, rows: [...pairs(fields), [button(`‹ ${texts.form.back}`, { do: 'review' })]], asks: null }
}

/** Everything once more, as the server worded it. */
function checked(dialogue: Dialogue, form: Form, review: Review, words: Words): View {
  const facts = review.facts.map((fact) => factLine(fact.title, fact.text, words.texts))
  const html = fit([tag('b', prose(clip(review.title, 300)))], facts, linesOf(review.notes, words), limits.text)
  return { html, rows: sendRows(dialogue, form, review.submit, words), asks: null }
}
function overview(dialogue: Dialogue, form: Form, words: Words): View {
  const facts = form.fields.map((field) => factLine(field.label, shown(field, words.texts), words.texts))
  const problems = dialogue.problems.slice(0, 5).map(({ message }) => `⚠️ ${prose(clip(message, 300))}`)
  const head = [tag('b', prose(clip(form.title, 300))), ...linesOf(form.intro, words)]
  const html = fit(head, facts, [...problems, ...linesOf(form.notes, words)], limits.text)
  return { html, rows: sendRows(dialogue, form, form.submit, words), asks: null }
}
const linesOf = (lines: readonly Line[], words: Words): string[] =>
  lines.slice(0, 6).map((line) => lineHtml(clipLine(line, 250), words.manner))
const sendRows = (dialogue: Dialogue, form: Form, submit: string, { texts }: Words): FormButton[][] => [
  [button(submit, { do: 'send' }, form.danger && dialogue.session.kind === 'press' ? 'danger' : 'primary')],
  [
    ...(askable(form).length > 0 ? [button(texts.form.change, { do: 'pick' })] : []),
    button(texts.form.cancel, { do: 'cancel' }),
  ],
]

/** Gives the buttons their tokens; what they stand for is kept with the dialogue. */
export function withTokens(
  view: View,
  mint: () => string,
): { readonly drawn: Drawn; readonly buttons: Readonly<Record<string, Act>> } {
  const buttons: Record<string, Act> = {}
  const inline_keyboard = view.rows
    .filter((row) => row.length > 0)
    .map((row) =>
      row.map(({ text, act, style }): InlineKeyboardButton => {
        const token = mint()
        buttons[token] = act
        return { text, callback_data: token, ...(style && { style }) }
      }),
    )
  return { drawn: { html: view.html, keyboard: { inline_keyboard } }, buttons }
}
