import type { Field, Form, FormOption } from '../../core/card.ts'
import type { Answers, FieldProblem, FormSession } from '../../core/contract.ts'

/** Where a guided form stands: one question after the other, then everything once more before it is sent. */
export type Step =
  | { readonly at: 'field'; readonly key: string }
  /** All answers, and the button that sends. */
  | { readonly at: 'review' }
  /** "Change what?" */
  | { readonly at: 'pick' }

/** What a button of the form stands for. The platform sees a random token only. */
export type Act =
  | { readonly do: 'choose'; readonly value: unknown }
  /** Ticks or unticks one of several. */
  | { readonly do: 'toggle'; readonly value: unknown }
  | { readonly do: 'done' }
  /** Goes on with what is there. */
  | { readonly do: 'leave' }
  | { readonly do: 'page'; readonly to: number }
  | { readonly do: 'back' }
  | { readonly do: 'pick' }
  | { readonly do: 'change'; readonly key: string }
  | { readonly do: 'review' }
  | { readonly do: 'send' }
  | { readonly do: 'cancel' }

/** A form under way, as it is kept over restarts. Plain JSON. */
export interface Dialogue {
  readonly session: FormSession
  /** Telegram's id of the person it belongs to. */
  readonly by: string
  readonly step: Step
  /** Questions asked so far, for Back. */
  readonly trail: readonly string[]
  /** Questions that need not be asked any more. */
  readonly settled: readonly string[]
  /** Came from the review: the next answer leads back there. */
  readonly changing: boolean
  readonly ticked: readonly unknown[]
  readonly page: number
  readonly search: string
  readonly problems: readonly FieldProblem[]
  /** Tokens of the buttons last drawn. */
  readonly buttons: Readonly<Record<string, Act>>
  /** Message that asks for a reply, in groups. */
  readonly prompt: number | null
  /** The person's own message that opened it. */
  readonly replyTo: number | null
  /** Last update applied, so that one that Telegram repeats after a restart does not answer the next question. */
  readonly update: number
}
/** What has to happen after a step: look at the server for what is wrong and what comes next, only draw, send in, or leave. */
export type Move = { readonly dialogue: Dialogue; readonly then: 'check' | 'draw' | 'send' | 'close' }

export const askable = (form: Form): readonly Field[] => form.fields.filter(({ widget }) => widget !== 'shown')
export const fieldAt = (form: Form, { step }: Dialogue): Field | null =>
  step.at === 'field' ? (form.fields.find(({ key }) => key === step.key) ?? null) : null
export const wantsText = (field: Field): boolean => !['choice', 'choices', 'yesno', 'shown'].includes(field.widget)

/** Answers given with the command need not be asked again; an edit shows its values first and asks nothing. */
export function begin(session: FormSession, form: Form, by: string, replyTo: number | null, update: number): Dialogue {
  const prefilled = session.kind === 'press' && session.verb === 'edit_retry'
  const settled = askable(form)
    .filter((field) => field.error === null && (field.key in session.answers || (prefilled && field.value !== null)))
    .map(({ key }) => key)
  const fresh: Dialogue = {
    session,
    by,
    step: { at: 'review' },
    trail: [],
    settled,
    changing: false,
    ticked: [],
    page: 0,
    search: '',
    problems: askable(form).flatMap(({ key, error, fix }) =>
      error === null ? [] : [{ field: key, message: error, fix }],
    ),
    buttons: {},
    prompt: null,
    replyTo,
    update,
  }
  return goOn(fresh, form)
}

/** The next question nobody has answered, or the review. */
function goOn(dialogue: Dialogue, form: Form): Dialogue {
  const open = askable(form).find(({ key }) => !dialogue.settled.includes(key))
  return open ? askFor(dialogue, open) : { ...dialogue, step: { at: 'review' }, changing: false, page: 0, search: '' }
}
function askFor(dialogue: Dialogue, field: Field): Dialogue {
  const ticked = Array.isArray(field.value) ? (field.value as unknown[]) : []
  const trail = [...dialogue.trail.filter((key) => key !== field.key), field.key]
  return { ...dialogue, step: { at: 'field', key: field.key }, trail, ticked, page: 0, search: '' }
}
const settle = (dialogue: Dialogue, key: string, given?: { readonly value: unknown }): Dialogue => ({
  ...dialogue,
  session: given
    ? withAnswers(dialogue.session, { ...dialogue.session.answers, [key]: given.value })
    : dialogue.session,
  settled: [...dialogue.settled.filter((one) => one !== key), key],
  problems: dialogue.problems.filter(({ field }) => field !== key),
})
const withAnswers = (session: FormSession, answers: Answers): FormSession => ({ ...session, answers })

/** A pressed button. Null: it does not belong to what is asked now. */
export function act(dialogue: Dialogue, form: Form, action: Act): Move | null {
  const field = fieldAt(form, dialogue)
  switch (action.do) {
    case 'choose':
      return field && { dialogue: settle(dialogue, field.key, { value: action.value }), then: 'check' }
    case 'toggle': {
      const has = dialogue.ticked.some((one) => same(one, action.value))
      const ticked = has
        ? dialogue.ticked.filter((one) => !same(one, action.value))
        : [...dialogue.ticked, action.value]
      return { dialogue: { ...dialogue, ticked }, then: 'draw' }
    }
    case 'done':
      return field && { dialogue: settle(dialogue, field.key, { value: dialogue.ticked }), then: 'check' }
    case 'leave':
      return field && { dialogue: settle(dialogue, field.key), then: 'check' }
    case 'page':
      return { dialogue: { ...dialogue, page: Math.max(0, action.to) }, then: 'draw' }
    case 'back': {
      const before = dialogue.step.at === 'field' ? dialogue.trail.slice(0, -1) : dialogue.trail
      const previous = form.fields.find(({ key }) => key === before.at(-1))
      if (!previous) return { dialogue, then: 'draw' }
      return {
        dialogue: {
          ...askFor({ ...dialogue, trail: before.slice(0, -1) }, previous),
          changing: false,
          settled: dialogue.settled.filter((key) => key !== previous.key),
        },
        then: 'draw',
      }
    }
    case 'pick':
      return { dialogue: { ...dialogue, step: { at: 'pick' } }, then: 'draw' }
    case 'change': {
      const chosen = form.fields.find(({ key }) => key === action.key)
      return chosen ? { dialogue: { ...askFor(dialogue, chosen), changing: true }, then: 'draw' } : null
    }
    case 'review':
      return { dialogue: { ...dialogue, step: { at: 'review' }, changing: false }, then: 'draw' }
    case 'send':
      return { dialogue, then: 'send' }
    case 'cancel':
      return { dialogue, then: 'close' }
  }
}
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What somebody typed, as the field's value: one of its choices where it has some, else the text, which the server reads by type. */
export function typed(
  field: Field,
  options: readonly FormOption[],
  text: string,
  words: { yes: string; no: string },
): { readonly value: unknown } | 'search' | 'notOne' {
  const said = text.trim()
  switch (field.widget) {
    case 'yesno': {
      if (['yes', 'y', 'true', '1', '是', '对', words.yes.toLowerCase()].includes(said.toLowerCase()))
        return { value: true }
      if (['no', 'n', 'false', '0', '否', '不', words.no.toLowerCase()].includes(said.toLowerCase()))
        return { value: false }
      return 'notOne'
    }
    case 'choice': {
      const found = oneOf(options, said)
      return found ? { value: found.value } : 'notOne'
    }
    case 'search': {
      const found = oneOf(options, said)
      return found ? { value: found.value } : 'search'
    }
    case 'choices':
    case 'searches': {
      const parts = said.split(/[,，、\s]+/).filter(Boolean)
      const found = parts.map((part) => oneOf(options, part))
      if (found.every((one) => one !== null)) return { value: found.map((one) => one?.value) }
      // `@web` and other labels are the server's to read.
      if (parts.every((part, at) => found[at] !== null || part.startsWith('@')))
        return { value: parts.map((part, at) => found[at]?.value ?? part) }
      return field.widget === 'searches' ? 'search' : 'notOne'
    }
    case 'list':
      return {
        value: text
          .split(/[\n,，]+/)
          .map((part) => part.trim())
          .filter(Boolean),
      }
    default:
      return { value: field.widget === 'lines' ? text : said }
  }
}
export function answerText(dialogue: Dialogue, field: Field, value: unknown): Move {
  return { dialogue: settle(dialogue, field.key, { value }), then: 'check' }
}
/** Exactly one by title or value, else the only one that begins so. */
function oneOf(options: readonly FormOption[], said: string): FormOption | null {
  const wanted = said.toLowerCase()
  const exact = options.find(
    ({ title, value }) => title.toLowerCase() === wanted || String(value).toLowerCase() === wanted,
  )
  if (exact) return exact
  const begun = options.filter(({ title }) => wanted !== '' && title.toLowerCase().startsWith(wanted))
  return begun.length === 1 ? (begun[0] ?? null) : null
}

/** After the server looked: stay where something is wrong with what was just answered, else go on; at the review, the first wrong field. */
export function afterCheck(
  dialogue: Dialogue,
  form: Form,
  answered: string | null,
  problems: readonly FieldProblem[],
): Dialogue {
  const here = form.fields.find(({ key }) => key === answered)
  if (here && problems.some(({ field }) => field === here.key)) {
    const settled = dialogue.settled.filter((key) => key !== here.key)
    return { ...askFor({ ...dialogue, settled }, here), problems, changing: dialogue.changing }
  }
  // What its choices depended on has changed: asked again, with what was there offered.
  const settled = dialogue.settled.filter(
    (key) => !form.fields.some((field) => field.key === key && here && field.dependsOn.includes(here.key)),
  )
  const next = goOn({ ...dialogue, problems, settled }, form)
  const wrong =
    next.step.at === 'review' ? form.fields.find(({ key }) => problems.some(({ field }) => field === key)) : undefined
  return wrong ? { ...askFor(next, wrong), settled: next.settled.filter((key) => key !== wrong.key) } : next
}
