import type { AskOpened, AskPeopleChanged, Moment } from '../events.ts'
import type { Ask, Decision, TaskState } from '../state.ts'
import type { Appliers } from './applier.ts'
import { onNode } from './visit.ts'

/** What people are asked. */
export const askAppliers = {
  ask_opened: askOpened,
  // Said, not kept: the notice is the runtime's. What a person wanted is: they are not to want it all the time.
  ask_reminded(state, event, moment) {
    if (event.onDemand === true) onAsk(state, event.ask, (ask) => ({ ...ask, remindedAt: moment.at }))
  },
  ask_decided(state, event) {
    const { decision, moved } = event
    onAsk(state, event.ask, (ask) => ({
      ...ask,
      decisions: [
        ...(moved === undefined
          ? ask.decisions
          : ask.decisions.map((each) => ({ ...each, as: moved[each.person] ?? each.as }))),
        decision,
      ],
    }))
  },
  ask_commented(state, event, moment) {
    onAsk(state, event.ask, (ask) => ({
      ...ask,
      comments: [
        ...ask.comments,
        {
          by: moment.by,
          at: moment.at,
          text: event.comment,
          ...(event.files !== undefined && { files: event.files }),
        },
      ],
    }))
  },
  ask_claimed(state, event, moment) {
    const { id, name } = event.person
    onAsk(state, event.ask, (ask) => ({ ...ask, claimedBy: { person: id, name, at: moment.at } }))
  },
  ask_released(state, event) {
    onAsk(state, event.ask, (ask) => ({ ...ask, claimedBy: null }))
  },
  ask_people_changed(state, event, moment) {
    peopleChanged(state, event, moment)
  },
  ask_closed(state, event, moment) {
    onAsk(state, event.ask, (ask) => ({
      ...ask,
      state: 'closed',
      end: event.end,
      closedAt: moment.at,
      closedBy: moment.by,
      answers: event.answers ?? ask.answers,
    }))
  },
  approval_overridden(state, event) {
    onAsk(state, event.ask, (ask) => ({ ...ask, end: 'overridden' }))
  },
} satisfies Partial<Appliers>

function askOpened(state: TaskState, { ask: facts }: AskOpened, moment: Moment): void {
  const ask: Ask = {
    ...facts,
    state: 'open',
    end: null,
    decisions: [],
    comments: [],
    openedAt: moment.at,
    closedAt: null,
    answers: null,
  }
  state.asks.set(ask.id, ask)
  state.counters = { ...state.counters, ask: state.counters.ask + 1 }
  onNode(state, ask.nodeId, (run) => ({ ...run, askId: ask.id }))
}
function onAsk(state: TaskState, id: string, replace: (ask: Ask) => Ask): void {
  const ask = state.asks.get(id)
  if (ask !== undefined) state.asks.set(id, replace(ask))
}
function peopleChanged(state: TaskState, event: AskPeopleChanged, { by, at }: Moment): void {
  const { reason } = event
  const byHand = event.why === 'transferred' || event.why === 'assigned'
  onAsk(state, event.ask, (ask) => ({
    ...ask,
    need: event.need,
    attempt: event.attempt ?? ask.attempt,
    names: { ...ask.names, ...Object.fromEntries(event.added.map(({ id, name }) => [id, name])) },
    ...(event.asked !== undefined && { asked: event.asked }),
    ...(byHand && reason !== null && { handedOn: [...(ask.handedOn ?? []), { by, at, to: event.added, reason }] }),
    ...(event.dropped !== undefined || event.became !== undefined ? { decisions: standing(ask, event) } : {}),
  }))
}
/** The answers that still count, under the names of those who gave them. */
function standing(ask: Ask, { dropped = [], became = {} }: AskPeopleChanged): readonly Decision[] {
  return ask.decisions
    .filter(({ person }) => !dropped.includes(person))
    .map((decision) => ({
      ...decision,
      person: became[decision.person] ?? decision.person,
      ...(decision.for !== undefined && { for: { ...decision.for, id: became[decision.for.id] ?? decision.for.id } }),
    }))
}
