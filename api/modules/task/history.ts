import type { Event, Flow, Recorded, TaskState, Value } from '../../../engine/index.ts'
import { failureText, textsOf, whenText, type Texts } from '../../texts.ts'
import { shownValue, type Reader } from './shown.ts'

interface Telling {
  readonly flow: Flow
  readonly state: Readonly<TaskState>
  readonly texts: Texts
  readonly reader: HistoryReader
  /** Its place under a key was not free. */
  readonly queued: boolean
}
export interface HistoryReader extends Reader {
  /** Others read along: no value that is not on the card, no request and nothing said about one. */
  readonly inRoom?: boolean
}
export interface Told {
  /** What was done; empty where an entry only moves tokens. */
  readonly text: string
  /** What followed of itself from a person's act. */
  readonly follows: readonly string[]
}
/** What people do, as against what the machine does because of it. */
const ACTS: ReadonlySet<Event['kind']> = new Set<Event['kind']>([
  'task_launched',
  'request_claimed',
  'request_rejected',
  'request_resubmitted',
  'request_transferred',
  'request_withdrawn',
  'task_planned',
  'note_set',
  'pause_before_set',
  'pause_before_lifted',
  'task_paused',
  'task_resumed',
  'revoke_requested',
  'variables_edited',
  'node_retried',
  'node_skipped',
  'node_done_by_hand',
  'node_given_up',
  'node_rescheduled',
  'branch_chosen',
  'ask_decided',
  'ask_commented',
  'ask_claimed',
  'ask_released',
  'ask_people_changed',
  'approval_overridden',
  'freeze_passed',
])
/** One entry of the history in a line for people. A person's act stands alone; what came of it is told apart. */
export function historyOf(
  entry: Pick<Recorded, 'events' | 'by'>,
  flow: Flow,
  state: Readonly<TaskState>,
  reader: HistoryReader,
): Told {
  const queued = !entry.events.some(({ kind }) => kind === 'slot_granted')
  const telling = { flow, state, texts: textsOf(reader.language), reader, queued }
  const words = (events: readonly Event[]): string[] => [
    ...new Set(events.flatMap((event) => tell(event, telling) || [])),
  ]
  const isByHand = entry.by.person !== null
  const acts = isByHand ? entry.events.filter(({ kind }) => ACTS.has(kind)) : []
  // Starting a planned task by hand is an act of its own; after a launch it is its consequence.
  const first = acts.length > 0 || !isByHand ? acts : entry.events.filter(({ kind }) => kind === 'task_started')
  const text = words(first)
  const rest = words(entry.events.filter((event) => !first.includes(event))).filter((line) => !text.includes(line))
  return text.length > 0 ? { text: text.join(' · '), follows: rest } : { text: rest.join(' · '), follows: [] }
}

function tell(event: Event, { flow, state, texts, reader, queued }: Telling): string | null {
  const words = texts.history
  const word = words[event.kind]
  const node = (id: string): string => flow.node(id)?.title ?? id
  const inRoom = reader.inRoom === true
  const ask = (id: string): string => {
    const known = state.asks.get(id)
    return (inRoom && known ? node(known.nodeId) : known?.title) ?? id
  }
  const said = (words: string | null | undefined): string | null => (inRoom ? null : (words ?? null))
  const shown = (key: string, value: Value | undefined): string =>
    shownValue(
      flow.variables.find((variable) => variable.key === key),
      value,
      reader,
    )
  const edited = (key: string, before: Value | undefined, after: Value | undefined): string => {
    const variable = flow.variables.find((one) => one.key === key)
    const isShown = !inRoom || (variable?.onCard === true && !variable.secret)
    return isShown ? `${titleOf(flow, key)} ${shown(key, before)} → ${shown(key, after)}` : titleOf(flow, key)
  }
  switch (event.kind) {
    case 'task_ended':
      return texts.outcome[event.outcome] ?? event.outcome
    case 'task_launched':
    case 'task_started':
    case 'task_paused':
    case 'task_resumed':
    case 'task_late':
    case 'slot_refused':
      return word ?? null
    case 'task_requested':
      return `${word}${texts.colon}${event.title}`
    case 'request_claimed':
    case 'request_resubmitted':
      return joined(texts, word, said(event.note))
    case 'request_rejected':
      return joined(texts, word, said(event.reason))
    case 'request_transferred':
      return joined(texts, `${word}${texts.colon}${event.holder?.name ?? event.title}`, said(event.reason))
    case 'request_escalated':
      return `${word}${texts.colon}${event.title}`
    case 'request_withdrawn':
    case 'request_reminded':
    case 'request_stranded':
      return word ?? null
    case 'slot_returned':
      return `${word}${texts.colon}${event.title}`
    case 'slot_requested':
      // Where it had a place at once, nobody waited.
      return queued ? (word ?? null) : null
    case 'child_requested':
      return texts.words(node(event.node), word ?? '', event.flow)
    case 'child_told':
      return event.ending === undefined ? null : texts.words(node(event.node), word ?? '')
    case 'task_planned':
      return event.startAt === null
        ? (word ?? null)
        : `${word}${texts.colon}${whenText(event.startAt, reader.language, reader.timeZone)}`
    case 'task_titled':
      return `${word}${texts.colon}${event.title}`
    case 'note_set':
      return joined(texts, word, said(event.text))
    case 'pause_before_set':
    case 'pause_before_lifted':
      return `${word}${texts.colon}${node(event.node)}`
    case 'revoke_requested':
      return joined(texts, word, event.reason)
    case 'variables_edited':
      return `${word}${texts.colon}${Object.entries(event.changes)
        .map(([key, { before, after }]) => edited(key, before, after))
        .join(texts.comma)}${said(event.reason) ? texts.inBrackets(event.reason ?? '') : ''}`
    case 'node_kept':
      return texts.words(node(event.node), texts.keptFrom(event.from.number))
    case 'node_started':
      return flow.node(event.node)?.kind === 'gateway'
        ? null
        : `${texts.words(node(event.node), word ?? '')}${event.attempt > 1 ? texts.inBrackets(texts.step.attempt(event.attempt)) : ''}`
    case 'node_succeeded':
      return flow.node(event.node)?.kind === 'gateway'
        ? null
        : `${texts.words(node(event.node), word ?? '')}${event.notPerformed ? texts.inBrackets(texts.notPerformed) : ''}`
    case 'node_failed':
      return `${texts.words(node(event.node), word ?? '')}${texts.colon}${failureText(event.error, reader.language)}`
    case 'node_retried':
    case 'node_skipped':
    case 'node_done_by_hand':
    case 'node_given_up':
      return joined(texts, texts.words(node(event.node), word ?? ''), event.note)
    case 'node_ignored':
    case 'node_revoked':
    case 'node_cancelling':
      return texts.words(node(event.node), word ?? '')
    case 'node_waiting':
      return texts.words(node(event.node), word ?? '')
    case 'node_rescheduled':
      return `${texts.words(node(event.node), word ?? '')} → ${whenText(event.to, reader.language, reader.timeZone)}`
    case 'branch_chosen':
      return texts.words(node(event.node), word ?? '', event.to === 'end' ? '■' : node(event.to))
    case 'ask_opened':
      return `${word}${texts.colon}${inRoom ? node(event.ask.nodeId) : event.ask.title}`
    case 'ask_decided':
      return joined(
        texts,
        `${texts.verdict[event.decision.verdict] ?? word}${texts.colon}${ask(event.ask)}${event.decision.for ? texts.inBrackets(texts.inPlaceOf(event.decision.for.name)) : ''}`,
        said(event.decision.comment),
      )
    case 'ask_commented':
      return inRoom
        ? null
        : `${word}${texts.colon}${[event.comment, ...(event.files ?? []).map(({ name }) => name)].filter(Boolean).join(texts.comma)}`
    case 'ask_claimed':
      return `${word}${texts.colon}${ask(event.ask)}`
    case 'ask_released':
      return joined(texts, `${word}${texts.colon}${ask(event.ask)}`, said(event.reason))
    case 'ask_people_changed':
      return joined(
        texts,
        `${event.why === 'transferred' ? texts.handedOn : word}${texts.colon}${event.added.map(({ name }) => name).join(texts.comma)}`,
        said(event.reason),
      )
    case 'ask_reminded':
      return `${word}${texts.colon}${ask(event.ask)}`
    case 'ask_closed':
      return event.end === 'granted' || event.end === 'rejected'
        ? null
        : `${ask(event.ask)}${texts.colon}${texts.did[event.end] ?? event.end}`
    case 'approval_overridden':
      return joined(texts, `${word}${texts.colon}${ask(event.ask)}`, said(event.reason))
    case 'freeze_passed':
      return joined(texts, `${word}${texts.colon}${event.title}`, said(event.reason))
    case 'attention_reminded':
    case 'attention_escalated':
      return `${word}${texts.colon}${node(event.node)}`
    default:
      return null
  }
}
const joined = (texts: Texts, text: string | undefined, more: string | null | undefined): string =>
  more ? `${text}${texts.colon}${more}` : (text ?? '')
const titleOf = (flow: Flow, key: string): string =>
  flow.variables.find((variable) => variable.key === key)?.title ?? key

/** Attempts of steps that ended with this entry. */
export const endsOf = (
  events: readonly Event[],
  flow: Flow,
): { readonly nodeId: string; readonly attempt: number; readonly failed: boolean }[] =>
  events.flatMap((event) =>
    (event.kind === 'node_succeeded' || event.kind === 'node_failed' || event.kind === 'node_revoked') &&
    flow.node(event.node)?.kind === 'activity'
      ? [{ nodeId: event.node, attempt: event.attempt, failed: event.kind === 'node_failed' }]
      : [],
  )
