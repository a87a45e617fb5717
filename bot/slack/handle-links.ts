import { textsFor } from '../core/texts.ts'
import { unfurl } from '../core/unfurl.ts'
import type { Blocks } from './mrkdwn.ts'
import type { LinksEvent } from './payloads.ts'
import { renderCard } from './render-card.ts'
import type { Tools } from './surface.ts'
import type { FindsWho } from './who.ts'

/** Of one message; more would be a wall. */
const MOST_LINKS = 5

/** What our links in a message lead to, for all who read it. */
export async function showLinks(
  { web, who, roomLanguage }: Pick<Tools, 'web'> & { readonly who: FindsWho; readonly roomLanguage: string },
  { user, channel, message_ts, unfurl_id, source, links }: LinksEvent,
): Promise<void> {
  const roomTexts = textsFor(roomLanguage)
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
