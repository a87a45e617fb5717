/** Who has answered, who still may, and whether that is enough. Pure counting over a frozen ask. */
import type { Ask, Decision, Need, Place } from '../state.ts'

const decisionOf = (ask: Ask, person: string): Decision | undefined =>
  ask.decisions.find((decision) => decision.person === person)
const filled = (ask: Ask, place: Place): number =>
  ask.decisions.filter((decision) => decision.verdict !== 'reject' && decision.as === place.place).length

export const isAsked = (need: Need, person: string): boolean =>
  need.places.some((place) => place.people.includes(person))
export const everybodyAsked = (need: Need): readonly string[] => [
  ...new Set(need.places.flatMap((place) => place.people)),
]
/** Those whose answer is still wanted. */
export const awaited = (ask: Ask): readonly string[] =>
  everybodyAsked(ask.need).filter((person) => decisionOf(ask, person) === undefined && mayAnswerNow(ask, person))

/** Every place has as many approvals as it needs. */
export const isGranted = (ask: Ask): boolean => ask.need.places.every((place) => filled(ask, place) >= place.count)

/**
 * The place an answer fills: one that still needs somebody, chosen so that those who have not answered can fill the rest.
 * Somebody who is both QA and Ops does not block the only other Ops. `null`: no place is open to them.
 */
export function placeFor(ask: Ask, person: string): string | null {
  const open = ask.need.places.filter((place) => place.people.includes(person) && filled(ask, place) < place.count)
  const best = open.find((place) => canStillBeGranted(ask, { person, as: place.place })) ?? open[0]
  return best === undefined ? null : best.place
}

/** Enough people are left: each open seat can get a person of its own among those who have not answered. */
export function canStillBeGranted(ask: Ask, assuming?: { readonly person: string; readonly as: string }): boolean {
  const seats: Place[] = []
  for (const place of ask.need.places) {
    const taken = filled(ask, place) + (assuming?.as === place.place ? 1 : 0)
    for (let seat = taken; seat < place.count; seat += 1) seats.push(place)
  }
  const free = (person: string): boolean => person !== assuming?.person && decisionOf(ask, person) === undefined
  // Seats that anybody of one group may take need no matching: the usual ask has one place.
  if (ask.need.places.length === 1) return seats.length <= (ask.need.places[0]?.people.filter(free).length ?? 0)
  return matches(seats, free)
}

/** Bipartite matching of seats to people (Kuhn): asks are small. */
function matches(seats: readonly Place[], free: (person: string) => boolean): boolean {
  const sits = new Map<string, number>()
  const place = (seat: number, tried: Set<string>): boolean => {
    for (const person of seats[seat]?.people ?? []) {
      if (!free(person) || tried.has(person)) continue
      tried.add(person)
      const other = sits.get(person)
      if (other === undefined || place(other, tried)) {
        sits.set(person, seat)
        return true
      }
    }
    return false
  }
  return seats.every((_, seat) => place(seat, new Set()))
}

/** `order: listed`: an earlier place, or an earlier group of the same place, comes first. */
export function mayAnswerNow(ask: Ask, person: string): boolean {
  if (ask.order === 'any') return true
  for (const place of ask.need.places) {
    if (filled(ask, place) >= place.count) continue
    const turn = place.turns?.find((group) => !group.some((member) => decisionOf(ask, member) !== undefined))
    return (turn ?? place.people).includes(person)
  }
  return true
}

/** How many answers are still wanted. */
export const stillNeeded = (ask: Ask): number =>
  ask.need.places.reduce((sum, place) => sum + Math.max(0, place.count - filled(ask, place)), 0)
