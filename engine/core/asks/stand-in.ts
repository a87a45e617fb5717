/** Who answers in whose place. A delegation is the catalogue's; what it means for one ask is decided here, at the moment of the answer. */
import type { PersonRef, StoodFor } from '../env.ts'
import type { Ask, Decision } from '../state.ts'
import { canStillBeGranted, holderOf, isAsked, isFree, mayAnswerNow, seatFor, type Seating } from './need.ts'

/** A standing delegation: from one instant until another. */
export interface Delegation {
  readonly from: PersonRef
  readonly to: PersonRef
  readonly fromAt: number
  readonly untilAt: number
}
const isOn = ({ fromAt, untilAt }: Delegation, at: number): boolean => fromAt <= at && at < untilAt

/** Whom a person stands in for at an instant, themselves left out; chains are followed, and end where they come back. */
export const standsForIn = (delegations: readonly Delegation[], person: string, at: number): readonly StoodFor[] =>
  chained(endsOf(delegations).to, 'from', person, at)
/** Who stands in for a person at an instant: the other way round. */
export const standInsIn = (delegations: readonly Delegation[], person: string, at: number): readonly StoodFor[] =>
  chained(endsOf(delegations).from, 'to', person, at)

type ByEnd = ReadonlyMap<string, readonly Delegation[]>
function chained(links: ByEnd, end: 'from' | 'to', person: string, at: number): readonly StoodFor[] {
  const found: StoodFor[] = []
  const seen = new Set([person])
  const open: { readonly id: string; readonly via: readonly string[] }[] = [{ id: person, via: [] }]
  for (let next = open.shift(); next !== undefined; next = open.shift())
    for (const link of links.get(next.id) ?? []) {
      const other = link[end]
      if (seen.has(other.id) || !isOn(link, at)) continue
      seen.add(other.id)
      found.push({ ...other, via: next.via })
      open.push({ id: other.id, via: [...next.via, other.id] })
    }
  return found
}
/** Found by who stands at their ends. A list is asked about many people, and is replaced as a whole when it changes. */
function endsOf(delegations: readonly Delegation[]): { readonly from: ByEnd; readonly to: ByEnd } {
  const known = ENDS.get(delegations)
  if (known) return known
  const ends = {
    from: Map.groupBy(delegations, ({ from }) => from.id),
    to: Map.groupBy(delegations, ({ to }) => to.id),
  }
  ENDS.set(delegations, ends)
  return ends
}
const ENDS = new WeakMap<readonly Delegation[], { readonly from: ByEnd; readonly to: ByEnd }>()

/** Those who may answer in somebody's place in this ask, for who is to be told of it. */
export function standInsFor(ask: Ask, around: Around, standIns: readonly StoodFor[]): readonly PersonRef[] {
  if (around.rehearsal) return []
  const out = keptOut(ask, around)
  return standIns
    .filter(({ id, via }) => ![id, ...via].some((one) => out.has(one)))
    .filter(({ id }) => answeredBy(ask, id) === undefined)
    .map(({ id, name }) => ({ id, name }))
}
/** Delegating so would come back to who delegates, at some instant of its time. */
export function closesCircle(delegations: readonly Delegation[], next: Delegation): boolean {
  if (next.from.id === next.to.id) return true
  const meets = (one: Delegation): boolean => one.fromAt < next.untilAt && next.fromAt < one.untilAt
  const others = delegations.filter(meets)
  // A circle lives at the instant the last of its delegations begins.
  const instants = [next.fromAt, ...others.map(({ fromAt }) => fromAt)].filter((at) => isOn(next, at))
  return instants.some((at) => standsForIn(others, next.from.id, at).some(({ id }) => id === next.to.id))
}

/** What an ask must know of its task: who started it, and that nobody but them is asked in a rehearsal. */
export interface Around {
  readonly starter: string | null
  readonly rehearsal: boolean
  /** Who a person is now, where they may have been found to be somebody else. Absent: everybody is who they were. */
  readonly now?: (id: string) => string
}
const NOBODY: ReadonlySet<string> = new Set()
/** Those who may not answer because it is their own work: who started it, and who has set what it is about. */
export function keptOut(
  ask: Pick<Ask, 'notStarter' | 'ownWork'>,
  { starter, rehearsal, now = (id) => id }: Around,
): ReadonlySet<string> {
  if (!ask.notStarter || rehearsal) return NOBODY
  return new Set([...(starter === null ? [] : [starter]), ...(ask.ownWork ?? []).map(({ id }) => now(id))])
}

/** Of whom a person stands in for, those whose place in this ask they may take: never for or through those whose own work it is, where they may not answer. */
export function stoodForIn(
  ask: Ask,
  around: Around,
  person: string,
  standsFor: readonly StoodFor[],
): readonly PersonRef[] {
  const out = keptOut(ask, around)
  if (around.rehearsal || out.has(person)) return []
  return standsFor
    .filter(({ id, via }) => isAsked(ask.need, id) && ![id, ...via].some((one) => out.has(one)))
    .map(({ id, name }) => ({ id, name: ask.names[id] ?? name }))
}

/** Whose place a person may take: their own first. */
export function placesOpenTo(
  ask: Ask,
  around: Around,
  person: string,
  standsFor: readonly StoodFor[],
): readonly PersonRef[] {
  const own =
    isAsked(ask.need, person) && !keptOut(ask, around).has(person)
      ? [{ id: person, name: ask.names[person] ?? person }]
      : []
  return [...own, ...stoodForIn(ask, around, person, standsFor)]
}

/** An answer that stands in the way of another by the same person, or for the same place. */
export const isAnsweredBy = (ask: Ask, person: string): boolean => answeredBy(ask, person) !== undefined
export const answeredBy = (ask: Ask, person: string): Decision | undefined =>
  ask.decisions.find((decision) => decision.person === person || holderOf(decision) === person)

export type Taken =
  | { readonly kind: 'place'; readonly holder: PersonRef; readonly seating: Seating | null }
  | { readonly kind: 'turn' }
  | { readonly kind: 'filled' }
  | { readonly kind: 'answered' }
/**
 * The place an answer takes among those open to a person. One person's answer counts once, so a stand-in who is asked as well answers in their own place,
 * and in another's only where theirs is filled, and where that leaves enough people.
 */
export function placeTaken(ask: Ask, person: string, open: readonly PersonRef[], verdict: Decision['verdict']): Taken {
  let why: 'turn' | 'filled' | 'answered' = 'answered'
  for (const holder of open) {
    // Nor may somebody who has answered for another have another answer for them.
    if (!isFree(ask, holder.id)) continue
    if (!mayAnswerNow(ask, holder.id)) {
      why = 'turn'
      continue
    }
    if (verdict === 'reject') return { kind: 'place', holder, seating: null }
    const seating = seatFor(ask, holder.id)
    if (seating === null) {
      if (why !== 'turn') why = 'filled'
      continue
    }
    if (holder.id !== person && isAsked(ask.need, person) && !leavesEnough(ask, person, holder, seating)) continue
    return { kind: 'place', holder, seating }
  }
  return { kind: why }
}
const leavesEnough = (ask: Ask, person: string, holder: PersonRef, { as, moved }: Seating): boolean =>
  canStillBeGranted({
    ...ask,
    decisions: [
      ...ask.decisions.map((each) => ({ ...each, as: moved[each.person] ?? each.as })),
      { person, name: '', at: 0, verdict: 'approve', comment: null, surface: 'system', as, for: holder },
    ],
  })
