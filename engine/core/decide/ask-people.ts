import { canStillBeGranted, isAsked, placesThatLack } from '../asks/need.ts'
import { peopleOf } from '../asks/spec.ts'
import { answeredBy } from '../asks/stand-in.ts'
import type { PeopleCommand } from '../command.ts'
import type { PersonRef } from '../env.ts'
import { keptOutOf, scheduleAsk, starterNow, waitsForOf } from '../nodes/ask.ts'
import { releaseAsk } from '../nodes/ask-claim.ts'
import type { Ask, Place } from '../state.ts'
import { againOf, notAsked, openAsk, standingFor } from './ask.ts'
import { invalid, staleAsk } from './stale.ts'
import { clearNodeTimers, emit, runOf, type Turn } from './turn.ts'

type Of<K extends PeopleCommand['kind']> = Extract<PeopleCommand, { kind: K }>

const isGroup = (ref: string): boolean => /^(role|group):/.test(ref)
/** Whom a place is handed to: one person, or a role or group of whom any one may take it. */
function handedTo(turn: Turn, ask: Ask, ref: string, from: string): readonly PersonRef[] {
  const found = peopleOf(turn.env.directory, turn.state, ref)
  if (found.length === 0) return invalid('to', 'unknown', `${ref} is nobody here`)
  if (!isGroup(ref)) {
    const [person] = found as readonly [PersonRef]
    refuseOwnWork(turn, ask, [person])
    if (answeredBy(ask, person.id) !== undefined)
      return invalid('to', 'answered', `${person.name} has answered already`)
    return [person]
  }
  const out = keptOutOf(turn, ask)
  const left = found.filter(({ id }) => id !== from && answeredBy(ask, id) === undefined && !out.has(id))
  if (left.length === 0) return invalid('to', 'unknown', `nobody of ${ref} can answer ${ask.title}`)
  // Of several who are needed, two of theirs could fill what was one's: then it has to be one person's again.
  const fills = ask.need.places.filter(({ people, turns = [] }) =>
    [people, ...turns].some((some) => some.includes(from)),
  )
  if (left.length > 1 && fills.some(({ count }) => count > 1))
    return invalid('to', 'several', `${ask.title} needs several people: hand your place to one person`)
  return left
}
function refuseOwnWork(turn: Turn, ask: Ask, people: readonly PersonRef[]): void {
  if (ask.notStarter && people.some(({ id }) => id === starterNow(turn)))
    invalid('to', 'not_starter', `who started it cannot answer ${ask.title}`)
  const out = keptOutOf(turn, ask)
  const own = people.find(({ id }) => out.has(id))
  if (own !== undefined) invalid('to', 'own_work', `${own.name} cannot answer ${ask.title}: it is their own work`)
}

/** The presser's own place goes to another. */
export function transferAsk(turn: Turn, { askId, to, reason, by }: Of<'transfer_ask'>): void {
  const ask = openAsk(turn, askId)
  if (reason.trim() === '') return invalid('reason', 'required', 'say why')
  const from = by.person
  if (from === null || !isAsked(ask.need, from)) return notAsked(ask)
  if (answeredBy(ask, from) !== undefined) return staleAsk(ask)
  const people = handedTo(turn, ask, to, from)
  const ids = people.map(({ id }) => id)
  const swap = (asked: readonly string[]): readonly string[] => [
    ...new Set(asked.flatMap((each) => (each === from ? ids : [each]))),
  ]
  const places = ask.need.places.map((place): Place => ({
    ...place,
    people: swap(place.people),
    ...(place.turns !== undefined && { turns: place.turns.map(swap) }),
  }))
  if (canStillBeGranted(ask) && !canStillBeGranted({ ...ask, need: { places } }))
    return invalid('to', 'too_few', `${people[0]?.name ?? to} is asked already, and too few people would be left`)
  if (ask.claimedBy?.person === from) releaseAsk(turn, ask, 'transferred')
  emit(turn, {
    kind: 'ask_people_changed',
    v: 1,
    ask: ask.id,
    why: 'transferred',
    need: { places },
    added: people,
    reason,
    asked: ask.asked ?? ask.need,
  })
}

/** Gives the ask people where too few can answer, or more of them. A node that had failed for it goes on, answers kept. */
export function assignAsk(turn: Turn, { askId, to, reason, by }: Of<'assign_ask'>): void {
  const ask = openAsk(turn, askId)
  if (reason.trim() === '') return invalid('reason', 'required', 'say why')
  const own = new Set([by.person, ...standingFor(turn, by.person).map(({ id }) => id)])
  const people = to.flatMap((ref) => {
    const found = peopleOf(turn.env.directory, turn.state, ref)
    // Through a role is different: who is in it was decided elsewhere. Naming whom one stands in for would be the same as naming oneself.
    if (ask.kind === 'approval' && !isGroup(ref) && found.some(({ id }) => own.has(id)))
      return invalid('to', 'yourself', 'you cannot make yourself an approver')
    return found.length === 0 ? invalid('to', 'unknown', `${ref} is nobody here`) : found
  })
  if (people.length === 0) return invalid('to', 'required', 'name somebody')
  refuseOwnWork(turn, ask, people)
  const ids = people.map(({ id }) => id).filter((id) => answeredBy(ask, id) === undefined)
  if (ids.length === 0) return invalid('to', 'answered', 'they have answered already')
  const short = placesThatLack(ask)
  const places = ask.need.places.map((place): Place =>
    short.length > 0 && !short.includes(place)
      ? place
      : {
          ...place,
          people: [...new Set([...place.people, ...ids])],
          ...(place.turns !== undefined && { turns: [...place.turns, ids] }),
        },
  )
  const run = runOf(turn, ask.nodeId)
  const goesOn = run.state === 'failed' && run.error?.cause === 'nobody_can_answer'
  if (goesOn && !canStillBeGranted({ ...ask, need: { places } }))
    return invalid('to', 'too_few', `${ask.title} needs more people than that`)
  if (goesOn) waitAgain(turn, ask, reason)
  emit(turn, {
    kind: 'ask_people_changed',
    v: 1,
    ask: ask.id,
    why: 'assigned',
    need: { places },
    added: people,
    reason,
    ...(goesOn && { attempt: run.attempt + 1 }),
    asked: ask.asked ?? ask.need,
  })
  if (goesOn) scheduleAsk(turn, againOf(turn, askId))
}

/** The node of an ask that nobody could answer waits once more, as its next attempt. */
export function waitAgain(turn: Turn, ask: Ask, note: string): void {
  const run = runOf(turn, ask.nodeId)
  const { id: node } = run
  const attempt = run.attempt + 1
  clearNodeTimers(turn, node)
  emit(turn, { kind: 'node_retried', v: 1, node, attempt, auto: false, notBefore: null, note })
  const inputs = run.inputs ?? {}
  emit(turn, { kind: 'node_started', v: 1, node, attempt, inputs, waitsFor: waitsForOf(ask) })
}
