/**
 * Roles, groups and people change while asks are open (FLOW §4: role changes are events). Who is gone may not answer any more; who joined a role that is
 * asked may; two persons who have turned out to be one count once. What was decided by hand (transfers, people assigned, escalation) stays.
 */
import { canStillBeGranted, everybodyAsked, holderOf } from '../asks/need.ts'
import { needOf, specOf } from '../asks/spec.ts'
import type { RuntimeCommand } from '../command.ts'
import type { PersonRef } from '../env.ts'
import { releaseAsk } from '../nodes/ask-claim.ts'
import { keptOutOf, scheduleAsk } from '../nodes/ask.ts'
import type { Ask, Need, Place } from '../state.ts'
import type { Value } from '../value.ts'
import { againOf, openTo, settleShortage } from './ask.ts'
import { waitAgain } from './ask-people.ts'
import { emit, type Turn } from './turn.ts'

export function lookAgain(turn: Turn, { became = {} }: Extract<RuntimeCommand, { kind: 'people_changed' }>): void {
  for (const ask of [...turn.state.asks.values()]) if (ask.state === 'open') lookAgainAt(turn, ask, became)
}

/**
 * Before an answer counts, the ask is held against who stands where now. Whoever tells tasks of such changes looks for those that ask: one that
 * was opening at that moment, with the people of a moment before, is not found.
 */
export function asItStands(turn: Turn, id: string): void {
  const ask = turn.state.asks.get(id)
  if (ask?.state === 'open') lookAgainAt(turn, ask, {})
}

function lookAgainAt(turn: Turn, ask: Ask, became: { readonly [person: string]: string }): void {
  if (turn.state.rehearsal) return // it asks whoever rehearses, whatever roles there are, and where a starter may not answer too
  const names = new Map<string, string>()
  const before = ask.asked ?? ask.need
  const asked = resolvedNow(turn, ask, before, names)
  const nowOf = (id: string): string | null => {
    const { personNow } = turn.env.directory
    return personNow === undefined ? (became[id] ?? id) : (personNow(became[id] ?? id)?.id ?? null)
  }
  const out = keptOutOf(turn, ask)
  const standing = (people: readonly string[]): string[] =>
    unique(people.flatMap((id) => nowOf(id) ?? [])).filter((id) => !out.has(id))
  const places = ask.need.places.map((place, at): Place => {
    const [was, is] = [before.places[at]?.people ?? [], asked.places[at]?.people ?? []]
    const gone = was.filter((id) => !is.includes(id) && !standsStill(turn, ask, id))
    const joined = is.filter((id) => !was.includes(id))
    const change = (people: readonly string[]): string[] => standing(people.filter((id) => !gone.includes(id)))
    return {
      ...place,
      people: unique([...change(place.people), ...standing(joined)]),
      ...(place.turns !== undefined && {
        turns: place.turns.map((group, turnAt) => {
          const then = asked.places[at]?.turns?.[turnAt] ?? []
          return unique([...change(group), ...standing(joined.filter((id) => then.includes(id)))])
        }),
      }),
    }
  })
  const dropped = noLongerCounting(ask, became, out)
  const renamed = ask.decisions.some(({ person, for: holder }) => person in became || (holder && holder.id in became))
  if (dropped.length === 0 && !renamed && sameText(places, ask.need.places)) return
  const known = new Set(everybodyAsked(ask.need))
  const added = everybodyAsked({ places }).filter((id) => !known.has(id))
  emit(turn, {
    kind: 'ask_people_changed',
    v: 1,
    ask: ask.id,
    why: 'directory',
    need: { places },
    added: added.map((id): PersonRef => ({ id, name: names.get(id) ?? turn.env.directory.title(id) })),
    reason: null,
    asked,
    ...(renamed && { became }),
    ...(dropped.length > 0 && { dropped }),
  })
  goOn(turn, againOf(turn, ask.id))
}

/** Too few are left: a person is put in charge. Enough have come: it goes on with the answers it has. */
function goOn(turn: Turn, ask: Ask): void {
  const taker = ask.claimedBy?.person
  if (taker !== undefined && openTo(turn, ask, taker).length === 0) releaseAsk(turn, ask, 'gone')
  const run = turn.state.nodes.get(ask.nodeId)
  if (run?.state === 'waiting' && !canStillBeGranted(ask)) return settleShortage(turn, ask)
  if (run?.state !== 'failed' || run.error?.cause !== 'nobody_can_answer' || !canStillBeGranted(ask)) return
  waitAgain(turn, ask, 'Enough people can answer now')
  emit(turn, {
    kind: 'ask_people_changed',
    v: 1,
    ask: ask.id,
    why: 'directory',
    need: ask.need,
    added: [],
    reason: null,
    attempt: run.attempt + 1,
  })
  scheduleAsk(turn, againOf(turn, ask.id))
}

/** Whom its refs stand for now, how many are needed as it was. What a variable or an earlier answer named stays named. */
function resolvedNow(turn: Turn, ask: Ask, before: Need, names: Map<string, string>): Need {
  const { state, flow, env } = turn
  const node = flow.node(ask.nodeId)
  if (node?.kind !== 'ask' || ask.correction === true || state.rehearsal) return before
  const spec = specOf(node.ask, state.nodes.get(ask.nodeId)?.inputs ?? {})
  if (spec.asked.some(isFixed) || placesOf(spec.need).some(isFixed)) return before
  const counted = { ...spec, need: countsAside(spec.need) }
  const { places } = needOf(counted, node.ask, env.directory, state, names, keptOutOf(turn, ask))
  return {
    places: before.places.map((place): Place => {
      const now = places.find((one) => one.place === place.place)
      return now === undefined
        ? place
        : { ...place, people: now.people, ...(now.turns !== undefined && { turns: now.turns }) }
    }),
  }
}
/** Off duty is not gone: whom a rota named when it was asked stays asked. */
const standsStill = (turn: Turn, ask: Ask, id: string): boolean => {
  const { stands } = turn.env.directory
  const node = turn.flow.node(ask.nodeId)
  if (stands === undefined || node?.kind !== 'ask') return false
  const spec = specOf(node.ask, turn.state.nodes.get(ask.nodeId)?.inputs ?? {})
  return [...spec.asked, ...placesOf(spec.need)].some((ref) => stands(ref, id))
}
const isFixed = (ref: string): boolean => ref === 'previous' || ref.startsWith('var:')
const placesOf = (need: Value): readonly string[] =>
  typeof need === 'object' && need !== null && !Array.isArray(need) ? Object.keys(need) : []
const countsAside = (need: Value): Value =>
  placesOf(need).length === 0 ? 1 : Object.fromEntries(placesOf(need).map((place) => [place, 1]))

/** A second answer of one person, and what was answered under another name by those whose own work it is. */
function noLongerCounting(
  ask: Ask,
  became: { readonly [person: string]: string },
  out: ReadonlySet<string>,
): readonly string[] {
  const seen = new Set<string>()
  return ask.decisions.flatMap((decision) => {
    const ids = [decision.person, holderOf(decision)].map((id) => became[id] ?? id)
    const counts = !ids.some((id) => seen.has(id) || out.has(id))
    for (const id of ids) seen.add(id)
    return counts ? [] : [decision.person]
  })
}
const unique = (ids: readonly string[]): string[] => [...new Set(ids)]
const sameText = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
