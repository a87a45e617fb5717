/** "Mute…" on an alert: this task or all of its app, and for how long. Nothing is hidden by it: what waits stays in the inbox. */
import { ClientError } from '../../api/client/index.ts'
import { muteNow } from './alerts.ts'
import type { Field, Line } from './card.ts'
import { cut } from './cards/words.ts'
import type { Acting, Answers, FieldProblem, FormSession } from './contract.ts'
import { ownField } from './fields.ts'
import { optionOf } from './options.ts'
import { truthQuery, type ButtonData } from './queries/index.ts'

type PressSession = Extract<FormSession, { kind: 'press' }>
const WHAT = '.what'
const LONG = '.long'
/** Minutes; none: until they lift it themselves. */
const TIMES = [60, 480, 1440, 10_080] as const
const FOR_GOOD = 'for-good'

const loadTask = async (acting: Acting, button: ButtonData) => {
  const { task } = await acting.client.query(truthQuery, { id: button.taskId ?? '' })
  if (!task) throw new ClientError('NOT_FOUND', acting.texts.truthUnknown)
  return task
}

export async function muteFields(
  acting: Acting,
  { answers }: PressSession,
  button: ButtonData,
  problems: readonly FieldProblem[],
): Promise<Field[]> {
  const { texts } = acting
  const task = await loadTask(acting, button)
  const choice = (key: string, label: string, options: readonly { value: string; title: string }[]): Field => {
    const field = ownField(key, label, 'choice', true, answers, problems)
    const value = typeof field.value === 'string' ? field.value : (options[0]?.value ?? null)
    const valueText = options.find((option) => option.value === value)?.title ?? ''
    return { ...field, options: options.map(optionOf), value, valueText }
  }
  return [
    choice(WHAT, texts.form.muteWhat, [
      { value: 'task', title: `${cut(task.title, 50)} (#${task.number})` },
      ...(task.app ? [{ value: 'app', title: texts.form.muteApp(cut(task.app.title, 40)) }] : []),
    ]),
    choice(LONG, texts.form.muteLong, [
      ...TIMES.map((minutes) => ({ value: String(minutes), title: texts.form.muteFor(minutes) })),
      { value: FOR_GOOD, title: texts.form.muteForGood },
    ]),
  ]
}

export async function muteChosen(acting: Acting, button: ButtonData, answers: Answers): Promise<Line[]> {
  const task = await loadTask(acting, button)
  const { app } = task
  const minutes = answers[LONG] === FOR_GOOD ? null : Number(answers[LONG] ?? TIMES[0])
  const what = answers[WHAT] === 'app' && app ? { app: app.name, project: app.project } : { taskId: task.id }
  return [await muteNow(acting, what, minutes, 'app' in what && app ? app.title : task.title)]
}
