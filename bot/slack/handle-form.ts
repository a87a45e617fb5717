import { plain } from '../core/card.ts'
import type { Acting, FormSession } from '../core/contract.ts'
import { drawForm, phoneLink, searchOptions } from '../core/form.ts'
import { answersOf, type ViewState } from './answers.ts'
import type { ActionBody, OpenView, OptionsBody } from './payloads.ts'
import { formView, keyOfBlock, linkView, toldView } from './render-form.ts'
import { packSession, unpackSession, withAnswers, type Kept } from './session.ts'
import { submission, type Later, type Submission } from './submit.ts'
import { updateView, type Tools } from './surface.ts'
import type { FindsWho } from './who.ts'

type Needs = Tools & { readonly who: FindsWho }

/** The form of a modal with what is filled in so far. */
interface Opened {
  readonly acting: Acting
  readonly session: FormSession
}
/** A view that was sent in, as Bolt hands it over. */
export interface SentView {
  readonly user: string
  readonly view: OpenView & { readonly blocks: readonly { readonly type: string; readonly block_id?: string }[] }
  readonly ack: Submission['ack']
}

/** The form is sent in; `review`: after a last look, which has no fields. */
export async function sendIn(
  tools: Needs & { readonly later: Later },
  step: Submission['step'],
  { user, view, ack }: SentView,
): Promise<void> {
  const { acting } = await tools.who(user, null)
  const kept = await unpackSession(acting.service, view.private_metadata)
  if (!kept)
    return ack({ response_action: 'update', view: toldView(acting.texts, [[plain(acting.texts.unknownButton)]]) })
  const isForm = step === 'form'
  await submission({
    acting,
    session: isForm ? await filledIn(acting, kept, view.state?.values ?? {}) : kept.session,
    asked: isForm
      ? view.blocks.flatMap((block) => (block.type === 'input' && block.block_id ? [block.block_id] : []))
      : [],
    step,
    ack,
    later: tools.later,
    update: (next) => updateView(tools, view.id, next),
  })
}

/** Another answer may show, hide or fill other fields. */
export async function redrawForm(tools: Needs, { user, view }: ActionBody): Promise<void> {
  const opened = view && (await openedForm(tools, user.id, view))
  if (!opened) return
  const { acting, session } = opened
  const form = await drawForm(acting, session)
  const next = formView(acting.texts, form, await packSession(acting.service, session, form))
  await updateView(tools, view.id, next, view.hash)
}

/** What Slack cannot ask is filled in on the phone's page, with the answers so far. */
export async function goOnOnPhone(tools: Needs, { user, view }: ActionBody): Promise<void> {
  const opened = view && (await openedForm(tools, user.id, view))
  if (!opened) return
  const { acting, session } = opened
  const { texts } = acting
  const next = linkView(texts, [[plain(texts.openLink)]], texts.openPhone, await phoneLink(acting, session))
  await updateView(tools, view.id, next)
}

/** Options of a field by what is typed into it. */
export async function suggest(tools: Needs, { action_id, value, user, view }: OptionsBody) {
  const opened = view && (await openedForm(tools, user.id, view))
  return opened ? searchOptions(opened.acting, opened.session, keyOfBlock(action_id), value) : []
}

async function openedForm({ who }: Needs, user: string, view: OpenView): Promise<Opened | null> {
  const { acting } = await who(user, null)
  const kept = await unpackSession(acting.service, view.private_metadata)
  return kept && { acting, session: await filledIn(acting, kept, view.state?.values ?? {}) }
}
/** Answers so far, with ids of options turned into their values. */
async function filledIn(acting: Acting, kept: Kept, state: ViewState): Promise<FormSession> {
  const unresolved = JSON.stringify(state).includes('"value":"#')
  const fields = unresolved
    ? (await drawForm(acting, withAnswers(kept.session, answersOf(state, kept.asked)))).fields
    : []
  return withAnswers(kept.session, answersOf(state, kept.asked, fields))
}
