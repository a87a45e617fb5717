import type { Form, FormOption, Review } from '../../core/card.ts'
import type { FieldProblem } from '../../core/contract.ts'
import type { DialogueDeps, Scene } from './contract.ts'
import { afterCheck, fieldAt, type Dialogue } from './dialogue.ts'

type Asks = Pick<DialogueDeps, 'work'>

/** All that a dialogue is drawn from. */
export interface Kit {
  readonly dialogue: Dialogue
  readonly form: Form
  readonly options: readonly FormOption[]
  readonly review: Review | null
}

/** What the server says about this step. A last look that finds something wrong goes back to the question it is about. */
export async function kitFor(asks: Asks, scene: Scene, dialogue: Dialogue, form: Form): Promise<Kit> {
  if (dialogue.step.at !== 'review')
    return { dialogue, form, options: await optionsFor(asks, scene, dialogue, form), review: null }
  const checked = await asks.work.check(scene.acting, dialogue.session)
  if (checked.kind === 'review') return { dialogue, form, options: [], review: checked.review }
  if (checked.kind === 'errors') {
    const wrong = afterCheck(dialogue, checked.form, null, checked.problems)
    const options = await optionsFor(asks, scene, wrong, checked.form)
    return { dialogue: wrong, form: checked.form, options, review: null }
  }
  const notes = checked.kind === 'tell' ? [...checked.lines, ...form.notes] : form.notes
  return { dialogue, form: { ...form, notes }, options: [], review: null }
}

/** Options of the field that is asked now, looked up by what was typed where there are too many to list. */
export async function optionsFor(
  { work }: Asks,
  scene: Scene,
  dialogue: Dialogue,
  form: Form,
): Promise<readonly FormOption[]> {
  const field = fieldAt(form, dialogue)
  if (!field) return []
  return field.widget.startsWith('search')
    ? work.search(scene.acting, dialogue.session, field.key, dialogue.search)
    : field.options
}

/** The form as it is with these answers, and what the server finds wrong with them. */
export async function look(
  { work }: Asks,
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
