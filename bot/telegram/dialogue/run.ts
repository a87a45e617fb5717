import type { Field, Form, FormOption, Line } from '../../core/card.ts'
import type { FormSession } from '../../core/contract.ts'
import { isPrivate } from '../place.ts'
import { linePlain } from '../render.ts'
import type { DialogueDeps, Dialogues, Pressed, Scene } from './contract.ts'
import { act, afterCheck, answerText, askable, begin, fieldAt, typed, type Dialogue, type Move } from './dialogue.ts'
import { look, optionsFor } from './look.ts'
import { close, keptOf, listeningOf, post, show, wordsOf, type Standing } from './show.ts'

/** More questions than this are easier on one page than one by one. */
const MOST_FIELDS = 12

/** Forms in Telegram: opened, pressed, answered in words. All that is known of one between two updates is on the shelf. */
export function dialogues(deps: DialogueDeps): Dialogues {
  return {
    open: (scene, session, form, replyTo) => open(deps, scene, session, form, replyTo),
    pressed: (scene, message, token) => pressed(deps, scene, message, token),
    said: (scene, text, repliedTo) => said(deps, scene, text, repliedTo),
  }
}

async function open(
  deps: DialogueDeps,
  scene: Scene,
  session: FormSession,
  form: Form,
  replyTo: number | null,
): Promise<void> {
  if (form.onPhone.length > 0 || askable(form).length > MOST_FIELDS) return openOnPhone(deps, scene, session, form)
  await leaveOther(deps, scene)
  await post(deps, scene, begin(session, form, scene.from, replyTo, scene.update), form)
}
async function openOnPhone(deps: DialogueDeps, scene: Scene, session: FormSession, form: Form): Promise<void> {
  const { texts } = scene.acting
  const url = await deps.work.phoneLink(scene.acting, session)
  const fields = form.onPhone.length > 0 ? form.onPhone : askable(form).map(({ label }) => label)
  const lines: Line[] = [
    [{ kind: 'text', text: form.title, style: 'bold' }],
    [{ kind: 'text', text: texts.onPhone(fields.join(texts.comma)) }],
  ]
  await deps.openPage(scene.place, lines, texts.openPhone, url, texts.language)
}
/** One form at a time per person and place, or nobody could say which question a word answers. */
async function leaveOther(deps: DialogueDeps, scene: Scene): Promise<void> {
  const listening = await listeningOf(deps, scene)
  if (!listening) return
  const { message } = listening
  const { value } = await keptOf(deps, scene, message)
  if (!value || value.by !== scene.from) return
  const lines: Line[] = [[{ kind: 'text', text: wordsOf(deps, scene).own.replaced }]]
  await close(deps, { scene, message }, value, lines).catch(() => undefined)
}

async function pressed(deps: DialogueDeps, scene: Scene, message: number, token: string): Promise<Pressed> {
  const { own } = wordsOf(deps, scene)
  const seen = await keptOf(deps, scene, message)
  const dialogue = seen.value
  if (!dialogue) {
    await deps.messages.unbutton(scene.place, message).catch(() => undefined)
    return { alert: own.formClosed }
  }
  if (dialogue.by !== scene.from) return { alert: own.notYours }
  const standing = { scene, message, seen }
  const form = await deps.work.draw(scene.acting, dialogue.session, dialogue.problems)
  const action = dialogue.buttons[token]
  const moved = action ? act(dialogue, form, action) : null
  if (!moved) {
    await show(deps, standing, dialogue, form)
    return { alert: own.movedOn }
  }
  return move(deps, standing, form, moved, fieldAt(form, dialogue)?.key ?? null)
}

async function said(deps: DialogueDeps, scene: Scene, text: string, repliedTo: number | null): Promise<boolean> {
  const listening = await listeningOf(deps, scene)
  if (!listening) return false
  const { message, prompt } = listening
  if (repliedTo === null ? !isPrivate(scene.place) : ![message, prompt].includes(repliedTo)) return false
  const seen = await keptOf(deps, scene, message)
  const dialogue = seen.value
  if (!dialogue || dialogue.by !== scene.from) return false
  if (scene.update <= dialogue.update) return true // Telegram repeats it; it has answered its question
  const standing = { scene, message, seen }
  const form = await deps.work.draw(scene.acting, dialogue.session, dialogue.problems)
  const field = fieldAt(form, dialogue)
  if (!field) await show(deps, standing, dialogue, form)
  else {
    const options = await optionsFor(deps, scene, dialogue, form)
    await takeWords(deps, standing, dialogue, form, { field, options, text })
  }
  return true
}
/** Words for the question that is asked: its answer, something to search for, or neither. */
async function takeWords(
  deps: DialogueDeps,
  standing: Standing,
  dialogue: Dialogue,
  form: Form,
  { field, options, text }: { field: Field; options: readonly FormOption[]; text: string },
): Promise<void> {
  const { scene } = standing
  const { yes, no } = scene.acting.texts
  const value = typed(field, options, text, { yes, no })
  if (value === 'search') return show(deps, standing, { ...dialogue, search: text.trim(), page: 0 }, form)
  if (value === 'notOne') {
    const message = wordsOf(deps, scene).own.notOne(text.trim().slice(0, 60))
    return show(deps, standing, { ...dialogue, problems: [{ field: field.key, message, fix: null }] }, form)
  }
  await move(deps, standing, form, answerText(dialogue, field, value.value), field.key)
}

/** Where an answer leads: the next question, a last look, the sending, or the end. */
async function move(
  deps: DialogueDeps,
  standing: Standing,
  form: Form,
  { dialogue, then }: Move,
  answered: string | null,
): Promise<Pressed> {
  const { scene } = standing
  if (then === 'close') {
    await close(deps, standing, dialogue, [[{ kind: 'text', text: wordsOf(deps, scene).own.cancelled }]], form.title)
    return null
  }
  if (then === 'send') return send(deps, standing, dialogue, form)
  const checked = then === 'check' ? await look(deps, scene, dialogue) : null
  const fresh = checked?.form ?? form
  const next = checked ? afterCheck(dialogue, fresh, answered, checked.problems) : dialogue
  if (checked && next.step.at === 'review' && isOneQuestion(dialogue.session, fresh))
    return send(deps, standing, next, fresh)
  await show(deps, standing, next, fresh)
  return null
}
async function send(deps: DialogueDeps, standing: Standing, dialogue: Dialogue, form: Form): Promise<Pressed> {
  const { acting, manner } = standing.scene
  const sent = await deps.work.submit(acting, dialogue.session)
  if (sent.kind === 'done') {
    if (sent.lines.length > 0) await close(deps, standing, dialogue, sent.lines)
    else
      await close(
        deps,
        standing,
        dialogue,
        [[{ kind: 'text', text: wordsOf(deps, standing.scene).own.recorded }]],
        form.title,
      )
    return null
  }
  if (sent.kind === 'errors') {
    const fresh = await deps.work.draw(acting, dialogue.session, sent.problems)
    await show(deps, standing, afterCheck(dialogue, fresh, null, sent.problems), fresh)
    return null
  }
  if (!sent.again) await close(deps, standing, dialogue, sent.lines, form.title)
  else await show(deps, standing, dialogue, form)
  return { alert: sent.lines.map((line) => linePlain(line, manner)).join('\n') }
}
/** One question and nothing to weigh: the answer is the sending. An edit shows first what it touches. */
const isOneQuestion = (session: FormSession, form: Form): boolean =>
  session.kind === 'press' && session.verb !== 'edit_retry' && askable(form).length <= 1
