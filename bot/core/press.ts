import { ClientError } from '../../api/client/index.ts'
import { line, type ButtonTarget } from './card.ts'
import { stopConfirm } from './cards/words.ts'
import type { Acting, Reply } from './contract.ts'
import { openLaunch, openPressForm } from './form.ts'
import { freezeProblem } from './freeze.ts'
import { runMenuVerb } from './menu.ts'
import { openPage } from './open-page.ts'
import { isMenuToken, menuTarget } from './place.ts'
import { isCorrected, isTaking } from './press-form.ts'
import {
  askQuery,
  claimAskMutation,
  claimMutation,
  decideMutation,
  favouriteMutation,
  followMutation,
  pauseMutation,
  releaseAskMutation,
  remindAskMutation,
  resolveButtonQuery,
  resumeMutation,
  retryMutation,
  revokeMutation,
  runAgainQuery,
  startMutation,
  stopQuery,
  truthQuery,
  type ButtonData,
} from './queries/index.ts'
import { isStranger, refused } from './refusal.ts'
import { showLog } from './show-log.ts'
import { offerToJoin } from './welcome.ts'

export interface Given {
  /** The platform has asked once more already (Slack's own confirm dialog), or the person said yes. */
  readonly confirmed?: boolean
  /** The gentler way was chosen (`STOP`). */
  readonly choice?: string
  /** Names this one press, so that the same press told twice is one act. */
  readonly key?: string
  /** What the platform says of the account, for somebody who is not in Baton yet. */
  readonly fullMember?: boolean
}

/** Verbs that need words before they can be done. */
const FORM_VERBS = [
  'reject',
  'submit',
  'skip',
  'byhand',
  'edit_retry',
  'transfer',
  'assign',
  'comment',
  'fail',
  'reject_request',
  'resubmit_request',
  'transfer_request',
  'withdraw_request',
  'mute',
]

/**
 * What a pressed button does, for the person who pressed it. Late, twice, by a stranger, without the right: told the truth in private, nothing changes.
 * The platform has acknowledged before; the outcome shows on the card, once it is committed.
 */
export async function press(acting: Acting, token: string, given: Given = {}): Promise<Reply> {
  const { texts } = acting
  try {
    if (isMenuToken(token)) {
      const target = await menuTarget(acting.service, token)
      return target ? await runMenuVerb(acting, target, token, given) : tell(acting, texts.unknownButton)
    }
    const { resolveButton: button } = await acting.client.query(resolveButtonQuery, { token })
    if (button.verb === 'open') return await open(acting, button)
    if (button.verb === 'show_ask')
      return { kind: 'show', target: { kind: 'ASK', taskId: button.taskId ?? '', askId: button.askId ?? '' } }
    if (button.verb === 'log') return await showLog(acting, button.taskId ?? '', button.nodeId)
    if (button.verb === 'run_again') return await runAgain(acting, button)
    if (button.stale)
      return { kind: 'tell', lines: [line(button.truth ?? texts.truthUnknown)], alert: true, ...aboutOf(button) }
    if (!button.allowed) return tell(acting, button.why ?? texts.truthUnknown)
    return await act(acting, token, button, given)
  } catch (error) {
    return refuse(acting, error, given.fullMember ?? false)
  }
}

function aboutOf({ verb, cardId, taskId, nodeId, askId }: ButtonData): Pick<Extract<Reply, { kind: 'tell' }>, 'about'> {
  if (!cardId || !taskId) return {}
  const kind = askId ? 'ASK' : nodeId ? 'ATTENTION' : verb.endsWith('_request') ? 'REQUEST' : 'TASK'
  return { about: { cardId, kind, taskId, ...(askId && { askId }), ...(nodeId && { nodeId }) } }
}
async function act(acting: Acting, token: string, button: ButtonData, given: Given): Promise<Reply> {
  if (
    (button.verb === 'claim_request' && isCorrected(button.data)) ||
    (button.verb === 'release' && isTaking(button.data)) ||
    FORM_VERBS.includes(button.verb) ||
    (button.verb === 'approve' && (await approvalNeedsWords(acting, button)))
  ) {
    return openPressForm(acting, token, button)
  }
  if (button.verb === 'launch') return openLaunch(acting, button.app ?? '', {})
  if (!given.confirmed && !given.choice) {
    if (button.verb === 'revoke' && modeOf(button, given) === 'CANCEL') return askToStop(acting, token, button)
    if (dataOf(button)['careful'] === true) return askIfChecked(acting, token)
  }
  try {
    if (button.verb === 'remind') return await remind(acting, button)
    await perform(acting, button, given)
    return { kind: 'nothing' }
  } catch (error) {
    const frozen = freezeProblem(error)
    if (!frozen) throw error
    return openPressForm(acting, token, button, [frozen])
  }
}

/** No card changes by it: whoever reminds is told whom. */
async function remind({ client, texts }: Acting, button: ButtonData): Promise<Reply> {
  const { remindAsk } = await client.query(remindAskMutation, { id: button.askId ?? '' })
  const names = remindAsk.waitingOn.slice(0, 8).map(({ name }) => name)
  return { kind: 'tell', lines: [line(texts.ask.reminded(names.join(texts.comma)))], alert: false }
}
/** The mutation behind a verb that needs no words. Every one carries what was seen: attempt or digest. */
async function perform(acting: Acting, button: ButtonData, given: Given): Promise<void> {
  const { client } = acting
  const id = button.taskId ?? ''
  const key = given.key ?? null
  const node = { taskId: id, nodeId: button.nodeId ?? '', attempt: button.attempt ?? 0, clientMutationId: key }
  const decide = (verdict: 'APPROVE' | 'CONFIRM') =>
    client.query(decideMutation, {
      input: { askId: button.askId ?? '', digest: button.digest ?? '', verdict, clientMutationId: key },
    })
  switch (button.verb) {
    case 'approve':
      return void (await decide('APPROVE'))
    case 'confirm':
      return void (await decide('CONFIRM'))
    case 'claim':
      return void (await client.query(claimAskMutation, { id: button.askId ?? '' }))
    case 'release':
      return void (await client.query(releaseAskMutation, { id: button.askId ?? '' }))
    case 'retry':
      return void (await client.query(retryMutation, { input: node }))
    case 'pause':
      return void (await client.query(pauseMutation, { id, key }))
    case 'resume':
      return void (await client.query(resumeMutation, { id, key }))
    case 'claim_request':
      return void (await client.query(claimMutation, { id, round: button.attempt ?? 0, key }))
    case 'start':
      return void (await client.query(startMutation, { id, key }))
    case 'revoke':
      return void (await client.query(revokeMutation, { id, key, mode: modeOf(button, given) }))
    case 'join':
    case 'follow':
      return void (await client.query(followMutation, { id }))
    case 'favourite':
      return void (await client.query(favouriteMutation, { app: button.app ?? '', favourite: true }))
    default:
      throw new ClientError('INVALID_INPUT', acting.texts.unknownButton)
  }
}
const dataOf = (button: ButtonData): Readonly<Record<string, unknown>> =>
  typeof button.data === 'object' && button.data !== null ? (button.data as Record<string, unknown>) : {} // written by our own cards
const modeOf = (button: ButtonData, given: Given): 'CANCEL' | 'STOP' =>
  given.choice === 'STOP' || dataOf(button)['mode'] === 'STOP' ? 'STOP' : 'CANCEL'

async function askToStop(acting: Acting, token: string, button: ButtonData): Promise<Reply> {
  const { task } = await acting.client.query(stopQuery, { id: button.taskId ?? '' })
  if (!task) return tell(acting, acting.texts.truthUnknown)
  return {
    kind: 'confirm',
    token,
    confirm: stopConfirm(acting.texts, task),
    gentler: { label: acting.texts.stopConfirm.gentle, choice: 'STOP' },
  }
}
async function askIfChecked({ texts }: Acting, token: string): Promise<Reply> {
  const { title, line: text, yes, no } = texts.lostConfirm
  return { kind: 'confirm', token, confirm: { title, lines: [text], yes, no }, gentler: null }
}
async function approvalNeedsWords(acting: Acting, button: ButtonData): Promise<boolean> {
  const { ask } = await acting.client.query(askQuery, { id: button.askId ?? '' })
  return (
    ask !== null &&
    (ask.fields.some((field) => field.visible && !field.fixed) || ask.commentRule.toLowerCase() === 'always')
  )
}
/** A one-time link to the page of what the button is about. */
async function open(acting: Acting, button: ButtonData): Promise<Reply> {
  return openPage(acting, await pathOf(acting, button))
}
/** The page of what the button is about: the ask, the step, or the task. */
async function pathOf(acting: Acting, { taskId, nodeId, askId }: ButtonData): Promise<string> {
  if (askId) return `/asks/${encodeURIComponent(askId)}`
  if (!taskId) return '/'
  const { task } = await acting.client.query(truthQuery, { id: taskId })
  if (!task) return '/'
  const path = new URL(task.url).pathname
  return nodeId ? `${path}/steps/${encodeURIComponent(nodeId)}` : path
}
/** The form of the same app, filled in with what the task had; secrets are asked anew, fixed values are the app's. */
async function runAgain(acting: Acting, button: ButtonTarget | ButtonData): Promise<Reply> {
  const { task } = await acting.client.query(runAgainQuery, { id: button.taskId ?? '' })
  if (!task?.app) return tell(acting, acting.texts.truthUnknown)
  const left = new Set(task.variableFields.filter((field) => field.secret || field.fixed).map(({ key }) => key))
  const asked = new Set(task.variableFields.map(({ key }) => key))
  const values = Object.entries((task.variables ?? {}) as Record<string, unknown>) // an object by the schema's documentation
  const given = Object.fromEntries(values.filter(([key, value]) => asked.has(key) && !left.has(key) && value !== null))
  return openLaunch(acting, task.app.name, { answers: given, rehearsal: task.rehearsal })
}

const tell = (_acting: Acting, text: string): Reply => ({ kind: 'tell', lines: [line(text)], alert: true })
/** A refusal as a reply; a stranger gets the way in instead. */
export async function refuse(acting: Acting, error: unknown, fullMember: boolean): Promise<Reply> {
  if (isStranger(error)) {
    const offer = await offerToJoin(acting, fullMember).catch(() => null)
    if (offer) return offer
  }
  return { kind: 'tell', lines: refused(acting, error), alert: true }
}
