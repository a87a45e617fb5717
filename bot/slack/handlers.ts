import type { App } from '@slack/bolt'
import type { ModalView } from '@slack/types'
import { plain } from '../core/card.ts'
import type { Acting, FormSession, Reply } from '../core/contract.ts'
import { opensForm, parseCommand, runCommand } from '../core/commands.ts'
import { redrawCard } from '../core/deliver.ts'
import { drawForm, phoneLink, searchOptions } from '../core/form.ts'
import { homeMenu, launchOffer } from '../core/menu.ts'
import { press } from '../core/press.ts'
import { textsFor } from '../core/texts.ts'
import { unfurl } from '../core/unfurl.ts'
import { offerToJoin } from '../core/welcome.ts'
import { answersOf, type ViewState } from './answers.ts'
import type { Homes } from './home.ts'
import { ACK_BUDGET_MS, TRIGGER_BUDGET_MS } from './limits.ts'
import type { Blocks } from './mrkdwn.ts'
import { renderCard } from './render-card.ts'
import { FORM, REVIEW, formView, keyOfBlock, linkView, loadingView, optionsAnswer, toldView } from './render-form.ts'
import { packSession, unpackSession, withAnswers, type Kept } from './session.ts'
import { submission, within } from './submit.ts'
import { messageSurface, modalSurface, responseSurface, show, updateView, type Surface, type Tools } from './surface.ts'
import type { Who } from './who.ts'

export interface HandlerOptions extends Tools {
  readonly who: (user: string, origin: string | null) => Promise<Who>
  readonly homes: Homes
  /** Language of cards in shared rooms. */
  readonly roomLanguage: string
  /** Work that goes on after the acknowledgement; the process waits for it when it stops. */
  readonly later: (what: string, work: () => Promise<void>) => void
}

/** The parts of Slack's payloads that are read here; all of them are checked by signature or came down our own socket. */
interface ActionBody {
  readonly trigger_id: string
  readonly response_url?: string
  readonly user: { readonly id: string }
  readonly channel?: { readonly id: string; readonly name?: string }
  readonly container?: { readonly is_ephemeral?: boolean; readonly thread_ts?: string; readonly message_ts?: string }
  readonly message?: { readonly thread_ts?: string }
  readonly view?: {
    readonly id: string
    readonly hash: string
    readonly type: string
    readonly private_metadata: string
    readonly state: { readonly values: ViewState }
  }
  readonly actions: readonly {
    readonly action_id: string
    readonly action_ts?: string
    readonly value?: string
    readonly selected_option?: { readonly value: string } | null
  }[]
}
interface MessageEvent {
  readonly user?: string
  readonly text?: string
  readonly channel: string
  readonly channel_type?: string
  readonly ts: string
  readonly thread_ts?: string
  readonly subtype?: string
  readonly bot_id?: string
}

interface LinksEvent {
  readonly user: string
  readonly channel: string
  readonly message_ts: string
  readonly unfurl_id?: string
  readonly source?: string
  readonly links: readonly { readonly url: string }[]
}
/** Of one message; more would be a wall. */
const MOST_LINKS = 5

const isDirect = (channel: string | undefined): boolean => channel === undefined || channel.startsWith('D')
const originOf = (channel: string | undefined): string | null => (isDirect(channel) ? null : `slack:${channel}`)

/** Every door of Slack's: acknowledge first, then work. */
export function register(app: App, options: HandlerOptions): void {
  const { web, who, later, log, homes } = options
  const roomTexts = textsFor(options.roomLanguage)

  app.command('/baton', async ({ command, ack }) => {
    await ack()
    later('command', async () => {
      const { acting, fullMember } = await who(command.user_id, originOf(command.channel_id))
      const surface = responseSurface(options, {
        responseUrl: command.response_url,
        trigger: command.trigger_id,
        user: command.user_id,
      })
      const reply = runCommand(acting, command.text, { fullMember })
      await showSoon(acting, reply, surface, opensForm(parseCommand(command.text)))
    })
  })

  app.action({ block_id: /^act/ }, async ({ ack, body }) => {
    await ack()
    const pressed = body as unknown as ActionBody // block_actions, by its constraint
    later('press', () => pressButton(pressed))
  })
  app.action({ block_id: 'link' }, async ({ ack }) => ack()) // a link tells Slack of its press as well; nothing hangs on it
  app.action({ block_id: 'phone' }, async ({ ack, body }) => {
    await ack()
    later('phone', () => toPhone(body as unknown as ActionBody))
  })
  // A field of a form: another answer may show, hide or fill others.
  app.action({ block_id: /^(?!act|link$|phone$)/ }, async ({ ack, body }) => {
    await ack()
    later('redraw', () => redraw(body as unknown as ActionBody))
  })

  app.options(/.*/, async ({ ack, body }) => {
    const asked = body as unknown as {
      action_id: string
      value: string
      user: { id: string }
      view?: ActionBody['view']
    }
    await ack(optionsAnswer(await within(ACK_BUDGET_MS, suggest(asked), []).catch(() => [])))
  })

  app.view(FORM, async ({ ack, body, view }) => {
    const { acting } = await who(body.user.id, null)
    const kept = await unpackSession(acting.service, view.private_metadata)
    if (!kept)
      return ack({ response_action: 'update', view: toldView(acting.texts, [[plain(acting.texts.unknownButton)]]) })
    const session = await filledIn(acting, kept, view.state.values as unknown as ViewState)
    await submission({
      acting,
      session,
      asked: view.blocks.flatMap((block) => (block.type === 'input' && block.block_id ? [block.block_id] : [])),
      step: 'form',
      ack: ack as never,
      later,
      update: (next) => updateView(options, view.id, next),
    })
  })
  app.view(REVIEW, async ({ ack, body, view }) => {
    const { acting } = await who(body.user.id, null)
    const kept = await unpackSession(acting.service, view.private_metadata)
    if (!kept)
      return ack({ response_action: 'update', view: toldView(acting.texts, [[plain(acting.texts.unknownButton)]]) })
    await submission({
      acting,
      session: kept.session,
      asked: [],
      step: 'review',
      ack: ack as never,
      later,
      update: (next) => updateView(options, view.id, next),
    })
  })

  app.event('app_mention', async ({ event }) =>
    later('mention', () => onMessage({ ...event, user: event.user ?? '' } as MessageEvent)),
  )
  app.event('message', async ({ event }) => {
    const message = event as unknown as MessageEvent
    if (message.channel_type === 'im' && !message.subtype && !message.bot_id) later('message', () => onMessage(message))
  })
  app.event('app_home_opened', async ({ event }) => {
    if (event.tab === 'home') later('home', () => homes.opened(event.user))
  })
  app.event('link_shared', async ({ event }) => later('links', () => showLinks(event as unknown as LinksEvent)))
  app.shortcut(/.*/, async ({ ack, shortcut }) => {
    await ack()
    const { trigger_id, user } = shortcut
    const channel = 'channel' in shortcut ? (shortcut.channel as { id?: string } | undefined)?.id : undefined
    later('shortcut', async () => {
      const { acting, fullMember } = await who(user.id, originOf(channel))
      const surface = responseSurface(options, { responseUrl: null, trigger: trigger_id, user: user.id })
      await surface.open(loadingView(acting.texts))
      await show(options, acting, (await offerToJoin(acting, fullMember)) ?? (await homeMenu(acting)), surface)
    })
  })

  /** What our links in a message lead to, for all who read it. */
  async function showLinks({ user, channel, message_ts, unfurl_id, source, links }: LinksEvent): Promise<void> {
    const { acting } = await who(user, null)
    const unfurls: Record<string, { blocks: Blocks }> = {}
    for (const { url } of links.slice(0, MOST_LINKS)) {
      const card = await unfurl(acting, url, `slack:${channel}`, roomTexts, Date.now())
      if (card) unfurls[url] = { blocks: renderCard({ ...card, actions: [] }, roomTexts.more).blocks }
    }
    if (Object.keys(unfurls).length === 0) return
    // While it is still being written there is no message yet, only the draft.
    if (source === 'composer' && unfurl_id) await web.chat.unfurl({ unfurl_id, source, unfurls })
    else await web.chat.unfurl({ channel, ts: message_ts, unfurls })
  }

  /** What is known within a second is shown as what it is; else a form's loading view is opened while the trigger still lives. */
  async function showSoon(
    acting: Acting,
    reply: Promise<Reply>,
    surface: Surface & { open(view: ModalView): Promise<void> },
    likelyForm: boolean,
  ): Promise<void> {
    const soon = await within(TRIGGER_BUDGET_MS, reply, null)
    if (!soon && likelyForm) await surface.open(loadingView(acting.texts))
    else if (!soon) await surface.say(acting.texts.recording, [])
    try {
      await show(options, acting, soon ?? (await reply), surface)
    } catch (error) {
      log.error({ err: String(error) }, 'Slack did not take an answer')
      if (!surface.inModal) await surface.say(acting.texts.notRecorded, []) // e.g. the trigger has run out: nothing was done
    }
  }

  async function pressButton(body: ActionBody): Promise<void> {
    const [action] = body.actions
    const token = action?.value ?? action?.selected_option?.value
    if (!action || !token) return
    const { acting, fullMember } = await who(body.user.id, originOf(body.channel?.id))
    // A native dialog has asked already wherever the card wanted that; `action_ts` names this press, so that a replay of it is the same act.
    const reply = press(acting, token, {
      confirmed: true,
      fullMember,
      key: `slack:${token}:${action.action_ts ?? ''}`.slice(0, 200),
    })
    if (body.view?.type === 'modal') return show(options, acting, await reply, modalSurface(options, body.view.id))
    const ephemeral = body.container?.is_ephemeral === true
    const surface = responseSurface(options, {
      responseUrl: body.response_url ?? null,
      trigger: body.trigger_id,
      user: body.user.id,
      replace: ephemeral,
      threadTs: body.message?.thread_ts ?? body.container?.thread_ts,
    })
    await showSoon(acting, reply, surface, FORM_VERBS.includes(action.action_id.replace(/:\d+$/, '')))
    const said = await reply
    if (
      said.kind === 'tell' &&
      said.about &&
      body.message &&
      body.channel &&
      !ephemeral &&
      body.container?.message_ts
    ) {
      const shared = !isDirect(body.channel.id)
      const to = {
        place: `slack:${body.channel.id}`,
        shared,
        language: shared ? null : acting.texts.language,
        timeZone: null,
      }
      await redrawCard(
        shared ? { ...acting, texts: roomTexts } : acting,
        options.port,
        to,
        `${body.channel.id}:${body.container.message_ts}`,
        said.about,
      )
    }
    if (body.view?.type === 'home') await homes.opened(body.user.id)
  }

  /** Answers so far, with ids of options turned into their values. */
  async function filledIn(acting: Acting, kept: Kept, state: ViewState): Promise<FormSession> {
    const unresolved = JSON.stringify(state).includes('"value":"#')
    const fields = unresolved
      ? (await drawForm(acting, withAnswers(kept.session, answersOf(state, kept.asked)))).fields
      : []
    return withAnswers(kept.session, answersOf(state, kept.asked, fields))
  }
  async function redraw(body: ActionBody): Promise<void> {
    const { view } = body
    if (!view) return
    const { acting } = await who(body.user.id, null)
    const kept = await unpackSession(acting.service, view.private_metadata)
    if (!kept) return
    const session = await filledIn(acting, kept, view.state.values)
    const form = await drawForm(acting, session)
    await updateView(
      options,
      view.id,
      formView(acting.texts, form, await packSession(acting.service, session, form)),
      view.hash,
    )
  }
  async function toPhone(body: ActionBody): Promise<void> {
    const { view } = body
    if (!view) return
    const { acting } = await who(body.user.id, null)
    const kept = await unpackSession(acting.service, view.private_metadata)
    if (!kept) return
    const session = await filledIn(acting, kept, view.state.values)
    const { texts } = acting
    await updateView(
      options,
      view.id,
      linkView(texts, [[plain(texts.openLink)]], texts.openPhone, await phoneLink(acting, session)),
    )
  }
  async function suggest(asked: { action_id: string; value: string; user: { id: string }; view?: ActionBody['view'] }) {
    if (!asked.view) return []
    const { acting } = await who(asked.user.id, null)
    const kept = await unpackSession(acting.service, asked.view.private_metadata)
    if (!kept) return []
    const session = await filledIn(acting, kept, asked.view.state?.values ?? {})
    return searchOptions(acting, session, keyOfBlock(asked.action_id), asked.value)
  }

  /** A mention, or a line written to the bot: the same words as after `/baton`. A message has no trigger, so a form becomes a button that opens it. */
  async function onMessage(event: MessageEvent): Promise<void> {
    if (!event.user || event.bot_id) return
    const { acting, fullMember } = await who(event.user, originOf(event.channel))
    const text = unescape((event.text ?? '').replace(/<@[A-Z0-9]+(\|[^>]*)?>/g, ' ')).trim()
    const reply = await runCommand(acting, text, { fullMember })
    const surface = messageSurface(options, {
      channel: event.channel,
      user: event.user,
      threadTs: event.thread_ts,
      direct: isDirect(event.channel),
    })
    if (reply.kind === 'form' && reply.session.kind === 'launch') {
      const card = launchOffer(acting, reply.session.app, reply.form.title, reply.session.answers)
      return show(options, acting, { kind: 'card', card }, surface)
    }
    await show(options, acting, reply, surface)
  }
}
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
/** Slack escapes three characters in what people type. */
const unescape = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
