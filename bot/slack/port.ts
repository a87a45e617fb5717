import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError, type WebClient } from '@slack/web-api'
import type { PlacedCard } from '../core/card.ts'
import { PortError, type Destination, type Limit, type Log, type Port } from '../core/contract.ts'
import { textsFor } from '../core/texts.ts'
import { actionBlocks, renderCard, type Message } from './render-card.ts'

/** `chat.update`: 50 a minute for the whole workspace; posts: one a second per channel (and something for the way there), and a cap for all that Slack does not name. */
const UPDATES: Limit = { key: 'chat.update', everyMs: 1200, burst: 20 }
const POSTS: Limit = { key: 'chat.postMessage', everyMs: 300, burst: 20 }
const postsTo = (place: string): Limit => ({ key: `post:${place}`, everyMs: 1250, burst: 1 })

/** A thread bothers nobody, so it may hold much; of the workspace's edits it takes a third at most. */
const THREAD = { pages: 8, lines: 20, tails: 3, tailLines: 20 } as const
const THREADS: Limit = { key: 'threads', everyMs: 3600, burst: 6 }

const GONE = ['message_not_found', 'thread_not_found', 'invalid_thread_ts', 'cant_update_message', 'edit_window_closed']
const UNDELIVERABLE = [
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'user_disabled',
  'user_not_found',
  'account_inactive',
  'cannot_dm_bot',
  'restricted_action',
  'messages_tab_disabled',
  'no_permission',
  'is_inactive',
  'user_not_visible',
  'ekm_access_denied',
  'restricted_action_read_only_channel',
  'team_access_not_granted',
  'user_not_in_channel',
]
const REFUSED = [
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_arguments',
  'msg_too_long',
  'msg_blocks_too_long',
  'no_text',
  'too_many_attachments',
  'invalid_arg_name',
]

/** Cards out to Slack. Every call is one try: when to try again is the schedule's business. */
export function createPort(web: WebClient, log: Log): Port {
  const direct = new Map<string, string>()

  /** `slack:C1`, `slack:#room`, a person (`slack:@U1`): the conversation to write in. */
  async function channelOf(place: string): Promise<string> {
    const bare = place.replace(/^slack:/, '').replace(/^@/, '')
    if (!/^[UW][A-Z0-9]+$/.test(bare)) return bare
    const known = direct.get(bare)
    if (known) return known
    const { channel } = await web.conversations.open({ users: bare })
    if (!channel?.id) throw new PortError('undeliverable', `Slack opened no conversation with ${bare}`)
    direct.set(bare, channel.id)
    return channel.id
  }
  const messageOf = (to: Destination, card: PlacedCard): Message => renderCard(card, textsFor(to.language).more)
  /** Better plain than not at all: the blocks are left out when Slack will not take them, the buttons stay. */
  async function withFallback<T>(
    card: PlacedCard,
    message: Message,
    send: (message: Message) => Promise<T>,
  ): Promise<T> {
    try {
      return await send(message)
    } catch (error) {
      if (!(error instanceof PortError && error.kind === 'refused')) throw error
      log.error({ err: error.message }, 'Slack refused the blocks of a card; it goes out as text')
      return send({
        text: message.text,
        blocks: [
          { type: 'section', text: { type: 'plain_text', text: message.text, emoji: false } },
          ...actionBlocks(card.actions, 'More'),
        ],
      })
    }
  }

  return {
    platform: 'SLACK',
    thread: { ...THREAD, limit: () => THREADS },
    limits: (kind, { place }) => (kind === 'edit' ? [UPDATES] : [postsTo(place), POSTS]),
    async post(to, card, replyTo) {
      return withFallback(card, messageOf(to, card), ({ text, blocks }) =>
        calling(async () => {
          const channel = await channelOf(to.place)
          const thread = replyTo ? { thread_ts: idOf(replyTo).ts } : {}
          const sent = await web.chat.postMessage({
            channel,
            text,
            blocks,
            unfurl_links: false,
            unfurl_media: false,
            ...thread,
          })
          return `${sent.channel ?? channel}:${sent.ts ?? ''}`
        }),
      )
    },
    async edit(to, messageId, card) {
      await withFallback(card, messageOf(to, card), ({ text, blocks }) =>
        calling(() => web.chat.update({ ...idOf(messageId), text, blocks })),
      )
    },
  }
}
/** `channel:ts`: an edit needs the conversation Slack answered with, which is not always the one that was named. */
const idOf = (messageId: string): { channel: string; ts: string } => {
  const [channel = '', ts = ''] = messageId.split(':')
  return { channel, ts }
}

/** Slack's errors in the words of the port. */
async function calling<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof PortError) throw error
    if (error instanceof WebAPIRateLimitedError) throw new PortError('wait', 'Slack asks to wait', error.retryAfter)
    if (error instanceof WebAPIHTTPError && error.statusCode === 429)
      throw new PortError('wait', 'Slack asks to wait', Number(error.headers['retry-after'] ?? 1))
    const code = error instanceof WebAPIPlatformError ? error.data.error : ''
    if (GONE.includes(code)) throw new PortError('gone', code)
    if (UNDELIVERABLE.includes(code)) throw new PortError('undeliverable', code)
    if (REFUSED.includes(code)) throw new PortError('refused', `${code} ${messagesOf(error)}`)
    throw new PortError('broken', code || (error instanceof Error ? error.message : String(error)))
  }
}
const messagesOf = (error: unknown): string =>
  error instanceof WebAPIPlatformError
    ? ((error.data.response_metadata?.messages ?? []) as readonly string[]).slice(0, 3).join('; ')
    : ''
