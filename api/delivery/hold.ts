import { catalogue, type IndexRow, type Tx } from '../../engine/index.ts'
import { nowhere, placeOf } from './place.ts'
import type { Reader, Sending } from './plan.ts'
import { readerOf } from './reach.ts'
import type { Step } from './routing.ts'

type Opening = Omit<Extract<Step, { do: 'open' }>, 'do'> & { readonly person: string }
/** People as one message finds them: read once each. */
export interface Readers {
  of(person: string): Omit<Reader, 'isOnCall'>
}
export function readersOf(
  tx: Tx,
  about: Pick<IndexRow, 'id' | 'project' | 'app' | 'flow' | 'parent'>,
  platforms: ReadonlySet<string>,
  now: number,
): Readers {
  const known = new Map<string, Omit<Reader, 'isOnCall'>>()
  return {
    of(person) {
      let reader = known.get(person)
      if (!reader) known.set(person, (reader = readerOf(tx, person, about, platforms, now)))
      return reader
    },
  }
}

/** Keeps an alert until its time. */
export function hold(tx: Tx, step: Opening, taskId: string, { at, reason }: Sending, now: number): void {
  const { place, kind, subject, askId, nodeId, why, person, title = null, text = null, level = null } = step
  const platform = placeOf(place)?.platform ?? 'none'
  const about = { person, platform, place, kind, subject, taskId, askId, nodeId, why, title, text, level }
  catalogue.holdAlert(tx, { ...about, reason: reason ?? 'order', dueAt: at, createdAt: now })
}

/** Nothing reaches this person: it is written down, for the owner and for their next visit. */
export function missed(tx: Tx, step: Opening, taskId: string, error: string, now: number): void {
  const { kind, subject, askId, nodeId, why, person, title = null, text = null, level = null } = step
  const at = { platform: 'none', place: nowhere(person), shared: false, person }
  const { card, made } = catalogue.cardAt(tx, { ...at, kind, subject, taskId, askId, nodeId }, now)
  if (!made) return
  catalogue.owe(tx, card, { why, urgent: true, title, text, level }, now)
  catalogue.failOwed(tx, card.id, error)
}
