import { randomBytes } from 'node:crypto'
import { ClientError } from '../../api/client/index.ts'
import { bold, line, type CardFact, type Field, type Form, type FormOption, type Line } from './card.ts'
import type { Acting, Answers, Checked, FieldProblem, FormSession, Reply, Submitted } from './contract.ts'
import { fieldsOf, isEmpty, phoneOnly, valueText } from './fields.ts'
import { asksForFreeze, FREEZE, freezeField, freezeProblem, passing } from './freeze.ts'
import { optionOf } from './options.ts'
import { checkPressForm, drawPressForm, searchPressOptions, submitPressForm } from './press-form.ts'
import {
  appFormQuery,
  formOptionsQuery,
  launchMutation,
  previewQuery,
  signInLinkMutation,
  type AppForm,
  type ButtonData,
  type PreviewData,
} from './queries/index.ts'
import { isTransient, refused } from './refusal.ts'
import type { Texts } from './texts.ts'

type LaunchSession = Extract<FormSession, { kind: 'launch' }>
export interface Prefill {
  /** As typed: `key=value`, read by each variable's type. */
  readonly typed?: Readonly<Record<string, string>>
  /** As the server has them already (run again). */
  readonly answers?: Answers
  readonly rehearsal?: boolean
  readonly continueFrom?: string
}

/** The form of an app, by name or alias, opened: its launch key is minted here, so that sending it twice is one task. */
export async function openLaunch(acting: Acting, name: string, prefill: Prefill): Promise<Reply> {
  return (await tryLaunch(acting, name, prefill)) ?? told(acting.texts.noSuchApp(name))
}
/** The same, or null where no app has this name. */
export async function tryLaunch(acting: Acting, name: string, prefill: Prefill): Promise<Reply | null> {
  const { texts } = acting
  const app = await loadApp(acting, name, null, prefill.answers ?? {})
  if (!app) return null
  const launchable = app.availableActions.find(({ action }) => action.toLowerCase() === 'launch')
  if (launchable && !launchable.allowed) return told(launchable.why ?? texts.noApps)
  const refusal = refuseTyped(acting, app, prefill.typed ?? {})
  if (refusal) return refusal
  const session: LaunchSession = {
    kind: 'launch',
    app: app.name,
    project: app.project,
    key: `chat-${randomBytes(16).toString('base64url')}`,
    origin: acting.origin,
    rehearsal: prefill.rehearsal ?? false,
    continueFrom: prefill.continueFrom ?? null,
    answers: prefill.answers ?? {},
  }
  if (Object.keys(prefill.typed ?? {}).length === 0)
    return { kind: 'form', session, form: launchForm(acting, session, app, []) }
  const read = await readTyped(acting, session, app, prefill.typed ?? {})
  return { kind: 'form', session: read.session, form: await drawForm(acting, read.session, read.problems) }
}
const told = (text: string): Reply => ({ kind: 'tell', lines: [line(text)], alert: true })
export { openPressForm } from './press-form.ts'

/** Keys that the form does not have, that the app fixes, or whose values are secret and never taken in chat: the value is dropped, not repeated. */
function refuseTyped({ texts }: Acting, app: AppForm, typed: Readonly<Record<string, string>>): Reply | null {
  for (const key of Object.keys(typed)) {
    const field = app.form.fields.find((candidate) => candidate.key === key)
    if (!field)
      return told(
        texts.noSuchField(
          key,
          nearest(
            key,
            app.form.fields.map((known) => known.key),
          ),
        ),
      )
    if (field.secret || field.type === 'password') return told(texts.secretRefused(field.title))
    if (field.fixed) return told(texts.fixedRefused(field.title))
  }
  return null
}
const nearest = (key: string, known: readonly string[]): string | null =>
  known.find((other) => other.toLowerCase() === key.toLowerCase()) ??
  known.find((other) => other.startsWith(key) || key.startsWith(other)) ??
  null

/** Typed texts become values by the server's reading of each variable's type; what it refuses is kept as typed, with what is wrong. */
async function readTyped(
  acting: Acting,
  session: LaunchSession,
  app: AppForm,
  typed: Readonly<Record<string, string>>,
): Promise<{ session: LaunchSession; problems: readonly FieldProblem[] }> {
  const keys = Object.keys(typed)
  const { preview } = await acting.client.query(previewQuery, {
    input: { app: app.name, project: app.project, variables: typed, asText: true },
  })
  const value = (key: string): unknown => {
    const field = preview.fields.find((candidate) => candidate.key === key)
    return field && !isEmpty(field.value) ? field.value : typed[key]
  }
  const answers = Object.fromEntries(keys.map((key) => [key, value(key)]))
  return {
    session: { ...session, answers: { ...session.answers, ...answers } },
    problems: problemsOf(preview).filter(({ field }) => keys.includes(field)),
  }
}
const problemsOf = (preview: Pick<PreviewData, 'errors'>): FieldProblem[] =>
  preview.errors.map(({ field, message, fix }) => ({ field, message, fix }))

const loadApp = async (
  acting: Acting,
  name: string,
  project: string | null,
  answers: Answers,
  scheme: string | null = null,
): Promise<AppForm | null> =>
  (await acting.client.query(appFormQuery, { name, project, answers, ...(scheme !== null && { scheme }) })).app

/** The form for the answers so far: the server says which fields are visible, reachable, fixed, and their options. */
export async function drawForm(
  acting: Acting,
  session: FormSession,
  problems: readonly FieldProblem[] = [],
): Promise<Form> {
  if (session.kind === 'press') return drawPressForm(acting, session, problems)
  const app = await loadApp(acting, session.app, session.project, variablesOf(session.answers), schemeOf(session))
  if (!app) throw new ClientError('NOT_FOUND', acting.texts.noSuchApp(session.app))
  return launchForm(acting, session, app, problems)
}
function launchForm({ texts }: Acting, session: LaunchSession, app: AppForm, problems: readonly FieldProblem[]): Form {
  const asked = fieldsOf(texts, app.form.fields, session.answers, problems)
  const holds = Boolean(app.frozen) && !app.handOver && !session.rehearsal
  const fields = [
    ...(app.schemes.length > 0 ? [schemeField(texts, app, session)] : []),
    ...asked,
    // Whoever may pass a freeze says why in sending the form in; the others read that it holds.
    ...((holds && app.frozen?.mayOverride) || asksForFreeze(session.answers, problems)
      ? [freezeField(texts, session.answers, problems)]
      : []),
  ]
  const onPhone = app.form.fields
    .filter((field) => phoneOnly(field) && (field.required || field.secret))
    .map(({ title }) => title)
  const notes: Line[] = [
    ...(session.rehearsal ? [line(bold(texts.rehearsal))] : []),
    // Before anybody fills it in: handed-over work can be asked for all the same.
    ...(holds ? [line('⚠️ ', app.frozen?.text ?? '')] : []),
    ...(app.handOver ? [line('✋ ', texts.request.first(app.handOver))] : []),
    ...(app.confirm ? [line('⚠️ ', app.confirm, ' ', texts.form.checkOnce)] : []),
    ...(onPhone.length > 0 ? [line('📱 ', texts.onPhone(onPhone.join(texts.comma)))] : []),
    ...general(fields, problems),
  ]
  return {
    title: app.title,
    intro: app.help ? [line(app.help)] : [],
    fields,
    submit: app.confirm ? texts.form.review : texts.form.launch,
    cancel: texts.form.cancel,
    review: app.confirm !== null,
    danger: false,
    notes,
    onPhone,
  }
}
/** What is wrong with fields that are not on this form is said under it. */
const general = (fields: readonly Field[], problems: readonly FieldProblem[]): Line[] =>
  problems
    .filter(({ field }) => !fields.some(({ key, widget }) => key === field && widget !== 'shown'))
    .map(({ message }) => line('⚠️ ', message))

/** Before anything is done: the server's errors on their fields, or what will happen. */
export async function checkForm(acting: Acting, session: FormSession): Promise<Checked> {
  try {
    if (session.kind === 'press') return await checkPressForm(acting, session)
    const { preview } = await acting.client.query(previewQuery, { input: launchInput(session) })
    const problems = problemsOf(preview)
    if (problems.length > 0) return { kind: 'errors', problems, form: await drawForm(acting, session, problems) }
    const news = [preview.confirm, preview.freeze, preview.joins].some((one) => one !== null) || preview.busy
    if (!news && preview.alreadyRunning.length === 0) return { kind: 'ready' }
    return { kind: 'review', review: reviewOf(acting, preview, session) }
  } catch (error) {
    if (error instanceof ClientError && error.fields.length > 0) {
      const problems = error.fields.map(({ field, message, fix }) => ({ field, message, fix: fix ?? null }))
      return { kind: 'errors', problems, form: await drawForm(acting, session, problems) }
    }
    return { kind: 'tell', lines: refused(acting, error), again: isTransient(error) }
  }
}
function reviewOf({ texts }: Acting, preview: PreviewData, { answers }: LaunchSession) {
  const { overrideFreeze: why } = passing(answers)
  const answered: CardFact[] = preview.fields
    .filter((field) => field.visible && field.reachable)
    .map((field) => ({ title: field.title, text: valueText(texts, field) || texts.form.empty }))
  const facts: CardFact[] = [
    ...answered,
    ...(preview.hosts.length > 0 ? [{ title: texts.form.hosts, text: preview.hosts.join(texts.comma) }] : []),
    ...(preview.approvers.length > 0 ? [{ title: texts.form.approvers, text: approversOf(texts, preview) }] : []),
    ...(preview.expectS === null ? [] : [{ title: texts.form.takes, text: texts.duration(preview.expectS * 1000) }]),
    ...(why === undefined ? [] : [{ title: texts.frozen.why, text: why }]),
  ]
  const notes: Line[] = [
    ...(preview.confirm ? [line('⚠️ ', preview.confirm)] : []),
    ...(preview.freeze ? [line('⚠️ ', preview.freeze)] : []),
    ...(preview.busy ? [line('⚠️ ', texts.form.busy)] : []),
    ...(preview.handOver ? [line('✋ ', texts.request.first(preview.handOver))] : []),
    ...(preview.joins ? [line('➡️ ', texts.form.joins(preview.joins.title, preview.joins.number))] : []),
    ...(preview.queuePosition ? [line('⏳ ', texts.form.starts(preview.queuePosition))] : []),
    ...preview.alreadyRunning
      .filter(({ number }) => number !== preview.joins?.number)
      .slice(0, 3)
      .map((task) =>
        line(`${texts.form.already}${texts.colon}${task.title} (#${task.number}, ${task.startedBy.name})`),
      ),
  ]
  return { title: preview.title, facts, notes, submit: texts.form.launch, back: texts.form.back }
}
/** How many of whom, and who that is as things stand. */
const approversOf = (texts: Texts, { approvers, approvals }: PreviewData): string =>
  approvals.length === 0
    ? approvers.join(texts.comma)
    : approvals
        .map(({ text, people }) => {
          const names = people.slice(0, 6).map(({ name }) => name)
          return names.length === 0 || names.every((name) => text.includes(name))
            ? text
            : `${text} (${names.join(texts.comma)})`
        })
        .join(texts.comma)

/** A variant of the app is chosen on top of its form; the server fills the rest in. Variables never begin with a dot. */
const SCHEME = '.scheme'
const variablesOf = (answers: Answers): Answers =>
  Object.fromEntries(Object.entries(answers).filter(([key]) => key !== SCHEME && key !== FREEZE))
function schemeOf({ answers }: LaunchSession): string | null {
  const chosen = answers[SCHEME]
  return typeof chosen === 'string' && chosen !== '' ? chosen : null
}
function schemeField(texts: Texts, app: AppForm, session: LaunchSession): Field {
  const chosen = app.schemes.find(({ name }) => name === schemeOf(session))
  return {
    key: SCHEME,
    label: texts.form.scheme,
    help: null,
    widget: 'choice',
    required: false,
    value: chosen?.name ?? null,
    valueText: chosen?.title ?? texts.form.schemeNone,
    options: app.schemes.map(({ name, title }) => optionOf({ value: name, title })),
    dependsOn: [],
    redraws: true,
    min: null,
    max: null,
    minLength: null,
    maxLength: null,
    rows: null,
    error: null,
    fix: null,
  }
}
const launchInput = (session: LaunchSession) => ({
  app: session.app,
  project: session.project,
  variables: variablesOf(session.answers),
  ...(schemeOf(session) !== null && { scheme: schemeOf(session) }),
  key: session.key,
  rehearsal: session.rehearsal,
  continueFrom: session.continueFrom,
  origin: session.origin,
  ...passing(session.answers),
})

/** Does it. Sent twice with one session, it is one task, one act. */
export async function submitForm(acting: Acting, session: FormSession): Promise<Submitted> {
  const { texts } = acting
  try {
    if (session.kind === 'press') return await submitPressForm(acting, session)
    const { launch } = await acting.client.query(launchMutation, { input: launchInput(session) })
    return {
      kind: 'done',
      lines: [
        line(
          launch.handOver
            ? texts.request.requested(launch.title, launch.number, launch.handOver.to)
            : texts.launched(launch.title, launch.number),
        ),
      ],
      taskId: launch.id,
    }
  } catch (error) {
    const frozen = freezeProblem(error)
    if (frozen) return { kind: 'errors', problems: [frozen] }
    if (error instanceof ClientError && error.fields.length > 0) {
      return {
        kind: 'errors',
        problems: error.fields.map(({ field, message, fix }) => ({ field, message, fix: fix ?? null })),
      }
    }
    return { kind: 'tell', lines: refused(acting, error), again: isTransient(error) }
  }
}

/** Options for what was typed so far, in time for the platform; never asks for a child before its parents. */
export async function searchOptions(
  acting: Acting,
  session: FormSession,
  field: string,
  typed: string,
): Promise<readonly FormOption[]> {
  if (session.kind === 'press') return searchPressOptions(acting, session, field, typed)
  const { formOptions } = await acting.client.query(formOptionsQuery, {
    app: session.app,
    project: session.project,
    field,
    answers: variablesOf(session.answers),
    search: typed || null,
  })
  return formOptions.options.slice(0, 100).map(optionOf)
}

/** The same form on the phone page, signed in once, with what was typed already filled in. */
export async function phoneLink(acting: Acting, session: FormSession): Promise<string> {
  const path = session.kind === 'launch' ? `/apps/${encodeURIComponent(session.app)}` : '/'
  const { signInLink } = await acting.client.query(signInLinkMutation, {
    path,
    answers: variablesOf(session.answers),
  })
  return signInLink
}
export type { ButtonData }
