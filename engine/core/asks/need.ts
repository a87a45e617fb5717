/**
 * Who has answered, who still may, and whether that is enough. Pure counting over a frozen ask.
 * A place is somebody's own: where a stand-in answered ("B for A"), it is A's place that is filled, and neither of them answers again.
 */
import type { Ask, Decision, Need, Place } from '../state.ts'

/** Whose place an answer takes. */
export const holderOf = (decision: Decision): string => decision.for?.id ?? decision.person
const decisionOf = (ask: Ask, person: string): Decision | undefined =>
  ask.decisions.find((decision) => holderOf(decision) === person)
/** Their place is still theirs to give: nobody has answered for it, and they have not answered for another. */
export const isFree = (ask: Ask, person: string): boolean =>
  !ask.decisions.some((decision) => holderOf(decision) === person || decision.person === person)
const filled = (ask: Ask, place: Place): number =>
  ask.decisions.filter((decision) => decision.verdict !== 'reject' && decision.as === place.place).length

export const isAsked = (need: Need, person: string): boolean =>
  need.places.some((place) => place.people.includes(person))
export const everybodyAsked = (need: Need): readonly string[] => [
  ...new Set(need.places.flatMap((place) => place.people)),
]
/** A form or confirmation that somebody has taken is theirs alone; an approval is everybody's own. */
export const takenBy = (ask: Ask): string | null => (ask.kind === 'approval' ? null : (ask.claimedBy?.person ?? null))
/** Those whose answer is still wanted. */
export function awaited(ask: Ask): readonly string[] {
  const taken = takenBy(ask)
  if (taken !== null) return [taken]
  return everybodyAsked(ask.need).filter((person) => isFree(ask, person) && mayAnswerNow(ask, person))
}

/** Every place has as many approvals as it needs. */
export const isGranted = (ask: Ask): boolean => ask.need.places.every((place) => filled(ask, place) >= place.count)

/** Who sits in which place: one person fills one. */
type Seats = Map<string, string>
const seatsOf = (ask: Ask): Seats =>
  new Map(
    ask.decisions.flatMap((each) => (each.verdict !== 'reject' && each.as !== null ? [[holderOf(each), each.as]] : [])),
  )

/**
 * Seats a person, moving others who could as well sit elsewhere (an augmenting path; asks are small).
 * Somebody who is both QA and Ops makes room in QA for the only other QA. False: there is no place for them.
 */
function seat(need: Need, seats: Seats, person: string, tried: Set<string> = new Set()): boolean {
  const sitting = (place: Place): readonly string[] =>
    [...seats].filter(([other, at]) => at === place.place && other !== person).map(([other]) => other)
  const own = need.places.filter((place) => place.people.includes(person) && !tried.has(place.place))
  const free = own.find((place) => sitting(place).length < place.count)
  if (free !== undefined) {
    seats.set(person, free.place)
    return true
  }
  for (const place of own) {
    tried.add(place.place)
    if (sitting(place).some((other) => seat(need, seats, other, tried))) {
      seats.set(person, place.place)
      return true
    }
  }
  return false
}

export interface Seating {
  readonly as: string
  /** Answers that stand for another place now, by who gave them. */
  readonly moved: { readonly [person: string]: string }
}
/** The place an approval fills; `holder` is whose it is. Null: none is open to them, and none can be made. */
export function seatFor(ask: Ask, holder: string): Seating | null {
  const seats = seatsOf(ask)
  if (!seat(ask.need, seats, holder)) return null
  const moved = ask.decisions.flatMap((each): [string, string][] => {
    const now = seats.get(holderOf(each))
    return each.verdict === 'reject' || now === undefined || now === each.as ? [] : [[each.person, now]]
  })
  return { as: seats.get(holder) ?? '', moved: Object.fromEntries(moved) }
}

/** Enough people are left to fill every place. */
export function canStillBeGranted(ask: Ask): boolean {
  const { places } = ask.need
  const free = everybodyAsked(ask.need).filter((person) => isFree(ask, person))
  const [only] = places
  if (only !== undefined && places.length === 1) return filled(ask, only) + free.length >= only.count // the usual ask
  const seats = seatsOf(ask)
  for (const person of free) seat(ask.need, seats, person)
  return seats.size >= places.reduce((sum, place) => sum + place.count, 0)
}

/** Places that cannot be filled by those asked for them. None of a need that lacks people can be one, where somebody is counted on in two. */
export const placesThatLack = (ask: Ask): readonly Place[] =>
  ask.need.places.filter(
    (place) => filled(ask, place) + place.people.filter((person) => isFree(ask, person)).length < place.count,
  )

/** `order: listed`: an earlier place, or an earlier group of the same place, comes first. */
export function mayAnswerNow(ask: Ask, holder: string): boolean {
  if (ask.order === 'any') return true
  for (const place of ask.need.places) {
    if (filled(ask, place) >= place.count) continue
    // A group of which nobody is left (its own work, gone, answered for another) holds nobody up.
    const turn = place.turns?.find(
      (group) =>
        !group.some((member) => decisionOf(ask, member) !== undefined) && group.some((member) => isFree(ask, member)),
    )
    return (turn ?? place.people).includes(holder)
  }
  return true
}
