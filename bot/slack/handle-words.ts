import { opensForm, parseCommand, runCommand } from '../core/commands.ts'
import { homeMenu, launchOffer } from '../core/menu.ts'
import { offerToJoin } from '../core/welcome.ts'
import { isDirect, originOf, type MessageEvent } from './payloads.ts'
import { loadingView } from './render-form.ts'
import { messageSurface, responseSurface, show, showSoon, type Tools } from './surface.ts'
import type { FindsWho } from './who.ts'

type Needs = Tools & { readonly who: FindsWho }

/** `/baton` and what follows it. */
export async function runTyped(
  tools: Needs,
  command: { readonly user_id: string; readonly channel_id: string; readonly text: string } & {
    readonly response_url: string
    readonly trigger_id: string
  },
): Promise<void> {
  const { acting, fullMember } = await tools.who(command.user_id, originOf(command.channel_id))
  const surface = responseSurface(tools, {
    responseUrl: command.response_url,
    trigger: command.trigger_id,
    user: command.user_id,
  })
  const reply = runCommand(acting, command.text, { fullMember })
  await showSoon(tools, acting, reply, surface, opensForm(parseCommand(command.text)))
}

/** A mention, or a line written to the bot: the same words as after `/baton`. A message has no trigger, so a form becomes a button that opens it. */
export async function answerMessage(tools: Needs, event: MessageEvent): Promise<void> {
  if (!event.user || event.bot_id) return
  const { acting, fullMember } = await tools.who(event.user, originOf(event.channel))
  const text = unescape((event.text ?? '').replace(/<@[A-Z0-9]+(\|[^>]*)?>/g, ' ')).trim()
  const reply = await runCommand(acting, text, { fullMember })
  const surface = messageSurface(tools, {
    channel: event.channel,
    user: event.user,
    threadTs: event.thread_ts,
    direct: isDirect(event.channel),
  })
  if (reply.kind === 'form' && reply.session.kind === 'launch') {
    const card = launchOffer(acting, reply.session.app, reply.form.title, reply.session.answers)
    return show(tools, acting, { kind: 'card', card }, surface)
  }
  await show(tools, acting, reply, surface)
}

/** A shortcut of Slack's own menus: what one may do, in a modal. */
export async function openMenu(
  tools: Needs,
  { user, trigger, channel }: { readonly user: string; readonly trigger: string; readonly channel: string | undefined },
): Promise<void> {
  const { acting, fullMember } = await tools.who(user, originOf(channel))
  const surface = responseSurface(tools, { responseUrl: null, trigger, user })
  await surface.open(loadingView(acting.texts))
  await show(tools, acting, (await offerToJoin(acting, fullMember)) ?? (await homeMenu(acting)), surface)
}

/** Slack escapes three characters in what people type. */
const unescape = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
