import type { ModalView } from '@slack/types'
import { WebAPIPlatformError, WebAPIRateLimitedError, type WebClient } from '@slack/web-api'
import { plain, type Line, type PlacedCard } from '../core/card.ts'
import type { Acting, Log, Port, Reply } from '../core/contract.ts'
import { showCard } from '../core/show-card.ts'
import { placeMenu } from '../core/place.ts'
import type { Texts } from '../core/texts.ts'
import { TRIGGER_BUDGET_MS } from './limits.ts'
import { escape, plainOf, richText, type Blocks } from './mrkdwn.ts'
import { renderCard } from './render-card.ts'
import { formView, linkBlock, linkView, loadingView, menuView, toldView } from './render-form.ts'
import { packSession } from './session.ts'
import { within } from './submit.ts'

/** Where an answer to one person goes: under what they typed or pressed, or into the modal they look at. */
export interface Surface {
  say(text: string, blocks: Blocks): Promise<void>
  modal(view: ModalView): Promise<void>
  /** True: answers belong into the open modal. */
  readonly inModal: boolean
}

export interface Tools {
  readonly web: WebClient
  readonly port: Port
  readonly log: Log
  /** For answers to `response_url`. */
  readonly fetch: typeof globalThis.fetch
}

/** A reply of the core, shown to the one who acted and to nobody else. */
export async function show(tools: Tools, acting: Acting, reply: Reply, to: Surface): Promise<void> {
  const { texts } = acting
  switch (reply.kind) {
    case 'nothing':
      return
    case 'tell':
      return to.inModal ? to.modal(toldView(texts, reply.lines)) : to.say(...told(reply.lines))
    case 'card': {
      const placed = await placeMenu(acting.service, reply.card)
      return to.inModal ? to.modal(menuView(texts, placed)) : sayCard(texts, placed, to)
    }
    case 'form':
      return to.modal(formView(texts, reply.form, await packSession(acting.service, reply.session, reply.form)))
    case 'open': {
      if (to.inModal) return to.modal(linkView(texts, reply.lines, reply.label, reply.url))
      const [text, blocks] = told(reply.lines)
      return to.say(text, [...blocks, linkBlock(reply.label, reply.url)])
    }
    case 'show': {
      await showCard(
        acting,
        tools.port,
        { place: `slack:@${acting.account.user}`, shared: false, language: texts.language, timeZone: null },
        reply.target,
      )
      return to.inModal
        ? to.modal(toldView(texts, [[plain(texts.sentInPrivate)]]))
        : to.say(...told([[plain(texts.sentInPrivate)]]))
    }
    case 'confirm': // Slack's buttons carry their own dialog; nothing of ours asks this way
      return to.say(...told([[plain(reply.confirm.title)], ...reply.confirm.lines.map((text): Line => [plain(text)])]))
  }
}
/** What is known within a second is shown as what it is; else a form's loading view is opened while the trigger still lives. */
export async function showSoon(
  tools: Tools,
  acting: Acting,
  reply: Promise<Reply>,
  surface: Surface & { open(view: ModalView): Promise<void> },
  likelyForm: boolean,
): Promise<void> {
  const soon = await within(TRIGGER_BUDGET_MS, reply, null)
  if (!soon && likelyForm) await surface.open(loadingView(acting.texts))
  else if (!soon) await surface.say(acting.texts.recording, [])
  try {
    await show(tools, acting, soon ?? (await reply), surface)
  } catch (error) {
    tools.log.error({ err: String(error) }, 'Slack did not take an answer')
    if (!surface.inModal) await surface.say(acting.texts.notRecorded, []) // e.g. the trigger has run out: nothing was done
  }
}
const told = (lines: readonly Line[]): [string, Blocks] => {
  const block = richText(lines)
  return [escape(lines.map(plainOf).join('\n')) || ' ', block ? [block] : []]
}
async function sayCard(texts: Texts, card: PlacedCard, to: Surface): Promise<void> {
  const { text, blocks } = renderCard(card, texts.more)
  await to.say(text, blocks)
}

/** Answers through `response_url` (5 uses in 30 minutes), modals by the trigger (3 s), later by the view opened with it. */
export function responseSurface(
  tools: Tools,
  options: {
    responseUrl: string | null
    trigger: string
    replace?: boolean
    threadTs?: string | undefined
    user: string
  },
): Surface & { open(view: ModalView): Promise<void> } {
  let viewId: string | null = null
  const surface = {
    get inModal() {
      return viewId !== null
    },
    async say(text: string, blocks: Blocks) {
      const body = {
        response_type: 'ephemeral',
        replace_original: options.replace ?? false,
        text,
        blocks,
        ...(options.threadTs && { thread_ts: options.threadTs }),
      }
      if (options.responseUrl && (await respond(tools, options.responseUrl, body))) return
      const { channel } = await tools.web.conversations.open({ users: options.user })
      const id = channel?.id
      if (id) await patiently(() => tools.web.chat.postMessage({ channel: id, text, blocks }))
    },
    async modal(view: ModalView) {
      if (viewId) return updateView(tools, viewId, view)
      await surface.open(view)
    },
    async open(view: ModalView) {
      const opened = await tools.web.views.open({ trigger_id: options.trigger, view })
      viewId = opened.view?.id ?? null
    },
  }
  return surface
}
async function respond({ fetch, log }: Tools, url: string, body: unknown): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    })
    if (response.ok) return true
    log.warn({ status: response.status }, 'Slack did not take an answer by response_url')
  } catch (error) {
    log.warn({ err: String(error) }, 'Slack did not take an answer by response_url')
  }
  return false
}
/** An answer to somebody who waits for it is no card: it has its own short patience when Slack asks for some. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof WebAPIRateLimitedError) || tries === 4) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.min(error.retryAfter, 10) * 1000))
    }
  }
}
/** Everything goes into this modal. */
export const modalSurface = (tools: Tools, viewId: string): Surface => ({
  inModal: true,
  say: (text, blocks) =>
    updateView(tools, viewId, {
      type: 'modal',
      title: { type: 'plain_text', text: 'Baton' },
      blocks: blocks.length > 0 ? blocks : [{ type: 'section', text: { type: 'plain_text', text } }],
    }),
  modal: (view) => updateView(tools, viewId, view),
})
/** A view that was closed or has moved on meanwhile needs no update. */
export async function updateView(
  { web }: Pick<Tools, 'web'>,
  view_id: string,
  view: ModalView,
  hash?: string,
): Promise<void> {
  try {
    await web.views.update({ view_id, view, ...(hash && { hash }) })
  } catch (error) {
    if (!(
      error instanceof WebAPIPlatformError &&
      ['not_found', 'hash_conflict', 'view_not_found'].includes(error.data.error)
    ))
      throw error
  }
}

/** Everything goes to this person's conversation with the bot, or privately into a thread. */
export const messageSurface = (
  tools: Tools,
  options: { channel: string; user: string; threadTs?: string | undefined; direct: boolean },
): Surface => ({
  inModal: false,
  async say(text, blocks) {
    const thread = options.threadTs ? { thread_ts: options.threadTs } : {}
    if (options.direct) await tools.web.chat.postMessage({ channel: options.channel, text, blocks, ...thread })
    else await tools.web.chat.postEphemeral({ channel: options.channel, user: options.user, text, blocks, ...thread })
  },
  modal: () => Promise.reject(new Error('expected a trigger to open a modal with, but a message has none')),
})
