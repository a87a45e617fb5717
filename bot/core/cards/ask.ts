import { line, person, plain, quiet, time, type Action, type Card, type Line } from '../card.ts'
import type { AskData } from '../queries/index.ts'
import type { Texts } from '../texts.ts'
import type { View } from './task.ts'
import { button, cut, didBy, dotted, may, msOf, peopleOf, taskLink } from './words.ts'

/** What would happen, the facts it binds to, who else is asked, how many are still needed, until when. */
export function askCard(view: View, ask: AskData): Card {
  const { texts, shared } = view
  const open = ask.state === 'OPEN'
  // What is decided stands above; the step that asks is named beside the task.
  const { title } = ask
  const step = ask.kind === 'APPROVAL' && ask.step !== title ? ask.step : null
  return {
    kind: 'ask',
    summary: cut(
      ask.kind === 'APPROVAL' ? [title, step].filter(Boolean).join(' ') : `${title} · ${ask.task.title}`,
      300,
    ),
    banner: ask.task.rehearsal ? texts.rehearsal : null,
    mark: open ? 'waiting' : null,
    title: cut(title, 140),
    lines: [
      ...(open && !shared ? handedOnLines(texts, ask) : []),
      [
        ...(isOwn(ask) ? [] : [person(ask.task.startedBy), plain(`${texts.asks}${texts.stop}`)]),
        ...(ask.text && !shared ? [plain(cut(ask.text, 1500))] : []),
      ],
      dotted(step !== null && line(step), taskLink(ask.task), line(`#${ask.task.number}`)),
    ],
    progress: null,
    timeline: [],
    facts: open
      ? (shared ? ask.task.cardFacts : [...ask.facts, ...earlierFacts(ask)]).map(({ title, text }) => ({
          title,
          text: cut(text, 1000),
        }))
      : [],
    advice: null,
    log: [],
    outcome: open ? null : outcomeOf(texts, ask),
    actions: open
      ? shared
        ? [button(texts, 'open', { taskId: ask.task.id, askId: ask.id })]
        : actionsOf(texts, ask)
      : [],
    notes: open
      ? [...placesLines(texts, ask), ...takenLines(texts, ask), ...(shared ? [] : saidLines(texts, ask))]
      : decisionsLines(texts, ask),
  }
}

function actionsOf(texts: Texts, ask: AskData): Action[] {
  const on = { taskId: ask.task.id, askId: ask.id, nodeId: ask.nodeId, attempt: ask.attempt, digest: ask.digest }
  const has = (verb: string): boolean => may(ask.availableActions, verb)
  const first = (verb: string, style: Action['style']): Action[] => (has(verb) ? [button(texts, verb, on, style)] : [])
  return [
    ...first('claim', ask.claim ? 'primary' : 'plain').filter(() => ask.claim),
    ...first('approve', 'success'),
    ...first('submit', 'primary'),
    ...first('confirm', 'primary'),
    ...first('reject', 'plain'),
    ...first('release', 'plain').map((release) =>
      // From somebody else it is taken with a reason.
      ['approve', 'submit', 'confirm'].some(has) || !ask.claimedBy
        ? release
        : {
            ...release,
            label: texts.ask.takeFrom(cut(ask.claimedBy.name, 30)),
            target: { ...release.target, data: { take: true } },
          },
    ),
    ...first('transfer', 'plain'),
    ...first('assign', 'plain').map(minor),
    ...first('remind', 'plain').map(minor),
    button(texts, 'open', { taskId: ask.task.id, askId: ask.id }),
  ]
}
/** Whoever started it is asked themselves: nobody asks them. */
const isOwn = ({ need, task: { startedBy } }: AskData): boolean => {
  const people = need.flatMap((place) => place.people)
  return startedBy.id !== null && people.length > 0 && people.every(({ id }) => id === startedBy.id)
}
/** Who gave it to whom, and why: whoever has it now has to know. */
const handedOnLines = (texts: Texts, { handedOn }: AskData): Line[] =>
  handedOn
    .slice(-2)
    .map(({ by, to, reason }) => [
      plain('↪️ '),
      person(by),
      plain(texts.ask.handedOn),
      ...peopleOf(texts, to),
      plain(texts.colon),
      quiet(cut(reason, 300)),
    ])
const minor = (action: Action): Action => ({ ...action, minor: true })
/** What others filled in before: the step's name stands before the field's. */
const earlierFacts = ({ earlier }: AskData): readonly { readonly title: string; readonly text: string }[] =>
  earlier
    .flatMap(({ step, answers }) => answers.map(({ title, text }) => ({ title: `${step} · ${title}`, text })))
    .slice(-MOST_EARLIER)
const MOST_EARLIER = 8
/** Who has it, and whose place an answer would take. */
const takenLines = (texts: Texts, { claimedBy, answersFor }: AskData): Line[] => {
  const all = dotted(
    claimedBy && [plain(texts.ask.taken), person(claimedBy)],
    answersFor.length > 0 && [plain(texts.ask.inPlaceOf), ...peopleOf(texts, answersFor)],
  )
  return all.length > 0 ? [all] : []
}
/** What was last said beside it. */
const saidLines = (texts: Texts, { comments }: AskData): Line[] =>
  comments
    .slice(-2)
    .map(({ by, text, files }) => [
      person(by),
      plain(texts.colon),
      quiet(cut([text, ...files.map(({ name }) => `📎 ${name}`)].filter(Boolean).join(' '), 300)),
    ])
/** "QA ✅ Anna 14:07 · Ops: Li Wei or Tom · by 16:06" */
function placesLines(texts: Texts, ask: AskData): Line[] {
  const places = ask.need.map((place): Line => {
    const filled = ask.decisions.filter(
      (decision) =>
        (decision.as ?? '') === place.place &&
        (decision.verdict === 'APPROVE' || decision.verdict === 'CONFIRM' || decision.verdict === 'SUBMIT'),
    )
    const done = place.filled >= place.count
    const title = [plain(place.title || texts.of(place.filled, place.count))]
    const by = filled.flatMap((decision): Line => [
      plain(' '),
      person(decision.by),
      ...(decision.for ? [plain(texts.ask.standsFor(decision.for.name))] : []),
      plain(' '),
      time(Date.parse(decision.at)),
    ])
    const count = place.title && place.count > 1 ? [plain(` ${texts.of(place.filled, place.count)}`)] : []
    const waiting = done
      ? []
      : [
          plain(texts.colon),
          ...peopleOf(texts, place.people.filter(({ id }) => !filled.some(({ by: who }) => who.id === id)).slice(0, 8)),
        ]
    return [...title, ...(filled.length > 0 ? [plain(' ✅')] : []), ...by, ...count, ...waiting]
  })
  const deadline = msOf(ask.deadline)
  const all = dotted(
    ...places,
    deadline !== null && [
      plain(texts.deadlineBefore),
      time(deadline, Date.parse(ask.openedAt) + 20 * 3_600_000 < deadline ? 'date' : 'clock'),
      plain(texts.deadlineAfter),
    ],
  )
  return all.length > 0 ? [all] : []
}
function outcomeOf(texts: Texts, ask: AskData): Line {
  const end = ask.end ?? 'GRANTED'
  const did = texts.did[end.toLowerCase()] ?? end
  const last = ask.decisions.at(-1)
  const mark = end === 'GRANTED' || end === 'SUBMITTED' || end === 'CONFIRMED' ? '✅ ' : end === 'REJECTED' ? '❌ ' : ''
  const decided = ['GRANTED', 'REJECTED', 'SUBMITTED', 'CONFIRMED'].includes(end)
  const by = didBy(texts, did, decided && last ? last.by : null, decided && last ? Date.parse(last.at) : null)
  const comment = last?.comment ? [quiet(`${texts.colon}${cut(last.comment, 500)}`)] : []
  const needed = ask.need.reduce((sum, { count }) => sum + count, 0)
  const filled = ask.need.reduce((sum, place) => sum + Math.min(place.filled, place.count), 0)
  const rest = end === 'GRANTED' && needed > 1 ? [plain(`${texts.stop}${texts.of(filled, needed)}`)] : []
  const then =
    ask.next && ['GRANTED', 'SUBMITTED', 'CONFIRMED'].includes(end) ? [plain(`${texts.stop}${ask.next}`)] : []
  return [plain(mark), ...by, ...comment, ...rest, ...then]
}
const decisionsLines = (texts: Texts, ask: AskData): Line[] =>
  ask.decisions.length > 1 || ask.decisions.some((decision) => decision.for)
    ? [
        dotted(
          ...ask.decisions.map((decision): Line => [
            plain(decision.verdict === 'REJECT' ? '❌ ' : '✅ '),
            person(decision.by),
            ...(decision.for ? [plain(texts.ask.standsFor(decision.for.name))] : []),
            plain(' '),
            time(Date.parse(decision.at)),
          ]),
        ),
      ]
    : []
