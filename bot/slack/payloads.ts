import type { ViewState } from './answers.ts'

/** The parts of Slack's payloads that are read here; all of them are checked by signature or came down our own socket. */
export interface ActionBody {
  readonly trigger_id: string
  readonly response_url?: string
  readonly user: { readonly id: string }
  readonly channel?: { readonly id: string; readonly name?: string }
  readonly container?: { readonly is_ephemeral?: boolean; readonly thread_ts?: string; readonly message_ts?: string }
  readonly message?: { readonly thread_ts?: string }
  readonly view?: OpenView & { readonly hash: string; readonly type: string }
  readonly actions: readonly {
    readonly action_id: string
    readonly action_ts?: string
    readonly value?: string
    readonly selected_option?: { readonly value: string } | null
  }[]
}
/** A modal that somebody looks at: what we gave it to keep, and what is filled in. */
export interface OpenView {
  readonly id: string
  readonly private_metadata: string
  readonly state?: { readonly values: ViewState }
}
/** What is typed into a field with options of its own. */
export interface OptionsBody {
  readonly action_id: string
  readonly value: string
  readonly user: { readonly id: string }
  readonly view?: OpenView
}
export interface MessageEvent {
  readonly user?: string
  readonly text?: string
  readonly channel: string
  readonly channel_type?: string
  readonly ts: string
  readonly thread_ts?: string
  readonly subtype?: string
  readonly bot_id?: string
}
export interface LinksEvent {
  readonly user: string
  readonly channel: string
  readonly message_ts: string
  readonly unfurl_id?: string
  readonly source?: string
  readonly links: readonly { readonly url: string }[]
}

export const isDirect = (channel: string | undefined): boolean => channel === undefined || channel.startsWith('D')
/** Where something was asked for; null: in private. */
export const originOf = (channel: string | undefined): string | null => (isDirect(channel) ? null : `slack:${channel}`)
