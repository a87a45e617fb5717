import type { App } from '@slack/bolt'
import { goOnOnPhone, redrawForm, sendIn, suggest, type SentView } from './handle-form.ts'
import { showLinks } from './handle-links.ts'
import { pressButton } from './handle-press.ts'
import { answerMessage, openMenu, runTyped } from './handle-words.ts'
import type { Homes } from './home.ts'
import { ACK_BUDGET_MS } from './limits.ts'
import type { ActionBody, LinksEvent, MessageEvent, OptionsBody } from './payloads.ts'
import { FORM, REVIEW, optionsAnswer } from './render-form.ts'
import { within, type Later } from './submit.ts'
import type { Tools } from './surface.ts'
import type { FindsWho } from './who.ts'

export interface HandlerOptions extends Tools {
  readonly who: FindsWho
  readonly homes: Homes
  /** Language of cards in shared rooms. */
  readonly roomLanguage: string
  readonly later: Later
}

/** Every door of Slack's: acknowledge first, then work. */
export function register(app: App, options: HandlerOptions): void {
  registerWords(app, options)
  registerButtons(app, options)
  registerForms(app, options)
  registerGlances(app, options)
}

/** What people type, and the shortcuts beside it. */
function registerWords(app: App, options: HandlerOptions): void {
  const { later } = options
  app.command('/baton', async ({ command, ack }) => {
    await ack()
    later('command', () => runTyped(options, command))
  })
  app.event('app_mention', async ({ event }) =>
    later('mention', () => answerMessage(options, { ...event, user: event.user ?? '' } as MessageEvent)),
  )
  app.event('message', async ({ event }) => {
    const message = event as unknown as MessageEvent
    if (message.channel_type === 'im' && !message.subtype && !message.bot_id)
      later('message', () => answerMessage(options, message))
  })
  app.shortcut(/.*/, async ({ ack, shortcut }) => {
    await ack()
    const channel = 'channel' in shortcut ? (shortcut.channel as { id?: string } | undefined)?.id : undefined
    later('shortcut', () => openMenu(options, { user: shortcut.user.id, trigger: shortcut.trigger_id, channel }))
  })
}

/** What is pressed: a card's buttons by their block, and the fields of a form, which are all the others. */
function registerButtons(app: App, options: HandlerOptions): void {
  const work = {
    press: pressButton,
    phone: goOnOnPhone,
    redraw: redrawForm, // another answer may show, hide or fill other fields
  }
  const on = (block_id: string | RegExp, what: keyof typeof work): void =>
    app.action({ block_id }, async ({ ack, body }) => {
      await ack()
      options.later(what, () => work[what](options, body as unknown as ActionBody)) // block_actions, by its constraint
    })
  on(/^act/, 'press')
  on('phone', 'phone')
  on(/^(?!act|link$|phone$)/, 'redraw')
  app.action({ block_id: 'link' }, async ({ ack }) => ack()) // a link tells Slack of its press as well; nothing hangs on it
}

/** Forms: options while one types, and what is sent in. Slack waits for the answer itself here. */
function registerForms(app: App, options: HandlerOptions): void {
  app.options(/.*/, async ({ ack, body }) => {
    const found = suggest(options, body as unknown as OptionsBody)
    await ack(optionsAnswer(await within(ACK_BUDGET_MS, found, []).catch(() => [])))
  })
  for (const [callback, step] of [
    [FORM, 'form'],
    [REVIEW, 'review'],
  ] as const)
    app.view(callback, async ({ ack, body, view }) =>
      sendIn(options, step, { user: body.user.id, view: view as unknown as SentView['view'], ack: ack as never }),
    )
}

/** What people look at: the home tab, and links in other people's messages. */
function registerGlances(app: App, options: HandlerOptions): void {
  const { later, homes } = options
  app.event('app_home_opened', async ({ event }) => {
    if (event.tab === 'home') later('home', () => homes.opened(event.user))
  })
  app.event('link_shared', async ({ event }) =>
    later('links', () => showLinks(options, event as unknown as LinksEvent)),
  )
}
