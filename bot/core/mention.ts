/** Whom a card calls. Only accounts that the server named become mentions, never anything typed; an edit calls nobody who was not called before. */
import { person, plain, type Card, type Line, type Span } from './card.ts'
import type { Delivery } from './queries/index.ts'

type Mention = Delivery['mentions'][number]
/** Accounts on the platform, by the person's id. */
export type Called = ReadonlyMap<string, Mention>
export const calledBy = ({ mentions }: Pick<Delivery, 'mentions'>): Called =>
  new Map(mentions.map((mention) => [mention.person, mention]))
/** Whom the post called, as the server keeps it beside the card: an edit after a restart keeps them, too. */
export interface CalledMemo {
  readonly called: readonly Mention[]
}
export const namesOf = (called: Called): CalledMemo => ({ called: [...called.values()] })
export function keptOf(memo: unknown): Called {
  const { called } = (memo ?? {}) as Partial<CalledMemo> // only ever written by `namesOf`
  return new Map((Array.isArray(called) ? called : []).map((mention: Mention) => [mention.person, mention]))
}

/** The small type of a card names those who are asked: with their accounts, a platform can call them. */
export function calling<C extends Pick<Card, 'notes'>>(card: C, called: Called): C {
  if (called.size === 0) return card
  const withAccount = (span: Span): Span => {
    const user = span.kind === 'person' && span.id !== null ? called.get(span.id)?.user : undefined
    return span.kind === 'person' && user !== undefined ? { ...span, user } : span
  }
  return { ...card, notes: card.notes.map((line) => line.map(withAccount)) }
}
/** Before what a reminder says in a room. */
export const callLine = (called: Called): Line =>
  [...called.values()].flatMap(({ person: id, name, user }): Line => [
    { ...person({ id, name }), user } as Span,
    plain(' '),
  ])
