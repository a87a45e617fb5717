import type { AskView } from '../api/fragments.ts'

export interface CarrierFacts {
  readonly key: string
  readonly name: string
  readonly id: string | null
  readonly place: string | null
  readonly what: 'asked' | 'yes' | 'no' | 'turn' | 'open' | 'then'
  readonly at: string | null
}

/** Who passed the baton on, who holds it now, and what follows, in that order. */
export function carriersOf(ask: AskView, me: string | null, mine: boolean): CarrierFacts[] {
  const starter = ask.task.startedBy
  const placeOf = (id: string | null): string | null =>
    ask.need.find(({ people }) => people.some((person) => person.id === id))?.title ?? null
  const decided = ask.decisions.map(({ by, at, verdict, as, for: holder }) => ({
    key: `d-${by.id ?? by.name}-${at}`,
    name: by.name,
    id: by.id,
    place: holder ? `→ ${holder.name}` : (as ?? placeOf(by.id)),
    what: verdict === 'REJECT' ? ('no' as const) : ('yes' as const),
    at,
  }))
  const open = ask.state === 'OPEN' ? ask.waitingOn.filter((person) => !decided.some(({ id }) => id === person.id)) : []
  const mineFirst = [...open].sort((a, b) => Number(b.id === me) - Number(a.id === me))
  return [
    { key: 'asked', name: starter.name, id: starter.id, place: null, what: 'asked', at: ask.openedAt },
    ...decided,
    ...mineFirst.map((person) => ({
      key: `w-${person.id ?? person.name}`,
      name: person.name,
      id: person.id,
      place: placeOf(person.id),
      what: mine && person.id === me ? ('turn' as const) : ('open' as const),
      at: null,
    })),
    ...(ask.next && ask.state === 'OPEN'
      ? [
          {
            key: 'then',
            name: ask.next.replace(/^(Then: |之后：)/, ''),
            id: null,
            place: null,
            what: 'then' as const,
            at: null,
          },
        ]
      : []),
  ]
}
