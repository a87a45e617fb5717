import type { Messages } from '../port.ts'
import { PortError } from '../../core/contract.ts'
import { visible } from '../html.ts'
import type { Drawn } from '../render.ts'

/** A chat on a table: what it shows now, and what was asked for by a reply. */
export interface FakeChat {
  readonly messages: Messages
  readonly shown: Map<number, Drawn>
  readonly prompts: Map<number, string>
  text(message: number): string
  /** The token of the button with this label. */
  token(message: number, label: string): string
  last(): number
}
export function fakeChat(): FakeChat {
  const shown = new Map<number, Drawn>()
  const prompts = new Map<number, string>()
  let next = 100
  const messages: Messages = {
    async post(place, drawn) {
      shown.set(++next, drawn)
      return { message: next, place }
    },
    async edit(_, message, drawn) {
      if (!shown.has(message)) throw new PortError('gone', 'message to edit not found')
      shown.set(message, drawn)
    },
    async unbutton(_, message) {
      shown.set(message, { html: shown.get(message)?.html ?? '', keyboard: null })
    },
    async prompt(_, text) {
      prompts.set(++next, visible(text))
      return next
    },
    async remove(_, message) {
      shown.delete(message)
      prompts.delete(message)
    },
  }
  const buttons = (message: number) => shown.get(message)?.keyboard?.inline_keyboard.flat() ?? []
  return {
    messages,
    shown,
    prompts,
    text: (message) => visible(shown.get(message)?.html ?? ''),
    token(message, label) {
      const button = buttons(message).find(({ text }) => text === label)
      if (!button || !('callback_data' in button))
        throw new Error(
          `no button “${label}”; there are: ${buttons(message)
            .map(({ text }) => text)
            .join(' | ')}`,
        )
      return button.callback_data
    },
    last: () => [...shown.keys()].at(-1) ?? 0,
  }
}
