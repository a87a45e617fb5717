/** Options that come from elsewhere (FLOW §1.1 `optionsFrom`): what to ask for, and how to read the answer. Pure; the asking is `runtime/options.ts`. */
import type { Option, OptionSource, Scope } from './flow.ts'
import { textOf } from './template.ts'
import type { Value, Values } from './value.ts'
import { isEmpty } from './variables/check.ts'

/** What has to be asked. `headers` and `inputs` hold secrets as references. */
export type OptionRequest =
  | { readonly kind: 'http'; readonly url: string; readonly headers: Values }
  | { readonly kind: 'plugin'; readonly use: string; readonly inputs: Values; readonly search: string }
/** The request for these answers; or the parents that have to be answered first, since a child is never asked for before them. */
export type OptionPlan =
  | { readonly kind: 'waits'; readonly parents: readonly string[] }
  | { readonly kind: 'ask'; readonly request: OptionRequest }

/** More than anybody scrolls through; what is beyond is found by search. */
const MAX_OPTIONS = 1_000

/** @throws ExpressionError when an address or an input cannot be made of these answers. */
export function planOptions(source: OptionSource, answers: Values, constants: Values, search: string): OptionPlan {
  const parents = source.dependsOn.filter((key) => isEmpty(answers[key]))
  if (parents.length > 0) return { kind: 'waits', parents }
  const scope: Scope = (name) =>
    Object.hasOwn(answers, name) ? answers[name] : name === 'project' ? constants : undefined
  if (source.http === null) {
    const { use = '', with: inputs = {} } = source.plugin ?? {}
    const values = Object.fromEntries(
      Object.entries(inputs).map(([name, template]) => [name, template.evaluate(scope)]),
    )
    return { kind: 'ask', request: { kind: 'plugin', use, inputs: values, search } }
  }
  const url = textOf(source.http.url.evaluate(scope))
  const headers = source.http.headers.evaluate(scope) as Values // a map of texts, as decoded
  const { search: parameter } = source.http
  const sought = parameter === null || search === '' ? url : withQuery(url, parameter, search)
  return { kind: 'ask', request: { kind: 'http', url: sought, headers } }
}
function withQuery(url: string, parameter: string, text: string): string {
  const [before = '', fragment] = url.split('#', 2)
  const query = `${encodeURIComponent(parameter)}=${encodeURIComponent(text.toWellFormed())}`
  return `${before}${before.includes('?') ? '&' : '?'}${query}${fragment === undefined ? '' : `#${fragment}`}`
}

/** The options an HTTP answer holds. @throws Error naming what in it is not as the author said. */
export function readOptions(source: NonNullable<OptionSource['http']>, answer: Value): readonly Option[] {
  const over =
    (more: Values): Scope =>
    (name) =>
      Object.hasOwn(more, name) ? more[name] : undefined
  const items = source.items === null ? answer : source.items.evaluate(over({ answer }))
  if (!Array.isArray(items)) throw new Error(`expected a list of options, but the answer holds ${kindOf(items)}`)
  return (items as readonly Value[]).slice(0, MAX_OPTIONS).map((item) => {
    const scope = over({ answer, item })
    const value = source.value === null ? plainValue(item) : source.value.evaluate(scope)
    const label = source.label === null ? plainLabel(item, value) : source.label.evaluate(scope)
    return optionOf(value, label)
  })
}
/** A list of scalars or of `{value, title}`, as a plugin gives it. @throws Error */
export function optionsFromList(list: Value): readonly Option[] {
  if (!Array.isArray(list)) throw new Error(`expected a list of options, but got ${kindOf(list)}`)
  return (list as readonly Value[]).slice(0, MAX_OPTIONS).map((item) => {
    const value = plainValue(item)
    return optionOf(value, plainLabel(item, value))
  })
}

const fieldOf = (item: Value, names: readonly string[]): Value | undefined => {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return undefined
  const name = names.find((each) => Object.hasOwn(item, each))
  return name === undefined ? undefined : (item as Values)[name]
}
const plainValue = (item: Value): Value => fieldOf(item, ['value', 'id', 'name']) ?? item
const plainLabel = (item: Value, value: Value): Value => fieldOf(item, ['title', 'label', 'name']) ?? value
function optionOf(value: Value, label: Value): Option {
  if (value === null || typeof value === 'object')
    throw new Error(`expected each option to have a plain value, but got ${kindOf(value)}`)
  const title = textOf(label)
  return { value, title: title === '' ? String(value) : title }
}
const kindOf = (value: Value): string =>
  value === null ? 'nothing' : Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : typeof value

/** Those whose title or value holds what was typed. */
export function searchOptions(options: readonly Option[], search: string): readonly Option[] {
  const words = search.trim().toLowerCase()
  if (words === '') return options
  return options.filter(({ title, value }) => `${title}\n${String(value)}`.toLowerCase().includes(words))
}

/** The entries of a chosen value that no option has. */
export function notOffered(value: Value, options: readonly Option[]): readonly Value[] {
  const chosen = Array.isArray(value) ? (value as readonly Value[]) : [value]
  // A form sends texts; the service may have answered numbers.
  const offered = new Set(options.map((option) => String(option.value)))
  return isEmpty(value) ? [] : chosen.filter((entry) => typeof entry === 'object' || !offered.has(String(entry)))
}
