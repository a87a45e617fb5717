import { createHash } from 'node:crypto'
import type { InputBlock, KnownBlock, ModalView, PlainTextOption } from '@slack/types'
import { plain, type Field, type Form, type FormOption, type Line, type PlacedCard, type Review } from '../core/card.ts'
import { cut } from '../core/cards/words.ts'
import { optionId } from '../core/options.ts'
import type { Texts } from '../core/texts.ts'
import { LIMITS } from './limits.ts'
import { plainText, richText, smallText, type Blocks } from './mrkdwn.ts'
import { factBlocks, renderCard } from './render-card.ts'

export const FORM = 'baton_form'
export const REVIEW = 'baton_review'
const TOLD = 'baton_told'

const view = (
  title: string,
  callback_id: string,
  blocks: Blocks,
  close: string,
  rest: Partial<ModalView> = {},
): ModalView => ({
  type: 'modal',
  callback_id,
  title: plainText(title, LIMITS.modalTitle),
  close: plainText(close, LIMITS.modalTitle),
  blocks: blocks.length > 0 ? blocks.slice(0, LIMITS.viewBlocks) : [{ type: 'divider' }],
  ...rest,
})
/** Shown at once, while the real one is made. */
export const loadingView = (texts: Texts, text: string = texts.form.loading): ModalView =>
  view('Baton', TOLD, [sectionOf([plain(text)])], texts.form.close)
/** Something said where the person is looking. */
export const toldView = (texts: Texts, lines: readonly Line[], title = 'Baton'): ModalView =>
  view(title, TOLD, richBlocks(lines), texts.form.close)
export const menuView = (texts: Texts, card: PlacedCard): ModalView =>
  view(card.title || 'Baton', TOLD, renderCard({ ...card, title: '' }, texts.more).blocks, texts.form.close)
export const linkView = (texts: Texts, lines: readonly Line[], label: string, url: string): ModalView =>
  view('Baton', TOLD, [...richBlocks(lines), linkBlock(label, url)], texts.form.close)
export const linkBlock = (label: string, url: string): KnownBlock => ({
  type: 'actions',
  block_id: 'link',
  elements: [{ type: 'button', action_id: 'link', text: plainText(label, LIMITS.button), url, style: 'primary' }],
})
export function reviewView(review: Review, metadata: string): ModalView {
  const notes = richText(review.notes)
  const blocks: Blocks = [
    { type: 'header', text: plainText(review.title, LIMITS.header) },
    ...factBlocks(review.facts),
    ...(notes ? [notes] : []),
  ]
  return view(review.submit, REVIEW, blocks, review.back, {
    submit: plainText(review.submit, LIMITS.modalTitle),
    private_metadata: metadata,
  })
}

/** A form as a modal. Ids of blocks are the fields' keys, so that the server's errors land on them. */
export function formView(texts: Texts, form: Form, metadata: string): ModalView {
  const blocks = [
    ...richBlocks(form.intro),
    ...form.fields.slice(0, 40).flatMap((field) => fieldBlocks(texts, field, form.fields)),
    ...(form.notes.length > 0
      ? [
          { type: 'divider' as const },
          { type: 'context' as const, elements: form.notes.slice(0, 10).map((note) => smallText(note, 2000)) },
        ]
      : []),
    ...(form.onPhone.length > 0 ? [phoneBlock(texts)] : []),
  ]
  return view(form.title, FORM, blocks, form.cancel, {
    submit: plainText(form.submit, LIMITS.modalTitle),
    private_metadata: metadata,
  })
}
const phoneBlock = (texts: Texts): KnownBlock => ({
  type: 'actions',
  block_id: 'phone',
  elements: [{ type: 'button', action_id: 'phone', text: plainText(texts.openPhone, LIMITS.button), style: 'primary' }],
})
const richBlocks = (lines: readonly Line[]): Blocks => {
  const block = richText(lines)
  return block ? [block] : []
}
const sectionOf = (line: Line): KnownBlock => ({
  type: 'section',
  text: plainText(line.map((span) => ('text' in span ? span.text : '')).join(''), LIMITS.section),
})

function fieldBlocks(texts: Texts, field: Field, all: readonly Field[]): Blocks {
  if (field.widget === 'shown') {
    return [
      {
        type: 'context',
        elements: [plainText(`${field.label}: ${field.valueText || texts.form.empty} (${texts.form.fixed})`, 1000)],
      },
    ]
  }
  const input: InputBlock = {
    type: 'input',
    block_id: blockIdOf(field, all),
    label: plainText(field.label, LIMITS.inputLabel),
    element: elementOf(texts, field),
    optional: !field.required || field.widget === 'yesno',
    ...(field.help && { hint: plainText(field.help, 500) }),
    ...(field.redraws && { dispatch_action: true }),
  }
  const wrong = field.error ? [`⚠️ ${field.error}${field.fix ? ` ${texts.form.use(field.fix)}` : ''}`] : []
  return [input, ...wrong.map((text): KnownBlock => ({ type: 'context', elements: [plainText(text, 1000)] }))]
}
/** A field whose options hang on others gets a new id when these change: Slack would keep the old choice otherwise. */
function blockIdOf(field: Field, all: readonly Field[]): string {
  if (field.dependsOn.length === 0) return field.key
  const parents = field.dependsOn.map((key) => all.find((other) => other.key === key)?.value ?? null)
  return `${field.key}:${createHash('sha256').update(JSON.stringify(parents)).digest('base64url').slice(0, 8)}`
}
export const keyOfBlock = (blockId: string): string => blockId.replace(/:[\w-]{8}$/, '')

const option = ({ id, title }: FormOption): PlainTextOption => ({
  text: plainText(title, LIMITS.optionText),
  value: id,
})
export const optionsAnswer = (options: readonly FormOption[]) => ({ options: unique(options).map(option) })
const unique = (options: readonly FormOption[]): FormOption[] =>
  [...new Map(options.map((one) => [one.id, one])).values()].slice(0, LIMITS.options)
/** What is chosen, as an option; a value that is not in the list any more stays, so that its error can be read. */
const chosen = (field: Field): FormOption[] => {
  const values = Array.isArray(field.value)
    ? field.value
    : field.value === null || field.value === ''
      ? []
      : [field.value]
  return values.map(
    (value) =>
      field.options.find(({ id }) => id === optionId(value)) ?? {
        id: optionId(value),
        title: typeof value === 'string' ? value : JSON.stringify(value),
        value,
      },
  )
}

function elementOf(texts: Texts, field: Field): InputBlock['element'] {
  const base = { action_id: field.key }
  const placeholder = { placeholder: plainText(texts.form.choose, LIMITS.placeholder) }
  const options = unique(field.options)
  const listed = chosen(field).filter(({ id }) => options.some((one) => one.id === id))
  const text =
    typeof field.value === 'string'
      ? field.value
      : Array.isArray(field.value)
        ? field.value.map(String).join('\n')
        : field.value === null
          ? ''
          : JSON.stringify(field.value)
  const initial_value = cut(text, LIMITS.textInput)
  switch (field.widget) {
    case 'choice':
      return {
        type: 'static_select',
        ...base,
        ...placeholder,
        options: options.map(option),
        ...(listed[0] && { initial_option: option(listed[0]) }),
      }
    case 'choices':
      return {
        type: 'multi_static_select',
        ...base,
        ...placeholder,
        options: options.map(option),
        ...(listed.length > 0 && { initial_options: unique(listed).map(option) }),
      }
    case 'search': {
      const [only] = chosen(field)
      return {
        type: 'external_select',
        ...base,
        ...placeholder,
        min_query_length: 0,
        ...(only && { initial_option: option(only) }),
      }
    }
    case 'searches': {
      const some = unique(chosen(field)).map(option)
      return {
        type: 'multi_external_select',
        ...base,
        ...placeholder,
        min_query_length: 0,
        ...(some.length > 0 && { initial_options: some }),
      }
    }
    case 'yesno': {
      const both = [
        { text: plainText(texts.yes, 20), value: 'true' },
        { text: plainText(texts.no, 20), value: 'false' },
      ]
      const now = both.find(({ value }) => value === String(field.value))
      return { type: 'radio_buttons', ...base, options: both, ...(now && { initial_option: now }) }
    }
    case 'integer':
    case 'number': {
      const decimal = field.widget === 'number'
      const number = (value: unknown): string | null =>
        value !== null && (decimal ? /^-?\d+(\.\d+)?$/ : /^-?\d+$/).test(String(value)) ? String(value) : null
      const [initial, min, max] = [number(field.value), number(field.min), number(field.max)]
      return {
        type: 'number_input',
        ...base,
        is_decimal_allowed: decimal,
        ...(initial && { initial_value: initial }),
        ...(min && { min_value: min }),
        ...(max && { max_value: max }),
      }
    }
    case 'date':
      return {
        type: 'datepicker',
        ...base,
        ...(typeof field.value === 'string' &&
          /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/.test(field.value) && { initial_date: field.value }),
      }
    case 'time':
      return {
        type: 'timepicker',
        ...base,
        ...(typeof field.value === 'string' &&
          /^([01]\d|2[0-3]):[0-5]\d$/.test(field.value) && { initial_time: field.value }),
      }
    case 'datetime': {
      const at = typeof field.value === 'string' ? Math.floor(Date.parse(field.value) / 1000) : NaN
      return { type: 'datetimepicker', ...base, ...(at >= 1e9 && at <= 9_999_999_999 && { initial_date_time: at }) }
    }
    default: {
      const multiline = field.widget === 'lines' || field.widget === 'list'
      const max = field.widget === 'line' || field.widget === 'lines' ? field.maxLength : null
      return {
        type: 'plain_text_input',
        ...base,
        ...(multiline && { multiline }),
        ...(initial_value && { initial_value }),
        // Lengths are the server's to judge: Slack's own message names no field and no way out. Only the platform's own ceiling is told.
        ...(max !== null && max > LIMITS.textInput && { max_length: LIMITS.textInput }),
        ...(field.redraws && { dispatch_action_config: { trigger_actions_on: ['on_enter_pressed' as const] } }),
      }
    }
  }
}
