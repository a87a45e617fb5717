import { BLANK, type Card } from './card.ts'
import { taskCard } from './cards/task.ts'
import type { Acting } from './contract.ts'
import { linkedTaskQuery, taskCardQuery } from './queries/index.ts'
import type { Texts } from './texts.ts'

/** The task a link of ours leads to, by number; null: it leads elsewhere. */
export function taskIn(url: string, base: string): string | null {
  if (!URL.canParse(url) || !URL.canParse(base)) return null
  const { origin, pathname } = new URL(url)
  return origin === new URL(base).origin ? (/^\/tasks\/(\d{1,15})(?:\/|$)/.exec(pathname)?.[1] ?? null) : null
}
const refIn = (url: string): string | null => (URL.canParse(url) ? taskIn(url, new URL(url).origin) : null)

/**
 * What a link shows in a room, to all who read there: the present state where the app names the room, the title elsewhere; nothing for what
 * whoever put it there may not see. Nothing can be pressed on it.
 */
export async function unfurl(
  acting: Acting,
  url: string,
  place: string,
  texts: Texts,
  now: number,
): Promise<Card | null> {
  const ref = refIn(url)
  if (ref === null) return null
  const { viewer, task } = await acting.client.query(linkedTaskQuery, { ref, place })
  if (!task || taskIn(url, viewer.server.url) === null) return null
  const { task: state } = task.mayStandIn ? await acting.service.query(taskCardQuery, { id: task.id }) : { task: null }
  if (state) return { ...taskCard({ texts, shared: true, now }, state), actions: [] }
  const title = `${task.title} #${task.number}`
  return { ...BLANK, summary: title, title }
}
