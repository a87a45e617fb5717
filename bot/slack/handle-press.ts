import type { Acting, Reply } from '../core/contract.ts'
import { redrawCard } from '../core/show-card.ts'
import { press } from '../core/press.ts'
import { textsFor } from '../core/texts.ts'
import type { Homes } from './home.ts'
import { isDirect, originOf, type ActionBody } from './payloads.ts'
import { modalSurface, responseSurface, show, showSoon, type Tools } from './surface.ts'
import type { FindsWho } from './who.ts'

type Needs = Tools & { readonly who: FindsWho; readonly homes: Homes; readonly roomLanguage: string }

/** Buttons that most likely open a form: their loading view may be opened before the answer is known. */
const FORM_VERBS = [
  'reject',
  'submit',
  'skip',
  'byhand',
  'edit_retry',
  'transfer',
  'assign',
  'fail',
  'launch',
  'run_again',
  'comment',
  'mute',
]

/** A button of a card, a menu or the home. */
export async function pressButton(tools: Needs, body: ActionBody): Promise<void> {
  const [action] = body.actions
  const token = action?.value ?? action?.selected_option?.value
  if (!action || !token) return
  const { acting, fullMember } = await tools.who(body.user.id, originOf(body.channel?.id))
  // A native dialog has asked already wherever the card wanted that; `action_ts` names this press, so that a replay of it is the same act.
  const reply = press(acting, token, {
    confirmed: true,
    fullMember,
    key: `slack:${token}:${action.action_ts ?? ''}`.slice(0, 200),
  })
  if (body.view?.type === 'modal') return show(tools, acting, await reply, modalSurface(tools, body.view.id))
  const surface = responseSurface(tools, {
    responseUrl: body.response_url ?? null,
    trigger: body.trigger_id,
    user: body.user.id,
    replace: isEphemeral(body),
    threadTs: body.message?.thread_ts ?? body.container?.thread_ts,
  })
  await showSoon(tools, acting, reply, surface, FORM_VERBS.includes(action.action_id.replace(/:\d+$/, '')))
  await bringPressedUpToDate(tools, acting, body, await reply)
  if (body.view?.type === 'home') await tools.homes.opened(body.user.id)
}

/** A late press shows the card as it is now: the message it stands on may be a copy that nobody knows of any more. */
async function bringPressedUpToDate(tools: Needs, acting: Acting, body: ActionBody, said: Reply): Promise<void> {
  const { channel, container, message } = body
  if (said.kind !== 'tell' || !said.about) return
  if (!message || !channel || !container?.message_ts || isEphemeral(body)) return
  const shared = !isDirect(channel.id)
  const to = { place: `slack:${channel.id}`, shared, language: shared ? null : acting.texts.language, timeZone: null }
  const reader = shared ? { ...acting, texts: textsFor(tools.roomLanguage) } : acting
  await redrawCard(reader, tools.port, to, `${channel.id}:${container.message_ts}`, said.about)
}
const isEphemeral = ({ container }: ActionBody): boolean => container?.is_ephemeral === true
