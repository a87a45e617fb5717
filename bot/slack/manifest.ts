/** What the app may do, and why: the least that works. */
export const SCOPES: Readonly<Record<string, string>> = {
  commands: 'the /baton command and shortcuts',
  'chat:write': 'cards in rooms it was invited to, and in direct messages',
  'im:write': 'opens the direct message an alert goes to',
  'im:history': 'reads what people write to it directly, so that "release version=v1" works there too',
  'app_mentions:read': 'mentions, for threads, where commands do not work',
  'users:read': 'names, languages, and whether somebody is a guest or a bot',
}
/** Only with a public address, which links can be told by. */
export const LINK_SCOPES: Readonly<Record<string, string>> = {
  'links:read': 'learns that a link to Baton was posted; no other message is seen',
  'links:write': 'shows beneath such a link what it leads to',
}

export interface ManifestOptions {
  /** Public https address of Baton for HTTP mode; absent: Socket Mode, no public address. */
  readonly url?: string
  readonly name?: string
}

/** The app manifest to paste at api.slack.com/apps → Create New App → From a manifest. */
export function slackManifest({ url, name = 'Baton' }: ManifestOptions = {}) {
  const socket = url === undefined
  const domain = url === undefined ? null : new URL(url).hostname
  const scopes = { ...SCOPES, ...(domain !== null && LINK_SCOPES) }
  const events = url ? `${url.replace(/\/$/, '')}/slack/events` : undefined
  return {
    _metadata: { major_version: 2, minor_version: 1 },
    display_information: {
      name,
      description: 'Hands work from the people who run systems to the people who need it done',
      background_color: '#17181c',
      long_description:
        'Launch what your operators have prepared, fill in a form, watch one live card, approve where it is your turn. When a step fails, the right person gets an alert with the buttons that help: Retry, Edit and retry, I did it by hand, Skip, Stop.',
    },
    features: {
      app_home: { home_tab_enabled: true, messages_tab_enabled: true, messages_tab_read_only_enabled: false },
      bot_user: { display_name: name, always_online: true },
      shortcuts: [
        {
          name: 'Open Baton',
          type: 'global',
          callback_id: 'baton_open',
          description: 'What waits for you, your tasks, apps',
        },
        {
          name: 'Launch from here',
          type: 'message',
          callback_id: 'baton_here',
          description: 'Launch an app, in threads too',
        },
      ],
      slash_commands: [
        {
          command: '/baton',
          description: 'Launch apps, see your tasks and what waits for you',
          usage_hint: '[app] [key=value …] | tasks | inbox | alerts | link | help',
          should_escape: false,
          ...(events && { url: events }),
        },
      ],
      ...(domain !== null && { unfurl_domains: [domain] }),
    },
    oauth_config: { scopes: { bot: Object.keys(scopes) } },
    settings: {
      event_subscriptions: {
        bot_events: [
          'app_home_opened',
          'app_mention',
          ...(domain !== null ? (['link_shared'] as const) : []),
          'message.im',
        ],
        ...(events && { request_url: events }),
      },
      interactivity: { is_enabled: true, ...(events && { request_url: events, message_menu_options_url: events }) },
      org_deploy_enabled: false,
      socket_mode_enabled: socket,
      token_rotation_enabled: false,
    },
  }
}
