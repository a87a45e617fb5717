import type { catalogue, Directory, IndexRow, Notice } from '../../engine/index.ts'
import { isShared, placeOf, roomOf } from './place.ts'

type Card = catalogue.Card
/** What routing must know of a task and the people around it. */
export interface RoutingFacts {
  readonly row: IndexRow
  /** Chat the launch came from; null: from phone, terminal or a tool. */
  readonly origin: string | null
  /** Rooms of the app. */
  readonly rooms: readonly string[]
  /** Who may operate the app, by ref. */
  readonly operators: readonly string[]
  /** Whether the author said whom an alert goes to; else it is starter and operators. */
  readonly attentionIsSet: boolean
  readonly directory: Pick<Directory, 'people'>
  /** Private places of a person, by id. */
  readonly placesOf: (person: string) => readonly string[]
  /** Places alerts go to: chats, mail, or that nothing reaches them. Absent: the private places. */
  readonly alertPlacesOf?: (person: string) => readonly string[]
  /** Cards of this task there are already. */
  readonly cards: readonly Card[]
}
/** What is to become of the cards, in order. */
export type Step =
  | {
      readonly do: 'open'
      readonly kind: 'task' | 'attention' | 'ask' | 'request' | 'message'
      readonly subject: string
      readonly place: string
      readonly person: string | null
      readonly askId: string | null
      readonly nodeId: string | null
      readonly why: string
      readonly title?: string
      readonly text?: string
      readonly level?: string
    }
  | { readonly do: 'change'; readonly cardId: string; readonly why: string; readonly urgent: boolean }
  | { readonly do: 'close'; readonly cardId: string }

interface Target {
  readonly place: string
  readonly person: string | null
}
const FINAL: ReadonlySet<string> = new Set(['succeeded', 'failed', 'revoked'])

/** Which cards one notice opens, changes or closes, and where (SURFACES, "Where cards go, and what rooms may see"). Pure. */
export function route(notice: Notice, facts: RoutingFacts): Step[] {
  switch (notice.kind) {
    case 'changed':
      return onChanged(facts)
    case 'attention':
      return onAttention(notice, facts)
    case 'attention_over':
      return onAttentionOver(notice, facts)
    case 'ask_opened':
      return onAsk(notice, facts)
    case 'ask_changed':
      return cardsAbout(facts, ({ askId }) => askId === notice.askId).map(changed)
    case 'ask_closed':
      return cardsAbout(facts, ({ askId }) => askId === notice.askId).map(closed)
    case 'request':
      return onRequest(notice, facts)
    case 'request_over':
      return cardsAbout(facts, ({ kind }) => kind === 'request').map(closed)
    case 'finished':
      return messages(targetsOf(notice.refs, facts), 'finished', 'finished')
    case 'late':
      return messages(targetsOf(notice.refs, facts), 'late', 'late')
    case 'announce':
      return messages(
        notice.people.flatMap((person) => alerted(person, facts)),
        `announce:${facts.row.version}`,
        'announce',
        notice.what === undefined ? { text: notice.text } : {}, // else worded for each reader
      )
    case 'freeze_passed':
      return messages(
        targetsOf([...facts.rooms, ...facts.operators, ...notice.refs], facts),
        `freeze_passed:${facts.row.version}`,
        'announce',
      )
    case 'message': {
      const { to, ...message } = notice.message
      return messages(targetsOf(to, facts), `message:${notice.id}`, 'message', message)
    }
  }
}

const changed = (card: Card): Step => ({ do: 'change', cardId: card.id, why: 'changed', urgent: true })
const closed = (card: Card): Step => ({ do: 'close', cardId: card.id })
const cardsAbout = (facts: RoutingFacts, about: (card: Card) => boolean): readonly Card[] =>
  facts.cards.filter((card) => card.open && about(card))

/** Task cards are drawn anew, or opened where there are none yet. At the end they become the receipt, and nothing asks any more. */
function onChanged(facts: RoutingFacts): Step[] {
  const { row, cards } = facts
  const isFinal = FINAL.has(row.phase)
  const steps: Step[] = []
  for (const { place, person } of homesOf(facts)) {
    if (cards.some((card) => card.subject === 'task' && card.place === place)) continue
    steps.push({ do: 'open', kind: 'task', subject: 'task', place, person, askId: null, nodeId: null, why: 'opened' })
  }
  for (const card of cards) {
    if (!card.open) continue
    if (isFinal) steps.push(closed(card))
    else if (card.kind === 'task' || card.kind === 'thread') steps.push(changed(card))
  }
  return steps
}
/** Launched in a room: there. Elsewhere: the starter's direct messages and the app's rooms. */
export function homesOf(facts: RoutingFacts): readonly Target[] {
  const { origin, row, rooms } = facts
  // A child is part of its parent's card; what it asks and what fails in it has cards of its own.
  if (row.parent !== undefined) return []
  // Whoever carries it after a hand-over watches it too.
  const carrier = row.holder === undefined ? [] : privately(row.holder, facts)
  if (origin !== null && placeOf(origin) && isShared(origin))
    return distinct([{ place: origin, person: null }, ...carrier])
  const platform = origin === null ? null : placeOf(origin)?.platform
  const own = row.startedBy === null ? [] : privately(row.startedBy, facts)
  // Launched in a chat: the card comes back where the starter is looking.
  const there = own.filter(({ place }) => placeOf(place)?.platform === platform)
  const shared = rooms.flatMap((room) => roomOf(room) ?? []).map((place) => ({ place, person: null }))
  if (row.rehearsal) return there.length > 0 ? there : own // a try is nobody else's news
  return distinct([...(there.length > 0 ? there : own), ...carrier, ...shared])
}

type Attention = Extract<Notice, { kind: 'attention' }>
/** One card per task and place: another failure redraws it, a new attempt of the same step gets a new one, since an edit alerts nobody. */
function onAttention({ nodeId, attempt, refs, why }: Attention, facts: RoutingFacts): Step[] {
  const isSaid = facts.attentionIsSet || why === 'escalated' || facts.row.rehearsal
  const wanted = isSaid ? refs : [...refs, ...facts.operators]
  const open = cardsAbout(facts, ({ kind }) => kind === 'attention')
  // Reminded are all who were told, whoever else it was escalated to.
  const others = why === 'reminder' ? open.map(({ place, person }) => ({ place, person })) : []
  return distinct([...targetsOf(wanted, facts), ...others]).flatMap((target): Step[] => {
    const there = open.find((card) => card.place === target.place)
    const subject = `attention:${nodeId}:${attempt}`
    if (there && why !== 'failed')
      return [{ do: 'change', cardId: there.id, why: why === 'reminder' ? 'reminder' : 'escalated', urgent: true }]
    if (there?.subject === subject || (there && there.nodeId !== nodeId)) return [changed(there)]
    const opened: Step = {
      do: 'open',
      kind: 'attention',
      subject,
      ...target,
      askId: null,
      nodeId,
      why: why === 'failed' ? 'opened' : why,
    }
    return there ? [closed(there), opened] : [opened]
  })
}
/** The card shows who did what and loses its buttons; if another step still needs somebody, that one gets a card in its place. */
function onAttentionOver({ nodeId }: { nodeId: string }, facts: RoutingFacts): Step[] {
  const left = [
    ...new Set(facts.row.needs.filter(({ kind, ref }) => kind === 'failure' && ref !== nodeId).map(({ ref }) => ref)),
  ]
  return cardsAbout(facts, ({ kind }) => kind === 'attention').flatMap((card): Step[] => {
    if (card.nodeId !== nodeId) return [facts.row.phase === 'attention' ? changed(card) : closed(card)]
    const [next] = left
    if (next === undefined) return [closed(card)]
    const { place, person } = card
    const subject = `attention:${next}:after:${facts.row.version}`
    return [
      closed(card),
      { do: 'open', kind: 'attention', subject, place, person, askId: null, nodeId: next, why: 'opened' },
    ]
  })
}

type AskOpened = Extract<Notice, { kind: 'ask_opened' }>
/** Asks go to the people asked, in private. */
function onAsk({ askId, people, why }: AskOpened, facts: RoutingFacts): Step[] {
  const there = cardsAbout(facts, (card) => card.askId === askId)
  const targets = distinct(people.flatMap((person) => alerted(person, facts)))
  return targets.map((target): Step => {
    const card = there.find(({ place }) => place === target.place)
    if (card)
      return {
        do: 'change',
        cardId: card.id,
        why: why === 'reminder' || why === 'escalated' ? why : 'changed',
        urgent: true,
      }
    return {
      do: 'open',
      kind: 'ask',
      subject: `ask:${askId}`,
      ...target,
      askId,
      nodeId: null,
      why: why === 'escalated' ? 'escalated' : 'opened',
    }
  })
}

/** Handed over: those who may take it, or whoever has to change it, in private. Each time it is somebody's turn the card is new, since an edit alerts nobody. */
function onRequest({ refs, why }: Extract<Notice, { kind: 'request' }>, facts: RoutingFacts): Step[] {
  const subject = `request:${facts.row.version}`
  const isAgain = why === 'reminder' || why === 'escalated'
  // Where nobody is left to claim it, those who may pass it on are told.
  const wanted = why === 'nobody' ? [...refs, ...facts.operators] : refs
  const open = cardsAbout(facts, ({ kind }) => kind === 'request')
  return targetsOf(wanted, facts).map((target): Step => {
    const there = isAgain ? open.find(({ place }) => place === target.place) : undefined
    if (there) return { do: 'change', cardId: there.id, why, urgent: true }
    return { do: 'open', kind: 'request', subject, ...target, askId: null, nodeId: null, why }
  })
}

const messages = (
  targets: readonly Target[],
  subject: string,
  why: string,
  message: { title?: string; text?: string; level?: string } = {},
): Step[] =>
  distinct(targets).map((target) => ({
    do: 'open',
    kind: 'message',
    subject,
    ...target,
    askId: null,
    nodeId: null,
    why,
    ...message,
  }))

const privately = (person: string, facts: RoutingFacts): Target[] =>
  facts.placesOf(person).map((place) => ({ place, person }))
const alerted = (person: string, facts: RoutingFacts): Target[] =>
  (facts.alertPlacesOf ?? facts.placesOf)(person).map((place) => ({ place, person }))
/** Rooms as they are named; people behind all other refs in private. */
function targetsOf(refs: readonly string[], facts: RoutingFacts): readonly Target[] {
  const starter = { person: facts.row.startedBy, name: '', surface: 'system' as const }
  return distinct(
    refs.flatMap((ref): Target[] => {
      const room = roomOf(ref)
      if (room !== null) return [{ place: room, person: null }]
      return facts.directory.people(ref, starter).flatMap(({ id }) => alerted(id, facts))
    }),
  )
}
const distinct = (targets: readonly Target[]): readonly Target[] => [
  ...new Map(targets.map((target) => [target.place, target])).values(),
]
