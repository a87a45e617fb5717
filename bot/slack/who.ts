import type { WebClient } from '@slack/web-api'
import type { Client } from '../../api/client/index.ts'
import type { Acting, Log } from '../core/contract.ts'
import { actAs, personOf } from '../core/welcome.ts'

export interface Who {
  readonly acting: Acting
  /** Not a guest, not a bot, not of another organisation. */
  readonly fullMember: boolean
}
/** By Slack's user id, and where they act from. */
export type FindsWho = (user: string, origin: string | null) => Promise<Who>

interface Member {
  readonly name: string
  readonly locale: string | null
  readonly full: boolean
  readonly at: number
}
export interface WhoOptions {
  readonly web: WebClient
  readonly service: Client
  readonly team: () => Promise<string>
  readonly log: Log
  readonly now?: () => number
}
const FRESH_MS = 5 * 60_000
const LANGUAGE_FRESH_MS = 60_000

/** Who is behind a Slack user id: name, language, and whether this workspace counts them as its own. */
export function createWho({ web, service, team, log, now = Date.now }: WhoOptions): FindsWho {
  const members = new Map<string, Member>()
  const languages = new Map<string, { language: string | null; at: number }>()

  async function memberOf(user: string): Promise<Member> {
    const known = members.get(user)
    if (known && now() - known.at < FRESH_MS) return known
    try {
      const { user: found } = await web.users.info({ user, include_locale: true })
      const ours = found?.team_id === undefined || found.team_id === (await team())
      const full =
        ours &&
        !found?.deleted &&
        !found?.is_bot &&
        !found?.is_restricted &&
        !found?.is_ultra_restricted &&
        !found?.is_stranger &&
        !found?.is_app_user
      const name = found?.profile?.real_name || found?.real_name || found?.profile?.display_name || found?.name || user
      const member = { name, locale: found?.locale ?? null, full, at: now() }
      members.set(user, member)
      return member
    } catch (error) {
      log.warn({ user, err: String(error) }, 'Slack did not say who this is')
      return known ?? { name: user, locale: null, full: false, at: 0 } // unknown is nobody's member
    }
  }
  async function languageOf(acting: Acting): Promise<string | null> {
    const { user } = acting.account
    const known = languages.get(user)
    if (known && now() - known.at < LANGUAGE_FRESH_MS) return known.language
    try {
      const language = (await personOf(acting))?.language ?? null
      languages.set(user, { language, at: now() })
      return language
    } catch {
      return known?.language ?? null
    }
  }

  return async (user, origin) => {
    const [member, teamId] = await Promise.all([memberOf(user), team()])
    const account = { platform: 'SLACK' as const, team: teamId, user, name: member.name }
    const language = (await languageOf(actAs(service, account))) ?? member.locale
    return { acting: actAs(service, account, { origin, language, log }), fullMember: member.full }
  }
}
