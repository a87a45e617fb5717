import type { Form, FormOption, Line } from '../../core/card.ts'
import type { Acting, Checked, FieldProblem, FormSession, Submitted } from '../../core/contract.ts'
import type { Place } from '../place.ts'
import type { Messages } from '../port.ts'
import type { Manner } from '../render.ts'
import type { Shelf } from '../shelf.ts'

/** What `bot/core` does with a form; the dialogue only asks its questions one by one. */
export interface FormWork {
  draw(acting: Acting, session: FormSession, problems?: readonly FieldProblem[]): Promise<Form>
  check(acting: Acting, session: FormSession): Promise<Checked>
  submit(acting: Acting, session: FormSession): Promise<Submitted>
  search(acting: Acting, session: FormSession, field: string, typed: string): Promise<readonly FormOption[]>
  phoneLink(acting: Acting, session: FormSession): Promise<string>
}
export interface DialogueDeps {
  readonly messages: Messages
  readonly shelf: Shelf
  readonly work: FormWork
  /** A message with a button that opens a page. */
  readonly openPage: (
    place: Place,
    lines: readonly Line[],
    label: string,
    url: string,
    language: string,
  ) => Promise<void>
  readonly now: () => number
}
/** Who does it, where. */
export interface Scene {
  readonly acting: Acting
  readonly place: Place
  /** Telegram's id of the person. */
  readonly from: string
  readonly manner: Manner
  readonly update: number
}
/** What a press is answered with, at once; null: nothing to say, the message changes. */
export type Pressed = { readonly alert: string } | null

export interface Dialogues {
  open(scene: Scene, session: FormSession, form: Form, replyTo: number | null): Promise<void>
  pressed(scene: Scene, message: number, token: string): Promise<Pressed>
  /** False: these words are not meant for a form. `repliedTo`: the message they answer. */
  said(scene: Scene, text: string, repliedTo: number | null): Promise<boolean>
}
