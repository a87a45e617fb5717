import type { ModalView } from '@slack/types'
import { plain, type Form, type Line } from '../core/card.ts'
import type { Acting, FieldProblem, FormSession } from '../core/contract.ts'
import { checkForm, drawForm, submitForm } from '../core/form.ts'
import { refused } from '../core/refusal.ts'
import type { Texts } from '../core/texts.ts'
import { ACK_BUDGET_MS } from './limits.ts'
import { formView, keyOfBlock, loadingView, reviewView, toldView } from './render-form.ts'
import { packSession } from './session.ts'

/** What a submitted view is answered with (Slack: `response_action`). */
type Answer =
  | undefined
  | { readonly response_action: 'clear' }
  | { readonly response_action: 'errors'; readonly errors: Readonly<Record<string, string>> }
  | { readonly response_action: 'update' | 'push'; readonly view: ModalView }

/** Work that goes on after the acknowledgement; the process waits for it when it stops. */
export type Later = (what: string, work: () => Promise<void>) => void

export interface Submission {
  readonly acting: Acting
  readonly session: FormSession
  /** Block ids of the inputs that are on the view: errors may land on these only. */
  readonly asked: readonly string[]
  readonly step: 'form' | 'review'
  readonly ack: (answer?: Answer) => Promise<void>
  readonly later: Later
  readonly update: (view: ModalView) => Promise<void>
}

/**
 * A form sent in: errors on their fields, a last look, or the deed. Slack waits 3 s; what takes longer is acknowledged with "Recording…"
 * and shown in the same modal when it is known.
 */
export async function submission({ acting, session, asked, step, ack, later, update }: Submission): Promise<void> {
  const answering = answerOf(acting, session, asked, step).catch((error: unknown): Answer =>
    toldAnswer(acting.texts, refused(acting, error)),
  )
  const soon = await within(
    ACK_BUDGET_MS,
    answering.then((answer) => ({ answer })),
    null,
  )
  if (soon) return ack(soon.answer)
  await ack({ response_action: 'update', view: loadingView(acting.texts, acting.texts.recording) })
  later('late answer to a form', async () => update(await lateView(acting, session, await answering)))
}

async function answerOf(
  acting: Acting,
  session: FormSession,
  asked: readonly string[],
  step: 'form' | 'review',
): Promise<Answer> {
  if (step === 'form') {
    const checked = await checkForm(acting, session)
    if (checked.kind === 'errors') return errorsAnswer(acting, session, checked.problems, asked, checked.form)
    if (checked.kind === 'tell')
      return checked.again ? again(acting, session, checked.lines, asked) : toldAnswer(acting.texts, checked.lines)
    if (checked.kind === 'review')
      return {
        response_action: 'push',
        view: reviewView(checked.review, await packSession(acting.service, session, null)),
      }
  }
  const done = await submitForm(acting, session)
  // What changes no card is said where it was asked for.
  if (done.kind === 'done')
    return session.kind === 'press' && done.lines.length > 0
      ? toldAnswer(acting.texts, done.lines)
      : { response_action: 'clear' }
  if (done.kind === 'errors')
    return errorsAnswer(acting, session, done.problems, asked, await drawForm(acting, session, done.problems))
  return done.again ? again(acting, session, done.lines, asked) : toldAnswer(acting.texts, done.lines)
}

/** On their fields, when all of them are on the view; else the form is drawn anew with everything on it. */
async function errorsAnswer(
  acting: Acting,
  session: FormSession,
  problems: readonly FieldProblem[],
  asked: readonly string[],
  form: Form,
): Promise<Answer> {
  const { texts } = acting
  const errors: Record<string, string> = {}
  for (const problem of problems) {
    const blockId = asked.find((id) => keyOfBlock(id) === problem.field)
    if (blockId) errors[blockId] = problem.fix ? `${problem.message} ${texts.form.use(problem.fix)}` : problem.message
  }
  const landed = new Set(Object.keys(errors).map(keyOfBlock))
  if (problems.length > 0 && problems.every(({ field }) => landed.has(field)))
    return { response_action: 'errors', errors }
  return { response_action: 'update', view: formView(texts, form, await packSession(acting.service, session, form)) }
}
/** Not recorded: the form stays as it is, and says so. */
async function again(
  acting: Acting,
  session: FormSession,
  lines: readonly Line[],
  asked: readonly string[],
): Promise<Answer> {
  const [first] = asked
  const text =
    lines.map((line) => line.map((span) => ('text' in span ? span.text : '')).join('')).join(' ') ||
    acting.texts.notRecorded
  if (first) return { response_action: 'errors', errors: { [first]: text } }
  const form = await drawForm(acting, session).catch(() => null)
  if (!form) return toldAnswer(acting.texts, [[plain(text)]])
  return {
    response_action: 'update',
    view: formView(
      acting.texts,
      { ...form, notes: [...form.notes, [plain(text)]] },
      await packSession(acting.service, session, form),
    ),
  }
}
const toldAnswer = (texts: Texts, lines: readonly Line[]): Answer => ({
  response_action: 'update',
  view: toldView(texts, lines),
})

async function lateView(acting: Acting, session: FormSession, answer: Answer): Promise<ModalView> {
  const { texts } = acting
  if (!answer || answer.response_action === 'clear') return toldView(texts, [[plain('✅ '), plain(texts.done)]])
  if (answer.response_action !== 'errors') return answer.view
  const problems = Object.entries(answer.errors).map(([id, message]): FieldProblem => ({
    field: keyOfBlock(id),
    message,
    fix: null,
  }))
  const form = await drawForm(acting, session, problems)
  return formView(texts, form, await packSession(acting.service, session, form))
}

/** What `work` gives within `ms`, else `otherwise`; the work goes on. */
export async function within<T, O>(ms: number, work: Promise<T>, otherwise: O): Promise<T | O> {
  let timer: NodeJS.Timeout | undefined
  try {
    return await Promise.race([work, new Promise<O>((resolve) => (timer = setTimeout(resolve, ms, otherwise)))])
  } finally {
    clearTimeout(timer)
  }
}
