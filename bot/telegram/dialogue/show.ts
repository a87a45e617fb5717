import { randomBytes } from 'node:crypto'
import type { Form, Line } from '../../core/card.ts'
import { PortError } from '../../core/contract.ts'
import { prose, tag } from '../html.ts'
import { isPrivate, placeText } from '../place.ts'
import { lineHtml, type Drawn } from '../render.ts'
import { put, type Kept } from '../shelf.ts'
import { telegramTexts } from '../texts.ts'
import type { DialogueDeps, Scene } from './contract.ts'
import type { Dialogue } from './dialogue.ts'
import { kitFor } from './look.ts'
import { viewOf, withTokens, type Words } from './view.ts'

/** Own buttons are told from a card's by this; it decides nothing. */
export const FORM_TOKEN = 'f.'
const mint = (): string => FORM_TOKEN + randomBytes(16).toString('base64url')

/** A form on a message, and what was kept of it when somebody did something with it. */
export interface Standing {
  readonly scene: Scene
  readonly message: number
  readonly seen: Kept<Dialogue>
}
/** Which form a person's words go to. */
interface Listening {
  readonly message: number
  readonly prompt: number | null
}
const formKey = (scene: Scene, message: number): string => `telegram/form/${scene.place.chat}/${message}`
const typingKey = ({ place, from }: Scene): string => `telegram/typing/${placeText(place)}/${from}`

export const keptOf = ({ shelf }: DialogueDeps, scene: Scene, message: number): Promise<Kept<Dialogue>> =>
  shelf.read<Dialogue>(formKey(scene, message))
export const listeningOf = async ({ shelf }: DialogueDeps, scene: Scene): Promise<Listening | null> =>
  (await shelf.read<Listening>(typingKey(scene))).value

export const wordsOf = ({ now }: DialogueDeps, { acting, place, manner }: Scene): Words => ({
  texts: acting.texts,
  own: telegramTexts(acting.texts.language),
  manner,
  inGroup: !isPrivate(place),
  now: now(),
})

/** The first question, on a message of its own. */
export async function post(deps: DialogueDeps, scene: Scene, first: Dialogue, form: Form): Promise<void> {
  const { dialogue, drawn, asks } = await draw(deps, scene, first, form)
  const { replyTo } = dialogue
  const { message } = await deps.messages.post(scene.place, drawn, replyTo === null ? {} : { replyTo })
  await put(deps.shelf, formKey(scene, message), dialogue)
  await listen(deps, scene, message, dialogue, asks)
}

/** Keeps first, shows after: what is on the screen may lag behind, never lead. */
export async function show(
  deps: DialogueDeps,
  { scene, message, seen }: Standing,
  next: Dialogue,
  form: Form,
): Promise<void> {
  const { dialogue, drawn, asks } = await draw(deps, scene, next, form)
  const kept = { ...dialogue, update: scene.update }
  if (!(await deps.shelf.write(formKey(scene, message), seen, kept))) return
  const shown = await redraw(deps, scene, message, drawn)
  if (shown !== message) await put(deps.shelf, formKey(scene, shown), kept)
  await listen(deps, scene, shown, kept, asks)
}

/** The end of a dialogue: nothing is kept, and `lines` are what stays of it. */
export async function close(
  deps: DialogueDeps,
  { scene, message }: Omit<Standing, 'seen'>,
  dialogue: Dialogue,
  lines: readonly Line[],
  title?: string,
): Promise<void> {
  if (dialogue.prompt !== null) await deps.messages.remove(scene.place, dialogue.prompt)
  await put(deps.shelf, formKey(scene, message), null)
  await put(deps.shelf, typingKey(scene), null)
  await redraw(deps, scene, message, told(scene, lines, title))
}
const told = (scene: Scene, lines: readonly Line[], title?: string): Drawn => ({
  html: [...(title ? [tag('b', prose(title))] : []), ...lines.map((line) => lineHtml(line, scene.manner))].join('\n'),
  keyboard: null,
})

async function draw(deps: DialogueDeps, scene: Scene, next: Dialogue, form: Form) {
  const { dialogue, ...kit } = await kitFor(deps, scene, next, form)
  const view = viewOf(dialogue, kit.form, kit.options, kit.review, wordsOf(deps, scene))
  const { drawn, buttons } = withTokens(view, mint)
  return { dialogue: { ...dialogue, buttons }, drawn, asks: view.asks }
}
/** The message, or a new one where it was deleted. */
async function redraw({ messages }: DialogueDeps, scene: Scene, message: number, drawn: Drawn): Promise<number> {
  try {
    await messages.edit(scene.place, message, drawn)
    return message
  } catch (error) {
    if (!(error instanceof PortError) || error.kind !== 'gone') throw error
    return (await messages.post(scene.place, drawn)).message
  }
}
/** In groups the bot hears replies only, so it asks for one; the request before it is taken away. */
async function listen(
  { messages, shelf }: DialogueDeps,
  scene: Scene,
  message: number,
  dialogue: Dialogue,
  asks: { text: string; placeholder: string } | null,
): Promise<void> {
  if (dialogue.prompt !== null) await messages.remove(scene.place, dialogue.prompt)
  const inGroup = !isPrivate(scene.place)
  const prompt =
    asks && inGroup
      ? await messages.prompt(scene.place, tag('b', prose(asks.text)), asks.placeholder, dialogue.replyTo)
      : null
  await put(shelf, typingKey(scene), asks || !inGroup ? { message, prompt } : null)
  if (prompt === dialogue.prompt) return
  const seen = await shelf.read<Dialogue>(formKey(scene, message))
  if (seen.value) await shelf.write(formKey(scene, message), seen, { ...seen.value, prompt })
}
