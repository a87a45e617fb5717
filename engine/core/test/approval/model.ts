/**
 * What an approval policy promises, said a second time and simply: who may answer is kept here as plain sets, beside the engine, and each answer that the engine
 * accepts is held against them. Nothing of `asks/` is used.
 */
import type { Decision } from '../../state.ts'

/** One place of an approval: how many, of which roles or people. */
export interface PlaceRule {
  readonly refs: readonly string[]
  readonly count: (asked: number) => number
}
export interface Rules {
  readonly places: readonly PlaceRule[]
  readonly notStarter: boolean
  readonly veto: readonly string[]
  readonly escalateTo: readonly string[]
  /** What one rejection comes to; `end` where nothing is said. */
  readonly reject?: 'end' | 'wait'
  /** Whom the first place names answers one after the other. */
  readonly order?: 'listed'
  /** A form that one person takes before they answer: nothing about whose own work it is. */
  readonly taken?: true
  /** Delegations are over with the deadline. */
  readonly delegationsEnd?: true
}
/** The world around the task, as it is now. */
export interface Around {
  readonly roles: { readonly [role: string]: readonly string[] }
  /** Who delegates to whom. One each. */
  readonly delegates: { readonly [person: string]: string }
  /** Who turned out to be whom. */
  readonly became: { readonly [person: string]: string }
  readonly suspended: readonly string[]
  readonly starter: string
  /** Who has changed what is to be approved, at any time. */
  readonly wrote: readonly string[]
  /** What is to be approved, as it stands. */
  readonly value: string
}
/** Whom one ask asks, as it should be. */
export interface Entitled {
  readonly value: string
  /** `ever`: who was asked at some time. An answer given then stands, whoever has left since. */
  readonly places: readonly {
    readonly count: number
    readonly who: readonly string[]
    readonly ever: readonly string[]
    /** Who answers after whom; null: in any order. */
    readonly turns: readonly (readonly string[])[] | null
  }[]
}

export const nowIs = (around: Around, person: string): string => around.became[person] ?? person
const isThere = (around: Around, person: string): boolean => !around.suspended.includes(person)
const membersOf = (around: Around, ref: string): readonly string[] =>
  (around.roles[ref] ?? [ref]).map((one) => nowIs(around, one)).filter((one) => isThere(around, one))
const unique = (list: readonly string[]): readonly string[] => [...new Set(list)]
/** Whose own work it is: who started it, and who has changed what is to be approved. */
const own = (around: Around): readonly string[] =>
  [around.starter, ...around.wrote].map((person) => nowIs(around, person))
const mayAtAll = (rules: Rules, around: Around, person: string): boolean =>
  !(rules.notStarter && own(around).includes(person))
const resolved = (rules: Rules, around: Around, refs: readonly string[]): readonly string[] =>
  unique(refs.flatMap((ref) => membersOf(around, ref))).filter((person) => mayAtAll(rules, around, person))

/** An ask opens. */
export const opened = (rules: Rules, around: Around): Entitled => ({
  value: around.value,
  places: rules.places.map(({ refs, count }) => {
    const who = resolved(rules, around, refs)
    const turns = rules.order === 'listed' ? refs.map((ref) => resolved(rules, around, [ref])) : null
    return { count: count(who.length), who, ever: who, turns }
  }),
})
/** `change` sees a place's people, and each of its turns. */
const inEach = (
  entitled: Entitled,
  change: (who: readonly string[], at: number, turn: number | null) => readonly string[],
): Entitled => ({
  ...entitled,
  places: entitled.places.map((place, at) => {
    const who = unique(change(place.who, at, null))
    const turns = place.turns?.map((group, turn) => unique(change(group, at, turn))) ?? null
    return { ...place, who, ever: unique([...place.ever, ...who]), turns }
  }),
})
/** To one person, or to a role of whom any may take it. */
export const transferred = (rules: Rules, around: Around, entitled: Entitled, from: string, to: string): Entitled => {
  const people = around.roles[to] === undefined ? [to] : resolved(rules, around, [to]).filter((one) => one !== from)
  return inEach(entitled, (who) => who.flatMap((one) => (one === from ? people : [one])))
}
/** Wherever they were added: the engine adds them where people lack. */
export const added = (rules: Rules, around: Around, entitled: Entitled, refs: readonly string[]): Entitled =>
  inEach(entitled, (who, _, turn) => (turn === null ? [...who, ...resolved(rules, around, refs)] : who))
/** Roles have changed, or two people have turned out to be one. */
export const lookedAgain = (rules: Rules, before: Around, after: Around, entitled: Entitled): Entitled =>
  inEach(entitled, (who, at, turn) => {
    const refs = rules.places[at]?.refs ?? []
    const here = turn === null ? null : resolved(rules, after, [refs[turn] ?? ''])
    const [was, is] = [resolved(rules, before, refs), resolved(rules, after, refs)]
    const kept = who
      .filter((one) => is.includes(nowIs(after, one)) || !was.includes(one))
      .map((one) => nowIs(after, one))
    const joined = is.filter((one) => !was.includes(one) && (here === null || here.includes(one)))
    return [...kept, ...joined].filter((one) => mayAtAll(rules, after, one) && isThere(after, one))
  })

/** Those between somebody and who answers for them; null: they do not stand in for them. */
function chain(around: Around, holder: string, person: string): readonly string[] | null {
  const passed: string[] = []
  for (let at = around.delegates[holder]; at !== undefined; at = around.delegates[at]) {
    if (at === person) return passed
    if (passed.includes(at) || at === holder || !isThere(around, at)) return null
    passed.push(at)
  }
  return null
}

export const standsFor = (around: Around, person: string, holder: string): boolean =>
  isThere(around, person) && isThere(around, holder) && chain(around, holder, person) !== null

type Given = Pick<Decision, 'person' | 'for' | 'verdict'>
/** What is wrong with an answer the engine has just accepted; null: nothing. */
export function wrongWith(
  rules: Rules,
  around: Around,
  entitled: Entitled,
  given: Given,
  before: readonly Given[],
): string | null {
  const { person } = given
  const holder = given.for?.id ?? person
  if (!entitled.places.some(({ who }) => who.includes(holder))) return `${holder} is not asked`
  const between = holder === person ? [] : chain(around, holder, person)
  if (between === null) return `${person} does not stand in for ${holder}`
  if (![person, holder, ...between].every((one) => isThere(around, one))) return 'one of them is suspended'
  if (![person, holder, ...between].every((one) => mayAtAll(rules, around, one)))
    return 'it is the own work of one of them'
  if (before.some((one) => [one.person, one.for?.id ?? one.person].some((id) => id === person || id === holder)))
    return `${person} or ${holder} counts twice`
  if (entitled.value !== around.value) return 'it is for what is no longer so'
  const turn = entitled.places[0]?.turns?.find(
    (group) =>
      !group.some((one) => before.some((each) => (each.for?.id ?? each.person) === one)) &&
      group.some((one) => !before.some((each) => each.person === one)),
  )
  return turn === undefined || turn.includes(holder) ? null : `it is not yet the turn of ${holder}`
}

/** What is wrong with a grant; null: nothing. */
export function wrongWithGrant(
  rules: Rules,
  around: Around,
  entitled: Entitled,
  given: readonly Given[],
): string | null {
  if (entitled.value !== around.value) return 'it was granted for what is no longer so'
  const yes = given.filter(({ verdict }) => verdict === 'approve')
  if (
    given.some(
      ({ verdict, person, for: holder }) =>
        verdict === 'reject' && [person, holder?.id].some((id) => id !== undefined && rules.veto.includes(id)),
    )
  )
    return 'a veto was passed over'
  if (rules.reject !== 'wait' && yes.length < given.length) return 'a rejection was passed over'
  const people = yes.map(({ person }) => nowIs(around, person))
  if (new Set(people).size < people.length) return 'one person counts twice'
  if (!people.every((one) => mayAtAll(rules, around, one))) return 'somebody approved their own work'
  return fills(
    entitled.places,
    yes.map((one) => one.for?.id ?? one.person),
  )
    ? null
    : 'too few have approved'
}
/** Every way of seating them, tried out. */
function fills(places: Entitled['places'], holders: readonly string[]): boolean {
  const [first, ...rest] = places
  if (first === undefined) return true
  if (first.count <= 0) return fills(rest, holders)
  return holders.some(
    (holder, at) =>
      first.ever.includes(holder) &&
      fills(
        [{ ...first, count: first.count - 1 }, ...rest],
        holders.filter((_, other) => other !== at),
      ),
  )
}
