import { randomBytes } from 'node:crypto'
import type { Confirm } from '../core/card.ts'
import { prose, tag } from './html.ts'
import type { Place } from './place.ts'
import type { Messages } from './port.ts'
import { labelOf, type Drawn } from './render.ts'
import { put, type Shelf } from './shelf.ts'

/** "Are you sure" before something is destroyed: a message of its own, because the card it is about is edited all the time. */
interface Kept {
  readonly by: string
  /** The card's button that was pressed. */
  readonly token: string
  readonly choices: Readonly<Record<string, Choice>>
}
type Choice = 'yes' | 'no' | { readonly gentler: string }
export type Answered =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'notYours' }
  | { readonly kind: 'no' }
  | { readonly kind: 'yes'; readonly token: string; readonly choice: string | null }

export const STEP_TOKEN = 'c.'
const TTL_S = 3600
const key = (place: Place, message: number): string => `telegram/step/${place.chat}/${message}`

export async function askOnceMore(
  { messages, shelf }: { readonly messages: Messages; readonly shelf: Shelf },
  place: Place,
  by: string,
  asked: {
    readonly token: string
    readonly confirm: Confirm
    readonly gentler: { readonly label: string; readonly choice: string } | null
  },
  replyTo: number | null,
): Promise<void> {
  const { confirm, gentler } = asked
  const mint = (): string => STEP_TOKEN + randomBytes(16).toString('base64url')
  const [yes, soft, no] = [mint(), mint(), mint()]
  const drawn: Drawn = {
    html: [tag('b', prose(confirm.title)), ...confirm.lines.map((line) => prose(line))].join('\n'),
    keyboard: {
      inline_keyboard: [
        [{ text: labelOf(confirm.yes), callback_data: yes, style: 'danger' }],
        ...(gentler ? [[{ text: labelOf(gentler.label), callback_data: soft }]] : []),
        [{ text: labelOf(confirm.no), callback_data: no }],
      ],
    },
  }
  const { message } = await messages.post(place, drawn, replyTo === null ? {} : { replyTo })
  const kept: Kept = {
    by,
    token: asked.token,
    choices: { [yes]: 'yes', [no]: 'no', ...(gentler && { [soft]: { gentler: gentler.choice } }) },
  }
  await put(shelf, key(place, message), kept, TTL_S)
}
/** What was pressed. The step stays until `forget`, so that a press that was not recorded can be made again. */
export async function answered(
  shelf: Shelf,
  place: Place,
  message: number,
  by: string,
  pressed: string,
): Promise<Answered> {
  const { value } = await shelf.read<Kept>(key(place, message))
  const choice = value?.choices[pressed]
  if (!value || choice === undefined) return { kind: 'unknown' }
  if (value.by !== by) return { kind: 'notYours' }
  if (choice === 'no') return { kind: 'no' }
  return { kind: 'yes', token: value.token, choice: choice === 'yes' ? null : choice.gentler }
}
export const forget = (shelf: Shelf, place: Place, message: number): Promise<void> =>
  put(shelf, key(place, message), null)
