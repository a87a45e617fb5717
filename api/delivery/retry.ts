import { catalogue, type Tx } from '../../engine/index.ts'
import type { ServerConfig } from '../context.ts'
import { platformsOf, waysOf } from './reach.ts'

const MOST = 500
const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed', 'revoked'])

/** Tries again what a place did not take, as far as it still matters; the rest is struck off. Answers how much is tried. */
export function retryPlace(tx: Tx, place: string, config: ServerConfig, now: number): number {
  let tried = 0
  for (const lost of catalogue.lostAt(tx, place, MOST)) {
    if (!stillMatters(tx, lost.card)) catalogue.settleDelivery(tx, lost.delivery.id)
    else if (lost.card.platform !== 'none') {
      catalogue.retryDelivery(tx, lost, now)
      tried++
    } else if (byWaysThereAreNow(tx, lost, config, now)) tried++
  }
  return tried
}
/** Strikes off what a place missed: whoever it was for knows. */
export function forgetPlace(tx: Tx, place: string): number {
  const lost = catalogue.lostAt(tx, place, MOST)
  for (const { delivery } of lost) catalogue.settleDelivery(tx, delivery.id)
  return lost.length
}

function stillMatters(tx: Tx, { kind, taskId, person, askId, nodeId }: catalogue.Card): boolean {
  if (kind === 'message') return true
  const task = catalogue.taskRow(tx, taskId)
  if (!task || kind === 'thread') return false
  const needs = catalogue.needsOfTask(tx, taskId)
  if (kind === 'ask') return needs.some((need) => need.ref === askId && need.person === person)
  if (kind === 'attention')
    return task.phase === 'attention' && (needs.length === 0 || needs.some(({ ref }) => ref === nodeId))
  return kind === 'request' ? task.phase === 'requested' || task.phase === 'attention' : !FINAL.has(task.phase)
}
/** Somebody whom nothing reached may have linked a chat since. */
function byWaysThereAreNow(
  tx: Tx,
  { delivery, card }: { delivery: catalogue.Delivery; card: catalogue.Card },
  config: ServerConfig,
  now: number,
): boolean {
  const ways = card.person === null ? [] : waysOf(tx, card.person, platformsOf(config))
  if (ways.length === 0) return false
  const { id: _id, messageId: _message, memo: _memo, createdAt: _at, open: _open, ...about } = card
  for (const { channel, place } of ways) {
    const other = catalogue.cardAt(tx, { ...about, platform: channel, place, shared: false }, now)
    const { why, title, text, level } = delivery
    if (other.made) catalogue.owe(tx, other.card, { why, urgent: true, title, text, level }, now)
  }
  catalogue.settleDelivery(tx, delivery.id)
  return true
}
