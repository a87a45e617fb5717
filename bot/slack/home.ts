import type { WebClient } from '@slack/web-api'
import type { Log } from '../core/contract.ts'
import { homeCard } from '../core/menu.ts'
import { placeMenu } from '../core/place.ts'
import { homeQuery } from '../core/queries/index.ts'
import { offerToJoin } from '../core/welcome.ts'
import { renderCard } from './render-card.ts'
import type { FindsWho } from './who.ts'

export interface HomesOptions {
  readonly web: Pick<WebClient, 'views'>
  readonly who: FindsWho
  readonly log: Log
  readonly now?: () => number
  /** What happens within this time is drawn once. */
  readonly joinMs?: number
}
export interface Homes {
  /** Somebody looks at it: drawn, and kept up to date for a while. */
  opened(user: string): Promise<void>
  /** Something of theirs has changed, told by the place it went to. Drawn anew when they may be looking. */
  concerns(place: string): void
  stop(): void
}
/** Slack never says that somebody has looked away; whoever comes back opens it anew. */
const LOOKING_MS = 60 * 60_000
const JOIN_MS = 8_000

/** The App Home of each person: what waits for them, their tasks, apps to launch. */
export function createHomes({ web, who, log, now = Date.now, joinMs = JOIN_MS }: HomesOptions): Homes {
  const seen = new Map<string, number>()
  const drawn = new Map<string, string>()
  const waiting = new Map<string, NodeJS.Timeout>()

  async function draw(user: string, force: boolean): Promise<void> {
    const { acting, fullMember } = await who(user, null)
    const offer = await offerToJoin(acting, fullMember)
    const card = offer?.kind === 'card' ? offer.card : homeCard(acting, await acting.client.query(homeQuery))
    const text = JSON.stringify(card)
    if (!force && drawn.get(user) === text) return
    const { blocks } = renderCard(await placeMenu(acting.service, card), acting.texts.more)
    await web.views.publish({ user_id: user, view: { type: 'home', blocks } })
    drawn.set(user, text)
  }
  return {
    async opened(user) {
      for (const [other, at] of seen)
        if (now() - at > LOOKING_MS) {
          seen.delete(other)
          drawn.delete(other)
        }
      seen.set(user, now())
      await draw(user, true)
    },
    concerns(place) {
      const [, user = ''] = /^slack:@?([UW][A-Z0-9]+)$/.exec(place) ?? []
      if (now() - (seen.get(user) ?? -Infinity) > LOOKING_MS || waiting.has(user)) return
      const timer = setTimeout(() => {
        waiting.delete(user)
        draw(user, false).catch((error: unknown) =>
          log.warn({ err: String(error) }, 'a home tab could not be drawn anew; its next change draws it'),
        )
      }, joinMs)
      timer.unref()
      waiting.set(user, timer)
    },
    stop() {
      for (const timer of waiting.values()) clearTimeout(timer)
      waiting.clear()
    },
  }
}
