import type { Field } from '../core/card.ts'
import type { Answers } from '../core/contract.ts'
import { answerOf } from '../core/fields.ts'
import { valueOf } from '../core/options.ts'
import { keyOfBlock } from './render-form.ts'

/** The part of Slack's `view.state.values` that is read. */
export type ViewState = Readonly<Record<string, Readonly<Record<string, StateValue>>>>
export interface StateValue {
  readonly type: string
  readonly value?: string | null
  readonly selected_option?: { readonly value: string } | null
  readonly selected_options?: readonly { readonly value: string }[] | null
  readonly selected_date?: string | null
  readonly selected_time?: string | null
  readonly selected_date_time?: number | null
}
/** What is on a form, remembered with it: enough to read what comes back without drawing it anew. */
export interface Asked {
  readonly key: string
  readonly widget: Field['widget']
}

/** What the person filled in, by key. An option's id becomes its value; one that is no longer known stays an id, for the server to refuse. */
export function answersOf(state: ViewState, asked: readonly Asked[], fields: readonly Field[] = []): Answers {
  const answers: Record<string, unknown> = {}
  for (const [blockId, actions] of Object.entries(state)) {
    const key = keyOfBlock(blockId)
    const [given] = Object.values(actions)
    const widget = asked.find((field) => field.key === key)?.widget
    if (!given || !widget) continue
    const options = fields.find((field) => field.key === key)?.options ?? []
    const value = (id: string): unknown => {
      const known = valueOf(id, options)
      return known === undefined ? id : known
    }
    answers[key] = answerOf(widget, rawOf(given, widget, value))
  }
  return answers
}
function rawOf(given: StateValue, widget: Field['widget'], value: (id: string) => unknown): unknown {
  if (widget === 'yesno') return given.selected_option?.value ?? null
  if (given.selected_options) return given.selected_options.map((option) => value(option.value))
  if (given.selected_option) return value(given.selected_option.value)
  if (typeof given.selected_date_time === 'number') return new Date(given.selected_date_time * 1000).toISOString()
  return given.selected_date ?? given.selected_time ?? given.value ?? null
}
