import { line, link, person, plain, quiet, type Action, type Card, type Line } from '../card.ts'
import type { RequestData } from '../queries/index.ts'
import type { Texts } from '../texts.ts'
import type { View } from './task.ts'
import { button, cut, didBy, may } from './words.ts'

const FACTS_MAX = 12

/** Work handed over, for those who may take it, and (given back) for whoever asked. Once somebody has it, it shows who and loses its buttons. */
export function requestCard({ texts, shared }: View, task: RequestData): Card {
  const { handOver } = task
  const state = handOver?.state ?? 'WITHDRAWN'
  // Given back, it is open for whoever changes it; for the others it has been dealt with.
  const isMine = state === 'REJECTED' && may(task.availableActions, 'resubmit_request')
  const waits = task.phase === 'REQUESTED' || task.phase === 'ATTENTION'
  const open = waits && (state === 'OPEN' || isMine)
  return {
    kind: 'request',
    summary: cut(`${task.title} · ${texts.request.state[state] ?? state}`, 300),
    banner: null,
    mark: open ? 'waiting' : null,
    title: cut(task.title, 140),
    lines: [
      [person(task.startedBy), plain(texts.request.asks(handOver?.to ?? ''))],
      ...(open && handOver?.nobody ? [line(`⚠️ ${texts.request.nobody(handOver.to)}`)] : []),
      ...(open ? saidLine(texts, handOver, shared) : []),
      line(link(`#${task.number}`, task.url)), // the title above is the task's
    ],
    progress: null,
    timeline: [],
    facts: open ? factsOf(task, shared) : [],
    advice: null,
    log: [],
    outcome: open ? null : outcomeOf(texts, task, shared),
    actions: open ? actionsOf(texts, task) : [],
    notes: [],
  }
}

type Asked = NonNullable<RequestData['handOver']>
/** Why it was given back or passed on, or what was said in submitting it again. */
function saidLine(texts: Texts, asked: RequestData['handOver'], shared: boolean): Line[] {
  if (asked === null || asked.reason === null || shared) return []
  const by =
    asked.state === 'REJECTED'
      ? didBy(texts, texts.request.state['REJECTED'] ?? '', asked.lastBy, null)
      : [person(asked.lastBy)]
  return [[...by, plain(texts.colon), quiet(cut(asked.reason, 1000))]]
}
const factsOf = (task: RequestData, shared: boolean): Card['facts'] =>
  shared
    ? task.cardFacts.map(({ title, text }) => ({ title, text: cut(text, 300) }))
    : task.variableFields
        .filter(({ visible, secret, text }) => visible && !secret && text !== null && text !== '')
        .slice(0, FACTS_MAX)
        .map(({ title, text }) => ({ title, text: cut(text ?? '', 300) }))

function actionsOf(texts: Texts, task: RequestData): Action[] {
  const on = { taskId: task.id, attempt: task.handOver?.round ?? 0 }
  const first = (verb: string, style: Action['style'] = 'plain'): Action[] =>
    may(task.availableActions, verb) ? [button(texts, verb, on, style)] : []
  const correct: Action[] = may(task.availableActions, 'claim_request')
    ? [
        {
          ...button(texts, 'claim_request', { ...on, data: { edit: true } }),
          label: texts.verb['claim_edit'] ?? '',
        },
      ]
    : []
  return [
    ...first('claim_request', 'primary'),
    ...correct,
    ...first('resubmit_request', 'primary'),
    ...first('reject_request'),
    ...first('transfer_request'),
    ...first('withdraw_request'),
    button(texts, 'open', { taskId: task.id }),
  ]
}
function outcomeOf(texts: Texts, { handOver }: RequestData, shared: boolean): Line | null {
  if (handOver === null) return null
  const { state, holder, lastBy, lastAt, reason } = handOver
  const said = state === 'REJECTED' && reason !== null && !shared ? [quiet(`${texts.colon}${cut(reason, 500)}`)] : []
  const did = texts.request.state[state] ?? state
  return state === 'CLAIMED' && holder !== null
    ? [plain('✅ '), ...didBy(texts, did, holder, Date.parse(lastAt))]
    : [...didBy(texts, did, lastBy, Date.parse(lastAt)), ...said]
}
/** On the task’s own card: who is to take it, who carries it and what they put right. */
export function handOverLines(texts: Texts, asked: Asked | null, shared: boolean): Line[] {
  if (asked == null) return []
  const said = asked.reason === null || shared ? [] : [quiet(`${texts.colon}${cut(asked.reason, 300)}`)]
  if (asked.state === 'OPEN')
    return [[plain(asked.nobody ? texts.request.nobody(asked.to) : texts.request.waits(asked.to)), ...said]]
  if (asked.state === 'REJECTED')
    return [[...didBy(texts, texts.request.state['REJECTED'] ?? '', asked.lastBy, Date.parse(asked.lastAt)), ...said]]
  if (asked.holder === null) return []
  return [
    [plain(texts.request.carriedBy), person(asked.holder), ...said],
    ...(shared
      ? []
      : asked.corrections.map(({ title, before, after }) =>
          line(cut(texts.request.corrected(title, before, after), 300)),
        )),
  ]
}
