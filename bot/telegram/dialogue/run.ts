import { randomBytes } from 'node:crypto'
import type { Form, FormOption, Line, Review } from '../../core/card.ts'
import type { Acting, Checked, FieldProblem, FormSession, Submitted } from '../../core/contract.ts'
import { PortError } from '../../core/contract.ts'
import { prose, tag } from '../html.ts'
import { isPrivate, placeText, type Place } from '../place.ts'
import type { Messages } from '../port.ts'
import { lineHtml, linePlain, type Drawn, type Manner } from '../render.ts'
import { put, type Kept, type Shelf } from '../shelf.ts'
import { telegramTexts } from '../texts.ts'
import { act, afterCheck, answerText, askable, begin, fieldAt, typed, type Dialogue, type Move } from './dialogue.ts'
import { viewOf, withTokens, type Words } from './view.ts'

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

/** More questions than this are easier on one page than one by one. */
const MOST_FIELDS = 12
/** Own buttons are told from a card's by this; it decides nothing. */
export const FORM_TOKEN = 'f.'
const mint = (): string => FORM_TOKEN + randomBytes(16).toString('base64url')
const formKey = (chat: number, message: number): string => `telegram/form/${chat}/${message}`
/** Whose typed words go to which form. */
const typingKey = ({ place, from }: Pick<Scene, 'place' | 'from'>): string =>
  `telegram/typing/${placeText(place)}/${from}`

interface Kit {
  readonly form: Form
  readonly options: readonly FormOption[]
  readonly review: Review | null
}

export interface Dialogues {
  open(scene: Scene, session: FormSession, form: Form, replyTo: number | null): Promise<void>
  pressed(scene: Scene, message: number, token: string): Promise<Pressed>
  /** False: these words are not meant for a form. `repliedTo`: the message they answer. */
  said(scene: Scene, text: string, repliedTo: number | null): Promise<boolean>
}

export function dialogues({ messages, shelf, work, openPage, now }: DialogueDeps): Dialogues {
  const words = ({ acting, place, manner }: Scene): Words => ({
    texts: acting.texts,
    own: telegramTexts(acting.texts.language),
    manner,
    inGroup: !isPrivate(place),
    now: now(),
  })
  const told = (scene: Scene, lines: readonly Line[], title?: string): Drawn => ({
    html: [...(title ? [tag('b', prose(title))] : []), ...lines.map((line) => lineHtml(line, scene.manner))].join('\n'),
    keyboard: null,
  })

  /** Options of the field that is asked now, looked up by what was typed where there are too many to list. */
  async function optionsFor(scene: Scene, dialogue: Dialogue, form: Form): Promise<readonly FormOption[]> {
    const field = fieldAt(form, dialogue)
    if (!field) return []
    return field.widget.startsWith('search')
      ? work.search(scene.acting, dialogue.session, field.key, dialogue.search)
      : field.options
  }
  async function kitFor(
    scene: Scene,
    dialogue: Dialogue,
    form: Form,
  ): Promise<{ readonly dialogue: Dialogue; readonly kit: Kit }> {
    if (dialogue.step.at === 'review') {
      const checked = await work.check(scene.acting, dialogue.session)
      if (checked.kind === 'review') return { dialogue, kit: { form, options: [], review: checked.review } }
      if (checked.kind === 'errors') {
        const wrong = afterCheck(dialogue, checked.form, null, checked.problems)
        return {
          dialogue: wrong,
          kit: { form: checked.form, options: await optionsFor(scene, wrong, checked.form), review: null },
        }
      }
      const notes = checked.kind === 'tell' ? [...checked.lines, ...form.notes] : form.notes
      return { dialogue, kit: { form: { ...form, notes }, options: [], review: null } }
    }
    return { dialogue, kit: { form, options: await optionsFor(scene, dialogue, form), review: null } }
  }

  /** Keeps first, shows after: what is on the screen may lag behind, never lead. */
  async function show(
    scene: Scene,
    message: number,
    seen: Kept<Dialogue>,
    next: Dialogue,
    form: Form,
  ): Promise<boolean> {
    const { dialogue, kit } = await kitFor(scene, next, form)
    const view = viewOf(dialogue, kit.form, kit.options, kit.review, words(scene))
    const { drawn, buttons } = withTokens(view, mint)
    const kept = { ...dialogue, buttons, update: scene.update }
    if (!(await shelf.write(formKey(scene.place.chat, message), seen, kept))) return false
    const shown = await redraw(scene, message, drawn)
    if (shown !== message) await put(shelf, formKey(scene.place.chat, shown), kept)
    await listen(scene, shown, kept, view.asks)
    return true
  }
  /** The message, or a new one where it was deleted. */
  async function redraw(scene: Scene, message: number, drawn: Drawn): Promise<number> {
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
    const seen = await shelf.read<Dialogue>(formKey(scene.place.chat, message))
    if (seen.value) await shelf.write(formKey(scene.place.chat, message), seen, { ...seen.value, prompt })
  }
  async function close(scene: Scene, message: number, dialogue: Dialogue, last: Drawn): Promise<void> {
    if (dialogue.prompt !== null) await messages.remove(scene.place, dialogue.prompt)
    await put(shelf, formKey(scene.place.chat, message), null)
    await put(shelf, typingKey(scene), null)
    await redraw(scene, message, last)
  }

  async function send(
    scene: Scene,
    message: number,
    seen: Kept<Dialogue>,
    dialogue: Dialogue,
    form: Form,
  ): Promise<Pressed> {
    const sent = await work.submit(scene.acting, dialogue.session)
    if (sent.kind === 'done') {
      const lines = sent.lines.length > 0 ? sent.lines : [[{ kind: 'text' as const, text: words(scene).own.recorded }]]
      await close(scene, message, dialogue, told(scene, lines, sent.lines.length > 0 ? undefined : form.title))
      return null
    }
    if (sent.kind === 'errors') {
      const fresh = await work.draw(scene.acting, dialogue.session, sent.problems)
      await show(scene, message, seen, afterCheck(dialogue, fresh, null, sent.problems), fresh)
      return null
    }
    if (!sent.again) await close(scene, message, dialogue, told(scene, sent.lines, form.title))
    else await show(scene, message, seen, dialogue, form)
    return { alert: sent.lines.map((line) => linePlain(line, scene.manner)).join('\n') }
  }
  async function move(
    scene: Scene,
    message: number,
    seen: Kept<Dialogue>,
    form: Form,
    { dialogue, then }: Move,
    answered: string | null,
  ): Promise<Pressed> {
    if (then === 'close') {
      await close(
        scene,
        message,
        dialogue,
        told(scene, [[{ kind: 'text', text: words(scene).own.cancelled }]], form.title),
      )
      return null
    }
    if (then === 'send') return send(scene, message, seen, dialogue, form)
    const checked = then === 'check' ? await look(scene, dialogue) : null
    const fresh = checked?.form ?? form
    const next = checked ? afterCheck(dialogue, fresh, answered, checked.problems) : dialogue
    if (checked && next.step.at === 'review' && isOneQuestion(dialogue.session, fresh))
      return send(scene, message, seen, next, fresh)
    await show(scene, message, seen, next, fresh)
    return null
  }
  /** The form as it is with these answers, and what the server finds wrong with them. */
  async function look(
    scene: Scene,
    dialogue: Dialogue,
  ): Promise<{ readonly form: Form; readonly problems: readonly FieldProblem[] }> {
    if (dialogue.session.kind === 'launch') {
      const checked = await work.check(scene.acting, dialogue.session)
      if (checked.kind === 'errors') {
        const given = checked.problems.filter(({ field }) => field in dialogue.session.answers)
        return { form: checked.form, problems: given }
      }
    }
    return { form: await work.draw(scene.acting, dialogue.session), problems: [] }
  }

  return {
    async open(scene, session, form, replyTo) {
      if (form.onPhone.length > 0 || askable(form).length > MOST_FIELDS) {
        const url = await work.phoneLink(scene.acting, session)
        const { texts } = scene.acting
        const fields = form.onPhone.length > 0 ? form.onPhone : askable(form).map(({ label }) => label)
        await openPage(
          scene.place,
          [
            [{ kind: 'text', text: form.title, style: 'bold' }],
            [{ kind: 'text', text: texts.onPhone(fields.join(texts.comma)) }],
          ],
          texts.openPhone,
          url,
          texts.language,
        )
        return
      }
      await leaveOther(scene)
      const first = begin(session, form, scene.from, replyTo, scene.update)
      const { dialogue, kit } = await kitFor(scene, first, form)
      const view = viewOf(dialogue, kit.form, kit.options, kit.review, words(scene))
      const { drawn, buttons } = withTokens(view, mint)
      const { message } = await messages.post(scene.place, drawn, replyTo === null ? {} : { replyTo })
      const kept = { ...dialogue, buttons }
      await put(shelf, formKey(scene.place.chat, message), kept)
      await listen(scene, message, kept, view.asks)
    },

    async pressed(scene, message, token) {
      const { own } = words(scene)
      const seen = await shelf.read<Dialogue>(formKey(scene.place.chat, message))
      const dialogue = seen.value
      if (!dialogue) {
        await messages.unbutton(scene.place, message).catch(() => undefined)
        return { alert: own.formClosed }
      }
      if (dialogue.by !== scene.from) return { alert: own.notYours }
      const form = await work.draw(scene.acting, dialogue.session, dialogue.problems)
      const action = dialogue.buttons[token]
      const moved = action ? act(dialogue, form, action) : null
      if (!moved) {
        await show(scene, message, seen, dialogue, form)
        return { alert: own.movedOn }
      }
      return move(scene, message, seen, form, moved, fieldAt(form, dialogue)?.key ?? null)
    },

    async said(scene, text, repliedTo) {
      const pointer = (await shelf.read<{ message: number; prompt: number | null }>(typingKey(scene))).value
      if (!pointer) return false
      const answersForm =
        repliedTo === null ? isPrivate(scene.place) : [pointer.message, pointer.prompt].includes(repliedTo)
      if (!answersForm) return false
      const seen = await shelf.read<Dialogue>(formKey(scene.place.chat, pointer.message))
      const dialogue = seen.value
      if (!dialogue || dialogue.by !== scene.from) return false
      if (scene.update <= dialogue.update) return true // Telegram repeats it; it has answered its question
      const form = await work.draw(scene.acting, dialogue.session, dialogue.problems)
      const field = fieldAt(form, dialogue)
      if (!field) {
        await show(scene, pointer.message, seen, dialogue, form)
        return true
      }
      const options = await optionsFor(scene, dialogue, form)
      const value = typed(field, options, text, { yes: scene.acting.texts.yes, no: scene.acting.texts.no })
      if (value === 'search')
        await show(scene, pointer.message, seen, { ...dialogue, search: text.trim(), page: 0 }, form)
      else if (value === 'notOne') {
        const problem = { field: field.key, message: words(scene).own.notOne(text.trim().slice(0, 60)), fix: null }
        await show(scene, pointer.message, seen, { ...dialogue, problems: [problem] }, form)
      } else await move(scene, pointer.message, seen, form, answerText(dialogue, field, value.value), field.key)
      return true
    },
  }

  /** One form at a time per person and place, or nobody could say which question a word answers. */
  async function leaveOther(scene: Scene): Promise<void> {
    const pointer = (await shelf.read<{ message: number }>(typingKey(scene))).value
    if (!pointer) return
    const seen = await shelf.read<Dialogue>(formKey(scene.place.chat, pointer.message))
    if (!seen.value || seen.value.by !== scene.from) return
    await close(
      scene,
      pointer.message,
      seen.value,
      told(scene, [[{ kind: 'text', text: words(scene).own.replaced }]]),
    ).catch(() => undefined)
  }
}
/** One question and nothing to weigh: the answer is the sending. An edit shows first what it touches. */
const isOneQuestion = (session: FormSession, form: Form): boolean =>
  session.kind === 'press' && session.verb !== 'edit_retry' && askable(form).length <= 1
