import type { Field, Widget } from './card.ts'
import type { Answers, FieldProblem } from './contract.ts'
import { optionOf } from './options.ts'
import type { FieldData } from './queries/index.ts'
import type { Texts } from './texts.ts'

/** More options than this are searched for instead of listed (Slack: 100 in a select). */
const LISTED = 100

const WIDGETS: Readonly<Record<string, Widget>> = {
  text: 'line',
  textarea: 'lines',
  integer: 'integer',
  number: 'number',
  boolean: 'yesno',
  date: 'date',
  time: 'time',
  datetime: 'datetime',
  duration: 'line',
  select: 'choice',
  radio: 'choice',
  multiselect: 'choices',
  host: 'choice',
  hosts: 'choices',
  person: 'choice',
  people: 'choices',
  list: 'list',
}

/** A field of the API as chat asks it, or null where it cannot be asked there. */
function fieldOf(
  texts: Texts,
  data: FieldData,
  all: readonly FieldData[],
  problems: readonly FieldProblem[] = [],
): Field | null {
  if (!askable(data)) return null
  const widget = widgetOf(data)
  const problem = problems.find(({ field }) => field === data.key)
  const listed = data.options ?? []
  // Chat offers labels of hosts beside the hosts; one that is chosen is among the options already.
  const labels = data.shortcuts.filter(({ value }) => !listed.some((option) => option.value === value))
  const options = [...labels, ...listed].map(optionOf)
  const missing = data.dependsOn.find((key) => isEmpty(all.find((other) => other.key === key)?.value))
  const help = missing ? texts.form.chooseFirst(all.find(({ key }) => key === missing)?.title ?? missing) : data.help
  return {
    key: data.key,
    label: data.title,
    help,
    widget,
    required: data.required,
    value: data.value ?? null,
    valueText: valueText(texts, data),
    options: widget === 'choice' || widget === 'choices' ? options : options.slice(0, LISTED),
    dependsOn: data.dependsOn,
    redraws: !data.fixed,
    min: data.min,
    max: data.max,
    minLength: data.minLength,
    maxLength: data.maxLength,
    rows: data.rows,
    error: problem?.message ?? null,
    fix: problem?.fix ?? null,
  }
}
/** The fields chat asks, with what has been answered so far in them. */
export function fieldsOf(
  texts: Texts,
  data: readonly FieldData[],
  answers: Answers,
  problems: readonly FieldProblem[],
): Field[] {
  const parents = new Set(data.flatMap(({ dependsOn }) => dependsOn))
  const answered = data.map((field) =>
    field.key in answers && !field.fixed ? { ...field, value: answers[field.key] } : field,
  )
  return answered.flatMap((field) => {
    const drawn = fieldOf(texts, field, answered, problems)
    return drawn ? [{ ...drawn, redraws: drawn.redraws && (parents.has(field.key) || steers(field.type)) }] : []
  })
}
/** Another choice may open a branch or show a field; typed text hardly ever does, and redrawing at each letter would be a nuisance. */
const steers = (type: string): boolean => ['select', 'radio', 'boolean', 'multiselect', 'host', 'hosts'].includes(type)

/** Visible, reachable, answerable: a secret never is. */
const askable = (data: FieldData): boolean =>
  data.visible &&
  data.reachable &&
  !data.secret &&
  data.type !== 'password' &&
  data.notInChat === null &&
  data.type in WIDGETS
/** Must be answered on the phone page: secret, a file, a table. Those with a default that may stay are left alone. */
export const phoneOnly = (data: FieldData): boolean =>
  data.visible && data.reachable && !data.fixed && !data.readOnly && !askable(data)

/** A field of our own beside the server's: a reason, a comment, a person. */
export function ownField(
  key: string,
  label: string,
  widget: Field['widget'],
  required: boolean,
  answers: Answers,
  problems: readonly FieldProblem[],
): Field {
  const problem = problems.find(({ field }) => field === key)
  const value = answers[key] ?? null
  return {
    key,
    label,
    help: null,
    widget,
    required,
    value,
    valueText: typeof value === 'string' ? value : '',
    options: [],
    dependsOn: [],
    redraws: false,
    min: null,
    max: null,
    minLength: null,
    maxLength: 2000,
    rows: widget === 'lines' ? 3 : null,
    error: problem?.message ?? null,
    fix: null,
  }
}

function widgetOf(data: FieldData): Widget {
  if (data.fixed || data.readOnly) return 'shown'
  const widget = WIDGETS[data.type] ?? 'line'
  if (widget !== 'choice' && widget !== 'choices') return widget
  const listed = data.options !== null && data.options.length > 0 && data.options.length <= LISTED && !data.optionsFrom
  return listed ? widget : widget === 'choice' ? 'search' : 'searches'
}
export const isEmpty = (value: unknown): boolean =>
  value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)

/** A value in words, by its options' titles. A secret never has any. */
export function valueText(texts: Texts, data: Pick<FieldData, 'value' | 'options' | 'secret' | 'type'>): string {
  if (data.secret || data.type === 'password') return isEmpty(data.value) ? '' : '••••••'
  const title = (value: unknown): string =>
    data.options?.find((option) => option.value === value)?.title ?? textOf(texts, value)
  return Array.isArray(data.value) ? data.value.map(title).join(texts.comma) : title(data.value)
}
export const textOf = (texts: Texts, value: unknown): string => {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? texts.yes : texts.no
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What a platform sends back for a field, read by its widget. Text that is no number stays text: the server says what is wrong with it. */
export function answerOf(widget: Widget, raw: unknown): unknown {
  if (raw === null || raw === undefined || raw === '') return null
  switch (widget) {
    case 'integer':
    case 'number': {
      const text = String(raw).trim()
      return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text
    }
    case 'yesno':
      return typeof raw === 'boolean' ? raw : ['true', 'yes', 'y', '1', 'on', '是'].includes(String(raw).toLowerCase())
    case 'list':
      return (Array.isArray(raw) ? raw.map(String) : String(raw).split('\n')).map((text) => text.trim()).filter(Boolean)
    case 'choices':
    case 'searches':
      return Array.isArray(raw) ? raw : [raw]
    default:
      return typeof raw === 'string' && widget === 'line' ? raw.trim() : raw
  }
}
