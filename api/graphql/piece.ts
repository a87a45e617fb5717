import { badInput } from '../error.ts'

/** As many as one question gets, and what it gets when it does not say. */
const MOST_AT_ONCE = 100
export const PIECE = 50
export interface Wanted {
  readonly first?: number | null | undefined
  /** What the last one that was shown is called. */
  readonly after?: string | null | undefined
}
/**
 * A piece of a list that answers plain items: what follows the one called `after`. A piece that is shorter than was asked for is the
 * last. One that has gone meanwhile is INVALID_INPUT: to begin anew silently would show the same twice.
 */
export function pieceOf<T>(list: readonly T[], keyOf: (item: T) => string, { first, after }: Wanted): readonly T[] {
  const size = first ?? PIECE
  if (!(size >= 1 && size <= MOST_AT_ONCE))
    throw badInput('first', 'OUT_OF_RANGE', `Ask for 1 to ${MOST_AT_ONCE} at once`)
  const last = after ? list.findIndex((item) => keyOf(item) === after) : -1
  if (after && last < 0) throw badInput('after', 'MALFORMED', 'Nothing in this list is called so now: begin anew')
  return list.slice(last + 1, last + 1 + size)
}
/** Whether each word stands somewhere in these texts. */
export function says(texts: readonly string[], search: string | null | undefined): boolean {
  const words = search?.trim().toLowerCase().split(/\s+/u).filter(Boolean) ?? []
  const text = words.length === 0 ? '' : texts.join('\n').toLowerCase()
  return words.every((word) => text.includes(word))
}
