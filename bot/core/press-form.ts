import { ClientError } from '../../api/client/index.ts'
import { may } from './cards/words.ts'
import { line, type CardFact, type Field, type Form, type FormOption, type Line } from './card.ts'
import type { Acting, Answers, Checked, FieldProblem, FormSession, Reply, Submitted } from './contract.ts'
import { fieldsOf, isEmpty, ownField, phoneOnly, textOf } from './fields.ts'
import { asksForFreeze, freezeField, passing } from './freeze.ts'
import { muteChosen, muteFields } from './mute.ts'
import { optionOf } from './options.ts'
import {
  askQuery,
  assignMutation,
  byhandMutation,
  claimAskMutation,
  claimMutation,
  commentMutation,
  decideMutation,
  editConsequencesQuery,
  failMutation,
  nodeFormQuery,
  peopleQuery,
  rejectRequestMutation,
  releaseAskMutation,
  requestQuery,
  resolveButtonQuery,
  resubmitMutation,
  retryMutation,
  skipMutation,
  startMutation,
  teamsQuery,
  transferMutation,
  transferRequestMutation,
  truthQuery,
  withdrawMutation,
  type AskData,
  type ButtonData,
  type FieldData,
  type RequestData,
} from './queries/index.ts'

type PressSession = Extract<FormSession, { kind: 'press' }>
/** Field keys of our own; variables never begin with a dot. */
const NOTE = '.note'
const TO = '.to'

/** A pressed button that needs words. The form is drawn from what is true now; sending it in asks the server again what the button stands for. */
export async function openPressForm(
  acting: Acting,
  token: string,
  button: ButtonData,
  problems: readonly FieldProblem[] = [],
): Promise<Reply> {
  const session: PressSession = { kind: 'press', token, verb: button.verb, key: `form-${token}`, answers: {} }
  return { kind: 'form', session, form: await draw(acting, session, button, problems) }
}
export const drawPressForm = async (
  acting: Acting,
  session: PressSession,
  problems: readonly FieldProblem[],
): Promise<Form> => draw(acting, session, await resolve(acting, session), problems)

/** Done by the press itself, as long as nothing is frozen. */
const isPlainPress = ({ verb, data }: ButtonData): boolean =>
  verb === 'retry' || verb === 'start' || (verb === 'claim_request' && !isCorrected(data))
/** Out of somebody else's hands. */
export const isTaking = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'take' in data && data.take === true
export const isCorrected = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'edit' in data && data.edit === true
const resolve = async (acting: Acting, { token }: PressSession): Promise<ButtonData> =>
  (await acting.client.query(resolveButtonQuery, { token })).resolveButton
const loadNode = async (acting: Acting, button: ButtonData) => {
  const { task } = await acting.client.query(nodeFormQuery, { id: button.taskId ?? '', node: button.nodeId ?? '' })
  if (!task?.node) throw new ClientError('NOT_FOUND', acting.texts.truthUnknown)
  return { task, node: task.node }
}
const loadAsk = async (acting: Acting, button: ButtonData): Promise<AskData> => {
  const { ask } = await acting.client.query(askQuery, { id: button.askId ?? '' })
  if (!ask) throw new ClientError('NOT_FOUND', acting.texts.truthUnknown)
  return ask
}

const loadRequest = async (acting: Acting, button: ButtonData): Promise<RequestData> => {
  const { task } = await acting.client.query(requestQuery, { id: button.taskId ?? '' })
  if (!task) throw new ClientError('NOT_FOUND', acting.texts.truthUnknown)
  return task
}
/** What may be put right: what the form shows and nobody has fixed. */
const editable = (task: RequestData): readonly FieldData[] =>
  task.variableFields.filter((field) => field.visible && !field.fixed && !field.readOnly && !field.secret)

async function draw(
  acting: Acting,
  session: PressSession,
  button: ButtonData,
  problems: readonly FieldProblem[],
): Promise<Form> {
  const { texts } = acting
  const note = (label: string, required: boolean): Field =>
    ownField(NOTE, label, 'lines', required, session.answers, problems)
  const form = (
    title: string,
    submit: string,
    fields: readonly Field[],
    intro: readonly Line[] = [],
    rest: Partial<Form> = {},
  ): Form => ({
    title,
    submit,
    fields,
    intro,
    cancel: texts.form.cancel,
    review: false,
    danger: false,
    notes: [],
    onPhone: [],
    ...rest,
  })
  const drawn = (data: readonly FieldData[]): Field[] => fieldsOf(texts, data, session.answers, problems)
  const frozen = asksForFreeze(session.answers, problems) ? [freezeField(texts, session.answers, problems)] : []
  // Nothing to fill in but why it cannot wait.
  if (isPlainPress(button)) {
    const title = texts.frozen.title[button.verb] ?? texts.verb[button.verb] ?? ''
    const { task } = await acting.client.query(truthQuery, { id: button.taskId ?? '' })
    return form(title, title, frozen, [line(task?.title ?? '')], { danger: true })
  }
  switch (button.verb) {
    case 'claim_request':
    case 'resubmit_request': {
      const task = await loadRequest(acting, button)
      const isClaim = button.verb === 'claim_request'
      const asked = editable(task)
      const title = isClaim ? texts.form.claimTitle : texts.form.resubmitTitle
      const said = task.handOver?.reason
      const intro = isClaim ? [line(texts.form.claimIntro)] : said ? [line(texts.request.rejected(said))] : []
      const onPhone = asked.filter(phoneOnly).map((field) => field.title)
      return form(
        title,
        title,
        [...drawn(asked), note(texts.form.comment, false), ...frozen],
        [line(task.title), ...intro],
        {
          onPhone,
        },
      )
    }
    case 'reject_request': {
      const task = await loadRequest(acting, button)
      return form(texts.form.rejectTitle, texts.form.rejectTitle, [note(texts.form.reason, true)], [line(task.title)], {
        danger: true,
      })
    }
    case 'transfer_request':
      return form(texts.form.transferTitle, texts.form.transferTitle, [
        await toField(acting, session, button, 'search', problems),
        note(texts.form.reason, true),
      ])
    case 'withdraw_request':
      return form(
        texts.form.withdrawTitle,
        texts.form.withdrawTitle,
        [note(texts.form.reason, false)],
        [line(texts.form.withdrawIntro)],
        { danger: true },
      )
    case 'reject': {
      const ask = await loadAsk(acting, button)
      const fields = ask.commentRule.toLowerCase() === 'never' ? [] : [note(texts.form.reason, true)]
      return form(texts.form.rejectTitle, texts.form.rejectTitle, fields, [line(ask.title)], { danger: true })
    }
    case 'approve':
    case 'submit': {
      const ask = await loadAsk(acting, button)
      const always = ask.commentRule.toLowerCase() === 'always'
      const [title, submit] =
        button.verb === 'approve'
          ? [texts.form.approveTitle, texts.form.approveTitle]
          : [texts.form.submitTitle, texts.form.send]
      const onPhone = ask.fields.filter(phoneOnly).map((field) => field.title)
      return form(
        title,
        submit,
        [...drawn(ask.fields), ...(always ? [note(texts.form.comment, true)] : [])],
        [line(ask.title)],
        { onPhone },
      )
    }
    case 'skip': {
      const { node } = await loadNode(acting, button)
      const lacks =
        node.lackedBy.length > 0 ? texts.form.skipLacks(node.lackedBy.join(texts.comma)) : texts.form.skipNothing
      return form(
        texts.form.skipTitle,
        texts.form.skipTitle,
        [note(texts.form.reason, false)],
        [line(node.headline ?? node.title), line(lacks)],
        { danger: true },
      )
    }
    case 'byhand': {
      const { node } = await loadNode(acting, button)
      const onPhone = node.neededOutputs.filter(phoneOnly).map((field) => field.title)
      const fields = [...drawn(node.neededOutputs), note(texts.form.note, node.neededOutputs.length === 0)]
      return form(
        texts.form.byhandTitle,
        texts.form.send,
        fields,
        [line(node.headline ?? node.title), line(texts.form.byhandIntro)],
        { onPhone },
      )
    }
    case 'edit_retry': {
      const { node } = await loadNode(acting, button)
      const onPhone = node.editFields
        .filter(phoneOnly)
        .filter((field) => !field.secret)
        .map((field) => field.title)
      return form(
        texts.form.editTitle,
        texts.form.editTitle,
        [...drawn(node.editFields), ...frozen],
        [line(node.headline ?? node.title), line(texts.form.editIntro)],
        { onPhone },
      )
    }
    case 'transfer':
      return form(texts.form.transferTitle, texts.form.transferTitle, [
        await toField(acting, session, button, 'search', problems),
        note(texts.form.reason, true),
      ])
    case 'assign':
      return form(texts.form.assignTitle, texts.form.assignTitle, [
        await toField(acting, session, button, 'searches', problems),
        note(texts.form.reason, true),
      ])
    case 'fail': {
      const { task, node } = await loadNode(acting, button)
      const { kills, thenRuns } = task.stopConsequences
      const lines = [
        node.headline ?? node.title,
        ...(kills.length > 0 ? [texts.stopConfirm.kills(kills.join(texts.comma))] : []),
        ...(thenRuns.length > 0 ? [texts.stopConfirm.then(thenRuns.join(texts.comma))] : []),
      ]
      return form(
        texts.form.failTitle,
        texts.form.failTitle,
        [note(texts.form.reason, false)],
        lines.map((text) => line(text)),
        { danger: true },
      )
    }
    case 'release': {
      const ask = await loadAsk(acting, button)
      const intro = [line(ask.title), line(texts.form.takeIntro(ask.claimedBy?.name ?? ''))]
      return form(texts.form.takeTitle, texts.form.takeTitle, [note(texts.form.reason, true)], intro)
    }
    case 'mute':
      return form(texts.form.muteTitle, texts.form.muteTitle, await muteFields(acting, session, button, problems), [
        line(texts.form.muteIntro),
      ])
    case 'comment':
      return form(texts.form.comment, texts.form.send, [note(texts.form.comment, true)])
    default:
      throw new ClientError('INVALID_INPUT', texts.unknownButton)
  }
}
/** Edit and retry says which finished steps used the old values before it is committed; the others have nothing more to say. */
export async function checkPressForm(acting: Acting, session: PressSession): Promise<Checked> {
  const { texts } = acting
  if (session.verb !== 'edit_retry') return { kind: 'ready' }
  const button = await resolve(acting, session)
  if (button.stale) return { kind: 'tell', lines: [line(button.truth ?? texts.truthUnknown)], again: false }
  const { task, node } = await loadNode(acting, button)
  const changes = changesOf(node.editFields, session.answers)
  if (Object.keys(changes).length === 0) return { kind: 'ready' }
  const loaded = await acting.client.query(editConsequencesQuery, { id: task.id, variables: changes })
  const touched = loaded.task?.editConsequences
  const others = (names: readonly string[] = []): string[] =>
    names.filter((name) => name !== node.title && name !== node.id)
  const used = others(touched?.usedBy)
  const held = others(touched?.heldBy)
  if (used.length === 0 && held.length === 0 && (touched?.voidsAsks.length ?? 0) === 0) return { kind: 'ready' }
  const facts: CardFact[] = Object.entries(changes).map(([key, value]) => {
    const field = node.editFields.find((candidate) => candidate.key === key)
    return {
      title: field?.title ?? key,
      text: `${textOf(texts, field?.value) || texts.form.empty} → ${textOf(texts, value) || texts.form.empty}`,
    }
  })
  const notes =
    [...used, ...held].length > 0 ? [line('⚠️ ', texts.form.usedBy([...used, ...held].join(texts.comma)))] : []
  const voids = touched?.voidsAsks ?? []
  return {
    kind: 'review',
    review: {
      title: texts.form.editTitle,
      facts,
      notes: [...notes, ...voids.map((title) => line('⚠️ ', `${title}${texts.colon}${texts.did['voided'] ?? ''}`))],
      submit: texts.form.editTitle,
      back: texts.form.back,
    },
  }
}
const changesOf = (fields: readonly FieldData[], answers: Answers): Record<string, unknown> =>
  Object.fromEntries(
    fields
      .filter(
        (field) =>
          field.key in answers &&
          !field.fixed &&
          !field.readOnly &&
          !field.secret &&
          !same(answers[field.key], field.value),
      )
      .map((field) => [field.key, answers[field.key] ?? null]),
  )
const same = (a: unknown, b: unknown): boolean => (isEmpty(a) && isEmpty(b)) || JSON.stringify(a) === JSON.stringify(b)

/** @throws ClientError: the server refuses what is stale by attempt and digest. */
export async function submitPressForm(acting: Acting, session: PressSession): Promise<Submitted> {
  const { client, texts } = acting
  const button = await resolve(acting, session)
  if (button.stale) return { kind: 'tell', lines: [line(button.truth ?? texts.truthUnknown)], again: false }
  if (!button.allowed) return { kind: 'tell', lines: [line(button.why ?? texts.truthUnknown)], again: false }
  const note = typeof session.answers[NOTE] === 'string' ? session.answers[NOTE].trim() : ''
  const to = session.answers[TO]
  const fields = Object.fromEntries(Object.entries(session.answers).filter(([key]) => !key.startsWith('.')))
  const ask = {
    askId: button.askId ?? '',
    digest: button.digest ?? '',
    clientMutationId: session.key,
    ...(note && { comment: note }),
  }
  const node = {
    taskId: button.taskId ?? '',
    nodeId: button.nodeId ?? '',
    attempt: button.attempt ?? 0,
    clientMutationId: session.key,
    ...(note && { note }),
  }
  const on = { id: button.taskId ?? '', round: button.attempt ?? 0, key: session.key }
  switch (button.verb) {
    case 'claim_request':
    case 'resubmit_request': {
      const task = await loadRequest(acting, button)
      const variables = changesOf(editable(task), session.answers)
      const edit = Object.keys(variables).length > 0 ? { variables, revision: task.variablesRevision } : {}
      const wish = { ...on, ...edit, ...(note && { note }) }
      if (button.verb === 'claim_request') await client.query(claimMutation, { ...wish, ...passing(session.answers) })
      else await client.query(resubmitMutation, wish)
      break
    }
    case 'reject_request':
      await client.query(rejectRequestMutation, { ...on, reason: note })
      break
    case 'transfer_request':
      await client.query(transferRequestMutation, { ...on, to: [String(to ?? '')], reason: note })
      break
    case 'withdraw_request':
      await client.query(withdrawMutation, { ...on, ...(note && { reason: note }) })
      break
    case 'reject':
      await client.query(decideMutation, { input: { ...ask, verdict: 'REJECT' } })
      break
    case 'approve':
    case 'submit':
      await client.query(decideMutation, {
        input: {
          ...ask,
          verdict: button.verb === 'approve' ? 'APPROVE' : 'SUBMIT',
          ...(Object.keys(fields).length > 0 && { fields }),
        },
      })
      break
    case 'skip':
      await client.query(skipMutation, { input: node })
      break
    case 'byhand':
      await client.query(byhandMutation, { input: { ...node, outputs: fields } })
      break
    case 'fail':
      await client.query(failMutation, { input: node })
      break
    case 'edit_retry': {
      const loaded = await loadNode(acting, button)
      const changes = changesOf(loaded.node.editFields, session.answers)
      const edit =
        Object.keys(changes).length > 0 ? { variables: changes, variablesRevision: loaded.task.variablesRevision } : {}
      await client.query(retryMutation, { input: { ...node, ...edit, ...passing(session.answers) } })
      break
    }
    case 'retry':
      await client.query(retryMutation, { input: { ...node, ...passing(session.answers) } })
      break
    case 'start':
      await client.query(startMutation, { id: on.id, key: on.key, ...passing(session.answers) })
      break
    case 'transfer':
      await client.query(transferMutation, { id: button.askId ?? '', to: String(to ?? ''), reason: note })
      break
    case 'assign':
      await client.query(assignMutation, {
        id: button.askId ?? '',
        to: Array.isArray(to) ? to.map(String) : [],
        reason: note,
      })
      break
    case 'release':
      await takeOver(acting, ask.askId, note)
      break
    case 'mute':
      return { kind: 'done', lines: await muteChosen(acting, button, session.answers), taskId: null }
    case 'comment':
      await client.query(commentMutation, { id: button.askId ?? '', comment: note })
      break
    default:
      throw new ClientError('INVALID_INPUT', texts.unknownButton)
  }
  return { kind: 'done', lines: [], taskId: button.taskId }
}

/** It goes back to all who are asked; whoever took it has it then, if they are one of them. */
async function takeOver({ client }: Acting, id: string, reason: string): Promise<void> {
  await client.query(releaseAskMutation, { id, reason })
  const { ask } = await client.query(askQuery, { id })
  if (ask && may(ask.availableActions, 'claim')) await client.query(claimAskMutation, { id })
}

/** Roles and groups of the task's project: work is handed to them as well. */
async function teamsOf(acting: Acting, button: ButtonData): Promise<readonly (FormOption & { members: number })[]> {
  const { task } = await acting.client.query(truthQuery, { id: button.taskId ?? '' })
  if (!task) return []
  const { roles, groups } = await acting.client.query(teamsQuery, { project: task.project })
  return [...roles, ...groups].map(({ kind, name, title, memberCount: members }) => ({
    ...optionOf({ value: `${kind}:${name}`, title: acting.texts.form.team(title || name, members) }),
    members,
  }))
}
/** Those in which somebody is. */
async function teamsFor(acting: Acting, session: PressSession, typed: string): Promise<FormOption[]> {
  const wanted = typed.toLowerCase()
  const teams = await teamsOf(acting, await resolve(acting, session))
  return teams
    .filter(({ members, title, value }) => members > 0 && `${String(value)} ${title}`.toLowerCase().includes(wanted))
    .slice(0, 20)
    .map(({ id, title, value }) => ({ id, title, value }))
}
/** To whom; what was chosen stands there by its name. */
async function toField(
  acting: Acting,
  session: PressSession,
  button: ButtonData,
  widget: 'search' | 'searches',
  problems: readonly FieldProblem[],
): Promise<Field> {
  const field = ownField(TO, acting.texts.form.to, widget, true, session.answers, problems)
  const values = (Array.isArray(field.value) ? field.value : [field.value]).filter((one) => typeof one === 'string')
  const teams = values.some((value) => /^(role|group):/.test(value)) ? await teamsOf(acting, button) : []
  const options = values.map((value) => {
    const title = teams.find((team) => team.value === value)?.title ?? value
    return optionOf({ value, title })
  })
  return { ...field, options, valueText: options.map(({ title }) => title).join(acting.texts.comma) }
}

/** Only "to whom" is searched for here: people by name, roles and groups by title. Fields of asks and outputs that have a server list bring it along. */
export async function searchPressOptions(
  acting: Acting,
  session: PressSession,
  field: string,
  typed: string,
): Promise<readonly FormOption[]> {
  if (field === TO) {
    const [{ people }, teams] = await Promise.all([
      acting.client.query(peopleQuery, { search: typed }),
      teamsFor(acting, session, typed),
    ])
    return [
      ...people.nodes
        .filter(({ active }) => active)
        // By name, which means one person and can be read: an id could not.
        .map(({ name, email }) => optionOf({ value: name, title: email ? `${name} (${email})` : name })),
      ...teams,
    ]
  }
  const form = await drawPressForm(acting, session, [])
  const options = form.fields.find(({ key }) => key === field)?.options ?? []
  return options.filter(({ title }) => title.toLowerCase().includes(typed.toLowerCase())).slice(0, 100)
}
