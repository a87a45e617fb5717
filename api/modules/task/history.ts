import type { Event, Flow, Recorded, TaskState } from '../../../engine/index.ts'
import { clock, textsOf, type Language, type Texts } from '../../texts.ts'
import { shownText } from './mask.ts'

interface Telling {
  readonly flow: Flow
  readonly state: Readonly<TaskState>
  readonly texts: Texts
  readonly zone: string | null
}
/** One entry of the history in a line for people; what only moves tokens is left out. */
export function historyText(
  entry: Recorded,
  flow: Flow,
  state: Readonly<TaskState>,
  language: Language,
  zone: string | null,
): string {
  const telling = { flow, state, texts: textsOf(language), zone }
  const parts = entry.events.flatMap((event) => tell(event, telling) ?? [])
  return [...new Set(parts)].join(' · ')
}

function tell(event: Event, { flow, state, texts, zone }: Telling): string | null {
  const words = texts.history
  const word = words[event.kind]
  const node = (id: string): string => flow.node(id)?.title ?? id
  const ask = (id: string): string => state.asks.get(id)?.title ?? id
  switch (event.kind) {
    case 'task_ended':
      return texts.outcome[event.outcome] ?? event.outcome
    case 'task_launched':
    case 'task_started':
    case 'task_paused':
    case 'task_resumed':
      return word ?? null
    case 'revoke_requested':
      return joined(word, event.reason)
    case 'variables_edited':
      return `${word}: ${Object.entries(event.changes)
        .map(([key, { before, after }]) => `${titleOf(flow, key)} ${shownText(before)} → ${shownText(after)}`)
        .join(', ')}${event.reason ? ` (${event.reason})` : ''}`
    case 'node_started':
      return flow.node(event.node)?.kind === 'gateway'
        ? null
        : `${node(event.node)} ${word}${event.attempt > 1 ? ` (${texts.step.attempt(event.attempt)})` : ''}`
    case 'node_succeeded':
      return flow.node(event.node)?.kind === 'gateway' ? null : `${node(event.node)} ${word}`
    case 'node_failed':
      return `${node(event.node)} ${word}: ${event.error.message || event.error.code}`
    case 'node_retried':
    case 'node_skipped':
    case 'node_done_by_hand':
    case 'node_given_up':
      return joined(`${node(event.node)} ${word}`, event.note)
    case 'node_ignored':
    case 'node_revoked':
    case 'node_cancelling':
      return `${node(event.node)} ${word}`
    case 'node_waiting':
      return `${node(event.node)} ${word}`
    case 'node_rescheduled':
      return `${node(event.node)} ${word} → ${clock(event.to, zone)}`
    case 'branch_chosen':
      return `${node(event.node)} ${word} ${event.to === 'end' ? '■' : node(event.to)}`
    case 'ask_opened':
      return `${word}: ${event.ask.title}`
    case 'ask_decided':
      return joined(`${texts.verdict[event.decision.verdict] ?? word}: ${ask(event.ask)}`, event.decision.comment)
    case 'ask_commented':
      return `${word}: ${event.comment}`
    case 'ask_people_changed':
      return joined(`${word}: ${event.added.map(({ name }) => name).join(', ')}`, event.reason)
    case 'ask_reminded':
      return `${word}: ${ask(event.ask)}`
    case 'ask_closed':
      return event.end === 'granted' || event.end === 'rejected'
        ? null
        : `${ask(event.ask)}: ${texts.did[event.end] ?? event.end}`
    case 'approval_overridden':
      return joined(`${word}: ${ask(event.ask)}`, event.reason)
    case 'attention_reminded':
    case 'attention_escalated':
      return `${word}: ${node(event.node)}`
    default:
      return null
  }
}
const joined = (text: string | undefined, more: string | null | undefined): string =>
  more ? `${text}: ${more}` : (text ?? '')
const titleOf = (flow: Flow, key: string): string =>
  flow.variables.find((variable) => variable.key === key)?.title ?? key
